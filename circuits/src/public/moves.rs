//! The branches of the requirement: the policy's scenarios, the delta charge, the basis loss.

use num_bigint::BigInt;

use super::{ScenarioClass, ScenarioRow, build::nearest};
use crate::{
    math::{self, Real},
    model::{ONE, Policy, Rate, VolMove},
};

/// Fraction bits of a relative spot move.
pub const MOVE_BITS: u32 = 40;
/// The delta charge's losses are in units of 2^-102 x 1e-24 USD, scenarios' in 2^-132 x 1e-16.
const DELTA_SCALE_BITS: u32 = 30;

/// One joint move of prices and volatilities.
pub(super) struct Move {
    /// Relative spot move, rounded; units 2^-40.
    pub(super) spot: i128,
    /// `ln(1 + spot)`.
    pub(super) ln_spot: Real,
    pub(super) vol: VolMove,
    /// What it counts.
    pub(super) row: ScenarioRow,
}

impl Move {
    fn new(spot: Rate, vol: VolMove, row: ScenarioRow) -> Self {
        let spot = nearest(&(BigInt::from(spot.units()) << MOVE_BITS), &ONE.into());
        let ratio = math::ratio(
            &(spot + (1 << MOVE_BITS)).into(),
            &(1u64 << MOVE_BITS).into(),
        );
        Self {
            spot,
            ln_spot: math::ln(&ratio),
            vol,
            row: ScenarioRow { spot, ..row },
        }
    }

    /// `1 + spot`; units 2^-40.
    pub(super) fn ratio(&self) -> i128 {
        self.spot + (1 << MOVE_BITS)
    }

    /// Positions lose what the prices say.
    pub(super) fn reprices(&self) -> bool {
        self.row.factor != 0 && !self.row.own
    }
}

/// The table's branches.
pub(super) struct Moves {
    /// The unmoved market, the scenarios, the delta charge, the basis loss.
    pub(super) list: Vec<Move>,
    /// The basis moves, up and down.
    pub(super) basis: Vec<Move>,
    /// Number of the delta charge.
    pub(super) delta: Option<usize>,
    /// Number of the basis loss.
    pub(super) loss: Option<usize>,
}

impl Moves {
    pub(super) fn new(policy: &Policy) -> Self {
        let maintenance = i128::from(policy.factors.maintenance.units());
        let unmoved = |row| Move::new(Rate::ZERO, VolMove::Same, row);
        let mut list = vec![unmoved(ScenarioRow::default())];
        list.extend(policy.scenarios.iter().map(|s| {
            let class = match s.vol {
                VolMove::Linear | VolMove::Absolute => ScenarioClass::Skew,
                VolMove::Up if policy.vol_shock.min_vol_up > Rate::ZERO => ScenarioClass::Floored,
                _ => ScenarioClass::Plain,
            };
            let row = ScenarioRow {
                factor: i128::from(s.weight.units()) * maintenance,
                class,
                ..ScenarioRow::default()
            };
            Move::new(s.spot, s.vol, row)
        }));
        let mut next = |row| {
            list.push(unmoved(row));
            list.len() - 1
        };
        let [net, hedged] = [policy.delta.net, policy.delta.hedged].map(|r| i128::from(r.units()));
        // net |d| + hedged (gross - |d|) / 2, doubled to stay whole; the factor takes the half.
        let delta = (net != 0 || hedged != 0).then(|| {
            next(ScenarioRow {
                factor: (maintenance << DELTA_SCALE_BITS) / 2,
                own: true,
                gross: hedged,
                net: 2 * net - hedged,
                // No basis move: the circuit has none in a skew.
                class: ScenarioClass::Skew,
                ..ScenarioRow::default()
            })
        });
        let basis = &policy.basis;
        let charged = [basis.add, basis.per_year].iter().any(|r| *r != Rate::ZERO);
        let loss = charged.then(|| {
            next(ScenarioRow {
                factor: maintenance * i128::from(ONE),
                own: true,
                ..ScenarioRow::default()
            })
        });
        let moved = |spot| Move::new(spot, VolMove::Same, ScenarioRow::default());
        let moves = loss.map(|_| vec![moved(basis.up), moved(basis.down)]);
        Self {
            list,
            basis: moves.unwrap_or_default(),
            delta,
            loss,
        }
    }

    pub(super) fn rows(&self) -> Vec<ScenarioRow> {
        self.list.iter().map(|m| m.row).collect()
    }
}

#[cfg(test)]
mod tests;
