//! Lies about the opening, the public inputs, the order of slots, padding and the hash.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::{
        harness::{Scene, fr, inverse},
        rows,
    },
    thief::{Drawn, Thief},
};
use crate::{
    circuit::{HEADER_ROWS, opening},
    field, poseidon,
    shape::Shape,
    slots::{self, Slots},
};

/// Row of |cash|, its sign and the sequence number.
const OPENING: usize = HEADER_ROWS;

/// Cash for sequence numbers inside `packed`: by whole units, or by a sequence in the field.
pub fn cash_for_sequence(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    if thief.coin() {
        let units = thief.error(8);
        let slots = &mut scene.witness.slots;
        slots.cash += units << 64;
        slots.sequence = slots.sequence.wrapping_sub(units as u64);
        return thief.settled_anyhow(scene);
    }
    let less = thief.error(50);
    scene.witness.slots.cash -= less;
    let sequence = fr(scene.witness.slots.sequence.into());
    let forged = sequence + fr(less) * inverse(field::pow2(64));
    scene.forge((2, OPENING), forged);
    let honest = thief.honest.witness.slots.header()[3];
    scene.forge(rows::packed(), honest);
    thief.settled(scene)
}

/// Cash that is not the committed one.
pub fn cash_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    scene.witness.slots.cash = match thief.pick(2) {
        0 => -scene.witness.slots.cash,
        _ => scene.witness.slots.cash - thief.size(50),
    };
    if scene.witness.slots.cash == thief.honest.witness.slots.cash {
        return thief.truth(scene, "no cash has no sign");
    }
    if thief.coin() {
        scene.forge(rows::packed(), thief.honest.witness.slots.header()[3]);
    }
    thief.settled(scene)
}

/// Sums that start elsewhere.
pub fn first_sums(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let which = thief.pick(3);
    let error = thief.error(60);
    let step = BigInt::from(error) << if which == 2 { 0 } else { 80 };
    let mut totals = scene.witness.portfolio.totals.clone();
    let honest = match which {
        0 => (BigInt::from(scene.witness.slots.cash) * 100_000_000) << 124,
        _ => BigInt::ZERO,
    };
    match which {
        0 => totals.equity += &step,
        1 => totals.loss += &step,
        _ => totals.contingencies += &step,
    }
    scene.forge(rows::first_sums()[which], field::from_int(&(honest + step)));
    scene.settle_on(totals);
    Thief::if_clean(scene)
}

/// The commitment that the same account would have in another shape.
pub fn domain_of_another_shape(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let shapes: Vec<Shape> = Shape::ALL
        .into_iter()
        .filter(|s| *s != scene.witness.slots.shape)
        .collect();
    let mut header = scene.witness.slots.header();
    header[0] = slots::domain(shapes[thief.pick(shapes.len())]);
    let commitment = poseidon::chain(header, &scene.witness.slots.elements());
    scene.forge(rows::domain(), header[0]);
    scene.claim(commitment);
    Drawn::Forged(Box::new(scene))
}

/// Another owner or salt for the commitment.
pub fn owner_or_salt(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let column = thief.pick(2);
    scene.forge((column, OPENING + 2), thief.field());
    Drawn::Forged(Box::new(scene))
}

/// One public input that is not what the prover holds.
pub fn public_input(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let row = thief.pick(HEADER_ROWS);
    scene.instance[0][row] += if thief.coin() { thief.field() } else { Fr::ONE };
    Drawn::Forged(Box::new(scene))
}

/// Rules of the terms that are not the policy's, with terms that follow from them.
pub fn rules_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let honest = scene.table.rules;
    let error = thief.size(20) as i64;
    let rules = &mut scene.table.rules;
    let (row, rule) = match thief.pick(5) {
        0 => (opening::INCENTIVE_BASE, &mut rules.incentive_base),
        1 => (opening::INCENTIVE_SLOPE, &mut rules.incentive_slope),
        2 => (opening::INCENTIVE_CAP, &mut rules.incentive_cap),
        3 => (opening::REPAY_TICK, &mut rules.repay_tick),
        _ => (opening::INCENTIVE_TICK, &mut rules.incentive_tick),
    };
    *rule += error;
    let forged = fr((*rule).into());
    scene.settle();
    scene.table.rules = honest;
    // The verifier's own rules, the prover's terms.
    scene.instance[0][row] -= fr(error.into());
    scene.forge((0, row), forged);
    Drawn::Forged(Box::new(scene))
}

/// A tick of zero: everything is a multiple of it.
pub fn tick_zero(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let (repay, terms) = (thief.coin(), &mut scene.witness.terms);
    let x = if repay { terms.shortfall } else { terms.rate };
    let parts = (thief.size(40), x);
    if repay {
        terms.repay = parts;
        scene.forge((0, opening::REPAY_TICK), Fr::ZERO);
        terms_of(&mut scene, 0, x - parts.1);
    } else {
        terms.incentive = parts;
        scene.forge((0, opening::INCENTIVE_TICK), Fr::ZERO);
        terms_of(&mut scene, 1, x - parts.1);
    }
    Drawn::Forged(Box::new(scene))
}

/// Discloses a repay amount (0) or an incentive rate (1).
pub fn terms_of(scene: &mut Scene, which: usize, units: i128) {
    let row = [opening::REPAY, opening::INCENTIVE_RATE][which];
    scene.instance[0][row] = fr(units);
    scene.forge((0, row), fr(units));
}

/// A committed layout that no honest operator would commit.
fn layout(thief: &mut Thief<'_>, slots: Slots) -> Drawn {
    let table = thief.honest.table.clone();
    match thief.committed(slots, &table) {
        Some(scene) => Drawn::Forged(Box::new(scene)),
        None => Drawn::Redraw,
    }
}

/// Two neighbours of a section that both are positions.
fn neighbours(thief: &mut Thief<'_>) -> (usize, usize) {
    let section = thief.pick(3);
    let all = thief.positions(section);
    (section, all[thief.pick(all.len() - 1)])
}

/// One position twice, its sizes in either slot.
fn duplicated(thief: &mut Thief<'_>) -> (usize, usize, Slots) {
    let (section, i) = neighbours(thief);
    let mut slots = thief.slots();
    match section {
        0 => {
            (slots.options[i + 1].key, slots.options[i + 1].strike) =
                (slots.options[i].key, slots.options[i].strike);
        }
        1 => slots.futures[i + 1].key = slots.futures[i].key,
        _ => slots.assets[i + 1].key = slots.assets[i].key,
    }
    (section, i, slots)
}

pub fn duplicate_slots(thief: &mut Thief<'_>) -> Drawn {
    let (.., slots) = duplicated(thief);
    layout(thief, slots)
}

/// A duplicate whose order gate is told that its first slot is padding, or that the gap is zero.
pub fn duplicate_hidden(thief: &mut Thief<'_>) -> Drawn {
    let (section, i, slots) = duplicated(thief);
    let Drawn::Forged(mut scene) = layout(thief, slots) else {
        return Drawn::Redraw;
    };
    let [_, alive, _, gap] = thief.rows.order(section, i);
    scene.forge(gap, Fr::ZERO);
    if thief.coin() {
        scene.forge(alive, Fr::ZERO);
    }
    Drawn::Forged(scene)
}

pub fn unsorted_slots(thief: &mut Thief<'_>) -> Drawn {
    let (section, i) = neighbours(thief);
    let mut slots = thief.slots();
    match section {
        0 => slots.options.swap(i, i + 1),
        1 => slots.futures.swap(i, i + 1),
        _ => slots.assets.swap(i, i + 1),
    }
    layout(thief, slots)
}

/// The account with some first positions of a section replaced by padding, and that section.
fn padded(thief: &mut Thief<'_>) -> (usize, usize, Slots) {
    let section = thief.pick(3);
    let i = thief.positions(section)[0];
    let mut slots = thief.slots();
    match section {
        0 => {
            let slot = &mut slots.options[i];
            (slot.key, slot.strike, slot.calls, slot.puts) = (0, 1, 0, 0);
        }
        1 => {
            let slot = &mut slots.futures[i];
            (slot.key, slot.size, slot.entry, slot.funding_index) = (0, 0, 0, 0);
        }
        _ => (slots.assets[i].key, slots.assets[i].amount) = (0, 0),
    }
    (section, i, slots)
}

pub fn padding_behind_a_position(thief: &mut Thief<'_>) -> Drawn {
    let (section, i, mut slots) = padded(thief);
    match section {
        0 => slots.options.swap(i, i + 1),
        1 => slots.futures.swap(i, i + 1),
        _ => slots.assets.swap(i, i + 1),
    }
    layout(thief, slots)
}

/// Sizes in a padding slot, and with them nothing, a value, or a claim to be a position.
pub fn padding_with_value(thief: &mut Thief<'_>) -> Drawn {
    let (section, i, mut slots) = padded(thief);
    let (size, price) = (thief.error(49), thief.size(49));
    match section {
        0 => {
            let slot = &mut slots.options[i];
            (slot.calls, slot.puts) = (size, -size / 2);
        }
        1 => {
            let slot = &mut slots.futures[i];
            (slot.size, slot.entry, slot.funding_index) = (size, price, -size);
        }
        _ => slots.assets[i].amount = price,
    }
    let Drawn::Forged(mut scene) = layout(thief, slots) else {
        return Drawn::Redraw;
    };
    let value = -thief.size(60);
    match (thief.pick(3), section) {
        (0, _) => return thief.truth(*scene, "padding is worth nothing, whatever it holds"),
        (1, 0) => {
            scene.forge(thief.rows.option(i).base_row()[6], Fr::ONE);
            return Drawn::Forged(scene);
        }
        (1, 1) => {
            scene.forge((1, thief.rows.future(i)), Fr::ONE);
            scene.witness.portfolio.futures[i].linear.value = size * (-price - size);
        }
        (1, _) => scene.forge((1, thief.rows.asset(i)), Fr::ONE),
        (_, 0) => scene.witness.portfolio.options[i].base.value += value,
        (_, 1) => scene.witness.portfolio.futures[i].linear.value += value,
        (_, _) => scene.witness.portfolio.assets[i].value += value,
    }
    scene.settle();
    Drawn::Forged(scene)
}

/// One cell of one hash.
pub fn hash_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let (first, end) = (thief.rows.first_hash(), thief.rows.terms());
    let cell = (thief.pick(5), first + thief.pick(end - first));
    scene.forge(cell, thief.field());
    Drawn::Forged(Box::new(scene))
}
