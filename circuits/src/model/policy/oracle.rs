//! Whose word a market snapshot needs, and how fresh it must be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{HexBytes, Rate, Symbol};

/// The oracles that a policy trusts. No proof depends on it: it is held against the snapshot's signatures and the clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OracleRule {
    /// Addresses of the oracles, 1 to 32: the last 20 bytes of the Keccak-256 of a secp256k1 public key.
    pub signers: Vec<HexBytes<20>>,
    /// How many of them must have signed, 1 to all.
    pub threshold: u32,
    /// The greatest age of a snapshot, seconds, 1 to 2,592,000.
    pub max_age_seconds: u32,
    /// How far ahead of the verifier's clock a snapshot may be, seconds, 0 to 3,600.
    pub max_future_seconds: u32,
    /// The least confidence by asset. An asset without one is not asked for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub min_confidence: Vec<ConfidenceLimit>,
}

/// The least confidence of an asset's feeds: spot, perpetual, expiries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceLimit {
    /// The asset.
    pub asset: Symbol,
    /// The least that each feed's `confidence` may be, 0 to 1.
    pub confidence: Rate,
}
