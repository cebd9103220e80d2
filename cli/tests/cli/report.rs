//! `evaluate --json` against an independent floating-point model of the same account.

use serde_json::Value;

use crate::support::{Run, sample, zkmargin};

fn evaluate(account: &str, more: &str) -> Run {
    zkmargin(
        &format!("evaluate {{}} --snapshot {{}} --policy {{}} {more}"),
        &[
            &sample(account),
            &sample("snapshot.json"),
            &sample("policy.json"),
        ],
    )
}

fn number(value: &Value) -> f64 {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{value} is no decimal"))
}

/// Within 0.01 % or 1 USD.
fn close(name: &str, got: f64, expected: f64) {
    let tolerance = (expected.abs() * 1e-4).max(1.0);
    assert!(
        (got - expected).abs() <= tolerance,
        "{name}: {got}, expected {expected}"
    );
}

#[test]
fn numbers_agree_with_the_reference() {
    let text = std::fs::read_to_string(sample("expected.json")).expect("sample");
    let expected: Value = serde_json::from_str(&text).expect("json");
    for (account, verdict) in [
        ("account", "under-margined"),
        ("account-small", "under-margined"),
        ("account-healthy", "healthy"),
    ] {
        let report = evaluate(&format!("{account}.json"), QUICK).exits(0).json();
        let expected = &expected[account];
        for field in [
            "equity",
            "maintenance_margin",
            "initial_margin",
            "shortfall",
        ] {
            close(
                &format!("{account} {field}"),
                number(&report[field]),
                number(&expected[field]),
            );
        }
        let total = &report["contingencies"]["total"]["maintenance"];
        let contingencies = number(&expected["contingencies"]);
        close(
            &format!("{account} contingencies"),
            number(total),
            contingencies,
        );
        assert_eq!(report["verdict"], verdict);
        assert_eq!(report["worst_scenario"], expected["worst_scenario"]);
        let losses = expected["weighted_losses"].as_array().expect("losses");
        let scenarios = report["scenarios"].as_array().expect("scenarios");
        assert_eq!(scenarios.len(), losses.len());
        for (id, (scenario, loss)) in scenarios.iter().zip(losses).enumerate() {
            assert_eq!(scenario["id"], id);
            let weighted = -number(&scenario["pnl"]) * number(&scenario["weight"]);
            close(&format!("{account} scenario {id}"), weighted, number(loss));
        }
        assert!(number(&report["epsilon"]) < 1.0);
        assert_eq!(report["terms"].is_null(), verdict == "healthy");
        let parts =
            number(&report["npv"]) + number(&report["collateral"]) + number(&report["cash"]);
        assert!((parts - number(&report["equity"])).abs() < 1e-6);
    }
}

/// Without what takes hundreds of evaluations.
const QUICK: &str = "--json --no-liquidation-prices";

#[test]
fn liquidation_prices_are_where_the_account_changes_sides() {
    let quick = evaluate("account-small.json", QUICK).exits(0).json();
    assert!(quick["liquidation_prices"].is_null());
    let report = evaluate("account-small.json", "--json").exits(0).json();
    let prices = report["liquidation_prices"].as_array().expect("prices");
    let assets: Vec<&Value> = prices.iter().map(|p| &p["asset"]).collect();
    assert_eq!(assets, ["BTC", "ETH", "USDC"]);
    // scripts/margin/liquidation.py on the same files.
    assert!((number(&prices[1]["below"]) - 3842.210924292).abs() < 1e-4);
    assert!((number(&prices[2]["above"]) - 1.317558493).abs() < 1e-7);
    assert!(prices[0]["below"].is_null() && prices[0]["above"].is_null());
}

#[test]
fn greeks_add_up_by_underlying() {
    let report = evaluate("account.json", QUICK).exits(0).json();
    let positions = report["positions"].as_array().expect("positions");
    assert_eq!(positions.len(), 4 + 4 + 24 + 5 + 3);
    for greek in ["delta", "gamma", "vega", "theta"] {
        let total: f64 = positions
            .iter()
            .filter(|p| p["asset"] == "BTC")
            .map(|p| p[greek].as_f64().expect(greek))
            .sum();
        let stated = report["greeks"]["BTC"][greek].as_f64().expect(greek);
        assert!(
            (total - stated).abs() <= 1e-9 * total.abs().max(1.0),
            "{greek}"
        );
    }
    // Units of different underlyings do not add up; USD do.
    let totals = report["total_greeks"].as_object().expect("totals");
    assert_eq!(totals.len(), 3);
    for (greek, stated) in totals {
        let sum: f64 = positions.iter().filter_map(|p| p[greek].as_f64()).sum();
        let gap = (sum - stated.as_f64().expect(greek)).abs();
        assert!(gap <= 1e-9 * sum.abs().max(1.0), "{greek}");
    }
    assert!(
        positions
            .iter()
            .all(|p| p["kind"].is_string() && p["key"].is_string())
    );
}

#[test]
fn people_get_tables() {
    let text = evaluate("account.json", "").exits(0).stdout;
    for words in [
        "840,743.43 USD",
        "88.89 %",
        "Shortfall",
        "105,127.44",
        "UNDER-MARGINED",
        "BTC-2026-12-25-100000",
        "<- worst",
        "(USD/vol pt)",
        "Portfolio Greeks",
        "All underlyings",
        "decided by scenario 14",
        "short_option",
        "Weighted P&L by spot and volatility",
        "Liquidation prices",
        "4,778.87",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(!text.contains('\u{1b}'), "no colour outside a terminal");
    assert!(text.lines().all(|line| line == line.trim_end()));
    let healthy = evaluate("account-healthy.json", "--no-liquidation-prices")
        .exits(0)
        .stdout;
    assert!(healthy.contains("Excess") && healthy.contains("HEALTHY"));
}

#[test]
fn the_smallest_shape_is_chosen() {
    assert_eq!(
        evaluate("account-small.json", QUICK).json()["shape"],
        "small"
    );
    assert_eq!(evaluate("account.json", QUICK).json()["shape"], "medium");
    let medium = evaluate(
        "account-small.json",
        "--json --no-liquidation-prices --shape medium",
    )
    .json();
    assert_eq!(medium["shape"], "medium");
    evaluate("account.json", "--shape small")
        .exits(2)
        .says(&["field 'options'"]);
}
