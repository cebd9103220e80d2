//! The engine against independent high-precision references (`scripts/goldens`).

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use zkmargin_circuits::{
    engine::{Greeks, option},
    tables,
};

#[path = "support/accuracy/mod.rs"]
mod accuracy;

use accuracy::{european::European, perpetual::Perpetual};

/// A decimal string as an integer of `10^-places`, further digits cut.
fn digits(text: &str, places: usize) -> BigInt {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let padded = format!("{fraction:0<places$}");
    format!("{whole}{}", &padded[..places])
        .parse()
        .expect("decimal")
}

fn lines(file: &str) -> impl Iterator<Item = Vec<&str>> {
    file.lines().skip(1).map(|line| line.split(',').collect())
}

/// Every price is within the bound that the engine states for it. Cases, prices and prices refused of each instrument.
#[test]
fn every_price_is_within_the_stated_bound() {
    let mut counts = Vec::new();
    for instrument in accuracy::all() {
        println!("{}", instrument.line());
        let outside = instrument.points.iter().filter(|p| !p.within);
        let outside: Vec<_> = outside
            .map(|p| (&p.case, p.error, p.bound))
            .take(3)
            .collect();
        assert!(outside.is_empty(), "{}: {outside:?}", instrument.name);
        counts.push((
            instrument.cases,
            instrument.points.len(),
            instrument.refusals(),
        ));
    }
    let expected = [
        (12_964, 25_308, 620),
        (10_000, 20_000, 0),
        (12_000, 21_590, 2_410),
        (10_000, 8_257, 1_743),
        (10_000, 10_000, 0),
        (10_000, 10_000, 0),
    ];
    assert_eq!(counts, expected);
}

/// Worked examples of `docs/instruments.md`.
#[test]
fn worked_examples_of_perpetual_options() {
    let near = |found: f64, expected: f64| {
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} {expected}");
    };
    for (spot, call, expected) in [
        ("40000", true, 223.3667),
        ("50000", true, 2445.1621),
        ("50000", false, 2445.1621),
        ("60000", false, 415.2673),
    ] {
        let market = Perpetual::everlasting(&[spot, "50000", "0", "1", "7"]);
        near(market.value(call), expected);
    }
    let american = Perpetual::american(&["50", "55", "0.03", "0.1", "0.4"]);
    near(american.value(true), 10.870509);
    near(american.value(false), 33.665091);
}

#[test]
fn normal_distribution_is_within_3e_12() {
    let mut worst = 0f64;
    for row in lines(include_str!("goldens/normal.csv")) {
        let d: i128 = row[0].parse().expect("integer");
        if d.abs() >= option::D2_END >> 1 {
            continue;
        }
        // The file counts in 2^-36.
        let n = tables::normal(d.abs() << 1);
        let n = if d < 0 { (1 << 88) - n } else { n };
        let exact: BigInt = (digits(row[1], 40) << 88) / BigInt::from(10).pow(40);
        let error: BigInt = BigInt::from(n) - exact;
        worst = worst.max(error.abs().to_f64().expect("float") / 2f64.powi(88));
    }
    println!("worst error {worst:.3e}");
    assert!(worst < 3e-12, "{worst:e}");
}

#[test]
fn logarithm_is_within_25e_12() {
    let mut worst = 0f64;
    for row in lines(include_str!("goldens/ln.csv")) {
        let n: i128 = row[0].parse().expect("integer");
        if n >= 1 << tables::STRIKE_BITS {
            continue;
        }
        let exact: BigInt = (digits(row[1], 40) << 54) / BigInt::from(10).pow(40);
        let error: BigInt = BigInt::from(option::ln_strike(n).ln) - exact;
        worst = worst.max(error.abs().to_f64().expect("float") / 2f64.powi(54));
    }
    println!("worst error {worst:.3e}");
    assert!(worst < 2.5e-11, "{worst:e}");
}

/// Every sensitivity is near the reference, in units of what it can be at most at that forward, discount and time.
#[test]
fn european_greeks_match_2_400_references() {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let (mut count, mut refused, mut at_the_jump, mut worst) = (0, 0, 0, [0f64; 5]);
    for row in lines(include_str!("goldens/black76_greeks.csv")) {
        let [forward, strike, vol, _, discount, ref greeks @ ..] = row[..] else {
            panic!("columns")
        };
        let [call_delta, put_delta, gamma, vega, theta, call_rho, put_rho] = greeks else {
            panic!("columns")
        };
        count += 1;
        let Ok(engine) = European::new(&row) else {
            refused += 1;
            continue;
        };
        // At expiry delta jumps at F = K, which the logarithm sees to 2.5e-11.
        let moneyness = number(forward) / number(strike) - 1.0;
        if engine.seconds == 0 && moneyness.abs() < 1e-10 {
            at_the_jump += 1;
            continue;
        }
        let years = engine.seconds as f64 / 31_536_000.0;
        let v = number(vol) * years.sqrt();
        let paid = number(discount) * number(forward).max(number(strike));
        let discounted = number(discount) * number(forward);
        for (is_call, delta, rho) in [(true, call_delta, call_rho), (false, put_delta, put_rho)] {
            let (calls, puts) = if is_call { (1.0, 0.0) } else { (0.0, 1.0) };
            let found = Greeks::european(&engine.trace(is_call), engine.seconds, calls, puts);
            // The report's units: a vol point, a day, a percentage point.
            let pairs = [
                (found.delta, number(delta), number(discount)),
                (
                    found.gamma,
                    number(gamma),
                    0.4 * number(discount) / number(forward) / v,
                ),
                (
                    found.vega * 100.0,
                    number(vega),
                    0.4 * discounted * years.sqrt(),
                ),
                (
                    found.theta * 365.0,
                    number(theta),
                    0.2 * discounted * v / years,
                ),
                (found.rho * 100.0, number(rho), paid * years),
            ];
            for ((found, expected, scale), worst) in pairs.into_iter().zip(&mut worst) {
                let scale = if scale.is_finite() && scale > 0.0 {
                    scale
                } else {
                    1.0
                };
                *worst = worst.max((found - expected).abs() / scale);
                assert!(
                    (found - expected).abs() <= 1e-5 * scale,
                    "{row:?}: {found}, expected {expected}"
                );
            }
        }
    }
    println!(
        "{count} cases, {refused} refused, {at_the_jump} at the jump; delta, gamma, vega, theta, rho: {worst:?} of the scale"
    );
    assert_eq!((count, refused, at_the_jump), (2_400, 65, 2));
}
