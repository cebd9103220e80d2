//! The private risk report: values, Greeks, scenarios, both margins, verdict.
//!
//! A verdict compares bounds: the account is under-margined where the circuit proves it, healthy where equity's bound from
//! below meets the requirement's from above and the solvency circuit proves it. What is reported is the exact number between them.

mod bounds;
mod branches;
mod charges;
mod confidence;
mod equity;
mod positions;
mod sensitivities;
#[cfg(test)]
mod tests;
mod types;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use rayon::prelude::*;

use super::{
    greeks::Greeks,
    portfolio::{EngineError, Portfolio},
    solvency::Solvency,
    terms::{LiquidationTrace, Terms},
    underlying::CORE_BITS,
};
use crate::{
    model::{ONE, Policy, Rate, Snapshot, VolMove},
    public::{PublicTable, solvency_multiplier},
    slots::Slots,
};
use bounds::{BITS, Bounds, money, quotient, scaled};
use branches::{Core, core};
use charges::Charges;
use equity::Equity;
use positions::positions;
pub use types::{
    CollateralMix, Contingencies, Contingency, Decider, PositionKind, PositionReport, Report,
    ScenarioReport, Verdict,
};

/// One branch of the requirement.
struct Branch {
    world: Portfolio,
    core: Core,
    /// What a proof under it shows.
    proved: Option<LiquidationTrace>,
}

impl Branch {
    /// Exact requirement less equity, and by how much a proof's number is less; the report's unit.
    fn epsilon(&self, exact: &BigInt) -> BigInt {
        exact - scaled(&self.world.totals.shortfall(), 40, CORE_BITS)
    }
}

/// The multipliers of a core, maintenance and initial; units 1e-16.
fn factors(snapshot: &Snapshot, policy: &Policy) -> [i128; 2] {
    let f = &policy.factors;
    let stable = snapshot.stable.as_ref().map_or(ONE, |s| s.price.units());
    let short = (f.peg.threshold.units() - stable).max(0);
    let peg = i128::from(f.peg.slope.units()) * i128::from(short);
    let of = |rate: Rate| i128::from(rate.units()) * i128::from(ONE);
    [of(f.maintenance), of(f.initial) + peg]
}

impl Report {
    /// Evaluates the account under every branch of the requirement.
    ///
    /// # Errors
    /// [`EngineError`] if a position has no market in the snapshot.
    pub fn new(
        slots: &Slots,
        snapshot: &Snapshot,
        policy: &Policy,
        table: &PublicTable,
    ) -> Result<Self, EngineError> {
        let branches = branches(slots, policy, table)?;
        let first = branches.first().ok_or(EngineError::NoScenario {
            number: 0,
            count: 0,
        })?;
        let base = &first.world;
        let equity = Equity::new(base, slots, snapshot, policy, table);
        let charges = Charges::new(base, slots, snapshot, policy, table);
        let [contingencies, contingencies_above] = charges.maintenance();
        let [maintenance, initial] = factors(snapshot, policy);
        // Of one branch; a gain leaves nothing required, not less.
        let requirement = |core: &BigInt| (core * maintenance + &contingencies).max(BigInt::zero());

        let (mut greatest, mut decided_by) = (Bounds::default(), Decider::None);
        for (number, branch) in branches.iter().enumerate() {
            let core = &branch.core.weighted;
            if core.exact > greatest.exact {
                decided_by = decider(number, table);
            }
            greatest = greatest.max(core.clone());
        }
        let margin = requirement(&greatest.exact);
        let margin_above = &greatest.above * maintenance + contingencies_above;

        // What a proof can show decides which branch to prove; without one, what comes nearest.
        let shortfall = |b: &Branch| {
            (
                b.proved.as_ref().map(|p| p.shortfall),
                b.world.totals.shortfall(),
            )
        };
        let ranked = branches.iter().enumerate().rev();
        let (worst_scenario, worst) = ranked
            .max_by_key(|(_, b)| shortfall(b))
            .unwrap_or((0, first));
        let exact = requirement(&worst.core.weighted.exact) - &equity.total.exact;
        let epsilon = worst.epsilon(&exact);

        // Without exposures that can be disclosed there is no proof.
        let disclosed = base.disclosed(table).ok();
        let proved = worst.proved.as_ref().zip(disclosed);
        let terms = proved.map(|(trace, exposures)| Terms {
            exposures,
            ..trace.terms.clone()
        });
        let verdict = if terms.is_some() {
            Verdict::UnderMargined
        // The second follows from the first but for rounding, and where the solvency circuit has no place for the policy's branches.
        } else if equity.total.below >= margin_above && is_provably_healthy(slots, table)? {
            Verdict::Healthy
        } else {
            Verdict::Band
        };

        let positions = positions(base, slots, snapshot, table);
        let greeks = by_underlying(&positions);
        let (illiquidity, _) = base.totals.illiquidity();
        let ratio = |rise: i64| Rate::from_units(ONE.saturating_add(rise));
        let health = margin
            .is_positive()
            .then(|| quotient(&(&equity.total.exact * ONE), &margin));
        Ok(Self {
            npv: money(&equity.npv),
            collateral: money(&equity.collateral),
            cash: money(&equity.cash),
            uncounted: money(&equity.uncounted),
            equity: money(&equity.total.exact),
            equity_initial: money(&equity.initial),
            maintenance_margin: money(&margin),
            initial_margin: money(&(&greatest.exact * initial + charges.initial())),
            health,
            basis: core_part(&branches, table.basis),
            delta_charge: core_part(&branches, table.delta),
            contingencies: charges.report(),
            decided_by,
            collateral_mix: CollateralMix {
                illiquidity: ratio(i64::try_from(illiquidity).unwrap_or(i64::MAX)),
                solvency: Rate::from_units(solvency_multiplier(snapshot, policy).unwrap_or(ONE)),
            },
            epsilon: money(&epsilon),
            verdict,
            worst_scenario,
            scenarios: scenarios(&branches, policy, requirement),
            positions,
            total_greeks: greeks.iter().map(|(_, greeks)| greeks).collect(),
            greeks,
            terms,
        })
    }
}

/// Whether there is a proof of the account's health.
fn is_provably_healthy(slots: &Slots, table: &PublicTable) -> Result<bool, EngineError> {
    match Solvency::new(slots, table) {
        Err(EngineError::Scenarios { .. }) => Ok(false),
        solvency => Ok(solvency?.healthy()),
    }
}

/// The account under every branch of the public table.
fn branches(
    slots: &Slots,
    policy: &Policy,
    table: &PublicTable,
) -> Result<Vec<Branch>, EngineError> {
    let numbers = (0..table.scenarios.len()).into_par_iter();
    let branches = numbers.map(|number| {
        let world = Portfolio::new(slots, table, number)?;
        Ok(Branch {
            core: core(&world, slots, policy, table)?,
            proved: world.totals.liquidation(&table.rules),
            world,
        })
    });
    branches.collect()
}

fn decider(number: usize, table: &PublicTable) -> Decider {
    match Some(number) {
        of if of == table.delta => Decider::Delta,
        of if of == table.basis => Decider::Basis,
        _ => Decider::Scenario(number),
    }
}

/// What a branch of its own comes to before the factor.
fn core_part(branches: &[Branch], number: Option<usize>) -> crate::model::Money {
    let branch = number.and_then(|number| branches.get(number));
    let core = branch.map_or_else(BigInt::zero, |b| b.core.weighted.exact.clone());
    money(&scaled(&core, 32, BITS))
}

/// The unmoved market and the policy's scenarios.
fn scenarios(
    branches: &[Branch],
    policy: &Policy,
    requirement: impl Fn(&BigInt) -> BigInt,
) -> Vec<ScenarioReport> {
    let numbered = branches.iter().enumerate().take(policy.scenarios.len() + 1);
    let report = numbered.map(|(id, branch)| {
        let scenario = id.checked_sub(1).and_then(|i| policy.scenarios.get(i));
        ScenarioReport {
            id,
            spot: scenario.map_or(Rate::ZERO, |s| s.spot),
            vol: scenario.map_or(VolMove::Same, |s| s.vol),
            weight: scenario.map_or(Rate::ONE, |s| s.weight),
            pnl: money(&scaled(&-&branch.core.unweighted, 24, BITS)),
            requirement: money(&requirement(&branch.core.weighted.exact)),
        }
    });
    report.collect()
}

fn by_underlying(positions: &[PositionReport]) -> Vec<(String, Greeks)> {
    let mut greeks: Vec<(String, Greeks)> = Vec::new();
    for position in positions {
        match greeks
            .iter_mut()
            .find(|(asset, _)| *asset == position.asset)
        {
            Some((_, total)) => *total += position.greeks,
            None => greeks.push((position.asset.clone(), position.greeks)),
        }
    }
    greeks
}
