//! The options' part of the public table: moved forwards, volatility multipliers, smiles.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{
    ForwardRow, OptionExposureRow, OptionGroup, OptionScenario, SmileInterval, Underlyings,
    build::{Move, Moves, TableError, charge, decimal, nearest},
    exposure, slot_key,
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
const MULTIPLIER_BITS: u32 = 40;
/// `v = sigma sqrt(t)` stays below 8.
const V_MAX: i128 = 8 << V_BITS;

/// `ln_forward` is the unmoved forward's logarithm, `ln_move` that of 1 + the spot move.
fn forward_row(expiry: &Expiry, ln_forward: &Real, spot_move: i64, ln_move: &Real) -> ForwardRow {
    let discount = expiry.discount;
    // Forward in units 1e-16: exact for every move.
    let moved = BigInt::from(expiry.forward.units()) * (ONE + spot_move);
    let scaled: BigInt = (&moved * discount.units()) << DISCOUNT_BITS;
    let one = BigInt::from(ONE) * Discount::ONE.units();
    ForwardRow {
        discounted_forward: nearest(&scaled, &one),
        ln_forward: math::round(&(ln_forward + ln_move), LN_BITS)
            .to_i128()
            .unwrap_or(i128::MAX),
        discount: nearest(
            &(BigInt::from(discount.units()) << DISCOUNT_BITS),
            &Discount::ONE.units().into(),
        ),
    }
}

/// Forward times discount, in units of 1e-8 USD.
fn discounted(expiry: &Expiry) -> Real {
    let product = BigInt::from(expiry.forward.units()) * expiry.discount.units();
    math::ratio(&product, &Discount::ONE.units().into())
}

/// Multipliers of an expiry's volatility, up and down; units 2^-40.
pub(super) fn vol_multipliers(seconds: u64, policy: &Policy) -> [i128; 2] {
    let shock = &policy.vol_shock;
    let term = math::pow(
        &math::ratio(
            &BigInt::from(30 * 86_400),
            &seconds.max(shock.floor_seconds).into(),
        ),
        &decimal(shock.power.units()),
    );
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
        VolMove::Same => 1 << MULTIPLIER_BITS,
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
    let multipliers = vol_multipliers(seconds, policy);
    let ln_forward = math::ln(&math::ratio(&expiry.forward.units().into(), &1.into()));
    let mut scenarios = Vec::with_capacity(moves.0.len());
    for (number, market) in moves.0.iter().enumerate() {
        let multiplier =
            multiplier(market.vol, multipliers).ok_or_else(|| TableError::VolMultiplier {
                market: format!("{} {}", expiry.asset, expiry.expiry),
                scenario: number,
            })?;
        if BigInt::from(greatest) * multiplier >= BigInt::from(V_MAX) << MULTIPLIER_BITS {
            return Err(TableError::Volatility {
                asset: expiry.asset,
                expiry: expiry.expiry,
                scenario: number,
            });
        }
        // Half a unit of the rounded D F is then at most half a unit of 2^-44 of F.
        if i128::from(expiry.forward.units()) * i128::from(ONE + market.spot) < ONE.into() {
            return Err(TableError::Forward {
                asset: expiry.asset,
                expiry: expiry.expiry,
                scenario: number,
            });
        }
        scenarios.push(OptionScenario {
            forward: forward_row(expiry, &ln_forward, market.spot, &market.ln_spot),
            vol_multiplier: multiplier,
        });
    }
    Ok(OptionGroup {
        id: Some((expiry.asset, expiry.expiry)),
        key: slot_key(expiry.asset, Some(expiry.expiry)),
        base: forward_row(expiry, &ln_forward, 0, &Real::ZERO),
        underlying: underlyings.number(expiry.asset),
        exposure: OptionExposureRow {
            discounted_forward: exposure::rounded(&discounted(expiry)).unwrap_or(i128::MAX),
            root_time: exposure::root_time(seconds),
        },
        short_charge: charge(policy.contingencies.short_option.units(), spot),
        seconds,
        smile,
        scenarios,
    })
}

pub(super) fn null_options(scenarios: usize) -> OptionGroup {
    let nothing = ForwardRow {
        discounted_forward: 0,
        ln_forward: 0,
        discount: 0,
    };
    let scenario = OptionScenario {
        forward: nothing.clone(),
        vol_multiplier: 0,
    };
    OptionGroup {
        id: None,
        key: 0,
        base: nothing,
        underlying: 0,
        exposure: OptionExposureRow::default(),
        short_charge: 0,
        seconds: 0,
        smile: vec![SmileInterval {
            low: 0,
            high: 1 << SIZE_BITS,
            variance: 0,
            slope: 0,
        }],
        scenarios: vec![scenario; scenarios],
    }
}
