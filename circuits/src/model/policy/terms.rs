//! What a liquidator earns and what a proof reveals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Dollars, Money, Rate};

/// Incentive rate = min(cap, (base + slope x shortfall / requirement) x illiquidity x solvency).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incentive {
    /// Least rate.
    pub base: Rate,
    /// Rise per unit of shortfall / requirement.
    pub slope: Rate,
    /// Greatest rate, at least `base`.
    pub cap: Rate,
    /// Multiplier by the account's own collateral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub illiquidity: Option<Illiquidity>,
    /// Multiplier by the protocol's distance to its solvency limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solvency: Option<SolvencyRamp>,
}

/// 1 + scale x the part of the collateral's value, before haircuts, that is illiquid; of an asset max(0, 1 - liquidity / depth).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Illiquidity {
    /// Rise where all of it is.
    pub scale: Rate,
    /// Liquidity from which on an asset is liquid, USD.
    pub depth: Money,
}

/// 1 + scale x (start - solvency) / (start - limit), the fraction held within 0 and 1; solvency is assets over liabilities
/// of the whole protocol, from the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SolvencyRamp {
    /// Rise at the limit.
    pub scale: Rate,
    /// Solvency below which it rises.
    pub start: Rate,
    /// Solvency at which it has risen; below `start`.
    pub limit: Rate,
}

/// What a liquidation proof reveals, rounded down to ticks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// How much.
    pub level: DisclosureLevel,
    /// Tick of the repay amount, USD, above zero.
    pub repay_tick: Money,
    /// Tick of the incentive rate, above zero.
    pub incentive_tick: Rate,
    /// Tick of the exposures (dollar delta, dollar gamma and vega per underlying), whole USD; with `terms-and-greeks` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_tick: Option<Dollars>,
}

/// How much a liquidation proof reveals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DisclosureLevel {
    /// That the account is under-margined.
    Verdict,
    /// And the terms: repay amount and incentive rate.
    Terms,
    /// And exposures by underlying.
    TermsAndGreeks,
}
