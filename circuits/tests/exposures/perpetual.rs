//! Everlasting and perpetual American options. Scales: delta's is S; gamma's itself, at least S; vega's that of an option
//! that expires after the funding period, K sqrt T (everlasting), or the spot (call) or strike (put) over s R.

use num_traits::Signed;
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
fn stated(table: &PublicTable, portfolio: &Portfolio, [spot, strike]: [&str; 2]) -> [Real; 3] {
    let units = |text| i128::from(parse::<Price>(text).units());
    let (spot, strike) = (units(spot), units(strike));
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
    exposures::perpetual_stated(row, [spot, strike], &power)
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
    let bounds = stated(table, &portfolio, [spot, strike]);
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
    let [s, root, _, _] = roots(row);
    [("calls", 0, spot), ("puts", 4, strike)]
        .map(|(side, first, value)| {
            let mut position = json!({"asset": "X", "style": "american", "strike": strike});
            position[side] = json!("1");
            let greeks = [greeks[first], greeks[first + 1], greeks[first + 2]];
            let scale = math::div(&real(value), &math::mul(&s, &root));
            let mut case = case(&table, position, [spot, strike], greeks, &scale);
            if let (Ok(numbers), Some(gamma)) = (&mut case, gamma_at_jump(row, first == 0)) {
                // Two gammas, of either side; the references have 0. The table has the one on which the critical spot
                // falls at 192 bits.
                if numbers[1].found > Real::ZERO {
                    numbers[1].exact = gamma;
                }
            }
            case
        })
        .into()
}

/// s, R (at least 2^-20), y-, y+.
fn roots(row: &[&str]) -> [Real; 4] {
    let [r, q, s] = [row[2], row[3], row[4]].map(real);
    let square = math::mul(&s, &s);
    let a = (math::one() >> 1u32) - math::div(&(&r - q), &square);
    let inner = math::mul(&a, &a) + math::div(&(r * 2u32), &square);
    let root = math::sqrt(&inner.max(Real::ZERO));
    let ends = [&a - &root, &a + &root];
    let [minus, plus] = ends;
    [s, root.max(math::one() >> 20u32), minus, plus]
}

/// Dollar gamma of the continuation side where the spot is the critical one.
fn gamma_at_jump(row: &[&str], call: bool) -> Option<Real> {
    let [_, _, minus, plus] = roots(row);
    let y = if call { plus } else { minus };
    let [spot, strike] = [row[0], row[1]].map(real);
    let distance = &y - math::one();
    let tiny = math::one() >> 100u32;
    // S (y - 1) = K y.
    let off = math::mul(&spot, &distance) - math::mul(&strike, &y);
    let exercised = distance.abs() > tiny && y.abs() > tiny;
    (exercised && off.abs() < tiny * 1_000_000)
        .then(|| math::mul(&math::mul(&y, &distance), &(spot - strike).abs()) * UNITS)
}

fn odd(row: &[&str], vol: &str) -> bool {
    let [spot, strike, vol] = [row[0], row[1], vol].map(parse::<f64>);
    spot < 1.0 || vol < 0.05 || !(0.5..=2.0).contains(&(strike / spot))
}

#[test]
fn perpetual_exposures_are_within_the_stated_bound() {
    let file = include_str!("../goldens/everlasting_greeks.csv");
    println!("Of a USD and more, volatility from 0.05, strikes from half to twice the spot:");
    compare("everlasting", file, |row| {
        if odd(row, row[3]) {
            vec![Err("odd")]
        } else {
            everlasting(row)
        }
    });
    println!("All:");
    assert_eq!(compare("everlasting", file, everlasting), [4_800, 0]);
    let file = include_str!("../goldens/american_greeks.csv");
    println!("Of a USD and more, volatility from 0.05, strikes from half to twice the spot:");
    compare("perpetual American", file, |row| {
        if odd(row, row[4]) {
            vec![Err("odd")]
        } else {
            american(row)
        }
    });
    println!("All:");
    assert_eq!(compare("perpetual American", file, american), [5_600, 666]);
    let rows = file.lines().skip(1).map(|line| line.split(',').collect());
    let jumps = rows.flat_map(|row: Vec<&str>| [true, false].map(|call| gamma_at_jump(&row, call)));
    let jumps = jumps.flatten().count();
    println!("{jumps} sides at the jump of gamma");
    assert!(jumps < 40);
}
