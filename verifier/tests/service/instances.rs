//! Public inputs that are not the circuit's: too short, too long, extended by zeros, or a second spelling of a number.

use num_bigint::BigUint;
use zkmargin_circuits::{
    circuit::instance,
    engine::ExposureTerms,
    field,
    model::{Dollars, HexBytes, Money},
    public::PublicTable,
    shape::Shape,
};
use zkmargin_verifier::{Rejection, check_proof, registry::RegistryError};

use crate::support::{Desk, MADE, OTHER_ID};

const MODULUS: &str = "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

/// The same field element, spelled above the modulus.
fn respelled(word: HexBytes<32>) -> HexBytes<32> {
    let modulus = BigUint::parse_bytes(MODULUS.as_bytes(), 16).expect("hex");
    let sum = (BigUint::from_bytes_be(&word.0) + modulus).to_bytes_be();
    let mut bytes = [0; 32];
    bytes[32 - sum.len()..].copy_from_slice(&sum);
    assert_eq!(field::from_be_bytes(&bytes), None);
    HexBytes(bytes)
}

#[test]
fn instances_have_their_exact_length() {
    let made = &*MADE;
    let table = PublicTable::new(&made.snapshot, &made.policy).expect("a table");
    let scalar = |word: HexBytes<32>| field::from_be_bytes(&word.0).expect("a scalar");
    let (commitment, context) = (scalar(made.proof.commitment), scalar(made.proof.context));
    let terms = made.proof.terms();
    let honest = instance(Shape::Small, &table, commitment, context, &terms).expect("columns");
    let key = made.keys[0].verifying();
    let check = |columns: &[Vec<_>]| check_proof(key, columns, &made.proof.proof.0);
    assert_eq!(check(&honest), Ok(()));
    for column in 0..honest.len() {
        let expected = honest[column].len();
        // Extended by zeros a column is the same polynomial: only its length tells.
        for got in [0, expected - 1, expected + 1, expected + 100] {
            let mut columns = honest.clone();
            columns[column].resize(got, Default::default());
            let length = Rejection::InstanceLength {
                column,
                expected,
                got,
            };
            assert_eq!(check(&columns), Err(length));
        }
    }
    let missing = &honest[..honest.len() - 1];
    let (column, expected) = (honest.len() - 1, honest[honest.len() - 1].len());
    let got = 0;
    let length = Rejection::InstanceLength {
        column,
        expected,
        got,
    };
    assert_eq!(check(missing), Err(length));
    let extra = [honest.clone(), vec![vec![Default::default()]]].concat();
    let (column, expected, got) = (honest.len(), 0, 1);
    let length = Rejection::InstanceLength {
        column,
        expected,
        got,
    };
    assert_eq!(check(&extra), Err(length));
}

/// A commitment at or above the modulus is no second name of an account: it cannot be registered, and is not known.
#[test]
fn a_commitment_has_one_spelling() {
    let mut desk = Desk::new();
    let alias = respelled(desk.proof.commitment);
    desk.proof.commitment = alias;
    desk.refuses(Rejection::UnknownCommitment(alias));
    let opened = desk.ledger.recommit(OTHER_ID, alias, 100);
    assert_eq!(opened, Err(RegistryError::CommitmentRange(alias)));
}

#[test]
fn a_context_has_one_spelling() {
    let mut desk = Desk::new();
    let expected = desk.proof.context;
    let proof = respelled(expected);
    desk.proof.context = proof;
    desk.refuses(Rejection::Context { proof, expected });
}

#[test]
fn other_terms_are_refused() {
    let mut desk = Desk::new();
    let repay = desk.proof.repay.expect("disclosed");
    desk.proof.repay = Some(Money::from_units(repay.units() + 100_000_000));
    desk.refuses(Rejection::Proof);
    desk.proof.repay = Some(Money::from_units(-1));
    desk.refuses(Rejection::Terms { field: "repay" });
    // More than the policy discloses: zeros behind what is there.
    let mut desk = Desk::new();
    let zero = Dollars::from_units(0);
    desk.proof.exposures = Some(vec![ExposureTerms {
        asset: "BTC".parse().expect("a symbol"),
        delta: zero,
        gamma: zero,
        vega: zero,
    }]);
    assert!(matches!(desk.check(), Err(Rejection::Disclosure(_))));
    let mut desk = Desk::new();
    desk.proof.repay = None;
    assert!(matches!(desk.check(), Err(Rejection::Disclosure(_))));
}

#[test]
fn a_proof_has_its_exact_length() {
    let expected = MADE.proof.proof.0.len();
    for got in [0, expected - 1, expected + 1, expected + 64] {
        let mut desk = Desk::new();
        desk.proof.proof.0.resize(got, 0);
        desk.refuses(Rejection::ProofLength { expected, got });
    }
}
