//! Lies about what the account holds: sizes, keys, padding, order, sums, header.

use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    harness::{COPY, RANGE, Scene, TABLE, fr, guilty, sample, small, table},
    market::revalue_under,
    rows,
};
use crate::{
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
    slots.futures[0].size = -(1 << 49);
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
    let options = &scene.witness.portfolio.options;
    let slot = (1..options.len()).min_by_key(|&i| options[i].weighted_loss());
    let slot = slot.expect("options");
    let before: BigInt = options[..slot].iter().map(|o| o.weighted_loss()).sum();
    let mut totals = scene.witness.portfolio.totals.clone();
    totals.loss -= options[slot].weighted_loss();
    let [_, loss, _] = rows::option(slot).sums();
    scene.forge(loss, field::from_int(&before));
    scene.settle_on(totals);
    scene.stopped_by(&["q_option_sum: L' = L + f (V0 - e0 - Vs - es)"]);

    for (i, name) in ["E0 = 1e8 2^124 cash", "L0 = 0", "C0 = 0"]
        .iter()
        .enumerate()
    {
        let mut scene = Scene::sample();
        let mut totals = scene.witness.portfolio.totals.clone();
        let unit = BigInt::from(1u128 << 100);
        let honest = match i {
            0 => (BigInt::from(scene.witness.slots.cash) * 100_000_000) << 124,
            _ => BigInt::ZERO,
        };
        let sum = match i {
            0 => &mut totals.equity,
            1 => &mut totals.loss,
            _ => &mut totals.contingencies,
        };
        let step = if i == 2 { BigInt::from(1) } else { unit };
        *sum += &step;
        scene.forge(rows::first_sums()[i], field::from_int(&(honest + step)));
        scene.settle_on(totals);
        if i == 1 {
            // The same cell is the zero of the last hash, which then is another commitment.
            scene.stopped_by(&["q_opening: L0 = 0", COPY]);
        } else {
            scene.stopped_by(&[&format!("q_opening: {name}")]);
        }
    }
    // A copy that lies alone: the factor of one slot.
    let mut scene = Scene::sample();
    let trace = &scene.witness.portfolio.options[SHORT];
    let double = fr(2 * trace.factor);
    scene.forge(rows::option(SHORT).summands()[2], double);
    scene.stopped_by(&[COPY, "q_option_sum: L' = L + f (V0 - e0 - Vs - es)"]);
}

#[test]
fn linear_positions() {
    // Each lie leaves the account poorer, and the terms follow from it.
    let mut scene = Scene::sample();
    let [value, charge, copy, loss] = rows::future(3);
    let trace = &mut scene.witness.portfolio.futures[3];
    trace.linear.value -= 1 << 60;
    let forged = fr(trace.linear.value);
    scene.forge(value, forged);
    scene.settle();
    scene.stopped_by(&["q_future: V = alive s (price - entry + i)"]);

    let mut scene = Scene::sample();
    let trace = &mut scene.witness.portfolio.futures[3];
    trace.charge += 1 << 60;
    let forged = fr(trace.charge);
    scene.forge(charge, forged);
    scene.settle();
    scene.stopped_by(&["q_future: H = |s| charge"]);

    let mut scene = Scene::sample();
    let trace = &mut scene.witness.portfolio.futures[3].linear;
    trace.loss += 1u64 << 60;
    let forged = field::from_int(&trace.loss);
    scene.forge(loss, forged);
    scene.settle();
    scene.stopped_by(&["q_linear_loss: L = factor (s loss - |s|)"]);

    let mut scene = Scene::sample();
    scene.witness.portfolio.assets[3].value = 0;
    scene.forge(rows::asset_value(3), fr(0));
    scene.settle();
    scene.stopped_by(&["q_asset: V = amount value"]);

    // Another scenario for one position.
    let mut scene = Scene::sample();
    let other = scene.witness.portfolio.scenario - 1;
    scene.forge(copy, fr(other as i128));
    scene.stopped_by(&[COPY, "q_linear_loss: row id = 1024 g + c"]);
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
