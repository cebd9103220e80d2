//! What a liquidator's service remembers: the accounts, which eligibilities are spent, which snapshots were seen.
//!
//! A verified proof is about *a* commitment at *a* snapshot. A [`Registry`] says whether the commitment is an account's state of
//! the day; a [`Ledger`] sees to it that each state is liquidated once.
//!
//! ```text
//! open ──> state (commitment, sequence) ──consume──> spent ──recommit──> next state ...
//!                    └────────────────recommit─────────────────────────────┘
//! ```
//! What is spent is *(account, commitment of the day)*: not the proof, which anyone who holds the opening can make anew, nor its
//! snapshot or context. With it goes the context's *(liquidator, nonce)*. Each call is atomic and, once it has returned, durable
//! as far as the implementation promises: [`MemoryStore`] until the process ends, `SqliteStore` on disk.
//!
//! Whoever may call is trusted: a registry cannot see inside a commitment, so it cannot tell that a commitment's opening has the
//! sequence that it is registered with, nor who its owner is.

mod claim;
mod error;
mod memory;
mod rules;
#[cfg(feature = "sqlite")]
mod sqlite;

use serde::{Deserialize, Serialize};
use zkmargin_circuits::model::{HexBytes, Policy, Time};

pub use claim::{Claim, ClaimError, Receipt};
pub use error::{LedgerError, RegistryError, StorageError};
pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{DEFAULT_WAIT, SqliteStore};

use crate::{Health, Heartbeat, Liveness};

/// An account's name, chosen by whoever registers it and for good. It must say nothing of the account: take, say, the Keccak-256
/// of owner and venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub HexBytes<32>);

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What is known of an account. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccountState {
    /// The commitment of the day.
    pub commitment: HexBytes<32>,
    /// Its sequence: grows with every change of the account.
    pub sequence: u64,
    /// Digest of the policy that the account is under: [`Policy::digest`].
    pub policy: HexBytes<32>,
    /// Its clock, if the policy asks for proofs of health.
    pub heartbeat: Option<Heartbeat>,
    /// When it was opened, or came under its policy.
    pub opened: Time,
}

/// Whose a commitment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The account.
    pub account: AccountId,
    /// The commitment's sequence.
    pub sequence: u64,
    /// It is the account's commitment of the day; superseded if not.
    pub current: bool,
}

/// The accounts, each with its commitment of the day.
pub trait Registry: Send + Sync {
    /// The account; `None` if it was never opened.
    ///
    /// # Errors
    /// [`StorageError`].
    fn account(&self, id: AccountId) -> Result<Option<AccountState>, StorageError>;

    /// Whose commitment this is or was; `None` if it was never any account's.
    ///
    /// # Errors
    /// [`StorageError`].
    fn account_of(&self, commitment: HexBytes<32>) -> Result<Option<Known>, StorageError>;

    /// Opens an account. Its heartbeat, if the policy has one, starts at `at`.
    ///
    /// # Errors
    /// [`RegistryError`] if the account or the commitment is registered already, or the commitment is none.
    fn open(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
        sequence: u64,
        policy: &Policy,
        at: Time,
    ) -> Result<AccountState, RegistryError>;

    /// The account's next state. Its heartbeat goes on.
    ///
    /// # Errors
    /// [`RegistryError`] if the account is unknown, the sequence does not grow or the commitment is not new; nothing changes then.
    fn recommit(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
        sequence: u64,
    ) -> Result<AccountState, RegistryError>;

    /// Puts the account under another policy. Its heartbeat starts anew at `at`: so not the owner should choose when, but whoever
    /// makes the rules. What is spent stays spent.
    ///
    /// # Errors
    /// [`RegistryError`] if the account is unknown, is under that policy already, or has a sign of life later than `at`.
    fn change_policy(
        &self,
        id: AccountId,
        policy: &Policy,
        at: Time,
    ) -> Result<AccountState, RegistryError>;

    /// Takes a verified proof of the account's health ([`Heartbeat::beat`]), and records that its snapshot was seen
    /// ([`Ledger::advance`]).
    ///
    /// # Errors
    /// [`RegistryError`] if the account is unknown, the proof does not count or a later snapshot was seen; nothing changes then.
    fn beat(&self, id: AccountId, health: &Health, now: Time) -> Result<Liveness, RegistryError>;

    /// Where the account stands in heartbeat mode ([`Heartbeat::status`]).
    ///
    /// # Errors
    /// [`RegistryError`] if the account is unknown or under a policy without heartbeat, or `now` is before its last sign of life.
    fn liveness(&self, id: AccountId, now: Time) -> Result<Liveness, RegistryError>;
}

/// What is spent, and which snapshots were seen. It holds the accounts too: whether a commitment is of the day is decided in the
/// same transaction that spends it.
pub trait Ledger: Registry {
    /// Spends an eligibility: once for each state of an account, whatever the proof, the snapshot or the liquidator; and records
    /// that its snapshot was seen ([`advance`](Self::advance)). Of several callers at once exactly one gets the receipt. Whoever got no answer, because of a crash, say, finds his receipt by
    /// [`consumed`](Self::consumed).
    ///
    /// # Errors
    /// [`LedgerError`], the first reason that holds; nothing is spent then.
    fn consume(&self, claim: &Claim, now: Time) -> Result<Receipt, LedgerError>;

    /// The receipt for a state of an account, of the day or superseded, if it is spent.
    ///
    /// # Errors
    /// [`StorageError`].
    fn consumed(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
    ) -> Result<Option<Receipt>, StorageError>;

    /// Whether the liquidator has spent this nonce.
    ///
    /// # Errors
    /// [`StorageError`].
    fn nonce_used(&self, liquidator: HexBytes<20>, nonce: u64) -> Result<bool, StorageError>;

    /// The greatest sequence of the snapshots seen under a policy, by its digest; `None` before the first.
    ///
    /// # Errors
    /// [`StorageError`].
    fn last_sequence(&self, policy: HexBytes<32>) -> Result<Option<u64>, StorageError>;

    /// Records that a snapshot was seen: eligibilities at earlier ones can no more be spent. The same one again changes nothing: many proofs are about one snapshot.
    ///
    /// # Errors
    /// [`LedgerError::SnapshotSequence`] if a later one was seen.
    fn advance(&self, policy: HexBytes<32>, sequence: u64) -> Result<(), LedgerError>;
}

#[cfg(all(test, feature = "sqlite"))]
mod tests;
