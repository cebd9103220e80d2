//! Accounts, claims and stores to try them with.

use std::path::{Path, PathBuf};

use super::super::{AccountId, AccountState, Claim, Ledger, MemoryStore, Registry, SqliteStore};
use crate::{Eligibility, Health};
use rusqlite::Connection;
use tempfile::TempDir;
use zkmargin_circuits::{
    engine::Terms,
    model::{Context, HeartbeatRule, HexBytes, Money, Policy, Rate, Time, Version, read_json},
    shape::{Shape, Statement},
};

/// When accounts are opened, in Unix seconds.
pub const OPENED: i64 = 1_800_000_000;
/// Of the policy with a heartbeat, seconds.
pub const PERIOD: u32 = 3600;
/// Of the policy with a heartbeat, seconds.
pub const GRACE: u32 = 600;

pub fn time(unix: i64) -> Time {
    Time::from_unix(unix).expect("a time")
}

/// So many seconds after the opening.
pub fn after(seconds: i64) -> Time {
    time(OPENED + seconds)
}

/// The sample policy, with a heartbeat or without.
pub fn policy(heartbeat: bool) -> Policy {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/policy.json");
    let mut policy: Policy = read_json(path.as_ref()).expect("sample");
    policy.heartbeat = heartbeat.then_some(HeartbeatRule {
        period_seconds: PERIOD,
        grace_seconds: GRACE,
    });
    policy
}

pub fn id(number: u8) -> AccountId {
    AccountId(HexBytes([number; 32]))
}

/// A commitment: below the modulus.
pub fn commitment(number: u64) -> HexBytes<32> {
    let mut bytes = [0x11; 32];
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    HexBytes(bytes)
}

pub fn liquidator(number: u8) -> HexBytes<20> {
    HexBytes([number; 20])
}

/// Opens the account of this number, with the commitment of a hundred times the number and sequence 5.
pub fn open(store: &dyn Ledger, number: u8, heartbeat: bool) {
    let first = commitment(u64::from(number) * 100);
    let opened = store.open(id(number), first, 5, &policy(heartbeat), after(0));
    let state = opened.expect("opens");
    assert_eq!(store.account(id(number)), Ok(Some(state)));
}

/// A context of this liquidator and nonce that ends an hour after the opening.
pub fn context(liquidator: HexBytes<20>, nonce: u64) -> Context {
    Context {
        version: Version,
        chain_id: 1,
        verifier: HexBytes([0xee; 20]),
        liquidator,
        deadline: after(3600),
        nonce,
        max_priority_fee_per_gas: 0,
    }
}

/// What a verified liquidation proof of the state says, at the snapshot of this sequence.
pub fn eligibility(state: &AccountState, context: &Context, snapshot: u64) -> Eligibility {
    Eligibility {
        statement: Statement::Liquidation,
        shape: Shape::Small,
        commitment: state.commitment,
        context: HexBytes(context.digest()),
        policy: state.policy,
        terms: Terms {
            repay: Some(Money::from_units(1_234_500_000_000)),
            incentive_rate: Some(Rate::from_units(5_000_000)),
            exposures: None,
        },
        snapshot_time: after(10),
        snapshot_sequence: snapshot,
        market_until: Some(after(3000)),
        unsafe_dev_parameters: true,
    }
}

/// What a verified proof of health says of the commitment, at a snapshot of this time.
pub fn health(of: HexBytes<32>, rules: &Policy, at: Time) -> Health {
    Health {
        statement: Statement::Solvency,
        shape: Shape::Small,
        commitment: of,
        context: HexBytes([0; 32]),
        policy: HexBytes(rules.digest()),
        snapshot_time: at,
        snapshot_sequence: 1,
        unsafe_dev_parameters: true,
    }
}

/// A claim on this state of the account.
pub fn claim_on(
    account: AccountId,
    state: &AccountState,
    (liquidator, nonce): (HexBytes<20>, u64),
) -> Claim {
    let context = context(liquidator, nonce);
    let eligibility = eligibility(state, &context, 7);
    Claim::new(account, state, &eligibility, &context).expect("is about the account")
}

/// A claim on the account's state of the day.
pub fn claim(store: &dyn Ledger, account: AccountId, by: (HexBytes<20>, u64)) -> Claim {
    let state = store.account(account).expect("storage").expect("is open");
    claim_on(account, &state, by)
}

/// A store that is gone with its folder.
pub struct Scratch<S> {
    pub store: S,
    _folder: TempDir,
}

/// A database's path in a folder that goes with the returned guard.
pub fn scratch_path() -> (PathBuf, TempDir) {
    let folder = TempDir::new().expect("a folder");
    (folder.path().join("ledger.sqlite"), folder)
}

pub fn sqlite() -> Scratch<SqliteStore> {
    let (path, folder) = scratch_path();
    Scratch {
        store: reopened(&path),
        _folder: folder,
    }
}

pub fn reopened(path: &Path) -> SqliteStore {
    SqliteStore::open(path).expect("a ledger")
}

/// A ledger in which everything is: an account that was changed, proved and spent, and a snapshot.
pub fn filled(path: &Path) {
    let store = reopened(path);
    open(&store, 1, true);
    store.recommit(id(1), commitment(101), 6).expect("is next");
    let proof = health(commitment(101), &policy(true), after(5));
    store.beat(id(1), &proof, after(5)).expect("counts");
    let claim = claim(&store, id(1), (liquidator(1), 1));
    store.consume(&claim, after(20)).expect("is the first");
    store.advance(claim.policy, 7).expect("is the first");
    assert_eq!(store.check_integrity(), Ok(()));
}

/// SQL that no store runs, as whoever holds the file may; without the tables' own rules.
pub fn tamper(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("opens");
    let rules = "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;";
    connection.execute_batch(rules).expect("are off");
    connection.execute_batch(sql).expect("runs");
}

/// Runs a test with both stores.
pub fn with_both(test: impl Fn(&dyn Ledger)) {
    test(&MemoryStore::new());
    let scratch = sqlite();
    test(&scratch.store);
    assert_eq!(scratch.store.check_integrity(), Ok(()));
}

/// How often a race is run or a process killed: `ZKMARGIN_LEDGER_ROUNDS`, or few times.
pub fn rounds(few: usize) -> usize {
    match std::env::var("ZKMARGIN_LEDGER_ROUNDS") {
        Ok(text) => text.parse().expect("ZKMARGIN_LEDGER_ROUNDS is a number"),
        Err(_) => few,
    }
}
