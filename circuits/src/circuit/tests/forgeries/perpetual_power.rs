//! Lies about a perpetual option's power: exponent, what is nothing, table rows.

use ff::Field;

use super::{
    super::harness::{fr, inverse},
    perpetual_stage::{Stage, mantissa, price, price_with, raw},
    places::Cell,
    thief::{Drawn, Thief},
};
use crate::{
    field,
    tables::{self, FIRST_SHIFT, LAST_SHIFT, Row},
};

/// An exponent whose whole part has a power.
fn some_exponent(thief: &mut Thief<'_>) -> i128 {
    let shift = i128::from(FIRST_SHIFT) + thief.pick(40) as i128;
    (shift << 46) + (thief.size(46) - 1)
}

/// `n` where the exponent is not below 8: h below zero, a shift below the powers, or h in the field.
pub fn nothing_claimed(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (slot, row) = (stage.slot.clone(), stage.row);
    let which = thief.pick(3);
    let (exponent, remainder) = (some_exponent(thief), thief.size(50) - 1);
    let t = stage.market();
    if t.nothing {
        return thief.truth(stage.scene, "the power is nothing");
    }
    let proved = (16 << 96) - 1 - raw(t);
    t.nothing = true;
    t.remainder = proved & ((1 << 50) - 1);
    let mut excess = None;
    match which {
        0 => {
            t.excess = (proved >> 96) - 8;
            t.exponent = (proved - (t.excess << 96)) >> 50;
        }
        1 => t.exponent = proved >> 50,
        _ => {
            (t.exponent, t.remainder) = (exponent, remainder);
            let left = fr(proved - remainder - (exponent << 50));
            excess = Some(left * inverse(field::pow2(96)));
        }
    }
    mantissa(t);
    price(t, &slot);
    if let Some(excess) = excess {
        stage.scene.forge((1, row + 3), excess);
    }
    thief.settled(stage.scene)
}

/// `n = 0` where the exponent is below 8: a shift below the powers, h below zero, or a remainder below zero.
pub fn nothing_denied(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let slot = stage.slot.clone();
    let (which, exponent) = (thief.pick(3), some_exponent(thief));
    let t = stage.market();
    if !t.nothing {
        return thief.truth(stage.scene, "the power is something");
    }
    let raw = raw(t);
    (t.nothing, t.excess) = (false, 0);
    t.remainder = raw & ((1 << 50) - 1);
    match which {
        0 => t.exponent = raw >> 50,
        1 => {
            t.excess = (raw >> 96) - 8;
            t.exponent = (raw - (t.excess << 96)) >> 50;
        }
        _ => (t.exponent, t.remainder) = (exponent, raw - (exponent << 50)),
    }
    mantissa(t);
    price(t, &slot);
    thief.settled(stage.scene)
}

fn has_power(shift: i128) -> bool {
    tables::power(shift).is_some()
}

/// The exponent off by some units, with its remainder.
pub fn exponent_off(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, error) = (Stage::new(thief), thief.error(12));
    let slot = stage.slot.clone();
    let t = stage.market();
    t.exponent += error;
    t.remainder -= error << 50;
    if !has_power(t.shift()) {
        return Drawn::Redraw;
    }
    mantissa(t);
    price(t, &slot);
    thief.settled(stage.scene)
}

/// An exponent in the field for a remainder in range: alone, with a shift or an index that makes up for it, or h in its
/// place.
pub fn exponent_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, remainder) = (Stage::new(thief), thief.size(50) - 1);
    let (row, which) = (stage.row, thief.pick(4));
    let t = stage.market();
    if remainder == t.remainder {
        return Drawn::Redraw;
    }
    let change = fr(t.remainder - remainder) * inverse(field::pow2(50));
    let (y, shift) = (fr(t.exponent) + change, fr(t.shift()));
    let (index, excess) = (fr(t.row()), fr(t.excess));
    t.remainder = remainder;
    let part = |bits| change * inverse(field::pow2(bits));
    if which < 3 {
        stage.scene.forge((2, row + 3), y);
    }
    match which {
        0 => {}
        1 => stage.scene.forge((0, row + 5), shift + part(46)),
        2 => stage.scene.forge((0, row + 4), index + part(40)),
        _ => stage.scene.forge((1, row + 3), excess + part(46)),
    }
    thief.settled(stage.scene)
}

/// h where the exponent counts, or h moved into the power where it does not.
pub fn excess(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, units) = (Stage::new(thief), thief.error(5));
    let slot = stage.slot.clone();
    let t = stage.market();
    t.excess += units;
    t.exponent -= units << 46;
    if !has_power(t.shift()) {
        return Drawn::Redraw;
    }
    price(t, &slot);
    thief.settled(stage.scene)
}

fn forge_row(stage: &mut Stage, at: usize, index: i128, row: &Row) {
    let cells: [Cell; 5] = std::array::from_fn(|column| (column, stage.row + at));
    let values = [index, row[0], row[1], row[2], row[3]];
    stage.scene.forge_all(&cells, &values);
}

/// Another power of two: alone, or with an index or a rest that makes up for it.
pub fn shift_off(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, which) = (Stage::new(thief), thief.pick(3));
    // A greater rest goes with a lesser shift.
    let by = if which == 2 { -1 } else { thief.error(0) };
    let slot = stage.slot.clone();
    let t = stage.market();
    let (shift, index, rest) = (t.shift() + by, t.row() - 64 * by, t.rest() + (1 << 46));
    let own = tables::EXP[t.row() as usize];
    let Some(power) = tables::power(shift) else {
        return Drawn::Redraw;
    };
    if which == 2 {
        t.mantissa = tables::exp_cubic(&own, rest);
    }
    price_with(t, &slot, power[1]);
    forge_row(&mut stage, 5, shift, &power);
    match which {
        0 => {}
        1 => forge_row(&mut stage, 4, index, &own),
        _ => stage.scene.forge((3, stage.row + 3), fr(rest)),
    }
    thief.settled(stage.scene)
}

/// The neighbouring row of 2^x: under the own index, under its own, or with a rest that makes up for it.
pub fn exp_neighbour(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, which) = (Stage::new(thief), thief.pick(3));
    let by = if which == 2 { -1 } else { thief.error(0) };
    let slot = stage.slot.clone();
    let t = stage.market();
    let (own, other) = (t.row(), t.row() + by);
    let row = usize::try_from(other).ok();
    let Some(row) = row.and_then(|row| tables::EXP.get(row)) else {
        return Drawn::Redraw;
    };
    let rest = t.rest() + if which == 2 { 1 << 40 } else { 0 };
    t.mantissa = tables::exp_cubic(row, rest);
    price(t, &slot);
    forge_row(&mut stage, 4, if which == 0 { own } else { other }, row);
    stage.scene.forge((3, stage.row + 3), fr(rest));
    thief.settled(stage.scene)
}

/// The power of another shift, under the own shift or its own.
pub fn power_of_another_shift(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, mixed) = (Stage::new(thief), thief.coin());
    let slot = stage.slot.clone();
    let t = stage.market();
    let own = t.shift();
    let other =
        i128::from(FIRST_SHIFT) + thief.pick((LAST_SHIFT - FIRST_SHIFT + 1) as usize) as i128;
    if other == own {
        return Drawn::Redraw;
    }
    let power = tables::power(other).expect("a power");
    price_with(t, &slot, power[1]);
    forge_row(&mut stage, 5, if mixed { own } else { other }, &power);
    thief.settled(stage.scene)
}

/// Another function's row for 2^x or 2^k, or none, with the difference of two kinds in it or not.
pub fn another_kind(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, exp) = (Stage::new(thief), thief.coin());
    let (slot, which) = (stage.slot.clone(), thief.pick(4));
    let hidden = (thief.pick(20) as i128) << 99;
    let t = stage.market();
    let index = if exp { t.row() } else { t.shift() };
    let at = index as usize;
    let row = match which {
        0 => tables::NORMAL.get(at).copied(),
        1 => tables::LN.get(at).copied(),
        2 if exp => tables::power(index),
        2 => tables::EXP.get(at).copied(),
        _ => Some([0; 4]),
    };
    let Some(mut row) = row else {
        return Drawn::Redraw;
    };
    if exp {
        row[0] += hidden;
        t.mantissa = tables::exp_cubic(&row, t.rest());
        price(t, &slot);
        forge_row(&mut stage, 4, index, &row);
    } else {
        price_with(t, &slot, row[1]);
        forge_row(&mut stage, 5, index, &row);
    }
    thief.settled_anyhow(stage.scene)
}

/// One remainder or distance, or one number of the exponent, alone.
pub fn part_alone(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, error) = (Stage::new(thief), thief.error(40));
    let row = stage.row;
    let which = thief.pick(6);
    let any = thief.field();
    let t = stage.market();
    match which {
        0 => t.above_low += error,
        1 => t.below_high += error,
        2 => t.remainder += error,
        3 => t.excess += error,
        4 => {
            let forged = fr(t.exponent + error);
            stage.scene.forge((2, row + 3), forged);
        }
        _ => {
            assert!(!bool::from(any.is_zero()));
            stage.scene.forge((0, row + 3), any);
        }
    }
    thief.settled(stage.scene)
}
