//! The forgery campaign: random dishonest witnesses of every kind that we know, on random
//! accounts, in every shape.
//!
//! A [`Lie`](lies::Lie) draws a forgery with everything downstream consistent with it, so that
//! nothing but its own constraint can stop it, and names all that may. The campaign asserts that
//! each forgery is stopped, by nothing else; draws that turn out to be no lie are counted by
//! reason, must be accepted, and must have an honest proof's public inputs.
//!
//! The quick run is a test. The long run writes `docs/campaigns/forgeries.md`:
//! `ZKMARGIN_FORGERIES=1000 cargo test --release -p zkmargin-circuits forgeries -- --ignored`
//! (forgeries of each lie and shape; `ZKMARGIN_SEED` seeds it).

mod account;
pub mod campaign;
mod charges;
mod choices;
mod distribution;
mod encoding;
mod exposure;
mod exposure_challenge;
mod exposure_disclosure;
mod exposure_row;
mod exposure_stage;
mod exposure_sums;
mod holding;
mod inputs;
mod layout;
mod lies;
mod limbs;
mod linear;
mod ln;
mod moved;
mod outcome;
mod perpetual;
mod perpetual_power;
mod perpetual_stage;
mod places;
mod pricing;
mod report;
mod run;
pub mod scene;
mod section;
mod sums;
mod swap;
mod table;
mod terms;
mod thief;
mod total;

use campaign::Tally;
use lies::Lie;

use crate::shape::Shape;

const SEED: u64 = 20_240_601;

/// One tally a lie, one list a shape; `counts` by shape.
fn tallies(seed: u64, counts: [usize; Shape::ALL.len()], sample: usize) -> Vec<Vec<Tally>> {
    let run = |(shape, count)| campaign::run(shape, seed, count, sample);
    Shape::ALL.into_iter().zip(counts).map(run).collect()
}

fn assert_sound(tallies: &[Vec<Tally>], counts: [usize; Shape::ALL.len()]) {
    let mut defects = Vec::new();
    for (shape, count) in tallies.iter().zip(counts) {
        for (lie, tally) in Lie::ALL.iter().zip(shape) {
            defects.extend(tally.defects.iter().cloned());
            let honest: usize = tally.honest.values().sum();
            let (tried, given_up) = (tally.tried, tally.given_up);
            if tried + honest + given_up != count || given_up > 1 + count / 4 {
                defects.push(format!("{lie:?}: {tried} + {honest} + {given_up} draws"));
            }
        }
    }
    for (i, lie) in Lie::ALL.iter().enumerate() {
        // A lie that is never one tests nothing; of choices the other one must be tried.
        let idle = |tally: &Tally| tally.tried + tally.weaker == 0;
        if tallies.iter().all(|shape| idle(&shape[i])) {
            defects.push(format!("{lie:?}: never a lie"));
        }
    }
    assert!(
        defects.is_empty(),
        "{} defects:\n{}",
        defects.len(),
        defects.join("\n")
    );
}

#[test]
fn every_forgery_is_stopped_by_what_it_should_be() {
    // The greater shapes differ in the number of slots and limb columns alone, and take longer.
    let counts = [8, 3, 1];
    assert_sound(&tallies(SEED, counts, 67), counts);
}

#[test]
#[ignore = "minutes; writes docs/campaigns/forgeries.md"]
fn forgeries_by_the_thousand() {
    let read = |name: &str| std::env::var(name).ok()?.parse().ok();
    let (count, seed) = (read("ZKMARGIN_FORGERIES"), read("ZKMARGIN_SEED"));
    let count = count.unwrap_or(200) as usize;
    let seed = seed.unwrap_or(SEED);
    let start = std::time::Instant::now();
    let counts = [count; Shape::ALL.len()];
    let tallies = tallies(seed, counts, 67);
    report::write(&tallies, seed, count, start.elapsed());
    assert_sound(&tallies, counts);
}
