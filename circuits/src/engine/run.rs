//! The loss of an expiry: what the policy makes of the values of its strikes, under the scenario that it chooses.
//!
//! ```text
//! P = sum of (1 - 2 f) V - e             in the unmoved market, f: a gain counts as a loss (skew scenarios only)
//! R = sum of (1 - 2 f) V_s + (1 + i) e_s    under the scenario, i: what a skew adds to the bound
//! loss = P - d q 2^80                    q = R / 2^120, rounded up; d by the sign of the moved value
//! loss = -share q 2^80                   basis: q = (R - P) / 2^120, rounded up, and the expiry chooses the move, or none
//! ```
//! Each is a lower bound of the true loss: R bounds the moved value from above (f: its negative), and d x is never less for
//! a greater x.

use num_bigint::BigInt;
use num_traits::Signed;

use super::{portfolio::DROPPED_BITS, terms::ceil};
use crate::{
    public::{RunRow, ScenarioClass, ScenarioRow},
    secret::secret,
};

/// Fraction bits of a discount, or share.
pub const DISCOUNT_BITS: u32 = 40;

/// What an expiry chooses: each is the prover's, since none makes more than the true loss.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice {
    /// The basis move: 0 none, 1 up, 2 down.
    pub basis: usize,
    /// A gain counts as a loss.
    pub flipped: bool,
}

/// The sums of an expiry's strikes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RunTrace {
    /// P; units 1e-16 USD x 2^-132.
    pub unmoved: BigInt,
    /// R; the same.
    pub moved: BigInt,
    /// The loss's lower bound; the same.
    pub loss: BigInt,
}

secret!(RunTrace {
    unmoved,
    moved,
    loss
});

impl RunTrace {
    /// Adds a strike: value and epsilon, unmoved and under the scenario.
    pub fn add(
        &mut self,
        choice: Choice,
        inflation: i128,
        base: [&BigInt; 2],
        moved: [&BigInt; 2],
    ) {
        let signed = |value: &BigInt| {
            if choice.flipped {
                -value
            } else {
                value.clone()
            }
        };
        self.unmoved += signed(base[0]) - base[1];
        self.moved += signed(moved[0]) + moved[1] * (1 + inflation);
    }

    /// Sets the loss.
    pub fn close(&mut self, choice: Choice, run: &RunRow, scenario: ScenarioRow) {
        let own = i32::from(scenario.own);
        let (quotient, _) = ceil(&(&self.moved - &self.unmoved * own));
        let factor = discount(choice, run, scenario, quotient.is_negative());
        self.loss =
            &self.unmoved * (1 - own) - ((quotient * factor) << (DROPPED_BITS - DISCOUNT_BITS));
    }
}

/// The factor of a quotient; units 2^-40.
pub fn discount(choice: Choice, run: &RunRow, scenario: ScenarioRow, negative: bool) -> i128 {
    match (scenario.own, negative != choice.flipped) {
        (true, _) if choice.basis == 0 => 0,
        (true, _) => run.share,
        (false, true) => run.short_discount,
        (false, false) => run.long_discount,
    }
}

/// The choices that a scenario leaves.
pub fn choices(scenario: ScenarioRow, moves: usize) -> impl Iterator<Item = Choice> {
    let basis = if scenario.own { moves } else { 0 };
    let flips = if scenario.class == ScenarioClass::Skew && !scenario.own {
        2
    } else {
        1
    };
    (0..=basis).flat_map(move |basis| {
        (0..flips).map(move |flip| Choice {
            basis,
            flipped: flip == 1,
        })
    })
}

#[cfg(test)]
mod tests;
