//! Ledgers whose content was changed behind the store's back: what is read is named or right, and nothing panics.

use std::{fs, time::Duration};

use super::{
    super::{Ledger, Registry, SqliteStore, StorageError},
    support::*,
};

#[test]
fn a_value_that_no_store_wrote_is_named() {
    let zeros = |count: usize| format!("x'{}'", "00".repeat(count));
    let cases = [
        (
            "account",
            "policy",
            zeros(31),
            "expected 32 bytes, got Blob of 31",
        ),
        ("account", "opened", "-5".to_owned(), "-5 is no time"),
        (
            "account",
            "proved",
            "1".to_owned(),
            "before the account's opening",
        ),
        (
            "account",
            "period_seconds",
            "-1".to_owned(),
            "-1 is no number of seconds",
        ),
        (
            "account",
            "grace_seconds",
            "NULL".to_owned(),
            "period and grace go together",
        ),
        (
            "account",
            "proved",
            "1800000009, period_seconds = NULL, grace_seconds = NULL".to_owned(),
            "a proof without a heartbeat",
        ),
        (
            "state",
            "sequence",
            zeros(9),
            "expected 8 bytes, got Blob of 9",
        ),
        (
            "state",
            "commitment",
            format!("x'{}'", "ff".repeat(32)),
            "not below the BN254 scalar modulus",
        ),
        ("consumed", "terms", "'{'".to_owned(), "EOF while parsing"),
        (
            "consumed",
            "nonce",
            zeros(7),
            "expected 8 bytes, got Blob of 7",
        ),
        (
            "consumed",
            "liquidator",
            zeros(21),
            "expected 20 bytes, got Blob of 21",
        ),
        (
            "consumed",
            "context",
            zeros(0),
            "expected 32 bytes, got Blob of 0",
        ),
        (
            "consumed",
            "deadline",
            "1 << 50".to_owned(),
            "1125899906842624 is no time",
        ),
        ("consumed", "market_until", "-1".to_owned(), "-1 is no time"),
        ("consumed", "number", "-3".to_owned(), "-3 is no count"),
    ];
    for (table, column, value, reason) in cases {
        let (path, _folder) = scratch_path();
        filled(&path);
        let one = "DELETE FROM state WHERE sequence = x'0000000000000005'";
        tamper(
            &path,
            &format!("{one}; UPDATE {table} SET {column} = {value}"),
        );
        let store = reopened(&path);
        let whole = store.check_integrity();
        assert!(whole.is_err(), "{table}.{column} = {value}");
        // SQLite's own check finds some of it first; a service that never asks for one finds it by reading.
        let found = store
            .account(id(1))
            .and_then(|_| store.consumed(id(1), commitment(101)))
            .and_then(|_| store.receipts());
        let Err(StorageError::Corrupt {
            table: in_table,
            column: in_column,
            reason: found,
        }) = found
        else {
            panic!("{table}.{column} = {value}: {found:?}");
        };
        assert_eq!((in_table, in_column), (table, column), "{found}");
        assert!(found.contains(reason), "{table}.{column}: {found}");
    }
}

#[test]
fn a_ledger_that_lost_a_row_fails_its_check() {
    for (change, table) in [
        ("DELETE FROM state", "foreign_key_check: consumed"),
        ("DELETE FROM account", "foreign_key_check: state"),
        ("UPDATE consumed SET number = 2", "2 follows 0"),
    ] {
        let (path, _folder) = scratch_path();
        filled(&path);
        tamper(&path, change);
        let error = reopened(&path).check_integrity().expect_err("is not whole");
        assert!(error.to_string().contains(table), "{change}: {error}");
    }
}

#[test]
fn an_account_without_a_state_is_named() {
    let (path, _folder) = scratch_path();
    filled(&path);
    tamper(&path, "DELETE FROM state");
    let error = StorageError::Corrupt {
        table: "account",
        column: "id",
        reason: format!("account {} has no state", id(1)),
    };
    assert_eq!(reopened(&path).account(id(1)), Err(error));
}

/// One bit at a time: an answer or an error, never a panic. A ledger has no checksums: a bit of free space, or of a number
/// that is as good as another, shows nowhere.
#[test]
fn a_flipped_bit_is_no_panic() {
    let (path, folder) = scratch_path();
    filled(&path);
    tamper(&path, "PRAGMA wal_checkpoint(TRUNCATE)");
    let bytes = fs::read(&path).expect("is there");
    let (mut refused, mut found, mut unseen) = (0, 0, 0);
    for place in (0..bytes.len()).step_by(37) {
        let flipped = folder.path().join(format!("{place}.sqlite"));
        let mut copy = bytes.clone();
        copy[place] ^= 1 << (place % 8);
        fs::write(&flipped, copy).expect("is written");
        match SqliteStore::open_waiting(&flipped, Duration::ZERO) {
            Err(_) => refused += 1,
            Ok(store) => {
                let receipt = store.consumed(id(1), commitment(101));
                let account = store.account(id(1));
                let checked = store.check_integrity();
                if receipt.is_err() || account.is_err() || checked.is_err() {
                    found += 1;
                } else {
                    unseen += 1;
                }
            }
        }
    }
    println!("{refused} refused, {found} found, {unseen} unseen");
    assert!(refused > 0 && found > 0, "{refused} refused, {found} found");
}
