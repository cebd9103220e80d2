//! The engine against an independent float64 evaluator (`scripts/samples/reference.py`).

use crate::support::sample;
use zkmargin_circuits::{
    engine::{Report, Verdict},
    model::{Account, Money, Policy, Snapshot},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

/// The reference prints two decimals.
fn close(found: Money, expected: &serde_json::Value, what: &str) {
    let expected: Money = expected
        .as_str()
        .expect("decimal")
        .parse()
        .expect("decimal");
    let difference = (found.units() - expected.units()).abs();
    assert!(
        difference <= 1_000_000,
        "{what}: {found}, reference {expected}"
    );
}

#[test]
fn margins_and_scenarios_agree_with_the_float_reference_to_a_cent() {
    let (snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), sample("policy.json"));
    let expected: serde_json::Value = sample("expected.json");
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    for (name, verdict) in [
        ("account", Verdict::UnderMargined),
        ("account-healthy", Verdict::Healthy),
        ("account-small", Verdict::UnderMargined),
    ] {
        let account: Account = sample(&format!("{name}.json"));
        let slots = Slots::new(&account, Shape::Medium).expect("fits");
        let report = Report::new(&slots, &snapshot, &policy, &table).expect("report");
        let expected = &expected[name];
        close(report.equity, &expected["equity"], "equity");
        close(
            report.maintenance_margin,
            &expected["maintenance_margin"],
            "maintenance margin",
        );
        close(
            report.initial_margin,
            &expected["initial_margin"],
            "initial margin",
        );
        let charged = report
            .contingencies
            .named()
            .map(|(_, c)| c.maintenance.units());
        close(
            Money::from_units(charged.iter().sum()),
            &expected["contingencies"],
            "contingencies",
        );
        assert_eq!(
            report.worst_scenario as u64,
            expected["worst_scenario"].as_u64().expect("number")
        );
        assert_eq!(report.verdict, verdict, "{name}");
        assert_eq!(
            report.scenarios.len(),
            expected["weighted_losses"].as_array().expect("list").len()
        );
        for (row, weighted) in report
            .scenarios
            .iter()
            .zip(expected["weighted_losses"].as_array().expect("list"))
        {
            let loss = -i128::from(row.pnl.units()) * i128::from(row.weight.units()) / 100_000_000;
            let loss = if row.id == 0 { 0 } else { loss };
            close(
                Money::from_units(loss as i64),
                weighted,
                &format!("{name} scenario {}", row.id),
            );
        }
    }
}
