//! The public table: every number that the circuit needs and that follows from snapshot and
//! policy alone. Prover, verifier and oracle compute it to the last bit, in integers.

mod build;
mod exposure;
mod keys;
mod linear;
mod options;
mod perpetual;
mod rows;
mod swaps;

pub use build::TableError;
use build::Underlyings;
pub use exposure::{
    ELASTICITY_BITS, OptionExposureRow, PERPETUAL_EXPOSURE_BITS, PRICE_FRACTION_BITS,
    PerpetualExposureRow, ROOT_TIME_BITS, SWAP_EXPOSURE_BITS, SwapExposureRow, VEGA_OFFSET_BITS,
    VEGA_SLOPE_BITS,
};
pub use keys::{PerpetualSide, SwapKind, perpetual_key, slot_key, swap_key};
pub(crate) use keys::{describe_perpetual, describe_slot, describe_swap};
pub use options::DISCOUNT_BITS;
pub use perpetual::{OFFSET_BITS, SLOPE_BITS, UNIT_EXPONENT};
pub use rows::{KIND_COLUMN, Kind, TABLE_COLUMNS, TABLE_ROWS, TableRow, columns_digest};
pub use swaps::{variance_exposures, variance_price};

use crate::model::{Symbol, Time};

/// What the circuit needs of one market (unmoved, or moved by a scenario) to price an expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardRow {
    /// Forward times discount; units 1e-8 USD x 2^-44.
    pub discounted_forward: i128,
    /// ln of the forward in units of 1e-8 USD; units 2^-54.
    pub ln_forward: i128,
    /// Discount factor; units 2^-44.
    pub discount: i128,
}

/// One scenario of an expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionScenario {
    /// The moved forward.
    pub forward: ForwardRow,
    /// Multiplier of the volatility; units 2^-40.
    pub vol_multiplier: i128,
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
    /// Number of the underlying among the assets.
    pub underlying: usize,
    /// What exposures are in proportion to.
    pub exposure: OptionExposureRow,
    /// The smile, covering strikes `0..2^50`.
    pub smile: Vec<SmileInterval>,
    /// Scenario 0 is the unmoved market with factor 0.
    pub scenarios: Vec<OptionScenario>,
}

/// One joint move of every price. Number 0 is the unmoved market, with factor 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScenarioRow {
    /// Relative move of spots, forwards and marks; units 1e-8.
    pub spot: i128,
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
    /// Mark, which moves with the scenario; units 1e-8 USD.
    pub mark: i128,
    /// Mark less funding index; units 1e-8 USD.
    pub price: i128,
    /// Charge per contract held, long or short; units 1e-8 USD.
    pub charge: i128,
    /// Number of the underlying among the assets.
    pub underlying: usize,
}

/// A collateral asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetGroup {
    /// The asset; `None` for the null group.
    pub id: Option<Symbol>,
    /// Slot key: `symbol code 2^40`.
    pub key: u128,
    /// Spot after haircut, exact; units 1e-16 USD.
    pub value: i128,
    /// The same as exposures use it; units 1e-8 USD x 2^-14.
    pub exposure: i128,
}

/// One interval `[low, high)` of strikes on which the exponential part of a perpetual option's value is
/// `2^(offset + slope ln K)`, nothing where the exponent is below 8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerpetualInterval {
    /// First strike; units 1e-8 USD.
    pub low: i128,
    /// First strike of the next interval; units 1e-8 USD.
    pub high: i128,
    /// Binary exponent per natural logarithm of the strike (in units of 1e-8 USD); units 2^-42.
    pub slope: i128,
    /// Binary exponent at a strike of one unit; units 2^-96. The result is in units of 1e-8 USD x 2^-32.
    pub offset: i128,
    /// A call adds `spot - K x discount`; otherwise a put subtracts it.
    pub call_side: bool,
}

/// A perpetual option's market, unmoved (number 0) or moved by a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerpetualScenario {
    /// Spot; units 1e-8 USD x 2^-44.
    pub spot: i128,
    /// The intervals, covering strikes `0..2^50`.
    pub intervals: Vec<PerpetualInterval>,
}

/// A perpetual option of one asset. Index 0 is the null group of padding slots, which hold nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerpetualGroup {
    /// The underlying and what is priced; `None` for the null group.
    pub id: Option<(Symbol, PerpetualSide)>,
    /// Slot key: `symbol code 2^40 + side`.
    pub key: u128,
    /// What a strike is discounted with in parity, 1 / (1 + rT) or 1; units 2^-44.
    pub discount: i128,
    /// Charge per short option; units 1e-8 USD.
    pub short_charge: i128,
    /// Scenario 0 is the unmoved market.
    pub scenarios: Vec<PerpetualScenario>,
    /// Number of the underlying among the assets.
    pub underlying: usize,
    /// How the value answers, by interval of the unmoved market.
    pub exposures: Vec<PerpetualExposureRow>,
}

/// A position whose moved value is public per unit: power perpetual, variance or volatility swap. Index 0 is the null
/// group of padding slots, which hold nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapGroup {
    /// The underlying and kind; `None` for the null group.
    pub id: Option<(Symbol, SwapKind)>,
    /// Slot key: `symbol code 2^64 + kind, start, end`.
    pub key: u128,
    /// Factor of the strike (or its square): the discount factor; units 1e-12.
    pub discount: i128,
    /// Charge per unit held, long or short; units 1e-8 USD.
    pub charge: i128,
    /// Discounted price per unit by scenario, rounded to the nearest; units 1e-24 USD.
    pub prices: Vec<i128>,
    /// Number of the underlying among the assets.
    pub underlying: usize,
    /// Exposures of one contract.
    pub exposure: SwapExposureRow,
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
    /// Tick of the exposures.
    pub exposure_tick: i64,
    /// Exposures are disclosed.
    pub exposures_shown: bool,
}

/// The public table of one snapshot under one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicTable {
    /// Scenarios, the unmoved market (number 0) included.
    pub scenarios: Vec<ScenarioRow>,
    /// Expiries with options, by key; index 0 is null.
    pub options: Vec<OptionGroup>,
    /// Perpetual options, by key; index 0 is null.
    pub perpetual_options: Vec<PerpetualGroup>,
    /// Futures, by key; index 0 is null.
    pub futures: Vec<FutureGroup>,
    /// Collateral assets, by key; index 0 is null.
    pub assets: Vec<AssetGroup>,
    /// Power perpetuals, variance and volatility swaps, by key; index 0 is null.
    pub swaps: Vec<SwapGroup>,
    /// The terms' rules.
    pub rules: TermRules,
}
