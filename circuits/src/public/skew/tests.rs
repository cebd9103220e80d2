//! Skews, static discounts, rises.

use serde_json::json;

use super::*;
use crate::{
    certified,
    engine::option,
    model::{Discount, Ramp, Rate},
    testing::{Market, policy, real, scaled},
};

const FORWARDS: [i64; 7] = [1, 2, 77, ONE, 6_000_000_000_000, 1 << 49, (1 << 50) - 1];
/// Widths as `min_width`.
const WIDTHS: [i64; 6] = [ONE / 1000, ONE / 100, ONE / 3, ONE, 4 * ONE, 10 * ONE];
const CAPS: [i64; 6] = [0, 1, 1000, ONE / 3, ONE * 9 / 10, ONE * 99 / 100];
const KINDS: [VolMove; 2] = [VolMove::Linear, VolMove::Absolute];

fn market(forward: i64) -> Market {
    Market {
        forward,
        fixed: 0,
        discount: Discount::ONE.units(),
        seconds: 365 * 86_400,
        smile: vec![(forward, ONE / 2)],
    }
}

/// A policy of one cap for both kinds.
fn skewed(cap: i64, width: i64) -> Policy {
    let cap = json!({"cap": Rate::from_units(cap)});
    policy(json!({"skew": {
        "linear": cap, "absolute": cap, "min_width": Rate::from_units(width)
    }}))
}

/// Every skew at the extremes: forward, cap, width, kind, intervals.
fn extremes() -> impl Iterator<Item = (i64, i64, i64, VolMove, Vec<SkewInterval>)> {
    let all = FORWARDS.into_iter().flat_map(|f| {
        let widths = WIDTHS.into_iter();
        widths.flat_map(move |w| CAPS.map(|c| KINDS.map(|kind| (f, c, w, kind))))
    });
    all.flatten().map(|(forward, cap, width, kind)| {
        let policy = skewed(cap, width);
        let list = intervals(&market(forward).expiry(), &policy, kind, &math::one());
        (forward, cap, width, kind, list.expect("a legal skew"))
    })
}

/// `1 + c k/w`, held within the cap; k = ln K/F.
fn multiplier(k: &Real, cap: i64, width: i64, kind: VolMove) -> Real {
    let (cap, width) = (real(cap), real(width));
    let k = if kind == VolMove::Absolute {
        k.abs()
    } else {
        k.clone()
    };
    let turned = math::mul(&k, &math::div(&cap, &width));
    math::one() + turned.clamp(-&cap, cap)
}

#[test]
fn intervals_cover_every_strike_once() {
    let mut most = 0;
    for (forward, cap, width, kind, list) in extremes() {
        let what = format!("{forward} {cap} {width} {kind:?}");
        assert_eq!(list[0].low, 0, "{what}");
        assert_eq!(list[list.len() - 1].high, 1 << SIZE_BITS, "{what}");
        assert!(list.iter().all(|i| i.low < i.high), "{what}");
        assert!(list.windows(2).all(|p| p[0].high == p[1].low), "{what}");
        most = most.max(list.len());
    }
    assert_eq!(most, 4);
}

/// The line differs from the stated multiplier by a line, so that its ends bound it; what is left is the circuit's ln K,
/// which [`certified::ln_error`] bounds for every strike.
#[test]
fn every_multiplier_is_within_the_error_that_inflation_counts() {
    let (mut ends, mut worst) = (0, 0f64);
    for (forward, cap, width, kind, list) in extremes() {
        let turn = Turn {
            cap: real(cap),
            width: real(width),
        };
        let ln_forward = math::ln(&(Real::from(forward) << math::BITS));
        for interval in list {
            let slope = scaled(&interval.slope.into(), SKEW_SLOPE_BITS);
            let of_ln = math::mul(&slope.abs(), &certified::ln_error());
            for strike in [interval.low.max(1), interval.high - 1] {
                // Around a forward of a unit, the first interval may hold no strike but 0.
                if strike < interval.low.max(1) || strike >= interval.high {
                    continue;
                }
                let ln = math::ln(&(Real::from(strike) << math::BITS));
                let line =
                    scaled(&interval.offset.into(), SKEW_OFFSET_BITS) + math::mul(&slope, &ln);
                let exact = multiplier(&(ln - &ln_forward), cap, width, kind);
                let error = (line - &exact).abs() + &of_ln;
                let stated = multiplier_error(&turn);
                let share = certified::float(&error) / certified::float(&stated);
                assert!(
                    error <= stated,
                    "{forward} {cap} {width} {kind:?} {strike}: {share}"
                );
                (ends, worst) = (ends + 1, worst.max(share));
                // The circuit's own integers.
                let found = interval.slope * option::ln_strike(strike).ln + interval.offset;
                let error = (scaled(&found.into(), SKEW_OFFSET_BITS) - exact).abs();
                assert!(error <= stated, "{forward} {cap} {width} {kind:?} {strike}");
            }
        }
    }
    println!("{ends} ends of intervals, error/stated at most {worst:.3}");
    assert!(worst > 0.9);
}

/// A cap of 0 multiplies by exactly 1.
#[test]
fn without_a_cap_nothing_turns() {
    for (_, cap, _, _, list) in extremes() {
        let flat = list
            .iter()
            .all(|i| (i.slope, i.offset) == (0, 1 << SKEW_OFFSET_BITS));
        assert_eq!(flat, cap == 0);
    }
}

#[test]
fn the_width_is_at_its_least_below_where_its_formula_is() {
    // A quarter of a year: sqrt(t) = 1/2, the formula 1/2 x 2 x (0.3 + 0.2/2) = 0.4.
    let rules = |least: &str| {
        policy(json!({"skew": {
            "min_width": least, "width_scale": "2", "vol_base": "0.3", "vol_slope": "0.2",
            "linear": {"cap": "0.1", "slope": "0.2"}
        }}))
    };
    let turn = |least: &str| {
        let policy = rules(least);
        let expiry = market(ONE).expiry();
        Turn::new(&expiry, &policy, &policy.skew.linear, &(math::one() >> 1)).expect("legal")
    };
    let near =
        |found: &Real, expected: i64| assert!((found - real(expected)).abs() < math::one() >> 180);
    near(&turn("0.001").width, ONE * 4 / 10);
    near(&turn("0.41").width, ONE * 41 / 100);
    near(&turn("0.39").width, ONE * 4 / 10);
    near(&turn("0.39").cap, ONE / 5);
    let mut policy = rules("0.02");
    policy.skew.vol_slope = Rate::from_units(-20 * ONE);
    let turn = Turn::new(
        &market(ONE).expiry(),
        &policy,
        &policy.skew.linear,
        &(math::one() >> 1),
    );
    near(&turn.expect("legal").width, ONE / 50);
}

#[test]
fn a_cap_outside_0_to_99_hundredths_is_refused() {
    let with = |cap: i64| {
        let expiry = market(ONE).expiry();
        let policy = skewed(cap, ONE);
        KINDS.map(|kind| intervals(&expiry, &policy, kind, &math::one()).err())
    };
    let expiry = market(ONE).expiry();
    let refused = Some(TableError::Skew {
        asset: expiry.asset,
        expiry: expiry.expiry,
    });
    assert_eq!(with(0), [None, None]);
    assert_eq!(with(ONE * 99 / 100), [None, None]);
    assert_eq!(with(-1), [refused.clone(), refused.clone()]);
    assert_eq!(with(ONE * 99 / 100 + 1), [refused.clone(), refused]);
}

/// What a skew adds covers the error of v, for every width and cap.
#[test]
fn inflation_covers_the_errors_of_the_multiplier() {
    let (mut least, mut greatest) = (f64::INFINITY, 0);
    for width in WIDTHS {
        for cap in CAPS {
            let turn = Turn {
                cap: real(cap),
                width: real(width),
            };
            let inflation = inflation(&turn);
            let sums = certified::skewed(&turn.cap, &multiplier_error(&turn)).totals();
            let stated = certified::EuropeanBound::stated();
            for (sum, stated) in sums.iter().zip(stated) {
                let room = certified::float(&(stated * (1 + inflation))) / certified::float(sum);
                assert!(room > 1.0, "{cap} {width}: {room}");
                least = least.min(room);
            }
            greatest = greatest.max(inflation);
        }
    }
    println!("inflation up to {greatest}, bound over error at least {least:.4}");
    assert!(greatest > 10_000);
}

fn run(edit: impl FnOnce(&mut Market), rules: serde_json::Value) -> RunRow {
    let mut market = market(ONE);
    edit(&mut market);
    let years = market.years();
    run_row(
        &market.expiry(),
        &policy(rules),
        &years,
        &math::sqrt(&years),
    )
    .expect("legal")
}

/// Static discounts in units of 2^-40, by the files' D.
fn discounts(discount: &str, rules: serde_json::Value) -> [i128; 2] {
    let units = discount.parse::<Discount>().expect("a discount").units();
    let row = run(|market| market.discount = units, json!({"discount": rules}));
    [row.long_discount, row.short_discount]
}

/// `numerator / denominator` to the nearest 2^-40.
fn units(numerator: i128, denominator: i128) -> i128 {
    ((numerator << 41) / denominator + 1) >> 1
}

#[test]
fn static_discounts_below_and_above_1() {
    let one = units(1, 1);
    let sides =
        |long: serde_json::Value, short: serde_json::Value| json!({"long": long, "short": short});
    // Without rules both count in full, whatever the expiry's own discount.
    for discount in ["0.125", "1", "2"] {
        assert_eq!(discounts(discount, json!({})), [one, one]);
    }
    // At the expiry's own rate: D and 1/D.
    let own = json!({"rate_multiplier": "1"});
    let both = sides(own.clone(), own.clone());
    assert_eq!(discounts("0.8", both.clone()), [units(8, 10), units(10, 8)]);
    assert_eq!(
        discounts("1.25", both.clone()),
        [units(10, 8), units(8, 10)]
    );
    assert_eq!(discounts("2", both), [2 * one, one / 2]);
    // A debt is never more than 1/D: at D above 1 less than in full.
    let dear = sides(json!({}), json!({"base": "2"}));
    for (discount, most) in [
        ("0.5", 2 * one),
        ("0.8", units(10, 8)),
        ("1.25", units(8, 10)),
        ("2", one / 2),
    ] {
        assert_eq!(discounts(discount, dear.clone()), [one, most], "{discount}");
    }
    // Derive's: a positive value is raised above a debt.
    let derive = sides(json!({"base": "1.02"}), json!({"base": "0.98"}));
    assert_eq!(discounts("1", derive), [units(102, 100), units(98, 100)]);
    // e^-1 = 0.367879441171442321595...
    let added = sides(
        json!({"rate_add": "1"}),
        json!({"base": "0.5", "rate_add": "1"}),
    );
    let e = 367_879_441_171_442_322;
    let tens = 10i128.pow(18);
    assert_eq!(
        discounts("0.5", added),
        [units(e, tens), units(tens, 2 * e)]
    );
}

#[test]
fn shares_and_least_volatilities() {
    let rules =
        json!({"basis": {"add": "0.25", "per_year": "0.5"}, "vol_shock": {"min_vol_up": "0.6"}});
    let row = run(|market| market.seconds /= 4, rules);
    // A quarter of a year: sqrt(t) = 1/2.
    assert_eq!(row.share, units(3, 8));
    assert_eq!(row.least_v, ((3 << 38) / 10 + 1) >> 1);
    assert_eq!(row.inflation, 0);
}

#[test]
fn a_rise_is_rounded_down_and_capped() {
    let ramp = |slope: i64, cap: i64| Ramp {
        slope: Rate::from_units(slope),
        cap: Rate::from_units(cap),
    };
    let half = ramp(ONE / 2, ONE);
    assert_eq!(rise(&half, ONE, ONE), 0);
    assert_eq!(rise(&half, ONE - 1, ONE), 0);
    assert_eq!(rise(&half, ONE + 1, ONE), 0);
    assert_eq!(rise(&half, ONE + 2, ONE), 1);
    assert_eq!(rise(&half, 3 * ONE - 1, ONE), ONE - 1);
    assert_eq!(rise(&half, 3 * ONE, ONE), ONE);
    assert_eq!(rise(&half, 100 * ONE, ONE), ONE);
    // The steepest of the files, beyond 64 bits before it is divided.
    assert_eq!(rise(&ramp(100 * ONE, 10 * ONE), 100 * ONE, 0), 10 * ONE);
    assert_eq!(rise(&ramp(100 * ONE, 0), 100 * ONE, 0), 0);
    assert_eq!(rise(&ramp(0, ONE), 100 * ONE, 0), 0);
}
