//! Exposures of perpetual options at the extremes against differences of the formulas' prices, in 192 bits.

use num_traits::Signed;
use rayon::prelude::*;
use zkmargin_circuits::{
    certified::{exposures, float},
    engine::{
        exposure::{self, DELTA_BITS, GAMMA_BITS, MANTISSA_CUT_BITS, POWER_BITS, VEGA_BITS},
        option, perpetual,
    },
    math::{self, Real},
    model::{Rate, Rates},
    public::{PerpetualGroup, PerpetualSide},
};

use super::{
    market::{Market, Point, cases, extreme_markets, groups},
    rules,
};

/// 1e-8.
const UNITS: i64 = 100_000_000;

/// Relative step of a difference: 2^-50. An exponent is below 2^24, so that what the differences leave out is 2^-52 of them.
const STEP_BITS: u32 = 50;

/// Dollar delta, dollar gamma and vega by differences, units of 1e-8 USD; `None` without a formula, or where a step
/// crosses the critical spot, at which gamma jumps.
fn differences(point: &Point, side: PerpetualSide, call: bool, strike: i128) -> Option<[Real; 3]> {
    let moved = |spot: i32, vol: i32| {
        let by = |x: &Real, steps: i32| x + ((x * steps) >> STEP_BITS);
        let point = Point {
            spot: by(&point.spot, spot),
            vol: by(&point.vol, vol),
            ..point.clone()
        };
        point.price(side, call, strike)
    };
    let (up, at, down) = (moved(1, 0)?, moved(0, 0)?, moved(-1, 0)?);
    let delta: Real = (&up - &down) << (STEP_BITS - 1);
    let gamma: Real = (&up + &down - at * 2u32) << (2 * STEP_BITS);
    let (more, less) = (moved(0, 1)?, moved(0, -1)?);
    let vega: Real = (&more - &less) << (STEP_BITS - 1);
    let payoff = |value: &Real, steps: i32| {
        let spot = &point.spot + ((&point.spot * steps) >> STEP_BITS);
        *value == (spot - (Real::from(strike) << math::BITS)).abs()
    };
    let smooth = payoff(&up, 1) == payoff(&down, -1) && payoff(&more, 0) == payoff(&less, 0);
    smooth.then(|| [delta, gamma, math::div(&vega, &point.vol)])
}

/// Errors of the exposures, and what is stated of them; units of 1e-8 USD.
fn errors(
    market: &Market,
    group: &PerpetualGroup,
    strike: i128,
    call: bool,
) -> Option<[(Real, Real); 3]> {
    let (_, side) = group.id?;
    let exact = differences(&market.point(), side, call, strike)?;
    let interval = group.interval(0, strike)?;
    let row = group.exposures.iter().find(|row| row.low == interval.low)?;
    let sizes = if call { [1, 0] } else { [0, 1] };
    let ln = option::ln_strike(strike).ln;
    let spot = group.scenarios[0].spot;
    let trace = perpetual::market(interval, spot, group.discount, strike, ln, sizes);
    let power = if trace.nothing {
        Real::ZERO
    } else {
        let mantissa = Real::from(trace.mantissa >> MANTISSA_CUT_BITS);
        mantissa << (trace.shift() as u32 + math::BITS - POWER_BITS)
    };
    let bounds = exposures::perpetual_stated(row, [market.spot.into(), strike], &power);
    // One unit of 1e-8 of a contract.
    let found = exposure::perpetual(&trace, ln, group, strike, sizes);
    let bits = [DELTA_BITS, GAMMA_BITS, VEGA_BITS];
    Some(std::array::from_fn(|i| {
        let found: Real = &found.values[i] << (math::BITS - bits[i]);
        // What rounding at 192 bits leaves of a difference.
        let bound = &bounds[i] + (&power >> 40u32) + (math::one() >> 40u32);
        ((found - &exact[i]).abs(), bound)
    }))
}

/// Errors as shares of what is stated.
fn shares(market: &Market, group: &PerpetualGroup, strike: i128, call: bool) -> Option<[f64; 3]> {
    let errors = errors(market, group, strike, call)?;
    let shares = errors.map(|(error, bound)| float(&math::div(&error, &bound)));
    let most = shares.iter().copied().fold(0.0, f64::max);
    assert!(most <= 1.0, "{market:?} {strike} {call}: {shares:?}");
    Some(shares)
}

/// What is taken off the charges on an option's delta, gamma and vega is at least what these are off by.
#[test]
fn charges_at_the_extremes_are_within_what_is_taken_off() {
    let spots = [1, 12_345_678, (1 << 50) - 1];
    let vols = [1_000_000, 10_000_000, 60_000_000, 2_000_000_000];
    let rates = [-50_000_000, -1, 0, 1, 3_000_000, 500_000_000];
    let mut lines = Vec::new();
    for charged in 0..4 {
        // One by one, then all three.
        let rate = |i: usize| {
            let whole = i == charged || charged == 3;
            if whole { Rate::ONE } else { Rate::ZERO }
        };
        let twice = |i: usize| Rates {
            maintenance: rate(i),
            initial: rate(i),
        };
        let mut policy = rules::policy();
        policy.delta.net = rate(0);
        (policy.contingencies.gamma, policy.contingencies.vega) = (twice(1), twice(2));
        let groups = groups(&policy, &spots, &vols, &rates);
        let shares = groups.par_iter().flat_map_iter(|(market, group)| {
            let taken = -Real::from(group.charges.held) << math::BITS;
            let taken: Real = taken / UNITS;
            let cases = cases(market, group).into_iter();
            cases.filter_map(move |(strike, call)| {
                let errors = errors(market, group, strike, call)?;
                let counted = errors.iter().enumerate();
                let counted = counted.filter(|(i, _)| rate(*i) == Rate::ONE);
                let error: Real = counted.map(|(_, (error, _))| error).sum();
                // What rounding at 192 bits leaves of a difference, beside a part of what is taken off.
                let noise = (&taken >> 20u32) + (math::one() >> 20u32);
                assert!(
                    error <= &taken + noise,
                    "{market:?} {strike} {call} {charged}"
                );
                Some(float(&math::div(&error, &taken)))
            })
        });
        let shares: Vec<f64> = shares.collect();
        let most = shares.iter().copied().fold(0.0, f64::max);
        lines.push((shares.len(), most));
    }
    println!(
        "charges on delta, gamma, vega, all: positions, most of what is taken off {lines:.3?}"
    );
    assert!(
        lines
            .iter()
            .all(|(count, most)| *count > 5_000 && *most > 0.1)
    );
}

#[test]
fn exposures_at_the_extremes_are_within_the_stated_bound() {
    let groups = extreme_markets();
    let shares: Vec<[f64; 3]> = groups
        .par_iter()
        .flat_map_iter(|(market, group)| {
            let cases = cases(market, group).into_iter();
            cases.filter_map(move |(strike, call)| shares(market, group, strike, call))
        })
        .collect();
    let worst = shares.iter().fold([0f64; 3], |worst, share| {
        std::array::from_fn(|i| worst[i].max(share[i]))
    });
    println!("{} positions, max error/bound {worst:.3?}", shares.len());
    assert!(shares.len() > 10_000);
}
