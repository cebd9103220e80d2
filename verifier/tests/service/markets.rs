//! Snapshots that are not the policy's oracles', or not of now; and policies that are not the account's.

use zkmargin_circuits::model::{HexBytes, OracleSignature};
use zkmargin_verifier::{
    Rejection,
    oracle::{OracleError, SignatureError},
    registry::LedgerError,
};

use crate::support::{Desk, ID, MADE, MAX_AGE, MAX_FUTURE, after, oracle, signed};

/// The honest proof at a market that these have signed.
fn signed_by(oracles: &[u8]) -> Desk {
    let mut desk = Desk::new();
    desk.snapshot = signed(desk.snapshot, &desk.policy, oracles);
    desk
}

#[test]
fn two_of_three_are_enough_and_one_is_not() {
    for oracles in [&[1, 2][..], &[3, 1], &[2, 3, 1]] {
        assert!(signed_by(oracles).check().is_ok(), "{oracles:?}");
    }
    for oracles in [&[][..], &[2]] {
        let (got, threshold) = (oracles.len(), 2);
        let few = OracleError::TooFew { got, threshold };
        signed_by(oracles).refuses(Rejection::Oracle(few));
    }
}

#[test]
fn an_unknown_key_and_one_that_signed_twice_do_not_count() {
    let signer = oracle(9).address();
    let unknown = OracleError::UnknownSigner { index: 1, signer };
    signed_by(&[1, 9]).refuses(Rejection::Oracle(unknown));
    let signer = oracle(1).address();
    let twice = OracleError::Repeated { index: 1, signer };
    signed_by(&[1, 1]).refuses(Rejection::Oracle(twice));
}

#[test]
fn a_malformed_signature_is_refused() {
    let mut desk = Desk::new();
    desk.snapshot.signatures[1].signature.0[64] = 0;
    let source = SignatureError::RecoveryId(0);
    desk.refuses(Rejection::Oracle(OracleError::Signature {
        index: 1,
        source,
    }));
}

#[test]
fn signatures_for_another_policy_are_refused() {
    let mut desk = Desk::new();
    for entry in &mut desk.snapshot.signatures {
        *entry = OracleSignature {
            policy: HexBytes([1; 32]),
            ..entry.clone()
        };
    }
    let policy = HexBytes(desk.policy.digest());
    let other = OracleError::OtherPolicy { found: 2, policy };
    desk.refuses(Rejection::Oracle(other));
}

/// Such a policy can be verified against by hand; a service does not act by it.
#[test]
fn a_policy_without_oracles_is_refused() {
    let mut desk = Desk::new();
    desk.policy.oracle = None;
    let changed = desk.ledger.change_policy(ID, &desk.policy, desk.now);
    assert!(changed.is_ok());
    desk.refuses(Rejection::Oracle(OracleError::NoRule));
}

#[test]
fn a_snapshot_is_neither_stale_nor_of_the_future() {
    let mut desk = Desk::new();
    let time = desk.snapshot.time;
    for seconds in [-i64::from(MAX_FUTURE), 0, i64::from(MAX_AGE)] {
        desk.now = after(seconds);
        assert!(desk.check().is_ok(), "{seconds}");
    }
    desk.now = after(i64::from(MAX_AGE) + 1);
    let now = desk.now;
    desk.refuses(Rejection::Oracle(OracleError::Stale {
        time,
        now,
        max_age_seconds: MAX_AGE,
    }));
    desk.now = after(-i64::from(MAX_FUTURE) - 1);
    let now = desk.now;
    desk.refuses(Rejection::Oracle(OracleError::Future {
        time,
        now,
        max_future_seconds: MAX_FUTURE,
    }));
}

#[test]
fn a_snapshot_behind_one_that_was_seen_is_out_of_sequence() {
    let desk = Desk::new();
    let (sequence, policy) = (desk.snapshot.sequence, HexBytes(desk.policy.digest()));
    assert_eq!(desk.ledger.advance(policy, sequence), Ok(()));
    assert!(desk.check().is_ok(), "the same again");
    let last = sequence + 1;
    assert_eq!(desk.ledger.advance(policy, last), Ok(()));
    desk.refuses(Rejection::Oracle(OracleError::Sequence { sequence, last }));
}

/// Seen in between the check and the spending.
#[test]
fn a_snapshot_is_not_spent_behind_a_later_one() {
    let desk = Desk::new();
    let eligibility = desk.check().expect("eligible");
    let (got, policy) = (desk.snapshot.sequence, HexBytes(desk.policy.digest()));
    let last = got + 1;
    assert_eq!(desk.ledger.advance(policy, last), Ok(()));
    let spent = desk
        .verifier
        .consume(&eligibility, &desk.context, &*desk.ledger, desk.now);
    let behind = LedgerError::SnapshotSequence { policy, got, last };
    assert_eq!(spent, Err(Rejection::Ledger(behind)));
}

#[test]
fn a_submission_records_its_snapshot() {
    let desk = Desk::new();
    let policy = HexBytes(desk.policy.digest());
    desk.submit().expect("spent");
    let last = desk.ledger.last_sequence(policy);
    assert_eq!(last, Ok(Some(desk.snapshot.sequence)));
}

/// The proof is about one market: the oracles' word for another does not help it.
#[test]
fn another_market_is_refused() {
    let mut desk = Desk::new();
    desk.alter_snapshot(|snapshot| snapshot.time = after(1));
    match desk.check() {
        Err(Rejection::OtherTable { proof, expected }) => {
            assert_eq!(proof, MADE.proof.table);
            assert_ne!(proof, expected);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn another_policy_than_the_account_s_is_refused() {
    let mut desk = Desk::new();
    desk.policy.name.push('!');
    desk.alter_snapshot(|_| {});
    desk.refuses(Rejection::Ledger(LedgerError::Policy {
        account: ID,
        claim: HexBytes(desk.policy.digest()),
        expected: HexBytes(MADE.policy.digest()),
    }));
}
