//! What is spent, and the receipt for it.

use serde::{Deserialize, Serialize};
use zkmargin_circuits::{
    engine::Terms,
    model::{Context, HexBytes, Time},
};

use super::{AccountId, AccountState};
use crate::Eligibility;

/// A verified eligibility of a registered account, to be spent. Made by [`Claim::new`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Claim {
    /// The account.
    pub account: AccountId,
    /// The state of it that was proved under-margined.
    pub commitment: HexBytes<32>,
    /// That state's sequence.
    pub sequence: u64,
    /// Digest of the policy that it was proved under.
    pub policy: HexBytes<32>,
    /// Sequence of the snapshot that it was proved at.
    pub snapshot_sequence: u64,
    /// Time of that snapshot.
    pub snapshot_time: Time,
    /// Not to be spent after this time, from the policy's oracle rule: the market is too old then.
    pub market_until: Time,
    /// Digest of the context that the proof is bound to.
    pub context: HexBytes<32>,
    /// Who may liquidate, from the context.
    pub liquidator: HexBytes<20>,
    /// The liquidator's number for it, from the context.
    pub nonce: u64,
    /// Not to be spent after this time, from the context.
    pub deadline: Time,
    /// The disclosed terms.
    pub terms: Terms,
}

/// Why an eligibility is no claim on an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// It is about another commitment than the account's.
    #[error("the eligibility is about commitment {proof}, the account has {expected}")]
    Commitment {
        /// The eligibility's.
        proof: HexBytes<32>,
        /// The account's.
        expected: HexBytes<32>,
    },
    /// It was verified under another policy than the account's.
    #[error("the eligibility was verified under policy {proof}, the account is under {expected}")]
    Policy {
        /// The eligibility's.
        proof: HexBytes<32>,
        /// The account's.
        expected: HexBytes<32>,
    },
    /// It was verified in another context.
    #[error("the eligibility is bound to context {proof}, not {expected}")]
    Context {
        /// The eligibility's.
        proof: HexBytes<32>,
        /// The given one's.
        expected: HexBytes<32>,
    },
    /// Nothing says until when its market may be used.
    #[error("the eligibility was verified under policy {policy}, which names no oracles")]
    NoOracles {
        /// The policy's digest.
        policy: HexBytes<32>,
    },
}

impl Claim {
    /// The claim on an account by an eligibility that [`verify`](crate::verify) gave for the account's commitment, policy and
    /// this context.
    ///
    /// # Errors
    /// [`ClaimError`] if it was for others, or under a policy without oracles.
    pub fn new(
        account: AccountId,
        state: &AccountState,
        eligibility: &Eligibility,
        context: &Context,
    ) -> Result<Self, ClaimError> {
        if eligibility.commitment != state.commitment {
            return Err(ClaimError::Commitment {
                proof: eligibility.commitment,
                expected: state.commitment,
            });
        }
        if eligibility.policy != state.policy {
            return Err(ClaimError::Policy {
                proof: eligibility.policy,
                expected: state.policy,
            });
        }
        let digest = HexBytes(context.digest());
        if eligibility.context != digest {
            return Err(ClaimError::Context {
                proof: eligibility.context,
                expected: digest,
            });
        }
        let policy = state.policy;
        let market_until = eligibility.market_until;
        let market_until = market_until.ok_or(ClaimError::NoOracles { policy })?;
        Ok(Self {
            account,
            commitment: state.commitment,
            sequence: state.sequence,
            policy,
            snapshot_sequence: eligibility.snapshot_sequence,
            snapshot_time: eligibility.snapshot_time,
            market_until,
            context: digest,
            liquidator: context.liquidator,
            nonce: context.nonce,
            deadline: context.deadline,
            terms: eligibility.terms.clone(),
        })
    }
}

/// That a claim was spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Receipt {
    /// Its place among all that this ledger spent, from 1, without a gap.
    pub number: u64,
    /// What was spent, and by whom.
    pub claim: Claim,
    /// When.
    pub at: Time,
}
