//! European options. Scales: D F, D F phi(0)/v, D F phi(0) sqrt t.

use serde_json::json;
use zkmargin_circuits::{
    certified::exposures,
    math::{self, Real},
    model::{Expiry, Price, SECONDS_PER_YEAR, SmileNode, Snapshot, Time},
};

use super::{Case, Number, UNITS, asset, compare, now, parse, portfolio, real, rules, sums, table};

/// At expiry delta jumps at F = K, which the logarithm sees to this.
const JUMP: f64 = 1e-10;

/// From `forward, strike, vol, seconds, discount, call_delta, put_delta, gamma, vega, ...`.
/// One part in `fixed` of the forward does not move; 0: all of it does.
fn cases(row: &[&str], ordinary: bool, fixed: i64) -> Vec<Case> {
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
    let whole: Price = parse(forward);
    let fixed = whole.units().checked_div(fixed).unwrap_or(0);
    if fixed == whole.units() {
        return vec![Err("nothing moves"); 2];
    }
    let expiry = Time::from_unix(now().unix() + seconds).expect("expiry");
    let markets = Snapshot {
        expiries: vec![Expiry {
            smile: vec![SmileNode {
                strike: parse(strike),
                vol: parse(vol),
            }],
            forward_fixed: Price::from_units(fixed),
            ..rules::expiry(asset(), expiry, whole, parse(discount))
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
    let moving = math::one() - math::ratio(&fixed.into(), &whole.units().into());
    let bounds = exposures::european_stated(&paid, &moving, &v, &root_time);
    let top = math::mul(&paid, &math::INV_SQRT_2PI);
    let gamma_scale = if v > Real::ZERO {
        math::div(&top, &v)
    } else {
        Real::ZERO
    };
    let vega_scale = math::mul(&top, &root_time);
    let moved = math::mul(&price, &moving);
    let square = math::mul(&moved, &moved);
    [("calls", call_delta), ("puts", put_delta)]
        .map(|(side, delta)| {
            let mut position = json!({"asset": "X", "expiry": expiry, "strike": strike});
            position["calls"] = json!("0");
            position["puts"] = json!("0");
            position[side] = json!("1");
            let [d, g, w] = sums(&portfolio(&table, "options", position).expect("a market"));
            Ok([
                Number::new(&d, delta, &moved, &bounds[0], &paid),
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
    compare("European", file, |row| cases(row, true, 0));
    println!("All:");
    let counts = compare("European", file, |row| cases(row, false, 0));
    // 65 rows whose v reaches 8, 2 at the jump.
    assert_eq!(counts, [4_800, 134]);
    for part in [3, 2] {
        println!("Of each forward, 1/{part} fixed:");
        let counts = compare("European", file, |row| cases(row, false, part));
        assert_eq!(counts, [4_800, 134]);
    }
}
