//! The engine under every preset, and under a policy with every rule, against the float64 reference (`scripts/margin/expected.py`).

use std::{collections::BTreeMap, path::Path};

use crate::support::sample;
use serde::{Deserialize, de::DeserializeOwned};
use zkmargin_circuits::{
    engine::Report,
    model::{Account, Money, Policy, Rate, Snapshot, read_json},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

/// Maintenance and initial.
type Pair = [String; 2];

/// What the reference says of one account.
#[derive(Deserialize)]
struct Margins {
    equity: Pair,
    margin: Pair,
    contingencies: BTreeMap<String, Pair>,
    basis: String,
    delta_charge: String,
    losses: Vec<String>,
    incentive: String,
}

fn file<T: DeserializeOwned>(path: &str) -> T {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    read_json(&root.join(path)).expect(path)
}

/// USD that numbers may be apart.
const CENT: f64 = 0.01;
/// The same of charges on exposures, which are as exact as exposures are (`docs/numbers.md`).
const EXPOSED: f64 = 0.05;

fn close(found: Money, expected: &str, tolerance: f64, what: &str) {
    let expected: f64 = expected.parse().expect("a decimal");
    let found = found.units() as f64 / 1e8;
    assert!(
        (found - expected).abs() <= tolerance,
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
    let charges = &policy.contingencies;
    let charged = [charges.gamma.initial, charges.vega.initial]
        .iter()
        .any(|rate| *rate != Rate::ZERO);
    let close = |name: &str, found: Money, expected: &str| {
        let tolerance = match name {
            "gamma" | "vega" | "delta charge" => EXPOSED,
            "margin" if charged => EXPOSED,
            _ => CENT,
        };
        close(found, expected, tolerance, &format!("{what} {name}"));
    };
    let pair = |name: &str, found: [Money; 2], expected: &Pair| {
        close(name, found[0], &expected[0]);
        close(name, found[1], &expected[1]);
    };
    let equity = [report.equity, report.equity_initial];
    pair("equity", equity, &expected.equity);
    let margin = [report.maintenance_margin, report.initial_margin];
    pair("margin", margin, &expected.margin);
    let charges = report.contingencies.named();
    assert_eq!(charges.len(), expected.contingencies.len());
    for (name, charge) in charges {
        let found = [charge.maintenance, charge.initial];
        pair(name, found, &expected.contingencies[name]);
    }
    close("basis", report.basis, &expected.basis);
    close("delta charge", report.delta_charge, &expected.delta_charge);
    let scenarios = report.scenarios.iter().skip(1).take(expected.losses.len());
    assert_eq!(scenarios.len(), expected.losses.len(), "{what}");
    for (row, loss) in scenarios.zip(&expected.losses) {
        let found = Money::from_units(-row.pnl.units());
        close(&format!("scenario {}", row.id), found, loss);
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
