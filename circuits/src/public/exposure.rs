//! What the circuit needs to compute exposures: dollar delta, dollar gamma and vega of every position in the unmoved market.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::TableRow;
use crate::math::{self, Real};

/// Fraction bits of a price (units 1e-8 USD) that exposures are in proportion to.
pub const PRICE_FRACTION_BITS: u32 = 14;
/// Fraction bits of a square root of time, in years.
pub const ROOT_TIME_BITS: u32 = 20;
/// Fraction bits of a perpetual option's elasticity and convexity.
pub const ELASTICITY_BITS: u32 = 20;
/// Fraction bits of the constant part of a perpetual option's relative vega.
pub const VEGA_OFFSET_BITS: u32 = 40;
/// Fraction bits of its part per natural logarithm of the strike.
pub const VEGA_SLOPE_BITS: u32 = 16;
/// Greatest elasticity, convexity, and parts of a relative vega, in bits of their units: the files' limits keep below.
pub const PERPETUAL_EXPOSURE_BITS: [u64; 4] = [46, 72, 83, 54];
/// Greatest exposure per contract of a swap, in bits of 1e-8 USD x 2^-14: the files' limits keep below.
pub const SWAP_EXPOSURE_BITS: u64 = 100;

/// What the exposures of a European option are in proportion to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OptionExposureRow {
    /// Dollar delta per N(d1): the moving part of the forward times discount; units 1e-8 USD x 2^-14.
    pub delta: i128,
    /// Dollar gamma per density over v: the moving part squared over the forward, times discount; units 1e-8 USD x 2^-14.
    pub gamma: i128,
    /// Vega per density: forward times discount times the square root of the time to expiry in years; units 1e-8 USD x 2^-34.
    pub vega: i128,
}

/// How a perpetual option's exponential part X answers on one interval of strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PerpetualExposureRow {
    /// First strike of the interval; units 1e-8 USD.
    pub low: i128,
    /// `S X' / X`; units 2^-20.
    pub elasticity: i128,
    /// `S^2 X'' / X`; units 2^-20.
    pub convexity: i128,
    /// `dX/d(vol) / X` at a strike of one unit of 1e-8 USD, less what the change's rounding adds at spot; units 2^-40.
    pub vega_offset: i128,
    /// Its change per natural logarithm of the strike; units 2^-16.
    pub vega_slope: i128,
}

/// The exposures of one contract.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SwapExposureRow {
    /// `S dV/dS`; units 1e-8 USD x 2^-14.
    pub delta: i128,
    /// `S^2 d2V/dS2`; units 1e-8 USD x 2^-14.
    pub gamma: i128,
    /// `dV/d(vol)` per 1.00; units 1e-8 USD x 2^-14.
    pub vega: i128,
}

/// A price (units 1e-8 USD) as exposures use it, from units of 2^-192.
pub(super) fn rounded(price: &Real) -> Option<i128> {
    math::round(price, PRICE_FRACTION_BITS).to_i128()
}

/// A branch `S^l` of a perpetual option's formula.
pub(super) struct Branch<'r> {
    /// `l`.
    pub exponent: &'r Real,
    /// `dl/d(vol)`.
    pub exponent_by_vol: &'r Real,
    /// `d ln(X)/d(vol)` at `ln K = 0`.
    pub offset_by_vol: &'r Real,
    /// Logarithm of the spot.
    pub ln_spot: &'r Real,
}

impl PerpetualExposureRow {
    /// A branch's answers, from strike `low` on; `None` if a number does not fit.
    pub(super) fn of(low: i128, branch: &Branch<'_>) -> Option<Self> {
        let l = branch.exponent;
        let convexity = math::mul(l, &(l - math::one()));
        let slope: Real = -branch.exponent_by_vol;
        let slope_units = math::round(&slope, VEGA_SLOPE_BITS);
        // The rounded slope turns around K = S, where the strikes are.
        let left: Real = slope - (&slope_units << (math::BITS - VEGA_SLOPE_BITS));
        let offset = branch.offset_by_vol + math::mul(&left, branch.ln_spot);
        let parts = [
            math::round(l, ELASTICITY_BITS),
            math::round(&convexity, ELASTICITY_BITS),
            math::round(&offset, VEGA_OFFSET_BITS),
            slope_units,
        ];
        let fits = |(part, bits): (&BigInt, u64)| part.bits() <= bits;
        let fit = parts.iter().zip(PERPETUAL_EXPOSURE_BITS).all(fits);
        let [elasticity, convexity, vega_offset, vega_slope] = parts.map(|part| part.to_i128());
        fit.then_some(())?;
        Some(Self {
            low,
            elasticity: elasticity?,
            convexity: convexity?,
            vega_offset: vega_offset?,
            vega_slope: vega_slope?,
        })
    }

    /// The lookup row of group `g`.
    pub fn row(&self, g: usize) -> TableRow {
        [
            g as i128,
            self.low,
            self.elasticity,
            self.convexity,
            self.vega_offset,
            self.vega_slope,
            0,
        ]
    }
}

impl OptionExposureRow {
    /// The lookup row of group `g` of an underlying.
    pub fn row(&self, g: usize, underlying: usize) -> TableRow {
        let (g, underlying) = (g as i128, underlying as i128);
        [g, underlying, self.delta, self.gamma, self.vega, 0, 0]
    }
}

impl SwapExposureRow {
    /// From real numbers of 1e-8 USD; `None` if one does not fit.
    pub(super) fn of([delta, gamma, vega]: [&Real; 3]) -> Option<Self> {
        let part = |value: &Real| {
            let units = math::round(value, PRICE_FRACTION_BITS);
            (units.bits() <= SWAP_EXPOSURE_BITS).then(|| units.to_i128())?
        };
        Some(Self {
            delta: part(delta)?,
            gamma: part(gamma)?,
            vega: part(vega)?,
        })
    }

    /// The lookup row of group `g` of an underlying.
    pub fn row(&self, g: usize, underlying: usize) -> TableRow {
        let (g, underlying) = (g as i128, underlying as i128);
        [g, underlying, self.delta, self.gamma, self.vega, 0, 0]
    }
}
