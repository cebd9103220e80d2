//! The public table: every number that the circuit needs and that follows from snapshot and
//! policy alone. Prover, verifier and oracle compute it to the last bit, in integers.

mod build;
mod charges;
mod exposure;
mod keys;
mod linear;
mod moves;
mod options;
mod perpetual;
mod rows;
mod skew;
mod swaps;

use build::Underlyings;
pub(crate) use build::solvency_multiplier;
pub use build::{MOST_GROUPS, TableError};
pub use exposure::{
    ELASTICITY_BITS, OptionExposureRow, PERPETUAL_EXPOSURE_BITS, PRICE_FRACTION_BITS,
    PerpetualExposureRow, ROOT_TIME_BITS, SWAP_EXPOSURE_BITS, SwapExposureRow, VEGA_OFFSET_BITS,
    VEGA_SLOPE_BITS,
};
pub use keys::{PerpetualSide, SwapKind, perpetual_key, slot_key, swap_key};
pub(crate) use keys::{describe_perpetual, describe_slot, describe_swap};
pub use options::{DISCOUNT_BITS, MOVE_BITS, SKEW_OFFSET_BITS, SKEW_SLOPE_BITS};
pub use perpetual::{OFFSET_BITS, SLOPE_BITS, UNIT_EXPONENT};
pub(crate) use rows::live;
pub use rows::{
    KIND_COLUMN, Kind, TABLE_COLUMNS, TableRow, columns_digest, digest_scalar, used_rows,
};
pub(crate) use skew::rise;
pub use swaps::{LOSS_BITS as SWAP_LOSS_BITS, variance_exposures, variance_price};

use crate::model::{Symbol, Time};

/// What the circuit needs of one market (unmoved, or moved by a scenario) to price an expiry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForwardRow {
    /// Forward times discount; units 1e-8 USD x 2^-44.
    pub discounted_forward: i128,
    /// ln of the forward in units of 1e-8 USD; units 2^-54.
    pub ln_forward: i128,
    /// Discount factor; units 2^-44.
    pub discount: i128,
}

/// One interval `[low, high)` of strikes on which a scenario's multiplier of the volatility is linear in ln K.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkewInterval {
    /// First strike; units 1e-8 USD.
    pub low: i128,
    /// First strike of the next interval; units 1e-8 USD.
    pub high: i128,
    /// Change per natural logarithm of the strike; units 2^-46.
    pub slope: i128,
    /// Multiplier at a strike of one unit; units 2^-100.
    pub offset: i128,
}

/// One scenario of an expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionScenario {
    /// The moved forward.
    pub forward: ForwardRow,
    /// Multipliers of the volatility, covering strikes `0..2^50`.
    pub intervals: Vec<SkewInterval>,
}

/// What the policy makes of an expiry's values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunRow {
    /// Static discount of a positive value; units 2^-40.
    pub long_discount: i128,
    /// Static discount of a negative value; units 2^-40.
    pub short_discount: i128,
    /// Share of the basis loss; units 2^-40.
    pub share: i128,
    /// Least volatility x square root of time where a scenario is floored; units 2^-37.
    pub least_v: i128,
    /// What a skew scenario adds to the bound of a value's error, in multiples of it.
    pub inflation: i128,
}

/// Charges per option.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionCharges {
    /// Per short option, each side by itself; units 1e-16 USD.
    pub side: i128,
    /// Per short option, calls and puts net; units 1e-16 USD.
    pub strike: i128,
    /// Per option held: provision less the bound of the error of charges on exposures; units 1e-16 USD.
    pub held: i128,
    /// The same with that bound added: at most what is due.
    pub above: i128,
    /// A positive value does not count.
    pub excluded: bool,
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
    /// Charges per option.
    pub charges: OptionCharges,
    /// What the policy makes of the expiry's values.
    pub run: RunRow,
    /// Seconds to expiry, for the report's Greeks.
    pub seconds: u64,
    /// Number of the underlying among the assets.
    pub underlying: usize,
    /// What exposures are in proportion to.
    pub exposure: OptionExposureRow,
    /// The smile, covering strikes `0..2^50`.
    pub smile: Vec<SmileInterval>,
    /// By scenario, then the basis moves up and down if the policy has them.
    pub scenarios: Vec<OptionScenario>,
}

/// One branch of the requirement: a joint move of every price, the delta charge, or the basis loss. Number 0 is the unmoved
/// market, with factor 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScenarioRow {
    /// Relative move of spots, forwards and marks; units 2^-40.
    pub spot: i128,
    /// Multiplier of the loss; units 1e-16, or 2^-30 x 1e-8 of the delta charge, whose losses are in another unit.
    pub factor: i128,
    /// Every expiry chooses its own basis move, or none; other positions do not move.
    pub own: bool,
    /// Rate on the gross delta, of the delta charge; units 1e-8.
    pub gross: i128,
    /// Rate on the net delta beside it; units 1e-8.
    pub net: i128,
    /// What the scenario does beside moving prices.
    pub class: ScenarioClass,
}

/// What a scenario does beside moving prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum ScenarioClass {
    /// Nothing.
    #[default]
    Plain = 0,
    /// An expiry's gain counts as a loss. The delta charge is of this class, too: it is what bars basis moves.
    Skew = 1,
    /// Moved volatilities of European options are at least [`RunRow::least_v`].
    Floored = 2,
}

/// A future or perpetual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FutureGroup {
    /// The underlying and expiry (`None` is the perpetual); `None` for the null group.
    pub id: Option<(Symbol, Option<Time>)>,
    /// Slot key: `symbol code 2^40 + expiry`, expiry 0 for the perpetual.
    pub key: u128,
    /// The part of the mark that moves with the scenario; units 1e-8 USD.
    pub mark: i128,
    /// Mark less funding index; units 1e-8 USD.
    pub price: i128,
    /// Charge per contract held, long or short; units 1e-16 USD.
    pub charge: i128,
    /// Funding to come that a long contract pays; units 1e-16 USD.
    pub funding: i128,
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
    /// Value after haircut; units 1e-16 USD.
    pub value: i128,
    /// Value before haircut if it moves with the scenarios' spot, else 0; units 1e-8 USD x 2^-14.
    pub moving: i128,
    /// Value before haircut; units 1e-8 USD x 2^-14.
    pub full: i128,
    /// What of it is illiquid, times the rise of the incentive where all is; units 1e-8 USD x 2^-14.
    pub illiquid: i128,
    /// Multiplier of losses in the asset, at least 1; units 1e-8.
    pub factor: i128,
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
    /// Charges per option.
    pub charges: OptionCharges,
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
    /// Charge per unit held, long or short, less the bound of the error of charges on exposures; units 1e-16 USD.
    pub charge: i128,
    /// The same with that bound added, and what the roundings of prices leave: at most what is due.
    pub above: i128,
    /// Discounted price per unit in the unmoved market, rounded to the nearest; units 1e-24 USD.
    pub price: i128,
    /// By scenario, loss per unit and what is added per unit held, long or short; units 1e-8 USD x 2^-20.
    pub scenarios: Vec<[i128; 2]>,
    /// Number of the underlying among the assets.
    pub underlying: usize,
    /// Exposures of one contract.
    pub exposure: SwapExposureRow,
}

/// The terms' rules, public inputs by themselves. Units 1e-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermRules {
    /// Least incentive rate, times the protocol's solvency multiplier.
    pub incentive_base: i64,
    /// Incentive per unit of shortfall / requirement, times the protocol's solvency multiplier.
    pub incentive_slope: i64,
    /// Greatest incentive rate.
    pub incentive_cap: i64,
    /// Tick of the repay amount.
    pub repay_tick: i64,
    /// Tick of the incentive rate.
    pub incentive_tick: i64,
    /// Tick of the exposures.
    pub exposure_tick: i64,
    /// Repay amount and incentive rate are disclosed.
    pub terms_shown: bool,
    /// Exposures are disclosed.
    pub exposures_shown: bool,
    /// Exposures are disclosed or charged.
    pub exposures_used: bool,
    /// Exposures are charged.
    pub exposures_charged: bool,
    /// Charge on negative dollar gamma.
    pub gamma_rate: i64,
    /// Charge on vega.
    pub vega_rate: i64,
}

/// The public table of one snapshot under one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicTable {
    /// The unmoved market (number 0), the policy's scenarios, then the delta charge and the basis loss if the policy has them.
    pub scenarios: Vec<ScenarioRow>,
    /// Number of the delta charge.
    pub delta: Option<usize>,
    /// Number of the basis loss; its moves up and down have the next two.
    pub basis: Option<usize>,
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
