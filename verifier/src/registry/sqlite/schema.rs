//! The tables: made once, recognised ever after.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{StorageError, failed};

/// `PRAGMA application_id`: "ZKML", as in zkmargin ledger.
pub(in super::super) const APPLICATION: u32 = 0x5a4b_4d4c;

/// `PRAGMA user_version`.
pub(in super::super) const VERSION: i64 = 2;

/// Name and definition of each table. Numbers below 2^64 are eight big-endian bytes: SQLite's integers end at 2^63, and bytes
/// compare as the numbers do. Times are seconds since 1970. The commitment of the day is the one of the greatest sequence.
pub(super) const TABLES: [(&str, &str); 4] = [
    (
        "account",
        "CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    policy BLOB NOT NULL CHECK (length(policy) = 32),
    opened INTEGER NOT NULL CHECK (opened >= 0),
    period_seconds INTEGER,
    grace_seconds INTEGER,
    proved INTEGER CHECK (proved >= opened),
    CHECK ((period_seconds IS NULL) = (grace_seconds IS NULL)),
    CHECK (proved IS NULL OR period_seconds IS NOT NULL)
) STRICT, WITHOUT ROWID",
    ),
    (
        "state",
        "CREATE TABLE state (
    commitment BLOB NOT NULL PRIMARY KEY CHECK (length(commitment) = 32),
    account BLOB NOT NULL REFERENCES account (id),
    sequence BLOB NOT NULL CHECK (length(sequence) = 8),
    UNIQUE (account, sequence)
) STRICT, WITHOUT ROWID",
    ),
    (
        "consumed",
        "CREATE TABLE consumed (
    number INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    commitment BLOB NOT NULL UNIQUE REFERENCES state (commitment),
    policy BLOB NOT NULL CHECK (length(policy) = 32),
    snapshot_sequence BLOB NOT NULL CHECK (length(snapshot_sequence) = 8),
    snapshot_time INTEGER NOT NULL,
    market_until INTEGER NOT NULL,
    context BLOB NOT NULL CHECK (length(context) = 32),
    liquidator BLOB NOT NULL CHECK (length(liquidator) = 20),
    nonce BLOB NOT NULL CHECK (length(nonce) = 8),
    deadline INTEGER NOT NULL,
    terms TEXT NOT NULL,
    at INTEGER NOT NULL CHECK (at <= deadline AND at <= market_until),
    UNIQUE (liquidator, nonce)
) STRICT",
    ),
    (
        "snapshot",
        "CREATE TABLE snapshot (
    policy BLOB NOT NULL PRIMARY KEY CHECK (length(policy) = 32),
    sequence BLOB NOT NULL CHECK (length(sequence) = 8)
) STRICT, WITHOUT ROWID",
    ),
];

/// Whose a file is.
enum Origin {
    /// Nobody's yet: empty.
    Empty,
    /// This program's, of this version.
    Own,
}

/// Sees whose the file is, without a change to it.
///
/// # Errors
/// [`StorageError::Application`] or [`StorageError::SchemaVersion`] of a file that is not this program's or not of this version.
pub(super) fn check_origin(connection: &mut Connection) -> Result<(), StorageError> {
    let transaction = begin(connection, TransactionBehavior::Deferred)?;
    origin(&transaction).map(|_| ())
}

/// Makes the tables of an empty file, and compares them with this program's.
///
/// # Errors
/// As [`check_origin`]; [`StorageError::Schema`] if a table is not as this program makes it, or is not its own.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StorageError> {
    let transaction = begin(connection, TransactionBehavior::Deferred)?;
    match origin(&transaction)? {
        Origin::Own => return compare(&transaction),
        Origin::Empty => drop(transaction),
    }
    let transaction = begin(connection, TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if let Origin::Empty = origin(&transaction)? {
        create(&transaction)?;
    }
    compare(&transaction)?;
    transaction.commit().map_err(failed("commit"))
}

/// A transaction.
pub(super) fn begin(
    connection: &mut Connection,
    behavior: TransactionBehavior,
) -> Result<Transaction<'_>, StorageError> {
    let begun = connection.transaction_with_behavior(behavior);
    begun.map_err(failed("begin a transaction"))
}

fn origin(transaction: &Transaction<'_>) -> Result<Origin, StorageError> {
    let number = |name: &str| {
        let value = transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        value.map_err(failed("read its header"))
    };
    // SQLite shows the 32 bits as a signed number.
    let found = number("application_id")? as u32;
    let version = number("user_version")?;
    if (found, version) == (0, 0) && objects(transaction)?.is_empty() {
        return Ok(Origin::Empty);
    }
    if found != APPLICATION {
        return Err(StorageError::Application {
            found,
            expected: APPLICATION,
        });
    }
    if version != VERSION {
        return Err(StorageError::SchemaVersion {
            found: version,
            supported: VERSION,
        });
    }
    Ok(Origin::Own)
}

fn create(transaction: &Transaction<'_>) -> Result<(), StorageError> {
    let made = |result: rusqlite::Result<()>| result.map_err(failed("make its tables"));
    for (_, definition) in TABLES {
        made(transaction.execute_batch(definition))?;
    }
    made(transaction.pragma_update(None, "application_id", APPLICATION))?;
    made(transaction.pragma_update(None, "user_version", VERSION))
}

/// A changed table may have lost a rule, an added trigger may do anything.
fn compare(transaction: &Transaction<'_>) -> Result<(), StorageError> {
    let found = objects(transaction)?;
    let other = |table: &str| StorageError::Schema {
        table: table.to_owned(),
        version: VERSION,
    };
    let own = |(name, text): &(String, String)| TABLES.contains(&(name.as_str(), text.as_str()));
    if let Some((name, _)) = found.iter().find(|object| !own(object)) {
        return Err(other(name));
    }
    let missing = |name: &str| !found.iter().any(|(found, _)| found == name);
    match TABLES.iter().find(|(name, _)| missing(name)) {
        Some((name, _)) => Err(other(name)),
        None => Ok(()),
    }
}

/// Names and definitions of what is in the file, but SQLite's own.
fn objects(transaction: &Transaction<'_>) -> Result<Vec<(String, String)>, StorageError> {
    let reading = failed("read its schema");
    let query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL";
    let mut statement = transaction.prepare(query).map_err(&reading)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.map_err(&reading)?
        .collect::<rusqlite::Result<_>>()
        .map_err(&reading)
}
