//! Losses by branch and underlying, each an upper bound.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::{Solvency, magnitudes};
use crate::{
    engine::{
        DROPPED_BITS, OptionTrace, Portfolio,
        exposure::{option_gross, perpetual_gross, raise},
        linear::{SWAP_LOSS_RANGE, SWAP_RAISE},
        run::DISCOUNT_BITS,
        terms::{ceil, floor},
    },
    public::{OptionGroup, PublicTable, ScenarioClass, ScenarioRow, live},
    slots::Slots,
};

/// Losses by number of the underlying; units 1e-16 USD x 2^-132.
type Sums = BTreeMap<usize, BigInt>;

/// What every branch makes the account lose.
pub struct Losses {
    /// Scenarios by place, delta charge (gross), basis loss; units 1e-16 USD x 2^-132 (of the delta charge 1e-24 x 2^-102).
    pub branches: Vec<Sums>,
    /// Every listed underlying, padding in front, with magnitude of delta, short gamma and magnitude of vega, rounded up; units
    /// 2^8 x 1e-16 USD.
    pub listed: Vec<(usize, [BigInt; 3])>,
    /// They are in range.
    pub fits: bool,
}

/// What a scenario makes of an expiry, bounded from above.
pub(crate) fn expiry_loss(
    strikes: &[(&OptionTrace, &OptionTrace)],
    group: &OptionGroup,
    skew: bool,
) -> BigInt {
    let [mut low, mut high, mut unmoved_low, mut unmoved_high] = [(); 4].map(|()| BigInt::zero());
    let inflation = if skew { group.run.inflation } else { 0 };
    for (base, moved) in strikes {
        unmoved_high += &base.base.value + &base.base.epsilon;
        unmoved_low += &base.base.value - &base.base.epsilon;
        let market = &moved.moved.market;
        let error = &market.epsilon * (1 + inflation);
        low += &market.value - &error;
        high += &market.value + &error;
    }
    let discounted = |quotient: BigInt| -> BigInt {
        let discount = if quotient.is_negative() {
            group.run.short_discount
        } else {
            group.run.long_discount
        };
        (quotient * discount) << (DROPPED_BITS - DISCOUNT_BITS)
    };
    let fall = unmoved_high - discounted(floor(&low).0);
    let rise = discounted(ceil(&high).0) - unmoved_low;
    if skew { fall.max(rise) } else { fall }
}

impl Losses {
    /// Works the losses out.
    pub(super) fn new(solvency: &Solvency, slots: &Slots, table: &PublicTable) -> Self {
        let numbers = solvency.branches.scenarios.iter().zip(&solvency.worlds);
        let scenarios = numbers.map(|(&number, world)| {
            let row = table.scenarios.get(number).copied().unwrap_or_default();
            moves(&solvency.base, world, slots, (number, row), table)
        });
        let mut branches: Vec<Sums> = scenarios.collect();
        branches.push(gross(solvency, slots, table));
        branches.push(basis(solvency, table));
        let charged = table.rules.exposures_charged;
        let numbers = solvency.branches.scenarios.iter();
        let numbers = numbers.chain([&solvency.branches.delta]);
        let mut fits = numbers.copied().all(|number| {
            let held = solvency.base.swaps.iter().zip(&slots.swaps);
            let mut lost = held.map(|(t, slot)| swap_loss(table, t.group, number, slot.size));
            lost.all(|loss| swap_fits(&loss))
        });
        let listed = solvency.base.underlyings.iter().map(|listed| {
            let (magnitudes, fit) = magnitudes(&listed.exposure, charged);
            fits &= fit;
            (listed.underlying, magnitudes)
        });
        let listed = listed.collect();
        Self {
            branches,
            listed,
            fits,
        }
    }
}

/// Expiries' slots: unmoved, and moved.
fn expiries<'t>(
    base: &'t [OptionTrace],
    moved: &'t [OptionTrace],
) -> impl Iterator<Item = Vec<(&'t OptionTrace, &'t OptionTrace)>> {
    let pairs: Vec<_> = base.iter().zip(moved).collect();
    let runs: Vec<Vec<_>> = pairs
        .chunk_by(|a, b| a.0.group == b.0.group)
        .map(<[_]>::to_vec)
        .collect();
    runs.into_iter()
}

/// Losses under a scenario.
fn moves(
    base: &Portfolio,
    world: &Portfolio,
    slots: &Slots,
    (number, row): (usize, ScenarioRow),
    table: &PublicTable,
) -> Sums {
    let mut sums = Sums::new();
    let mut add = |underlying: usize, loss: BigInt| *sums.entry(underlying).or_default() += loss;
    for strikes in expiries(&base.options, &world.options) {
        let group = strikes
            .first()
            .and_then(|(t, _)| table.options.get(t.group));
        let Some(group) = group else { continue };
        let skew = row.class == ScenarioClass::Skew;
        add(group.underlying, expiry_loss(&strikes, group, skew));
    }
    for trace in &world.perpetual_options {
        let (base, moved) = (&trace.base, &trace.moved);
        let loss = &base.value + &base.epsilon - &moved.value + &moved.epsilon;
        add(trace.underlying, loss);
    }
    for trace in &base.futures {
        // A move of one is worth 2^10 of these.
        add(
            trace.underlying,
            -moved_value(&trace.exposure.values[0], row),
        );
    }
    for trace in &base.assets {
        let value = &trace.moving << ASSET_RAISE;
        add(trace.group, -moved_value(&value, row));
    }
    for (trace, slot) in base.swaps.iter().zip(&slots.swaps) {
        add(
            trace.underlying,
            swap_loss(table, trace.group, number, slot.size),
        );
    }
    sums
}

/// What a balance's moving value is raised by to the unit of a future's delta.
pub const ASSET_RAISE: u32 = raise::FUTURE - crate::public::PRICE_FRACTION_BITS;
/// What a delta times a move is cut by to the unit of losses, exactly.
pub const MOVE_CUT: u32 = raise::FUTURE - crate::engine::linear::FUTURE_RAISE;
/// What is added to a swap's loss per unit held, which the public table rounds down by at most one.
pub const SWAP_ABOVE: i128 = 2;

/// What a spot move adds to a value in the unit of a future's delta.
fn moved_value(value: &BigInt, row: ScenarioRow) -> BigInt {
    (value * row.spot) >> MOVE_CUT
}

/// Whether the circuit's range check of a swap's loss holds.
fn swap_fits(loss: &BigInt) -> bool {
    let bits = SWAP_RAISE + SWAP_LOSS_RANGE;
    loss.abs() < BigInt::from(1) << bits
}

/// A swap's loss under a branch.
fn swap_loss(table: &PublicTable, group: usize, number: usize, size: i128) -> BigInt {
    let group = table.swaps.get(group);
    let scenario = group.and_then(|g| g.scenarios.get(live(g.id.is_some(), number)));
    let [signed, held] = scenario.copied().unwrap_or_default();
    let lost = BigInt::from(signed) * size + BigInt::from(held + SWAP_ABOVE) * size.abs();
    lost << SWAP_RAISE
}

/// Deltas of positions as magnitudes, times the rate of the delta charge.
fn gross(solvency: &Solvency, slots: &Slots, table: &PublicTable) -> Sums {
    let (base, number) = (&solvency.base, solvency.branches.delta);
    let row = table.scenarios.get(number).copied().unwrap_or_default();
    let mut sums = Sums::new();
    let mut add = |underlying: usize, loss: BigInt| *sums.entry(underlying).or_default() += loss;
    for (trace, slot) in base.options.iter().zip(&slots.options) {
        let Some(group) = table.options.get(trace.group) else {
            continue;
        };
        let gross = option_gross(&trace.base, group, [slot.calls, slot.puts]);
        add(trace.underlying, gross * row.gross);
    }
    for (trace, slot) in base.perpetual_options.iter().zip(&slots.perpetual_options) {
        let Some(group) = table.perpetual_options.get(trace.group) else {
            continue;
        };
        let gross = perpetual_gross(&trace.base, group, slot.strike, [slot.calls, slot.puts]);
        add(trace.underlying, gross * row.gross);
    }
    for trace in &base.futures {
        add(trace.underlying, trace.exposure.values[0].abs() * row.gross);
    }
    for (trace, slot) in base.swaps.iter().zip(&slots.swaps) {
        add(
            trace.underlying,
            swap_loss(table, trace.group, number, slot.size),
        );
    }
    sums
}

/// What of an expiry the basis moves make lost at most, in units of 2^120.
pub(crate) fn basis_quotient(strikes: &[(&OptionTrace, &OptionTrace)]) -> BigInt {
    let mut fall = BigInt::zero();
    for (base, moved) in strikes {
        let market = &moved.moved.market;
        fall += &market.value - &market.epsilon - &base.base.value - &base.base.epsilon;
    }
    (-floor(&fall).0).max(BigInt::zero())
}

fn basis(solvency: &Solvency, table: &PublicTable) -> Sums {
    let mut sums = Sums::new();
    let [up, down] = &solvency.moves;
    let base = &solvency.base.options;
    for (up, down) in expiries(base, up).zip(expiries(base, down)) {
        let group = up.first().and_then(|(t, _)| table.options.get(t.group));
        let Some(group) = group else { continue };
        let quotient = basis_quotient(&up).max(basis_quotient(&down));
        *sums.entry(group.underlying).or_default() +=
            (quotient * group.run.share) << (DROPPED_BITS - DISCOUNT_BITS);
    }
    sums
}
