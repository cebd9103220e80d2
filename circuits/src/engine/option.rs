//! One option strike under one market, and its smile volatility: the exact integers that the
//! circuit's cells hold.

use num_bigint::BigInt;
use num_traits::Signed;

use crate::{
    public::{DISCOUNT_BITS, ForwardRow, OptionCharges, OptionGroup, SmileInterval},
    secret::secret,
    tables::{self, D1_MAX, LN_BITS, LN_RAW_BITS, N_BITS, NORMAL_END, REST_BITS, V_BITS},
};

/// Fraction bits of an option value: discount 44 + distribution 88.
pub const VALUE_BITS: u32 = DISCOUNT_BITS + N_BITS;
/// Fraction bits of a logarithm that are cut.
pub const LN_DROPPED_BITS: u32 = LN_RAW_BITS - LN_BITS;
/// Where N(d) counts as 0 and 1; units 2^-37.
pub const D2_END: i128 = NORMAL_END << V_BITS;
/// The bound of an option's value error: `2^-33 D F + 19 2^-41 D K` per unit held; `docs/numbers.md`
/// composes it from the steps' bounds. The forward's part.
pub const EPSILON_FORWARD_BITS: u32 = 33;
/// The strike's part: a multiple of 2^-41.
pub const EPSILON_STRIKE_BITS: u32 = 41;
/// The multiple.
pub const EPSILON_STRIKE: u32 = 19;

/// The bound per unit held; units of a value.
pub fn epsilon_per_unit(discounted_forward: i128, discounted_strike: i128) -> BigInt {
    (BigInt::from(discounted_forward) << (N_BITS - EPSILON_FORWARD_BITS))
        + (BigInt::from(discounted_strike) << (N_BITS - EPSILON_STRIKE_BITS)) * EPSILON_STRIKE
}

/// `ln K` of a strike: normalised mantissa, table index, truncation.
#[derive(Clone, PartialEq, Eq)]
pub struct LnTrace {
    /// Shift `s` that brings the strike's top bit to bit 57.
    pub shift: i128,
    /// `K 2^s`, 58 bits.
    pub mantissa: i128,
    /// `ln K`; units 2^-54.
    pub ln: i128,
    /// What truncation to 2^-54 left, 50 bits.
    pub remainder: i128,
}

/// `v = sqrt(w(K))` and the witnesses of its exactness.
#[derive(Clone, PartialEq, Eq)]
pub struct SmileTrace {
    /// `K - low`.
    pub above_low: i128,
    /// `high - 1 - K`.
    pub below_high: i128,
    /// `v`; units 2^-37.
    pub v: i128,
    /// `W - v^2`, units 2^-84.
    pub remainder: i128,
    /// `(v + 1)^2 - 1 - W`, units 2^-84.
    pub complement: i128,
}

/// Black-76 of one strike under one market.
#[derive(Clone, PartialEq, Eq)]
pub struct MarketTrace {
    /// `sigma sqrt(t)`; units 2^-37.
    pub v: i128,
    /// `ln F`, units 2^-54.
    pub ln_forward: i128,
    /// `ln K`, units 2^-54.
    pub ln_strike: i128,
    /// The division's remainder, 0 when saturated below.
    pub remainder: i128,
    /// Divisor less one less remainder, 0 when saturated above.
    pub complement: i128,
    /// `|d1|` is at its cap.
    pub saturated: bool,
    /// `d1 < 0`.
    pub negative1: bool,
    /// `|d1|`; units 2^-17.
    pub d1: i128,
    /// `N(|d1|)`; units 2^-88.
    pub n1: i128,
    /// `N(d1)`; units 2^-88.
    pub p1: i128,
    /// Signed `d2`; units 2^-37.
    pub d2: i128,
    /// `d2 <= -7`: N(d2) counts as 0.
    pub below: bool,
    /// `-7 < d2 < 0`.
    pub negative2: bool,
    /// `|d2|`, or `-7 - d2` when below; units 2^-37.
    pub t2: i128,
    /// `N(t2)`; units 2^-88.
    pub n2: i128,
    /// `N(d2)` before `below` switches it off; units 2^-88.
    pub p2: i128,
    /// Discounted forward.
    pub discounted_forward: i128,
    /// Discounted strike.
    pub discounted_strike: i128,
    /// Value of the slot's calls and puts; units 1e-16 USD x 2^-132.
    pub value: BigInt,
    /// Bound of the value's error; same units.
    pub epsilon: BigInt,
}

secret!(LnTrace {
    shift,
    mantissa,
    ln,
    remainder
});
secret!(SmileTrace {
    above_low,
    below_high,
    v,
    remainder,
    complement
});
secret!(MarketTrace {
    v,
    ln_forward,
    ln_strike,
    remainder,
    complement,
    saturated,
    negative1,
    d1,
    n1,
    p1,
    d2,
    below,
    negative2,
    t2,
    n2,
    p2,
    discounted_forward,
    discounted_strike,
    value,
    epsilon
});

impl LnTrace {
    /// The mantissa's row of [`tables::LN`].
    pub fn row(&self) -> i128 {
        (self.mantissa >> REST_BITS) - tables::LN_ROWS as i128
    }

    /// What the row leaves of the mantissa, 50 bits.
    pub fn rest(&self) -> i128 {
        self.mantissa & ((1 << REST_BITS) - 1)
    }

    /// Sets logarithm and remainder from their sum; units 2^-104.
    pub(crate) fn set_raw(&mut self, raw: i128) {
        self.ln = raw >> LN_DROPPED_BITS;
        self.remainder = raw & ((1 << LN_DROPPED_BITS) - 1);
    }
}

/// `ln K` for `1 <= K < 2^50`.
pub fn ln_strike(strike: i128) -> LnTrace {
    let bits = (128 - strike.leading_zeros()).clamp(1, tables::STRIKE_BITS);
    let shift = i128::from(tables::MANTISSA_BITS - bits);
    let mut trace = LnTrace {
        shift,
        mantissa: strike << shift,
        ln: 0,
        remainder: 0,
    };
    let row = usize::try_from(trace.row()).ok();
    let row = row.and_then(|row| tables::LN.get(row));
    // Both exist for a strike in range; zero makes no proof.
    if let (Some(row), Some(power)) = (row, tables::power(shift)) {
        trace.set_raw(tables::ln_cubic(row, trace.rest()) - power[0]);
    }
    trace
}

/// `v = floor(sqrt(w))`, total variance linear on the interval that holds the strike.
pub fn smile(interval: &SmileInterval, strike: i128) -> SmileTrace {
    let above_low = strike - interval.low;
    let w = (interval.variance << 10) + interval.slope * above_low;
    let v = (w >> 10).max(0).unsigned_abs().isqrt() as i128;
    let remainder = w - ((v * v) << 10);
    SmileTrace {
        above_low,
        below_high: interval.high - 1 - strike,
        v,
        remainder,
        complement: ((2 * v + 1) << 10) - 1 - remainder,
    }
}

/// Prices `calls` and `puts` (units 1e-8) of one strike.
pub fn market(
    forward: &ForwardRow,
    strike: i128,
    ln_strike: i128,
    v: i128,
    calls: i128,
    puts: i128,
) -> MarketTrace {
    // d1 = (x + v^2/2) / v, rounded: numerator and divisor doubled to stay whole.
    let numerator = 2 * (forward.ln_forward - ln_strike) + v * (v >> 20) + v;
    let quotient = if v > 0 {
        numerator.div_euclid(2 * v)
    } else if numerator < 0 {
        -1
    } else {
        1
    };
    let saturated = v == 0 || quotient.abs() > D1_MAX;
    let negative1 = quotient < 0;
    let d1 = if saturated { D1_MAX } else { quotient.abs() };
    let signed1 = if negative1 { -d1 } else { d1 };
    let excess = numerator - 2 * v * signed1;
    let remainder = if saturated && negative1 { 0 } else { excess };
    let complement = if saturated && !negative1 {
        0
    } else {
        2 * v - 1 - excess
    };

    let signed = |negative: bool, n: i128| if negative { (1 << N_BITS) - n } else { n };
    let n1 = tables::normal(d1 << 20);
    let d2 = (signed1 << 20) - v;
    // At -7 exactly, too: |d2| = 7 has no row of the normal table.
    let below = d2 <= -D2_END;
    let negative2 = !below && d2 < 0;
    let t2 = if below { -D2_END - d2 } else { d2.abs() };
    let n2 = tables::normal(t2);
    let (p1, p2) = (signed(negative1, n1), signed(negative2, n2));

    let discounted_strike = forward.discount * strike;
    let discounted_forward = forward.discounted_forward;
    let counted2 = if below { 0 } else { p2 };
    let call = BigInt::from(discounted_forward) * p1 - BigInt::from(discounted_strike) * counted2;
    let parity = BigInt::from(discounted_forward - discounted_strike) << N_BITS;
    let held = BigInt::from(calls.abs() + puts.abs());
    MarketTrace {
        v,
        ln_forward: forward.ln_forward,
        ln_strike,
        remainder,
        complement,
        saturated,
        negative1,
        d1,
        n1,
        p1,
        d2,
        below,
        negative2,
        t2,
        n2,
        p2,
        discounted_forward,
        discounted_strike,
        value: &call * calls + (&call - parity) * puts,
        epsilon: held * epsilon_per_unit(discounted_forward, discounted_strike),
    }
}

/// Volatility times square root of time of a strike in a group; `None` outside `0..2^50`.
pub fn group_smile(group: &OptionGroup, strike: i128) -> Option<SmileTrace> {
    group
        .smile
        .iter()
        .find(|i| (i.low..i.high).contains(&strike))
        .map(|i| smile(i, strike))
}

/// Whether a slot's value counts towards equity.
pub fn kept(charges: &OptionCharges, value: &BigInt) -> bool {
    !(charges.excluded && value.is_positive())
}

/// A slot's charge; units 1e-24 USD.
pub fn charge(charges: &OptionCharges, [calls, puts]: [i128; 2]) -> BigInt {
    let sides = (-calls).max(0) + (-puts).max(0);
    let naked = (-calls - puts).max(0);
    BigInt::from(sides) * charges.side
        + BigInt::from(naked) * charges.strike
        + BigInt::from(calls.abs() + puts.abs()) * charges.held
}
