//! The public risk policy: scenarios, factors, contingencies, haircuts, incentive, disclosure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dollars, Money, Rate, Symbol, Version};

/// The risk rules. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Format version, 1.
    pub version: Version<1>,
    /// A name for people.
    pub name: String,
    /// Joint moves of spot and volatility. The unmoved market is always scenario 0.
    pub scenarios: Vec<Scenario>,
    /// How far a vol scenario moves an expiry's volatility.
    pub vol_shock: VolShock,
    /// Multipliers of the scenario loss.
    pub factors: Factors,
    /// Charges on top of the scenario loss.
    pub contingencies: Contingencies,
    /// Collateral haircuts by asset. An asset without one gives no collateral value.
    pub haircuts: Vec<Haircut>,
    /// What the liquidator earns.
    pub incentive: Incentive,
    /// Rounding of what a proof reveals.
    pub disclosure: Disclosure,
}

/// One joint move of every spot and volatility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Relative spot move, above -1 (-0.2 is 20 % down). Forwards and marks move with it.
    pub spot: Rate,
    /// Direction of the volatility move.
    pub vol: VolMove,
    /// Weight of the scenario's loss, above 0 and at most 1 (far tails are dampened).
    pub weight: Rate,
}

/// Direction of a volatility move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VolMove {
    /// Volatility multiplied by 1 + `vol_shock.up` x term factor.
    Up,
    /// Volatility multiplied by 1 - `vol_shock.down` x term factor, at least 0.
    Down,
    /// Volatility unchanged.
    Same,
}

/// Vol shocks scale with (30 d / max(t, floor))^power, the term factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolShock {
    /// Relative rise at 30 days.
    pub up: Rate,
    /// Relative fall at 30 days.
    pub down: Rate,
    /// Power of the term factor, 0 to 1.
    pub power: Rate,
    /// Shortest time to expiry in the term factor, seconds, at least 3600.
    pub floor_seconds: u64,
}

/// Multipliers of the weighted scenario loss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    /// For the maintenance margin, which the proofs are about.
    pub maintenance: Rate,
    /// For the initial margin, reported only; at least `maintenance`.
    pub initial: Rate,
}

/// Charges on top of the scenario loss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contingencies {
    /// Per short option (calls and puts net per strike), as a fraction of spot.
    pub short_option: Rate,
    /// Per perpetual or dated future, long or short, as a fraction of its mark.
    pub future: Rate,
}

/// A collateral haircut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Haircut {
    /// The asset.
    pub asset: Symbol,
    /// Fraction of the spot value that does not count, 0 to 1.
    pub haircut: Rate,
}

/// Incentive rate = min(cap, base + slope x shortfall / requirement).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incentive {
    /// Least rate.
    pub base: Rate,
    /// Rise per unit of shortfall / requirement.
    pub slope: Rate,
    /// Greatest rate, at least `base`.
    pub cap: Rate,
}

/// Ticks to which the terms are rounded down before they are revealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Tick of the repay amount, USD, above zero.
    pub repay_tick: Money,
    /// Tick of the incentive rate, above zero.
    pub incentive_tick: Rate,
    /// Tick of the exposures (dollar delta, dollar gamma and vega per underlying), whole USD; without it they stay hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_tick: Option<Dollars>,
}
