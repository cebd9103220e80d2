//! Random accounts over every instrument and policy: the engine's verdict of health and the solvency circuit's agree, most of all
//! within a few units of the last place of the threshold, and no account is both healthy and under-margined.
//!
//! The quick run is a test; `ZKMARGIN_HEALTH=2000 cargo test --release -p zkmargin-circuits health -- --nocapture` is the long
//! one (`ZKMARGIN_SEED` seeds it).

use halo2_proofs::dev::MockProver;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use zkmargin_tamper::mock_name;

use super::{
    forgeries::scene::{any_size, below, dice, slots},
    harness::RANGE,
    policies::{MARKETS, Market},
};
use crate::{
    circuit::{SolvencyCircuit, SolvencyWitness},
    engine::{Portfolio, Solvency, quantum},
    model::CASH_BITS,
    public::PublicTable,
    shape::{Shape, Statement},
    slots::Slots,
};

const SEED: u64 = 20_261_123;
/// Accounts of the quick run.
const QUICK: usize = 10;
/// One account in so many has shape medium, which every market fits.
const MEDIUM: usize = 10;
/// How far from the threshold accounts at the edge are, units of 1e-8 USD.
const EDGE: i128 = 2;

/// What became of an account.
#[derive(Clone, Copy, Default)]
struct Tally {
    edge: usize,
    healthy: usize,
    medium: usize,
}

/// The least that a branch leaves of equity, rounded down; units of 1e-8 USD.
fn slack(slots: &Slots, table: &PublicTable) -> (Solvency, BigInt) {
    let solvency = Solvency::new(slots, table).expect("a valuation");
    let least = solvency.slacks.iter().min().expect("branches");
    let units = least.div_floor(&quantum());
    (solvency, units)
}

/// An account whose least slack is what is wanted; two in three at the edge.
fn account(rng: &mut ChaCha8Rng, table: &PublicTable, shape: Shape) -> (Slots, bool) {
    loop {
        let mut slots = slots(rng, table, shape, 0);
        let edge = below(rng, 3) != 0;
        let wanted = match (edge, below(rng, 2)) {
            (true, _) => below(rng, 2 * EDGE + 1) - EDGE,
            (false, 0) => any_size(rng, 56),
            (false, _) => -any_size(rng, 56),
        };
        let (_, least) = slack(&slots, table);
        let cash = BigInt::from(slots.cash) - least + wanted;
        if cash.bits() < u64::from(CASH_BITS) {
            slots.cash = cash.to_i128().expect("narrow");
            return (slots, edge);
        }
    }
}

/// Whether the circuit accepts; what rejects can only be a range.
fn accepts(slots: &Slots, solvency: Solvency, table: &PublicTable) -> bool {
    let witness = SolvencyWitness::assume(slots.clone(), solvency, table, Fr::from(7));
    let instance = witness.instance();
    let circuit = SolvencyCircuit::with_witness(witness);
    let k = Statement::Solvency.k(slots.shape);
    let prover = MockProver::run(k, &circuit, instance).expect("synthesis");
    match prover.verify() {
        Ok(()) => true,
        Err(failures) => {
            assert!(
                failures.iter().all(|f| mock_name(f) == RANGE),
                "{}",
                mock_name(&failures[0])
            );
            false
        }
    }
}

fn try_account(round: usize, seed: u64) -> Tally {
    let shape = if round % MEDIUM == 0 {
        Shape::Medium
    } else {
        Shape::Small
    };
    let rng = &mut dice(seed, shape, round, 0);
    let markets = (0..MARKETS.len()).map(|i| &MARKETS[(round + i) % MARKETS.len()]);
    let mut fitting = markets.filter(|market| market.table.fits(shape).is_ok());
    let Market { name, table } = fitting.next().expect("a market");
    let (slots, edge) = account(rng, table, shape);
    let (solvency, least) = slack(&slots, table);
    let healthy = solvency.healthy();
    assert!(
        !solvency.fits || healthy == (least >= BigInt::ZERO),
        "{name}, round {round}"
    );
    let mut worlds = (0..table.scenarios.len()).map(|s| Portfolio::new(&slots, table, s));
    let mut under = worlds.any(|world| {
        let world = world.expect("a world");
        world.totals.liquidation(&table.rules).is_some()
    });
    under &= healthy;
    assert!(!under, "{name}, round {round}: both");
    assert_eq!(
        accepts(&slots, solvency, table),
        healthy,
        "{name}, round {round}"
    );
    Tally {
        edge: edge.into(),
        healthy: healthy.into(),
        medium: (shape == Shape::Medium).into(),
    }
}

#[test]
fn engine_and_circuit_agree_about_health() {
    let read = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let count = read("ZKMARGIN_HEALTH").map_or(QUICK, |count| count as usize);
    let seed = read("ZKMARGIN_SEED").unwrap_or(SEED);
    let tallies = (0..count)
        .into_par_iter()
        .map(|round| try_account(round, seed));
    let all = tallies.reduce(Tally::default, |a, b| Tally {
        edge: a.edge + b.edge,
        healthy: a.healthy + b.healthy,
        medium: a.medium + b.medium,
    });
    println!(
        "{count} accounts, {} in medium, {} within {EDGE} units of the threshold, {} healthy: 0 differences",
        all.medium, all.edge, all.healthy
    );
    assert!(all.healthy > 0 && all.healthy < count);
}
