//! The error bounds that the circuit adds cover what is proved of its parts.

use serde_json::json;
use zkmargin_circuits::{
    certified::{self, EuropeanBound, Part, PerpetualBound, SwapBound, float},
    engine::option,
    math::{self, Real},
    model::{Discount, Expiry, Price, Rate, SmileNode, Snapshot, Time},
    public::{ForwardRow, PublicTable, SKEW_OFFSET_BITS, SKEW_SLOPE_BITS},
    tables,
};

#[path = "support/rules.rs"]
mod rules;

/// Prints the parts and holds what is stated above their sum.
fn covered(name: &str, parts: &[Part], stated: &Real) {
    for Part { step, bound } in parts {
        println!("{name}: {:.3e}  {step}", float(bound));
    }
    let sum = certified::total(parts);
    println!("{name}: sum {:.4e} of {:.4e}", float(&sum), float(stated));
    assert!(sum < *stated, "{name}");
}

#[test]
fn the_bound_of_european_options_covers_the_sum_of_its_parts() {
    let bound = certified::european();
    let [forward, strike] = EuropeanBound::stated();
    covered("per D F", &bound.forward, &forward);
    covered("per D K", &bound.strike, &strike);
    // For strikes up to 100 forwards: 1e-9 D F, which is 1e-9 F where D is at most 1.
    let most = forward + strike * 100u32;
    println!("{:.4e} D F at K = 100 F", float(&most));
    assert!(most <= math::one() / Real::from(1_000_000_000));
}

/// Under the widest skew that turns and under the steepest: what the policy's table adds covers the parts, and the parts of
/// the unmoved market's bound are not less than a skew's, its multiplier aside.
#[test]
fn the_bound_under_a_skew_covers_the_sum_of_its_parts() {
    for (cap, width) in [
        ("0.99", "0.001"),
        ("0.99", "10"),
        ("0.3", "0.2"),
        ("0", "0.001"),
    ] {
        let [cap_real, width_real] = [cap, width].map(|text| {
            let units = text.parse::<Rate>().expect("a rate").units();
            math::ratio(&units.into(), &100_000_000.into())
        });
        let tilt = math::div(&cap_real, &width_real);
        let half = math::one() >> (SKEW_SLOPE_BITS + 1);
        let of_ln = math::mul(&(&tilt + &half), &certified::ln_error());
        let error = of_ln + math::mul(&width_real, &half) + (math::one() >> (SKEW_OFFSET_BITS + 1));
        let bound = certified::skewed(&cap_real, &error);
        let inflation = inflation(cap, width);
        let name = format!("cap {cap}, width {width}");
        println!(
            "{name}: inflation {inflation}, multiplier off by {:.4e}",
            float(&error)
        );
        let stated = EuropeanBound::stated().map(|stated| stated * (1 + inflation));
        covered(&format!("{name}, per D F"), &bound.forward, &stated[0]);
        covered(&format!("{name}, per D K"), &bound.strike, &stated[1]);
        let plain = certified::european().totals();
        for (parts, plain) in [&bound.forward, &bound.strike].into_iter().zip(plain) {
            let (_, rest) = parts.split_last().expect("parts");
            assert!(certified::total(rest) <= plain);
        }
    }
}

/// What the table of a market a year from expiry says of a skew.
fn inflation(cap: &str, width: &str) -> i128 {
    let cap = json!({"cap": cap});
    let scenario = json!({"spot": "0", "vol": "absolute", "weight": "1"});
    let mut policy = rules::policy();
    policy.skew =
        serde_json::from_value(json!({"linear": cap, "absolute": cap, "min_width": width}))
            .expect("a skew");
    policy.scenarios = vec![serde_json::from_value(scenario).expect("a scenario")];
    let (now, later) = (1_700_000_000, 1_700_000_000 + 365 * 86_400);
    let [now, later] = [now, later].map(|unix| Time::from_unix(unix).expect("a time"));
    let asset = "X".parse().expect("a symbol");
    let smile = vec![SmileNode {
        strike: Price::ONE,
        vol: Rate::ONE,
    }];
    let snapshot = Snapshot {
        assets: vec![rules::asset(asset, Price::ONE, Rate::ZERO)],
        expiries: vec![Expiry {
            smile,
            ..rules::expiry(asset, later, Price::ONE, Discount::ONE)
        }],
        ..rules::snapshot(now)
    };
    let table = PublicTable::new(&snapshot, &policy).expect("a table");
    table.options[1].run.inflation
}

#[test]
fn the_bound_of_perpetual_options_covers_the_sum_of_its_parts() {
    let bound = certified::perpetual();
    let [relative, absolute] = PerpetualBound::stated();
    covered("per S + kappa K", &bound.relative, &relative);
    covered("units of 1e-8 USD", &bound.absolute, &absolute);
    // What `perpetual` assumes of the exponent's error.
    let error = math::mul(&certified::steepest(), &certified::ln_error());
    println!(
        "|d ln E / d ln K| below {:.4e}: an error of the exponent below {:.3e}",
        float(&certified::steepest()),
        float(&error)
    );
    assert!(error < math::one() >> 11u32);
}

#[test]
fn the_bound_of_swaps_covers_the_sum_of_its_parts() {
    covered(
        "USD per unit",
        &certified::swap().parts,
        &SwapBound::stated(),
    );
}

/// The proved bounds are above what is found at points, and not far above.
#[test]
fn table_bounds_are_tight() {
    let [normal, ln, exp] = [
        certified::normal_error(),
        certified::ln_error(),
        certified::exp_error(),
    ]
    .map(|error| float(&error));
    println!("N {normal:.3e}, ln {ln:.3e}, 2^x {exp:.3e}");
    assert!((2.1e-12..3.5e-12).contains(&normal), "{normal:e}");
    assert!((2.1e-11..2.5e-11).contains(&ln), "{ln:e}");
    assert!((4.4e-12..5.5e-12).contains(&exp), "{exp:e}");
    let mut found = 0f64;
    for (j, row) in tables::EXP.iter().enumerate() {
        for part in 0..=64i128 {
            let rest = (part << 34).min((1 << tables::EXP_REST_BITS) - 1);
            let x = (Real::from(j) << (math::BITS - 6)) + (Real::from(rest) << (math::BITS - 46));
            let exact = math::exp(&math::mul(&x, &math::LN_2));
            let value = Real::from(tables::exp_cubic(row, rest)) << (math::BITS - tables::EXP_BITS);
            found = found.max(float(&math::div(&(value - &exact), &exact)).abs());
        }
    }
    println!("2^x, found at points: {found:.3e}");
    assert!(found < exp && found > 0.85 * exp, "{found:e}");
}

/// d1 is less than one unit of 2^-17 from x/v + v/2, and more than half of one for some: `v >> 20` is cut before it
/// is rounded.
#[test]
fn d1_is_within_one_unit_of_its_grid() {
    let (mut state, mut worst) = (1u64, 0f64);
    let mut draw = |bits: u32| {
        // Numerical Recipes' generator; its high bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i128::from(state >> (64 - bits))
    };
    for _ in 0..100_000 {
        let width = 22 + draw(4).min(15) as u32;
        let v = draw(width) + (1 << width);
        let x = draw(54) - (1 << 53);
        let forward = ForwardRow {
            discounted_forward: 1,
            ln_forward: x,
            discount: 1,
        };
        let trace = option::market(&forward, 1, 0, v, 0, 0);
        if trace.saturated {
            continue;
        }
        let d1 = if trace.negative1 { -trace.d1 } else { trace.d1 };
        // 2 v d1 - (2 x + v^2), in units of 2^-74.
        let off = ((2 * v * d1 - 2 * x) << 20) - v * v;
        worst = worst
            .max(off as f64 / (v << 21) as f64)
            .max(-off as f64 / (v << 21) as f64);
    }
    assert!((0.9..1.0).contains(&worst), "{worst}");
}

/// The check would see a coefficient that is off.
#[test]
fn a_wrong_coefficient_is_seen() {
    for column in 0..4 {
        let mut row = tables::NORMAL[100];
        row[column] += row[column] >> 4;
        assert!(certified::normal_row_error(100, &row) > certified::normal_error() * 2u32);
        let mut row = tables::LN[100];
        row[column] += row[column] >> 4;
        assert!(certified::ln_row_error(100, &row) > certified::ln_error() * 2u32);
        let mut row = tables::EXP[10];
        row[column] += row[column] >> 4;
        assert!(certified::exp_row_error(10, &row) > certified::exp_error() * 2u32);
    }
}
