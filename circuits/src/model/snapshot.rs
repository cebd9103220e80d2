//! The public market snapshot: one instant of spots, forwards, discounts and smiles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use super::{Discount, HexBytes, Money, Price, Rate, Symbol, Time, Version};

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
    /// Everlasting options by asset and funding period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub everlasting: Vec<Everlasting>,
    /// Perpetual American options by asset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub american: Vec<PerpetualAmerican>,
    /// Power perpetuals by asset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub power: Vec<PowerMarket>,
    /// Realised and implied variance by asset and period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variance: Vec<VarianceMarket>,
    /// The stable coin that margin is counted in, if it is not at par.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stable: Option<Stable>,
    /// The protocol that the policy belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// The oracles' signatures, in any order, at most 256. They are about everything above and not about each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<OracleSignature>,
}

/// One oracle's word for a snapshot under one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OracleSignature {
    /// Digest of the policy under which it signed: [`Policy::digest`](super::Policy::digest).
    pub policy: HexBytes<32>,
    /// A secp256k1 signature, `r || s || v`: two big-endian words, s in the lower half, v 27 or 28.
    pub signature: HexBytes<65>,
}

impl Snapshot {
    /// Keccak-256 of `"zkmargin.snapshot.v1"` and the snapshot, without its signatures, as compact JSON in the order of its
    /// fields: names the market that was signed. Any other change of the file's content changes it.
    pub fn digest(&self) -> [u8; 32] {
        let unsigned = Self {
            signatures: Vec::new(),
            ..self.clone()
        };
        // A struct of strings, numbers and lists always serialises.
        let json = serde_json::to_vec(&unsigned).unwrap_or_default();
        let hasher = Keccak256::new_with_prefix(b"zkmargin.snapshot.v1");
        hasher.chain_update(json).finalize().into()
    }
}

/// The stable coin that margin is counted in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stable {
    /// Price, USD, 0.5 to 2. Collateral is worth its spot over this.
    pub price: Price,
}

/// The protocol as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Assets over liabilities, 0 to 100.
    pub solvency: Rate,
}

/// An asset's spot and, where one trades, its perpetual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// The asset.
    pub asset: Symbol,
    /// Spot, USD per unit, above zero.
    pub spot: Price,
    /// Interest rate at which a position in the asset is financed, continuous, per year, -0.5 to 5. For the perpetual
    /// options and power perpetuals; expiries have discount factors.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rate: Rate,
    /// How far the spot can be trusted, 0 to 1; initial margin only.
    #[serde(default = "sure", skip_serializing_if = "is_sure")]
    pub confidence: Rate,
    /// Annualised volatility realised in the last 24 hours; for policies with a volatility trigger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realised_vol_24h: Option<Rate>,
    /// What the market takes at a small discount, USD; for policies with an illiquidity multiplier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liquidity: Option<Money>,
    /// The perpetual future, if one trades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perpetual: Option<Perpetual>,
}

fn is_zero(value: &Rate) -> bool {
    *value == Rate::ZERO
}

fn sure() -> Rate {
    Rate::ONE
}

fn is_sure(value: &Rate) -> bool {
    *value == Rate::ONE
}

fn is_free(value: &Price) -> bool {
    *value == Price::ZERO
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
    /// How far the mark can be trusted, 0 to 1; initial margin only.
    #[serde(default = "sure", skip_serializing_if = "is_sure")]
    pub confidence: Rate,
    /// Funding that longs pay shorts over the next 8 hours, as a fraction of spot, -1 to 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub funding_rate: Rate,
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
    /// The part of the forward that the settlement average has fixed already: it does not move with the spot. Below `forward`.
    #[serde(default, skip_serializing_if = "is_free")]
    pub forward_fixed: Price,
    /// How far forward, rate and volatility can be trusted, 0 to 1; initial margin only.
    #[serde(default = "sure", skip_serializing_if = "is_sure")]
    pub confidence: Rate,
    /// Discount factor to expiry, at least 0.125 and at most 2.
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

/// An everlasting option's market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Everlasting {
    /// The underlying.
    pub asset: Symbol,
    /// Funding period in days, 1/24 to 365.
    pub funding_days: Rate,
    /// Implied volatility, 0.001 to 20, flat over strikes.
    pub vol: Rate,
}

/// A perpetual American option's market. Calls need `dividend` >= 0, puts a `rate` >= 0 of the asset: the other side has
/// no finite price or another formula, and no market here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PerpetualAmerican {
    /// The underlying.
    pub asset: Symbol,
    /// Implied volatility, 0.001 to 20, flat over strikes.
    pub vol: Rate,
    /// Yield of the underlying, continuous, per year, -0.5 to 5.
    #[serde(default)]
    pub dividend: Rate,
}

/// A power perpetual's market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PowerMarket {
    /// The underlying.
    pub asset: Symbol,
    /// Funding period in days, 1/24 to 365.
    pub funding_days: Rate,
    /// Implied volatility.
    pub vol: Rate,
}

/// Realised and implied variance of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VarianceMarket {
    /// The underlying.
    pub asset: Symbol,
    /// Start of the period, a whole minute, not after the snapshot.
    pub start: Time,
    /// End of the period, a whole minute, not before the snapshot.
    pub end: Time,
    /// Discount factor to the end, at least 0.125 and at most 2.
    pub discount: Discount,
    /// Annualised variance realised from `start` until now (0.25 is that of 50 %).
    pub realised_variance: Rate,
    /// Volatility implied for the time that is left.
    pub implied_vol: Rate,
    /// Fair strike of a volatility swap over the whole period: at most the root of its fair variance.
    pub fair_vol: Rate,
}
