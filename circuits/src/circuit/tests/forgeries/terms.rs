//! Lies about the verdict and the terms.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{Scene, fr, inverse},
    places::Cell,
    thief::{Drawn, Thief},
};
use crate::{
    circuit::opening::{INCENTIVE_RATE, INCENTIVE_TICK, REPAY, REPAY_TICK, TERMS_SHOWN},
    engine::quantum,
    field,
    model::ONE,
};

/// A cell of the terms.
fn cell(thief: &Thief<'_>, column: usize, below: usize) -> Cell {
    (column, thief.rows.terms() + below)
}

/// What is off by an error.
fn off(thief: &Thief<'_>, scene: &mut Scene, at: Cell, error: Fr) {
    scene.forge(at, thief.value(at) + error);
}

/// Quotient, low and high part of the shortfall or of the requirement.
fn divided(thief: &Thief<'_>, shortfall: bool) -> [Cell; 3] {
    let at = |column, below| cell(thief, column, below);
    if shortfall {
        [at(0, 1), at(3, 2), at(4, 2)]
    } else {
        [at(2, 1), at(1, 3), at(2, 3)]
    }
}

/// Q / 2^50.
fn high_quantum() -> Fr {
    field::from_int(&quantum()) * inverse(field::pow2(50))
}

/// Shortfall or requirement off, with the remainder that goes with it.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let (shortfall, error) = (thief.coin(), fr(thief.error(30)));
    let [quotient, _, high] = divided(thief, shortfall);
    let mut scene = thief.scene();
    off(thief, &mut scene, quotient, error);
    off(thief, &mut scene, high, -error * high_quantum());
    thief.settled_anyhow(scene)
}

/// The same without the remainder.
pub fn quotient_alone(thief: &mut Thief<'_>) -> Drawn {
    let (shortfall, error) = (thief.coin(), fr(thief.error(30)));
    let [quotient, ..] = divided(thief, shortfall);
    let mut scene = thief.scene();
    off(thief, &mut scene, quotient, error);
    thief.settled_anyhow(scene)
}

/// A requirement of zero, so that the rate is the cap.
pub fn requirement_zero(thief: &mut Thief<'_>) -> Drawn {
    let [quotient, _, high] = divided(thief, false);
    let honest = thief.value(quotient);
    let mut scene = thief.scene();
    scene.forge(quotient, Fr::ZERO);
    off(thief, &mut scene, high, honest * high_quantum());
    if honest == Fr::ZERO {
        return thief.truth(scene, "nothing is required");
    }
    thief.settled_anyhow(scene)
}

/// Shortfall or requirement as a solution in the field, for a remainder that is in range.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let shortfall = thief.coin();
    let [quotient, low, high] = divided(thief, shortfall);
    let (left, above) = (fr(thief.size(50) - 1), fr(thief.size(78) - 1));
    let change = thief.value(low) - left + (thief.value(high) - above) * field::pow2(50);
    if change == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    let unit = inverse(field::from_int(&quantum()));
    off(thief, &mut scene, quotient, change * unit);
    scene.forge(low, left);
    scene.forge(high, above);
    thief.settled_anyhow(scene)
}

/// An account that is not under-margined, by a prover who claims that it is.
pub fn healthy_account(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let shortfall = scene.witness.terms.shortfall;
    let slots = &mut scene.witness.slots;
    slots.cash += shortfall - 1 + thief.size(40);
    if slots.cash.unsigned_abs() >= 1 << 60 {
        return Drawn::Redraw;
    }
    let commitment = slots.commitment();
    scene.claim(commitment);
    thief.settled_anyhow(scene)
}

/// The rate off, its remainders with it.
pub fn rate_off(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let error = fr(thief.error(20));
    off(thief, &mut scene, cell(thief, 0, 5), error);
    scene.forge(cell(thief, 4, 6), Fr::ZERO);
    thief.settled_anyhow(scene)
}

/// The rate at the cap, or above it, without cause.
pub fn capped(thief: &mut Thief<'_>) -> Drawn {
    let (rate, cap) = (cell(thief, 0, 5), thief.value(cell(thief, 4, 5)));
    let above = if thief.coin() { thief.size(20) } else { 0 };
    let mut scene = thief.scene();
    scene.forge(rate, cap + fr(above));
    scene.forge(cell(thief, 4, 6), Fr::ONE);
    if above == 0 && thief.value(rate) == cap {
        return thief.truth(scene, "the rate is at its cap");
    }
    thief.settled_anyhow(scene)
}

/// The flag that the rate is capped, alone, or one that is none.
pub fn capped_flag(thief: &mut Thief<'_>) -> Drawn {
    let (rate, cap) = (
        thief.value(cell(thief, 0, 5)),
        thief.value(cell(thief, 4, 5)),
    );
    let flag = cell(thief, 4, 6);
    let honest = thief.value(flag);
    let rest = field::to_int(&thief.value(cell(thief, 2, 6)));
    let divisor = field::to_int(&thief.value(cell(thief, 1, 6))) * ONE;
    let bit = thief.coin();
    let value = if bit { Fr::ONE - honest } else { thief.field() };
    let mut scene = thief.scene();
    scene.forge(flag, value);
    if bit && rate == cap && rest < divisor {
        return thief.truth(scene, "the rate at its cap exactly");
    }
    thief.settled_anyhow(scene)
}

/// One remainder or complement of the terms alone.
pub fn remainder_alone(thief: &mut Thief<'_>) -> Drawn {
    let cells = [
        (3, 2),
        (4, 2),
        (0, 3),
        (1, 3),
        (2, 3),
        (3, 3),
        (4, 3),
        (2, 6),
        (3, 6),
        (4, 7),
        (2, 0),
        (3, 0),
        (4, 0),
        (2, 4),
        (3, 4),
        (4, 4),
    ];
    let ((column, below), error) = (cells[thief.pick(cells.len())], thief.error(40));
    let mut scene = thief.scene();
    off(thief, &mut scene, cell(thief, column, below), fr(error));
    thief.settled_anyhow(scene)
}

/// A copy that the terms are made from: sums, rules, what is rounded.
pub fn copy_altered(thief: &mut Thief<'_>) -> Drawn {
    let cells = [
        (0, 2),
        (1, 2),
        (2, 2),
        (2, 5),
        (3, 5),
        (4, 5),
        (0, 6),
        (1, 6),
        (0, 8),
        (1, 8),
        (0, 0),
        (0, 4),
    ];
    let ((column, below), error) = (cells[thief.pick(cells.len())], thief.error(30));
    let mut scene = thief.scene();
    off(thief, &mut scene, cell(thief, column, below), fr(error));
    thief.settled_anyhow(scene)
}

/// First row, tick and disclosed term of repay amount or incentive.
fn tick(thief: &mut Thief<'_>) -> (usize, usize, usize) {
    let first = thief.rows.terms();
    if thief.coin() {
        (first, REPAY_TICK, REPAY)
    } else {
        (first + 4, INCENTIVE_TICK, INCENTIVE_RATE)
    }
}

/// A tick count off by some, with remainder and term that go with it.
pub fn ticks_off(thief: &mut Thief<'_>) -> Drawn {
    let ((row, tick, _), error) = (tick(thief), fr(thief.error(12)));
    let tick = thief.value((0, tick));
    let mut scene = thief.scene();
    off(thief, &mut scene, (2, row), error);
    off(thief, &mut scene, (3, row), -error * tick);
    thief.settled_anyhow(scene)
}

/// A count of ticks in the field, for any remainder below the tick.
pub fn ticks_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (row, tick, _) = tick(thief);
    let tick = thief.value((0, tick));
    let below = field::to_int(&tick);
    let left = fr(thief.size(60) - 1);
    let left = field::from_int(&(field::to_int(&left) % below));
    let change = thief.value((3, row)) - left;
    if change == Fr::ZERO {
        return thief.truth(thief.scene(), "the remainder is the honest one");
    }
    let mut scene = thief.scene();
    off(thief, &mut scene, (2, row), change * inverse(tick));
    scene.forge((3, row), left);
    thief.settled_anyhow(scene)
}

/// A disclosed term that its parts do not make: one tick more, or any.
pub fn term_alone(thief: &mut Thief<'_>) -> Drawn {
    let (row, tick, out) = tick(thief);
    let error = if thief.coin() {
        thief.value((0, tick))
    } else {
        fr(thief.error(50))
    };
    let shown = thief.value((1, row));
    let rounded = shown * (thief.value((0, row + 1)) - thief.value((3, row)));
    let mut scene = thief.scene();
    scene.instance[0][out] = rounded + error;
    scene.forge((0, out), rounded + error);
    thief.settled_anyhow(scene)
}

/// Terms shown though the policy hides them, or hidden though it shows them, or neither: everywhere, or one of them.
pub fn shown_altered(thief: &mut Thief<'_>) -> Drawn {
    let first = thief.rows.terms();
    let cell = [(0, TERMS_SHOWN), (1, first), (1, first + 4)][thief.pick(3)];
    let value = if thief.pick(4) == 0 {
        thief.field()
    } else {
        Fr::ONE - thief.value(cell)
    };
    let mut scene = thief.scene();
    scene.forge(cell, value);
    thief.settled_anyhow(scene)
}

/// Terms disclosed against the policy, without a word of it in the circuit: zeros, or the terms.
pub fn shown_against_policy(thief: &mut Thief<'_>) -> Drawn {
    let (row, _, out) = tick(thief);
    let shown = thief.honest.table.rules.terms_shown;
    let rounded = thief.value((0, row + 1)) - thief.value((3, row));
    if rounded == Fr::ZERO {
        return Drawn::Redraw;
    }
    let value = if shown { Fr::ZERO } else { rounded };
    let mut scene = thief.scene();
    scene.instance[0][out] = value;
    scene.forge((0, out), value);
    thief.settled_anyhow(scene)
}

/// a, z, rho, comp; F, I.
fn illiquidity(thief: &Thief<'_>) -> [Cell; 6] {
    let at = |column, below| cell(thief, column, below);
    [at(0, 7), at(1, 7), at(2, 7), at(3, 7), at(0, 8), at(1, 8)]
}

/// The part that is illiquid off, with its remainder; the rate follows.
pub fn illiquidity_off(thief: &mut Thief<'_>) -> Drawn {
    let [quotient, _, rest, _, value, _] = illiquidity(thief);
    let error = fr(thief.error(12));
    let change = error * thief.value(value);
    let mut scene = thief.scene();
    off(thief, &mut scene, quotient, error);
    off(thief, &mut scene, rest, -change);
    thief.settled_anyhow(scene)
}

/// The same in the field, its remainder in range.
pub fn illiquidity_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let [quotient, _, rest, _, value, _] = illiquidity(thief);
    let (value, left) = (thief.value(value), fr(thief.size(40)));
    let change = thief.value(rest) - left;
    if value == Fr::ZERO || change == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    off(thief, &mut scene, quotient, change * inverse(value));
    scene.forge(rest, left);
    thief.settled_anyhow(scene)
}

/// Nothing held, without cause; or something, where nothing is; or neither.
pub fn nothing_held(thief: &mut Thief<'_>) -> Drawn {
    let [quotient, nothing, rest, _, value, illiquid] = illiquidity(thief);
    let held = thief.value(value) != Fr::ZERO;
    let mut scene = thief.scene();
    match (held, thief.coin()) {
        (true, true) => {
            scene.forge(nothing, Fr::ONE);
            scene.forge(quotient, Fr::ZERO);
            scene.forge(rest, thief.value(illiquid) * fr(ONE.into()));
        }
        (false, true) => scene.forge(nothing, Fr::ZERO),
        (_, false) => scene.forge(nothing, fr(1 + thief.size(20))),
    }
    thief.settled_anyhow(scene)
}

/// One number of the illiquid part alone.
pub fn illiquidity_alone(thief: &mut Thief<'_>) -> Drawn {
    let cells = illiquidity(thief);
    let cell = [cells[0], cells[2], cells[3]][thief.pick(3)];
    let error = fr(thief.error(20));
    let mut scene = thief.scene();
    off(thief, &mut scene, cell, error);
    thief.settled_anyhow(scene)
}
