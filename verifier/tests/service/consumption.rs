//! One liquidation for one state of an account, in memory and in SQLite.

use std::thread;

use zkmargin_circuits::model::HexBytes;
use zkmargin_verifier::{
    Rejection,
    registry::{LedgerError, MemoryStore, SqliteStore},
};

use crate::support::{Desk, ID, MADE, MAX_AGE, after};

/// Each test on both stores.
fn both(test: impl Fn(Desk)) {
    test(Desk::with(Box::new(MemoryStore::new())));
    let folder = tempfile::tempdir().expect("folder");
    let store = SqliteStore::open(&folder.path().join("ledger.sqlite")).expect("a store");
    test(Desk::with(Box::new(store)));
}

/// What an account that was liquidated by the honest proof answers.
fn consumed() -> Rejection {
    Rejection::Ledger(LedgerError::Consumed {
        account: ID,
        commitment: MADE.proof.commitment,
        liquidator: MADE.context.liquidator,
        nonce: MADE.context.nonce,
        at: after(1),
        number: 1,
    })
}

#[test]
fn a_submission_gives_a_receipt() {
    both(|desk| {
        let receipt = desk.submit().expect("spent");
        assert_eq!((receipt.number, receipt.at), (1, desk.now));
        assert_eq!(receipt.claim.account, ID);
        assert_eq!(receipt.claim.commitment, desk.proof.commitment);
        assert_eq!(receipt.claim.liquidator, desk.context.liquidator);
        assert_eq!(receipt.claim.terms, desk.proof.terms());
        let kept = desk.ledger.consumed(ID, desk.proof.commitment);
        assert_eq!(kept, Ok(Some(receipt.clone())));
        // Whoever did not get it finds it, also when the account has gone on; in no other context.
        desk.ledger
            .recommit(ID, HexBytes([1; 32]), 8)
            .expect("the next state");
        let found = |context| desk.verifier.receipt(&desk.proof, context, &*desk.ledger);
        assert_eq!(found(&desk.context), Ok(Some(receipt)));
        assert_eq!(found(&MADE.rival.1), Ok(None));
        let other = desk
            .verifier
            .receipt(&MADE.other, &desk.context, &*desk.ledger);
        assert_eq!(other, Ok(None));
    });
}

#[test]
fn what_is_consumed_is_consumed() {
    both(|mut desk| {
        desk.submit().expect("spent");
        desk.refuses(consumed());
        // The same statement proved again is the same eligibility.
        desk.proof = MADE.again.clone();
        desk.refuses(consumed());
        // Another liquidator's too.
        (desk.proof, desk.context) = MADE.rival.clone();
        desk.refuses(consumed());
    });
}

/// An answer may lie while its market grows old: what it says is of the market, and is worth no more than it.
#[test]
fn an_eligibility_ends_with_its_market() {
    both(|desk| {
        let eligibility = desk.check().expect("eligible");
        let until = after(MAX_AGE.into());
        assert_eq!(eligibility.market_until, Some(until));
        let (verifier, ledger) = (&desk.verifier, &*desk.ledger);
        let consume = |now| verifier.consume(&eligibility, &desk.context, ledger, now);
        let time = desk.snapshot.time;
        for now in [until.plus(1), until.plus(100 * MAX_AGE)] {
            let reason = Rejection::Ledger(LedgerError::Stale { time, until, now });
            assert!(!reason.may_pass(), "a market only grows older");
            assert_eq!(consume(now), Err(reason));
        }
        assert_eq!(ledger.consumed(ID, desk.proof.commitment), Ok(None));
        let nonce = (desk.context.liquidator, desk.context.nonce);
        assert_eq!(ledger.nonce_used(nonce.0, nonce.1), Ok(false));
        let policy = HexBytes(desk.policy.digest());
        assert_eq!(ledger.last_sequence(policy), Ok(None));
        assert_eq!(consume(until).map(|receipt| receipt.at), Ok(until));
    });
}

#[test]
fn a_nonce_is_used_once() {
    both(|mut desk| {
        desk.proof = MADE.other.clone();
        assert!(desk.check().is_ok(), "not yet");
        desk.proof = MADE.proof.clone();
        desk.submit().expect("spent");
        desk.proof = MADE.other.clone();
        desk.refuses(Rejection::Ledger(LedgerError::NonceUsed {
            liquidator: MADE.context.liquidator,
            nonce: MADE.context.nonce,
        }));
    });
}

#[test]
fn a_superseded_commitment_is_refused() {
    both(|desk| {
        let eligibility = desk.check().expect("eligible");
        let current = HexBytes([1; 32]);
        desk.ledger
            .recommit(ID, current, 8)
            .expect("the next state");
        let superseded = Rejection::Ledger(LedgerError::Superseded {
            account: ID,
            commitment: desk.proof.commitment,
            current,
        });
        desk.refuses(superseded.clone());
        // Nor is what was eligible before the change spent after it.
        let spent = desk
            .verifier
            .consume(&eligibility, &desk.context, &*desk.ledger, desk.now);
        assert_eq!(spent, Err(superseded));
    });
}

#[test]
fn an_unregistered_commitment_is_refused() {
    let mut desk = Desk::new();
    desk.proof.commitment = MADE.healthy.commitment;
    desk.refuses(Rejection::UnknownCommitment(MADE.healthy.commitment));
    // Another account's does not do either: the proof is bound.
    desk.proof.commitment = MADE.other.commitment;
    desk.refuses(Rejection::Proof);
}

/// Different proofs by two liquidators, checked and spent by many threads at once.
#[test]
fn one_of_many_threads_wins() {
    both(|desk| {
        let (rival, context) = &MADE.rival;
        let offers = [
            (&MADE.proof, &MADE.context),
            (&MADE.again, &MADE.context),
            (rival, context),
        ];
        let desk = &desk;
        let answers: Vec<_> = thread::scope(|scope| {
            let run = |i: usize| {
                let (proof, context) = offers[i % 3];
                scope.spawn(move || {
                    let (verifier, ledger) = (&desk.verifier, &*desk.ledger);
                    let market = (&desk.snapshot, &desk.policy);
                    verifier.submit(proof, market.0, market.1, context, ledger, desk.now)
                })
            };
            let threads: Vec<_> = (0..12).map(run).collect();
            let join = |t: thread::ScopedJoinHandle<'_, _>| t.join().expect("no panic");
            threads.into_iter().map(join).collect()
        });
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(won, 1);
        for answer in answers {
            let lost = matches!(
                answer,
                Ok(_)
                    | Err(Rejection::Ledger(LedgerError::Consumed {
                        account: ID,
                        number: 1,
                        ..
                    }))
            );
            assert!(lost, "{answer:?}");
        }
    });
}
