//! Processes that are killed at random points: what they said they did is done, once, and nothing by half.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    thread,
    time::Duration,
};

use rand_core::{OsRng, RngCore};

use super::{
    super::{Ledger, Registry},
    children::{Order, Running, SHARED, Said, account_in, state_in},
    support::*,
};

/// Processes at work, each of which is killed.
const CHILDREN: u8 = 3;

/// The latest kill after the start, in milliseconds; the earliest is before the database is open.
const LATEST: u64 = 200;

/// What came of a round.
#[derive(Default)]
struct Counts {
    /// Receipts that children reported.
    reported: usize,
    /// Receipts of calls whose child was killed before it could say so.
    in_flight: usize,
}

/// Children at work on one database, all killed, each at its own time; what each said.
fn work_and_kill(path: &Path, round: u8) -> Vec<Vec<Said>> {
    let killed: Vec<_> = (1..=CHILDREN)
        .map(|number| {
            let mut child = Running::start(path);
            child.order(&Order::Work {
                child: number,
                round,
            });
            thread::spawn(move || {
                thread::sleep(Duration::from_micros(OsRng.next_u64() % (1000 * LATEST)));
                child.kill();
                child.rest()
            })
        })
        .collect();
    let killed = killed.into_iter();
    killed.map(|child| child.join().expect("ends")).collect()
}

/// Holds what was said against what the database has.
fn check(path: &Path, round: u8, said: &[Vec<Said>]) -> Counts {
    let store = reopened(path);
    assert_eq!(store.check_integrity(), Ok(()));
    let mut seen = BTreeSet::new();
    let mut reported = BTreeMap::new();
    for (child, said) in (1..).zip(said) {
        for said in said {
            match said {
                Said::Changed {
                    account,
                    commitment,
                    sequence,
                } => {
                    let known = store.account_of(*commitment).expect("storage");
                    let known = known.map(|known| (known.account, known.sequence));
                    assert_eq!(known, Some((*account, *sequence)), "lost");
                    assert!(seen.insert((commitment.0, 0)), "changed twice: {said:?}");
                }
                Said::Spent {
                    account,
                    commitment,
                    number,
                } => {
                    let receipt = store.consumed(*account, *commitment).expect("storage");
                    let receipt = receipt.map(|r| (r.number, r.claim.liquidator));
                    assert_eq!(receipt, Some((*number, liquidator(child))), "lost");
                    assert!(seen.insert((commitment.0, 1)), "spent twice: {said:?}");
                    *reported.entry(child).or_default() += 1;
                }
                Said::Failed(error) => panic!("{error}"),
                Said::Ready | Said::Lost { .. } | Said::Late(_) => {}
            }
        }
    }
    let spent = spent(&store, round);
    let mut counts = Counts::default();
    for child in 1..=CHILDREN {
        let of = |counted: &BTreeMap<u8, usize>| counted.get(&child).copied().unwrap_or(0);
        let in_flight = of(&spent) - of(&reported);
        assert!(in_flight <= 1, "child {child} kept {in_flight} to itself");
        counts.in_flight += in_flight;
        counts.reported += of(&reported);
    }
    counts
}

/// Receipts of a round's accounts by child. Of an account with one owner every state but the last is spent: it went on only then.
fn spent(store: &dyn Ledger, round: u8) -> BTreeMap<u8, usize> {
    let mut spent = BTreeMap::new();
    for owner in (1..=CHILDREN).chain([SHARED]) {
        let account = account_in(round, owner);
        let Some(last) = store.account(account).expect("storage") else {
            continue;
        };
        for sequence in 0..=last.sequence {
            let receipt = store.consumed(account, state_in(round, owner, sequence));
            match receipt.expect("storage") {
                Some(receipt) => *spent.entry(receipt.claim.liquidator.0[0]).or_default() += 1,
                None => assert!(owner == SHARED || sequence == last.sequence, "lost"),
            }
        }
    }
    spent
}

#[test]
fn a_killed_process_loses_and_doubles_nothing_in_all_rounds() {
    let rounds = rounds(10);
    let (path, _folder) = scratch_path();
    let mut all = Counts::default();
    for round in 0..u8::try_from(rounds).expect("at most 255 rounds") {
        let said = work_and_kill(&path, round);
        let counts = check(&path, round, &said);
        all.reported += counts.reported;
        all.in_flight += counts.in_flight;
    }
    assert!(
        all.reported > rounds,
        "{} spent: no work done",
        all.reported
    );
    // What was there after its round is there after all.
    let store = reopened(&path);
    assert_eq!(store.check_integrity(), Ok(()));
    let all_spent = (0..=u8::MAX).take(rounds);
    let all_spent: usize = all_spent
        .flat_map(|round| spent(&store, round).into_values())
        .sum();
    assert_eq!(all_spent, all.reported + all.in_flight);
    println!(
        "{rounds} rounds of {CHILDREN} kills: {} reported and kept, {} in flight, 0 lost, 0 twice",
        all.reported, all.in_flight
    );
}
