//! A store in a SQLite file: for services that must not forget.
//!
//! Many threads and processes may have the file open. Each change is one transaction that takes the write lock before it reads
//! (`BEGIN IMMEDIATE`), so changes have one order, and it is on disk when the call returns (write-ahead log, `synchronous =
//! FULL`). A process that ends in the middle of a change, at any point, leaves none of it. The file must be on a local file
//! system: SQLite's write-ahead log works on no other.

mod change;
mod rows;
mod schema;

use std::{
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use zkmargin_circuits::model::{HexBytes, Policy, Time};

#[cfg(test)]
pub(super) use schema::{APPLICATION, VERSION};

use super::{
    AccountId, AccountState, Claim, Known, Ledger, LedgerError, Receipt, Registry, RegistryError,
    StorageError,
    rules::{self, Facts},
};
use crate::{Health, Liveness};

/// How long a call waits for others that hold the database.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// Registry and ledger in a SQLite file.
#[derive(Debug)]
pub struct SqliteStore(Mutex<Connection>);

impl SqliteStore {
    /// Opens the file, or makes it, and waits [`DEFAULT_WAIT`] for others.
    ///
    /// # Errors
    /// As [`open_waiting`](Self::open_waiting).
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        Self::open_waiting(path, DEFAULT_WAIT)
    }

    /// Opens the file, or makes it. Each call, this one too, waits at most so long for others that hold the file.
    ///
    /// # Errors
    /// [`StorageError::Application`], [`StorageError::SchemaVersion`] or [`StorageError::Schema`] for a file that is not this
    /// program's, which is left as it is; [`StorageError::Busy`] or [`StorageError::Database`].
    pub fn open_waiting(path: &Path, wait: Duration) -> Result<Self, StorageError> {
        let end = Instant::now() + wait;
        loop {
            match connect(path, wait) {
                // While the log is made, recovered or removed, SQLite does not always wait by itself.
                Err(StorageError::Busy { .. }) if Instant::now() < end => {
                    thread::sleep(Duration::from_millis(5));
                }
                connected => return connected.map(|connection| Self(Mutex::new(connection))),
            }
        }
    }

    /// Reads the whole file: SQLite's own check of it, every account and every receipt. Takes time with their number.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] at the first thing that is wrong, [`StorageError::Database`] for what SQLite finds.
    pub fn check_integrity(&self) -> Result<(), StorageError> {
        self.read(|transaction| {
            rows::check_file(transaction)?;
            for id in rows::account_ids(transaction)? {
                rows::account(transaction, id)?;
            }
            rows::check_receipts(transaction)
        })
    }

    /// How many claims were spent.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn receipts(&self) -> Result<u64, StorageError> {
        self.read(rows::last_number)
    }

    /// What `change` did is done as a whole if it succeeds, and else nothing of it.
    fn write<T, E: From<StorageError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.0.lock().map_err(|_| StorageError::Poisoned)?;
        let transaction = schema::begin(&mut connection, TransactionBehavior::Immediate)?;
        let done = change(&transaction)?;
        transaction.commit().map_err(failed("commit"))?;
        Ok(done)
    }

    /// Everything that `read` sees is of one instant.
    fn read<T>(
        &self,
        read: impl FnOnce(&Transaction<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut connection = self.0.lock().map_err(|_| StorageError::Poisoned)?;
        read(&schema::begin(
            &mut connection,
            TransactionBehavior::Deferred,
        )?)
    }
}

/// A connection to this program's file, whose commits are on disk.
fn connect(path: &Path, wait: Duration) -> Result<Connection, StorageError> {
    // A path is a path: SQLite's own notation of addresses stays off.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(failed("open the file"))?;
    let setting = failed("be set up");
    connection.busy_timeout(wait).map_err(&setting)?;
    for (pragma, value) in [
        ("foreign_keys", "ON"),
        ("trusted_schema", "OFF"),
        ("cell_size_check", "ON"),
        ("synchronous", "FULL"),
    ] {
        let set = connection.pragma_update(None, pragma, value);
        set.map_err(&setting)?;
    }
    schema::check_origin(&mut connection)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(&setting)?;
    if mode != "wal" {
        return Err(StorageError::Database {
            doing: "keep a write-ahead log",
            reason: format!("its journal mode is '{mode}'"),
        });
    }
    schema::prepare(&mut connection)?;
    Ok(connection)
}

/// The storage error of what SQLite says.
fn failed(doing: &'static str) -> impl Fn(rusqlite::Error) -> StorageError {
    move |error| match error.sqlite_error_code() {
        // The last is what two meet that open the file in the same instant.
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed,
        ) => StorageError::Busy { doing },
        _ => StorageError::Database {
            doing,
            reason: error.to_string(),
        },
    }
}

impl Registry for SqliteStore {
    fn account(&self, id: AccountId) -> Result<Option<AccountState>, StorageError> {
        self.read(|transaction| rows::account(transaction, id))
    }

    fn account_of(&self, commitment: HexBytes<32>) -> Result<Option<Known>, StorageError> {
        self.read(|transaction| rows::known(transaction, commitment))
    }

    fn open(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
        sequence: u64,
        policy: &Policy,
        at: Time,
    ) -> Result<AccountState, RegistryError> {
        self.write(|transaction| {
            let account = rows::account(transaction, id)?;
            let facts = (account.as_ref(), rows::known(transaction, commitment)?);
            let state = rules::open(id, commitment, sequence, (policy, at), facts)?;
            change::put_account(transaction, id, &state)?;
            change::add_state(transaction, id, &state)?;
            Ok(state)
        })
    }

    fn recommit(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
        sequence: u64,
    ) -> Result<AccountState, RegistryError> {
        self.write(|transaction| {
            let account = rows::account(transaction, id)?;
            let facts = (account, rows::known(transaction, commitment)?);
            let state = rules::recommit(id, commitment, sequence, facts)?;
            change::add_state(transaction, id, &state)?;
            Ok(state)
        })
    }

    fn change_policy(
        &self,
        id: AccountId,
        policy: &Policy,
        at: Time,
    ) -> Result<AccountState, RegistryError> {
        self.write(|transaction| {
            let account = rows::account(transaction, id)?;
            let state = rules::change_policy(id, policy, at, account)?;
            change::put_account(transaction, id, &state)?;
            Ok(state)
        })
    }

    fn beat(&self, id: AccountId, health: &Health, now: Time) -> Result<Liveness, RegistryError> {
        self.write(|transaction| {
            let account = rows::account(transaction, id)?;
            let facts = (account, rows::last_sequence(transaction, health.policy)?);
            let (state, liveness) = rules::beat(id, health, now, facts)?;
            change::put_account(transaction, id, &state)?;
            change::put_sequence(transaction, health.policy, health.snapshot_sequence)?;
            Ok(liveness)
        })
    }

    fn liveness(&self, id: AccountId, now: Time) -> Result<Liveness, RegistryError> {
        rules::liveness(id, now, self.account(id)?.as_ref())
    }
}

impl Ledger for SqliteStore {
    fn consume(&self, claim: &Claim, now: Time) -> Result<Receipt, LedgerError> {
        self.write(|transaction| {
            let account = rows::account(transaction, claim.account)?;
            let consumed = rows::receipt(transaction, claim.account, claim.commitment)?;
            let facts = Facts {
                account: account.as_ref(),
                known: rows::known(transaction, claim.commitment)?,
                consumed: consumed.as_ref(),
                nonce_used: rows::nonce_used(transaction, claim.liquidator, claim.nonce)?,
                last_sequence: rows::last_sequence(transaction, claim.policy)?,
            };
            rules::consume(claim, now, &facts)?;
            let number = rows::last_number(transaction)? + 1;
            let receipt = Receipt {
                number,
                claim: claim.clone(),
                at: now,
            };
            change::add_receipt(transaction, &receipt)?;
            change::put_sequence(transaction, claim.policy, claim.snapshot_sequence)?;
            Ok(receipt)
        })
    }

    fn consumed(
        &self,
        id: AccountId,
        commitment: HexBytes<32>,
    ) -> Result<Option<Receipt>, StorageError> {
        self.read(|transaction| rows::receipt(transaction, id, commitment))
    }

    fn nonce_used(&self, liquidator: HexBytes<20>, nonce: u64) -> Result<bool, StorageError> {
        self.read(|transaction| rows::nonce_used(transaction, liquidator, nonce))
    }

    fn last_sequence(&self, policy: HexBytes<32>) -> Result<Option<u64>, StorageError> {
        self.read(|transaction| rows::last_sequence(transaction, policy))
    }

    fn advance(&self, policy: HexBytes<32>, sequence: u64) -> Result<(), LedgerError> {
        self.write(|transaction| {
            let last = rows::last_sequence(transaction, policy)?;
            rules::advance(policy, sequence, last)?;
            Ok(change::put_sequence(transaction, policy, sequence)?)
        })
    }
}
