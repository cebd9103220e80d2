//! Lies about the exposure of one position.

use ff::Field;
use halo2curves::bn256::Fr;
use num_traits::ToPrimitive;

use super::{
    super::harness::{Scene, fr, inverse},
    places::Cell,
    section::{OPTIONS, PERPETUALS},
    thief::{Drawn, Thief},
};
use crate::{
    engine::exposure::{LN_CUT_BITS, MANTISSA_CUT_BITS, RAISED_BITS, density},
    field,
};

/// The scene, unless what follows is out of range.
fn forged(thief: &mut Thief<'_>, scene: Scene) -> Drawn {
    thief.settled(scene)
}

/// A cell with an error on it.
fn moved(thief: &mut Thief<'_>, cell: Cell, error: Fr) -> Drawn {
    thief.moved(cell, error)
}

/// The density off, that of another d1, or a copy of it altered.
pub fn another_density(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let (base, row) = (thief.rows.option(i).base, thief.rows.exposure(OPTIONS, i));
    let cell = [(4, base + 2), (4, row + 2)][thief.pick(2)];
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
    [
        (0, row + 1),
        (3, row + 2),
        (1, row + 1),
        (2, row + 1),
        (3, row + 1),
    ]
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
    forged(thief, scene)
}

/// `phi / v` in the field, its remainder in range.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    // Where exposures are used such a gamma is out of range itself.
    thief.under(
        |table, _| !table.rules.exposures_used,
        |thief| {
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
            forged(thief, scene)
        },
    )
}

/// Quotient, remainder, complement or flag alone.
pub fn quotient_alone(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let row = thief.rows.exposure(OPTIONS, i);
    let cell = [(3, row + 2), (1, row + 1), (2, row + 1), (3, row + 1)][thief.pick(4)];
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
    forged(thief, scene)
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
        let phi = thief.value((4, thief.rows.exposure(OPTIONS, i) + 2));
        let raised = phi * field::pow2(RAISED_BITS);
        scene.forge(expired, Fr::ZERO);
        scene.forge(remainder, raised);
        scene.forge(complement, -Fr::ONE - raised);
    }
    forged(thief, scene)
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
    forged(thief, scene)
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
    forged(thief, scene)
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

/// The copies that an exposure is computed from, by section: column and rows below its first (of perpetual options, the first
/// of the deltas' magnitudes).
const COPIES: [&[Cell]; 5] = [
    &[
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 0),
        (4, 0),
        (0, 1),
        (0, 2),
        (1, 2),
        (2, 2),
        (4, 2),
    ],
    &[
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 0),
        (4, 0),
        (0, 1),
        (1, 1),
        (2, 1),
        (0, 2),
        (1, 2),
        (2, 2),
        (3, 2),
        (4, 2),
        (0, 3),
        (1, 3),
        (2, 3),
        (2, 6),
        (3, 6),
        (4, 6),
        (3, 7),
    ],
    &[(3, 0), (4, 0)],
    &[],
    &[(3, 1), (4, 1)],
];

/// First row of what a section's exposure is computed from.
fn first(thief: &Thief<'_>, section: usize, i: usize) -> usize {
    let row = thief.rows.exposure(section, i);
    if section == PERPETUALS { row - 2 } else { row }
}

/// What a section's exposure is computed from, copied wrong.
pub fn copy_altered<const SECTION: usize>(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(SECTION);
    let (column, below) = COPIES[SECTION][thief.pick(COPIES[SECTION].len())];
    let cell = (column, first(thief, SECTION, i) + below);
    let error = thief.size(20);
    moved(thief, cell, fr(error))
}

/// Deltas' magnitudes altered, or what the slot loses.
pub fn gross_altered(thief: &mut Thief<'_>) -> Drawn {
    let section = [OPTIONS, PERPETUALS][thief.pick(2)];
    let slot = thief.slot(section);
    let row = first(thief, section, slot);
    let cell = if section == OPTIONS {
        (4, row + 1)
    } else {
        (3, row + 1)
    };
    let error = fr(thief.error(120)) * field::pow2(thief.pick(60) as u32);
    moved(thief, cell, error)
}

/// Calls for puts in the deltas' magnitudes.
pub fn sides_exchanged(thief: &mut Thief<'_>) -> Drawn {
    thief.under(
        |table, s| table.scenarios[s].gross != 0,
        |thief| {
            let section = [OPTIONS, PERPETUALS][thief.pick(2)];
            let i = thief.position(section);
            let row = first(thief, section, i);
            let [a, b] = [0, 1].map(|column| thief.value((column, row)));
            let mut scene = thief.scene();
            // G, or |p|.
            let puts = if section == OPTIONS { b - a } else { b };
            if puts == a {
                return thief.truth(scene, "as many calls as puts");
            }
            scene.forge((0, row), puts);
            if section == PERPETUALS {
                scene.forge((1, row), a);
            }
            thief.settled(scene)
        },
    )
}

/// A perpetual option's loss altered, an epsilon left out of it, or a copy that it is made from.
pub fn fallen_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.at("q_perpetual_loss", thief.slot(PERPETUALS));
    match thief.pick(4) {
        0 => {
            let error = fr(thief.error(120)) * field::pow2(thief.pick(60) as u32);
            moved(thief, (3, row), error)
        }
        1 => {
            let epsilon = thief.value((1, row));
            moved(thief, (3, row), epsilon)
        }
        2 => {
            let epsilon = thief.value((4, row - 1));
            moved(thief, (3, row), epsilon)
        }
        _ => {
            let own = thief.value((2, row));
            let cell = (thief.pick(3), row);
            let error = if cell.0 == 2 {
                Fr::ONE - own.double()
            } else {
                fr(thief.error(100))
            };
            moved(thief, cell, error)
        }
    }
}
