//! Lies about the running sums.

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
    engine::{SCALE_BITS, Totals, quantum},
    field,
};

/// The sums behind slot `i` of a section.
fn sums(scene: &Scene, section: usize, i: usize) -> Totals {
    let portfolio = &scene.witness.portfolio;
    let mut sums = Totals {
        equity: (BigInt::from(scene.witness.slots.cash) * 100_000_000) << SCALE_BITS,
        loss: BigInt::ZERO,
        contingencies: BigInt::ZERO,
    };
    let behind = |s: usize, n: usize| match s.cmp(&section) {
        std::cmp::Ordering::Less => n,
        std::cmp::Ordering::Equal => i + 1,
        std::cmp::Ordering::Greater => 0,
    };
    for o in &portfolio.options[..behind(0, portfolio.options.len())] {
        sums.equity += &o.base.value + &o.base.epsilon;
        sums.loss += o.weighted_loss();
        sums.contingencies += o.charge;
    }
    for f in &portfolio.futures[..behind(1, portfolio.futures.len())] {
        sums.equity += BigInt::from(f.linear.value) << SCALE_BITS;
        sums.loss += &f.linear.loss << SCALE_BITS;
        sums.contingencies += f.charge;
    }
    for a in &portfolio.assets[..behind(2, portfolio.assets.len())] {
        sums.equity += BigInt::from(a.value) << SCALE_BITS;
        sums.loss += &a.loss << SCALE_BITS;
    }
    sums
}

fn read(totals: &mut Totals, which: usize) -> &mut BigInt {
    match which {
        0 => &mut totals.equity,
        1 => &mut totals.loss,
        _ => &mut totals.contingencies,
    }
}

/// A running sum moved by `step` behind a random slot; all later sums and the terms follow.
fn sum_moved(
    thief: &mut Thief<'_>,
    step: impl Fn(&mut Thief<'_>, BigInt, usize) -> BigInt,
) -> Drawn {
    let (section, which) = (thief.pick(3), thief.pick(3));
    let capacity = thief.honest.witness.slots.shape.capacity();
    let slots = [capacity.options, capacity.futures, capacity.assets][section];
    let i = thief.pick(slots);
    let mut scene = thief.scene();
    let mut after = sums(&scene, section, i);
    let before = match (section, i) {
        (0, 0) => {
            let mut first = sums(&scene, 0, 0);
            let o = &scene.witness.portfolio.options[0];
            first.equity -= &o.base.value + &o.base.epsilon;
            first.loss -= o.weighted_loss();
            first.contingencies -= o.charge;
            first
        }
        (1, 0) => sums(&scene, 0, capacity.options - 1),
        (2, 0) => sums(&scene, 1, capacity.futures - 1),
        _ => sums(&scene, section, i - 1),
    };
    let mut before = before;
    let added = &*read(&mut after, which) - &*read(&mut before, which);
    let step = step(thief, added, which);
    if step == BigInt::ZERO {
        return thief.truth(scene, "the slot adds nothing");
    }
    let mut totals = scene.witness.portfolio.totals.clone();
    *read(&mut totals, which) += &step;
    let forged = &*read(&mut after, which) + &step;
    scene.forge(thief.rows.sums(section, i)[which], field::from_int(&forged));
    scene.settle_on(totals);
    Thief::if_clean(scene)
}

/// A sum that skips a slot.
pub fn slot_skipped(thief: &mut Thief<'_>) -> Drawn {
    sum_moved(thief, |_, added, _| -added)
}

/// A sum that gains or loses something on the way.
pub fn sum_altered(thief: &mut Thief<'_>) -> Drawn {
    sum_moved(thief, |thief, _, which| {
        let bits = if which == 2 { 0 } else { 124 };
        BigInt::from(thief.error(70)) << bits
    })
}

/// Equity that wraps around the modulus: the committed cash as a magnitude above `p / 2`, so that
/// the account is in debt by what is missing to `p`.
pub fn cash_wrapped(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    // |c| = p - x with the sign of x flipped packs to the same commitment; x + k 2^-k in the field
    // shifts equity by a quotient of the modulus while `packed` stays, with the sequence.
    let less = thief.field();
    let slots = &scene.witness.slots;
    let cash = fr(slots.cash) - less;
    let sequence = fr(slots.sequence.into()) + less * inverse(field::pow2(64));
    let honest = slots.header()[3];
    scene.forge((0, rows::packed().1), cash);
    scene.forge((1, rows::packed().1), Fr::ZERO);
    scene.forge((2, rows::packed().1), sequence);
    scene.forge(rows::packed(), honest);
    let unit = field::from_int(&((BigInt::from(100_000_000)) << SCALE_BITS));
    scene.forge(rows::first_sums()[0], cash * unit);
    // The shortfall that follows, divided in the field.
    let totals = &scene.witness.portfolio.totals;
    let shortfall = field::from_int(&totals.shortfall()) + less * unit * fr(10_000);
    let remainder = BigInt::from(thief.size(120));
    let quotient = (shortfall - field::from_int(&remainder)) * inverse(field::from_int(&quantum()));
    let [cell, positive] = thief.rows.shortfall();
    scene.forge(cell, quotient);
    scene.forge(positive, quotient - Fr::ONE);
    scene.witness.terms.shortfall_remainder = remainder;
    Drawn::Forged(Box::new(scene))
}
