//! The public risk policy: scenarios, factors, contingencies, haircuts, incentive, disclosure.
//!
//! What is absent is switched off, so that a policy carries only what its venue has. `docs/statement.md` has the formulas.

mod charges;
mod heartbeat;
mod oracle;
mod shocks;
mod terms;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use super::{Rate, Version};

pub use charges::{
    ConfidenceCharge, Contingencies, FutureCharge, FuturePrice, Haircut, Netting, Provision, Ramp,
    Rates, ShortOption, VolatilityTrigger,
};
pub use heartbeat::HeartbeatRule;
pub use oracle::{ConfidenceLimit, OracleRule};
pub use shocks::{
    Basis, DeltaCharge, DiscountSide, Scenario, Skew, SkewCap, StaticDiscount, VolMove, VolShock,
};
pub use terms::{Disclosure, DisclosureLevel, Illiquidity, Incentive, SolvencyRamp};

/// The risk rules. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Format version, 2.
    pub version: Version<2>,
    /// A name for people.
    pub name: String,
    /// Where the numbers come from, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub source: BTreeMap<String, String>,
    /// Joint moves of spot and volatility. The unmoved market is always scenario 0.
    #[serde(default)]
    pub scenarios: Vec<Scenario>,
    /// How far a vol scenario moves an expiry's volatility.
    #[serde(default)]
    pub vol_shock: VolShock,
    /// How far a skew scenario turns or lifts a smile's wings.
    #[serde(default)]
    pub skew: Skew,
    /// What a scenario's value of an expiry is discounted with.
    #[serde(default)]
    pub discount: StaticDiscount,
    /// Every expiry's own small move.
    #[serde(default)]
    pub basis: Basis,
    /// Charge on dollar delta; competes with the scenarios.
    #[serde(default)]
    pub delta: DeltaCharge,
    /// Multipliers of the greatest loss.
    pub factors: Factors,
    /// Whether options held long count towards equity: European and perpetual ones.
    #[serde(default)]
    pub long_options: LongOptions,
    /// Charges on top of the greatest loss.
    #[serde(default)]
    pub contingencies: Contingencies,
    /// Collateral haircuts by asset. An asset without one gives no collateral value.
    #[serde(default)]
    pub haircuts: Vec<Haircut>,
    /// What rises with realised volatility, by asset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volatility_trigger: Vec<VolatilityTrigger>,
    /// What the liquidator earns.
    pub incentive: Incentive,
    /// What a proof reveals, and its rounding.
    pub disclosure: Disclosure,
    /// How often an account must be proved healthy, lest it become eligible. No proof depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<HeartbeatRule>,
    /// Whose word a snapshot needs, and how fresh it must be. No proof depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oracle: Option<OracleRule>,
}

impl Policy {
    /// Keccak-256 of `"zkmargin.policy.v1"` and the policy as compact JSON in the order of its fields: names the rules in
    /// force. Any change of the file's content changes it.
    pub fn digest(&self) -> [u8; 32] {
        // A struct of strings, numbers, lists and booleans always serialises.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let hasher = Keccak256::new_with_prefix(b"zkmargin.policy.v1");
        hasher.chain_update(json).finalize().into()
    }
}

/// Multipliers of the greatest loss: weighted scenario, basis or delta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    /// For the maintenance margin, which the proofs are about.
    pub maintenance: Rate,
    /// For the initial margin, reported only; at least `maintenance`.
    pub initial: Rate,
    /// What a weak stable coin adds to `initial`.
    #[serde(default)]
    pub peg: Peg,
}

/// slope x max(0, threshold - price of the stable coin).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Peg {
    /// Price below which the factor rises, USD.
    pub threshold: Rate,
    /// Rise per USD.
    pub slope: Rate,
}

/// Whether options held long count towards equity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LongOptions {
    /// They count.
    #[default]
    Counted,
    /// A strike's calls and puts together give no value, only a debt.
    Excluded,
}
