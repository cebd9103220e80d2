//! The circuit takes the sample portfolio, and neither a wrong threshold nor another commitment.

use std::path::Path;

use halo2_proofs::{
    dev::MockProver,
    plonk::{Circuit, ConstraintSystem},
};
use zkmargin_circuits::circuit::MAX_DEGREE;

use super::{Book, BookCircuit, BookKeys, K};

fn book() -> Book {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    Book::read(&folder.join("peers/sample.json")).expect("a portfolio")
}

#[test]
fn is_what_it_is_said_to_be() {
    let mut meta = ConstraintSystem::default();
    BookCircuit::configure(&mut meta);
    assert_eq!(meta.degree(), MAX_DEGREE);
    assert_eq!(meta.num_advice_columns(), 6);
    assert_eq!(meta.lookups().len(), 2);
    assert!(meta.blinding_factors() < 8);
}

#[test]
fn a_true_statement_satisfies_the_circuit_and_a_false_one_does_not() {
    let book = book();
    let check = |book: &Book, instance| {
        let circuit = BookCircuit::with_book(book.clone());
        MockProver::run(K, &circuit, instance)
            .expect("runs")
            .verify()
    };
    assert_eq!(check(&book, book.instance()), Ok(()));
    // The sample's threshold is a dollar, 100,000 units, above its equity; far more than the prices are off.
    let least = book.with_threshold(book.threshold() - 90_000);
    assert_eq!(check(&least, least.instance()), Ok(()));
    let over = book.with_threshold(book.threshold() - 110_000);
    assert!(check(&over, over.instance()).is_err());
    assert!(check(&book, over.instance()).is_err());
    let mut other = book.instance();
    other[1][64] += halo2curves::bn256::Fr::one();
    assert!(check(&book, other).is_err());
}

#[test]
fn a_proof_verifies_for_its_public_inputs_only() {
    let book = book();
    let keys = BookKeys::new().expect("keys");
    let proof = keys.prove(&book).expect("a proof");
    keys.verify(&book, &proof).expect("verifies");
    let over = book.with_threshold(book.threshold() - 110_000);
    assert!(keys.verify(&over, &proof).is_err());
}
