//! Lies about the opening, the public inputs and the hash.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{fr, inverse},
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
        let honest = thief.honest.witness.slots.header()[3];
        scene.forge(thief.rows.packed(), honest);
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
    // Owner and salt.
    scene.forge((2 + column, thief.rows.opening() + 1), thief.field());
    Drawn::Forged(Box::new(scene))
}

/// One public input that is not what the prover holds.
pub fn public_input(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let row = thief.pick(thief.rows.opening());
    scene.instance[0][row] += if thief.coin() { thief.field() } else { Fr::ONE };
    // What the prover holds in the cell.
    let held = thief.value((0, row));
    scene.forge((0, row), held);
    Drawn::Forged(Box::new(scene))
}

/// Rules of the terms that are not the policy's, with terms that follow from them.
pub fn rules_altered(thief: &mut Thief<'_>) -> Drawn {
    let rules = [
        opening::INCENTIVE_BASE,
        opening::INCENTIVE_SLOPE,
        opening::INCENTIVE_CAP,
        opening::REPAY_TICK,
        opening::INCENTIVE_TICK,
        opening::EXPOSURES_USED,
        opening::GAMMA_RATE,
        opening::VEGA_RATE,
    ];
    let cell = (0, rules[thief.pick(rules.len())]);
    let error = fr(thief.size(20));
    let mut scene = thief.scene();
    scene.forge(cell, thief.value(cell) + error);
    // The verifier's own rules, the prover's terms.
    Drawn::Forged(Box::new(scene))
}

/// A tick of zero: everything is a multiple of it.
pub fn tick_zero(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let (repay, first) = (thief.coin(), thief.rows.terms());
    let (tick, row) = if repay {
        (opening::REPAY_TICK, first)
    } else {
        (opening::INCENTIVE_TICK, first + 4)
    };
    scene.forge((0, tick), Fr::ZERO);
    scene.forge((2, row), fr(thief.size(40)));
    let x = thief.value((0, row + 1));
    scene.forge((3, row), x);
    Drawn::Forged(Box::new(scene))
}

/// One cell of one hash.
pub fn hash_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let hash = thief.pick(thief.rows.commitment_hashes());
    let cells: Vec<_> = thief.rows.hash_rows(hash).flatten().collect();
    scene.forge(cells[thief.pick(cells.len())], thief.field());
    Drawn::Forged(Box::new(scene))
}
