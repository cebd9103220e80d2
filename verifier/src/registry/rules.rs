//! What is refused and why, once for every store. Each rule takes what the store knows, inside its transaction.

use zkmargin_circuits::{
    field,
    model::{HexBytes, Policy, Time},
};

use super::{AccountId, AccountState, Claim, Known, LedgerError, Receipt, RegistryError};
use crate::{Health, Heartbeat, HeartbeatError, Liveness};

/// A new account's state. `account` is the one of this id, `known` whose commitment it is.
pub(super) fn open(
    id: AccountId,
    commitment: HexBytes<32>,
    sequence: u64,
    (policy, at): (&Policy, Time),
    (account, known): (Option<&AccountState>, Option<Known>),
) -> Result<AccountState, RegistryError> {
    if account.is_some() {
        return Err(RegistryError::AccountExists(id));
    }
    check_new(commitment, known)?;
    Ok(AccountState {
        commitment,
        sequence,
        policy: HexBytes(policy.digest()),
        heartbeat: heartbeat(policy, commitment, at),
        opened: at,
    })
}

/// An account's next state.
pub(super) fn recommit(
    id: AccountId,
    commitment: HexBytes<32>,
    sequence: u64,
    (account, known): (Option<AccountState>, Option<Known>),
) -> Result<AccountState, RegistryError> {
    let mut account = account.ok_or(RegistryError::UnknownAccount(id))?;
    if sequence <= account.sequence {
        return Err(RegistryError::Sequence {
            account: id,
            got: sequence,
            last: account.sequence,
        });
    }
    check_new(commitment, known)?;
    account.commitment = commitment;
    account.sequence = sequence;
    if let Some(heartbeat) = &mut account.heartbeat {
        heartbeat.recommit(commitment);
    }
    Ok(account)
}

/// An account's state under another policy.
pub(super) fn change_policy(
    id: AccountId,
    policy: &Policy,
    at: Time,
    account: Option<AccountState>,
) -> Result<AccountState, RegistryError> {
    let mut account = account.ok_or(RegistryError::UnknownAccount(id))?;
    let digest = HexBytes(policy.digest());
    if digest == account.policy {
        return Err(RegistryError::SamePolicy {
            account: id,
            policy: digest,
        });
    }
    let heard = account.heartbeat.as_ref().map(Heartbeat::last);
    let last = heard.unwrap_or(account.opened);
    if at < last {
        return Err(RegistryError::Clock {
            account: id,
            at,
            last,
        });
    }
    account.policy = digest;
    account.heartbeat = heartbeat(policy, account.commitment, at);
    account.opened = at;
    Ok(account)
}

/// An account's state and standing after a proof of health. `last` is the greatest sequence of the snapshots seen under its policy.
pub(super) fn beat(
    id: AccountId,
    health: &Health,
    now: Time,
    (account, last): (Option<AccountState>, Option<u64>),
) -> Result<(AccountState, Liveness), RegistryError> {
    let mut account = account.ok_or(RegistryError::UnknownAccount(id))?;
    let named = |error| RegistryError::Heartbeat { account: id, error };
    let heartbeat = account.heartbeat.as_mut();
    let heartbeat = heartbeat.ok_or(named(HeartbeatError::NoRule))?;
    let liveness = heartbeat.beat(health, now).map_err(named)?;
    let (policy, got) = (health.policy, health.snapshot_sequence);
    if let Some(last) = last.filter(|last| got < *last) {
        return Err(RegistryError::SnapshotSequence { policy, got, last });
    }
    Ok((account, liveness))
}

/// An account's standing.
pub(super) fn liveness(
    id: AccountId,
    now: Time,
    account: Option<&AccountState>,
) -> Result<Liveness, RegistryError> {
    let account = account.ok_or(RegistryError::UnknownAccount(id))?;
    let named = |error| RegistryError::Heartbeat { account: id, error };
    let heartbeat = account.heartbeat.as_ref();
    let heartbeat = heartbeat.ok_or(named(HeartbeatError::NoRule))?;
    heartbeat.status(now).map_err(named)
}

/// What a store knows of a claim.
pub(super) struct Facts<'a> {
    /// The claim's account.
    pub account: Option<&'a AccountState>,
    /// Whose the claim's commitment is.
    pub known: Option<Known>,
    /// The receipt for the claim's account and commitment.
    pub consumed: Option<&'a Receipt>,
    /// The claim's liquidator has spent its nonce.
    pub nonce_used: bool,
    /// The greatest sequence of the snapshots seen under the claim's policy.
    pub last_sequence: Option<u64>,
}

/// Whether a claim may be spent.
pub(super) fn consume(claim: &Claim, now: Time, facts: &Facts<'_>) -> Result<(), LedgerError> {
    let &Claim {
        account: id,
        commitment,
        ..
    } = claim;
    if now > claim.deadline {
        return Err(LedgerError::Deadline {
            deadline: claim.deadline,
            now,
        });
    }
    if now > claim.market_until {
        return Err(LedgerError::Stale {
            time: claim.snapshot_time,
            until: claim.market_until,
            now,
        });
    }
    let account = facts.account.ok_or(LedgerError::UnknownAccount(id))?;
    if commitment != account.commitment {
        return Err(match facts.known {
            Some(known) if known.account == id => LedgerError::Superseded {
                account: id,
                commitment,
                current: account.commitment,
            },
            _ => LedgerError::UnknownCommitment {
                account: id,
                commitment,
            },
        });
    }
    if claim.sequence != account.sequence {
        return Err(LedgerError::Sequence {
            account: id,
            claim: claim.sequence,
            expected: account.sequence,
        });
    }
    if claim.policy != account.policy {
        return Err(LedgerError::Policy {
            account: id,
            claim: claim.policy,
            expected: account.policy,
        });
    }
    if let Some(receipt) = facts.consumed {
        return Err(LedgerError::Consumed {
            account: id,
            commitment,
            liquidator: receipt.claim.liquidator,
            nonce: receipt.claim.nonce,
            at: receipt.at,
            number: receipt.number,
        });
    }
    if facts.nonce_used {
        return Err(LedgerError::NonceUsed {
            liquidator: claim.liquidator,
            nonce: claim.nonce,
        });
    }
    advance(claim.policy, claim.snapshot_sequence, facts.last_sequence)
}

/// Whether a snapshot may be seen after the last one.
pub(super) fn advance(
    policy: HexBytes<32>,
    got: u64,
    last: Option<u64>,
) -> Result<(), LedgerError> {
    match last {
        Some(last) if got < last => Err(LedgerError::SnapshotSequence { policy, got, last }),
        _ => Ok(()),
    }
}

/// A commitment that is one and that no account ever had.
fn check_new(commitment: HexBytes<32>, known: Option<Known>) -> Result<(), RegistryError> {
    if field::from_be_bytes(&commitment.0).is_none() {
        return Err(RegistryError::CommitmentRange(commitment));
    }
    match known {
        Some(Known { account, .. }) => Err(RegistryError::CommitmentTaken {
            commitment,
            account,
        }),
        None => Ok(()),
    }
}

/// The clock under a policy, if it has one.
fn heartbeat(policy: &Policy, commitment: HexBytes<32>, at: Time) -> Option<Heartbeat> {
    Heartbeat::open(policy, commitment, at).ok()
}
