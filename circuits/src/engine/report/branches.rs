//! The branches of the requirement: scenarios, delta charge, basis loss; each the sum of its losses by underlying.
//!
//! ```text
//! expiry  P - d R          P, R: values of its options, unmoved and moved; d by the sign of R; of a skew the magnitude
//! basis   share max(0, P - R up, P - R down)
//! other   V - V_s
//! delta   (2 net - hedged) |delta| + hedged gross
//! core    weight x sum over underlyings of max(loss, loss x factor)
//! ```

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Signed;

use super::bounds::{BITS, Bounds};
use crate::{
    engine::{
        EngineError, OptionTrace, Portfolio,
        exposure::{DELTA_BITS, option_gross, perpetual_gross},
        linear::SWAP_RAISE,
        moved,
        portfolio::SCALE_BITS,
        run::DISCOUNT_BITS,
    },
    model::{ONE, Policy},
    public::{OptionGroup, PublicTable, RunRow, ScenarioClass, ScenarioRow},
    slots::{OptionSlot, Slots},
};

const _: () = assert!(BITS == SCALE_BITS + DISCOUNT_BITS);

/// What the delta charge is raised by to the unit of a core, its half taken.
const DELTA_RAISE: u32 = BITS - DELTA_BITS - 1;

/// Losses by number of the underlying.
type Losses = BTreeMap<usize, Bounds>;

/// One slot of options with its trace.
type Strike<'p> = (&'p OptionSlot, &'p OptionTrace);

/// What a branch adds up to before the margin's factor, by the policy's weight or without it.
pub(super) struct Core {
    /// Units 1e-24 USD x 2^-172: without the weight.
    pub(super) unweighted: BigInt,
    /// Units 1e-32 USD x 2^-172.
    pub(super) weighted: Bounds,
}

/// A branch's core; `world` is the account under it.
pub(super) fn core(
    world: &Portfolio,
    slots: &Slots,
    policy: &Policy,
    table: &PublicTable,
) -> Result<Core, EngineError> {
    let number = world.scenario;
    let row = table.scenarios.get(number).copied().unwrap_or_default();
    let scenario = number.checked_sub(1).and_then(|i| policy.scenarios.get(i));
    let (losses, weight) = if table.delta == Some(number) {
        // Its rates have the places that a weight has.
        (deltas(world, slots, row, table), 1)
    } else if table.basis == Some(number) {
        (basis(world, slots, number, table)?, ONE)
    } else {
        match scenario {
            Some(scenario) => (moves(world, slots, row, table), scenario.weight.units()),
            None => (Losses::new(), ONE),
        }
    };
    let mut sum = Bounds::default();
    for (underlying, loss) in losses {
        let factor = table
            .assets
            .get(underlying)
            .map_or(ONE.into(), |a| a.factor);
        sum += loss.map(|loss| {
            let factor = if loss.is_positive() {
                factor
            } else {
                ONE.into()
            };
            loss * factor
        });
    }
    Ok(Core {
        unweighted: sum.exact.clone(),
        weighted: sum.map(|loss| loss * weight),
    })
}

/// The account's options by expiry.
fn expiries<'p>(world: &'p Portfolio, slots: &'p Slots) -> Vec<Vec<Strike<'p>>> {
    let strikes: Vec<Strike<'p>> = slots.options.iter().zip(&world.options).collect();
    let expiries = strikes.chunk_by(|a, b| a.0.key == b.0.key);
    expiries.map(<[_]>::to_vec).collect()
}

/// The market of an expiry's strikes.
fn group<'t>(strikes: &[Strike<'_>], table: &'t PublicTable) -> Option<&'t OptionGroup> {
    let (_, trace) = strikes.first()?;
    table.options.get(trace.group)
}

/// An expiry's value in the unmoved market.
fn unmoved(strikes: &[Strike<'_>]) -> Bounds {
    let values = strikes.iter().map(|(_, trace)| &trace.base);
    values.fold(Bounds::default(), |sum, market| {
        sum + Bounds::around(market.value.clone(), &market.epsilon)
    })
}

/// Losses under a scenario; units 1e-16 USD x 2^-172.
fn moves(world: &Portfolio, slots: &Slots, row: ScenarioRow, table: &PublicTable) -> Losses {
    let mut losses = Losses::new();
    let mut add = |underlying, loss| *losses.entry(underlying).or_default() += loss;
    for strikes in expiries(world, slots) {
        let Some(group) = group(&strikes, table) else {
            continue;
        };
        let skew = row.class == ScenarioClass::Skew;
        let inflation = if skew { group.run.inflation } else { 0 };
        let moved = strikes.iter().fold(Bounds::default(), |sum, (_, trace)| {
            let market = &trace.moved.market;
            sum + Bounds::around(market.value.clone(), &(&market.epsilon * (1 + inflation)))
        });
        let loss = (unmoved(&strikes) << DISCOUNT_BITS) - discounted(moved, &group.run);
        let loss = if skew { loss.magnitude() } else { loss };
        add(group.underlying, loss);
    }
    for trace in &world.perpetual_options {
        let market = |value: &BigInt, error: &BigInt| Bounds::around(value.clone(), error);
        let (base, moved) = (&trace.base, &trace.moved);
        let loss = market(&base.value, &base.epsilon) - market(&moved.value, &moved.epsilon);
        add(trace.underlying, loss << DISCOUNT_BITS);
    }
    for trace in &world.futures {
        let loss = Bounds::point(trace.loss.clone());
        add(trace.underlying, loss << DISCOUNT_BITS);
    }
    for trace in &world.assets {
        add(
            trace.group,
            Bounds::point(trace.loss.clone()) << DISCOUNT_BITS,
        );
    }
    for (trace, slot) in world.swaps.iter().zip(&slots.swaps) {
        let group = table.swaps.get(trace.group);
        let [signed, held] = group
            .and_then(|g| g.scenarios.get(world.scenario).copied())
            .unwrap_or_default();
        // What is taken off per unit held bounds the rounding of the loss per unit.
        let error = BigInt::from(held.abs()) * slot.size.abs();
        let loss = Bounds::around(BigInt::from(signed) * slot.size, &error);
        add(trace.underlying, loss << (SWAP_RAISE + DISCOUNT_BITS));
    }
    losses
}

/// The static discount of an expiry's moved value; the unit gains its fraction bits.
fn discounted(moved: Bounds, run: &RunRow) -> Bounds {
    moved.map(|value| {
        let discount = if value.is_negative() {
            run.short_discount
        } else {
            run.long_discount
        };
        value * discount
    })
}

/// Basis losses; units 1e-16 USD x 2^-172.
fn basis(
    world: &Portfolio,
    slots: &Slots,
    number: usize,
    table: &PublicTable,
) -> Result<Losses, EngineError> {
    let row = table.scenarios.get(number).copied().unwrap_or_default();
    let mut losses = Losses::new();
    for strikes in expiries(world, slots) {
        let Some(group) = group(&strikes, table) else {
            continue;
        };
        let mut greatest = Bounds::default();
        for scenario in [number + 1, number + 2] {
            let mut loss = unmoved(&strikes);
            for (slot, trace) in &strikes {
                let (ln, v) = (trace.ln.ln, trace.smile.v);
                let sizes = [slot.calls, slot.puts];
                let moved = moved::moved(group, (scenario, row), slot.strike, ln, v, sizes);
                let market = moved.ok_or(EngineError::NoScenario {
                    number: scenario,
                    count: group.scenarios.len(),
                })?;
                let market = &market.market;
                loss = loss - Bounds::around(market.value.clone(), &market.epsilon);
            }
            greatest = greatest.max(loss);
        }
        let loss = greatest.map(|loss| loss * group.run.share);
        *losses.entry(group.underlying).or_default() += loss;
    }
    Ok(losses)
}

/// Delta charges; units 1e-24 USD x 2^-172. What deltas are off by is taken off the charges per option and swap.
fn deltas(world: &Portfolio, slots: &Slots, row: ScenarioRow, table: &PublicTable) -> Losses {
    // By underlying: delta and gross delta.
    let mut sums: BTreeMap<usize, [BigInt; 2]> = BTreeMap::new();
    let mut add = |underlying, parts: [&BigInt; 2]| {
        let sum = sums.entry(underlying).or_default();
        for (sum, part) in sum.iter_mut().zip(parts) {
            *sum += part;
        }
    };
    let delta = |exposure: &crate::engine::Exposure| {
        let [delta, _, _] = &exposure.values;
        delta.clone()
    };
    for (trace, slot) in world.options.iter().zip(&slots.options) {
        if let Some(group) = table.options.get(trace.group) {
            let gross = option_gross(&trace.base, group, [slot.calls, slot.puts]);
            add(trace.underlying, [&delta(&trace.exposure), &gross]);
        }
    }
    for (trace, slot) in world.perpetual_options.iter().zip(&slots.perpetual_options) {
        if let Some(group) = table.perpetual_options.get(trace.group) {
            let sizes = [slot.calls, slot.puts];
            let gross = perpetual_gross(&trace.base, group, slot.strike, sizes);
            add(trace.underlying, [&delta(&trace.exposure), &gross]);
        }
    }
    let futures = world.futures.iter();
    let futures = futures.map(|t| (t.underlying, delta(&t.exposure)));
    let swaps = world.swaps.iter();
    for (underlying, delta) in futures.chain(swaps.map(|t| (t.underlying, delta(&t.exposure)))) {
        add(underlying, [&delta, &delta.abs()]);
    }
    let charge = |[delta, gross]: [BigInt; 2]| {
        Bounds::point(delta.abs() * row.net + gross * row.gross) << DELTA_RAISE
    };
    sums.into_iter()
        .map(|(u, parts)| (u, charge(parts)))
        .collect()
}
