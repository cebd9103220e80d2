//! The options' part of the public table: moved forwards, volatility multipliers, smiles.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{
    ForwardRow, OptionCharges, OptionExposureRow, OptionGroup, OptionScenario, RunRow,
    ScenarioClass, SkewInterval, SmileInterval, Underlyings,
    build::{TableError, decimal, nearest},
    charges::{european_error, option_charges},
    exposure,
    moves::{Move, Moves},
    skew, slot_key,
};
pub use super::{
    moves::MOVE_BITS,
    skew::{SKEW_OFFSET_BITS, SKEW_SLOPE_BITS},
};
use crate::{
    math::{self, Real},
    model::{
        Discount, Expiry, ONE, Policy, Price, SECONDS_PER_YEAR, SIZE_BITS, SmileNode, Snapshot,
        VolMove,
    },
    tables::{LN_BITS, V_BITS},
};

/// Fraction bits of discount factors.
pub const DISCOUNT_BITS: u32 = 44;
/// Fraction bits of volatility multipliers.
pub(super) const MULTIPLIER_BITS: u32 = 40;
/// The tenor at which a vol shock has its nominal size, seconds.
const MONTH: u64 = 30 * 86_400;
/// `v = sigma sqrt(t)` stays below 8.
const V_MAX: i128 = 8 << V_BITS;

/// An expiry's forward under a move; `ln_forward` is the unmoved forward's logarithm. `None` below 1e-8 USD.
fn forward_row(expiry: &Expiry, ln_forward: &Real, market: &Move) -> Option<ForwardRow> {
    let discount = expiry.discount;
    let (whole, fixed) = (expiry.forward.units(), expiry.forward_fixed.units());
    // Units 1e-8 USD x 2^-40: exact for every move.
    let moved = i128::from(whole - fixed) * market.ratio() + (i128::from(fixed) << MOVE_BITS);
    let ln = if fixed == 0 {
        ln_forward + &market.ln_spot
    } else {
        math::ln(&math::ratio(&moved.into(), &(1u64 << MOVE_BITS).into()))
    };
    // Half a unit of the rounded D F is then at most half a unit of 2^-44 of F.
    (moved >= 1 << MOVE_BITS).then_some(())?;
    let scaled = (BigInt::from(moved) * discount.units()) << (DISCOUNT_BITS - MOVE_BITS);
    let one = BigInt::from(Discount::ONE.units());
    Some(ForwardRow {
        discounted_forward: nearest(&scaled, &one),
        ln_forward: math::round(&ln, LN_BITS).to_i128()?,
        discount: nearest(&(BigInt::from(discount.units()) << DISCOUNT_BITS), &one),
    })
}

/// Discount factor times a price in units of 1e-8 USD.
fn discounted(expiry: &Expiry, price: &Real) -> Real {
    price * expiry.discount.units() / Discount::ONE.units()
}

/// What exposures are in proportion to; `root` is the square root of the time in years.
fn exposure_row(expiry: &Expiry, root: &Real) -> OptionExposureRow {
    let whole = math::ratio(&expiry.forward.units().into(), &1.into());
    let moving = &whole - math::ratio(&expiry.forward_fixed.units().into(), &1.into());
    let share = math::div(&moving, &whole);
    let rounded = |x: &Real| exposure::rounded(&discounted(expiry, x)).unwrap_or(i128::MAX);
    let vega = discounted(expiry, &math::mul(&whole, root));
    OptionExposureRow {
        delta: rounded(&moving),
        gamma: rounded(&math::mul(&moving, &share)),
        vega: math::round(
            &vega,
            exposure::PRICE_FRACTION_BITS + exposure::ROOT_TIME_BITS,
        )
        .to_i128()
        .unwrap_or(i128::MAX),
    }
}

/// Multipliers of an expiry's volatility, up and down; units 2^-40.
pub(super) fn vol_multipliers(seconds: u64, policy: &Policy) -> [i128; 2] {
    let shock = &policy.vol_shock;
    let power = if seconds <= MONTH {
        shock.short_power
    } else {
        shock.long_power
    };
    let tenor = seconds.max(shock.floor_seconds);
    let ratio = math::ratio(&MONTH.into(), &tenor.into());
    let term = math::pow(&ratio, &decimal(power.units()));
    let up = math::one() + math::mul(&decimal(shock.up.units()), &term);
    let down = (math::one() - math::mul(&decimal(shock.down.units()), &term)).max(Real::ZERO);
    [up, down].map(|m| {
        math::round(&m, MULTIPLIER_BITS)
            .to_i128()
            .unwrap_or(i128::MAX)
    })
}

/// One of `vol_multipliers`' two, or one; units 2^-40. `None` above 4.
pub(super) fn multiplier(vol: VolMove, [up, down]: [i128; 2]) -> Option<i128> {
    let units = match vol {
        // Skews turn the smiles of expiries; one volatility for all strikes stays.
        VolMove::Same | VolMove::Linear | VolMove::Absolute => 1 << MULTIPLIER_BITS,
        VolMove::Up => up,
        VolMove::Down => down,
    };
    (units <= 4 << MULTIPLIER_BITS).then_some(units)
}

/// A vol (units 1e-8) under a move; `None` if that multiplies it by more than 4.
pub(super) fn moved_vol(vol: i64, market: &Move, multipliers: [i128; 2]) -> Option<Real> {
    let units = multiplier(market.vol, multipliers)?;
    Some((decimal(vol) * units) >> MULTIPLIER_BITS)
}

/// `vol^2 t` as an exact fraction: numerator over `1e16 x 365 days`.
fn variance(node: &SmileNode, seconds: u64) -> BigInt {
    BigInt::from(node.vol.units()).pow(2) * seconds
}

fn variance_scale() -> BigInt {
    BigInt::from(ONE).pow(2) * SECONDS_PER_YEAR
}

/// Flat to the left of the first node and to the right of the last, linear between.
fn smile(expiry: &Expiry, seconds: u64) -> Result<Vec<SmileInterval>, TableError> {
    let at = |node: &SmileNode| nearest(&(variance(node, seconds) << 74), &variance_scale());
    let (Some(first), Some(last)) = (expiry.smile.first(), expiry.smile.last()) else {
        return Ok(Vec::new());
    };
    let strike = |node: &SmileNode| i128::from(node.strike.units());
    let mut intervals = vec![SmileInterval {
        low: 0,
        high: strike(first),
        variance: at(first),
        slope: 0,
    }];
    for pair in expiry.smile.windows(2) {
        let [a, b] = pair else { continue };
        let width = strike(b) - strike(a);
        let change: BigInt = variance(b, seconds) - variance(a, seconds);
        let slope = nearest(&(change << 84), &(variance_scale() * width));
        // The slope's rounding moves v by at most width 2^-85 / 2v; keep that below 2^-37.
        let least = at(a).min(at(b)).unsigned_abs().isqrt();
        if slope != 0 && width.unsigned_abs() > least << 12 {
            return Err(TableError::NodeGap {
                asset: expiry.asset,
                expiry: expiry.expiry,
                low: a.strike,
                high: b.strike,
            });
        }
        intervals.push(SmileInterval {
            low: strike(a),
            high: strike(b),
            variance: at(a),
            slope,
        });
    }
    intervals.push(SmileInterval {
        low: strike(last),
        high: 1 << SIZE_BITS,
        variance: at(last),
        slope: 0,
    });
    Ok(intervals)
}

pub(super) fn option_group(
    expiry: &Expiry,
    snapshot: &Snapshot,
    policy: &Policy,
    moves: &Moves,
    underlyings: &Underlyings,
) -> Result<OptionGroup, TableError> {
    // `validate` has checked the order of times and that the spot exists.
    let seconds = (expiry.expiry.unix() - snapshot.time.unix()).unsigned_abs();
    let spot = snapshot
        .assets
        .iter()
        .find(|a| a.asset == expiry.asset)
        .map_or(Price::ZERO, |a| a.spot);
    let smile = smile(expiry, seconds)?;
    let greatest = smile
        .iter()
        .map(|i| i.variance)
        .max()
        .unwrap_or(0)
        .unsigned_abs()
        .isqrt()
        + 1;
    let ln_forward = math::ln(&math::ratio(&expiry.forward.units().into(), &1.into()));
    let years = math::ratio(&seconds.into(), &SECONDS_PER_YEAR.into());
    let root = math::sqrt(&years);
    let run = skew::run_row(expiry, policy, &years, &root)?;
    let multipliers = vol_multipliers(seconds, policy);
    let mut scenarios = Vec::with_capacity(moves.list.len() + moves.basis.len());
    for (number, market) in moves.list.iter().chain(&moves.basis).enumerate() {
        let floored = market.row.class == ScenarioClass::Floored;
        let intervals = if market.vol.is_skew() {
            skew::intervals(expiry, policy, market.vol, &root)?
        } else {
            let units = multiplier(market.vol, multipliers);
            skew::flat(units.ok_or_else(|| TableError::VolMultiplier {
                market: format!("{} {}", expiry.asset, expiry.expiry),
                scenario: number,
            })?)
        };
        let most = most_v(greatest, &intervals).max(if floored { run.least_v } else { 0 });
        if most >= V_MAX {
            return Err(TableError::Volatility {
                asset: expiry.asset,
                expiry: expiry.expiry,
                scenario: number,
            });
        }
        let forward = forward_row(expiry, &ln_forward, market);
        scenarios.push(OptionScenario {
            forward: forward.ok_or(TableError::Forward {
                asset: expiry.asset,
                expiry: expiry.expiry,
                scenario: number,
            })?,
            intervals,
        });
    }
    let least = smile.iter().map(|i| i.variance).min().unwrap_or(0);
    let least_v = math::sqrt(&math::ratio(&least.into(), &(BigInt::from(1) << 74)));
    let forward = discounted(
        expiry,
        &math::ratio(&expiry.forward.units().into(), &1.into()),
    );
    let error = european_error(expiry, policy, &forward, &root, &least_v)?;
    let base = scenarios.first().map(|s| s.forward.clone());
    Ok(OptionGroup {
        id: Some((expiry.asset, expiry.expiry)),
        key: slot_key(expiry.asset, Some(expiry.expiry)),
        base: base.unwrap_or_default(),
        underlying: underlyings.number(expiry.asset),
        exposure: exposure_row(expiry, &root),
        charges: option_charges(policy, spot, &error),
        run,
        seconds,
        smile,
        scenarios,
    })
}

/// The greatest moved `v` of a smile whose greatest is `greatest`; units 2^-37.
fn most_v(greatest: u128, intervals: &[SkewInterval]) -> i128 {
    let multipliers = intervals.iter().map(|i| {
        // The greater end: K = 1 unit and K = 2^50 bound what is linear. An interval may hold no strike but 0.
        let ends = [i.low, i.high - 1].map(|strike| {
            let ln = math::ln(&math::ratio(&strike.max(1).into(), &1.into()));
            let turned = (ln * i.slope) >> (math::BITS + SKEW_SLOPE_BITS - SKEW_OFFSET_BITS);
            turned + i.offset
        });
        let [a, b] = ends;
        a.max(b)
    });
    let multiplier = multipliers.max().unwrap_or_default();
    let most: BigInt = (BigInt::from(greatest) * multiplier) >> SKEW_OFFSET_BITS;
    most.to_i128().map_or(i128::MAX, |most| most + 1)
}

/// The group of padding, worth nothing under every scenario.
pub(super) fn null_options() -> OptionGroup {
    let scenario = OptionScenario {
        forward: ForwardRow::default(),
        intervals: skew::flat(0),
    };
    OptionGroup {
        id: None,
        key: 0,
        base: ForwardRow::default(),
        underlying: 0,
        exposure: OptionExposureRow::default(),
        charges: OptionCharges::default(),
        run: RunRow::default(),
        seconds: 0,
        smile: vec![SmileInterval {
            low: 0,
            high: 1 << SIZE_BITS,
            variance: 0,
            slope: 0,
        }],
        scenarios: vec![scenario],
    }
}
