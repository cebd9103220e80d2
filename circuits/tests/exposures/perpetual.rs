//! Everlasting and perpetual American options. Scales: delta's is S; gamma's itself, at least S; vega's that of an option
//! that expires after the funding period, K sqrt T (everlasting), or the spot (call) or strike (put) over s R.

use serde_json::json;
use zkmargin_circuits::{
    certified::exposures,
    engine::{
        Portfolio,
        exposure::{MANTISSA_CUT_BITS, POWER_BITS},
    },
    math::{self, Real},
    model::{Everlasting, PerpetualAmerican, Price, Snapshot},
    public::PublicTable,
};

use super::{Case, Number, UNITS, asset, compare, now, parse, portfolio, real, rules, sums, table};

/// What is stated of the position: from the table's answers at its strike and the circuit's exponential part.
fn stated(table: &PublicTable, portfolio: &Portfolio, strike: i128) -> [Real; 3] {
    let mut slots = portfolio.perpetual_options.iter();
    let slot = slots.find(|slot| slot.group > 0).expect("a position");
    let group = &table.perpetual_options[slot.group];
    let low = strike - slot.base.above_low;
    let mut rows = group.exposures.iter();
    let row = rows.find(|row| row.low == low).expect("answers");
    let power = if slot.base.nothing {
        Real::ZERO
    } else {
        let mantissa = Real::from(slot.base.mantissa >> MANTISSA_CUT_BITS);
        mantissa << (slot.base.shift() as u32 + math::BITS - POWER_BITS)
    };
    exposures::perpetual_stated(row, strike, &power)
}

/// A position's three numbers; `vega_scale` in USD.
fn case(
    table: &PublicTable,
    position: serde_json::Value,
    [spot, strike]: [&str; 2],
    greeks: [&str; 3],
    vega_scale: &Real,
) -> Case {
    let Some(portfolio) = portfolio(table, "perpetual_options", position) else {
        assert_eq!(greeks[0], "");
        return Err("no market");
    };
    let found = sums(&portfolio);
    let bounds = stated(table, &portfolio, parse::<Price>(strike).units().into());
    let spot = real(spot);
    let factors = [spot.clone(), math::mul(&spot, &spot), math::one()];
    let whole = &spot * UNITS;
    let scales = [
        whole.clone(),
        found[1].clone().max(whole),
        vega_scale * UNITS,
    ];
    Ok(std::array::from_fn(|i| {
        Number::new(&found[i], greeks[i], &factors[i], &bounds[i], &scales[i])
    }))
}

/// From `spot, strike, rate, vol, funding_days, call_delta, put_delta, gamma, vega, ...`.
fn everlasting(row: &[&str]) -> Vec<Case> {
    let [
        spot,
        strike,
        rate,
        vol,
        days,
        call_delta,
        put_delta,
        gamma,
        vega,
        ..,
    ] = row
    else {
        panic!("columns")
    };
    let markets = Snapshot {
        everlasting: vec![Everlasting {
            asset: asset(),
            funding_days: parse(days),
            vol: parse(vol),
        }],
        ..rules::snapshot(now())
    };
    let table = table(spot, rate, markets).expect("a legal market");
    let scale = math::mul(&real(strike), &math::sqrt(&(real(days) / 365u32)));
    [("calls", call_delta), ("puts", put_delta)]
        .map(|(side, delta)| {
            let mut position = json!({"asset": "X", "style": "everlasting", "strike": strike});
            position["funding_days"] = json!(days);
            position[side] = json!("1");
            case(
                &table,
                position,
                [spot, strike],
                [delta, gamma, vega],
                &scale,
            )
        })
        .into()
}

/// From `spot, strike, rate, dividend, vol, call_delta, call_gamma, call_vega, call_rho, put_delta, ...`.
fn american(row: &[&str]) -> Vec<Case> {
    let [spot, strike, rate, dividend, vol, greeks @ ..] = row else {
        panic!("columns")
    };
    let markets = Snapshot {
        american: vec![PerpetualAmerican {
            asset: asset(),
            vol: parse(vol),
            dividend: parse(dividend),
        }],
        ..rules::snapshot(now())
    };
    let table = table(spot, rate, markets).expect("a legal market");
    let [s, r, q] = [vol, rate, dividend].map(|text| real(text));
    let square = math::mul(&s, &s);
    let a = (math::one() >> 1u32) - math::div(&(&r - q), &square);
    let inner = math::mul(&a, &a) + math::div(&(r * 2u32), &square);
    let root = math::sqrt(&inner.max(Real::ZERO)).max(math::one() >> 20u32);
    [("calls", 0, spot), ("puts", 4, strike)]
        .map(|(side, first, value)| {
            let mut position = json!({"asset": "X", "style": "american", "strike": strike});
            position[side] = json!("1");
            let greeks = [greeks[first], greeks[first + 1], greeks[first + 2]];
            let scale = math::div(&real(value), &math::mul(&s, &root));
            case(&table, position, [spot, strike], greeks, &scale)
        })
        .into()
}

#[test]
fn perpetual_exposures_are_within_the_stated_bound() {
    let file = include_str!("../goldens/everlasting_greeks.csv");
    assert_eq!(compare("everlasting", file, everlasting), [4_800, 0]);
    let file = include_str!("../goldens/american_greeks.csv");
    assert_eq!(compare("perpetual American", file, american), [5_600, 666]);
}
