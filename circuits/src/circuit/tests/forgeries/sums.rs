//! Lies about the running sums.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::{
        harness::{Scene, fr, inverse},
        rows::{self, SECTIONS},
    },
    section,
    thief::{Drawn, Thief},
};
use crate::{
    engine::{SCALE_BITS, Totals, UNIT_BITS, cash_unit, option_unit, perpetual, quantum},
    field,
    model::CASH_BITS,
    poseidon,
};

/// The six sums.
pub const SUMS: usize = 6;

/// One of the six sums: O, M, E, Ls, P, C.
pub fn read(totals: &mut Totals, which: usize) -> &mut BigInt {
    match which {
        0 => &mut totals.option_equity,
        1 => &mut totals.option_loss,
        2 => &mut totals.equity,
        3 => &mut totals.swap_loss,
        4 => &mut totals.shockable,
        _ => &mut totals.contingencies,
    }
}

/// One unit of 1e-16 USD in a sum.
pub fn unit(which: usize) -> BigInt {
    match which {
        0 | 1 => BigInt::from(1) << SCALE_BITS,
        2 => option_unit() << UNIT_BITS,
        3 => option_unit(),
        4 => BigInt::from(100_000_000),
        _ => BigInt::from(1),
    }
}

/// The sums that a section's slots add to, in the order of their cells.
fn sums_of(section: usize) -> [usize; 3] {
    match section {
        section::OPTIONS | section::PERPETUALS => [0, 1, 5],
        section::FUTURES | section::ASSETS => [2, 4, 5],
        _ => [2, 3, 5],
    }
}

/// The sums in front of slot `i` of a section.
fn before(thief: &Thief<'_>, section: usize, i: usize) -> Totals {
    let mut portfolio = thief.honest.witness.portfolio.clone();
    let keep = |s: usize, n: usize| match s.cmp(&section) {
        std::cmp::Ordering::Less => n,
        std::cmp::Ordering::Equal => i,
        std::cmp::Ordering::Greater => 0,
    };
    let slots = rows::slots(thief.honest.witness.slots.shape.capacity());
    portfolio.options.truncate(keep(0, slots[0]));
    portfolio.perpetual_options.truncate(keep(1, slots[1]));
    portfolio.futures.truncate(keep(2, slots[2]));
    portfolio.assets.truncate(keep(3, slots[3]));
    portfolio.swaps.truncate(keep(4, slots[4]));
    for which in 0..SUMS {
        *read(&mut portfolio.totals, which) = BigInt::ZERO;
    }
    portfolio.totals.equity = thief.honest.witness.slots.cash * cash_unit();
    portfolio.sum();
    portfolio.totals.clone()
}

/// A running sum moved by `step` behind a random slot; all later sums and the terms follow.
fn sum_moved(
    thief: &mut Thief<'_>,
    step: impl Fn(&mut Thief<'_>, BigInt, usize) -> BigInt,
) -> Drawn {
    let (section, cell) = (thief.pick(SECTIONS), thief.pick(3));
    let slots = rows::slots(thief.honest.witness.slots.shape.capacity())[section];
    let (i, which) = (thief.pick(slots), sums_of(section)[cell]);
    let mut scene = thief.scene();
    let (mut first, mut next) = (before(thief, section, i), before(thief, section, i + 1));
    let after = read(&mut next, which).clone();
    let step = step(thief, &after - &*read(&mut first, which), which);
    if step == BigInt::ZERO {
        return thief.truth(scene, "the slot adds nothing");
    }
    let mut totals = scene.witness.portfolio.totals.clone();
    *read(&mut totals, which) += &step;
    let forged = field::from_int(&(after + &step));
    scene.forge(thief.rows.sums(section, i)[cell], forged);
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
        thief.error(70) * unit(which) + thief.pick(2)
    })
}

/// Where the first slot that adds to a sum reads it.
fn first_copy(thief: &Thief<'_>, which: usize) -> (usize, usize) {
    let [o, m, c] = [0, 1, 2].map(|cell| thief.rows.sums(section::OPTIONS, 0)[cell]);
    let linear = |section| thief.rows.sums(section, 0)[0].1 - 1;
    match which {
        0 => (3, o.1 - 1),
        1 => (4, m.1 - 1),
        2 => (3, linear(section::FUTURES)),
        3 => (4, linear(section::SWAPS)),
        4 => (4, linear(section::FUTURES)),
        _ => (3, c.1),
    }
}

/// Sums that start elsewhere: the first equity itself, or a sum's copy of the account's zero.
pub fn first_sums(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let (which, own) = (thief.pick(SUMS), thief.coin());
    let step = thief.error(60) * unit(which);
    let honest = match which {
        2 if own => scene.witness.slots.cash * cash_unit(),
        2 => read(&mut before(thief, section::FUTURES, 0), 2).clone(),
        _ => BigInt::ZERO,
    };
    let cell = if which == 2 && own {
        thief.rows.first_sums()[0]
    } else {
        first_copy(thief, which)
    };
    let mut totals = scene.witness.portfolio.totals.clone();
    *read(&mut totals, which) += &step;
    scene.forge(cell, field::from_int(&(honest + &step)));
    if cell != thief.rows.first_sums()[0] {
        // The sum behind that slot takes the copy along.
        let section = [0, 0, 2, 4, 2, 0][which];
        let place = sums_of(section).iter().position(|&sum| sum == which);
        let after = read(&mut before(thief, section, 1), which).clone();
        let next = thief.rows.sums(section, 0)[place.expect("a sum of the section")];
        scene.forge(next, field::from_int(&(after + &step)));
    }
    scene.settle_on(totals);
    Thief::if_clean(scene)
}

/// The account's zero set to a scenario's number, so that the perpetual options' unmoved market is that scenario's.
pub fn zero_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let s = 1 + thief.pick(scene.table.scenarios.len() - 1);
    scene.forge(thief.rows.first_sums()[1], fr(s as i128));
    for i in 0..scene.witness.slots.perpetual_options.len() {
        let slot = scene.witness.slots.perpetual_options[i].clone();
        let trace = &mut scene.witness.portfolio.perpetual_options[i];
        let (g, sizes) = (trace.group, [slot.calls, slot.puts]);
        let group = &scene.table.perpetual_options[g];
        let other = perpetual::perpetual(g, group, s, slot.strike, trace.ln.clone(), sizes);
        trace.base = other.expect("covered").moved.clone();
        let row = group.interval_row(g, s, slot.strike).expect("covered");
        scene.forge_all(&thief.rows.perpetual(i).interval(false), &row);
    }
    // The sums start at the same number, far below a unit of the terms.
    let settle = |scene: &mut Scene| {
        scene.settle();
        let mut totals = scene.witness.portfolio.totals.clone();
        for which in [0, 1, 3, 4, 5] {
            *read(&mut totals, which) += s;
        }
        scene.settle_on(totals);
    };
    settle(&mut scene);
    if scene.witness.terms.shortfall < 1 {
        scene.witness.slots.cash += scene.witness.terms.shortfall - thief.size(40);
        settle(&mut scene);
    }
    // As padding of the last hash it is another commitment.
    let (header, mut padded) = (scene.witness.slots.header(), scene.witness.slots.elements());
    while !padded.len().is_multiple_of(3) {
        padded.push(fr(s as i128));
    }
    scene.claim(poseidon::chain(header, &padded));
    if scene.witness.slots.cash.unsigned_abs() >= 1 << CASH_BITS {
        return Drawn::Redraw;
    }
    Thief::if_clean(scene)
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
    scene.forge((0, thief.rows.packed().1), cash);
    scene.forge((1, thief.rows.packed().1), Fr::ZERO);
    scene.forge((2, thief.rows.packed().1), sequence);
    scene.forge(thief.rows.packed(), honest);
    let unit = field::from_int(&cash_unit());
    scene.forge(thief.rows.first_sums()[0], cash * unit);
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
