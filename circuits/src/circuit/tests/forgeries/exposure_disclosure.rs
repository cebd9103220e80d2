//! Lies about what is disclosed of a claimed sum.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::{
        harness::{Scene, fr, inverse},
        rows::Cell,
    },
    exposure_stage::NUMBERS,
    thief::{Drawn, Thief},
};
use crate::{
    circuit::opening::{EXPOSURE_TICK, EXPOSURES_SHOWN},
    engine::exposure::{BUCKET_BITS, CUT_BITS, DOLLAR, QUOTIENT_BITS, UNIT_BITS, cut},
    field,
};

/// The cells of a cut: X, q', r, tick, shown; b', r2, comp, out.
struct Cut {
    sum: Cell,
    quotient: Cell,
    remainder: Cell,
    tick: Cell,
    shown: Cell,
    bucket: Cell,
    rest: Cell,
    complement: Cell,
    out: Cell,
    bits: u32,
}

impl Cut {
    fn at(thief: &Thief<'_>, claim: usize, number: usize) -> Self {
        let row = thief.rows.cut(claim, number);
        Self {
            sum: (0, row),
            quotient: (1, row),
            remainder: (2, row),
            tick: (3, row),
            shown: (4, row),
            bucket: (0, row + 1),
            rest: (1, row + 1),
            complement: (2, row + 1),
            out: (3, row + 1),
            bits: CUT_BITS[number],
        }
    }
}

fn pick(thief: &mut Thief<'_>) -> Cut {
    let (claim, number) = (thief.pick(thief.rows.underlyings), thief.pick(NUMBERS));
    Cut::at(thief, claim, number)
}

fn forged(scene: Scene) -> Drawn {
    Drawn::Forged(Box::new(scene))
}

/// A tick in units of 1e-16 USD.
fn scaled(thief: &Thief<'_>) -> Fr {
    fr(i128::from(thief.honest.table.rules.exposure_tick) * i128::from(DOLLAR))
}

/// A sum's quotient off, with its remainder and all that follows.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let (cell, error, mut scene) = (pick(thief), thief.error(60), thief.scene());
    let sum = field::to_int(&(thief.value(cell.sum) * thief.value(cell.shown)));
    let tick = BigInt::from(thief.honest.table.rules.exposure_tick);
    // As of a sum that is so much greater.
    let other = cut(
        &(sum + (BigInt::from(error) << cell.bits)),
        cell.bits,
        &tick,
    );
    let [quotient, bucket] = [
        (&other.quotient, QUOTIENT_BITS),
        (&other.bucket, BUCKET_BITS),
    ]
    .map(|(part, bits)| field::from_int(part) + field::pow2(bits));
    let remainder = thief.value(cell.remainder) - fr(error) * field::pow2(cell.bits);
    scene.forge(cell.quotient, quotient);
    scene.forge(cell.remainder, remainder);
    scene.forge(cell.bucket, bucket);
    scene.forge(cell.rest, field::from_int(&other.bucket_remainder));
    forged(scene)
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
        let left = fr(thief.size(60));
        let quotient = thief.value(cell.quotient) - field::pow2(QUOTIENT_BITS);
        let bucket = (quotient * field::pow2(UNIT_BITS) - left) * inverse(scaled(thief));
        scene.forge(cell.bucket, bucket + field::pow2(BUCKET_BITS));
        scene.forge(cell.rest, left);
        return forged(scene);
    }
    let left = fr(thief.size(99));
    let quotient =
        (thief.value(cell.sum) * thief.value(cell.shown) - left) * inverse(field::pow2(cell.bits));
    scene.forge(cell.quotient, quotient + field::pow2(QUOTIENT_BITS));
    scene.forge(cell.remainder, left);
    // A bucket of the forged quotient.
    let rest = fr(thief.size(60));
    let bucket = (quotient * field::pow2(UNIT_BITS) - rest) * inverse(scaled(thief));
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

/// A tick that is not the policy's, or none: everywhere, or for one number.
pub fn tick_altered(thief: &mut Thief<'_>) -> Drawn {
    let (cut, mut scene, everywhere) = (pick(thief), thief.scene(), thief.coin());
    let honest = fr(thief.honest.table.rules.exposure_tick.into());
    let none = thief.pick(4) == 0;
    let value = if none {
        Fr::ZERO
    } else {
        honest + fr(thief.size(40))
    };
    scene.forge(
        if everywhere {
            (0, EXPOSURE_TICK)
        } else {
            cut.tick
        },
        value,
    );
    let claims = (0..thief.rows.underlyings).flat_map(|i| (0..NUMBERS).map(move |j| (i, j)));
    let cuts = if everywhere {
        claims.map(|(i, j)| Cut::at(thief, i, j)).collect()
    } else {
        vec![cut]
    };
    // Nothing is a multiple of no tick: all is left, in no bucket.
    for cut in cuts.iter().filter(|_| none) {
        let quotient = thief.value(cut.quotient) - field::pow2(QUOTIENT_BITS);
        scene.forge(cut.rest, quotient * field::pow2(UNIT_BITS));
    }
    forged(scene)
}

/// Disclosure switched on or off, or to what is neither: everywhere, for one number, or for one underlying's.
pub fn shown_altered(thief: &mut Thief<'_>) -> Drawn {
    let (cell, mut scene) = (pick(thief), thief.scene());
    let honest = Fr::from(u64::from(thief.honest.table.rules.exposures_shown));
    let value = if thief.pick(4) == 0 {
        thief.field()
    } else {
        Fr::ONE - honest
    };
    let uid = thief.rows.underlying(thief.pick(thief.rows.underlyings));
    let cells = [(0, EXPOSURES_SHOWN), cell.shown, (1, uid)];
    scene.forge(cells[thief.pick(cells.len())], value);
    scene.disclose();
    forged(scene)
}

/// A number, or an underlying, that is disclosed and is not the claimed one: published as the circuit's own, or not.
pub fn out_altered(thief: &mut Thief<'_>) -> Drawn {
    let (cell, mut scene) = (pick(thief), thief.scene());
    let uid = thief.rows.underlying(thief.pick(thief.rows.underlyings));
    let cell = if thief.pick(4) == 0 {
        (2, uid)
    } else {
        cell.out
    };
    let value = thief.value(cell) + fr(thief.error(50));
    let published = thief.coin();
    if published {
        scene.forge(cell, value);
        scene.disclose();
        return forged(scene);
    }
    let mut disclosed = thief.rows.disclosed();
    let (row, _) = disclosed.find(|(_, out)| *out == cell).expect("disclosed");
    scene.forge((0, row), value);
    scene.instance[0][row] = value;
    forged(scene)
}
