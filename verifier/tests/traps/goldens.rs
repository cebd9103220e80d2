//! Sizes and circuits of every statement and shape, pinned: a change of the verifying keys shows as a diff.
//!
//! Rewrite the file with
//! `ZKMARGIN_BLESS=1 cargo test --release -p zkmargin-verifier --test traps goldens`.
//! Proof bytes are not reproducible, so only their number is pinned. The digests do not depend
//! on the parameters.

use std::{fmt::Write as _, fs, path::Path};

use halo2curves::serde::SerdeObject;
use sha2::{Digest, Sha256};
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_prover::{Params, ProvingKey};

use crate::{
    degree::is_within_the_cap,
    support::{healthy, honest},
};

/// What is pinned of a circuit's keys.
fn pinned(key: &ProvingKey) -> String {
    let (verifying, pk) = (key.verifying(), key.backend());
    let cs = verifying.backend().cs();
    let circuit = Sha256::digest(format!("{:?}", cs.pinned()));
    let mut values = Sha256::new();
    let columns = pk
        .fixed_values()
        .iter()
        .chain(pk.permutation().permutations());
    for value in columns.flat_map(|column| column.iter()) {
        values.update(value.to_raw_bytes());
    }
    let mut text = format!("{} {}\n", verifying.statement(), verifying.shape());
    for (name, value) in [
        ("k", verifying.k().to_string()),
        ("proof bytes", verifying.proof_bytes().to_string()),
        ("advice columns", cs.num_advice_columns().to_string()),
        ("instance columns", cs.num_instance_columns().to_string()),
        (
            "fixed columns",
            verifying.backend().fixed_commitments().len().to_string(),
        ),
        (
            "permutation columns",
            cs.permutation().get_columns().len().to_string(),
        ),
        ("lookups", cs.lookups().len().to_string()),
        (
            "groups of fixed polynomials",
            format!("{:?}", verifying.packing().groups()),
        ),
        (
            "verifying key bytes",
            verifying.to_bytes().len().to_string(),
        ),
        ("circuit sha256", hex::encode(circuit)),
        ("fixed values sha256", hex::encode(values.finalize())),
    ] {
        // Writing to a string never fails.
        let _ = writeln!(text, "  {name}: {value}");
    }
    text
}

#[test]
fn keys_are_what_they_were() {
    let shapes = |statement| Shape::ALL.map(|shape| (statement, shape));
    let circuits = Statement::ALL.into_iter().flat_map(shapes);
    let checked = |key: &ProvingKey| {
        is_within_the_cap(key.verifying());
        pinned(key)
    };
    let keys = circuits.map(|circuit| match circuit {
        (Statement::Liquidation, Shape::Small) => checked(&honest().key),
        (Statement::Solvency, Shape::Small) => checked(&healthy().key),
        (statement, shape) => {
            let params = Params::unsafe_dev(statement.k(shape)).expect("parameters");
            checked(&ProvingKey::generate(&params, statement, shape).expect("keys"))
        }
    });
    let found: String = keys.collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/keys.txt");
    if std::env::var_os("ZKMARGIN_BLESS").is_some() {
        fs::write(&path, &found).expect("written");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, golden, "see the head of this file");
}

#[test]
fn a_proof_has_the_pinned_size() {
    for _ in 0..2 {
        let honest = honest();
        assert_eq!(honest.file.proof.0.len(), honest.verifying().proof_bytes());
    }
}

#[test]
fn the_same_circuit_has_the_same_pins_under_other_parameters() {
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    assert_ne!(params.digest(), honest().params.digest());
    let other = ProvingKey::generate(&params, Statement::Liquidation, Shape::Small).expect("keys");
    assert_eq!(pinned(&other), pinned(&honest().key));
    assert_ne!(other.verifying().digest(), honest().verifying().digest());
}
