//! Sample accounts, forged cells, and failures by name.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use halo2_proofs::{
    circuit::Value,
    dev::{MockProver, VerifyFailure},
};
use halo2curves::bn256::Fr;

use crate::{
    circuit::{LiquidationCircuit, Witness},
    engine::Portfolio,
    field,
    model::{Account, Policy, Snapshot, read_json},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

/// Cells (column, row) that a malicious prover overwrites; column 5 is the limb column. Copies,
/// limbs and sums made from a forged cell follow it, so that nothing but the cell's own
/// equations can catch it; a copy that lies alone is forged at its own place.
#[derive(Clone, Debug, Default)]
pub struct Forgery(pub BTreeMap<(usize, usize), Fr>);

impl Forgery {
    pub fn value(&self, column: usize, row: usize, honest: Value<Fr>) -> Value<Fr> {
        let forged = self.0.get(&(column, row));
        forged.map_or(honest, |&forged| Value::known(forged))
    }
}

pub fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

/// The table of the sample snapshot and policy.
pub fn table() -> PublicTable {
    let (snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), sample("policy.json"));
    PublicTable::new(&snapshot, &policy).expect("table")
}

pub fn small(account: &Account) -> Slots {
    Slots::new(account, Shape::Small).expect("fits")
}

pub const CONTEXT: u64 = 7;

/// The scenarios under which the account is under-margined.
pub fn guilty(slots: &Slots, table: &PublicTable) -> Vec<usize> {
    let guilty = |s: &usize| {
        let totals = Portfolio::new(slots, table, *s).expect("markets").totals;
        totals.liquidation(&table.rules).is_some()
    };
    (0..table.scenarios).filter(guilty).collect()
}

/// The names of what fails: `gate: constraint`, the lookup's name, or `permutation`.
pub fn failures(
    witness: &Witness,
    forgery: &Forgery,
    instance: Vec<Vec<Fr>>,
) -> BTreeSet<String> {
    let mut circuit = LiquidationCircuit::with_witness(witness.clone());
    circuit.forgery = forgery.clone();
    let prover = MockProver::run(Shape::Small.k(), &circuit, instance).expect("synthesis");
    let list = prover.verify().err().unwrap_or_default();
    list.iter().map(name).collect()
}

fn name(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
            // "Constraint 0 ('constraint') in gate 1 ('gate')"
            let text = constraint.to_string();
            let quoted: Vec<&str> = text.split('\'').collect();
            match quoted.as_slice() {
                [_, constraint, middle @ .., gate, _] if middle.len() == 1 => {
                    format!("{gate}: {constraint}")
                }
                // A name that holds a prime itself.
                [_, names @ .., _] => {
                    let joined = names.join("'");
                    let (constraint, gate) = joined.split_once("') in gate ").expect("format");
                    let (_, gate) = gate.split_once("('").expect("format");
                    format!("{gate}: {constraint}")
                }
                _ => text,
            }
        }
        VerifyFailure::Lookup { name, .. } => name.clone(),
        VerifyFailure::Permutation { .. } => "permutation".into(),
        other => other.to_string(),
    }
}

/// The instance of a statement about the honest table.
pub fn honest_instance(witness: &Witness, table: &PublicTable) -> Vec<Vec<Fr>> {
    super::super::instance(
        table,
        witness.commitment(),
        Fr::from(CONTEXT),
        &witness.terms(),
    )
}

pub fn context() -> Fr {
    Fr::from(CONTEXT)
}

pub fn fr(value: i128) -> Fr {
    field::from_i128(value)
}
