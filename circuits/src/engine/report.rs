//! The private risk report: values, Greeks, scenarios, equity, requirement, verdict.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::greeks::Greeks;
use super::portfolio::{EngineError, Portfolio, SCALE_BITS};
use super::terms::{Terms, quantum};
use crate::{
    model::{Money, ONE, Policy, Rate, Snapshot, VolMove},
    public::{PublicTable, slot_key},
    slots::Slots,
};

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
#[serde(rename_all = "lowercase")]
pub enum PositionKind {
    /// A collateral balance.
    Collateral,
    /// A perpetual or dated future.
    Future,
    /// A strike with its calls and puts.
    Option,
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
    /// Value of futures and options, USD.
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
    /// What a liquidation proof would disclose, if one exists.
    pub terms: Option<Terms>,
}

// Its owner sees it by `Serialize` or field by field, never by a stray `{:?}`.
crate::secret::hidden!(PositionReport, ScenarioReport, Report);

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
        let worlds = (0..table.scenarios)
            .into_par_iter()
            .map(|s| Portfolio::new(slots, table, s))
            .collect::<Result<Vec<_>, _>>()?;
        let base = worlds.first().ok_or(EngineError::NoScenario {
            number: 0,
            count: 0,
        })?;

        // Exact sums without epsilon, in units 1e-16 USD x 2^-124.
        let options: BigInt = base.options.iter().map(|o| &o.base.value).sum();
        let futures: BigInt = base
            .futures
            .iter()
            .map(|f| BigInt::from(f.linear.value) << SCALE_BITS)
            .sum();
        let collateral: BigInt = base
            .assets
            .iter()
            .map(|a| BigInt::from(a.value) << SCALE_BITS)
            .sum();
        let base_epsilon: BigInt = base.options.iter().map(|o| &o.base.epsilon).sum();
        let cash = (BigInt::from(slots.cash) * ONE) << SCALE_BITS;
        let equity: BigInt = &options + &futures + &collateral + &cash;
        let contingencies = &base.totals.contingencies << SCALE_BITS;
        let unit = quantum() / 10_000;

        let mut rows = Vec::with_capacity(worlds.len());
        let (mut worst, mut worst_requirement, mut epsilon) = (0, BigInt::zero(), BigInt::zero());
        let mut worst_initial = BigInt::zero();
        let mut healthy = true;
        for (id, world) in worlds.iter().enumerate() {
            let scenario = id.checked_sub(1).and_then(|i| policy.scenarios.get(i));
            let parts = Parts::new(world, slots, table);
            let requirement: BigInt = &parts.weighted + &contingencies * 10_000;
            let error = &parts.weighted_epsilon + &base_epsilon * 10_000;
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
                requirement: money(&requirement, &quantum()),
            });
        }
        let terms = worlds
            .iter()
            .filter_map(|w| w.totals.liquidation(&table.rules))
            .max_by_key(|trace| trace.shortfall)
            .map(|trace| trace.terms);
        let verdict = match (&terms, healthy) {
            (Some(_), _) => Verdict::UnderMargined,
            (None, true) => Verdict::Healthy,
            (None, false) => Verdict::Band,
        };
        let positions = positions(base, slots, snapshot, table, &unit);
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
        Ok(Self {
            npv: money(&(&options + &futures), &unit),
            collateral: money(&collateral, &unit),
            cash: money(&cash, &unit),
            equity: money(&equity, &unit),
            maintenance_margin: money(&worst_requirement, &quantum()),
            initial_margin: money(&worst_initial, &quantum()),
            contingencies: money(&contingencies, &unit),
            epsilon: money(&epsilon, &quantum()),
            verdict,
            worst_scenario: worst,
            scenarios: rows,
            positions,
            greeks,
            terms,
        })
    }
}

/// A scenario's loss and its error.
struct Parts {
    /// Unweighted loss; units 1e-16 USD x 2^-124.
    loss: BigInt,
    /// Weighted loss without epsilon; units 1e-20 USD x 2^-124.
    weighted: BigInt,
    /// Epsilon of the weighted loss; units 1e-20 USD x 2^-124.
    weighted_epsilon: BigInt,
}

impl Parts {
    fn new(world: &Portfolio, slots: &Slots, table: &PublicTable) -> Self {
        let mut parts = Self {
            loss: BigInt::zero(),
            weighted: BigInt::zero(),
            weighted_epsilon: BigInt::zero(),
        };
        for o in &world.options {
            let loss = &o.base.value - &o.moved.value;
            parts.weighted += &loss * o.factor;
            parts.weighted_epsilon += (&o.base.epsilon + &o.moved.epsilon) * o.factor;
            parts.loss += loss;
        }
        let futures = world
            .futures
            .iter()
            .zip(&slots.futures)
            .map(|(trace, slot)| {
                (
                    table.futures.get(trace.linear.group).map(|g| &g.scenarios),
                    slot.size,
                    slot.size.abs(),
                )
            });
        let assets = world.assets.iter().zip(&slots.assets).map(|(trace, slot)| {
            (
                table.assets.get(trace.group).map(|g| &g.scenarios),
                slot.amount,
                slot.amount,
            )
        });
        for (scenarios, held, magnitude) in futures.chain(assets) {
            let Some(row) = scenarios.and_then(|s| s.get(world.scenario)) else {
                continue;
            };
            let loss = (BigInt::from(held) * row.loss) << SCALE_BITS;
            parts.weighted += &loss * row.factor;
            parts.weighted_epsilon += (BigInt::from(magnitude) * row.factor) << SCALE_BITS;
            parts.loss += loss;
        }
        parts
    }
}

fn positions(
    base: &Portfolio,
    slots: &Slots,
    snapshot: &Snapshot,
    table: &PublicTable,
    unit: &BigInt,
) -> Vec<PositionReport> {
    let decimal = |units: i128| Money::from_units(units.to_i64().unwrap_or(i64::MAX));
    let float = |units: i128| units as f64 / ONE as f64;
    let mut list = Vec::new();
    for (trace, slot) in base.assets.iter().zip(&slots.assets) {
        let Some(asset) = table.assets.get(trace.group).and_then(|g| g.id) else {
            continue;
        };
        let spot = snapshot
            .assets
            .iter()
            .find(|a| slot_key(a.asset, None) == slot.key)
            .map_or(0, |a| a.spot.units());
        let value = trace.value as f64 / (ONE as f64).powi(2);
        list.push(PositionReport {
            kind: PositionKind::Collateral,
            asset: asset.to_string(),
            key: asset.to_string(),
            size: decimal(slot.amount).to_string(),
            npv: money(&(BigInt::from(trace.value) << SCALE_BITS), unit),
            greeks: Greeks {
                delta: value / (spot as f64 / ONE as f64),
                ..Greeks::default()
            },
        });
    }
    for (trace, slot) in base.futures.iter().zip(&slots.futures) {
        let Some((asset, expiry)) = table.futures.get(trace.linear.group).and_then(|g| g.id) else {
            continue;
        };
        list.push(PositionReport {
            kind: PositionKind::Future,
            asset: asset.to_string(),
            key: expiry.map_or_else(
                || format!("{asset}-PERPETUAL"),
                |t| format!("{asset}-{}", date(t)),
            ),
            size: decimal(slot.size).to_string(),
            npv: money(&(BigInt::from(trace.linear.value) << SCALE_BITS), unit),
            greeks: Greeks {
                delta: float(slot.size),
                ..Greeks::default()
            },
        });
    }
    for (trace, slot) in base.options.iter().zip(&slots.options) {
        let Some(group) = table.options.get(trace.group) else {
            continue;
        };
        let Some((asset, expiry)) = group.id else {
            continue;
        };
        let mut size = Vec::new();
        if slot.calls != 0 {
            size.push(format!("{} C", decimal(slot.calls)));
        }
        if slot.puts != 0 {
            size.push(format!("{} P", decimal(slot.puts)));
        }
        list.push(PositionReport {
            kind: PositionKind::Option,
            asset: asset.to_string(),
            key: format!("{asset}-{}-{}", date(expiry), decimal(slot.strike)),
            size: size.join(" "),
            npv: money(&trace.base.value, unit),
            greeks: Greeks::european(
                &trace.base,
                group.seconds,
                float(slot.calls),
                float(slot.puts),
            ),
        });
    }
    list
}

fn date(time: crate::model::Time) -> String {
    time.to_string().chars().take(10).collect()
}
