//! The public market snapshot: one instant of spots, forwards, discounts and smiles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Discount, Money, Price, Rate, Symbol, Time, Version};

/// One instant of the market. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Format version, 1.
    pub version: Version<1>,
    /// Grows from snapshot to snapshot of one source.
    pub sequence: u64,
    /// The instant; time to expiry is measured from here.
    pub time: Time,
    /// Assets with a spot price.
    pub assets: Vec<Asset>,
    /// Expiries with a forward and a smile.
    #[serde(default)]
    pub expiries: Vec<Expiry>,
}

/// An asset's spot and, where one trades, its perpetual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// The asset.
    pub asset: Symbol,
    /// Spot, USD per unit, above zero.
    pub spot: Price,
    /// The perpetual future, if one trades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perpetual: Option<Perpetual>,
}

/// A perpetual future's mark and funding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Perpetual {
    /// Mark, USD per unit, above zero.
    pub mark: Price,
    /// Cumulative funding, USD per unit paid by longs to shorts since the index began.
    #[serde(default)]
    pub funding_index: Money,
}

/// One expiry of one asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// The underlying.
    pub asset: Symbol,
    /// Expiry, not before the snapshot.
    pub expiry: Time,
    /// Forward, USD per unit, above zero. Also the mark of the dated future.
    pub forward: Price,
    /// Discount factor to expiry, at least 0.4 and at most 2.
    pub discount: Discount,
    /// Strikes with implied volatilities; strictly increasing strikes.
    pub smile: Vec<SmileNode>,
}

/// One node of a smile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmileNode {
    /// Strike, USD per unit, above zero.
    pub strike: Price,
    /// Implied volatility per square root of a 365-day year (0.55 is 55 %).
    pub vol: Rate,
}
