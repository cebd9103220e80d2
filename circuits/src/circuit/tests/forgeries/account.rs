//! Lies about the opening, the public inputs and the hash.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{Scene, fr, inverse},
    thief::{Drawn, Thief},
};
use crate::{circuit::opening, field, poseidon, shape::Shape, slots};

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
    scene.forge((2, thief.rows.opening()), forged);
    let honest = thief.honest.witness.slots.header()[3];
    scene.forge(thief.rows.packed(), honest);
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
        scene.forge(thief.rows.packed(), thief.honest.witness.slots.header()[3]);
    }
    thief.settled(scene)
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
    scene.forge(thief.rows.domain(), header[0]);
    scene.claim(commitment);
    Drawn::Forged(Box::new(scene))
}

/// Another owner or salt for the commitment.
pub fn owner_or_salt(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let column = thief.pick(2);
    scene.forge((column, thief.rows.opening() + 2), thief.field());
    Drawn::Forged(Box::new(scene))
}

/// One public input that is not what the prover holds.
pub fn public_input(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let row = thief.pick(thief.rows.opening());
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

/// One cell of one hash.
pub fn hash_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let (first, end) = (thief.rows.first_hash(), thief.rows.total());
    let cell = (thief.pick(5), first + thief.pick(end - first));
    scene.forge(cell, thief.field());
    Drawn::Forged(Box::new(scene))
}
