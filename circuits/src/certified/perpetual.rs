//! The bound of a perpetual option's value, and the range of its exponents.
//!
//! `E` is the exponential part: the time value of the side that is out of the money (everlasting), or the value before
//! exercise (American). `docs/numbers.md` shows `0 <= E <= S + kappa K` and `K |dE/dK| <= S + kappa K` for every legal market; kappa is
//! the strike's factor in parity, 1 / (1 + rT) or 1.

use super::{Part, exp_error, ln_error, pow2, total};
use crate::{
    engine::perpetual::{EPSILON_BITS, EPSILON_LEAST_BITS},
    math::{self, Real},
    model::{
        LEAST_FUNDING_DAYS, LEAST_PERPETUAL_VOL, LEAST_YEARLY_RATE, MOST_YEARLY_RATE, ONE, Rate,
    },
    public::{
        DISCOUNT_BITS, OFFSET_BITS, PerpetualInterval, PerpetualScenario, SLOPE_BITS, UNIT_EXPONENT,
    },
    tables::{EXPONENT_BITS, FIRST_SHIFT, LAST_SHIFT, STRIKE_BITS},
};

/// The bound of one unit of a perpetual option, by what it is proportional to.
#[derive(Debug, Clone)]
pub struct PerpetualBound {
    /// Parts per unit of S + kappa K.
    pub relative: Vec<Part>,
    /// Parts in units of 1e-8 USD.
    pub absolute: Vec<Part>,
}

fn decimal(rate: Rate) -> Real {
    math::ratio(&rate.units().into(), &ONE.into())
}

/// More than any `|d ln E / d ln K|` of a legal market.
///
/// With c = (r - q)/s^2 it is `|1/2 + c -+ R|` for `R^2 = (1/2 - c)^2 + d`, at most `1 + 2 |c| + sqrt(d)`; d is
/// 2 (r + 1/T)/s^2 (everlasting, which has no q) or 2 r/s^2 (American).
pub fn steepest() -> Real {
    let vol = decimal(LEAST_PERPETUAL_VOL);
    let variance = math::mul(&vol, &vol);
    let carry = decimal(MOST_YEARLY_RATE) - decimal(LEAST_YEARLY_RATE);
    let frequency = math::div(&(math::one() * 365), &decimal(LEAST_FUNDING_DAYS));
    let funded = decimal(MOST_YEARLY_RATE) + frequency;
    let root = math::sqrt(&math::div(&(funded * 2u32), &variance));
    math::one() + math::div(&(carry * 2u32), &variance) + root
}

/// The bound of a perpetual option, step by step; `docs/numbers.md` says why.
pub fn perpetual() -> PerpetualBound {
    // Natural exponents: half a unit, or a whole one where it is cut, times ln 2.
    let exponent = |bits: u32| math::mul(&pow2(bits), &math::LN_2);
    let strikes = &*math::LN_2 * STRIKE_BITS;
    // Parts within the exponential count e^|error of the exponent| times: a part in 2^10 (`steepest` times that of ln K
    // is below 2^-11).
    let inside = |step, bound: Real| Part::new(step, &bound + (&bound >> 10u32));
    PerpetualBound {
        relative: vec![
            inside("ln K: K |dE/dK| times its error", ln_error()),
            inside(
                "slope, half a unit of 2^-42, up to ln 2^50 from the pivot",
                math::mul(&exponent(SLOPE_BITS + 1), &strikes),
            ),
            inside("offset, half a unit of 2^-96", exponent(OFFSET_BITS + 1)),
            // Of 192 bits, the cancellation in the roots' exponents leaves 100 and more.
            inside("real arithmetic of the table", pow2(90)),
            inside("exponent cut to 2^-46", exponent(EXPONENT_BITS)),
            inside("table of 2^x", exp_error()),
            // Of K, which is at most 6 kappa K: rates up to 5, periods up to a year.
            Part::new(
                "kappa, half a unit of 2^-44",
                pow2(DISCOUNT_BITS + 1) * 6u32,
            ),
        ],
        absolute: vec![
            // An exponent below 8 counts as nothing; the true one may be 2^-10 more.
            Part::new(
                "what is nothing, below 2^-24 units",
                pow2(UNIT_EXPONENT - FIRST_SHIFT) + pow2(UNIT_EXPONENT - FIRST_SHIFT + 9),
            ),
            Part::new("spot, half a unit of 2^-44", pow2(DISCOUNT_BITS + 1)),
        ],
    }
}

impl PerpetualBound {
    /// The sums of the parts, per unit of S + kappa K and in units of 1e-8 USD.
    pub fn totals(&self) -> [Real; 2] {
        [total(&self.relative), total(&self.absolute)]
    }

    /// What the circuit adds, per unit of S + kappa K and in units of 1e-8 USD.
    pub fn stated() -> [Real; 2] {
        [pow2(EPSILON_BITS), pow2(EPSILON_LEAST_BITS)]
    }
}

/// The binary exponent at a strike, with the rounded coefficients and the exact logarithm.
fn exponent(interval: &PerpetualInterval, strike: i128) -> Real {
    let ln = math::ln(&(Real::from(strike.max(1)) << math::BITS));
    let slope: Real = Real::from(interval.slope) << (math::BITS - SLOPE_BITS);
    (Real::from(interval.offset) << (math::BITS - OFFSET_BITS)) + math::mul(&slope, &ln)
}

/// The greatest exponent that the circuit may find for a strike in an interval: it is monotone in the strike, so its ends
/// decide, and the circuit's logarithm moves it by what is added here.
pub fn greatest_exponent(interval: &PerpetualInterval) -> Real {
    let [a, b] = [interval.low, interval.high - 1].map(|strike| exponent(interval, strike));
    let slope: Real = Real::from(interval.slope.abs()) << (math::BITS - SLOPE_BITS);
    a.max(b) + math::mul(&slope, &ln_error())
}

/// Whether the circuit's tables hold every exponent of the interval that is not nothing, and 127 bits every intermediate.
pub fn fits_tables(interval: &PerpetualInterval) -> bool {
    // slope x ln K in units of 2^-96, ln K below 35.
    let product: Real = Real::from(interval.slope.abs()) << (OFFSET_BITS - SLOPE_BITS);
    let sum: Real = product * 35u32 + interval.offset.abs();
    greatest_exponent(interval) < math::one() * (LAST_SHIFT + 1) && sum.bits() <= 127
}

/// Whether a market's intervals cover the strikes from 0 to 2^50 once, in order.
pub fn covers_every_strike(scenario: &PerpetualScenario) -> bool {
    let intervals = &scenario.intervals;
    let starts = intervals.iter().map(|i| i.low).skip(1);
    let mut joined = intervals
        .iter()
        .map(|i| i.high)
        .zip(starts.chain([1 << STRIKE_BITS]));
    intervals.first().is_some_and(|i| i.low == 0)
        && joined.all(|(end, start)| end == start)
        && intervals.iter().all(|i| i.low < i.high)
}
