//! Futures, collateral, power perpetuals, variance and volatility swaps. Scale: 1 USD per unit held.

use num_bigint::BigInt;
use num_traits::Signed;
use serde_json::json;
use zkmargin_circuits::{
    certified::exposures,
    engine::{SCALE_BITS, exposure, linear},
    math::{self, Real},
    model::{
        Asset, Expiry, Perpetual, PowerMarket, Rate, SmileNode, Snapshot, Time, VarianceMarket,
    },
    public::{MOVE_BITS, PublicTable, SwapGroup, SwapKind, slot_key, swap_key, variance_exposures},
    slots::{AssetSlot, SwapSlot},
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
            above: 0,
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

/// A perpetual's mark counts, not its spot; a dated future's moving part alone. A balance hedges by its loss and has no
/// exposure, at full value if it moves.
#[test]
fn futures_and_collateral() {
    let mark = Perpetual {
        mark: parse("50123.45678901"),
        funding_index: parse("12"),
        confidence: Rate::ONE,
        funding_rate: Rate::ZERO,
    };
    let later = Time::from_unix(now().unix() + 86_400).expect("time");
    let snapshot = Snapshot {
        assets: vec![Asset {
            perpetual: Some(mark),
            ..rules::asset(asset(), parse("50000.00000001"), Rate::ZERO)
        }],
        expiries: vec![Expiry {
            forward_fixed: parse("20000.5"),
            smile: vec![SmileNode {
                strike: parse("50000"),
                vol: parse("0.5"),
            }],
            ..rules::expiry(asset(), later, parse("50200"), parse("1"))
        }],
        ..rules::snapshot(now())
    };
    let mut policy = rules::policy();
    policy.scenarios[0].spot = parse("-0.1");
    let table = |moves: bool| {
        let haircut =
            json!([{"asset": "X", "maintenance": "0.15", "initial": "0.15", "moves": moves}]);
        let mut policy = policy.clone();
        policy.haircuts = serde_json::from_value(haircut).expect("a haircut");
        PublicTable::new(&snapshot, &policy).expect("a legal market")
    };
    for (expiry, moving) in [
        (None, 5_012_345_678_901i64),
        (Some(later), 3_019_950_000_000),
    ] {
        let future = json!({"asset": "X", "expiry": expiry, "size": "-3", "entry": "1"});
        let [delta, gamma, vega] =
            sums(&portfolio(&table(true), "futures", future).expect("a market"));
        assert_eq!(delta, math::one() * (-3 * moving));
        assert_eq!([gamma, vega], [Real::ZERO; 2]);
    }
    let slot = AssetSlot {
        key: slot_key(asset(), None),
        amount: 2 * i128::from(UNITS),
    };
    for moves in [true, false] {
        let table = table(moves);
        let balance = json!({"asset": "X", "amount": "2"});
        let held = portfolio(&table, "collateral", balance).expect("a market");
        assert_eq!(sums(&held), [Real::ZERO; 3]);
        let trace = linear::asset(1, &table.assets[1], &slot, table.scenarios[1]);
        // 2 x 5,000,000,000,001 units of 1e-8 x 1e-8 USD, whatever the haircut; a tenth, to the nearest 2^-40.
        let full = BigInt::from(10_000_000_000_002i64) * UNITS;
        let tenth = BigInt::from(109_951_162_778i64);
        let loss: BigInt = (full * tenth) << (SCALE_BITS - MOVE_BITS);
        assert_eq!(trace.loss, if moves { loss } else { BigInt::ZERO });
        // 0.85 of it counts towards equity.
        let counted = BigInt::from(17 * 5_000_000_000_001i64) * UNITS / 10;
        assert_eq!(trace.value, counted * BigInt::from(10).pow(20));
    }
}
