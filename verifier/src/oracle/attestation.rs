//! What an oracle signs.

use serde::Serialize;
use sha3::{Digest, Keccak256};
use zkmargin_circuits::{
    circuit::market_digest,
    model::{HexBytes, Policy, Snapshot},
    public::PublicTable,
};

/// The domain's type, as EIP-712 writes it.
const DOMAIN_TYPE: &[u8] = b"EIP712Domain(string name,string version)";
/// The domain's name.
const NAME: &[u8] = b"zkmargin";
/// The domain's version.
const VERSION: &[u8] = b"1";
/// The attestation's type, as EIP-712 writes it.
const TYPE: &[u8] =
    b"Attestation(bytes32 snapshot,bytes32 policy,bytes32 market,uint64 sequence,uint64 time)";

/// One market under one policy: what an oracle gives its word for. Public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attestation {
    /// [`Snapshot::digest`].
    pub snapshot: HexBytes<32>,
    /// [`Policy::digest`].
    pub policy: HexBytes<32>,
    /// [`market_digest`] of the two's public table: of all public inputs of a proof that follow from them.
    pub market: HexBytes<32>,
    /// The snapshot's sequence.
    pub sequence: u64,
    /// The snapshot's time, Unix seconds.
    pub time: u64,
}

impl Attestation {
    /// What is to be signed of a snapshot; `table` is the public table of the two.
    pub fn new(snapshot: &Snapshot, policy: &Policy, table: &PublicTable) -> Self {
        Self {
            snapshot: HexBytes(snapshot.digest()),
            policy: HexBytes(policy.digest()),
            market: HexBytes(market_digest(table)),
            sequence: snapshot.sequence,
            // A time is never before 1970.
            time: snapshot.time.unix().unsigned_abs(),
        }
    }

    /// The digest that is signed: EIP-712's of this structure in the project's domain.
    pub fn digest(&self) -> [u8; 32] {
        let structure = words([
            keccak(TYPE),
            self.snapshot.0,
            self.policy.0,
            self.market.0,
            word(self.sequence),
            word(self.time),
        ]);
        let hasher = Keccak256::new_with_prefix([0x19, 0x01]);
        let hasher = hasher.chain_update(Self::domain());
        hasher.chain_update(structure).finalize().into()
    }

    /// EIP-712's hash of the domain, the same for every attestation.
    pub fn domain() -> [u8; 32] {
        words([keccak(DOMAIN_TYPE), keccak(NAME), keccak(VERSION)])
    }
}

fn keccak(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}

/// Keccak-256 of words one after the other.
fn words<const N: usize>(words: [[u8; 32]; N]) -> [u8; 32] {
    keccak(words.as_flattened())
}

/// An integer as a big-endian word.
fn word(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}
