//! European options. Scales: D F, D F phi(0)/v, D F phi(0) sqrt t.

use serde_json::json;
use zkmargin_circuits::{
    certified::exposures,
    math::{self, Real},
    model::{Expiry, Price, Rate, SECONDS_PER_YEAR, SmileNode, Snapshot, Time},
};

use super::{Case, Number, UNITS, asset, compare, now, parse, portfolio, real, rules, sums, table};

/// At expiry delta jumps at F = K, which the logarithm sees to this.
const JUMP: f64 = 1e-10;

/// From `forward, strike, vol, seconds, discount, call_delta, put_delta, gamma, vega, ...`.
fn cases(row: &[&str], ordinary: bool) -> Vec<Case> {
    let [
        forward,
        strike,
        vol,
        seconds,
        discount,
        call_delta,
        put_delta,
        gamma,
        vega,
        ..,
    ] = row
    else {
        panic!("columns")
    };
    let seconds: i64 = parse(seconds);
    let expiry = Time::from_unix(now().unix() + seconds).expect("expiry");
    let markets = Snapshot {
        expiries: vec![Expiry {
            asset: asset(),
            expiry,
            forward: parse(forward),
            forward_fixed: Price::ZERO,
            confidence: Rate::ONE,
            discount: parse(discount),
            smile: vec![SmileNode {
                strike: parse(strike),
                vol: parse(vol),
            }],
        }],
        ..rules::snapshot(now())
    };
    let table = match table(forward, "0", markets) {
        Ok(table) => table,
        Err(error) => {
            assert!(error.contains("reaches 8"), "{error}");
            return vec![Err("v reaches 8"); 2];
        }
    };
    let years = math::ratio(&seconds.into(), &SECONDS_PER_YEAR.into());
    let root_time = math::sqrt(&years);
    let v = math::mul(&real(vol), &root_time);
    let odd = seconds < 3_600 || parse::<f64>(forward) < 1.0;
    if ordinary && (odd || v < math::one() / 1_000) {
        return vec![Err("odd"); 2];
    }
    let moneyness = parse::<f64>(forward) / parse::<f64>(strike) - 1.0;
    if seconds == 0 && moneyness.abs() < JUMP {
        return vec![Err("at the jump"); 2];
    }
    let price = real(forward);
    let paid = math::mul(&price, &real(discount)) * UNITS;
    let bounds = exposures::european_stated(&paid, &v, &root_time);
    let top = math::mul(&paid, &math::INV_SQRT_2PI);
    let gamma_scale = if v > Real::ZERO {
        math::div(&top, &v)
    } else {
        Real::ZERO
    };
    let vega_scale = math::mul(&top, &root_time);
    let square = math::mul(&price, &price);
    [("calls", call_delta), ("puts", put_delta)]
        .map(|(side, delta)| {
            let mut position = json!({"asset": "X", "expiry": expiry, "strike": strike});
            position["calls"] = json!("0");
            position["puts"] = json!("0");
            position[side] = json!("1");
            let [d, g, w] = sums(&portfolio(&table, "options", position).expect("a market"));
            Ok([
                Number::new(&d, delta, &price, &bounds[0], &paid),
                Number::new(&g, gamma, &square, &bounds[1], &gamma_scale),
                Number::new(&w, vega, &math::one(), &bounds[2], &vega_scale),
            ])
        })
        .into()
}

#[test]
fn european_exposures_are_within_the_stated_bound() {
    let file = include_str!("../goldens/black76_greeks.csv");
    println!("Of an hour and more, a USD and more, v from 0.001:");
    compare("European", file, |row| cases(row, true));
    println!("All:");
    let counts = compare("European", file, |row| cases(row, false));
    // 65 rows whose v reaches 8, 2 at the jump.
    assert_eq!(counts, [4_800, 134]);
}
