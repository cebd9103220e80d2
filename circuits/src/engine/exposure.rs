//! Exposures: dollar delta (`S dV/dS`), dollar gamma (`S^2 d2V/dS2`) and vega (per 1.00) in the unmoved market, position by
//! position and by underlying: the exact integers that the circuit's cells hold.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;

use super::{PerpetualMarketTrace, option::MarketTrace};
use crate::{
    public::{
        DISCOUNT_BITS, ELASTICITY_BITS, FutureGroup, OptionGroup, PRICE_FRACTION_BITS,
        PerpetualExposureRow, PerpetualGroup, ROOT_TIME_BITS, SwapGroup, UNIT_EXPONENT,
        VEGA_OFFSET_BITS, VEGA_SLOPE_BITS,
    },
    secret::secret,
    slots::{FutureSlot, SwapSlot},
    tables::{self, D1_BITS, EXP_BITS, LN_BITS, N_BITS, V_BITS},
};

/// Fraction bits of a dollar delta in units of 1e-16 USD.
pub const DELTA_BITS: u32 = PRICE_FRACTION_BITS + N_BITS;
/// Fraction bits of a dollar gamma.
pub const GAMMA_BITS: u32 = 72;
/// Fraction bits of a vega.
pub const VEGA_BITS: u32 = 92;
/// Bits of the three that are cut: what is left is in units of 2^8 x 1e-16 USD, of which 1 USD is a multiple.
pub const CUT_BITS: [u32; 3] = [
    DELTA_BITS + UNIT_BITS,
    GAMMA_BITS + UNIT_BITS,
    VEGA_BITS + UNIT_BITS,
];
/// 1 USD in units of 1e-16 USD.
pub const DOLLAR: i64 = 10i64.pow(16);
/// Bits of 1e-16 USD in the unit of a cut exposure.
pub const UNIT_BITS: u32 = 8;
/// A disclosed exposure is below 2^99 of these units (16 quadrillion USD), either sign.
pub const QUOTIENT_BITS: u32 = 99;
/// A bucket is below 2^59 ticks, either sign.
pub const BUCKET_BITS: u32 = 59;
/// Fraction bits of the normal density in [`tables::NORMAL`].
pub const DENSITY_BITS: u32 = N_BITS - V_BITS;
/// Bits that the density is raised by before it is divided by `v`.
pub const RAISED_BITS: u32 = 14;
/// Bits of the exponential's mantissa that are cut.
pub const MANTISSA_CUT_BITS: u32 = 80;
/// Bits of ln K that are cut.
pub const LN_CUT_BITS: u32 = LN_BITS - VEGA_OFFSET_BITS + VEGA_SLOPE_BITS;
/// Fraction bits of a perpetual option's exponential part, cut, in units of 1e-8 USD.
pub const POWER_BITS: u32 = UNIT_EXPONENT + EXP_BITS - MANTISSA_CUT_BITS;

/// What is raised to the unit of the sums, by instrument.
pub mod raise {
    use super::{
        DELTA_BITS, DENSITY_BITS, DISCOUNT_BITS, ELASTICITY_BITS, GAMMA_BITS, POWER_BITS,
        PRICE_FRACTION_BITS, RAISED_BITS, ROOT_TIME_BITS, V_BITS, VEGA_BITS, VEGA_OFFSET_BITS,
    };

    /// A European option's gamma.
    pub const EUROPEAN_GAMMA: u32 =
        GAMMA_BITS - PRICE_FRACTION_BITS - (DENSITY_BITS + RAISED_BITS - V_BITS);
    /// A European option's vega.
    pub const EUROPEAN_VEGA: u32 = VEGA_BITS - PRICE_FRACTION_BITS - DENSITY_BITS - ROOT_TIME_BITS;
    /// A perpetual option's delta, exponential part.
    pub const PERPETUAL_DELTA: u32 = DELTA_BITS - POWER_BITS - ELASTICITY_BITS;
    /// A perpetual option's delta, linear part.
    pub const PERPETUAL_LINEAR: u32 = DELTA_BITS - DISCOUNT_BITS;
    /// A perpetual option's gamma.
    pub const PERPETUAL_GAMMA: u32 = GAMMA_BITS - POWER_BITS - ELASTICITY_BITS;
    /// A future's delta.
    pub const FUTURE: u32 = DELTA_BITS;
    /// What an asset or a swap's price is raised by.
    pub const PRICE: [u32; 3] = [
        DELTA_BITS - PRICE_FRACTION_BITS,
        GAMMA_BITS - PRICE_FRACTION_BITS,
        VEGA_BITS - PRICE_FRACTION_BITS,
    ];

    const _: () = assert!(VEGA_BITS == POWER_BITS + VEGA_OFFSET_BITS);
    const _: () = assert!(GAMMA_BITS == POWER_BITS + ELASTICITY_BITS);
}

/// Dollar delta, dollar gamma and vega. Units 1e-16 USD x 2^-102, 2^-72, 2^-92.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Exposure {
    /// The three.
    pub values: [BigInt; 3],
}

secret!(Exposure { values });

impl Exposure {
    fn new(delta: BigInt, gamma: BigInt, vega: BigInt) -> Self {
        Self {
            values: [delta, gamma, vega],
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (sum, value) in self.values.iter_mut().zip(&other.values) {
            *sum += value;
        }
    }
}

/// The derivative of [`tables::normal`] at `d = magnitude 2^-17`; units 2^-51.
pub fn density(magnitude: i128) -> i128 {
    let magnitude = magnitude << (V_BITS - D1_BITS);
    let index = (magnitude >> 30) as usize;
    let m = 2 * ((magnitude >> 20) & 1023) + 1 - 1024;
    let Some([_, c1, c2, c3]) = tables::NORMAL.get(index) else {
        return 0;
    };
    c1 + 2 * c2 * m + 3 * c3 * m * m
}

/// `density / v` (units 2^-28), rounded down, and what that leaves; `None` where `v` is 0.
pub fn density_over_v(density: &BigInt, v: &BigInt) -> Option<(BigInt, BigInt)> {
    let raised = density << RAISED_BITS;
    (!v.is_zero()).then(|| raised.div_mod_floor(v))
}

/// A number without its last bits, rounded down, and what that leaves.
pub fn cut_bits(value: &BigInt, bits: u32) -> (BigInt, BigInt) {
    value.div_mod_floor(&(BigInt::from(1) << bits))
}

/// A European option in the unmoved market.
pub fn option(base: &MarketTrace, group: &OptionGroup, [calls, puts]: [i128; 2]) -> Exposure {
    let density = density(base.d1);
    let quotient = density_over_v(&density.into(), &base.v.into());
    let quotient = quotient.map_or(BigInt::zero(), |(quotient, _)| quotient);
    let row = group.exposure;
    let held = BigInt::from(calls + puts);
    Exposure::new(
        BigInt::from(row.delta) * (&held * base.p1 - (BigInt::from(puts) << N_BITS)),
        (&held * row.gamma * quotient) << raise::EUROPEAN_GAMMA,
        (held * row.vega * density) << raise::EUROPEAN_VEGA,
    )
}

/// Deltas of calls and of puts of a European option, as magnitudes added up; units of a delta.
pub fn option_gross(base: &MarketTrace, group: &OptionGroup, [calls, puts]: [i128; 2]) -> BigInt {
    let down = (BigInt::from(1) << N_BITS) - base.p1;
    (BigInt::from(calls.abs()) * base.p1 + down * puts.abs()) * group.exposure.delta
}

/// The exponential part that exposures are in proportion to, and the row of its answers.
fn grown(
    base: &PerpetualMarketTrace,
    group: &PerpetualGroup,
    strike: i128,
) -> (BigInt, PerpetualExposureRow) {
    let low = strike - base.above_low;
    let mut rows = group.exposures.iter();
    let row = rows.find(|row| row.low == low).copied().unwrap_or_default();
    let power = if base.nothing {
        BigInt::zero()
    } else {
        BigInt::from(base.mantissa >> MANTISSA_CUT_BITS) << base.shift().max(0) as u32
    };
    (power, row)
}

/// A perpetual option in the unmoved market.
pub fn perpetual(
    base: &PerpetualMarketTrace,
    ln_strike: i128,
    group: &PerpetualGroup,
    strike: i128,
    [calls, puts]: [i128; 2],
) -> Exposure {
    let (power, row) = grown(base, group, strike);
    let side = if base.call_side { calls } else { -puts };
    let linear = BigInt::from(base.spot) * side;
    let grown = power * (calls + puts);
    let vega = row.vega_offset + row.vega_slope * (ln_strike >> LN_CUT_BITS);
    Exposure::new(
        ((&grown * row.elasticity) << raise::PERPETUAL_DELTA) + (linear << raise::PERPETUAL_LINEAR),
        (&grown * row.convexity) << raise::PERPETUAL_GAMMA,
        grown * vega,
    )
}

/// Deltas of calls and of puts of a perpetual option, as magnitudes added up; units of a delta.
/// A call's delta is l X plus the linear part's, a put's l X less it: of opposite signs.
pub fn perpetual_gross(
    base: &PerpetualMarketTrace,
    group: &PerpetualGroup,
    strike: i128,
    [calls, puts]: [i128; 2],
) -> BigInt {
    let (power, row) = grown(base, group, strike);
    let (calls, puts) = (calls.abs(), puts.abs());
    let side = if base.call_side { calls } else { puts };
    let linear = BigInt::from(base.spot) * side;
    ((power * (calls - puts) * row.elasticity) << raise::PERPETUAL_DELTA)
        + (linear << raise::PERPETUAL_LINEAR)
}

/// A future: its size times the mark.
pub fn future(group: &FutureGroup, slot: &FutureSlot) -> Exposure {
    let delta = BigInt::from(slot.size * group.mark) << raise::FUTURE;
    Exposure::new(delta, BigInt::zero(), BigInt::zero())
}

/// A power perpetual, variance or volatility swap.
pub fn swap(group: &SwapGroup, slot: &SwapSlot) -> Exposure {
    let row = group.exposure;
    let [delta, gamma, vega] = [row.delta, row.gamma, row.vega];
    let of = |value, bits| (BigInt::from(slot.size) * value) << bits;
    let [d, g, v] = raise::PRICE;
    Exposure::new(of(delta, d), of(gamma, g), of(vega, v))
}
