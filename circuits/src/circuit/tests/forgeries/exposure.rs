//! Lies about the exposure of one position.

use ff::Field;
use halo2curves::bn256::Fr;
use num_traits::ToPrimitive;

use super::{
    super::{
        harness::{Scene, fr, inverse},
        rows::Cell,
    },
    section::{OPTIONS, PERPETUALS},
    thief::{Drawn, Thief},
};
use crate::{
    engine::exposure::{LN_CUT_BITS, MANTISSA_CUT_BITS, RAISED_BITS, density},
    field,
};

fn forged(scene: Scene) -> Drawn {
    Drawn::Forged(Box::new(scene))
}

/// A cell with an error on it.
fn moved(thief: &mut Thief<'_>, cell: Cell, error: Fr) -> Drawn {
    if error == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    scene.forge(cell, thief.value(cell) + error);
    forged(scene)
}

/// The density off, that of another d1, or a copy of it altered.
pub fn another_density(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let (base, row) = (thief.rows.option(i).base, thief.rows.exposure(OPTIONS, i));
    let cell = [(4, base + 2), (0, row), (4, row + 1)][thief.pick(3)];
    let error = if thief.coin() {
        fr(thief.size(30))
    } else {
        fr(density(thief.size(19))) - thief.value(cell)
    };
    moved(thief, cell, error)
}

/// v, Q, rem, comp and z of a European option's exposure.
fn quotient(thief: &Thief<'_>, i: usize) -> [Cell; 5] {
    let row = thief.rows.exposure(OPTIONS, i);
    [(1, row), (2, row), (3, row), (4, row), (3, row + 1)]
}

/// `phi / v` off, with the remainder.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let [v, quotient, remainder, ..] = quotient(thief, i);
    let (v, error) = (thief.value(v), fr(thief.error(12)));
    if v == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    scene.forge(quotient, thief.value(quotient) + error);
    scene.forge(remainder, thief.value(remainder) - error * v);
    forged(scene)
}

/// `phi / v` in the field, its remainder in range.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let [v, quotient, remainder, ..] = quotient(thief, i);
    let v = thief.value(v);
    let Some(below) = field::to_int(&v).to_i128().filter(|v| *v > 0) else {
        return Drawn::Redraw;
    };
    let left = fr(thief.size(36) % below);
    let less = thief.value(remainder) - left;
    if less == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    scene.forge(quotient, thief.value(quotient) + less * inverse(v));
    scene.forge(remainder, left);
    forged(scene)
}

/// Quotient, remainder, complement or flag alone.
pub fn quotient_alone(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let row = thief.rows.exposure(OPTIONS, i);
    let cell = [(2, row), (3, row), (4, row), (3, row + 1)][thief.pick(4)];
    let error = thief.error(20);
    moved(thief, cell, fr(error))
}

/// No time left, without cause: no gamma.
pub fn expired_without_cause(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let [v, quotient, remainder, complement, expired] = quotient(thief, i);
    if thief.value(v) == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    scene.forge(expired, Fr::ONE);
    scene.forge(quotient, Fr::ZERO);
    scene.forge(remainder, Fr::ZERO);
    scene.forge(complement, thief.value(v));
    forged(scene)
}

/// Time left, at `v = 0`: any gamma. Or the flag set, and a quotient all the same. Here in padding, which has no volatility.
pub fn expiry_denied(thief: &mut Thief<'_>) -> Drawn {
    let count = thief.honest.witness.slots.options.len();
    let zero = |i: &usize| thief.value(quotient(thief, *i)[0]) == Fr::ZERO;
    let all: Vec<usize> = (0..count).filter(zero).collect();
    if all.is_empty() {
        return thief.truth(
            thief.scene(),
            "no option of the account is without volatility",
        );
    }
    let i = all[thief.pick(all.len())];
    let [_, quotient, remainder, complement, expired] = quotient(thief, i);
    let mut scene = thief.scene();
    scene.forge(quotient, fr(thief.size(60)));
    if thief.coin() {
        let phi = thief.value((0, thief.rows.exposure(OPTIONS, i)));
        let raised = phi * field::pow2(RAISED_BITS);
        scene.forge(expired, Fr::ZERO);
        scene.forge(remainder, raised);
        scene.forge(complement, -Fr::ONE - raised);
    }
    forged(scene)
}

/// The two parts of a mantissa or of ln K: high, low, bits of the low part.
fn parts(thief: &mut Thief<'_>) -> (Cell, Cell, u32) {
    let row = thief.rows.exposure(PERPETUALS, thief.slot(PERPETUALS));
    if thief.coin() {
        ((0, row + 2), (3, row + 1), MANTISSA_CUT_BITS)
    } else {
        ((1, row + 2), (4, row + 1), LN_CUT_BITS)
    }
}

/// Units traded between the parts.
pub fn parts_traded(thief: &mut Thief<'_>) -> Drawn {
    let ((high, low, bits), error) = (parts(thief), fr(thief.error(10)));
    let mut scene = thief.scene();
    scene.forge(high, thief.value(high) + error);
    scene.forge(low, thief.value(low) - error * field::pow2(bits));
    forged(scene)
}

/// A high part in the field, the low part in range.
pub fn part_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (high, low, bits) = parts(thief);
    let other = fr(thief.size(30.min(bits.into())) - 1);
    let less = thief.value(low) - other;
    if less == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    scene.forge(low, other);
    scene.forge(high, thief.value(high) + less * inverse(field::pow2(bits)));
    forged(scene)
}

/// One part alone, or what the parts make: W, H, L.
pub fn part_alone(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.exposure(PERPETUALS, thief.slot(PERPETUALS));
    let cells = [(3, 1), (4, 1), (0, 2), (1, 2), (2, 2), (3, 2), (4, 2)];
    let (column, below) = cells[thief.pick(cells.len())];
    let error = thief.error(20);
    moved(thief, (column, row + below), fr(error))
}

/// Delta, gamma or vega alone of a position in a section.
pub fn value_altered<const SECTION: usize>(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(SECTION);
    let cell = (thief.pick(3), thief.rows.pole(SECTION, i) - 1);
    let error = fr(thief.error(120)) * field::pow2(thief.pick(40) as u32);
    moved(thief, cell, error)
}

/// The copies that an exposure is computed from, by section: column and rows below its first.
const COPIES: [&[Cell]; 5] = [
    &[(1, 0), (0, 1), (1, 1), (2, 1), (3, 3)],
    &[
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 0),
        (4, 0),
        (0, 1),
        (1, 1),
        (2, 1),
        (2, 4),
        (3, 4),
        (4, 4),
        (3, 5),
    ],
    &[(3, 0), (4, 0)],
    &[(3, 1)],
    &[(3, 1), (4, 1)],
];

/// What a section's exposure is computed from, copied wrong.
pub fn copy_altered<const SECTION: usize>(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(SECTION);
    let (column, below) = COPIES[SECTION][thief.pick(COPIES[SECTION].len())];
    let cell = (column, thief.rows.exposure(SECTION, i) + below);
    let error = thief.size(20);
    moved(thief, cell, fr(error))
}
