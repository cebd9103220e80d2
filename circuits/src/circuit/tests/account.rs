//! Lies about what the account holds: sizes, keys, padding, order, sums, header.

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_traits::Signed;

use super::{
    harness::{COPY, RANGE, Scene, TABLE, fr, guilty, sample, small, table},
    market::revalue_under,
    rows::{self, Sum},
};
use crate::{
    engine::{Portfolio, cash_unit, linear::SWAP_RAISE},
    field,
    model::Account,
    poseidon,
    shape::Shape,
    slots::{self, Slots},
};

/// Short 9.5 calls.
const SHORT: usize = 4;

/// The small sample account without its last option, so that two slots are padding.
fn padded() -> Slots {
    let mut account: Account = sample("account-small.json");
    account.options.pop();
    account.cash = "-100000".parse().expect("decimal");
    small(&account)
}

/// In debt, with padding in every section.
fn bare() -> Slots {
    let mut account: Account = sample("account-small.json");
    account.perpetual_options.clear();
    account.variance.clear();
    account.cash = "-100000".parse().expect("decimal");
    small(&account)
}

/// The honest prover's scene of a committed layout that no honest operator would commit.
fn committed(slots: Slots) -> Scene {
    let table = table();
    let scenario = *guilty(&slots, &table).first().expect("under-margined");
    Scene::new(slots, &table, &table, scenario)
}

#[test]
fn a_size_of_the_other_sign() {
    // Short six calls, long one put; the thief says short one put.
    let (i, scenario) = (3, Scene::sample().witness.portfolio.scenario);
    let mut scene = Scene::sample();
    let honest = scene.witness.slots.options[i].element();
    scene.witness.slots.options[i].puts *= -1;
    revalue_under(&mut scene, i, scenario);
    scene.settle();
    // The account that this would be is not the committed one.
    scene.stopped_by(&[COPY]);
    scene.forge(rows::option(i).element(), honest);
    scene.stopped_by(&["q_holding: element packs key, strike, calls, puts"]);
}

const CHARGE: &str = "q_charge: H = side (G - calls - puts)/2 - nu strike (calls + puts) + held G";

#[test]
fn the_charge_is_what_the_policy_says() {
    let [kept, nu, charge, counted] = rows::option(SHORT).charge();
    let honest = Scene::sample();
    let image = honest.image();
    let value = |(column, row)| image.value(zkmargin_tamper::Cell::advice(column, row));
    assert!(value(charge) != Fr::zero());
    let more = [
        (charge, Fr::zero(), CHARGE),
        (charge, value(charge) + Fr::one(), CHARGE),
        (nu, fr(2), "q_charge: nu boolean"),
        (
            counted,
            value(counted) - field::pow2(170),
            "q_charge: W = kept V0 + e0",
        ),
    ];
    for (cell, value, stop) in more {
        let mut scene = honest.clone();
        scene.forge(cell, value);
        scene.settle();
        scene.stopped_by(&[stop]);
    }
    // A value that does not count although it must.
    let mut scene = honest.clone();
    let epsilon = &honest.witness.portfolio.options[SHORT].base.epsilon;
    scene.forge(kept, Fr::zero());
    scene.forge(counted, field::from_int(epsilon));
    scene.settle();
    scene.stopped_by(&["q_charge: (1 - excluded)(1 - kept) = 0"]);
    // A choice that only hurts the own proof: no naked short option is charged.
    let mut table = honest.table.clone();
    let group = honest.witness.portfolio.options[SHORT].group;
    table.options[group].charges.strike = 1 << 60;
    let (slots, scenario) = (
        honest.witness.slots.clone(),
        honest.witness.portfolio.scenario,
    );
    let mut scene = Scene::new(slots, &table, &table, scenario);
    let own = scene.witness.terms.shortfall;
    scene.forge(nu, Fr::zero());
    scene.forge(charge, value(charge));
    scene.settle();
    scene.stopped_by(&[]);
    assert!(scene.witness.terms.shortfall < own);
}

/// Long options of a policy that excludes them: a value that is a debt may be kept off, a gain must be.
#[test]
fn long_options_do_not_count_where_the_policy_excludes_them() {
    let mut table = table();
    table
        .options
        .iter_mut()
        .for_each(|g| g.charges.excluded = true);
    let scene = Scene::sample();
    let slots = scene.witness.slots.clone();
    let mut scene = Scene::new(slots, &table, &table, scene.witness.portfolio.scenario);
    scene.stopped_by(&[]);
    let options = &scene.witness.portfolio.options;
    let (long, short) = (
        options.iter().position(|t| !t.kept).expect("a gain"),
        options
            .iter()
            .position(|t| t.base.value < BigInt::ZERO)
            .expect("a debt"),
    );
    let own = scene.witness.terms.shortfall;
    for i in [long, short] {
        let mut other = scene.clone();
        // What the prover chooses: neither makes more of the proof than is due.
        let [kept, _, _, counted] = rows::option(i).charge();
        let base = &scene.witness.portfolio.options[i].base;
        let value = if i == long {
            base.value.clone()
        } else {
            BigInt::ZERO
        };
        other.forge(kept, fr((i == long).into()));
        other.forge(counted, field::from_int(&(value + &base.epsilon)));
        other.settle();
        other.stopped_by(&[]);
        assert!(other.witness.terms.shortfall < own);
    }
    // Of another group's charges.
    let g = scene.witness.portfolio.options[long].group;
    let row = scene.table.options[0].charges.row(0);
    let cells = rows::option(long).charge_row();
    scene.forge_all(&cells, &row[..5]);
    scene.settle();
    scene.stopped_by(&[COPY]);
    scene.forge(cells[0], fr(g as i128));
    scene.settle();
    scene.stopped_by(&[TABLE]);
}

#[test]
fn another_groups_key() {
    let honest = Scene::sample();
    // The slot of one expiry priced in the market of the next.
    let other = honest.witness.portfolio.options[SHORT].group + 1;
    let mut slots = honest.witness.slots.clone();
    slots.options[SHORT].key = honest.table.options[other].key;
    let scenario = honest.witness.portfolio.scenario;
    let mut scene = Scene::new(slots, &honest.table, &honest.table, scenario);
    scene.claim(honest.witness.commitment());
    scene.stopped_by(&[COPY]);
    let element = honest.witness.slots.options[SHORT].element();
    scene.forge(rows::option(SHORT).element(), element);
    scene.stopped_by(&["q_holding: element packs key, strike, calls, puts"]);
}

#[test]
fn padding_is_worth_nothing_whatever_it_holds() {
    let honest = committed(padded());
    let mut slots = padded();
    slots.options[0].calls = -(1 << 49);
    slots.options[0].puts = 1 << 49;
    slots.options[1].strike = 1 << 49;
    slots.options[1].calls = (1 << 50) - 1;
    slots.futures[0].entry = 1 << 49;
    slots.futures[0].funding_index = -5;
    slots.assets[0].amount = (1 << 50) - 1;
    let scene = committed(slots);
    let totals = &scene.witness.portfolio.totals;
    assert!(*totals == honest.witness.portfolio.totals);
    assert_eq!(scene.witness.terms(), honest.witness.terms());
    scene.stopped_by(&[]);
}

#[test]
fn padding_of_other_sections_has_no_size() {
    type Forgery = (fn(&mut Slots), &'static [&'static str]);
    let forgeries: [Forgery; 4] = [
        (
            |slots| slots.futures[0].size = -(1 << 49),
            &["q_future: (1 - alive) |s| = 0"],
        ),
        (
            |slots| slots.swaps[0].size = 5,
            &["q_swap: (1 - alive) |s| = 0"],
        ),
        (
            |slots| slots.perpetual_options[0].calls = -1,
            &[
                "q_claim: (1 - alive) x = 0",
                "q_side: calls mask (mask - 1) = 0",
            ],
        ),
        (
            |slots| slots.perpetual_options[0].puts = 1,
            &[
                "q_claim: (1 - alive) x = 0",
                "q_side: puts mask (mask - 2) = 0",
            ],
        ),
    ];
    for (forge, stops) in forgeries {
        let mut slots = bare();
        forge(&mut slots);
        committed(slots).stopped_by(stops);
    }
}

#[test]
fn the_side_that_an_american_option_does_not_price() {
    let mut slots = Scene::sample().witness.slots.clone();
    let american = slots.perpetual_options.iter_mut().find(|o| o.calls == 0);
    american.expect("a put").calls = 1;
    committed(slots).stopped_by(&["q_side: calls mask (mask - 1) = 0"]);
}

#[test]
fn duplicate_or_unsorted_slots() {
    let option = |a: usize, b: usize| {
        let mut slots = padded();
        slots.options[a] = slots.options[b].clone();
        committed(slots)
    };
    option(4, 3).stopped_by(&[RANGE]);
    for section in 0..3 {
        let mut slots = padded();
        match section {
            0 => slots.options.swap(3, 4),
            1 => slots.futures.swap(2, 3),
            _ => slots.assets.swap(2, 3),
        }
        committed(slots).stopped_by(&[RANGE]);
    }
    let mut slots = padded();
    slots.futures[2] = slots.futures[3].clone();
    committed(slots).stopped_by(&[RANGE]);
    let mut slots = padded();
    slots.assets[2] = slots.assets[3].clone();
    committed(slots).stopped_by(&[RANGE]);
    // Padding behind a slot that is alive.
    let mut slots = padded();
    slots.options.swap(1, 2);
    committed(slots).stopped_by(&[RANGE]);

    // A duplicate whose first slot pretends to be padding.
    let mut scene = option(4, 3);
    let end = rows::Rows::of(Shape::Small).run_end(4);
    scene.forge((1, end + 1), Fr::zero());
    scene.stopped_by(&[COPY]);
    let mut scene = option(4, 3);
    scene.forge((2, end + 1), Fr::zero());
    scene.stopped_by(&["q_run_end: gap = (1 - end)(K' - K - alive)"]);
    let mut scene = option(4, 3);
    scene.forge(rows::option(3).base_row()[6], Fr::zero());
    let failures = scene.failures();
    assert!(failures.contains(TABLE), "{failures:?}");
}

#[test]
fn sums_that_skip_or_start_elsewhere() {
    let small = rows::Rows::of(Shape::Small);
    let honest = Scene::sample();
    let image = honest.image();
    let value = |(column, row)| image.value(zkmargin_tamper::Cell::advice(column, row));
    for sum in Sum::ALL {
        // A part that is skipped, one that counts twice, and a start that is not nothing.
        let steps: Vec<usize> = small.sum(sum).collect();
        for (i, row) in steps.iter().enumerate() {
            for (cell, forged, stops) in [
                ((4, *row), value((1, *row)), vec!["q_add: S' = S + x + x'"]),
                ((2, *row), value((2, *row)).double(), vec![COPY]),
                ((3, *row), value((3, *row)) + value((3, *row)), vec![COPY]),
                ((1, *row), value((1, *row)) + Fr::one(), vec![COPY]),
            ] {
                if forged == value(cell) {
                    continue;
                }
                let mut scene = honest.clone();
                scene.forge(cell, forged);
                scene.settle();
                let failures = scene.failures();
                // A sum out of range may be caught behind it, too.
                let all = stops.iter().all(|stop| failures.contains(*stop));
                let mut rest = failures.iter().filter(|f| !stops.contains(&f.as_str()));
                assert!(all && rest.all(|f| f == RANGE), "{sum:?} {i}: {failures:?}");
            }
        }
    }

    let mut scene = honest.clone();
    let equity = scene.witness.slots.cash * cash_unit() + (BigInt::from(1) << 100);
    scene.forge(rows::first_sums()[0], field::from_int(&equity));
    scene.settle();
    scene.stopped_by(&["q_opening: E0 = 1e28 2^12 cash"]);
    // The zero that the other sums start from is that of the last hash, too, which then is another commitment.
    let mut scene = honest.clone();
    scene.forge(rows::first_sums()[1], fr(1));
    let failures = scene.failures();
    assert!(failures.contains("q_opening: 0"), "{failures:?}");
    // The one that says that the last run ends; in debt enough to do without the run's loss.
    let mut slots = honest.witness.slots.clone();
    slots.cash = -(1 << 50);
    let table = &honest.table;
    let mut scene = Scene::new(slots, table, table, honest.witness.portfolio.scenario);
    scene.forge(rows::first_sums()[2], fr(0));
    scene.settle();
    scene.stopped_by(&["q_opening: 1"]);
}

#[test]
fn linear_positions() {
    // Each lie leaves the account poorer, and the terms follow from it.
    let sample = Scene::sample();
    let stop = |lie: &dyn Fn(&mut Portfolio), stops: &[&str]| {
        let mut scene = sample.clone();
        lie(&mut scene.witness.portfolio);
        scene.settle();
        scene.stopped_by(stops);
        assert!(scene.witness.terms.shortfall > sample.witness.terms.shortfall);
    };
    let (value, loss, charge) = (power(120), power(220), power(72));
    let future = "q_future: V = 1e20 s (price - entry + i)";
    stop(&|p| p.futures[3].value -= &value, &[future]);
    stop(
        &|p| p.futures[3].charge += &charge,
        &["q_future: H = |s| charge"],
    );
    stop(
        &|p| p.futures[3].loss += &loss,
        &["q_loss: L = 2^102 eta |s| mark - 2^92 move s mark"],
    );
    stop(
        &|p| {
            let funding = &mut p.futures[3].funding;
            *funding += &charge + funding.abs() * 2;
        },
        &["q_funding: Phi = s phi"],
    );
    stop(
        &|p| p.assets[3].value -= &value,
        &["q_asset: V = 1e12 amount value"],
    );
    stop(
        &|p| p.assets[2].loss += &loss,
        &["q_asset: L = -2^78 move amount moving"],
    );
    let swap = "q_swap: V = s (1e4 p - discount f) + 1e4 |s|";
    stop(&|p| p.swaps[1].value -= &value, &[swap]);
    stop(
        &|p| p.swaps[1].charge += &charge,
        &["q_swap: H = |s| charge"],
    );
    // What is lost and its raised form: one goes into the sums, of the other the range is checked.
    let lost: BigInt = &loss >> SWAP_RAISE;
    stop(
        &|p| p.swaps[1].lost += &lost,
        &["q_swap_loss: x = (1 - 2 sign)|s| signed + |s| held"],
    );
    let mut scene = sample.clone();
    let raised = &scene.witness.portfolio.swaps[1].loss + &loss;
    scene.forge(rows::swap(1)[5], field::from_int(&raised));
    scene.settle();
    scene.stopped_by(&["q_swap_loss: L = 2^112 x"]);
    // The collateral's mix has its say in the incentive alone.
    for (which, stop) in ["q_asset: F = amount full", "q_asset: I = amount illiquid"]
        .into_iter()
        .enumerate()
    {
        let mut scene = sample.clone();
        scene.witness.portfolio.assets[3].mix[which] += 1;
        scene.settle();
        scene.stopped_by(&[stop]);
    }
    // Another future's funding.
    let mut scene = sample.clone();
    let (row, g) = (
        rows::Rows::of(Shape::Small).future(3) + 4,
        scene.witness.portfolio.futures[3].group,
    );
    let other = scene.table.futures[g - 1].funding_row(g - 1);
    scene.forge_all(&[(0, row), (1, row)], &other[..2]);
    let size = scene.witness.slots.futures[3].size;
    scene.witness.portfolio.futures[3].funding = BigInt::from(size) * other[1];
    scene.settle();
    scene.stopped_by(&[COPY]);
    // Another scenario for one position.
    let mut scene = sample.clone();
    let other = scene.witness.portfolio.scenario - 1;
    let [_, _, _, copy, ..] = rows::swap(1);
    scene.forge(copy, fr(other as i128));
    scene.stopped_by(&[COPY, "q_swap_loss: row id = 1024 g + alive c"]);
}

fn power(bits: u32) -> BigInt {
    BigInt::from(1) << bits
}

#[test]
fn cash_traded_for_the_sequence_number() {
    for step in [-1, 1i128] {
        let mut scene = Scene::sample();
        scene.witness.slots.cash += step << 64;
        scene.witness.slots.sequence = scene
            .witness
            .slots
            .sequence
            .wrapping_add_signed(-step as i64);
        assert_eq!(scene.witness.slots.commitment(), scene.witness.commitment());
        scene.settle();
        scene.stopped_by(&[RANGE]);
    }
}

#[test]
fn another_shapes_domain() {
    let mut scene = Scene::sample();
    let mut header = scene.witness.slots.header();
    header[0] = slots::domain(Shape::Medium);
    let commitment = poseidon::chain(header, &scene.witness.slots.elements());
    scene.forge(rows::domain(), header[0]);
    scene.claim(commitment);
    scene.stopped_by(&["q_opening: domain of the shape"]);
    scene.forge(rows::packed(), fr(1));
    assert!(
        scene
            .failures()
            .contains("q_opening: packed = sequence 2^64 + cash + 2^61")
    );
}
