//! The public table: every number that the circuit needs and that follows from snapshot and
//! policy alone. Prover, verifier and oracle compute it to the last bit, in integers.

mod build;
mod options;
mod rows;

pub use build::TableError;
pub(crate) use options::DISCOUNT_BITS;
pub use rows::{KIND_COLUMN, Kind, TABLE_COLUMNS, TABLE_ROWS, TableRow, columns_digest};

use crate::model::{Symbol, Time};

/// What the circuit needs of one market (unmoved, or moved by a scenario) to price an expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardRow {
    /// Forward times discount; units 1e-8 USD x 2^-36.
    pub discounted_forward: i128,
    /// ln of the forward in units of 1e-8 USD; units 2^-54.
    pub ln_forward: i128,
    /// Discount factor; units 2^-36.
    pub discount: i128,
}

/// One scenario of an expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionScenario {
    /// The moved forward.
    pub forward: ForwardRow,
    /// Multiplier of the volatility; units 2^-40.
    pub vol_multiplier: i128,
    /// Weight times maintenance factor; units 1e-4.
    pub factor: i128,
}

/// One interval `[low, high)` of strikes on which total variance is linear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmileInterval {
    /// First strike; units 1e-8 USD.
    pub low: i128,
    /// First strike of the next interval; units 1e-8 USD.
    pub high: i128,
    /// Total variance at `low`; units 2^-74.
    pub variance: i128,
    /// Change of total variance per unit of strike; units 2^-84 per 1e-8 USD.
    pub slope: i128,
}

/// An (asset, expiry) with options. Index 0 is the null group of padding slots: worth nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionGroup {
    /// The underlying and expiry; `None` for the null group.
    pub id: Option<(Symbol, Time)>,
    /// Slot key: `symbol code 2^40 + expiry`.
    pub key: u128,
    /// The unmoved market.
    pub base: ForwardRow,
    /// Charge per short option; units 1e-8 USD.
    pub short_charge: i128,
    /// Seconds to expiry, for the report's Greeks.
    pub seconds: u64,
    /// The smile, covering strikes `0..2^50`.
    pub smile: Vec<SmileInterval>,
    /// Scenario 0 is the unmoved market with factor 0.
    pub scenarios: Vec<OptionScenario>,
}

/// One scenario of a future or of a collateral asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinearScenario {
    /// Loss per unit held long; units 1e-8 USD. Nearest for futures, rounded down for collateral.
    pub loss: i128,
    /// Weight times maintenance factor; units 1e-4.
    pub factor: i128,
}

/// A future or perpetual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FutureGroup {
    /// The underlying and expiry (`None` is the perpetual); `None` for the null group.
    pub id: Option<(Symbol, Option<Time>)>,
    /// Slot key: `symbol code 2^40 + expiry`, expiry 0 for the perpetual.
    pub key: u128,
    /// Mark less funding index; units 1e-8 USD.
    pub price: i128,
    /// Charge per contract held, long or short; units 1e-8 USD.
    pub charge: i128,
    /// Losses by scenario.
    pub scenarios: Vec<LinearScenario>,
}

/// A collateral asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetGroup {
    /// The asset; `None` for the null group.
    pub id: Option<Symbol>,
    /// Slot key: `symbol code 2^40`.
    pub key: u128,
    /// Spot after haircut, rounded up; units 1e-8 USD.
    pub value: i128,
    /// Losses by scenario.
    pub scenarios: Vec<LinearScenario>,
}

/// The terms' rules, public inputs by themselves. Units 1e-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermRules {
    /// Least incentive rate.
    pub incentive_base: i64,
    /// Incentive per unit of shortfall / requirement.
    pub incentive_slope: i64,
    /// Greatest incentive rate.
    pub incentive_cap: i64,
    /// Tick of the repay amount.
    pub repay_tick: i64,
    /// Tick of the incentive rate.
    pub incentive_tick: i64,
}

/// The public table of one snapshot under one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicTable {
    /// Scenarios, the unmoved market (number 0) included.
    pub scenarios: usize,
    /// Expiries with options, by key; index 0 is null.
    pub options: Vec<OptionGroup>,
    /// Futures, by key; index 0 is null.
    pub futures: Vec<FutureGroup>,
    /// Collateral assets, by key; index 0 is null.
    pub assets: Vec<AssetGroup>,
    /// The terms' rules.
    pub rules: TermRules,
}

/// `symbol code 2^40 + expiry`: below 2^96.
pub fn slot_key(asset: Symbol, expiry: Option<Time>) -> u128 {
    (u128::from(asset.code()) << 40) + expiry.map_or(0, |t| t.unix().unsigned_abs().into())
}
