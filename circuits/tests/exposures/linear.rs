//! Futures, collateral, power perpetuals, variance and volatility swaps. Scale: 1 USD per unit held.

use num_traits::Signed;
use serde_json::json;
use zkmargin_circuits::{
    certified::exposures,
    engine::exposure,
    math::{self, Real},
    model::{Asset, Perpetual, PowerMarket, Rate, Snapshot, Time, VarianceMarket},
    public::{PublicTable, SwapGroup, SwapKind, swap_key, variance_exposures},
    slots::SwapSlot,
};

use super::{
    Case, Number, UNITS, asset, compare, now, numbers, parse, portfolio, real, rules, sums, table,
};

fn case(found: &[Real; 3], greeks: [&str; 3], spot: &Real, held: &str) -> Case {
    let bound = math::mul(&exposures::linear_stated(), &real(held).abs());
    let factors = [spot.clone(), math::mul(spot, spot), math::one()];
    let scale = real(held).abs() * UNITS;
    Ok(std::array::from_fn(|i| {
        Number::new(&found[i], greeks[i], &factors[i], &bound, &scale)
    }))
}

/// From `spot, rate, vol, funding_days, delta, gamma, vega, ...`.
fn power(row: &[&str]) -> Vec<Case> {
    let [spot, rate, vol, days, delta, gamma, vega, ..] = row else {
        panic!("columns")
    };
    let markets = Snapshot {
        power: vec![PowerMarket {
            asset: asset(),
            funding_days: parse(days),
            vol: parse(vol),
        }],
        ..rules::snapshot(now())
    };
    let Ok(table) = table(spot, rate, markets) else {
        return vec![Err("refused")];
    };
    let position = json!({"asset": "X", "size": "1", "entry": "1"});
    let found = sums(&portfolio(&table, "power_perpetuals", position).expect("a market"));
    vec![case(&found, [delta, gamma, vega], &real(spot), "1")]
}

/// From `spot, notional, realised_variance, implied_vol, strike, elapsed, total, discount, gamma, vega, ...`.
fn variance(row: &[&str]) -> Vec<Case> {
    let [
        spot,
        notional,
        realised,
        implied,
        strike,
        elapsed,
        total,
        discount,
        gamma,
        vega,
        ..,
    ] = row
    else {
        panic!("columns")
    };
    let [elapsed, seconds]: [i64; 2] = [elapsed, total].map(|t| parse(t));
    let found = if seconds % 60 == 0 {
        let [start, end] = [0, seconds].map(|t| Time::from_unix(now().unix() + t).expect("time"));
        let market = VarianceMarket {
            asset: asset(),
            start,
            end,
            discount: parse(discount),
            realised_variance: parse(realised),
            implied_vol: parse(implied),
            fair_vol: Rate::ZERO,
        };
        let time = Time::from_unix(now().unix() + elapsed).expect("time");
        let markets = Snapshot {
            variance: vec![market],
            ..rules::snapshot(time)
        };
        let table = table(spot, "0", markets).expect("a legal market");
        let position = json!({
            "asset": "X", "kind": "variance", "start": start, "end": end, "notional": notional,
            "strike": strike
        });
        sums(&portfolio(&table, "variance", position).expect("a market"))
    } else {
        // No file holds such a period; the table's formula does.
        let rows = variance_exposures(parse(implied), [elapsed, seconds], parse(discount));
        let kind = SwapKind::Variance(0, 0);
        let group = SwapGroup {
            id: Some((asset(), kind)),
            key: swap_key(asset(), kind),
            discount: 0,
            charge: 0,
            price: 0,
            scenarios: vec![[0; 2]],
            underlying: 1,
            exposure: rows.expect("in range")[0],
        };
        let size = parse::<Rate>(notional).units().into();
        let slot = SwapSlot {
            key: group.key,
            size,
            strike: 0,
        };
        numbers(&exposure::swap(&group, &slot))
    };
    vec![case(&found, ["0", gamma, vega], &real(spot), notional)]
}

/// From `notional, fair_vol, strike, seconds, discount, vega, ...`.
fn volatility(row: &[&str]) -> Vec<Case> {
    let [notional, fair, strike, _, discount, vega, ..] = row else {
        panic!("columns")
    };
    let [start, end] = [0, 86_400].map(|t| Time::from_unix(now().unix() + t).expect("time"));
    let market = VarianceMarket {
        asset: asset(),
        start,
        end,
        discount: parse(discount),
        realised_variance: Rate::ZERO,
        implied_vol: parse(fair),
        fair_vol: parse(fair),
    };
    let markets = Snapshot {
        variance: vec![market],
        ..rules::snapshot(now())
    };
    let table = table("1", "0", markets).expect("a legal market");
    let position = json!({
        "asset": "X", "kind": "volatility", "start": start, "end": end, "notional": notional,
        "strike": strike
    });
    let found = sums(&portfolio(&table, "variance", position).expect("a market"));
    vec![case(&found, ["0", "0", vega], &math::one(), notional)]
}

#[test]
fn exposures_of_swaps_are_within_the_stated_bound() {
    let file = include_str!("../goldens/power_greeks.csv");
    let [cases, refused] = compare("power perpetual", file, power);
    println!("{refused} refused");
    assert_eq!(cases, 2_200);
    let file = include_str!("../goldens/variance_swap_greeks.csv");
    assert_eq!(compare("variance swap", file, variance), [2_000, 0]);
    let file = include_str!("../goldens/volatility_swap_greeks.csv");
    assert_eq!(compare("volatility swap", file, volatility), [2_000, 0]);
}

/// A perpetual's mark counts, not its spot; a balance has no exposure.
#[test]
fn futures_and_collateral() {
    let mark = Perpetual {
        mark: parse("50123.45678901"),
        funding_index: parse("12"),
        confidence: Rate::ONE,
        funding_rate: Rate::ZERO,
    };
    let snapshot = Snapshot {
        assets: vec![Asset {
            perpetual: Some(mark),
            ..rules::asset(asset(), parse("50000.00000001"), Rate::ZERO)
        }],
        ..rules::snapshot(now())
    };
    let mut policy = rules::policy();
    policy.haircuts = serde_json::from_value(
        json!([{"asset": "X", "maintenance": "0.15", "initial": "0.2", "moves": true}]),
    )
    .expect("a haircut");
    let table = PublicTable::new(&snapshot, &policy).expect("a legal market");
    let future = json!({"asset": "X", "expiry": null, "size": "-3", "entry": "1"});
    let [delta, gamma, vega] = sums(&portfolio(&table, "futures", future).expect("a market"));
    assert_eq!(delta, math::one() * (-3 * 5_012_345_678_901i64));
    assert_eq!([gamma, vega], [Real::ZERO; 2]);
    let balance = json!({"asset": "X", "amount": "2"});
    let [delta, gamma, vega] = sums(&portfolio(&table, "collateral", balance).expect("a market"));
    assert_eq!([delta, gamma, vega], [Real::ZERO; 3]);
}
