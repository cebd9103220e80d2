//! Many at once: exactly one spends.

use std::{
    path::Path,
    sync::Barrier,
    thread,
    time::{Duration, SystemTime},
};

use super::{
    super::{Claim, Ledger, LedgerError, MemoryStore, Receipt},
    children::{Order, Running, Said},
    support::*,
};
use zkmargin_circuits::model::HexBytes;

/// How many race.
const RACERS: u8 = 64;

/// The claim of each racer: the same again, as of a proof made anew; another liquidator's; one at another snapshot.
fn claims(store: &dyn Ledger) -> Vec<Claim> {
    let claim = |racer: u8| {
        let by = match racer % 3 {
            0 => (liquidator(0), 0),
            1 => (liquidator(racer), 0),
            _ => (liquidator(0), u64::from(racer)),
        };
        let mut claim = claim(store, id(1), by);
        claim.snapshot_sequence += u64::from(racer % 3);
        claim
    };
    (0..RACERS).map(claim).collect()
}

fn open_account(store: &dyn Ledger) {
    let opened = store.open(id(1), commitment(100), 5, &policy(false), after(0));
    opened.expect("opens");
}

/// One won, and everybody else was told who.
fn check(store: &dyn Ledger, claims: &[Claim], answers: &[Result<u64, (HexBytes<20>, u64)>]) {
    assert_eq!(answers.len(), claims.len());
    let winners: Vec<usize> = (0..answers.len()).filter(|&i| answers[i].is_ok()).collect();
    let &[winner] = winners.as_slice() else {
        panic!("won: {winners:?}");
    };
    let won = &claims[winner];
    for (racer, answer) in answers.iter().enumerate() {
        match answer {
            Ok(number) => assert_eq!(*number, 1),
            Err(by) => assert_eq!(*by, (won.liquidator, won.nonce), "racer {racer}"),
        }
    }
    let receipt = store.consumed(id(1), commitment(100));
    let receipt = receipt.expect("storage").expect("is spent");
    assert_eq!((receipt.number, &receipt.claim), (1, won));
}

fn answer(consumed: Result<Receipt, LedgerError>) -> Result<u64, (HexBytes<20>, u64)> {
    match consumed {
        Ok(receipt) => Ok(receipt.number),
        Err(LedgerError::Consumed {
            liquidator, nonce, ..
        }) => Err((liquidator, nonce)),
        Err(error) => panic!("{error}"),
    }
}

/// Each thread with the store that it is given.
fn race_threads(stores: &[&dyn Ledger]) {
    open_account(stores[0]);
    let claims = claims(stores[0]);
    let start = Barrier::new(claims.len());
    let answers: Vec<_> = thread::scope(|scope| {
        let racers = claims.iter().zip(stores.iter().cycle());
        let racers: Vec<_> = racers
            .map(|(claim, store)| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    answer(store.consume(claim, after(20)))
                })
            })
            .collect();
        let racers = racers.into_iter();
        racers.map(|racer| racer.join().expect("ends")).collect()
    });
    check(stores[0], &claims, &answers);
}

#[test]
fn of_64_threads_one_spends() {
    for _ in 0..rounds(10) {
        race_threads(&[&MemoryStore::new()]);
        let scratch = sqlite();
        race_threads(&[&scratch.store]);
        assert_eq!(scratch.store.check_integrity(), Ok(()));
    }
}

#[test]
fn of_64_threads_with_a_connection_each_one_spends() {
    for _ in 0..rounds(3) {
        let (path, _folder) = scratch_path();
        let stores: Vec<_> = (0..RACERS).map(|_| reopened(&path)).collect();
        let stores: Vec<&dyn Ledger> = stores.iter().map(|store| store as _).collect();
        race_threads(&stores);
    }
}

/// A round: the processes open one database, which the first of them makes, and spend at the same instant.
fn race_processes(path: &Path) {
    let mut children: Vec<_> = (0..RACERS).map(|_| Running::start(path)).collect();
    for child in &children {
        assert_eq!(child.next(), Some(Said::Ready));
    }
    let store = reopened(path);
    open_account(&store);
    let claims = claims(&store);
    let start = SystemTime::now() + Duration::from_millis(20);
    let start = start.duration_since(SystemTime::UNIX_EPOCH).expect("now");
    for (child, claim) in children.iter_mut().zip(&claims) {
        child.order(&Order::Consume {
            start: start.as_micros() as u64,
            claim: Box::new(claim.clone()),
        });
    }
    let answers: Vec<_> = children
        .iter()
        .map(|child| match child.next() {
            Some(Said::Spent { number, .. }) => Ok(number),
            Some(Said::Lost { by, nonce, .. }) => Err((by, nonce)),
            other => panic!("{other:?}"),
        })
        .collect();
    check(&store, &claims, &answers);
    for child in children {
        assert_eq!(child.rest(), []);
    }
    assert_eq!(store.check_integrity(), Ok(()));
}

#[test]
fn of_64_processes_one_spends_in_all_rounds() {
    let rounds = rounds(3);
    for _ in 0..rounds {
        let (path, _folder) = scratch_path();
        race_processes(&path);
    }
    println!("{rounds} races of {RACERS} processes: one winner each");
}

/// A change of the account and a claim on its state of before: whichever comes first, both know.
#[test]
fn a_change_and_a_claim_have_one_order() {
    let race = |store: &dyn Ledger| {
        open_account(store);
        let (mut spent, mut late) = (0, 0);
        for step in 0..200 {
            let claim = claim(store, id(1), (liquidator(1), step));
            let start = Barrier::new(2);
            let (consumed, changed) = thread::scope(|scope| {
                let consumer = scope.spawn(|| {
                    start.wait();
                    store.consume(&claim, after(20))
                });
                start.wait();
                let next = commitment(101 + step);
                let changed = store.recommit(id(1), next, 6 + step);
                (consumer.join().expect("ends"), changed)
            });
            let changed = changed.expect("is the next");
            let receipt = store.consumed(id(1), claim.commitment).expect("storage");
            match consumed {
                Ok(own) => {
                    assert_eq!(receipt, Some(own));
                    spent += 1;
                }
                Err(error) => {
                    let superseded = LedgerError::Superseded {
                        account: id(1),
                        commitment: claim.commitment,
                        current: changed.commitment,
                    };
                    assert_eq!((error, receipt), (superseded, None));
                    late += 1;
                }
            }
        }
        println!("{spent} spent, {late} superseded");
    };
    race(&MemoryStore::new());
    race(&sqlite().store);
}
