//! The private risk report: values, Greeks, scenarios, equity, requirement, verdict.

mod positions;
mod sensitivities;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    greeks::{Greeks, TotalGreeks},
    linear::SWAP_EPSILON,
    portfolio::{DROPPED_BITS, EngineError, Portfolio, SCALE_BITS, option_unit},
    terms::Terms,
};
use crate::{
    model::{Money, Policy, Rate, Snapshot, VolMove},
    public::PublicTable,
    slots::Slots,
};
use positions::positions;

/// What the account can be proved to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Some scenario breaks the account, whatever the rounding.
    UnderMargined,
    /// No scenario breaks the account, whatever the rounding.
    Healthy,
    /// Within epsilon of the threshold: neither can be proved.
    Band,
}

/// The kind of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PositionKind {
    /// A collateral balance.
    Collateral,
    /// A perpetual or dated future.
    Future,
    /// A strike with its calls and puts.
    Option,
    /// A perpetual option's strike with its calls and puts.
    PerpetualOption,
    /// A power perpetual.
    PowerPerpetual,
    /// A variance swap.
    VarianceSwap,
    /// A volatility swap.
    VolatilitySwap,
}

/// One position.
#[derive(Clone, Serialize, JsonSchema)]
pub struct PositionReport {
    /// Kind.
    pub kind: PositionKind,
    /// Underlying.
    pub asset: String,
    /// Asset, expiry and strike, as the venues write them.
    pub key: String,
    /// Signed size: amount, contracts, or calls and puts.
    pub size: String,
    /// Value, USD, haircut applied.
    pub npv: Money,
    /// Sensitivities.
    #[serde(flatten)]
    pub greeks: Greeks,
}

/// One scenario.
#[derive(Clone, Serialize, JsonSchema)]
pub struct ScenarioReport {
    /// Number in the policy's list; 0 is the unmoved market.
    pub id: usize,
    /// Spot move.
    pub spot: Rate,
    /// Volatility move.
    pub vol: VolMove,
    /// Weight.
    pub weight: Rate,
    /// Profit or loss of the account, USD, unweighted.
    pub pnl: Money,
    /// Maintenance requirement under this scenario, USD.
    pub requirement: Money,
}

/// The whole report. Private to whoever holds the opening.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Report {
    /// Value of all positions but collateral, USD.
    pub npv: Money,
    /// Collateral after haircuts, USD.
    pub collateral: Money,
    /// Cash, USD.
    pub cash: Money,
    /// Collateral + cash + NPV, USD.
    pub equity: Money,
    /// Maintenance requirement, USD: the worst scenario's.
    pub maintenance_margin: Money,
    /// Initial requirement, USD: the worst scenario's.
    pub initial_margin: Money,
    /// Contingencies within both requirements, USD.
    pub contingencies: Money,
    /// Bound on equity's and requirement's error together, USD.
    pub epsilon: Money,
    /// Verdict.
    pub verdict: Verdict,
    /// The scenario with the greatest requirement.
    pub worst_scenario: usize,
    /// Every scenario.
    pub scenarios: Vec<ScenarioReport>,
    /// Every position.
    pub positions: Vec<PositionReport>,
    /// Sensitivities by underlying.
    pub greeks: Vec<(String, Greeks)>,
    /// Vega, theta and rho of all underlyings together.
    pub total_greeks: TotalGreeks,
    /// What a liquidation proof would disclose, if one exists.
    pub terms: Option<Terms>,
}

// Its owner sees it by `Serialize` or field by field, never by a stray `{:?}`.
crate::secret::hidden!(PositionReport, ScenarioReport, Report);

/// 1e-8 USD in the report's unit, 1e-36 USD x 2^-132.
fn unit() -> BigInt {
    BigInt::from(10u8).pow(28) << SCALE_BITS
}

/// Units of 1e-36 USD in the report's.
fn fine(value: &BigInt) -> BigInt {
    value << SCALE_BITS
}

/// The bound of the swaps' error, once; units 1e-36 USD.
fn swap_error(slots: &Slots) -> BigInt {
    let held = slots.swaps.iter().map(|s| s.size.abs()).sum::<i128>();
    BigInt::from(held) * SWAP_EPSILON
}

/// Rounds an integer of `unit`s to 1e-8 USD, ties up, saturating.
fn money(value: &BigInt, unit: &BigInt) -> Money {
    let doubled: BigInt = value * 2 + unit;
    let nearest = doubled.div_floor(&(unit * 2));
    let limit = if nearest.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    };
    Money::from_units(nearest.to_i64().unwrap_or(limit))
}

impl Report {
    /// Evaluates the account under every scenario.
    ///
    /// # Errors
    /// [`EngineError`] if a position has no market in the snapshot.
    pub fn new(
        slots: &Slots,
        snapshot: &Snapshot,
        policy: &Policy,
        table: &PublicTable,
    ) -> Result<Self, EngineError> {
        let worlds = (0..table.scenarios.len())
            .into_par_iter()
            .map(|s| Portfolio::new(slots, table, s))
            .collect::<Result<Vec<_>, _>>()?;
        let base = worlds.first().ok_or(EngineError::NoScenario {
            number: 0,
            count: 0,
        })?;

        // Exact sums without epsilon.
        let options = base.options.iter().map(|o| &o.base.value);
        let perpetuals = base.perpetual_options.iter().map(|o| &o.base.value);
        let options: BigInt = options.chain(perpetuals).sum::<BigInt>() * option_unit();
        let futures: BigInt = base.futures.iter().map(|f| &f.value).sum();
        let collateral: BigInt = base.assets.iter().map(|a| &a.value).sum();
        let collateral = fine(&collateral);
        let swap_error = swap_error(slots);
        let swaps: BigInt = base.swaps.iter().map(|s| &s.value).sum();
        let npv = options + fine(&(futures + swaps - &swap_error));
        let cash = BigInt::from(slots.cash) * unit();
        let equity: BigInt = &npv + &collateral + &cash;
        let contingencies = fine(&(&base.totals.contingencies * option_unit()));
        let unit = unit();
        let quantum = &unit * 10_000;
        // What the circuits cut off the options' sums.
        let cut = option_unit() << DROPPED_BITS;
        let base_error = Parts::option_error(base, false) + fine(&swap_error) + &cut;

        let mut rows = Vec::with_capacity(worlds.len());
        let (mut worst, mut worst_requirement, mut epsilon) = (0, BigInt::zero(), BigInt::zero());
        let mut worst_initial = BigInt::zero();
        let mut healthy = true;
        for (id, world) in worlds.iter().enumerate() {
            let scenario = id.checked_sub(1).and_then(|i| policy.scenarios.get(i));
            let parts = Parts::new(world, &swap_error);
            let requirement: BigInt = &parts.loss * world.totals.factor + &contingencies * 10_000;
            let moved_error = (&parts.error + &cut) * world.totals.factor;
            let error = moved_error + &base_error * 10_000;
            let weight = scenario.map_or(0, |s| s.weight.units());
            let initial_factor =
                i128::from(weight) * i128::from(policy.factors.initial.units()) / 1_000_000_000_000;
            let initial = &parts.loss * initial_factor + &contingencies * 10_000;
            healthy &= &equity * 10_000 - &requirement >= error;
            if id == 0 || requirement > worst_requirement {
                (worst, worst_requirement, epsilon) = (id, requirement.clone(), error);
            }
            worst_initial = worst_initial.max(initial);
            rows.push(ScenarioReport {
                id,
                spot: scenario.map_or(Rate::ZERO, |s| s.spot),
                vol: scenario.map_or(VolMove::Same, |s| s.vol),
                weight: scenario.map_or(Rate::ONE, |s| s.weight),
                pnl: money(&-&parts.loss, &unit),
                requirement: money(&requirement, &quantum),
            });
        }
        let mut terms = worlds
            .iter()
            .filter_map(|w| w.totals.liquidation(&table.rules))
            .max_by_key(|trace| trace.shortfall)
            .map(|trace| trace.terms.clone());
        let verdict = match (&terms, healthy) {
            (Some(_), _) => Verdict::UnderMargined,
            (None, true) => Verdict::Healthy,
            (None, false) => Verdict::Band,
        };
        // Without exposures that can be disclosed there is no proof, and there are no terms.
        terms = match base.disclosed(table) {
            Ok(exposures) => terms.map(|terms| Terms { exposures, ..terms }),
            Err(_) => None,
        };
        let positions = positions(base, slots, snapshot, table);
        let mut greeks: Vec<(String, Greeks)> = Vec::new();
        for position in &positions {
            match greeks
                .iter_mut()
                .find(|(asset, _)| *asset == position.asset)
            {
                Some((_, total)) => *total += position.greeks,
                None => greeks.push((position.asset.clone(), position.greeks)),
            }
        }
        let total_greeks = greeks.iter().map(|(_, greeks)| greeks).collect();
        Ok(Self {
            npv: money(&npv, &unit),
            collateral: money(&collateral, &unit),
            cash: money(&cash, &unit),
            equity: money(&equity, &unit),
            maintenance_margin: money(&worst_requirement, &quantum),
            initial_margin: money(&worst_initial, &quantum),
            contingencies: money(&contingencies, &unit),
            epsilon: money(&epsilon, &quantum),
            verdict,
            worst_scenario: worst,
            scenarios: rows,
            positions,
            greeks,
            total_greeks,
            terms,
        })
    }
}

/// A scenario's loss and its error; units 1e-36 USD x 2^-132.
struct Parts {
    loss: BigInt,
    error: BigInt,
}

impl Parts {
    fn new(world: &Portfolio, swap_error: &BigInt) -> Self {
        let options = world.options.iter().map(|o| &o.base.value - &o.moved.value);
        let perpetuals = world.perpetual_options.iter();
        let perpetuals = perpetuals.map(|o| &o.base.value - &o.moved.value);
        let options: BigInt = options.chain(perpetuals).sum();
        let totals = &world.totals;
        let moved = &totals.shockable * totals.spot_move * 10_000;
        let swaps = &totals.swap_loss + swap_error * 2;
        Self {
            loss: options * option_unit() + fine(&(swaps - moved)),
            error: Self::option_error(world, true) + fine(&(swap_error * 2)),
        }
    }

    /// The options' epsilons in the unmoved market, and under the scenario too if `moved`.
    fn option_error(world: &Portfolio, moved: bool) -> BigInt {
        let options = world.options.iter();
        let options = options.map(|o| (&o.base.epsilon, &o.moved.epsilon));
        let perpetuals = world.perpetual_options.iter();
        let perpetuals = perpetuals.map(|o| (&o.base.epsilon, &o.moved.epsilon));
        let all = options.chain(perpetuals);
        let sum: BigInt = all
            .map(|(base, after)| if moved { base + after } else { base.clone() })
            .sum();
        sum * option_unit()
    }
}
