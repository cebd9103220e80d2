//! Random accounts over every instrument and shape: engine, witness, circuit and public inputs agree about each of them,
//! most of all within a few units of the last place of the threshold.
//!
//! The quick run is a test. The long run writes `docs/campaigns/accounts.md`:
//! `ZKMARGIN_ACCOUNTS=2000 cargo test --release -p zkmargin-circuits accounts -- --nocapture` (`ZKMARGIN_SEED` seeds it).

use std::{fmt::Write, fs, path::Path, time::Instant};

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use zkmargin_tamper::{Index, Judge};

use super::{
    forgeries::{
        campaign::names,
        scene::{TABLE, any_size, below, dice, slots},
    },
    harness::{RANGE, Scene, fr},
};
use crate::{
    circuit::{
        Witness,
        opening::{COMMITMENT, INCENTIVE_RATE, REPAY},
    },
    engine::{Portfolio, TERM_BITS, quantum},
    model::CASH_BITS,
    public::TermRules,
    shape::Shape,
    slots::Slots,
};

const SEED: u64 = 20_240_601;
/// What a shortfall of the edge draws is, in units of the last place: on both sides of 1, the threshold.
const EDGE: i128 = 3;

/// What became of the accounts of one shape.
#[derive(Clone, Default)]
struct Tally {
    accounts: usize,
    at_the_edge: usize,
    proved: usize,
    /// Those that a prover claimed all the same.
    forced: usize,
    /// Those whose requirement is below zero: no prover has terms for them.
    no_terms: usize,
    differences: Vec<String>,
}

impl Tally {
    fn merge(mut self, other: Self) -> Self {
        self.accounts += other.accounts;
        self.at_the_edge += other.at_the_edge;
        self.proved += other.proved;
        self.forced += other.forced;
        self.no_terms += other.no_terms;
        self.differences.extend(other.differences);
        self
    }
}

/// Shortfall and requirement by the totals, rounded down to units of 1e-8 USD.
fn measure(slots: &Slots, scenario: usize) -> (BigInt, BigInt) {
    let totals = Portfolio::new(slots, &TABLE, scenario).expect("markets");
    let totals = &totals.totals;
    let floor = |x: BigInt| x.div_floor(&quantum());
    (floor(totals.shortfall()), floor(totals.requirement()))
}

/// An account whose shortfall under a random scenario is what is wanted; three in four at the edge.
fn account(rng: &mut ChaCha8Rng, shape: Shape) -> (Slots, usize, BigInt, BigInt, bool) {
    loop {
        let mut slots = slots(rng, shape, 0);
        let scenario = below(rng, TABLE.scenarios.len() as i128) as usize;
        let edge = below(rng, 4) != 0;
        let wanted = match (edge, below(rng, 2)) {
            (true, _) => below(rng, 2 * EDGE + 2) - EDGE,
            (false, 0) => any_size(rng, 56),
            (false, _) => -any_size(rng, 56),
        };
        let (shortfall, requirement) = measure(&slots, scenario);
        // Few that have no terms.
        if requirement.is_negative() && below(rng, 16) != 0 {
            continue;
        }
        let cash = BigInt::from(slots.cash) + &shortfall - wanted;
        if cash.bits() >= u64::from(CASH_BITS) || requirement.bits() >= u64::from(TERM_BITS) {
            continue;
        }
        slots.cash = cash.to_i128().expect("narrow");
        return (slots, scenario, wanted.into(), requirement, edge);
    }
}

/// The terms from their definition.
fn terms(rules: &TermRules, shortfall: &BigInt, requirement: &BigInt) -> [Fr; 2] {
    let cap = BigInt::from(rules.incentive_cap);
    let rate = if requirement.is_positive() {
        (shortfall * rules.incentive_slope / requirement + rules.incentive_base).min(cap)
    } else {
        cap
    };
    [(shortfall, rules.repay_tick), (&rate, rules.incentive_tick)]
        .map(|(x, tick)| fr((x / tick * tick).to_i128().expect("narrow")))
}

/// What fails in the circuit's image of a scene.
fn failures(scene: &Scene) -> Vec<String> {
    let image = scene.image();
    let index = Index::new(&image);
    names(&image, &Judge::new(&index).judge_all())
        .into_iter()
        .collect()
}

fn check(rng: &mut ChaCha8Rng, shape: Shape) -> Tally {
    let (slots, scenario, shortfall, requirement, edge) = account(rng, shape);
    let mut tally = Tally {
        accounts: 1,
        at_the_edge: edge.into(),
        ..Tally::default()
    };
    let mut differ = |what: String| tally.differences.push(what);
    let measured = measure(&slots, scenario);
    if measured != (shortfall.clone(), requirement.clone()) {
        differ(format!("wanted {shortfall}, measured {measured:?}"));
    }
    let provable = shortfall.is_positive() && !requirement.is_negative();
    let witness = Witness::new(slots.clone(), &TABLE, scenario, Fr::from(7));
    if witness.is_ok() != provable {
        differ(format!(
            "shortfall {shortfall}, requirement {requirement}, witness {}",
            !provable
        ));
        return tally;
    }
    if provable {
        tally.proved = 1;
        let scene = Scene::new(slots.clone(), &TABLE, &TABLE, scenario);
        let failures = failures(&scene);
        if !failures.is_empty() {
            differ(format!("honest, yet {failures:?} fail"));
        }
        let header = &scene.instance[0];
        let [repay, rate] = terms(&TABLE.rules, &shortfall, &requirement);
        let expected = (slots.commitment(), repay, rate);
        if (header[COMMITMENT], header[REPAY], header[INCENTIVE_RATE]) != expected {
            differ(format!(
                "public inputs, shortfall {shortfall}, requirement {requirement}"
            ));
        }
        return tally;
    }
    // The same account by a prover who claims it all the same.
    let mut debt = slots.clone();
    debt.cash = -(1 << 59);
    let Ok(witness) = Witness::new(debt, &TABLE, scenario, Fr::from(7)) else {
        tally.no_terms = 1;
        return tally;
    };
    tally.forced = 1;
    let mut scene = Scene {
        table: TABLE.clone(),
        witness,
        plan: Default::default(),
        instance: Vec::new(),
    };
    scene.witness.slots.cash = slots.cash;
    scene.settle();
    scene.claim(slots.commitment());
    let failures = failures(&scene);
    if failures != [RANGE] {
        differ(format!(
            "shortfall {shortfall} claimed, and {failures:?} fail"
        ));
    }
    tally
}

/// An eighth of the accounts are large, three medium: they take longer.
fn shape(round: usize) -> Shape {
    match round % 8 {
        0 => Shape::Large,
        1..=3 => Shape::Medium,
        _ => Shape::Small,
    }
}

fn report(tallies: &[(Shape, Tally)], seed: u64, seconds: u64) -> Result<String, std::fmt::Error> {
    let count: usize = tallies.iter().map(|(_, t)| t.accounts).sum();
    let differences: usize = tallies.iter().map(|(_, t)| t.differences.len()).sum();
    let mut out = String::from("# Random accounts\n\n");
    writeln!(
        out,
        "Accounts over every instrument, three in four of them within a few units of the last place of the threshold, on \
         both sides.\nOf each: a witness exists exactly when the engine's totals say so, the circuit's image is satisfied, \
         and the public inputs\nare the terms by their definition; of one that is not under-margined, the forced claim \
         fails in a range check and nothing\nelse. Written by\n"
    )?;
    writeln!(
        out,
        "```\nZKMARGIN_ACCOUNTS={count} ZKMARGIN_SEED={seed} cargo test --release -p zkmargin-circuits accounts -- --nocapture\n```\n"
    )?;
    writeln!(
        out,
        "{count} accounts, {seconds} s, **{differences} differences**.\n"
    )?;
    writeln!(
        out,
        "| shape | accounts | at the threshold | under-margined, proved | not, claimed all the same | no terms |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for (shape, t) in tallies {
        writeln!(
            out,
            "| {shape} | {} | {} | {} | {} | {} |",
            t.accounts, t.at_the_edge, t.proved, t.forced, t.no_terms
        )?;
    }
    writeln!(
        out,
        "\n\"No terms\": the requirement is below zero, so that no prover has numbers to claim."
    )?;
    Ok(out)
}

#[test]
fn random_accounts_of_every_shape() {
    let read = |name: &str| std::env::var(name).ok()?.parse().ok();
    let long = read("ZKMARGIN_ACCOUNTS");
    let (count, seed) = (long.unwrap_or(32), read("ZKMARGIN_SEED").unwrap_or(SEED));
    let start = Instant::now();
    let rounds = (0..count as usize).into_par_iter();
    let checked: Vec<(Shape, Tally)> = rounds
        .map(|round| {
            let shape = shape(round);
            // A stream that no lie has.
            let mut rng = dice(seed, shape, round, 0xfff);
            let mut tally = check(&mut rng, shape);
            for difference in &mut tally.differences {
                *difference = format!("{shape}, seed {seed}, round {round}: {difference}");
            }
            (shape, tally)
        })
        .collect();
    let tallies: Vec<(Shape, Tally)> = Shape::ALL
        .into_iter()
        .map(|shape| {
            let own = checked.iter().filter(|(of, _)| *of == shape);
            let own = own.map(|(_, tally)| tally.clone());
            (shape, own.fold(Tally::default(), Tally::merge))
        })
        .collect();
    let text = report(&tallies, seed, start.elapsed().as_secs()).expect("string");
    println!("{text}");
    if long.is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/campaigns/accounts.md");
        fs::write(path, text).expect("writable");
    }
    let differences: Vec<&String> = tallies.iter().flat_map(|(_, t)| &t.differences).collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

/// One unit decides: the same account with a shortfall of 1 is proved, with 0 it is not.
#[test]
fn one_unit_either_side_of_the_band() {
    for (round, shape) in [Shape::Small, Shape::Small, Shape::Medium]
        .into_iter()
        .enumerate()
    {
        let mut rng = dice(SEED, shape, round, 0xffe);
        let (mut slots, scenario) = loop {
            let (slots, scenario, shortfall, requirement, _) = account(&mut rng, shape);
            if !requirement.is_negative() {
                let mut slots = slots;
                slots.cash += shortfall.to_i128().expect("narrow") - 1;
                break (slots, scenario);
            }
        };
        let scene = Scene::new(slots.clone(), &TABLE, &TABLE, scenario);
        assert_eq!(scene.witness.terms.shortfall, 1);
        assert_eq!(failures(&scene), Vec::<String>::new());
        slots.cash += 1;
        assert!(Witness::new(slots.clone(), &TABLE, scenario, Fr::from(7)).is_err());
        let mut forced = scene;
        forced.witness.slots.cash = slots.cash;
        forced.settle();
        forced.claim(slots.commitment());
        assert_eq!(failures(&forced), [RANGE]);
    }
}
