//! Exposures: dollar delta (`S dV/dS`), dollar gamma (`S^2 d2V/dS2`) and vega (per 1.00) in the unmoved market, position by
//! position and by underlying: the exact integers that the circuit's cells hold.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PerpetualMarketTrace, Portfolio, option::MarketTrace};
use crate::{
    model::{Dollars, Symbol},
    public::{
        AssetGroup, DISCOUNT_BITS, ELASTICITY_BITS, FutureGroup, OptionGroup, PRICE_FRACTION_BITS,
        PerpetualGroup, PublicTable, ROOT_TIME_BITS, SwapGroup, TermRules, UNIT_EXPONENT,
        VEGA_OFFSET_BITS, VEGA_SLOPE_BITS,
    },
    secret::secret,
    shape::Shape,
    slots::{AssetSlot, FutureSlot, SwapSlot},
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

/// One number of an underlying's exposure on its way to disclosure.
#[derive(Clone, PartialEq, Eq)]
pub struct CutTrace {
    /// The number without its last bits, rounded down; units 2^8 x 1e-16 USD.
    pub quotient: BigInt,
    /// What that left.
    pub remainder: BigInt,
    /// Ticks, rounded down.
    pub bucket: BigInt,
    /// What that left; units 1e-16 USD.
    pub bucket_remainder: BigInt,
}

/// The exposure of all positions in one underlying. Number 0 is padding.
#[derive(Clone, PartialEq, Eq)]
pub struct UnderlyingTrace {
    /// Number of the underlying among the assets.
    pub underlying: usize,
    /// The sum.
    pub exposure: Exposure,
    /// Delta, gamma, vega.
    pub cuts: Vec<CutTrace>,
}

secret!(Exposure { values });
secret!(CutTrace {
    quotient,
    remainder,
    bucket,
    bucket_remainder
});
secret!(UnderlyingTrace {
    underlying,
    exposure,
    cuts
});

/// The disclosed exposure to one underlying, each number in USD, rounded down to the policy's `exposure_tick`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposureTerms {
    /// The underlying.
    pub asset: Symbol,
    /// Dollar delta: what a move of 100 % would earn if delta stayed.
    pub delta: Dollars,
    /// Dollar gamma: the change of dollar delta, the move of spot alone, per move of 100 %.
    pub gamma: Dollars,
    /// Vega per 1.00 of volatility.
    pub vega: Dollars,
}

impl Exposure {
    fn new(delta: BigInt, gamma: BigInt, vega: BigInt) -> Self {
        Self {
            values: [delta, gamma, vega],
        }
    }

    fn add(&mut self, other: &Self) {
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
    let forward = BigInt::from(group.exposure.discounted_forward);
    let held = &forward * (calls + puts);
    let vega = &held * density * group.exposure.root_time;
    Exposure::new(
        &held * base.p1 - ((forward * puts) << N_BITS),
        (held * quotient) << raise::EUROPEAN_GAMMA,
        vega << raise::EUROPEAN_VEGA,
    )
}

/// A perpetual option in the unmoved market.
pub fn perpetual(
    base: &PerpetualMarketTrace,
    ln_strike: i128,
    group: &PerpetualGroup,
    strike: i128,
    [calls, puts]: [i128; 2],
) -> Exposure {
    let low = strike - base.above_low;
    let mut rows = group.exposures.iter();
    let row = rows.find(|row| row.low == low).copied().unwrap_or_default();
    let power = if base.nothing {
        BigInt::zero()
    } else {
        BigInt::from(base.mantissa >> MANTISSA_CUT_BITS) << base.shift().max(0) as u32
    };
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

/// A future: its size times the mark.
pub fn future(group: &FutureGroup, slot: &FutureSlot) -> Exposure {
    let delta = BigInt::from(slot.size * group.mark) << raise::FUTURE;
    Exposure::new(delta, BigInt::zero(), BigInt::zero())
}

/// A collateral balance: its value after haircut.
pub fn asset(group: &AssetGroup, slot: &AssetSlot) -> Exposure {
    let delta = (BigInt::from(slot.amount) * group.exposure) << raise::PRICE[0];
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

/// A sum on its way to disclosure, at a tick in USD.
pub fn cut(value: &BigInt, bits: u32, tick: &BigInt) -> CutTrace {
    let (quotient, remainder) = cut_bits(value, bits);
    let tick = tick * DOLLAR;
    let (bucket, bucket_remainder) = if tick.is_zero() {
        (BigInt::zero(), BigInt::zero())
    } else {
        (&quotient << UNIT_BITS).div_mod_floor(&tick)
    };
    CutTrace {
        quotient,
        remainder,
        bucket,
        bucket_remainder,
    }
}

impl UnderlyingTrace {
    /// Cuts a sum and rounds it to the tick.
    pub fn new(underlying: usize, exposure: Exposure, rules: &TermRules) -> Self {
        let numbers = exposure.values.iter().zip(CUT_BITS);
        let tick = BigInt::from(rules.exposure_tick);
        Self {
            underlying,
            cuts: numbers.map(|(x, bits)| cut(x, bits, &tick)).collect(),
            exposure,
        }
    }

    /// Whether the circuit's range checks hold.
    fn fits(&self) -> bool {
        let below = |x: &BigInt, bits: u32| x.abs() < BigInt::from(1) << bits;
        self.cuts
            .iter()
            .all(|cut| below(&cut.quotient, QUOTIENT_BITS) && below(&cut.bucket, BUCKET_BITS))
    }
}

impl Portfolio {
    /// Exposure by underlying, padding in front, in increasing order.
    pub(crate) fn gather(&self, shape: Shape, rules: &TermRules) -> Vec<UnderlyingTrace> {
        let mut sums: BTreeMap<usize, Exposure> = BTreeMap::new();
        for (underlying, exposure) in self.exposures() {
            if underlying > 0 {
                sums.entry(underlying).or_default().add(exposure);
            }
        }
        // Nothing is listed as nothing: that would tell what is held.
        sums.retain(|_, sum| sum.values.iter().any(|value| !value.is_zero()));
        let padding = shape.underlyings().saturating_sub(sums.len());
        let padding = std::iter::repeat_with(|| (0, Exposure::default())).take(padding);
        padding
            .chain(sums)
            .map(|(underlying, exposure)| UnderlyingTrace::new(underlying, exposure, rules))
            .collect()
    }

    /// The positions' underlyings and exposures, in slot order, section by section.
    pub(crate) fn exposures(&self) -> impl Iterator<Item = (usize, &Exposure)> {
        let options = self.options.iter();
        let options = options.map(|t| (t.underlying, &t.exposure));
        let perpetuals = self.perpetual_options.iter();
        let perpetuals = perpetuals.map(|t| (t.underlying, &t.exposure));
        let futures = self.futures.iter().map(|t| (t.underlying, &t.exposure));
        let assets = self.assets.iter().map(|t| (t.group, &t.exposure));
        let swaps = self.swaps.iter().map(|t| (t.underlying, &t.exposure));
        options
            .chain(perpetuals)
            .chain(futures)
            .chain(assets)
            .chain(swaps)
    }

    /// The exposures that the policy discloses, `None` where it discloses none.
    ///
    /// # Errors
    /// The first underlying whose exposure is beyond what the circuit discloses.
    pub fn disclosed(&self, table: &PublicTable) -> Result<Option<Vec<ExposureTerms>>, Symbol> {
        let rules = &table.rules;
        if !rules.exposures_shown {
            return Ok(None);
        }
        let mut list = Vec::with_capacity(self.underlyings.len());
        for trace in &self.underlyings {
            let Some(asset) = table.assets.get(trace.underlying).and_then(|a| a.id) else {
                continue;
            };
            let dollars = |cut: &CutTrace| {
                let units = (&cut.bucket * rules.exposure_tick).to_i64();
                units.map(Dollars::from_units)
            };
            let numbers: Option<Vec<Dollars>> = trace.cuts.iter().map(dollars).collect();
            let Some([delta, gamma, vega]) = numbers.as_deref().filter(|_| trace.fits()) else {
                return Err(asset);
            };
            list.push(ExposureTerms {
                asset,
                delta: *delta,
                gamma: *gamma,
                vega: *vega,
            });
        }
        Ok(Some(list))
    }
}
