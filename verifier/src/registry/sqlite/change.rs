//! Rows written. The tables' own rules are a second look at each.

use rusqlite::{Params, Transaction, params};
use zkmargin_circuits::model::{HexBytes, Time};

use super::{
    super::{AccountId, AccountState, Receipt},
    StorageError, failed,
};
use crate::Heartbeat;

fn execute(
    transaction: &Transaction<'_>,
    statement: &str,
    parameters: impl Params,
) -> Result<(), StorageError> {
    let writing = failed("write a row");
    let mut statement = transaction.prepare(statement).map_err(&writing)?;
    statement.execute(parameters).map_err(&writing).map(|_| ())
}

/// The account's policy and clock, new or changed.
pub(super) fn put_account(
    transaction: &Transaction<'_>,
    id: AccountId,
    state: &AccountState,
) -> Result<(), StorageError> {
    let rule = state.heartbeat.as_ref().map(Heartbeat::rule);
    let proved = state.heartbeat.as_ref().and_then(Heartbeat::proved);
    execute(
        transaction,
        "INSERT INTO account (id, policy, opened, period_seconds, grace_seconds, proved) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET policy = excluded.policy, opened = excluded.opened,
        period_seconds = excluded.period_seconds, grace_seconds = excluded.grace_seconds, proved = excluded.proved",
        params![
            id.0.0,
            state.policy.0,
            state.opened.unix(),
            rule.map(|rule| rule.period_seconds),
            rule.map(|rule| rule.grace_seconds),
            proved.map(Time::unix),
        ],
    )
}

/// The account's next state.
pub(super) fn add_state(
    transaction: &Transaction<'_>,
    id: AccountId,
    state: &AccountState,
) -> Result<(), StorageError> {
    execute(
        transaction,
        "INSERT INTO state (commitment, account, sequence) VALUES (?, ?, ?)",
        params![state.commitment.0, id.0.0, state.sequence.to_be_bytes()],
    )
}

/// A claim that was spent; its account and sequence are its commitment's.
pub(super) fn add_receipt(
    transaction: &Transaction<'_>,
    receipt: &Receipt,
) -> Result<(), StorageError> {
    let claim = &receipt.claim;
    // Terms are optional strings and numbers: they always serialise.
    let terms = serde_json::to_string(&claim.terms).unwrap_or_default();
    execute(
        transaction,
        "INSERT INTO consumed (number, commitment, policy, snapshot_sequence, snapshot_time, market_until, context,
        liquidator, nonce, deadline, terms, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            receipt.number,
            claim.commitment.0,
            claim.policy.0,
            claim.snapshot_sequence.to_be_bytes(),
            claim.snapshot_time.unix(),
            claim.market_until.unix(),
            claim.context.0,
            claim.liquidator.0,
            claim.nonce.to_be_bytes(),
            claim.deadline.unix(),
            terms,
            receipt.at.unix(),
        ],
    )
}

/// The greatest sequence of the snapshots seen under a policy.
pub(super) fn put_sequence(
    transaction: &Transaction<'_>,
    policy: HexBytes<32>,
    sequence: u64,
) -> Result<(), StorageError> {
    execute(
        transaction,
        "INSERT INTO snapshot (policy, sequence) VALUES (?, ?)
        ON CONFLICT (policy) DO UPDATE SET sequence = excluded.sequence",
        params![policy.0, sequence.to_be_bytes()],
    )
}
