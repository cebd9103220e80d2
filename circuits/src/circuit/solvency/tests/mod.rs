//! Honest and dishonest witnesses of solvency under the mock prover.

mod accounts;
mod branches;
mod charges;
mod claims;
mod constraints;
pub mod costs;
mod harness;
mod places;
mod runs;
mod skews;

use std::{collections::BTreeSet, path::Path};

use halo2_proofs::dev::{MockProver, VerifyFailure};
use halo2curves::bn256::Fr;

use super::{SolvencyCircuit, SolvencyWitness};
use crate::{
    engine::{Report, Solvency, Verdict},
    model::{Account, Money, Policy, Snapshot, read_json},
    public::PublicTable,
    shape::{Shape, Statement},
    slots::Slots,
};

const PRESETS: [&str; 5] = [
    "collateral-ratio",
    "standard",
    "derive-pmrm2",
    "paradex-pm",
    "deribit-pm",
];

fn read<T: serde::de::DeserializeOwned>(path: &str) -> T {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    read_json(&root.join(path)).expect(path)
}

fn preset(name: &str) -> Policy {
    read(&format!("policies/{name}.json"))
}

fn with_cash(account: &Account, units: i64) -> Account {
    let mut account = account.clone();
    account.cash = Money::from_units(units);
    account
}

/// The least cash, units 1e-8, with which an account is healthy.
fn least_cash(account: &Account, table: &PublicTable, shape: Shape) -> i64 {
    let slots = Slots::new(&with_cash(account, 0), shape).expect("slots");
    let solvency = Solvency::new(&slots, table).expect("a valuation");
    assert!(solvency.fits);
    let worst = solvency.slacks.iter().min().expect("branches").clone();
    let missing = num_integer::Integer::div_ceil(&-worst, &crate::engine::quantum());
    num_traits::ToPrimitive::to_i64(&missing).expect("cash")
}

fn failures(witness: SolvencyWitness) -> BTreeSet<String> {
    let k = Statement::Solvency.k(witness.slots.shape);
    let instance = witness.instance();
    let circuit = SolvencyCircuit::with_witness(witness);
    let prover = MockProver::run(k, &circuit, instance).expect("synthesis");
    let failures = prover.verify().err().unwrap_or_default();
    let name = |failure: &VerifyFailure| match failure {
        VerifyFailure::Permutation { .. } => "permutation".to_owned(),
        other => zkmargin_tamper::mock_name(other),
    };
    failures.iter().map(name).take(40).collect()
}

fn proves(account: &Account, table: &PublicTable, shape: Shape) -> BTreeSet<String> {
    let slots = Slots::new(account, shape).expect("slots");
    let solvency = Solvency::new(&slots, table).expect("a valuation");
    failures(SolvencyWitness::assume(slots, solvency, table, Fr::from(7)))
}

#[test]
fn a_healthy_account_has_a_proof_and_one_unit_less_has_none() {
    let account: Account = read("samples/account-small.json");
    let snapshot: Snapshot = read("samples/snapshot.json");
    for (preset_name, shape) in [
        ("collateral-ratio", Shape::Small),
        ("standard", Shape::Small),
    ] {
        let policy = preset(preset_name);
        let table = PublicTable::new(&snapshot, &policy).expect("a table");
        let cash = least_cash(&account, &table, shape);
        let healthy = with_cash(&account, cash);
        assert_eq!(
            proves(&healthy, &table, shape),
            BTreeSet::new(),
            "{preset_name}"
        );
        let poorer = with_cash(&account, cash - 1);
        let names: Vec<_> = proves(&poorer, &table, shape).into_iter().collect();
        assert_eq!(
            names,
            ["q_limb z - q_more 2^10 z_next in 0..1024"],
            "{preset_name}"
        );
        let slots = Slots::new(&healthy, shape).expect("slots");
        let report = Report::new(&slots, &snapshot, &policy, &table).expect("a report");
        assert_eq!(report.verdict, Verdict::Healthy, "{preset_name}");
    }
}

#[test]
fn every_preset_in_medium() {
    let account: Account = read("samples/account.json");
    let snapshot: Snapshot = read("samples/snapshot.json");
    for name in PRESETS {
        let table = PublicTable::new(&snapshot, &preset(name)).expect("a table");
        let cash = least_cash(&account, &table, Shape::Medium);
        println!("{name}: {cash}");
        let healthy = with_cash(&account, cash);
        assert_eq!(
            proves(&healthy, &table, Shape::Medium),
            BTreeSet::new(),
            "{name}"
        );
        let poorer = with_cash(&account, cash - 1);
        let names: Vec<_> = proves(&poorer, &table, Shape::Medium).into_iter().collect();
        assert_eq!(
            names,
            ["q_limb z - q_more 2^10 z_next in 0..1024"],
            "{name}"
        );
    }
}
