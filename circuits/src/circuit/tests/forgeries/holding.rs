//! Lies about an option's sizes, key and charge; two openings of one element.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use zkmargin_tamper::Cell;

use super::{
    super::{
        harness::{Scene, fr, inverse},
        rows::OptionRows,
    },
    thief::{Drawn, Thief},
};
use crate::{
    engine::option::epsilon_per_unit,
    field,
    slots::{KEY_SHIFT, OptionSlot, Slots},
};

const NEGATIVE_ZERO: &str = "a size of zero has no sign";

/// An option with other sizes, and its honest element.
fn resized(
    thief: &mut Thief<'_>,
    lie: impl Fn(&mut Thief<'_>, &mut OptionSlot),
) -> (usize, Scene, Fr) {
    let i = thief.position(0);
    let mut slots = thief.slots();
    let honest = slots.options[i].element();
    lie(thief, &mut slots.options[i]);
    (i, thief.holding(slots), honest)
}

fn one_size(thief: &mut Thief<'_>, slot: &mut OptionSlot) {
    let size = if thief.coin() {
        &mut slot.calls
    } else {
        &mut slot.puts
    };
    match thief.pick(3) {
        0 => *size = -*size,
        1 => *size = 0,
        _ => *size += thief.error(34),
    }
}

/// Sizes that are not the committed ones: the commitment follows, or its element does not.
pub fn size_altered(thief: &mut Thief<'_>) -> Drawn {
    let (i, mut scene, honest) = resized(thief, one_size);
    if scene.witness.slots.options[i].element() == honest {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    match thief.pick(3) {
        0 => {}
        1 => scene.forge(thief.rows.option(i).element(), honest),
        // The slot's element lies along, the hash takes the honest one.
        _ => {
            for cell in thief.rows.hash_of(i) {
                scene.forge(cell, thief.image.value(Cell::advice(cell.0, cell.1)));
            }
        }
    }
    thief.settled(scene)
}

/// Another group's market for a slot; the order of slots may break as well.
pub fn key_of_another_group(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(0);
    let mut slots = thief.slots();
    let honest = slots.options[i].element();
    let g = thief.other_group(thief.honest.witness.portfolio.options[i].group);
    slots.options[i].key = thief.honest.table.options[g].key;
    let mut scene = thief.holding(slots);
    if thief.coin() {
        scene.forge(thief.rows.option(i).element(), honest);
    }
    thief.settled(scene)
}

/// Any sizes, and the key that makes up for them in the field.
pub fn key_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (i, mut scene, honest) = resized(thief, one_size);
    let slot = scene.witness.slots.options[i].clone();
    if slot.element() == honest {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    let key = field::from_int(&BigInt::from(slot.key));
    let shift = inverse(field::pow2(KEY_SHIFT));
    let rows = thief.rows.option(i);
    scene.forge(rows.element(), honest);
    scene.forge(rows.base_row()[4], key + (honest - slot.element()) * shift);
    thief.settled(scene)
}

/// Units moved between the fields of one element: puts to calls, calls to strike, or both.
pub fn carried(slot: &mut OptionSlot, between: usize, units: i128) {
    if between != 1 {
        slot.calls += units;
        slot.puts -= units << 51;
    }
    if between != 0 {
        slot.strike += units;
        slot.calls -= units << 51;
    }
}

/// Two openings of one element by a carry.
pub fn size_carried(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(0);
    let mut slots: Slots = thief.slots();
    let slot = &mut slots.options[i];
    if thief.coin() {
        // The committed size is the greatest there is, of either sign.
        let most = (1 << 50) - 1;
        slot.puts = if thief.coin() { most } else { -most };
    }
    let (honest, between) = (slot.element(), thief.pick(3));
    let units = thief.error(8);
    carried(slot, between, units);
    assert_eq!(slot.element(), honest, "a carry");
    if !(1..1 << 50).contains(&slot.strike) {
        return Drawn::Redraw;
    }
    let mut committed = slots.clone();
    let slot = &mut committed.options[i];
    carried(slot, between, -units);
    let claimed = committed.commitment();
    let mut scene = thief.holding(slots);
    scene.settle();
    scene.claim(claimed);
    Drawn::Forged(Box::new(scene))
}

fn size_cells(rows: &OptionRows, calls: bool) -> ((usize, usize), (usize, usize)) {
    let column = if calls { 0 } else { 2 };
    ((column, rows.holding + 2), (column + 1, rows.holding + 2))
}

/// A magnitude below zero and the other sign: the same signed size, the same element, but less is
/// held and charged.
pub fn negative_magnitude(thief: &mut Thief<'_>) -> Drawn {
    let (i, calls) = (thief.position(0), thief.coin());
    let rows = thief.rows.option(i);
    let (magnitude, sign) = size_cells(&rows, calls);
    let mut scene = thief.scene();
    let slot = scene.witness.slots.options[i].clone();
    let (size, other) = if calls {
        (slot.calls, slot.puts)
    } else {
        (slot.puts, slot.calls)
    };
    scene.forge(magnitude, fr(-size.abs()));
    scene.forge(sign, fr((size >= 0).into()));
    if size == 0 {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    let group = &scene.table.options[scene.witness.portfolio.options[i].group];
    let short = (-other).max(0) + if size >= 0 { -size } else { 0 };
    let (charge, held) = (short * group.short_charge, other.abs() - size.abs());
    let trace = &mut scene.witness.portfolio.options[i];
    trace.charge = charge;
    for market in [&mut trace.base, &mut trace.moved] {
        let unit = epsilon_per_unit(market.discounted_forward, market.discounted_strike);
        market.epsilon = unit * held;
    }
    scene.forge(rows.charge(), fr(charge));
    scene.forge((2, rows.holding + 3), fr(held));
    thief.settled(scene)
}

/// The sign's bit alone, or a bit that is none.
pub fn sign_bit(thief: &mut Thief<'_>) -> Drawn {
    let (i, calls, bit) = (thief.position(0), thief.coin(), thief.coin());
    let mut scene = thief.scene();
    let slot = &scene.witness.slots.options[i];
    let size = if calls { slot.calls } else { slot.puts };
    let (_, sign) = size_cells(&thief.rows.option(i), calls);
    let honest = Fr::from(u64::from(size < 0));
    let forged = if bit { Fr::ONE - honest } else { thief.field() };
    scene.forge(sign, forged);
    if size == 0 && bit {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    thief.settled(scene)
}

/// A charge that forgets the short side, or charges more.
pub fn charge_altered(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let trace = &mut scene.witness.portfolio.options[i];
    let charge = if thief.coin() {
        0
    } else {
        trace.charge + thief.error(70)
    };
    let truth = charge == trace.charge;
    trace.charge = charge;
    scene.forge(thief.rows.option(i).charge(), fr(charge));
    if truth {
        return thief.truth(scene, "nothing is short");
    }
    thief.settled(scene)
}
