//! What the levels of disclosure put into a proof, and shapes too small for a public table.

use ff::Field;
use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::DisclosureError,
    engine::Terms,
    model::{DisclosureLevel, Expiry, HexBytes, Policy, Rate, Snapshot, Time},
    public::{PublicTable, TableError},
    shape::Shape,
};
use zkmargin_prover::{ProveError, prove};
use zkmargin_verifier::{ProofFile, Rejection, Request, verify};

use crate::support::{Honest, every_rule, honest};

/// Header rows of the policy's flags: exposures shown, terms shown, exposures used.
const FLAGS: [usize; 3] = [10, 12, 13];

/// The honest account under the same rules at another level.
fn at(level: DisclosureLevel) -> Honest {
    let honest = honest();
    let mut policy = honest.policy.clone();
    policy.disclosure.level = level;
    if level != DisclosureLevel::TermsAndGreeks {
        policy.disclosure.exposure_tick = None;
    }
    Honest::new(
        (honest.params.clone(), honest.key.clone()),
        honest.account.clone(),
        honest.snapshot.clone(),
        policy,
    )
}

fn answer(file: &ProofFile, request: &Request<'_>) -> Result<Terms, Rejection> {
    verify(file, request).map(|eligibility| eligibility.terms)
}

#[test]
fn a_verdict_discloses_no_terms() {
    let verdict = at(DisclosureLevel::Verdict);
    assert_eq!(
        answer(&verdict.file, &verdict.request()),
        Ok(Terms::default())
    );
    let text = String::from_utf8(verdict.file.to_bytes()).expect("text");
    for field in ["repay", "incentive_rate", "exposures"] {
        assert!(!text.contains(field), "{text}");
    }
    assert_eq!(
        ProofFile::from_bytes(text.as_bytes()),
        Ok(verdict.file.clone())
    );

    // Terms that nobody proved, even zeros as in the header.
    let refused = |alter: &dyn Fn(&mut ProofFile)| {
        let mut file = verdict.file.clone();
        alter(&mut file);
        answer(&file, &verdict.request())
    };
    let unexpected = Err(Rejection::Disclosure(DisclosureError::UnexpectedTerms));
    assert_eq!(refused(&|file| file.repay = Some(Rate::ZERO)), unexpected);
    assert_eq!(
        refused(&|file| file.incentive_rate = Some(Rate::ZERO)),
        unexpected
    );
    assert_eq!(
        refused(&|file| file.exposures = Some(vec![])),
        Err(Rejection::Disclosure(DisclosureError::Unexpected))
    );
}

#[test]
fn a_proof_is_for_its_own_level() {
    use DisclosureLevel::{Terms, TermsAndGreeks, Verdict};
    let levels = [Verdict, Terms, TermsAndGreeks].map(at);
    let missing = DisclosureError::MissingTerms;
    let unexpected = DisclosureError::UnexpectedTerms;
    for (i, proof) in levels.iter().enumerate() {
        for (j, verifier) in levels.iter().enumerate() {
            let expected = match (i, j) {
                _ if i == j => Ok(proof.file.terms()),
                (0, _) => Err(missing.clone()),
                (_, 0) => Err(unexpected.clone()),
                (1, _) => Err(DisclosureError::Missing),
                _ => Err(DisclosureError::Unexpected),
            };
            let expected = expected.map_err(Rejection::Disclosure);
            assert_eq!(
                answer(&proof.file, &verifier.request()),
                expected,
                "{i} {j}"
            );
            // Made to look like the other level's, it is the other's claim with this one's proof.
            if i != j {
                let mut file = verifier.file.clone();
                file.proof = proof.file.proof.clone();
                assert_eq!(
                    answer(&file, &verifier.request()),
                    Err(Rejection::Proof),
                    "{i} {j}"
                );
            }
        }
    }
    assert_eq!(
        Rejection::Disclosure(missing).to_string(),
        "field 'repay': the policy discloses repay amount and incentive rate, the proof lacks them"
    );
}

#[test]
fn half_of_the_terms_is_refused() {
    let honest = honest();
    for alter in [(|file| file.repay = None) as fn(&mut ProofFile), |file| {
        file.incentive_rate = None
    }] {
        let mut file = honest.file.clone();
        alter(&mut file);
        assert_eq!(
            answer(&file, &honest.request()),
            Err(Rejection::Disclosure(DisclosureError::MissingTerms))
        );
    }
}

/// The circuit takes the header's flags and ticks as they are: whoever makes the header answers for them.
#[test]
fn flags_are_bits() {
    let charged = every_rule();
    let mut hidden = charged.policy.clone();
    hidden.disclosure.level = DisclosureLevel::Verdict;
    hidden.disclosure.exposure_tick = None;
    let keys = (charged.params.clone(), charged.key.clone());
    let (account, snapshot) = (charged.account.clone(), charged.snapshot.clone());
    let hidden = Honest::new(keys, account, snapshot, hidden);
    use DisclosureLevel::{Terms, TermsAndGreeks, Verdict};
    let plain = [Verdict, Terms, TermsAndGreeks].map(at);
    let expected = [[0, 0, 0], [0, 1, 0], [1, 1, 1], [0, 0, 1], [1, 1, 1]];
    let found = plain.iter().chain([&hidden, charged]);
    for (proof, flags) in found.zip(expected) {
        assert_eq!(FLAGS.map(|row| proof.columns[0][row]), flags.map(Fr::from));
        // No other value of a flag verifies.
        for row in FLAGS {
            for value in [Fr::ZERO, Fr::ONE, Fr::from(2), -Fr::ONE] {
                let mut columns = proof.columns.clone();
                let honest = columns[0][row] == value;
                columns[0][row] = value;
                let answer = proof.check(&columns, &proof.file.proof.0);
                assert_eq!(answer.is_ok(), honest, "row {row}: {value:?}");
            }
        }
    }
}

/// More expiries than the small shape's table holds.
fn crowded() -> (Snapshot, Policy) {
    let honest = honest();
    let mut snapshot = honest.snapshot.clone();
    let last = snapshot.expiries.last().expect("an expiry").clone();
    snapshot.expiries.extend((1..=40).map(|day| Expiry {
        expiry: Time::from_unix(last.expiry.unix() + day * 86_400).expect("a time"),
        ..last.clone()
    }));
    (snapshot, honest.policy.clone())
}

#[test]
fn a_table_too_large_for_the_shape_is_refused() {
    let honest = honest();
    let (snapshot, policy) = crowded();
    let table = PublicTable::new(&snapshot, &policy).expect("a table");
    let shape = Shape::Small;
    let source = TableError::TooManyRows {
        rows: table.rows().len(),
        shape,
    };
    let (account, context) = (&honest.account, &honest.context);
    let proved = prove(
        &honest.params,
        &honest.key,
        account,
        &snapshot,
        &policy,
        context,
    );
    assert!(matches!(proved, Err(ProveError::Table(error)) if error == source));
    // The verifier's market is sound; it is the proof that cannot be about it.
    let request = Request {
        snapshot: &snapshot,
        policy: &policy,
        ..honest.request()
    };
    let mut file = honest.file.clone();
    let (proof, expected) = (file.table, HexBytes(table.digest()));
    assert_eq!(
        answer(&file, &request),
        Err(Rejection::OtherTable { proof, expected })
    );
    file.table = expected;
    assert_eq!(
        answer(&file, &request),
        Err(Rejection::TableSize { shape, source })
    );
}
