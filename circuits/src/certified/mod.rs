//! The worst errors of the chips, proved over every row of their tables, and the bounds of the instruments' values that
//! they compose to. Nothing here samples: each row's polynomial is compared with the Taylor series around its centre,
//! coefficient by coefficient, and the rest of the series is bounded. `docs/numbers.md` derives the steps by hand.
//!
//! A bound is a [`Real`], rounded up by more than the error of [`math`] itself, 2^-160.

mod european;
pub mod exposures;
mod perpetual;
mod swaps;
mod tables;

use num_traits::{ToPrimitive, Zero};

pub use european::{EuropeanBound, european, skewed, volatility_error};
pub use perpetual::{
    PerpetualBound, covers_every_strike, fits_tables, greatest_exponent, perpetual, steepest,
};
pub use swaps::{SwapBound, swap};
pub use tables::{
    density_error, density_row_error, exp_error, exp_row_error, ln_error, ln_row_error,
    normal_error, normal_row_error, normal_tail,
};

use crate::math::{self, Real};

/// One part of a bound, with its reason.
#[derive(Debug, Clone)]
pub struct Part {
    /// What is approximated.
    pub step: &'static str,
    /// The bound.
    pub bound: Real,
}

impl Part {
    fn new(step: &'static str, bound: Real) -> Self {
        Self { step, bound }
    }
}

/// The sum of parts.
pub fn total(parts: &[Part]) -> Real {
    parts
        .iter()
        .fold(Real::zero(), |sum, part| sum + &part.bound)
}

/// A real as a floating-point number, to print.
pub fn float(x: &Real) -> f64 {
    let kept = 120;
    (x >> (math::BITS - kept)).to_f64().unwrap_or(f64::NAN) * 2f64.powi(-(kept as i32))
}

/// 2^-bits.
fn pow2(bits: u32) -> Real {
    math::one() >> bits
}

/// More than the error of any sum of functions of [`math`] here: 2^-160.
fn slack() -> Real {
    pow2(160)
}

/// A table integer as a real.
fn real(value: i128, bits: u32) -> Real {
    Real::from(value) << (math::BITS - bits)
}
