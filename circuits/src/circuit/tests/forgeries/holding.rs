//! Lies about an option's sizes, key and charge, European or perpetual; two openings of one element.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use zkmargin_tamper::Cell;

use super::{
    super::harness::{Scene, fr, inverse},
    places,
    section::{self, OPTIONS, PERPETUALS},
    thief::{Drawn, Thief},
};
use crate::{
    engine::{option, perpetual},
    field,
    slots::{KEY_SHIFT, OptionSlot},
};

const NEGATIVE_ZERO: &str = "a size of zero has no sign";

/// A position of one of the two sections of options.
struct Held {
    section: usize,
    i: usize,
    /// First row of its holding.
    row: usize,
    /// Number of its group.
    group: usize,
    /// The sides that its group prices: both, calls, puts.
    mask: i128,
}

impl Held {
    fn pick(thief: &mut Thief<'_>) -> Self {
        let section = [OPTIONS, PERPETUALS][thief.pick(2)];
        let i = thief.position(section);
        let (portfolio, table) = (&thief.honest.witness.portfolio, &thief.honest.table);
        let (group, mask) = if section == OPTIONS {
            (portfolio.options[i].group, 0)
        } else {
            let group = portfolio.perpetual_options[i].group;
            (group, table.perpetual_options[group].base_row(group)[1])
        };
        Self {
            section,
            i,
            row: thief.rows.slot(section, i),
            group,
            mask,
        }
    }

    /// A side that the group prices: calls or not.
    fn side(&self, thief: &mut Thief<'_>) -> bool {
        let calls = thief.coin();
        if self.mask == 0 {
            calls
        } else {
            self.mask == 1
        }
    }

    fn slot(&self, scene: &Scene) -> OptionSlot {
        section::book(&scene.witness.slots, self.section)[self.i].clone()
    }

    fn element(&self) -> places::Cell {
        (4, self.row + 1)
    }

    /// Epsilon of both markets for what is held.
    fn hold(&self, scene: &mut Scene, held: i128) {
        let portfolio = &mut scene.witness.portfolio;
        if self.section == OPTIONS {
            let trace = &mut portfolio.options[self.i];
            for t in [&mut trace.base, &mut trace.moved.market] {
                let unit = option::epsilon_per_unit(t.discounted_forward, t.discounted_strike);
                t.epsilon = unit * held;
            }
        } else {
            let trace = &mut portfolio.perpetual_options[self.i];
            for t in [&mut trace.base, &mut trace.moved] {
                t.epsilon = perpetual::epsilon_per_unit(t.spot, t.discounted_strike) * held;
            }
        }
    }
}

/// An option with another size, and its honest element.
fn resized(thief: &mut Thief<'_>) -> (Held, Scene, Fr) {
    let held = Held::pick(thief);
    let calls = held.side(thief);
    let mut slots = thief.slots();
    let slot = &mut section::book_mut(&mut slots, held.section)[held.i];
    let honest = slot.element();
    let size = if calls {
        &mut slot.calls
    } else {
        &mut slot.puts
    };
    match thief.pick(3) {
        0 => *size = -*size,
        1 => *size = 0,
        _ => *size += thief.error(34),
    }
    (held, thief.holding(slots), honest)
}

/// Sizes that are not the committed ones: the commitment follows, or its element does not.
pub fn size_altered(thief: &mut Thief<'_>) -> Drawn {
    let (held, mut scene, honest) = resized(thief);
    if held.slot(&scene).element() == honest {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    match thief.pick(3) {
        0 => {}
        1 => scene.forge(held.element(), honest),
        // The slot's element lies along, the hash takes the honest one.
        _ => {
            let counts = places::slots(thief.honest.witness.slots.shape.capacity());
            let before: usize = counts[..held.section].iter().sum();
            for cell in thief.rows.hash_of(before + held.i) {
                scene.forge(cell, thief.image.value(Cell::advice(cell.0, cell.1)));
            }
        }
    }
    thief.settled(scene)
}

/// Another group's market for a slot; the order of slots, or the sides that the group prices, may break as well.
pub fn key_of_another_group(thief: &mut Thief<'_>) -> Drawn {
    let held = Held::pick(thief);
    let (mut slots, table) = (thief.slots(), &thief.honest.table);
    let slot = &mut section::book_mut(&mut slots, held.section)[held.i];
    let honest = slot.element();
    slot.key = if held.section == OPTIONS {
        table.options[thief.other_group(held.group)].key
    } else {
        let g = thief.other(held.group, table.perpetual_options.len());
        table.perpetual_options[g].key
    };
    let mut scene = thief.holding(slots);
    if thief.coin() {
        scene.forge(held.element(), honest);
    }
    thief.settled(scene)
}

/// Any sizes, and the key that makes up for them in the field.
pub fn key_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (held, mut scene, honest) = resized(thief);
    let slot = held.slot(&scene);
    if slot.element() == honest {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    let key = field::from_int(&BigInt::from(slot.key));
    let shift = inverse(field::pow2(KEY_SHIFT));
    scene.forge(held.element(), honest);
    scene.forge((4, held.row), key + (honest - slot.element()) * shift);
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
    let held = Held::pick(thief);
    let mut slots = thief.slots();
    let slot = &mut section::book_mut(&mut slots, held.section)[held.i];
    if thief.coin() && held.mask != 1 {
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
    let slot = &mut section::book_mut(&mut committed, held.section)[held.i];
    carried(slot, between, -units);
    let claimed = committed.commitment();
    let mut scene = thief.holding(slots);
    scene.claim(claimed);
    thief.settled_anyhow(scene)
}

/// A magnitude below zero and the other sign: the same signed size, the same element, but less is
/// held and charged.
pub fn negative_magnitude(thief: &mut Thief<'_>) -> Drawn {
    let held = Held::pick(thief);
    let (calls, row) = (held.side(thief), held.row);
    let mut scene = thief.scene();
    let slot = held.slot(&scene);
    let (size, other) = if calls {
        (slot.calls, slot.puts)
    } else {
        (slot.puts, slot.calls)
    };
    let column = if calls { 0 } else { 2 };
    scene.forge((column, row + 2), fr(-size.abs()));
    scene.forge((column + 1, row + 2), fr((size >= 0).into()));
    if size == 0 {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    let sum = other.abs() - size.abs();
    held.hold(&mut scene, sum);
    scene.forge((2, row + 3), fr(sum));
    thief.settled(scene)
}

/// The sign's bit alone, or a bit that is none.
pub fn sign_bit(thief: &mut Thief<'_>) -> Drawn {
    let held = Held::pick(thief);
    let (calls, bit) = (held.side(thief), thief.coin());
    let mut scene = thief.scene();
    let slot = held.slot(&scene);
    let size = if calls { slot.calls } else { slot.puts };
    let sign = (if calls { 1 } else { 3 }, held.row + 2);
    let honest = Fr::from(u64::from(size < 0));
    let forged = if bit { Fr::ONE - honest } else { thief.field() };
    scene.forge(sign, forged);
    if size == 0 && bit {
        return thief.truth(scene, NEGATIVE_ZERO);
    }
    thief.settled(scene)
}
