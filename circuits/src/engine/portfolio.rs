//! A whole account under the unmoved market and one scenario.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::{
    exposure::{self, Exposure},
    linear::{self, AssetTrace, FutureTrace, SWAP_LOSS_RANGE, SwapTrace},
    moved::{self, MovedTrace},
    option::{self, LnTrace, MarketTrace, SmileTrace},
    perpetual::{self, PerpetualTrace},
    run::{self, Choice, RunTrace},
    underlying::UnderlyingTrace,
};
use crate::{
    public::{
        AssetGroup, FutureGroup, OptionGroup, PerpetualGroup, PublicTable, ScenarioClass,
        ScenarioRow, SwapGroup, TableError, describe_perpetual, describe_slot, describe_swap,
    },
    secret::{secret, wiped},
    shape::Shape,
    slots::{OptionSlot, SlotError, Slots},
    tables::V_BITS,
};

/// Option values are in units of 1e-16 USD x 2^-132.
pub const SCALE_BITS: u32 = option::VALUE_BITS;
/// Bits of the options' values, and of all losses, that are cut from their sums.
pub const DROPPED_BITS: u32 = 120;
/// Fraction bits of equity's unit, 1e-36 USD x 2^-12: what the options' sums keep.
pub const UNIT_BITS: u32 = SCALE_BITS - DROPPED_BITS;

/// 1e-8 USD in units of equity.
pub fn cash_unit() -> BigInt {
    BigInt::from(10u8).pow(28) << UNIT_BITS
}

/// 1e-16 USD x 2^-12 in units of equity.
pub fn option_unit() -> BigInt {
    BigInt::from(10u8).pow(20)
}

/// Why an account cannot be valued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The public table does not fit the shape.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The account does not fit the shape, or holds a value out of range.
    #[error(transparent)]
    Slots(#[from] SlotError),
    /// A position without a market in the snapshot.
    #[error("the snapshot has no market for {kind} {id} that the account holds")]
    NoMarket {
        /// `option`, `perpetual option`, `future`, `collateral` or `swap`.
        kind: &'static str,
        /// Asset and expiry, or what else the position is known by.
        id: String,
    },
    /// A policy with more scenarios than a solvency proof has places for.
    #[error(
        "a solvency proof holds {places} {kind}, and the policy has {count}: merge some or leave some out"
    )]
    Scenarios {
        /// `scenarios` or `skew scenarios`.
        kind: &'static str,
        /// How many there are places for.
        places: usize,
        /// How many the policy has.
        count: usize,
    },
    /// A scenario number beyond the policy's.
    #[error(
        "scenario {number} does not exist: the policy has {count}, the unmoved market included"
    )]
    NoScenario {
        /// The number asked for.
        number: usize,
        /// How many there are.
        count: usize,
    },
}

/// An option slot under the unmoved market and under the scenario.
#[derive(Clone)]
pub struct OptionTrace {
    /// Index of the group in the public table.
    pub group: usize,
    /// `ln K`.
    pub ln: LnTrace,
    /// Volatility from the smile.
    pub smile: SmileTrace,
    /// The unmoved market.
    pub base: MarketTrace,
    /// The scenario's market.
    pub moved: MovedTrace,
    /// The basis move that the slot's expiry chooses.
    pub basis: usize,
    /// The slot's expiry counts its gain as a loss.
    pub flipped: bool,
    /// The last slot of its expiry.
    pub last: bool,
    /// The sums of the expiry up to this slot.
    pub run: RunTrace,
    /// What the slot adds to the losses: its expiry's, on the last slot; units 1e-16 USD x 2^-132.
    pub loss: BigInt,
    /// A positive value counts towards equity.
    pub kept: bool,
    /// Charge; units 1e-24 USD.
    pub charge: BigInt,
    /// Number of the underlying.
    pub underlying: usize,
    /// Exposure in the unmoved market.
    pub exposure: Exposure,
}

/// What the circuit accumulates over slots and underlyings.
#[derive(Clone, PartialEq, Eq)]
pub struct Totals {
    /// Value of all options that counts, with its epsilon: an upper bound. Units 1e-16 USD x 2^-132.
    pub option_equity: BigInt,
    /// Cash, futures, collateral and swaps: an upper bound. Units 1e-36 USD x 2^-12.
    pub equity: BigInt,
    /// Weighed losses: a lower bound. Units 1e-24 USD x 2^-22 (of the delta charge 1e-32 USD x 2^8).
    pub core: BigInt,
    /// Contingencies; units 1e-24 USD.
    pub contingencies: BigInt,
    /// Funding to come that the perpetuals would pay; units 1e-24 USD.
    pub funding: BigInt,
    /// The scenario's factor; units 1e-16 (of the delta charge 2^-30 x 1e-8).
    pub factor: i128,
    /// Collateral's value before haircut, and what of it is illiquid; units 1e-16 USD x 2^-14.
    pub mix: [BigInt; 2],
    /// Every range check holds: without it there is no proof.
    pub fits: bool,
}

/// A whole account under one scenario.
#[derive(Clone)]
pub struct Portfolio {
    /// The scenario's number.
    pub scenario: usize,
    /// Options, in slot order.
    pub options: Vec<OptionTrace>,
    /// Perpetual options, in slot order.
    pub perpetual_options: Vec<PerpetualTrace>,
    /// Futures, in slot order.
    pub futures: Vec<FutureTrace>,
    /// Assets, in slot order.
    pub assets: Vec<AssetTrace>,
    /// Swaps, in slot order.
    pub swaps: Vec<SwapTrace>,
    /// Sums by underlying, padding first.
    pub underlyings: Vec<UnderlyingTrace>,
    /// The sums.
    pub totals: Totals,
}

secret!(OptionTrace {
    group,
    ln,
    smile,
    base,
    moved,
    basis,
    flipped,
    last,
    run,
    loss,
    kept,
    charge,
    underlying,
    exposure
});
secret!(Totals {
    option_equity,
    equity,
    core,
    contingencies,
    funding,
    factor,
    mix,
    fits
});
// Its parts wipe themselves; callers take the totals out of it. A witness wipes all of its own.
wiped!(Portfolio {
    scenario,
    options,
    perpetual_options,
    futures,
    assets,
    swaps,
    underlyings,
    totals
});

impl Portfolio {
    /// Values the account.
    ///
    /// # Errors
    /// [`EngineError`] if a position has no market or the scenario does not exist.
    pub fn new(slots: &Slots, table: &PublicTable, scenario: usize) -> Result<Self, EngineError> {
        table.fits(slots.shape)?;
        let row = table.scenarios.get(scenario);
        let row = *row.ok_or(EngineError::NoScenario {
            number: scenario,
            count: table.scenarios.len(),
        })?;
        let mut portfolio = Self {
            scenario,
            options: Vec::with_capacity(slots.options.len()),
            perpetual_options: Vec::with_capacity(slots.perpetual_options.len()),
            futures: Vec::with_capacity(slots.futures.len()),
            assets: Vec::with_capacity(slots.assets.len()),
            swaps: Vec::with_capacity(slots.swaps.len()),
            underlyings: Vec::new(),
            totals: Totals::new(slots.cash, row),
        };
        // An expiry's strikes stand side by side: slots are in order of keys.
        for expiry in slots.options.chunk_by(|a, b| a.key == b.key) {
            portfolio.options.extend(best_run(expiry, table, scenario)?);
        }
        for slot in &slots.perpetual_options {
            let (number, group) = find(PERPETUAL, slot.key, &table.perpetual_options)?;
            let (ln, sizes) = (option::ln_strike(slot.strike), [slot.calls, slot.puts]);
            let trace =
                perpetual::perpetual(number, group, (scenario, row), slot.strike, ln, sizes);
            let trace = trace.ok_or_else(|| missing(PERPETUAL, slot.key))?;
            portfolio.perpetual_options.push(trace);
        }
        for slot in &slots.futures {
            let (number, group) = find("future", slot.key, &table.futures)?;
            let trace = linear::future(number, group, slot, row);
            portfolio.futures.push(trace);
        }
        for slot in &slots.assets {
            let (number, group) = find("collateral", slot.key, &table.assets)?;
            let trace = linear::asset(number, group, slot, row);
            portfolio.assets.push(trace);
        }
        for slot in &slots.swaps {
            let (number, group) = find(SWAP, slot.key, &table.swaps)?;
            let trace = linear::swap(number, group, scenario, slot);
            let trace = trace.ok_or_else(|| missing(SWAP, slot.key))?;
            portfolio.swaps.push(trace);
        }
        portfolio.sum(slots.shape, table);
        Ok(portfolio)
    }

    /// Adds the traces up in `underlyings` and `totals`.
    pub(crate) fn sum(&mut self, shape: Shape, table: &PublicTable) {
        let underlyings = self.gather(shape, table);
        let totals = &mut self.totals;
        let options = self.options.iter();
        let options = options.map(|t| (&t.base.value, &t.base.epsilon, t.kept, &t.charge));
        let perpetuals = self.perpetual_options.iter();
        let perpetuals = perpetuals.map(|t| (&t.base.value, &t.base.epsilon, t.kept, &t.charge));
        for (value, epsilon, kept, charge) in options.chain(perpetuals) {
            if kept {
                totals.option_equity += value;
            }
            totals.option_equity += epsilon;
            totals.contingencies += charge;
        }
        for trace in &self.futures {
            totals.equity += &trace.value << UNIT_BITS;
            totals.contingencies += &trace.charge;
            totals.funding += &trace.funding;
        }
        for trace in &self.assets {
            totals.equity += &trace.value << UNIT_BITS;
            for (sum, value) in totals.mix.iter_mut().zip(&trace.mix) {
                *sum += value;
            }
        }
        for trace in &self.swaps {
            totals.equity += &trace.value << UNIT_BITS;
            totals.contingencies += &trace.charge;
            totals.fits &= trace.lost.abs() < BigInt::from(1) << SWAP_LOSS_RANGE;
        }
        for trace in &underlyings {
            totals.core += &trace.core;
            totals.contingencies += &trace.charge;
            totals.fits &= trace.charges_fit(&table.rules);
        }
        totals.contingencies += (&totals.funding).max(&BigInt::zero());
        self.underlyings = underlyings;
    }
}

impl Totals {
    /// The sums of an account that holds nothing but cash (units 1e-8 USD).
    pub(crate) fn new(cash: i128, scenario: ScenarioRow) -> Self {
        Self {
            option_equity: BigInt::zero(),
            equity: BigInt::from(cash) * cash_unit(),
            core: BigInt::zero(),
            contingencies: BigInt::zero(),
            funding: BigInt::zero(),
            factor: scenario.factor,
            mix: Default::default(),
            fits: true,
        }
    }
}

/// Kinds of positions in errors whose keys have a layout of their own.
const PERPETUAL: &str = "perpetual option";
const SWAP: &str = "swap";

/// A group of the public table.
pub(crate) trait Group {
    /// Its slot key.
    fn key(&self) -> u128;
}

macro_rules! keyed {
    ($($group:ty),+) => {
        $(impl Group for $group {
            fn key(&self) -> u128 {
                self.key
            }
        })+
    };
}
keyed!(
    OptionGroup,
    PerpetualGroup,
    FutureGroup,
    AssetGroup,
    SwapGroup
);

/// The group of a key with its number.
fn find<'t, G: Group>(
    kind: &'static str,
    key: u128,
    groups: &'t [G],
) -> Result<(usize, &'t G), EngineError> {
    let mut numbered = groups.iter().enumerate();
    numbered
        .find(|(_, group)| group.key() == key)
        .ok_or_else(|| missing(kind, key))
}

fn missing(kind: &'static str, key: u128) -> EngineError {
    let describe = match kind {
        PERPETUAL => describe_perpetual,
        SWAP => describe_swap,
        _ => describe_slot,
    };
    EngineError::NoMarket {
        kind,
        id: describe(key),
    }
}

/// The strikes of an expiry under a scenario, with the choices that make its loss greatest.
fn best_run(
    slots: &[OptionSlot],
    table: &PublicTable,
    scenario: usize,
) -> Result<Vec<OptionTrace>, EngineError> {
    let row = table.scenarios.get(scenario).copied().unwrap_or_default();
    let moves = if table.basis == Some(scenario) { 2 } else { 0 };
    let mut best: Option<Vec<OptionTrace>> = None;
    for choice in run::choices(row, moves) {
        let run = run(slots, table, (scenario, row), choice)?;
        let loss = |run: &[OptionTrace]| run.last().map(|t| t.run.loss.clone());
        if best.as_deref().is_none_or(|best| loss(&run) > loss(best)) {
            best = Some(run);
        }
    }
    Ok(best.unwrap_or_default())
}

/// The strikes of an expiry under a scenario and a choice.
pub(crate) fn run(
    slots: &[OptionSlot],
    table: &PublicTable,
    (scenario, row): (usize, ScenarioRow),
    choice: Choice,
) -> Result<Vec<OptionTrace>, EngineError> {
    let mut traces = Vec::with_capacity(slots.len());
    let mut sums = RunTrace::default();
    for (i, slot) in slots.iter().enumerate() {
        let none = || missing("option", slot.key);
        let (group, market) = find("option", slot.key, &table.options)?;
        let (ln, sizes) = (option::ln_strike(slot.strike), [slot.calls, slot.puts]);
        let smile = option::group_smile(market, slot.strike).ok_or_else(none)?;
        let base = option::market(
            &market.base,
            slot.strike,
            ln.ln,
            smile.v,
            slot.calls,
            slot.puts,
        );
        let number = scenario + choice.basis;
        let moved = moved::moved(market, (number, row), slot.strike, ln.ln, smile.v, sizes);
        let moved = moved.ok_or_else(none)?;
        let skew = row.class == ScenarioClass::Skew;
        let inflation = if skew { market.run.inflation } else { 0 };
        sums.add(
            choice,
            inflation,
            [&base.value, &base.epsilon],
            [&moved.market.value, &moved.market.epsilon],
        );
        sums.close(choice, &market.run, row);
        let last = i + 1 == slots.len();
        let mut loss = exposure::option_gross(&base, market, sizes) * row.gross;
        if last {
            loss += &sums.loss;
        }
        traces.push(OptionTrace {
            group,
            underlying: market.underlying,
            exposure: exposure::option(&base, market, sizes),
            basis: choice.basis,
            flipped: choice.flipped,
            last,
            run: sums.clone(),
            loss,
            kept: option::kept(&market.charges, &base.value),
            charge: option::charge(&market.charges, sizes),
            base,
            moved,
            ln,
            smile,
        });
    }
    Ok(traces)
}

const _: () = assert!(V_BITS == 37, "d2 and the normal table share their unit");
