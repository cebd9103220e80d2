//! Charges on top of the greatest loss, haircuts, volatility triggers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Rate, Symbol};

/// Charges on top of the greatest loss.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contingencies {
    /// Naked short options.
    pub short_option: ShortOption,
    /// Futures and power perpetuals, long or short.
    pub future: FutureCharge,
    /// Fraction of a negative dollar gamma, by underlying.
    pub gamma: Rates,
    /// Fraction of vega (per 1.00 of volatility), long or short, by underlying.
    pub vega: Rates,
    /// Low oracle confidence; initial margin only.
    pub confidence: ConfidenceCharge,
    /// Costs of closing, in both margins.
    pub provision: Provision,
}

/// A charge's rates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// In the maintenance margin.
    pub maintenance: Rate,
    /// In the initial margin.
    pub initial: Rate,
}

/// Per naked short option, as a fraction of spot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShortOption {
    /// What covers a short option.
    pub netting: Netting,
    /// In the maintenance margin.
    pub maintenance: Rate,
    /// In the initial margin.
    pub initial: Rate,
    /// With `netting` `none`: the initial rate falls by how far the option is out of the money over spot, down to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_floor: Option<Rate>,
}

/// What covers a short option.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Netting {
    /// Any option of the same strike: max(0, -(calls + puts)) are naked.
    #[default]
    Strike,
    /// Nothing: each side's short is naked.
    None,
}

/// Per future, long or short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FutureCharge {
    /// The price that it is a fraction of. A power perpetual's is its mark.
    pub on: FuturePrice,
    /// In the maintenance margin.
    pub maintenance: Rate,
    /// In the initial margin.
    pub initial: Rate,
}

/// The price that a future's charge is a fraction of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FuturePrice {
    /// Its mark.
    #[default]
    Mark,
    /// The underlying's spot.
    Spot,
}

/// (1 - confidence) x margin x notional where the confidence is below the threshold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfidenceCharge {
    /// Confidence below which it is charged.
    pub threshold: Rate,
    /// Rate.
    pub margin: Rate,
    /// The asset whose spot confidence bounds that of every collateral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<Symbol>,
}

/// Fees of closing, and funding that the perpetuals together would pay, never receive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Provision {
    /// Per future, as a fraction of its mark.
    pub future: Rate,
    /// Per option, as a fraction of spot.
    pub option: Rate,
    /// Hours of funding, 0 to 720.
    pub funding_hours: Rate,
}

/// A collateral haircut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Haircut {
    /// The asset.
    pub asset: Symbol,
    /// Fraction of the value that does not count in the maintenance margin, 0 to 1.
    pub maintenance: Rate,
    /// The same in the initial margin; at least `maintenance`.
    pub initial: Rate,
    /// Whether the whole value moves with the scenarios' spot, so that it can hedge.
    #[serde(default)]
    pub moves: bool,
}

/// Rises of an asset's factor and haircut: min(cap, slope x max(0, realised 24 h volatility - reference)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolatilityTrigger {
    /// The asset.
    pub asset: Symbol,
    /// Realised volatility above which they rise.
    pub reference: Rate,
    /// Relative rise of the maintenance and initial factor on the asset's losses.
    #[serde(default)]
    pub factor: Ramp,
    /// Rise of its haircut.
    #[serde(default)]
    pub haircut: Ramp,
}

/// A rise with a cap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ramp {
    /// Rise per 1.00 of volatility.
    pub slope: Rate,
    /// Greatest rise.
    pub cap: Rate,
}
