//! A scenario's multipliers of an expiry's volatilities, and the policy's numbers of the expiry.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::{RunRow, SkewInterval, build::TableError, options::MULTIPLIER_BITS};
use crate::{
    math::{self, Real},
    model::{DiscountSide, Expiry, ONE, Policy, SIZE_BITS, SkewCap, VolMove},
    tables::V_BITS,
};

use super::build::decimal;

/// Fraction bits of a multiplier's change per natural logarithm of the strike.
pub const SKEW_SLOPE_BITS: u32 = 46;
/// Fraction bits of a multiplier at a strike of one unit.
pub const SKEW_OFFSET_BITS: u32 = 100;
/// Fraction bits of discounts and shares.
const FACTOR_BITS: u32 = 40;

/// The part of a multiplier's line that a strike can reach: `1 + tilt k` up to strike `high`, k = ln(K/F).
struct Piece {
    /// First strike beyond; units 1e-8 USD.
    high: BigInt,
    /// Multiplier at the forward.
    level: Real,
    /// Change per unit of k.
    tilt: Real,
}

/// One interval for all strikes; `multiplier` in units of 2^-40.
pub(super) fn flat(multiplier: i128) -> Vec<SkewInterval> {
    vec![SkewInterval {
        low: 0,
        high: 1 << SIZE_BITS,
        slope: 0,
        offset: multiplier << (SKEW_OFFSET_BITS - MULTIPLIER_BITS),
    }]
}

/// An expiry's skew: cap c and slope c/w of the multiplier.
struct Turn {
    cap: Real,
    width: Real,
}

impl Turn {
    /// Derive v2-core, PMRMLib_2: c = cap + slope sqrt(t), w = max(least, sqrt(t) scale (base + slope sqrt(t))).
    fn new(
        expiry: &Expiry,
        policy: &Policy,
        kind: &SkewCap,
        root: &Real,
    ) -> Result<Self, TableError> {
        let skew = &policy.skew;
        let rate = |rate: crate::model::Rate| decimal(rate.units());
        let cap = rate(kind.cap) + math::mul(&rate(kind.slope), root);
        let vol = rate(skew.vol_base) + math::mul(&rate(skew.vol_slope), root);
        let width = math::mul(&math::mul(root, &rate(skew.width_scale)), &vol);
        // At 1 the multiplier would reach 0; below 0 it would have no bound.
        if cap.is_negative() || cap > math::one() * 99 / 100 {
            return Err(TableError::Skew {
                asset: expiry.asset,
                expiry: expiry.expiry,
            });
        }
        Ok(Self {
            cap,
            width: width.max(rate(skew.min_width)),
        })
    }

    fn tilt(&self) -> Real {
        math::div(&self.cap, &self.width)
    }

    fn pieces(&self, forward: &Real, vol: VolMove) -> Vec<Piece> {
        let one = math::one();
        let at = |k: &Real| -> BigInt {
            let strike: BigInt = (math::mul(forward, &math::exp(k)) >> math::BITS) + 1;
            strike.min(BigInt::from(1) << SIZE_BITS)
        };
        let end = || BigInt::from(1) << SIZE_BITS;
        let (left, right) = (at(&-&self.width), at(&self.width));
        let piece = |high, level: Real, tilt: Real| Piece { high, level, tilt };
        let none = Real::default;
        let up = &one + &self.cap;
        match vol {
            VolMove::Linear => vec![
                piece(left, &one - &self.cap, none()),
                piece(right, one, self.tilt()),
                piece(end(), up, none()),
            ],
            _ => vec![
                piece(left, up.clone(), none()),
                piece(at(&none()), one.clone(), -self.tilt()),
                piece(right, one, self.tilt()),
                piece(end(), up, none()),
            ],
        }
    }
}

/// A skew scenario's intervals of an expiry; `root` is the square root of the time in years.
pub(super) fn intervals(
    expiry: &Expiry,
    policy: &Policy,
    vol: VolMove,
    root: &Real,
) -> Result<Vec<SkewInterval>, TableError> {
    let kind = match vol {
        VolMove::Linear => &policy.skew.linear,
        _ => &policy.skew.absolute,
    };
    let turn = Turn::new(expiry, policy, kind, root)?;
    let forward = math::ratio(&expiry.forward.units().into(), &1.into());
    let ln_forward = math::ln(&forward);
    let mut low = BigInt::default();
    let mut list = Vec::new();
    for piece in turn.pieces(&forward, vol) {
        if piece.high <= low {
            continue;
        }
        let slope = math::round(&piece.tilt, SKEW_SLOPE_BITS);
        // The rounded slope turns around the forward.
        let turned = math::mul(&(&slope << (math::BITS - SKEW_SLOPE_BITS)), &ln_forward);
        let offset = math::round(&(&piece.level - turned), SKEW_OFFSET_BITS);
        let interval = |low: &BigInt, high: &BigInt| {
            Some(SkewInterval {
                low: low.to_i128()?,
                high: high.to_i128()?,
                slope: slope.to_i128()?,
                offset: offset.to_i128()?,
            })
        };
        list.push(interval(&low, &piece.high).ok_or(TableError::Skew {
            asset: expiry.asset,
            expiry: expiry.expiry,
        })?);
        low = piece.high;
    }
    Ok(list)
}

/// What a skew scenario adds to a value's bound, in multiples of it: the multiplier is off by the slope times the error of
/// ln K and by the slope's rounding, and F phi(d1) v is at most 0.972 F + 0.061 K.
fn inflation(turn: &Turn) -> i128 {
    let error = math::mul(&turn.tilt(), &(math::one() * 22 / 1_000_000_000_000u64))
        + math::mul(&turn.width, &(math::one() >> (SKEW_SLOPE_BITS + 1)))
        + (math::one() >> (SKEW_OFFSET_BITS - 2));
    let relative = math::div(&error, &(math::one() - &turn.cap));
    let multiples = relative * 8_400_000_000u64;
    (multiples >> math::BITS)
        .to_i128()
        .map_or(i128::MAX, |n| n + 1)
}

/// The policy's numbers of an expiry; `years` and its `root`.
pub(super) fn run_row(
    expiry: &Expiry,
    policy: &Policy,
    years: &Real,
    root: &Real,
) -> Result<RunRow, TableError> {
    let refused = || TableError::StaticDiscount {
        asset: expiry.asset,
        expiry: expiry.expiry,
    };
    let rate = |rate: crate::model::Rate| decimal(rate.units());
    let factor = math::ratio(
        &expiry.discount.units().into(),
        &crate::model::Discount::ONE.units().into(),
    );
    let decay = |side: &DiscountSide| {
        let grown = math::mul(&rate(side.rate_multiplier), &math::ln(&factor));
        math::exp(&(grown - math::mul(&rate(side.rate_add), years)))
    };
    let (long, short) = (&policy.discount.long, &policy.discount.short);
    let positive = math::mul(&rate(long.base), &decay(long));
    let shrunk = decay(short);
    // Without a rule a debt counts in full, whatever the expiry's own discount.
    let ruled = *short != DiscountSide::default();
    let most = math::div(&math::one(), &factor);
    let negative = if !ruled {
        math::one()
    } else if shrunk.is_zero() {
        // After thousands of years.
        most
    } else {
        math::div(&rate(short.base), &shrunk).min(most)
    };
    let units = |x: &Real| math::round(x, FACTOR_BITS).to_i128().unwrap_or(i128::MAX);
    let share = rate(policy.basis.add) + math::mul(&rate(policy.basis.per_year), years);
    let least_v = math::mul(&rate(policy.vol_shock.min_vol_up), root);
    let mut inflated = 0;
    for scenario in policy.scenarios.iter().filter(|s| s.vol.is_skew()) {
        let kind = match scenario.vol {
            VolMove::Linear => &policy.skew.linear,
            _ => &policy.skew.absolute,
        };
        inflated = inflated.max(inflation(&Turn::new(expiry, policy, kind, root)?));
    }
    let row = RunRow {
        long_discount: units(&positive),
        short_discount: units(&negative),
        share: units(&share),
        least_v: math::round(&least_v, V_BITS).to_i128().unwrap_or(i128::MAX),
        inflation: inflated,
    };
    let fits = [row.long_discount, row.short_discount]
        .iter()
        .all(|d| *d <= 2 << FACTOR_BITS)
        && row.share <= 8 << FACTOR_BITS;
    fits.then_some(row).ok_or_else(refused)
}

/// A rise with realised volatility: min(cap, slope x max(0, realised - reference)), rounded down; units 1e-8.
pub(crate) fn rise(ramp: &crate::model::Ramp, realised: i64, reference: i64) -> i64 {
    let excess = i128::from((realised - reference).max(0));
    let raised = excess * i128::from(ramp.slope.units()) / i128::from(ONE);
    i64::try_from(raised).map_or(ramp.cap.units(), |raised| raised.min(ramp.cap.units()))
}
