//! The context: what makes a proof worthless to anyone else, anywhere else, later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use super::{HexBytes, Time, Version};

/// Bound into the proof through its digest. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Format version, 1.
    pub version: Version<1>,
    /// EIP-155 chain id; 0 for a service off chain.
    pub chain_id: u64,
    /// The verifying contract's address, or the service's 20-byte id.
    pub verifier: HexBytes<20>,
    /// The liquidator who may use the proof.
    pub liquidator: HexBytes<20>,
    /// No use after this time.
    pub deadline: Time,
    /// Distinguishes proofs by the same liquidator.
    pub nonce: u64,
}

impl Context {
    /// Keccak-256 of the packed fields with the top byte cleared, so that it is below 2^248 and
    /// a field element: `keccak256("zkmargin.context.v1" || chain_id:8 || verifier:20 ||
    /// liquidator:20 || deadline:8 || nonce:8)`, integers big-endian.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Keccak256::new();
        hasher.update(b"zkmargin.context.v1");
        hasher.update(self.chain_id.to_be_bytes());
        hasher.update(self.verifier.0);
        hasher.update(self.liquidator.0);
        hasher.update(self.deadline.unix().to_be_bytes());
        hasher.update(self.nonce.to_be_bytes());
        let mut digest: [u8; 32] = hasher.finalize().into();
        digest[0] = 0;
        digest
    }
}
