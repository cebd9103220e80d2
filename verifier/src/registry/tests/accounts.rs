//! Each rule about accounts, by its error, in both stores.

use zkmargin_circuits::model::HexBytes;

use super::{
    super::{Known, RegistryError},
    support::*,
};
use crate::{HeartbeatError, Liveness};

#[test]
fn an_account_is_what_was_opened() {
    with_both(|store| {
        assert_eq!(store.account(id(1)), Ok(None));
        assert_eq!(store.account_of(commitment(100)), Ok(None));
        open(store, 1, true);
        let state = store.account(id(1)).expect("storage").expect("is open");
        assert_eq!((state.commitment, state.sequence), (commitment(100), 5));
        assert_eq!(state.policy, HexBytes(policy(true).digest()));
        assert_eq!(state.opened, after(0));
        let heartbeat = state.heartbeat.expect("a rule");
        assert_eq!(heartbeat.commitment(), commitment(100));
        assert_eq!((heartbeat.last(), heartbeat.proved()), (after(0), None));
        open(store, 2, false);
        let state = store.account(id(2)).expect("storage").expect("is open");
        assert_eq!(state.heartbeat, None);
    });
}

#[test]
fn an_account_is_opened_once_and_with_its_own_commitment() {
    with_both(|store| {
        open(store, 1, false);
        let rules = policy(false);
        let again = store.open(id(1), commitment(1), 9, &rules, after(1));
        assert_eq!(again, Err(RegistryError::AccountExists(id(1))));
        let taken = store.open(id(2), commitment(100), 9, &rules, after(1));
        let error = RegistryError::CommitmentTaken {
            commitment: commitment(100),
            account: id(1),
        };
        assert_eq!(taken, Err(error));
        let none = HexBytes([0xff; 32]);
        let refused = store.open(id(2), none, 9, &rules, after(1));
        assert_eq!(refused, Err(RegistryError::CommitmentRange(none)));
        assert_eq!(store.account(id(2)), Ok(None));
        assert_eq!(store.account_of(commitment(1)), Ok(None));
    });
}

#[test]
fn a_change_supersedes_and_is_told_from_the_unknown() {
    with_both(|store| {
        open(store, 1, false);
        open(store, 2, false);
        let state = store
            .recommit(id(1), commitment(101), 6)
            .expect("is the next");
        assert_eq!((state.commitment, state.sequence), (commitment(101), 6));
        assert_eq!(store.account(id(1)), Ok(Some(state)));
        let known = |sequence, current| {
            Ok(Some(Known {
                account: id(1),
                sequence,
                current,
            }))
        };
        assert_eq!(store.account_of(commitment(100)), known(5, false));
        assert_eq!(store.account_of(commitment(101)), known(6, true));
        assert_eq!(store.account_of(commitment(102)), Ok(None));
    });
}

#[test]
fn a_change_that_is_none_changes_nothing() {
    with_both(|store| {
        open(store, 1, false);
        open(store, 2, false);
        store.recommit(id(1), commitment(101), 6).expect("is next");
        let before = store.account(id(1));
        for (number, got) in [(102, 6), (102, 5), (102, 0), (101, 6), (100, 5)] {
            let error = RegistryError::Sequence {
                account: id(1),
                got,
                last: 6,
            };
            let refused = store.recommit(id(1), commitment(number), got);
            assert_eq!(refused, Err(error));
        }
        for (number, owner) in [(100, 1), (101, 1), (200, 2)] {
            let error = RegistryError::CommitmentTaken {
                commitment: commitment(number),
                account: id(owner),
            };
            assert_eq!(store.recommit(id(1), commitment(number), 7), Err(error));
        }
        let none = HexBytes([0xff; 32]);
        let refused = store.recommit(id(1), none, 7);
        assert_eq!(refused, Err(RegistryError::CommitmentRange(none)));
        let nobody = store.recommit(id(3), commitment(300), 7);
        assert_eq!(nobody, Err(RegistryError::UnknownAccount(id(3))));
        assert_eq!(store.account(id(1)), before);
        assert_eq!(store.account_of(commitment(300)), Ok(None));
        // A greater step is a step, to the last number there is.
        let last = store.recommit(id(1), commitment(102), u64::MAX);
        assert_eq!(last.map(|state| state.sequence), Ok(u64::MAX));
        let known = store.account_of(commitment(102)).expect("storage");
        assert_eq!(
            known.map(|k| (k.sequence, k.current)),
            Some((u64::MAX, true))
        );
    });
}

#[test]
fn a_heartbeat_goes_on_over_changes() {
    with_both(|store| {
        open(store, 1, true);
        let in_grace = Liveness::InGrace {
            until: after(i64::from(PERIOD + GRACE)),
        };
        assert_eq!(store.liveness(id(1), after(1)), Ok(in_grace));
        let rules = policy(true);
        let proof = health(commitment(100), &rules, after(50));
        let healthy = Liveness::Healthy {
            until: after(50 + i64::from(PERIOD)),
        };
        assert_eq!(store.beat(id(1), &proof, after(60)), Ok(healthy));
        assert_eq!(store.beat(id(1), &proof, after(61)), Ok(healthy));
        let state = store.recommit(id(1), commitment(101), 6).expect("is next");
        let clock = state.heartbeat.expect("a rule");
        assert_eq!(
            (clock.commitment(), clock.proved()),
            (commitment(101), Some(after(50)))
        );
        assert_eq!(store.liveness(id(1), after(60)), Ok(healthy));
        let old = store.beat(
            id(1),
            &health(commitment(100), &rules, after(70)),
            after(70),
        );
        let error = HeartbeatError::OtherCommitment {
            proof: commitment(100),
            expected: commitment(101),
        };
        assert_eq!(
            old,
            Err(RegistryError::Heartbeat {
                account: id(1),
                error
            })
        );
        let since = after(51 + i64::from(PERIOD + GRACE));
        assert_eq!(
            store.liveness(id(1), since),
            Ok(Liveness::Eligible { since })
        );
    });
}

#[test]
fn a_heartbeat_that_is_none_is_refused() {
    with_both(|store| {
        open(store, 1, false);
        let proof = health(commitment(100), &policy(false), after(5));
        let error = RegistryError::Heartbeat {
            account: id(1),
            error: HeartbeatError::NoRule,
        };
        assert_eq!(store.beat(id(1), &proof, after(6)), Err(error.clone()));
        assert_eq!(store.liveness(id(1), after(6)), Err(error));
        let nobody = RegistryError::UnknownAccount(id(2));
        assert_eq!(store.beat(id(2), &proof, after(6)), Err(nobody.clone()));
        assert_eq!(store.liveness(id(2), after(6)), Err(nobody));
    });
}

/// A proof of health moves the policy's sequence when it counts, and only then: others' proofs would be out of sequence.
#[test]
fn a_heartbeat_that_counts_is_a_snapshot_seen() {
    with_both(|store| {
        let rules = policy(true);
        let digest = HexBytes(rules.digest());
        open(store, 1, true);
        let at = |sequence: u64, seconds: i64| {
            let mut proof = health(commitment(100), &rules, after(seconds));
            proof.snapshot_sequence = sequence;
            proof
        };
        // Of a time to come, before the opening, of another account.
        assert!(store.beat(id(1), &at(9, 50), after(49)).is_err());
        assert!(store.beat(id(1), &at(9, -1), after(49)).is_err());
        assert!(store.beat(id(2), &at(9, 50), after(60)).is_err());
        assert_eq!(store.last_sequence(digest), Ok(None));
        assert!(store.beat(id(1), &at(8, 50), after(60)).is_ok());
        assert_eq!(store.last_sequence(digest), Ok(Some(8)));
        // Behind one that was seen it does not count: neither clock nor sequence move.
        let before = store.account(id(1));
        let error = RegistryError::SnapshotSequence {
            policy: digest,
            got: 7,
            last: 8,
        };
        assert_eq!(store.beat(id(1), &at(7, 55), after(60)), Err(error));
        assert_eq!(store.account(id(1)), before);
        assert_eq!(store.last_sequence(digest), Ok(Some(8)));
    });
}

#[test]
fn other_rules_start_another_clock() {
    with_both(|store| {
        open(store, 1, true);
        let proof = health(commitment(100), &policy(true), after(50));
        store.beat(id(1), &proof, after(50)).expect("counts");
        let clock = RegistryError::Clock {
            account: id(1),
            at: after(49),
            last: after(50),
        };
        let change = |heartbeat, at| store.change_policy(id(1), &policy(heartbeat), at);
        assert_eq!(change(false, after(49)), Err(clock));
        let digest = HexBytes(policy(true).digest());
        let same = RegistryError::SamePolicy {
            account: id(1),
            policy: digest,
        };
        assert_eq!(change(true, after(60)), Err(same));
        let nobody = store.change_policy(id(2), &policy(true), after(60));
        assert_eq!(nobody, Err(RegistryError::UnknownAccount(id(2))));
        let state = change(false, after(60)).expect("changes");
        assert_eq!((state.heartbeat, state.opened), (None, after(60)));
        assert_eq!((state.commitment, state.sequence), (commitment(100), 5));
        // Back under the first: what was proved before does not count.
        let state = change(true, after(70)).expect("changes");
        assert_eq!(state.policy, digest);
        assert_eq!(store.account(id(1)), Ok(Some(state)));
        let until = after(70 + i64::from(PERIOD + GRACE));
        assert_eq!(
            store.liveness(id(1), after(70)),
            Ok(Liveness::InGrace { until })
        );
    });
}
