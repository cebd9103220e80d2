//! Files that are no ledger, or no more: each has its error, and none is changed.

use std::{fs, path::Path, time::Duration};

use rusqlite::Connection;

use super::{
    super::{Ledger, LedgerError, Registry, SqliteStore, StorageError},
    support::*,
};
use crate::registry::sqlite::{APPLICATION, VERSION};

fn refused(path: &Path) -> StorageError {
    SqliteStore::open(path).expect_err("is no ledger")
}

#[test]
fn another_programs_file_is_refused_and_left_alone() {
    let (path, _folder) = scratch_path();
    let expected = APPLICATION;
    tamper(&path, "CREATE TABLE songs (title TEXT)");
    let before = fs::read(&path).expect("is there");
    assert_eq!(
        refused(&path),
        StorageError::Application { found: 0, expected }
    );
    assert_eq!(fs::read(&path).expect("is there"), before);
    tamper(&path, "PRAGMA application_id = -1");
    let before = fs::read(&path).expect("is there");
    let found = u32::MAX;
    assert_eq!(
        refused(&path),
        StorageError::Application { found, expected }
    );
    assert_eq!(fs::read(&path).expect("is there"), before);
}

#[test]
fn bytes_that_are_no_database_are_refused_and_left_alone() {
    let (path, folder) = scratch_path();
    let bytes = [b'x'; 5000];
    fs::write(&path, bytes).expect("is written");
    let StorageError::Database { doing, reason } = refused(&path) else {
        panic!("another error");
    };
    assert!(reason.contains("not a database"), "{doing}: {reason}");
    assert_eq!(fs::read(&path).expect("is there"), bytes);
    for nowhere in [folder.path(), &folder.path().join("none/ledger.sqlite")] {
        let error = refused(nowhere);
        let open =
            matches!(&error, StorageError::Database { doing, .. } if *doing == "open the file");
        assert!(open, "{error}");
    }
    // Neither a file nor a log: what it spends would be forgotten.
    let error = refused(Path::new(":memory:"));
    assert_eq!(
        error.to_string(),
        "the database cannot keep a write-ahead log: its journal mode is 'memory'"
    );
}

#[test]
fn another_versions_ledger_is_refused() {
    for found in [VERSION + 1, VERSION - 1, 0, -1] {
        let (path, _folder) = scratch_path();
        filled(&path);
        tamper(&path, &format!("PRAGMA user_version = {found}"));
        let supported = VERSION;
        assert_eq!(
            refused(&path),
            StorageError::SchemaVersion { found, supported }
        );
    }
}

#[test]
fn a_ledger_with_other_tables_is_refused() {
    for (change, table) in [
        ("DROP TABLE snapshot", "snapshot"),
        ("ALTER TABLE consumed ADD COLUMN note TEXT", "consumed"),
        ("CREATE TABLE songs (title TEXT)", "songs"),
        (
            "CREATE TRIGGER thief AFTER INSERT ON consumed BEGIN DELETE FROM consumed; END",
            "thief",
        ),
        ("CREATE VIEW v AS SELECT * FROM consumed", "v"),
        (
            "DROP TABLE consumed; CREATE TABLE consumed (number INTEGER PRIMARY KEY)",
            "consumed",
        ),
    ] {
        let (path, _folder) = scratch_path();
        filled(&path);
        tamper(&path, change);
        let error = StorageError::Schema {
            table: table.to_owned(),
            version: VERSION,
        };
        assert_eq!(refused(&path), error, "{change}");
    }
}

#[test]
fn a_store_waits_for_others_and_says_so() {
    let (path, _folder) = scratch_path();
    filled(&path);
    let store = SqliteStore::open_waiting(&path, Duration::from_millis(50)).expect("opens");
    let other = Connection::open(&path).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("is free");
    let claim = claim(&store, id(1), (liquidator(2), 2));
    let busy = StorageError::Busy {
        doing: "begin a transaction",
    };
    let refused = store.consume(&claim, after(20));
    assert_eq!(refused, Err(LedgerError::Storage(busy)));
    // Readers do not wait.
    assert!(store.account(id(1)).expect("storage").is_some());
    other.execute_batch("ROLLBACK").expect("ends");
    let refused = store.consume(&claim, after(20));
    assert!(
        matches!(refused, Err(LedgerError::Consumed { .. })),
        "{refused:?}"
    );
}

#[test]
fn what_is_spent_outlives_the_store() {
    let (path, _folder) = scratch_path();
    filled(&path);
    let store = reopened(&path);
    let receipt = store.consumed(id(1), commitment(101)).expect("storage");
    let receipt = receipt.expect("is spent");
    let error = store.consume(&receipt.claim, after(21));
    assert!(
        matches!(error, Err(LedgerError::Consumed { number: 1, .. })),
        "{error:?}"
    );
    assert_eq!(store.last_sequence(receipt.claim.policy), Ok(Some(7)));
    assert_eq!(store.nonce_used(liquidator(1), 1), Ok(true));
    let heartbeat = store
        .account(id(1))
        .expect("storage")
        .and_then(|a| a.heartbeat);
    assert_eq!(heartbeat.and_then(|h| h.proved()), Some(after(5)));
}
