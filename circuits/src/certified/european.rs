//! The bound of a European option's value.

use super::{Part, ln_error, normal_error, normal_tail, pow2, total};
use crate::{
    engine::option::{EPSILON_FORWARD_BITS, EPSILON_STRIKE, EPSILON_STRIKE_BITS},
    math::{self, Real},
    model::{Discount, LEAST_DISCOUNT},
    public::DISCOUNT_BITS,
    tables::{LN_BITS, V_BITS},
};

/// Greatest factor by which a scenario multiplies volatility (`TableError::VolMultiplier`).
const MOST_VOL_MULTIPLIER: u32 = 4;
/// `v` stays below this (`TableError::Volatility`); for the rounded multiplier.
pub(super) const MOST_V: u32 = 8;

/// The bound of one unit of a European option, by what it is proportional to.
#[derive(Debug, Clone)]
pub struct EuropeanBound {
    /// Parts per unit of D F.
    pub forward: Vec<Part>,
    /// Parts per unit of D K.
    pub strike: Vec<Part>,
}

/// The worst error of `v` in the unmoved market: the root's floor, the interpolated slope (`TableError::NodeGap`), the
/// rounded variance.
pub(super) fn unmoved_volatility_error() -> Real {
    let unit = pow2(V_BITS);
    &unit * 2u32 + (unit >> 1u32)
}

/// The worst error of `v` under any market: the unmoved market's, then the multiplier.
pub fn volatility_error() -> Real {
    // Multiplied, floored, the multiplier rounded to 2^-40 at a v below 8.
    unmoved_volatility_error() * MOST_VOL_MULTIPLIER + pow2(V_BITS) + pow2(41) * MOST_V
}

/// The bound of a European option, step by step; `docs/numbers.md` says why.
pub fn european() -> EuropeanBound {
    composed(volatility_error())
}

/// The bound under a skew of cap c whose multiplier is off by `error` at most, beside what rounds v.
pub fn skewed(cap: &Real, error: &Real) -> EuropeanBound {
    let one = math::one();
    // Multiplied by 1 + c at most, floored.
    let rounded = math::mul(&unmoved_volatility_error(), &(&one + cap)) + pow2(V_BITS);
    let mut bound = composed(rounded);
    // F phi(d1) v <= 0.486 sqrt(F K) <= 0.972 F + 0.061 K for every v between, so that a relative change r of v costs
    // at most -ln(1 - r) of it: r and a part in 2^10, r being at most 2^-11.
    let relative = math::div(error, &(one - cap));
    let relative = &relative + (&relative >> 10u32);
    let share = |thousandths: u32| &relative * thousandths / 1000u32;
    let step = "multiplier: F phi(d1) v times its relative error";
    bound.forward.push(Part::new(step, share(972)));
    bound.strike.push(Part::new(step, share(61)));
    bound
}

/// The steps, `v` being off by so much.
fn composed(volatility: Real) -> EuropeanBound {
    let normal = normal_error();
    let tail = normal_tail();
    // 0.4 is above the normal density's greatest value.
    let density = |x: Real| x * 2u32 / 5u32;
    let ln = ln_error() + pow2(LN_BITS + 1);
    // dd < 2^-17, and F phi(d1) v <= 0.4 sqrt(F K) v exp(-v^2/8) <= 0.486 sqrt(F K), since F phi(d1) = K phi(d2) and
    // d1^2 + d2^2 >= v^2/2; sqrt(F K) <= (4 F + K/4)/2. A part in 2^12 covers 1 + v dd and phi between d1 and d1 + dd.
    let grid = pow2(35) * 486u32 / 1000u32;
    let grid = &grid + (&grid >> 12u32);
    let discount = pow2(DISCOUNT_BITS + 1) * Discount::ONE.units() / LEAST_DISCOUNT.units();
    EuropeanBound {
        forward: vec![
            Part::new("v: F phi(d1) dv", density(volatility)),
            Part::new("d1 on a grid of 2^-17: F phi(d1) v dd^2 / 2", &grid * 2u32),
            Part::new(
                "ln F - ln K: at most F times its error",
                &ln + (&ln >> 10u32),
            ),
            Part::new("N(d1)", normal.clone()),
            Part::new("d1 held within 7", tail.clone()),
            Part::new("D F, half a unit of 2^-44", discount.clone()),
        ],
        strike: vec![
            Part::new("d1 on a grid of 2^-17: a sixteenth of it", grid >> 3u32),
            Part::new("N(d2)", normal),
            Part::new("d1 held within 7", tail.clone()),
            Part::new("d2 beyond -7", tail),
            Part::new("D, half a unit of 2^-44", discount),
        ],
    }
}

impl EuropeanBound {
    /// The sums of the parts, per unit of D F and of D K.
    pub fn totals(&self) -> [Real; 2] {
        [total(&self.forward), total(&self.strike)]
    }

    /// What the circuit adds, per unit of D F and of D K.
    pub fn stated() -> [Real; 2] {
        [
            pow2(EPSILON_FORWARD_BITS),
            pow2(EPSILON_STRIKE_BITS) * EPSILON_STRIKE,
        ]
    }
}
