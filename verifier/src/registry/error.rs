//! Why a registry or ledger refuses, and how its storage can fail.

use zkmargin_circuits::model::{HexBytes, Time};

use super::AccountId;
use crate::HeartbeatError;

/// The storage failed: it says nothing about the account or the claim, and what was asked for may be asked for again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// A thread ended in the middle of a change.
    #[error("a thread panicked while it held the store")]
    Poisoned,
    /// Others held the database for longer than the store waits.
    #[error("the database cannot {doing}: others hold it")]
    Busy {
        /// What was being done.
        doing: &'static str,
    },
    /// The database failed.
    #[error("the database cannot {doing}: {reason}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What it says.
        reason: String,
    },
    /// The file is not a database of this program.
    #[error("not a zkmargin ledger: application id {found:#010x}, expected {expected:#010x}")]
    Application {
        /// The file's application id; 0 if it has none.
        found: u32,
        /// This program's.
        expected: u32,
    },
    /// The database was made by a later version, or by none that there was.
    #[error("schema version {found} is not supported, this program knows {supported}")]
    SchemaVersion {
        /// The file's.
        found: i64,
        /// This program's.
        supported: i64,
    },
    /// A table is not as this program made it.
    #[error("table '{table}' is not as version {version} of the schema has it")]
    Schema {
        /// The table.
        table: String,
        /// The schema's version.
        version: i64,
    },
    /// What was read back was not written by this program.
    #[error("table '{table}', column '{column}': {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Why a registry refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// No such account.
    #[error("account {0} is unknown")]
    UnknownAccount(AccountId),
    /// There is such an account already.
    #[error("account {0} is open already")]
    AccountExists(AccountId),
    /// No commitment: not a field element.
    #[error("commitment {0} is not below the BN254 scalar modulus")]
    CommitmentRange(HexBytes<32>),
    /// The commitment is not new.
    #[error("commitment {commitment} is or was account {account}'s")]
    CommitmentTaken {
        /// The commitment.
        commitment: HexBytes<32>,
        /// Whose it is or was.
        account: AccountId,
    },
    /// The account's sequence does not grow.
    #[error("account {account}: sequence {got} is not above {last}")]
    Sequence {
        /// The account.
        account: AccountId,
        /// The new state's.
        got: u64,
        /// That of the state of the day.
        last: u64,
    },
    /// The account is under that policy already.
    #[error("account {account} is under policy {policy} already")]
    SamePolicy {
        /// The account.
        account: AccountId,
        /// The policy's digest.
        policy: HexBytes<32>,
    },
    /// The account has a sign of life later than its change of policy.
    #[error("account {account}: {at} is before its last sign of life at {last}")]
    Clock {
        /// The account.
        account: AccountId,
        /// The change's time.
        at: Time,
        /// The last proof's snapshot, or the account's opening.
        last: Time,
    },
    /// The proof of health does not count, or the account's standing is not known.
    #[error("account {account}: {error}")]
    Heartbeat {
        /// The account.
        account: AccountId,
        /// Why.
        error: HeartbeatError,
    },
    /// A later snapshot was seen.
    #[error("snapshot sequence {got} is below {last}, which was seen under policy {policy}")]
    SnapshotSequence {
        /// The policy's digest.
        policy: HexBytes<32>,
        /// The proof's snapshot's.
        got: u64,
        /// The greatest that was seen.
        last: u64,
    },
    /// The storage failed; nothing is known to have changed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a ledger refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The claim's deadline has passed.
    #[error("the claim's deadline {deadline} has passed at {now}")]
    Deadline {
        /// The deadline.
        deadline: Time,
        /// The time of the check.
        now: Time,
    },
    /// The claim's market is too old.
    #[error("the claim's market of {time} may be used until {until}, not at {now}")]
    Stale {
        /// The snapshot's time.
        time: Time,
        /// The last second that the policy's oracle rule lets it be used at.
        until: Time,
        /// The time of the check.
        now: Time,
    },
    /// No such account.
    #[error("account {0} is unknown")]
    UnknownAccount(AccountId),
    /// The commitment was never the account's.
    #[error("commitment {commitment} was never account {account}'s")]
    UnknownCommitment {
        /// The account.
        account: AccountId,
        /// The claim's commitment.
        commitment: HexBytes<32>,
    },
    /// The account has changed since: the commitment was its, and is no more.
    #[error("account {account}: commitment {commitment} is superseded by {current}")]
    Superseded {
        /// The account.
        account: AccountId,
        /// The claim's commitment.
        commitment: HexBytes<32>,
        /// The commitment of the day.
        current: HexBytes<32>,
    },
    /// The claim's sequence is not the commitment's.
    #[error("account {account}: the claim is of sequence {claim}, its commitment of {expected}")]
    Sequence {
        /// The account.
        account: AccountId,
        /// The claim's.
        claim: u64,
        /// The commitment's.
        expected: u64,
    },
    /// The account has come under another policy.
    #[error("account {account} is under policy {expected}, the claim under {claim}")]
    Policy {
        /// The account.
        account: AccountId,
        /// The claim's.
        claim: HexBytes<32>,
        /// The account's.
        expected: HexBytes<32>,
    },
    /// The account's state is spent.
    #[error(
        "account {account}: commitment {commitment} was consumed by {liquidator} with nonce {nonce} at {at} (receipt {number})"
    )]
    Consumed {
        /// The account.
        account: AccountId,
        /// Its commitment of the day.
        commitment: HexBytes<32>,
        /// Who spent it.
        liquidator: HexBytes<20>,
        /// With which nonce.
        nonce: u64,
        /// When.
        at: Time,
        /// The receipt's number.
        number: u64,
    },
    /// The liquidator has spent this nonce on another claim.
    #[error("liquidator {liquidator} has used nonce {nonce} already")]
    NonceUsed {
        /// The liquidator.
        liquidator: HexBytes<20>,
        /// The nonce.
        nonce: u64,
    },
    /// A later snapshot was seen.
    #[error("snapshot sequence {got} is below {last}, which was seen under policy {policy}")]
    SnapshotSequence {
        /// The policy's digest.
        policy: HexBytes<32>,
        /// The snapshot's.
        got: u64,
        /// The greatest that was seen.
        last: u64,
    },
    /// The storage failed; whether the claim was spent is to be asked for again.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
