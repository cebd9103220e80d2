//! The context: what makes a proof worthless to anyone else, anywhere else, later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};

use super::{HexBytes, Time, Version};

/// Bound into the proof through its digest. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Format version, 2.
    pub version: Version<2>,
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
    /// The most that the liquidator pays for the transaction above the base fee, wei per unit of gas: whoever copies the proof
    /// cannot outbid them with it, nor they others beyond what they committed to. 0 for a service off chain.
    pub max_priority_fee_per_gas: u64,
}

impl Context {
    /// Keccak-256 of the packed fields with the top byte cleared, so that it is below 2^248 and
    /// a field element: `keccak256("zkmargin.context.v2" || chain_id:8 || verifier:20 ||
    /// liquidator:20 || deadline:8 || nonce:8 || max_priority_fee_per_gas:8)`, integers big-endian.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Keccak256::new();
        hasher.update(b"zkmargin.context.v2");
        hasher.update(self.chain_id.to_be_bytes());
        hasher.update(self.verifier.0);
        hasher.update(self.liquidator.0);
        hasher.update(self.deadline.unix().to_be_bytes());
        hasher.update(self.nonce.to_be_bytes());
        hasher.update(self.max_priority_fee_per_gas.to_be_bytes());
        let mut digest: [u8; 32] = hasher.finalize().into();
        digest[0] = 0;
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A digest that a Solidity contract must find too: `keccak256(abi.encodePacked("zkmargin.context.v2", uint64, address,
    /// address, uint64, uint64, uint64))`. The bytes are written out by hand; the pinned digest is of another Keccak (PyPI eth-utils).
    #[test]
    fn digest_is_of_the_documented_bytes() {
        let context = Context {
            version: Version,
            chain_id: 1,
            verifier: HexBytes([0x11; 20]),
            liquidator: HexBytes([0x22; 20]),
            deadline: "2026-12-25T08:00:00Z".parse().expect("a time"),
            nonce: 7,
            max_priority_fee_per_gas: 2_000_000_000,
        };
        let bytes = [
            "7a6b6d617267696e2e636f6e746578742e7632",
            "0000000000000001",
            "1111111111111111111111111111111111111111",
            "2222222222222222222222222222222222222222",
            "000000006b2e2280",
            "0000000000000007",
            "0000000077359400",
        ]
        .concat();
        let mut expected: [u8; 32] = Keccak256::digest(hex::decode(bytes).expect("hex")).into();
        expected[0] = 0;
        assert_eq!(context.digest(), expected);
        assert_eq!(
            hex::encode(expected),
            "003a7ffc731ac5ee4195b63405678e6c134bdf7ba0610ca2adae6e0197a48da2"
        );
    }
}
