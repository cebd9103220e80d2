//! Random accounts under every policy: engine, circuit, report and the other statement agree about their health, most of all
//! within a unit of the threshold.
//!
//! `ZKMARGIN_ACCOUNTS=2000 cargo test --release -p zkmargin-circuits solvency::tests::accounts -- --nocapture` draws more;
//! `ZKMARGIN_SEED` seeds it.

use std::collections::BTreeMap;

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{super::SolvencyWitness, failures, harness::RANGE};
use crate::{
    circuit::tests::{
        forgeries::scene::{any_size, below, dice, slots},
        policies::{MARKETS, Market},
    },
    engine::{Portfolio, Report, Solvency, Verdict, quantum},
    model::CASH_BITS,
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

const SEED: u64 = 20_240_601;
/// Streams that no lie and no other campaign has.
const ENGINE: usize = 0xffd;
const CIRCUIT: usize = 0xffc;

fn read(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn seed() -> u64 {
    read("ZKMARGIN_SEED").unwrap_or(SEED)
}

fn solvency(slots: &Slots, table: &PublicTable) -> Solvency {
    Solvency::new(slots, table).expect("markets")
}

fn with_cash(slots: &Slots, cash: i128) -> Slots {
    let mut slots = slots.clone();
    slots.cash = cash;
    slots
}

fn healthy(slots: &Slots, table: &PublicTable, cash: i128) -> bool {
    solvency(&with_cash(slots, cash), table).healthy()
}

/// The least cash with which an account is healthy, units 1e-8.
fn least_cash(slots: &Slots, table: &PublicTable) -> BigInt {
    let solvency = solvency(slots, table);
    let worst = solvency.slacks.iter().min().expect("branches");
    BigInt::from(slots.cash) + Integer::div_ceil(&-worst, &quantum())
}

/// An account with the least cash with which it is healthy; with room on both sides.
fn account(rng: &mut ChaCha8Rng, table: &PublicTable, shape: Shape) -> Slots {
    loop {
        let mut slots = slots(rng, table, shape, 0);
        let least = least_cash(&slots, table);
        if least.bits() >= u64::from(CASH_BITS) - 1 {
            continue;
        }
        slots.cash = least.to_i128().expect("narrow");
        // Losses out of range have no proof, whatever the cash.
        if solvency(&slots, table).fits {
            return slots;
        }
    }
}

/// A market whose table the shape has room for.
fn market(round: usize, shape: Shape) -> &'static Market {
    let markets = (0..MARKETS.len()).map(|i| &MARKETS[(round + i) % MARKETS.len()]);
    let mut fitting = markets.filter(|market| market.table.fits(shape).is_ok());
    fitting.next().expect("a market")
}

/// Tables of the policy with every other of its scenarios, and with none.
fn fewer(market: &Market) -> Vec<PublicTable> {
    let of = |kept: fn(usize) -> bool| {
        let mut policy = market.policy.clone();
        let mut number = 0;
        policy.scenarios.retain(|_| {
            number += 1;
            kept(number)
        });
        PublicTable::new(&market.snapshot, &policy).expect("a table")
    };
    vec![of(|n| n % 2 == 0), of(|n| n % 2 == 1), of(|_| false)]
}

/// By how many units of cash the report's verdict is later than the circuit's.
fn later(slots: &Slots, market: &Market) -> i128 {
    let verdict = |more: i128| {
        let slots = with_cash(slots, slots.cash + more);
        let report = Report::new(&slots, &market.snapshot, &market.policy, &market.table);
        report.expect("a report").verdict
    };
    assert_ne!(verdict(-1), Verdict::Healthy);
    if verdict(0) == Verdict::Healthy {
        return 0;
    }
    let (mut below, mut enough) = (0, 1);
    while verdict(enough) != Verdict::Healthy {
        (below, enough) = (enough, 2 * enough);
        assert!(enough < 1 << 40, "never healthy");
    }
    while enough - below > 1 {
        let middle = i128::midpoint(below, enough);
        if verdict(middle) == Verdict::Healthy {
            enough = middle;
        } else {
            below = middle;
        }
    }
    enough
}

/// Nothing is both healthy and under-margined.
fn check_liquidation(slots: &Slots, table: &PublicTable) {
    for number in 0..table.scenarios.len() {
        let totals = Portfolio::new(slots, table, number)
            .expect("markets")
            .totals;
        assert!(totals.liquidation(&table.rules).is_none(), "{number}");
    }
}

#[test]
fn the_engine_is_of_one_mind() {
    let count = read("ZKMARGIN_ACCOUNTS").unwrap_or(96) as usize;
    let fewer: Vec<_> = MARKETS.iter().map(fewer).collect();
    let rounds = (0..count).into_par_iter().map(|round| {
        let shape = if round % 4 == 0 {
            Shape::Medium
        } else {
            Shape::Small
        };
        let market = market(round, shape);
        let number = MARKETS.iter().position(|m| m.name == market.name);
        let mut rng = dice(seed(), shape, round, ENGINE);
        let slots = account(&mut rng, &market.table, shape);
        let table = &market.table;
        assert!(healthy(&slots, table, slots.cash), "{round}");
        check_liquidation(&slots, table);
        for _ in 0..4 {
            let more = any_size(&mut rng, 56);
            assert!(healthy(&slots, table, slots.cash + more), "{round}");
            assert!(!healthy(&slots, table, slots.cash - 1 - more), "{round}");
        }
        for fewer in &fewer[number.expect("a market")] {
            assert!(healthy(&slots, fewer, slots.cash), "{round}");
        }
        (market.name, later(&slots, market))
    });
    let mut counts: BTreeMap<_, BTreeMap<i128, usize>> = BTreeMap::new();
    for (name, later) in rounds.collect::<Vec<_>>() {
        *counts.entry(name).or_default().entry(later).or_default() += 1;
    }
    for (name, counts) in counts {
        println!("{name}: units of 1e-8 USD by which the report is later, accounts: {counts:?}");
    }
}

#[test]
fn the_circuit_says_what_the_engine_says() {
    let count = read("ZKMARGIN_ACCOUNTS").map_or(8, |count| count / 20) as usize;
    let shape = Shape::Small;
    for round in 0..count {
        let market = market(round, shape);
        let table = &market.table;
        let mut rng = dice(seed(), shape, round, CIRCUIT);
        let mut slots = account(&mut rng, table, shape);
        // Three in four within a unit of the threshold.
        let size = any_size(&mut rng, 56);
        slots.cash += [-1, 0, 1, size, -1, 0, -1, -size][round % 8];
        let solvency = solvency(&slots, table);
        let healthy = solvency.healthy();
        let negative = solvency.slacks.iter().any(Signed::is_negative);
        assert_eq!(healthy, solvency.fits && !negative);
        let witness =
            SolvencyWitness::assume(slots, solvency, table, Fr::from(below(&mut rng, 99) as u64));
        let failures: Vec<_> = failures(witness).into_iter().collect();
        let expected: &[&str] = if healthy { &[] } else { &[RANGE] };
        assert_eq!(failures, expected, "{}, round {round}", market.name);
    }
}
