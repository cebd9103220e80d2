//! Lies about what is cut from a claimed sum and disclosed of it.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{Scene, fr, inverse},
    places::Cell,
    thief::{Drawn, Thief},
};
use crate::{
    circuit::opening::{EXPOSURE_TICK, EXPOSURES_SHOWN},
    engine::exposure::{BUCKET_BITS, CUT_BITS, DOLLAR, QUOTIENT_BITS, UNIT_BITS},
    field,
};

/// Delta, gamma, vega.
const NUMBERS: usize = 3;

/// The cells of a cut: q', r, tick, shown; b', r2, comp, out; the header's row.
struct Cut {
    quotient: Cell,
    remainder: Cell,
    tick: Cell,
    shown: Cell,
    bucket: Cell,
    rest: Cell,
    complement: Cell,
    out: Cell,
    public: usize,
    claim: usize,
    bits: u32,
}

fn pick(thief: &mut Thief<'_>) -> Cut {
    let (claim, j) = (thief.pick(thief.rows.underlyings), thief.pick(NUMBERS));
    cut(thief, claim, j)
}

/// A claim's three.
fn cuts(thief: &Thief<'_>, claim: usize) -> [Cut; NUMBERS] {
    std::array::from_fn(|j| cut(thief, claim, j))
}

fn cut(thief: &Thief<'_>, claim: usize, j: usize) -> Cut {
    let row = thief.rows.underlying(claim);
    Cut {
        claim,
        quotient: (j, row + 3),
        remainder: (j, row + 4),
        tick: (1, row + 1),
        shown: (0, row + 2),
        bucket: (2 + j, row + 1),
        rest: (1 + j, row + 2),
        complement: (j, row),
        out: [(3, row), (4, row), (0, row + 1)][j],
        public: thief.rows.number(claim) + 1 + j,
        bits: CUT_BITS[j],
    }
}

fn forged(scene: Scene) -> Drawn {
    Drawn::Forged(Box::new(scene))
}

/// A tick in units of a cut exposure.
fn scaled(thief: &Thief<'_>) -> Fr {
    let tick = i128::from(thief.honest.table.rules.exposure_tick);
    fr(tick * i128::from(DOLLAR >> UNIT_BITS))
}

/// A sum's quotient off, with its remainder and all that follows.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let (cell, error, mut scene) = (pick(thief), fr(thief.error(60)), thief.scene());
    scene.forge(cell.quotient, thief.value(cell.quotient) + error);
    let rest = thief.value(cell.remainder) - error * field::pow2(cell.bits);
    scene.forge(cell.remainder, rest);
    thief.settled(scene)
}

/// A bucket off, with what is left.
pub fn bucket_off(thief: &mut Thief<'_>) -> Drawn {
    let (cell, error, mut scene) = (pick(thief), fr(thief.error(5)), thief.scene());
    let rest = thief.value(cell.rest) - error * scaled(thief);
    scene.forge(cell.bucket, thief.value(cell.bucket) + error);
    scene.forge(cell.rest, rest);
    forged(scene)
}

/// A quotient or a bucket in the field, what is left in range.
pub fn in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (cell, mut scene) = (pick(thief), thief.scene());
    if thief.coin() {
        let left = fr(thief.size(40));
        let change = thief.value(cell.rest) - left;
        if change == Fr::ZERO {
            return Drawn::Redraw;
        }
        let bucket = thief.value(cell.bucket) + change * inverse(scaled(thief));
        scene.forge(cell.bucket, bucket);
        scene.forge(cell.rest, left);
        return forged(scene);
    }
    let left = fr(thief.size(80));
    let change = thief.value(cell.remainder) - left;
    if change == Fr::ZERO {
        return Drawn::Redraw;
    }
    let quotient = thief.value(cell.quotient) + change * inverse(field::pow2(cell.bits));
    scene.forge(cell.quotient, quotient);
    scene.forge(cell.remainder, left);
    // A bucket of the forged quotient.
    let rest = fr(thief.size(40));
    let shown = thief.value(cell.shown);
    let whole = shown * (quotient - field::pow2(QUOTIENT_BITS)) - rest;
    let bucket = whole * inverse(scaled(thief));
    scene.forge(cell.bucket, bucket + field::pow2(BUCKET_BITS));
    scene.forge(cell.rest, rest);
    forged(scene)
}

/// Quotient, remainder, bucket, rest or complement alone.
pub fn part_alone(thief: &mut Thief<'_>) -> Drawn {
    let (cell, mut scene) = (pick(thief), thief.scene());
    let cells = [
        cell.quotient,
        cell.remainder,
        cell.bucket,
        cell.rest,
        cell.complement,
    ];
    let cell = cells[thief.pick(cells.len())];
    let value = thief.value(cell) + fr(thief.error(60));
    scene.forge(cell, value);
    forged(scene)
}

/// A tick that is not the policy's, or none: everywhere, or for one claim.
pub fn tick_altered(thief: &mut Thief<'_>) -> Drawn {
    let (cut, mut scene, everywhere) = (pick(thief), thief.scene(), thief.coin());
    let honest = fr(thief.honest.table.rules.exposure_tick.into());
    let none = thief.pick(4) == 0;
    let value = if none {
        Fr::ZERO
    } else {
        honest + fr(thief.size(40))
    };
    if value == honest {
        return Drawn::Redraw;
    }
    let cuts = if everywhere {
        scene.forge((0, EXPOSURE_TICK), value);
        let claims = 0..thief.rows.underlyings;
        claims.flat_map(|claim| cuts(thief, claim)).collect()
    } else {
        scene.forge(cut.tick, value);
        Vec::from(cuts(thief, cut.claim))
    };
    if none {
        // Of no tick everything is left.
        for cut in cuts {
            let left = thief.value(cut.quotient) - field::pow2(QUOTIENT_BITS);
            scene.forge(cut.rest, thief.value(cut.shown) * left);
        }
    }
    forged(scene)
}

/// Disclosure switched on or off, or to what is neither: everywhere, for a claim's numbers, or for its number.
pub fn shown_altered(thief: &mut Thief<'_>) -> Drawn {
    let (cell, mut scene) = (pick(thief), thief.scene());
    let honest = Fr::from(u64::from(thief.honest.table.rules.exposures_shown));
    let value = if thief.pick(4) == 0 {
        thief.field()
    } else {
        Fr::ONE - honest
    };
    let number = thief.rows.number(thief.pick(thief.rows.underlyings));
    let cells = [(0, EXPOSURES_SHOWN), cell.shown, (2, number)];
    scene.forge(cells[thief.pick(cells.len())], value);
    forged(scene)
}

/// A number, or an underlying, that is disclosed and is not the claimed one: the circuit's own, or the header's alone.
pub fn out_altered(thief: &mut Thief<'_>) -> Drawn {
    let (cell, mut scene) = (pick(thief), thief.scene());
    let error = fr(thief.error(50));
    if thief.coin() {
        scene.forge(cell.out, thief.value(cell.out) + error);
        return forged(scene);
    }
    let row = if thief.pick(4) == 0 {
        thief.rows.number(thief.pick(thief.rows.underlyings))
    } else {
        cell.public
    };
    let value = thief.value((0, row)) + error;
    scene.forge((0, row), value);
    scene.instance[0][row] = value;
    forged(scene)
}
