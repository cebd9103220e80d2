//! A whole account under the unmoved market and one scenario.

use num_bigint::BigInt;
use num_traits::Zero;

use super::option::{self, LnTrace, MarketTrace, SmileTrace};
use crate::{
    public::{LinearScenario, PublicTable},
    secret::{secret, wiped},
    slots::{AssetSlot, FutureSlot, OptionSlot, SlotError, Slots},
    tables::V_BITS,
};

/// Equity and loss are in units of 1e-16 USD x 2^-124 (loss also x 1e-4, the factor's unit).
pub const SCALE_BITS: u32 = option::VALUE_BITS;

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
        /// `option`, `future` or `collateral`.
        kind: &'static str,
        /// Asset and expiry.
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
    /// The scenario's factor; units 1e-4.
    pub factor: i128,
}

/// A collateral slot.
#[derive(Clone)]
pub struct LinearTrace {
    /// Index of the group in the public table.
    pub group: usize,
    /// Value; units 1e-16 USD.
    pub value: i128,
    /// Weighted loss, rounded against liquidation; units 1e-20 USD.
    pub loss: BigInt,
}

/// A futures slot.
#[derive(Clone)]
pub struct FutureTrace {
    /// Value and weighted loss.
    pub linear: LinearTrace,
    /// Charge; units 1e-16 USD.
    pub charge: i128,
}

/// What the circuit accumulates over the slots.
#[derive(Clone, PartialEq, Eq)]
pub struct Totals {
    /// Equity plus its epsilon: an upper bound. Units 1e-16 USD x 2^-124.
    pub equity: BigInt,
    /// Weighted loss less its epsilon: a lower bound. Units 1e-20 USD x 2^-124.
    pub loss: BigInt,
    /// Contingencies. Units 1e-16 USD.
    pub contingencies: BigInt,
}

/// A whole account under one scenario.
#[derive(Clone)]
pub struct Portfolio {
    /// The scenario's number.
    pub scenario: usize,
    /// Options, in slot order.
    pub options: Vec<OptionTrace>,
    /// Futures, in slot order.
    pub futures: Vec<FutureTrace>,
    /// Assets, in slot order.
    pub assets: Vec<LinearTrace>,
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
    factor
});
secret!(LinearTrace { group, value, loss });
secret!(FutureTrace { linear, charge });
secret!(Totals {
    equity,
    loss,
    contingencies
});
// Its parts wipe themselves; callers take the totals out of it. A witness wipes all of its own.
wiped!(Portfolio {
    scenario,
    options,
    futures,
    assets,
    totals
});

impl Portfolio {
    /// Values the account.
    ///
    /// # Errors
    /// [`EngineError`] if a position has no market or the scenario does not exist.
    pub fn new(slots: &Slots, table: &PublicTable, scenario: usize) -> Result<Self, EngineError> {
        if scenario >= table.scenarios {
            return Err(EngineError::NoScenario {
                number: scenario,
                count: table.scenarios,
            });
        }
        let mut totals = Totals {
            equity: (BigInt::from(slots.cash) * 100_000_000) << SCALE_BITS,
            loss: BigInt::zero(),
            contingencies: BigInt::zero(),
        };
        let mut options = Vec::with_capacity(slots.options.len());
        for slot in &slots.options {
            let trace = option_trace(slot, table, scenario)?;
            totals.equity += &trace.base.value + &trace.base.epsilon;
            totals.loss += trace.weighted_loss();
            totals.contingencies += trace.charge;
            options.push(trace);
        }
        let mut futures = Vec::with_capacity(slots.futures.len());
        for slot in &slots.futures {
            let trace = future_trace(slot, table, scenario)?;
            totals.add_linear(&trace.linear);
            totals.contingencies += trace.charge;
            futures.push(trace);
        }
        let mut assets = Vec::with_capacity(slots.assets.len());
        for slot in &slots.assets {
            let trace = asset_trace(slot, table, scenario)?;
            totals.add_linear(&trace);
            assets.push(trace);
        }
        Ok(Self {
            scenario,
            options,
            futures,
            assets,
            totals,
        })
    }
}

impl Totals {
    fn add_linear(&mut self, trace: &LinearTrace) {
        self.equity += BigInt::from(trace.value) << SCALE_BITS;
        self.loss += &trace.loss << SCALE_BITS;
    }
}

impl OptionTrace {
    /// `factor x (V0 - e0 - Vs - es)`; units 1e-20 USD x 2^-124.
    pub fn weighted_loss(&self) -> BigInt {
        let loss = &self.base.value - &self.base.epsilon - &self.moved.value - &self.moved.epsilon;
        loss * self.factor
    }
}

fn missing(kind: &'static str, key: u128) -> EngineError {
    let code = (key >> 40) as u64;
    let symbol: String = code
        .to_be_bytes()
        .iter()
        .filter(|&&b| b != 0)
        .map(|&b| char::from(b))
        .collect();
    let seconds = (key & ((1 << 40) - 1)) as i64;
    let expiry = crate::model::Time::from_unix(seconds).filter(|_| seconds != 0);
    EngineError::NoMarket {
        kind,
        id: expiry.map_or_else(|| symbol.clone(), |t| format!("{symbol} {t}")),
    }
}

fn option_trace(
    slot: &OptionSlot,
    table: &PublicTable,
    scenario: usize,
) -> Result<OptionTrace, EngineError> {
    let none = || missing("option", slot.key);
    let group = table
        .options
        .iter()
        .position(|g| g.key == slot.key)
        .ok_or_else(none)?;
    let market = table.options.get(group).ok_or_else(none)?;
    let moved = market.scenarios.get(scenario).ok_or_else(none)?;
    let ln = option::ln_strike(slot.strike);
    let smile = option::group_smile(market, slot.strike).ok_or_else(none)?;
    let price = |forward, v| option::market(forward, slot.strike, ln.ln, v, slot.calls, slot.puts);
    let product = smile.v * moved.vol_multiplier;
    let short = (-slot.calls).max(0) + (-slot.puts).max(0);
    Ok(OptionTrace {
        group,
        base: price(&market.base, smile.v),
        multiplier_remainder: product & ((1 << 40) - 1),
        moved: price(&moved.forward, product >> 40),
        charge: short * market.short_charge,
        factor: moved.factor,
        ln,
        smile,
    })
}

fn linear(group: usize, value: i128, loss: BigInt, scenario: &LinearScenario) -> LinearTrace {
    LinearTrace {
        group,
        value,
        loss: loss * scenario.factor,
    }
}

fn future_trace(
    slot: &FutureSlot,
    table: &PublicTable,
    scenario: usize,
) -> Result<FutureTrace, EngineError> {
    let none = || missing("future", slot.key);
    let group = table
        .futures
        .iter()
        .position(|g| g.key == slot.key)
        .ok_or_else(none)?;
    let market = table.futures.get(group).ok_or_else(none)?;
    let moved = market.scenarios.get(scenario).ok_or_else(none)?;
    let alive = i128::from(market.id.is_some());
    let value = alive * slot.size * (market.price - slot.entry + slot.funding_index);
    // The loss per contract is rounded by at most one unit.
    let loss = BigInt::from(slot.size) * moved.loss - slot.size.abs();
    Ok(FutureTrace {
        linear: linear(group, value, loss, moved),
        charge: slot.size.abs() * market.charge,
    })
}

fn asset_trace(
    slot: &AssetSlot,
    table: &PublicTable,
    scenario: usize,
) -> Result<LinearTrace, EngineError> {
    let none = || missing("collateral", slot.key);
    let group = table
        .assets
        .iter()
        .position(|g| g.key == slot.key)
        .ok_or_else(none)?;
    let market = table.assets.get(group).ok_or_else(none)?;
    let moved = market.scenarios.get(scenario).ok_or_else(none)?;
    let loss = BigInt::from(slot.amount) * moved.loss;
    Ok(linear(group, slot.amount * market.value, loss, moved))
}

const _: () = assert!(V_BITS == 37, "d2 and the normal table share their unit");
