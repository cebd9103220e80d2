//! The bound of the prices per unit: power perpetuals, variance and volatility swaps.

use super::{Part, pow2, total};
use crate::{
    engine::linear::SWAP_EPSILON,
    math::{self, Real},
    public::SWAP_LOSS_BITS,
};

/// The bound of one unit, USD.
#[derive(Debug, Clone)]
pub struct SwapBound {
    /// Parts in USD per unit held. The strike's part of the value is exact.
    pub parts: Vec<Part>,
}

/// `10^-places`.
fn decimal(places: u32) -> Real {
    math::one() / Real::from(10u8).pow(places)
}

/// The bound of one unit of a swap, step by step; `docs/numbers.md` says why.
pub fn swap() -> SwapBound {
    SwapBound {
        parts: vec![
            Part::new("price, half a unit of 1e-24 USD", decimal(24) >> 1u32),
            // A variance's error of 2^-188 under a root, times a discount of 2; convexity's part is smaller from a
            // variance of 2^-60 on.
            Part::new("real arithmetic of the table", pow2(86)),
        ],
    }
}

/// The bound of a loss per unit, of two prices.
pub fn swap_loss() -> SwapBound {
    SwapBound {
        parts: vec![
            Part::new("loss, half a unit of 2^-20 x 1e-8 USD", loss_unit() >> 1u32),
            Part::new("real arithmetic of the table, twice", pow2(85)),
        ],
    }
}

/// 2^-20 x 1e-8 USD.
fn loss_unit() -> Real {
    decimal(8) >> SWAP_LOSS_BITS
}

impl SwapBound {
    /// The sum of the parts.
    pub fn total(&self) -> Real {
        total(&self.parts)
    }

    /// What is taken off a loss, USD per unit: one unit of it.
    pub fn stated_loss() -> Real {
        loss_unit()
    }

    /// What the circuit adds to a value, USD per unit.
    pub fn stated() -> Real {
        // Units of 1e-36 USD per 1e-8 held.
        decimal(28) * SWAP_EPSILON
    }
}
