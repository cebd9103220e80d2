//! Authentic snapshots: `threshold` of a policy's oracles signed this market, and it is neither old, nor of the future, nor
//! behind one that was accepted before.
//!
//! What an oracle signs is an [`Attestation`], as EIP-712 typed data, so that a chain recovers the same address with
//! `ecrecover`, and wallets and hardware modules can sign it:
//!
//! ```text
//! domain       = EIP712Domain(string name, string version) = ("zkmargin", "1")
//! struct       = Attestation(bytes32 snapshot, bytes32 policy, bytes32 market, uint64 sequence, uint64 time)
//! digest       = keccak256(0x19 || 0x01 || domain's hash || struct's hash)
//! ```
//! There is no chain id in it: a market is the same on every chain. The policy's digest is: an oracle's word is given for one
//! rule set, and nobody else's threshold can be met with it. The market's digest, of all public inputs that
//! follow from the two, is what a contract needs: it sees neither.

mod attestation;
mod check;
mod key;
#[cfg(test)]
mod tests;

pub use attestation::Attestation;
pub use check::{Authentic, OracleError, check, check_confidence, signers};
pub use key::{OracleKey, SignatureError, recover};
