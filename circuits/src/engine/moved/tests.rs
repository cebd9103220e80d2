//! The least volatility of an up scenario, to the unit.

use serde_json::json;

use super::*;
use crate::{
    model::{Discount, ONE},
    public::{OptionScenario, PublicTable, SkewInterval},
    testing::{Market, policy},
};

/// A year to expiry; volatility 0.2 at a strike of 1 USD, 0.8 at 2 USD.
fn table() -> PublicTable {
    let market = Market {
        forward: ONE,
        fixed: 0,
        discount: Discount::ONE.units(),
        seconds: 365 * 86_400,
        smile: vec![(ONE, ONE / 5), (2 * ONE, ONE * 4 / 5)],
    };
    let up = |spot: &str| json!({"spot": spot, "vol": "up", "weight": "1"});
    let rules = json!({
        "scenarios": [up("0"), up("0.5"), {"spot": "0", "vol": "same", "weight": "1"}],
        "vol_shock": {"up": "0.5", "min_vol_up": "0.6"}
    });
    PublicTable::new(&market.snapshot(), &policy(rules)).expect("a table")
}

fn at(table: &PublicTable, scenario: usize, strike: i64, v: i128) -> Option<MovedTrace> {
    let (group, row) = (&table.options[1], table.scenarios[scenario]);
    let ln = option::ln_strike(strike.into()).ln;
    moved(group, (scenario, row), strike.into(), ln, v, [1, 1])
}

#[test]
fn an_up_scenario_has_a_least_volatility_and_no_other() {
    let table = table();
    let least = table.options[1].run.least_v;
    assert_eq!(least, ((6 << 38) / 10 + 1) >> 1);
    // v x 1.5, floored, against the least; v is what the smile gives or any other.
    let edge = least * 2 / 3;
    for v in [0, 1, edge - 1, edge, edge + 1, edge + 2, least, 5 << 37] {
        let product = v * 3 / 2;
        for (scenario, floored) in [(1, true), (2, true), (3, false)] {
            let product = if floored { product } else { v };
            let trace = at(&table, scenario, ONE, v).expect("a market");
            let floor = if floored { least } else { 0 };
            assert_eq!(trace.product, product, "{v}");
            assert_eq!(trace.raised, product < floor, "{v}");
            assert_eq!(trace.gap, (product - floor).abs(), "{v}");
            assert_eq!(trace.market.v, product.max(floor), "{v}");
        }
    }
    // Both sides were reached; at equality nothing is raised.
    assert!((edge * 3 / 2..=(edge + 1) * 3 / 2).contains(&least));
}

#[test]
fn the_branch_and_not_the_market_decides_about_the_floor() {
    let table = table();
    let (group, ln) = (&table.options[1], option::ln_strike(ONE.into()).ln);
    let price = |class| {
        let row = ScenarioRow {
            class,
            ..table.scenarios[1]
        };
        moved(group, (1, row), ONE.into(), ln, 1, [1, 1])
            .expect("a market")
            .market
            .v
    };
    assert_eq!(price(ScenarioClass::Plain), 1);
    assert_eq!(price(ScenarioClass::Skew), 1);
    assert_eq!(price(ScenarioClass::Floored), group.run.least_v);
}

/// A multiplier that depends on the strike: the interval that holds it, the product rounded down, and what that leaves.
#[test]
fn a_product_is_rounded_down() {
    let mut table = table();
    let interval = |low: i128, high: i128, slope, offset| SkewInterval {
        low,
        high,
        slope,
        offset,
    };
    let (ten, end) = (10 * i128::from(ONE), 1 << 50);
    let intervals = vec![
        interval(0, ten, 1 << 40, 1 << SKEW_OFFSET_BITS),
        interval(ten, end, -(1 << 39), 3 << (SKEW_OFFSET_BITS - 1)),
    ];
    let forward = table.options[1].base.clone();
    table.options[1].scenarios[3] = OptionScenario {
        forward,
        intervals: intervals.clone(),
    };
    for (strike, which) in [(1, 0), (10 * ONE - 1, 0), (10 * ONE, 1), ((1 << 50) - 1, 1)] {
        for v in [0, 1, 123_456_789_012, (8 << 37) - 1] {
            let trace = at(&table, 3, strike, v).expect("a market");
            let (strike, interval) = (i128::from(strike), &intervals[which]);
            assert_eq!(trace.above_low, strike - interval.low);
            assert_eq!(trace.below_high, interval.high - 1 - strike);
            let multiplier = interval.slope * option::ln_strike(strike).ln + interval.offset;
            let back = (BigInt::from(trace.product) << SKEW_OFFSET_BITS) + trace.remainder;
            assert_eq!(back, BigInt::from(multiplier) * v);
            assert!((0..1 << SKEW_OFFSET_BITS).contains(&trace.remainder));
        }
    }
    let row = table.scenarios[3];
    assert!(moved(&table.options[1], (4, row), 1, 0, 1, [1, 1]).is_none());
    assert!(moved(&table.options[1], (3, row), 1 << 50, 0, 1, [1, 1]).is_none());
}
