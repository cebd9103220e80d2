//! The context of each account.
//!
//! A liquidator's nonce is spent once: of many liquidation proofs under one nonce only the first could be acted upon. So each
//! account has one of its own, which follows from the given context's and the account's commitment: the same state has
//! the same nonce in every run, and what else is in the folder does not matter. Nothing is spent by a proof of solvency.

use sha2::{Digest, Sha256};
use zkmargin_circuits::{
    model::{Context, HexBytes},
    shape::Statement,
};

/// A context for each account.
pub(super) struct Contexts {
    given: Context,
    statement: Statement,
}

impl Contexts {
    pub(super) fn new(given: Context, statement: Statement) -> Self {
        Self { given, statement }
    }

    /// Whether each account's context is its own.
    pub(super) fn are_own(&self) -> bool {
        self.statement == Statement::Liquidation
    }

    /// The context of the account of a commitment.
    pub(super) fn of(&self, commitment: &HexBytes<32>) -> Context {
        let nonce = if self.are_own() {
            own_nonce(self.given.nonce, commitment)
        } else {
            self.given.nonce
        };
        Context {
            nonce,
            ..self.given.clone()
        }
    }
}

/// `SHA-256("zkmargin.batch.nonce.v1" || nonce:8 || commitment:32)`, its first 53 bits: no reader of JSON rounds them.
fn own_nonce(nonce: u64, commitment: &HexBytes<32>) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(b"zkmargin.batch.nonce.v1");
    hasher.update(nonce.to_be_bytes());
    hasher.update(commitment.0);
    let first = hasher.finalize().into_iter().take(8);
    first.fold(0, |number, byte| number << 8 | u64::from(byte)) >> 11
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = include_str!("../../../../../samples/context.json");

    fn contexts(nonce: u64, statement: Statement) -> Contexts {
        let given: Context = serde_json::from_str(GIVEN).expect("sample");
        Contexts::new(Context { nonce, ..given }, statement)
    }

    #[test]
    fn a_liquidation_has_a_nonce_of_its_own_and_nothing_else() {
        let contexts = contexts(1, Statement::Liquidation);
        let [a, b] = [1, 2].map(|byte| contexts.of(&HexBytes([byte; 32])));
        assert_ne!(a.nonce, b.nonce);
        assert_eq!(a, contexts.of(&HexBytes([1; 32])), "in every run the same");
        assert!(a.nonce < 1 << 53 && b.nonce < 1 << 53);
        assert_eq!(Context { nonce: 1, ..a }, contexts.given);
    }

    #[test]
    fn the_nonce_is_the_one_documented() {
        // printf 'zkmargin.batch.nonce.v1' and 1 in 8 bytes, 32 bytes of 7, through sha256sum: its first 16 digits, less 11 bits.
        let digits = "cf732ba439b633a9";
        let expected = u64::from_str_radix(digits, 16).expect("hex") >> 11;
        assert_eq!(own_nonce(1, &HexBytes([7; 32])), expected);
    }

    #[test]
    fn another_given_nonce_makes_others() {
        let commitment = HexBytes([3; 32]);
        let [a, b] = [1, 2].map(|n| contexts(n, Statement::Liquidation).of(&commitment).nonce);
        assert_ne!(a, b);
    }

    #[test]
    fn solvency_spends_nothing_and_keeps_the_context() {
        let contexts = contexts(5, Statement::Solvency);
        assert_eq!(contexts.of(&HexBytes([1; 32])), contexts.given);
    }
}
