//! Lies about the sums over the slots.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::harness::{fr, inverse},
    thief::{Drawn, Thief},
};
use crate::{
    engine::{SCALE_BITS, UNIT_BITS, cash_unit, option_unit},
    field,
    model::ONE,
};

/// Options' equity, equity, contingencies, funding, collateral, what of it is illiquid.
pub const SUMS: usize = 6;
/// Collateral among them.
const COLLATERAL: usize = 4;

/// One unit of 1e-16 USD in a sum, or so.
pub fn unit(which: usize) -> BigInt {
    match which {
        0 => BigInt::from(1) << SCALE_BITS,
        1 => option_unit() << UNIT_BITS,
        2 | 3 => BigInt::from(100_000_000),
        _ => BigInt::from(1 << 14),
    }
}

/// A row of one of the sums.
fn row(thief: &mut Thief<'_>) -> (usize, usize) {
    let which = thief.pick(SUMS);
    let rows = thief.rows.sums(which);
    (which, rows[thief.pick(rows.len())])
}

/// A sum that skips one or both slots of a row.
pub fn slot_skipped(thief: &mut Thief<'_>) -> Drawn {
    let (which, row) = row(thief);
    let parts = [thief.value((2, row)), thief.value((3, row))];
    let less = match thief.pick(3) {
        0 => parts[0],
        1 => parts[1],
        _ => parts[0] + parts[1],
    };
    if less == Fr::ZERO {
        return thief.truth(thief.scene(), "the slot adds nothing");
    }
    let mixed = thief.rows.terms() + 7;
    let [value, illiquid] = [0, 1].map(|column| thief.value((column, mixed + 1)));
    let mut scene = thief.scene();
    scene.forge((4, row), thief.value((4, row)) - less);
    if which == COLLATERAL && value == less {
        // Of nothing held no part is illiquid: all that is remains.
        scene.forge((2, mixed), illiquid * fr(ONE.into()));
    }
    thief.settled(scene)
}

/// A sum that gains or loses something on the way.
pub fn sum_altered(thief: &mut Thief<'_>) -> Drawn {
    let (which, row) = row(thief);
    let error = thief.error(60) * unit(which) + thief.pick(2);
    thief.moved((4, row), field::from_int(&error))
}

/// What a sum adds, copied wrong: another slot's part, one slot twice, or anything; or the sum so far.
pub fn part_copied(thief: &mut Thief<'_>) -> Drawn {
    let (which, row) = row(thief);
    let cell = (1 + thief.pick(3), row);
    if thief.coin() {
        let rows = thief.rows.sums(which);
        let other = (2 + thief.pick(2), rows[thief.pick(rows.len())]);
        let value = thief.value(other);
        return thief.forged(cell, value);
    }
    let error = thief.error(60) * unit(which);
    thief.moved(cell, field::from_int(&error))
}

/// Equity that is not what cash and the positions' values make, or a copy of either.
pub fn equity_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.at("q_equity", 0);
    let cell = (thief.pick(3), row);
    let error = thief.error(60) * unit(1);
    thief.moved(cell, field::from_int(&error))
}

/// Sums that start elsewhere: the first equity itself, or a sum's copy of the account's zero.
pub fn first_sums(thief: &mut Thief<'_>) -> Drawn {
    if thief.pick(3) == 0 {
        let error = thief.error(60) * (option_unit() << UNIT_BITS);
        return thief.moved(thief.rows.first_sums()[0], field::from_int(&error));
    }
    let which = thief.pick(SUMS);
    let first = thief.rows.sums(which)[0];
    let error = thief.error(60) * unit(which);
    thief.moved((1, first), field::from_int(&error))
}

/// The account's zero that is none, and its one.
pub fn constant_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.opening() + 1;
    let cell = [(1, row), (4, row)][thief.pick(2)];
    // Of perpetual options' unmoved market it is the scenario.
    let error = fr(1 + thief.pick(40) as i128);
    let mut scene = thief.scene();
    scene.forge(cell, thief.value(cell) + error);
    let image = scene.image_with(thief.values);
    super::outcome::claim(&mut scene, thief.rows, &image);
    thief.settled_anyhow(scene)
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
    let row = thief.rows.opening();
    scene.forge((0, row), cash);
    scene.forge((1, row), Fr::ZERO);
    scene.forge((2, row), sequence);
    scene.forge(thief.rows.packed(), honest);
    let unit = field::from_int(&cash_unit());
    scene.forge(thief.rows.first_sums()[0], cash * unit);
    thief.settled_anyhow(scene)
}
