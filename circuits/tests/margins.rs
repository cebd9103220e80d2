//! The engine under every preset, and under a policy with every rule, against the float64 reference (`scripts/margin/expected.py`).

mod support;

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, de::DeserializeOwned};
use support::sample;
use zkmargin_circuits::{
    engine::Report,
    model::{Account, Policy, Snapshot, read_json},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

/// What the reference says of one account.
#[derive(Deserialize)]
struct Margins {
    equity: String,
    maintenance_margin: String,
    initial_margin: String,
    contingencies: String,
    losses: Vec<String>,
    incentive: String,
}

fn file<T: DeserializeOwned>(path: &str) -> T {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    read_json(&root.join(path)).expect(path)
}

/// Whole numbers of 1e-8, by the text of either side; a cent apart at most.
fn close(found: i64, expected: &str, what: &str) {
    let expected: f64 = expected.parse().expect("a decimal");
    let found = found as f64 / 1e8;
    assert!(
        (found - expected).abs() <= 0.01,
        "{what}: {found}, reference {expected}"
    );
}

fn compare(
    account: &Account,
    snapshot: &Snapshot,
    policy: &Policy,
    expected: &Margins,
    what: &str,
) {
    let table = PublicTable::new(snapshot, policy).expect("a table");
    let slots = Slots::new(account, Shape::Medium).expect("fits");
    let report = Report::new(&slots, snapshot, policy, &table).expect("a report");
    let money = [
        ("equity", report.equity, &expected.equity),
        (
            "contingencies",
            report.contingencies,
            &expected.contingencies,
        ),
        (
            "maintenance",
            report.maintenance_margin,
            &expected.maintenance_margin,
        ),
        ("initial", report.initial_margin, &expected.initial_margin),
    ];
    for (name, found, expected) in money {
        close(found.units(), expected, &format!("{what} {name}"));
    }
    let scenarios = report.scenarios.iter().skip(1).take(expected.losses.len());
    assert_eq!(scenarios.len(), expected.losses.len(), "{what}");
    for (row, loss) in scenarios.zip(&expected.losses) {
        close(
            -row.pnl.units(),
            loss,
            &format!("{what} scenario {}", row.id),
        );
    }
    // Rounded down to its tick, from a shortfall that is epsilon smaller.
    let reference: f64 = expected.incentive.parse().expect("a rate");
    let tick = policy.disclosure.incentive_tick.units() as f64 / 1e8;
    let rate = report.terms.and_then(|terms| terms.incentive_rate);
    let found = rate.map_or(0.0, |rate| rate.units() as f64 / 1e8);
    let most = rate.map_or(0.0, |_| tick) + 1e-7;
    assert!(
        (-1e-7..most).contains(&(reference - found)),
        "{what}: {found}, reference {reference}"
    );
}

#[test]
fn every_preset_and_every_rule_agree_with_the_float_reference_to_a_cent() {
    let expected: BTreeMap<String, BTreeMap<String, Margins>> =
        file("circuits/tests/goldens/margins.json");
    assert_eq!(expected.len(), 6);
    for (policy, accounts) in &expected {
        for (account, margins) in accounts {
            let what = format!("{policy} {account}");
            if policy == "every-rule" {
                let [account, snapshot, rules] = ["account", "snapshot", "policy"]
                    .map(|n| format!("fuzz-targets/fixtures/{n}.json"));
                compare(
                    &file(&account),
                    &file(&snapshot),
                    &file(&rules),
                    margins,
                    &what,
                );
            } else {
                let (account, rules) =
                    (format!("{account}.json"), format!("policies/{policy}.json"));
                compare(
                    &sample(&account),
                    &sample("snapshot.json"),
                    &file(&rules),
                    margins,
                    &what,
                );
            }
        }
    }
}
