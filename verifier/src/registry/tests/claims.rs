//! Each rule about claims and snapshots, by its error, in both stores.

use zkmargin_circuits::model::HexBytes;

use super::{
    super::{Claim, ClaimError, LedgerError, RegistryError, StorageError},
    support::*,
};

#[test]
fn a_state_is_spent_once_by_whomever() {
    with_both(|store| {
        open(store, 1, false);
        let first = claim(store, id(1), (liquidator(1), 3));
        assert_eq!(store.consumed(id(1), commitment(100)), Ok(None));
        assert_eq!(store.nonce_used(liquidator(1), 3), Ok(false));
        let receipt = store.consume(&first, after(20)).expect("is the first");
        assert_eq!(
            (receipt.number, receipt.at, &receipt.claim),
            (1, after(20), &first)
        );
        assert_eq!(
            store.consumed(id(1), commitment(100)),
            Ok(Some(receipt.clone()))
        );
        assert_eq!(store.nonce_used(liquidator(1), 3), Ok(true));
        let consumed = LedgerError::Consumed {
            account: id(1),
            commitment: commitment(100),
            liquidator: liquidator(1),
            nonce: 3,
            at: after(20),
            number: 1,
        };
        // The same, as a proof made anew is; another nonce; another liquidator; another snapshot.
        let mut later = first.clone();
        later.snapshot_sequence += 1;
        later.snapshot_time = after(15);
        for other in [
            first.clone(),
            claim(store, id(1), (liquidator(1), 4)),
            claim(store, id(1), (liquidator(2), 3)),
            later,
        ] {
            assert_eq!(store.consume(&other, after(21)), Err(consumed.clone()));
        }
        assert_eq!(store.consumed(id(1), commitment(100)), Ok(Some(receipt)));
        assert_eq!(store.nonce_used(liquidator(1), 4), Ok(false));
        assert_eq!(store.nonce_used(liquidator(2), 3), Ok(false));
    });
}

#[test]
fn a_nonce_is_spent_once_by_its_liquidator() {
    with_both(|store| {
        open(store, 1, false);
        open(store, 2, false);
        let spent = claim(store, id(1), (liquidator(1), u64::MAX));
        store.consume(&spent, after(20)).expect("is the first");
        let other = claim(store, id(2), (liquidator(1), u64::MAX));
        let error = LedgerError::NonceUsed {
            liquidator: liquidator(1),
            nonce: u64::MAX,
        };
        assert_eq!(store.consume(&other, after(20)), Err(error));
        assert_eq!(store.consumed(id(2), commitment(200)), Ok(None));
        let anothers = claim(store, id(2), (liquidator(2), u64::MAX));
        let receipt = store.consume(&anothers, after(20)).expect("is his own");
        assert_eq!(receipt.number, 2);
    });
}

#[test]
fn the_next_state_can_be_spent_and_the_last_cannot() {
    with_both(|store| {
        open(store, 1, false);
        let first = claim(store, id(1), (liquidator(1), 1));
        let receipt = store.consume(&first, after(20)).expect("is the first");
        store.recommit(id(1), commitment(101), 6).expect("is next");
        let superseded = LedgerError::Superseded {
            account: id(1),
            commitment: commitment(100),
            current: commitment(101),
        };
        assert_eq!(store.consume(&first, after(21)), Err(superseded));
        let next = claim(store, id(1), (liquidator(1), 2));
        assert_eq!(
            store
                .consume(&next, after(21))
                .map(|receipt| receipt.number),
            Ok(2)
        );
        assert_eq!(store.consumed(id(1), commitment(100)), Ok(Some(receipt)));
    });
}

/// Claims that were sound when they were made, or never.
#[test]
fn a_claim_is_held_against_the_account_of_the_moment() {
    with_both(|store| {
        open(store, 1, false);
        open(store, 2, false);
        let sound = claim(store, id(1), (liquidator(1), 1));
        let refused = |change: &dyn Fn(&mut Claim), error: LedgerError| {
            let mut other = sound.clone();
            change(&mut other);
            assert_eq!(store.consume(&other, after(20)), Err(error));
        };
        refused(&|c| c.account = id(9), LedgerError::UnknownAccount(id(9)));
        for foreign in [commitment(200), commitment(999)] {
            refused(
                &|c| c.commitment = foreign,
                LedgerError::UnknownCommitment {
                    account: id(1),
                    commitment: foreign,
                },
            );
        }
        refused(
            &|c| c.sequence = 6,
            LedgerError::Sequence {
                account: id(1),
                claim: 6,
                expected: 5,
            },
        );
        refused(
            &|c| c.policy = HexBytes([3; 32]),
            LedgerError::Policy {
                account: id(1),
                claim: HexBytes([3; 32]),
                expected: sound.policy,
            },
        );
        let (time, until) = (sound.snapshot_time, sound.market_until);
        let now = until.plus(1);
        let late = store.consume(&sound, now);
        assert_eq!(late, Err(LedgerError::Stale { time, until, now }));
        let deadline = sound.deadline;
        let now = deadline.plus(1);
        let late = store.consume(&sound, now);
        assert_eq!(late, Err(LedgerError::Deadline { deadline, now }));
        store
            .change_policy(id(1), &policy(true), after(5))
            .expect("changes");
        refused(
            &|_| (),
            LedgerError::Policy {
                account: id(1),
                claim: sound.policy,
                expected: HexBytes(policy(true).digest()),
            },
        );
        assert_eq!(store.consumed(id(1), commitment(100)), Ok(None));
        assert_eq!(store.nonce_used(liquidator(1), 1), Ok(false));
        // The last second of market and deadline belongs to each.
        let sound = claim(store, id(1), (liquidator(1), 1));
        assert!(store.consume(&sound, until).is_ok());
        let mut last = claim(store, id(2), (liquidator(2), 1));
        last.market_until = deadline.plus(1);
        assert!(store.consume(&last, deadline).is_ok());
    });
}

#[test]
fn a_claim_is_of_its_account_policy_and_context() {
    with_both(|store| {
        open(store, 1, false);
        let state = store.account(id(1)).expect("storage").expect("is open");
        let own = context(liquidator(1), 1);
        let sound = eligibility(&state, &own, 7);
        assert!(Claim::new(id(1), &state, &sound, &own).is_ok());
        let other = HexBytes([8; 32]);
        let mut of_another = sound.clone();
        of_another.commitment = other;
        let mut elsewhere = sound.clone();
        elsewhere.policy = other;
        let mut timeless = sound.clone();
        timeless.market_until = None;
        let foreign = context(liquidator(2), 1);
        let refused = |eligibility, context| {
            let claim = Claim::new(id(1), &state, eligibility, context);
            claim.expect_err("is another's")
        };
        assert_eq!(
            refused(&of_another, &own),
            ClaimError::Commitment {
                proof: other,
                expected: state.commitment
            }
        );
        assert_eq!(
            refused(&elsewhere, &own),
            ClaimError::Policy {
                proof: other,
                expected: state.policy
            }
        );
        assert_eq!(
            refused(&timeless, &own),
            ClaimError::NoOracles {
                policy: state.policy
            }
        );
        assert_eq!(
            refused(&sound, &foreign),
            ClaimError::Context {
                proof: HexBytes(own.digest()),
                expected: HexBytes(foreign.digest())
            }
        );
    });
}

#[test]
fn snapshots_only_go_on() {
    with_both(|store| {
        let (one, two) = (HexBytes([1; 32]), HexBytes([2; 32]));
        assert_eq!(store.last_sequence(one), Ok(None));
        // Beyond the integers of the database, and in the order of numbers.
        for sequence in [0, 255, 256, 256, 1 << 62, (1 << 63) + 1, u64::MAX] {
            assert_eq!(store.advance(one, sequence), Ok(()));
            assert_eq!(store.last_sequence(one), Ok(Some(sequence)));
        }
        let error = LedgerError::SnapshotSequence {
            policy: one,
            got: 9,
            last: u64::MAX,
        };
        assert_eq!(store.advance(one, 9), Err(error));
        assert_eq!(store.last_sequence(one), Ok(Some(u64::MAX)));
        assert_eq!(store.last_sequence(two), Ok(None));
        assert_eq!(store.advance(two, 9), Ok(()));
    });
}

/// Whether a later snapshot was seen is decided with the claim: a check of before does not count.
#[test]
fn a_claim_at_an_earlier_snapshot_than_the_last_is_not_spent() {
    with_both(|store| {
        open(store, 1, false);
        open(store, 2, false);
        let early = claim(store, id(1), (liquidator(1), 1));
        assert_eq!(store.advance(early.policy, 8), Ok(()));
        let error = LedgerError::SnapshotSequence {
            policy: early.policy,
            got: 7,
            last: 8,
        };
        assert_eq!(store.consume(&early, after(20)), Err(error));
        assert_eq!(store.consumed(id(1), commitment(100)), Ok(None));
        assert_eq!(store.nonce_used(liquidator(1), 1), Ok(false));
        // At the last one it is, and at a later one, which then is the last.
        for (number, sequence) in [(1, 8), (2, 9)] {
            let mut claim = claim(store, id(number), (liquidator(number), 1));
            claim.snapshot_sequence = sequence;
            assert!(store.consume(&claim, after(20)).is_ok());
            assert_eq!(store.last_sequence(claim.policy), Ok(Some(sequence)));
        }
    });
}

#[test]
fn a_storage_error_is_no_refusal() {
    let error = StorageError::Poisoned;
    assert_eq!(
        LedgerError::from(error.clone()),
        LedgerError::Storage(error.clone())
    );
    assert_eq!(
        RegistryError::from(error.clone()),
        RegistryError::Storage(error)
    );
}
