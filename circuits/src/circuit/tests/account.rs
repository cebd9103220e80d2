//! Lies about what the account holds: sizes, keys, padding, order, sums, header.

use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    harness::{COPY, RANGE, Scene, TABLE, fr, guilty, sample, small, table},
    market::revalue_under,
    rows,
};
use crate::{
    engine::{OptionTrace, cash_unit, linear::asset_unit},
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
    scene.witness.portfolio.options[i].charge *= 7;
    scene.witness.portfolio.options[i].charge /= 6;
    revalue_under(&mut scene, i, scenario);
    scene.settle();
    // The account that this would be is not the committed one.
    scene.stopped_by(&[COPY]);
    scene.forge(rows::option(i).element(), honest);
    scene.stopped_by(&["q_holding: element packs key, strike, calls, puts"]);
}

#[test]
fn the_charge_forgets_the_short_side() {
    let mut scene = Scene::sample();
    scene.witness.portfolio.options[SHORT].charge = 0;
    scene.forge(rows::option(SHORT).charge(), Fr::zero());
    scene.settle();
    scene.stopped_by(&["q_holding: H = (sign_c |c| + sign_p |p|) charge"]);
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
    assert_eq!(
        scene.witness.portfolio.totals,
        honest.witness.portfolio.totals
    );
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
            &["q_side: calls mask (mask - 1) = 0"],
        ),
        (
            |slots| slots.perpetual_options[0].puts = 1,
            &["q_side: puts mask (mask - 2) = 0"],
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
    let [_, alive, _, gap] = rows::option_order(3);
    scene.forge(alive, Fr::zero());
    scene.forge(gap, Fr::zero());
    scene.stopped_by(&[COPY]);
    let mut scene = option(4, 3);
    scene.forge(rows::option(3).base_row()[6], Fr::zero());
    scene.stopped_by(&[TABLE]);
}

#[test]
fn sums_that_skip_or_start_elsewhere() {
    // The slot that loses least is skipped.
    let mut scene = Scene::sample();
    let lost =
        |o: &OptionTrace| &o.base.value - &o.base.epsilon - &o.moved.value - &o.moved.epsilon;
    let options = &scene.witness.portfolio.options;
    let slot = (1..options.len()).min_by_key(|&i| lost(&options[i]));
    let slot = slot.expect("options");
    let before: BigInt = options[..slot].iter().map(lost).sum();
    let mut totals = scene.witness.portfolio.totals.clone();
    totals.option_loss -= lost(&options[slot]);
    let [_, loss, _] = rows::option(slot).sums();
    scene.forge(loss, field::from_int(&before));
    scene.settle_on(totals);
    scene.stopped_by(&["q_option_sum: M' = M + V0 - e0 - Vs - es"]);

    let mut scene = Scene::sample();
    let mut totals = scene.witness.portfolio.totals.clone();
    let step = BigInt::from(1u128 << 100);
    let honest = scene.witness.slots.cash * cash_unit();
    totals.equity += &step;
    scene.forge(rows::first_sums()[0], field::from_int(&(honest + step)));
    scene.settle_on(totals);
    scene.stopped_by(&["q_opening: E0 = 1e28 2^12 cash"]);
    // The zero that the other sums start from is that of the last hash, too, which then is another commitment.
    let mut scene = Scene::sample();
    scene.forge(rows::first_sums()[1], fr(1));
    let failures = scene.failures();
    assert!(failures.contains("q_opening: 0"), "{failures:?}");
    // A copy that lies alone: a charge.
    let mut scene = Scene::sample();
    let double = fr(2 * scene.witness.portfolio.options[SHORT].charge);
    scene.forge(rows::option(SHORT).summands()[2], double);
    scene.stopped_by(&[COPY, "q_option_sum: C' = C + H"]);
}

#[test]
fn linear_positions() {
    // Each lie leaves the account poorer, and the terms follow from it.
    let sample = Scene::sample();
    let stop = |lie: &dyn Fn(&mut Scene), stops: &[&str]| {
        let mut scene = sample.clone();
        lie(&mut scene);
        scene.settle();
        scene.stopped_by(stops);
    };
    let step = || BigInt::from(1u128 << 120);
    stop(
        &|scene| scene.witness.portfolio.futures[3].value -= step(),
        &["q_future: V = 1e20 s (price - entry + i)"],
    );
    stop(
        &|scene| scene.witness.portfolio.futures[3].charge += 1 << 60,
        &["q_future: H = |s| charge"],
    );
    let spot_move = sample.witness.portfolio.totals.spot_move;
    stop(
        &|scene| scene.witness.portfolio.futures[3].notional -= spot_move.signum() << 60,
        &["q_notional: X = 1e8 s mark"],
    );
    stop(
        &|scene| scene.witness.portfolio.assets[3].value -= step(),
        &["q_asset: V = 1e12 X"],
    );
    stop(
        &|scene| {
            let asset = &mut scene.witness.portfolio.assets[3];
            asset.notional -= 1u64 << 60;
            asset.value -= (BigInt::from(1) << 60) * asset_unit();
        },
        &["q_asset: X = amount value"],
    );
    stop(
        &|scene| scene.witness.portfolio.swaps[1].value -= step(),
        &["q_swap: V = s (1e4 p - discount f) + 1e4 |s|"],
    );
    stop(
        &|scene| scene.witness.portfolio.swaps[1].loss += step(),
        &["q_swap_loss: L = 1e4 s (p - p_c) - 2e4 |s|"],
    );
    // Another scenario for one position.
    let mut scene = sample.clone();
    let other = scene.witness.portfolio.scenario - 1;
    let [_, _, _, copy, _] = rows::swap(1);
    scene.forge(copy, fr(other as i128));
    scene.stopped_by(&[COPY, "q_swap_loss: row id = 1024 g + c"]);
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
