//! A whole account under the unmoved market and one scenario.

use num_bigint::BigInt;
use num_traits::Zero;

use super::{
    exposure::{self, Exposure, UnderlyingTrace},
    linear::{self, AssetTrace, FutureTrace, SwapTrace},
    option::{self, LnTrace, MarketTrace, SmileTrace},
    perpetual::{self, PerpetualTrace},
};
use crate::{
    public::{
        AssetGroup, FutureGroup, OptionGroup, PerpetualGroup, PublicTable, ScenarioRow, SwapGroup,
        describe_perpetual, describe_slot, describe_swap,
    },
    secret::{secret, wiped},
    slots::{OptionSlot, SlotError, Slots},
    tables::V_BITS,
};

/// Option values are in units of 1e-16 USD x 2^-132.
pub const SCALE_BITS: u32 = option::VALUE_BITS;
/// Bits of the options' sums that are cut before they are weighted.
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
    /// What the volatility multiplier's truncation left, 40 bits.
    pub multiplier_remainder: i128,
    /// The scenario's market.
    pub moved: MarketTrace,
    /// Charge for short options; units 1e-16 USD.
    pub charge: i128,
    /// Number of the underlying.
    pub underlying: usize,
    /// Exposure in the unmoved market.
    pub exposure: Exposure,
}

/// What the circuit accumulates over the slots.
#[derive(Clone, PartialEq, Eq)]
pub struct Totals {
    /// Value of all options with its epsilon: an upper bound. Units 1e-16 USD x 2^-132.
    pub option_equity: BigInt,
    /// Loss of all options less its epsilon: a lower bound. Units 1e-16 USD x 2^-132.
    pub option_loss: BigInt,
    /// Cash, futures, collateral and swaps: an upper bound. Units 1e-36 USD x 2^-12.
    pub equity: BigInt,
    /// Loss of swaps: a lower bound. Units 1e-36 USD.
    pub swap_loss: BigInt,
    /// What the scenario's spot move moves: futures and collateral. Units 1e-24 USD.
    pub shockable: BigInt,
    /// Contingencies. Units 1e-16 USD.
    pub contingencies: BigInt,
    /// The scenario's spot move; units 1e-8.
    pub spot_move: i128,
    /// The scenario's factor; units 1e-4.
    pub factor: i128,
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
    /// Exposure by underlying, padding first.
    pub underlyings: Vec<UnderlyingTrace>,
    /// The sums.
    pub totals: Totals,
}

secret!(OptionTrace {
    group,
    ln,
    smile,
    base,
    multiplier_remainder,
    moved,
    charge,
    underlying,
    exposure
});
secret!(Totals {
    option_equity,
    option_loss,
    equity,
    swap_loss,
    shockable,
    contingencies,
    spot_move,
    factor
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
        let row = table.scenarios.get(scenario);
        let row = row.ok_or(EngineError::NoScenario {
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
            totals: Totals::new(slots.cash, *row),
        };
        for slot in &slots.options {
            portfolio.options.push(option_trace(slot, table, scenario)?);
        }
        for slot in &slots.perpetual_options {
            let (number, group) = find(PERPETUAL, slot.key, &table.perpetual_options)?;
            let (ln, sizes) = (option::ln_strike(slot.strike), [slot.calls, slot.puts]);
            let trace = perpetual::perpetual(number, group, scenario, slot.strike, ln, sizes);
            let trace = trace.ok_or_else(|| missing(PERPETUAL, slot.key))?;
            portfolio.perpetual_options.push(trace);
        }
        for slot in &slots.futures {
            let (number, group) = find("future", slot.key, &table.futures)?;
            portfolio.futures.push(linear::future(number, group, slot));
        }
        for slot in &slots.assets {
            let (number, group) = find("collateral", slot.key, &table.assets)?;
            portfolio.assets.push(linear::asset(number, group, slot));
        }
        for slot in &slots.swaps {
            let (number, group) = find(SWAP, slot.key, &table.swaps)?;
            let trace = linear::swap(number, group, scenario, slot);
            let trace = trace.ok_or_else(|| missing(SWAP, slot.key))?;
            portfolio.swaps.push(trace);
        }
        portfolio.sum();
        portfolio.underlyings = portfolio.gather(slots.shape, &table.rules);
        Ok(portfolio)
    }

    /// Adds the traces up in `totals`.
    pub(crate) fn sum(&mut self) {
        let totals = &mut self.totals;
        for trace in &self.options {
            totals.add_option(
                [&trace.base.value, &trace.base.epsilon],
                [&trace.moved.value, &trace.moved.epsilon],
                trace.charge,
            );
        }
        for trace in &self.perpetual_options {
            totals.add_option(
                [&trace.base.value, &trace.base.epsilon],
                [&trace.moved.value, &trace.moved.epsilon],
                trace.charge,
            );
        }
        for trace in &self.futures {
            totals.equity += &trace.value << UNIT_BITS;
            totals.shockable += &trace.notional;
            totals.contingencies += trace.charge;
        }
        for trace in &self.assets {
            totals.equity += &trace.value << UNIT_BITS;
            totals.shockable += &trace.notional;
        }
        for trace in &self.swaps {
            totals.equity += &trace.value << UNIT_BITS;
            totals.swap_loss += &trace.loss;
            totals.contingencies += &trace.charge;
        }
    }
}

impl Totals {
    /// The sums of an account that holds nothing but cash (units 1e-8 USD).
    pub(crate) fn new(cash: i128, scenario: ScenarioRow) -> Self {
        Self {
            option_equity: BigInt::zero(),
            option_loss: BigInt::zero(),
            equity: BigInt::from(cash) * cash_unit(),
            swap_loss: BigInt::zero(),
            shockable: BigInt::zero(),
            contingencies: BigInt::zero(),
            spot_move: scenario.spot,
            factor: scenario.factor,
        }
    }

    /// Value and epsilon, unmoved and moved, and charge.
    fn add_option(&mut self, base: [&BigInt; 2], moved: [&BigInt; 2], charge: i128) {
        self.option_equity += base[0] + base[1];
        self.option_loss += base[0] - base[1] - moved[0] - moved[1];
        self.contingencies += charge;
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

fn option_trace(
    slot: &OptionSlot,
    table: &PublicTable,
    scenario: usize,
) -> Result<OptionTrace, EngineError> {
    let none = || missing("option", slot.key);
    let (group, market) = find("option", slot.key, &table.options)?;
    let moved = market.scenarios.get(scenario).ok_or_else(none)?;
    let ln = option::ln_strike(slot.strike);
    let smile = option::group_smile(market, slot.strike).ok_or_else(none)?;
    let price = |forward, v| option::market(forward, slot.strike, ln.ln, v, slot.calls, slot.puts);
    let product = smile.v * moved.vol_multiplier;
    let short = (-slot.calls).max(0) + (-slot.puts).max(0);
    let base = price(&market.base, smile.v);
    Ok(OptionTrace {
        group,
        underlying: market.underlying,
        exposure: exposure::option(&base, market, [slot.calls, slot.puts]),
        base,
        multiplier_remainder: product & ((1 << 40) - 1),
        moved: price(&moved.forward, product >> 40),
        charge: short * market.short_charge,
        ln,
        smile,
    })
}

const _: () = assert!(V_BITS == 37, "d2 and the normal table share their unit");
