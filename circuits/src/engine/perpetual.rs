//! A perpetual option under one market: the exact integers that the circuit's cells hold.

use num_bigint::BigInt;

use super::{
    exposure::{self, Exposure},
    option::{self, LnTrace},
};
use crate::{
    public::{DISCOUNT_BITS, OFFSET_BITS, PerpetualGroup, PerpetualInterval, ScenarioRow},
    secret::secret,
    tables::{self, EXP_REST_BITS, EXPONENT_BITS, N_BITS},
};

/// Bits of an exponent's raw sum that are cut.
pub const EXPONENT_DROPPED_BITS: u32 = 50;
/// An exponent below this is nothing: the result is below 2^-24 units of 1e-8 USD.
pub const LEAST_EXPONENT: i128 = tables::FIRST_SHIFT as i128;
/// The bound of a perpetual option's value error: `2^-33 (S + D K)` per unit held, and an absolute part. D is the strike's
/// factor in parity.
pub const EPSILON_BITS: u32 = 33;
/// The absolute part: 2^-23 units of 1e-8 USD.
pub const EPSILON_LEAST_BITS: u32 = 23;

/// A perpetual option under one market.
#[derive(Clone, PartialEq, Eq)]
pub struct PerpetualMarketTrace {
    /// `K - low`.
    pub above_low: i128,
    /// `high - 1 - K`.
    pub below_high: i128,
    /// The call adds the linear part; else the put subtracts it.
    pub call_side: bool,
    /// Spot; units 1e-8 USD x 2^-44.
    pub spot: i128,
    /// The exponent is below [`LEAST_EXPONENT`]: the exponential part counts as 0.
    pub nothing: bool,
    /// Binary exponent, or 16 less it and less one unit of 2^-96 where it is nothing; units 2^-46.
    pub exponent: i128,
    /// Multiples of 1 taken off the exponent where it is nothing, else 0.
    pub excess: i128,
    /// What the exponent's truncation left, 50 bits.
    pub remainder: i128,
    /// `2^(fraction of the exponent)`; units 2^-100.
    pub mantissa: i128,
    /// `K` times the parity discount; units 1e-8 USD x 2^-44.
    pub discounted_strike: i128,
    /// Value of the slot's calls and puts; units 1e-16 USD x 2^-132.
    pub value: BigInt,
    /// Bound of the value's error; same units.
    pub epsilon: BigInt,
}

/// A perpetual-option slot under the unmoved market and under the scenario.
#[derive(Clone)]
pub struct PerpetualTrace {
    /// Index of the group in the public table.
    pub group: usize,
    /// `ln K`.
    pub ln: LnTrace,
    /// The unmoved market.
    pub base: PerpetualMarketTrace,
    /// The scenario's market.
    pub moved: PerpetualMarketTrace,
    /// Loss under the scenario, a lower bound; units of a value.
    pub loss: BigInt,
    /// A positive value counts towards equity.
    pub kept: bool,
    /// Charge; units 1e-24 USD.
    pub charge: BigInt,
    /// Number of the underlying.
    pub underlying: usize,
    /// Exposure in the unmoved market.
    pub exposure: Exposure,
}

secret!(PerpetualMarketTrace {
    above_low,
    below_high,
    call_side,
    spot,
    nothing,
    exponent,
    excess,
    remainder,
    mantissa,
    discounted_strike,
    value,
    epsilon
});
secret!(PerpetualTrace {
    group,
    ln,
    base,
    moved,
    loss,
    kept,
    charge,
    underlying,
    exposure
});

impl PerpetualMarketTrace {
    /// Whole part of the exponent.
    pub fn shift(&self) -> i128 {
        self.exponent >> EXPONENT_BITS
    }

    /// Row of [`tables::EXP`].
    pub fn row(&self) -> i128 {
        (self.exponent >> EXP_REST_BITS) & (tables::EXP_ROWS as i128 - 1)
    }

    /// What the row leaves of the exponent, 40 bits.
    pub fn rest(&self) -> i128 {
        self.exponent & ((1 << EXP_REST_BITS) - 1)
    }
}

/// The bound per unit held; units of a value.
pub fn epsilon_per_unit(spot: i128, discounted_strike: i128) -> BigInt {
    (BigInt::from(spot + discounted_strike) << (N_BITS - EPSILON_BITS))
        + (BigInt::from(1) << (DISCOUNT_BITS + N_BITS - EPSILON_LEAST_BITS))
}

/// Prices `calls` and `puts` (units 1e-8) of one strike.
pub fn market(
    interval: &PerpetualInterval,
    spot: i128,
    discount: i128,
    strike: i128,
    ln_strike: i128,
    [calls, puts]: [i128; 2],
) -> PerpetualMarketTrace {
    let raw = interval.offset + interval.slope * ln_strike;
    let nothing = raw < LEAST_EXPONENT << OFFSET_BITS;
    // Where it is nothing the circuit proves that it is too small: mirrored, it is at least the least exponent.
    let proved = if nothing {
        ((2 * LEAST_EXPONENT) << OFFSET_BITS) - 1 - raw
    } else {
        raw
    };
    let whole = proved >> OFFSET_BITS;
    let excess = if nothing { whole - LEAST_EXPONENT } else { 0 };
    let discounted_strike = discount * strike;
    let mut trace = PerpetualMarketTrace {
        above_low: strike - interval.low,
        below_high: interval.high - 1 - strike,
        call_side: interval.call_side,
        spot,
        nothing,
        exponent: (proved - (excess << OFFSET_BITS)) >> EXPONENT_DROPPED_BITS,
        excess,
        remainder: proved & ((1 << EXPONENT_DROPPED_BITS) - 1),
        mantissa: 0,
        discounted_strike,
        value: BigInt::ZERO,
        epsilon: (calls.abs() + puts.abs()) * epsilon_per_unit(spot, discounted_strike),
    };
    let row = usize::try_from(trace.row()).ok();
    trace.mantissa = row
        .and_then(|row| tables::EXP.get(row))
        .map_or(0, |row| tables::exp_cubic(row, trace.rest()));
    let power = if nothing {
        BigInt::ZERO
    } else {
        BigInt::from(trace.mantissa) << trace.shift().max(0) as u32
    };
    let linear = BigInt::from(spot - discounted_strike) << N_BITS;
    trace.value = power * (calls + puts);
    if interval.call_side {
        trace.value += linear * calls;
    } else {
        trace.value -= linear * puts;
    }
    trace
}

/// A slot of a group under scenario number `number`; `None` if the group has no market for it.
pub fn perpetual(
    index: usize,
    group: &PerpetualGroup,
    (number, scenario): (usize, ScenarioRow),
    strike: i128,
    ln: LnTrace,
    sizes: [i128; 2],
) -> Option<PerpetualTrace> {
    let price = |s: usize| {
        let spot = group.scenario(s)?.spot;
        let interval = group.interval(s, strike)?;
        Some(market(interval, spot, group.discount, strike, ln.ln, sizes))
    };
    let (base, moved) = (price(0)?, price(number)?);
    let mut loss = exposure::perpetual_gross(&base, group, strike, sizes) * scenario.gross;
    if !scenario.own {
        loss += &base.value - &base.epsilon - &moved.value - &moved.epsilon;
    }
    Some(PerpetualTrace {
        group: index,
        underlying: group.underlying,
        exposure: exposure::perpetual(&base, ln.ln, group, strike, sizes),
        loss,
        kept: option::kept(&group.charges, &base.value),
        charge: option::charge(&group.charges, sizes),
        base,
        moved,
        ln,
    })
}
