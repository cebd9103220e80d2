//! Random accounts over every instrument, policy and shape: engine, witness, circuit and public inputs agree about each of
//! them, most of all within a few units of the last place of the threshold.
//!
//! The quick run is a test. The long run writes `docs/campaigns/accounts.md`:
//! `ZKMARGIN_ACCOUNTS=2000 cargo test --release -p zkmargin-circuits accounts -- --nocapture` (`ZKMARGIN_SEED` seeds it).

use std::{collections::BTreeMap, fmt::Write, fs, path::Path, time::Instant};

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use zkmargin_tamper::{Cell, Index, Judge};

use super::{
    forgeries::{
        campaign::names,
        scene::{any_size, below, dice, slots},
    },
    harness::{RANGE, Scene, fr},
    policies::{MARKETS, Market},
    rows::{Rows, Sum},
};
use crate::{
    circuit::{
        Witness, WitnessError,
        opening::{COMMITMENT, INCENTIVE_RATE, REPAY},
    },
    engine::{Portfolio, TERM_BITS, Totals, quantum},
    field,
    model::{CASH_BITS, ONE},
    public::PublicTable,
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
    /// By market.
    markets: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

impl Tally {
    fn merge(mut self, other: Self) -> Self {
        self.accounts += other.accounts;
        self.at_the_edge += other.at_the_edge;
        self.proved += other.proved;
        self.forced += other.forced;
        self.no_terms += other.no_terms;
        for (market, count) in other.markets {
            *self.markets.entry(market).or_default() += count;
        }
        self.differences.extend(other.differences);
        self
    }
}

/// An account to prove: what its cash is set to be short of.
struct Drawn {
    slots: Slots,
    scenario: usize,
    shortfall: BigInt,
    requirement: BigInt,
    edge: bool,
}

fn totals(slots: &Slots, table: &PublicTable, scenario: usize) -> Totals {
    let portfolio = Portfolio::new(slots, table, scenario);
    portfolio.expect("markets").totals.clone()
}

/// Shortfall and requirement by the totals, rounded down to units of 1e-8 USD.
fn measure(totals: &Totals) -> (BigInt, BigInt) {
    let floor = |x: BigInt| x.div_floor(&quantum());
    (floor(totals.shortfall()), floor(totals.requirement()))
}

/// A market whose table the shape has room for.
fn market(round: usize, shape: Shape) -> &'static Market {
    let markets = (0..MARKETS.len()).map(|i| &MARKETS[(round + i) % MARKETS.len()]);
    let mut fitting = markets.filter(|market| market.table.fits(shape).is_ok());
    fitting.next().expect("a market")
}

/// An account whose shortfall under a random scenario is what is wanted; three in four at the edge. Every other scenario is
/// one of those that not every policy has.
fn account(rng: &mut ChaCha8Rng, table: &PublicTable, shape: Shape) -> Drawn {
    let special: Vec<usize> = (0..table.scenarios.len())
        .filter(|s| table.scenarios[*s].own || table.scenarios[*s].class as i128 != 0)
        .collect();
    loop {
        let mut slots = slots(rng, table, shape, 0);
        let any = below(rng, table.scenarios.len() as i128) as usize;
        let scenario = match below(rng, 2) {
            0 if !special.is_empty() => special[any % special.len()],
            _ => any,
        };
        let edge = below(rng, 4) != 0;
        let wanted = match (edge, below(rng, 2)) {
            (true, _) => below(rng, 2 * EDGE + 2) - EDGE,
            (false, 0) => any_size(rng, 56),
            (false, _) => -any_size(rng, 56),
        };
        let (shortfall, requirement) = measure(&totals(&slots, table, scenario));
        // Few that have no terms.
        if requirement.is_negative() && below(rng, 16) != 0 {
            continue;
        }
        let cash = BigInt::from(slots.cash) + &shortfall - wanted;
        if cash.bits() >= u64::from(CASH_BITS) || requirement.bits() >= u64::from(TERM_BITS) {
            continue;
        }
        slots.cash = cash.to_i128().expect("narrow");
        return Drawn {
            slots,
            scenario,
            shortfall: wanted.into(),
            requirement,
            edge,
        };
    }
}

/// The terms from their definition: hidden ones are 0.
fn terms(drawn: &Drawn, table: &PublicTable) -> [Fr; 2] {
    let rules = &table.rules;
    let (shortfall, requirement) = (&drawn.shortfall, &drawn.requirement);
    let (mut value, mut illiquid) = (BigInt::ZERO, BigInt::ZERO);
    for slot in &drawn.slots.assets {
        let group = table.assets.iter().find(|group| group.key == slot.key);
        let group = group.expect("a market");
        value += BigInt::from(slot.amount) * group.full;
        illiquid += BigInt::from(slot.amount) * group.illiquid;
    }
    let raise = match value.is_positive() {
        true => illiquid * ONE / value,
        false => BigInt::ZERO,
    };
    let cap = BigInt::from(rules.incentive_cap);
    let rate = if requirement.is_positive() {
        let raised = requirement * rules.incentive_base + shortfall * rules.incentive_slope;
        (raised * (raise + ONE) / (requirement * ONE)).min(cap)
    } else {
        cap
    };
    [(shortfall, rules.repay_tick), (&rate, rules.incentive_tick)].map(|(x, tick)| {
        let rounded = if rules.terms_shown {
            x / tick * tick
        } else {
            BigInt::ZERO
        };
        fr(rounded.to_i128().expect("narrow"))
    })
}

/// What fails in the circuit's image of a scene.
fn failures(scene: &Scene) -> Vec<String> {
    let image = scene.image();
    let index = Index::new(&image);
    names(&image, &Judge::new(&index).judge_all())
        .into_iter()
        .collect()
}

/// The circuit's cells that are not the engine's integers, by name.
fn differing(scene: &Scene) -> Vec<String> {
    let (image, rows) = (scene.image(), Rows::of(scene.witness.slots.shape));
    let portfolio = &scene.witness.portfolio;
    let totals = &portfolio.totals;
    let greeks: BigInt = portfolio.underlyings.iter().map(|u| &u.charge).sum();
    let paid = (&totals.funding).max(&BigInt::ZERO).clone();
    let [value, illiquid] = &totals.mix;
    let total = rows.total();
    let mut cells = vec![
        (
            "O",
            rows.summed(Sum::OptionEquity),
            totals.option_equity.clone(),
        ),
        ("E", (2, rows.equity()), totals.equity.clone()),
        (
            "C of slots",
            rows.summed(Sum::Contingencies),
            &totals.contingencies - &greeks - &paid,
        ),
        ("C", (3, total), &totals.contingencies - &paid),
        ("C'", (0, total + 1), totals.contingencies.clone()),
        ("funding", (4, total), totals.funding.clone()),
        ("F", rows.summed(Sum::Value), value.clone()),
        ("I", rows.summed(Sum::Illiquid), illiquid.clone()),
        ("core", (2, total + 1), totals.core.clone()),
        ("W", (3, total + 1), totals.requirement()),
        ("S", rows.shortfall()[0], measure(totals).0),
        ("R", rows.requirement()[0], measure(totals).1),
    ];
    let mut core = BigInt::ZERO;
    for (i, trace) in portfolio.underlyings.iter().enumerate() {
        core += &trace.core;
        cells.push(("uid", (0, rows.claim_pole(i)), trace.underlying.into()));
        cells.push(("x", rows.claimed(i)[3], trace.loss.clone()));
        cells.push(("core'", rows.charged(i)[7], core.clone()));
        for (number, value) in trace.exposure.values.iter().enumerate() {
            cells.push(("X", rows.claimed(i)[number], value.clone()));
        }
    }
    let losses = portfolio.positions().map(|(_, _, loss)| loss);
    let sections = super::rows::slots(scene.witness.slots.shape.capacity());
    let places = sections.iter().enumerate();
    let places = places.flat_map(|(section, count)| (0..*count).map(move |i| (section, i)));
    for ((section, i), loss) in places.zip(losses) {
        cells.push(("loss", rows.loss(section, i), loss.clone()));
    }
    let differs = |((column, row), engine): ((usize, usize), &BigInt)| {
        image.value(Cell::advice(column, row)) != field::from_int(engine)
    };
    let named = cells.iter();
    let named = named.filter(|(_, cell, engine)| differs((*cell, engine)));
    named
        .map(|(name, cell, _)| format!("{name} at {cell:?}"))
        .collect()
}

fn check(rng: &mut ChaCha8Rng, market: &'static Market, shape: Shape) -> Tally {
    let table = &market.table;
    let drawn = account(rng, table, shape);
    let Drawn {
        slots,
        scenario,
        shortfall,
        requirement,
        edge,
    } = &drawn;
    let (scenario, mut tally) = (*scenario, Tally::default());
    tally.accounts = 1;
    tally.at_the_edge = (*edge).into();
    tally.markets.insert(market.name, 1);
    let mut differ = |what: String| tally.differences.push(what);
    let of_engine = totals(slots, table, scenario);
    let measured = measure(&of_engine);
    if measured != (shortfall.clone(), requirement.clone()) {
        differ(format!("wanted {shortfall}, measured {measured:?}"));
    }
    let provable = shortfall.is_positive() && !requirement.is_negative() && of_engine.fits;
    let witness = Witness::new(slots.clone(), table, scenario, Fr::from(7));
    let too_large = matches!(witness, Err(WitnessError::Exposure { .. }));
    if witness.is_ok() != provable && !(provable && too_large && table.rules.exposures_shown) {
        differ(format!(
            "shortfall {shortfall}, requirement {requirement}, witness {}",
            !provable
        ));
        return tally;
    }
    if witness.is_ok() {
        tally.proved = 1;
        let scene = Scene::new(slots.clone(), table, table, scenario);
        let failures = failures(&scene);
        if !failures.is_empty() {
            differ(format!("honest, yet {failures:?} fail"));
        }
        let cells = differing(&scene);
        if !cells.is_empty() {
            differ(format!("not the engine's: {cells:?}"));
        }
        let header = &scene.instance[0];
        let [repay, rate] = terms(&drawn, table);
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
    let Some(mut scene) = Scene::of(debt, table, table, scenario) else {
        tally.no_terms = 1;
        return tally;
    };
    tally.forced = 1;
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
        "Accounts over every instrument and policy, three in four of them within a few units of the last place of the \
         threshold, on both\nsides. Of each: a witness exists exactly when the engine's totals say so, the circuit's image is \
         satisfied, its sums,\nlosses and exposures are the engine's to the bit, and the public inputs are the terms by their \
         definition; of one that is not under-margined, the forced claim \
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
    writeln!(out, "\n| market and policy | accounts |\n|---|---|")?;
    for market in MARKETS.iter() {
        let of = |(_, tally): &(Shape, Tally)| tally.markets.get(market.name).copied();
        let count: usize = tallies.iter().filter_map(of).sum();
        writeln!(out, "| {} | {count} |", market.name)?;
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
    let (count, seed) = (long.unwrap_or(48), read("ZKMARGIN_SEED").unwrap_or(SEED));
    let start = Instant::now();
    let rounds = (0..count as usize).into_par_iter();
    let checked: Vec<(Shape, Tally)> = rounds
        .map(|round| {
            let shape = shape(round);
            // A stream that no lie has.
            let mut rng = dice(seed, shape, round, 0xfff);
            let mut tally = check(&mut rng, market(round, shape), shape);
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

/// One unit decides: the same account with a shortfall of 1 is proved, with 0 it is not. Under every policy.
#[test]
fn one_unit_either_side_of_the_band() {
    for (round, Market { name, table, .. }) in MARKETS.iter().enumerate() {
        let shape = match table.fits(Shape::Small) {
            Ok(()) if round > 0 => Shape::Small,
            _ => Shape::Medium,
        };
        let mut rng = dice(SEED, shape, round, 0xffe);
        let (mut slots, scenario) = loop {
            let Drawn {
                mut slots,
                scenario,
                shortfall,
                requirement,
                ..
            } = account(&mut rng, table, shape);
            slots.cash += shortfall.to_i128().expect("narrow") - 1;
            let witness = Witness::new(slots.clone(), table, scenario, Fr::from(7));
            if !requirement.is_negative() && witness.is_ok() {
                break (slots, scenario);
            }
        };
        let scene = Scene::new(slots.clone(), table, table, scenario);
        assert_eq!(scene.witness.terms.shortfall, 1, "{name}");
        assert_eq!(failures(&scene), Vec::<String>::new(), "{name}");
        slots.cash += 1;
        assert!(Witness::new(slots.clone(), table, scenario, Fr::from(7)).is_err());
        let mut forced = scene;
        forced.witness.slots.cash = slots.cash;
        forced.settle();
        forced.claim(slots.commitment());
        assert_eq!(failures(&forced), [RANGE], "{name}");
    }
}
