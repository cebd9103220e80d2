//! Lies about futures and collateral.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::{
        harness::{fr, inverse},
        rows::Cell,
    },
    section::{self, ASSETS, FUTURES, SWAPS},
    thief::{Drawn, Thief},
};
use crate::{
    engine::linear::{ONE, asset_unit},
    field,
    slots::{KEY_SHIFT, SWAP_KEY_SHIFT, Slots},
};

const NO_SIZE: &str = "a size of zero has no sign";

pub fn value_altered(thief: &mut Thief<'_>) -> Drawn {
    let (future, error) = (thief.coin(), thief.error(126));
    let i = thief.position(if future { FUTURES } else { ASSETS });
    let mut scene = thief.scene();
    let portfolio = &mut scene.witness.portfolio;
    if future {
        portfolio.futures[i].value += error;
    } else {
        portfolio.assets[i].value += error;
    }
    thief.settled(scene)
}

pub fn charge_altered(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(FUTURES);
    let mut scene = thief.scene();
    let trace = &mut scene.witness.portfolio.futures[i];
    trace.charge += thief.error(70);
    thief.settled(scene)
}

/// What the scenario's move moves; an asset's value follows it.
pub fn notional_altered(thief: &mut Thief<'_>) -> Drawn {
    let (future, error) = (thief.coin(), thief.error(90));
    let i = thief.position(if future { FUTURES } else { ASSETS });
    let mut scene = thief.scene();
    let portfolio = &mut scene.witness.portfolio;
    if future {
        portfolio.futures[i].notional += error;
    } else {
        portfolio.assets[i].notional += error;
        portfolio.assets[i].value += error * asset_unit();
    }
    thief.settled(scene)
}

/// The mark of another future, or the signed size behind the notional.
pub fn notional_of_another(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(FUTURES);
    let (mut scene, row) = (thief.scene(), thief.rows.future(i));
    let size = scene.witness.slots.futures[i].size;
    let trace = &mut scene.witness.portfolio.futures[i];
    let group = &scene.table.futures[trace.group];
    let (size, mark) = if thief.coin() {
        let other = thief.other(trace.group, scene.table.futures.len());
        let mark = scene.table.futures[other].mark;
        if mark == group.mark {
            return Drawn::Redraw;
        }
        let forged = fr(mark);
        trace.notional = BigInt::from(size * mark) * ONE;
        scene.forge((0, row + 1), forged);
        return thief.settled(scene);
    } else {
        (size + thief.error(34), group.mark)
    };
    trace.notional = BigInt::from(size * mark) * ONE;
    scene.forge((0, row + 3), fr(size));
    thief.settled(scene)
}

/// A future, asset or swap; its key's place in the element.
fn pick(thief: &mut Thief<'_>) -> (usize, usize, u32) {
    let section = [FUTURES, ASSETS, SWAPS][thief.pick(3)];
    let shift = if section == SWAPS {
        SWAP_KEY_SHIFT
    } else {
        KEY_SHIFT
    };
    (section, thief.position(section), shift)
}

/// Slots with a position that is not the committed one.
fn another_position(thief: &mut Thief<'_>, section: usize, i: usize) -> Slots {
    let mut slots = thief.slots();
    match section {
        FUTURES => {
            let slot = &mut slots.futures[i];
            match thief.pick(4) {
                0 => slot.size = -slot.size,
                1 => slot.size += thief.error(34),
                2 => slot.entry = (slot.entry + thief.error(40)).abs(),
                _ => slot.funding_index += thief.error(36),
            }
        }
        ASSETS => slots.assets[i].amount = thief.size(36),
        _ => {
            let slot = &mut slots.swaps[i];
            match thief.pick(3) {
                0 => slot.size = -slot.size,
                1 => slot.size += thief.error(22),
                _ => slot.strike = (slot.strike + thief.error(32)).abs(),
            }
        }
    }
    slots
}

/// What a position is made of, with an element that follows or does not.
pub fn position_altered(thief: &mut Thief<'_>) -> Drawn {
    let (section, i, _) = pick(thief);
    let slots = another_position(thief, section, i);
    let honest = section::element(&thief.honest.witness.slots, section, i);
    let same = section::element(&slots, section, i) == honest;
    let mut scene = thief.holding(slots);
    if same {
        return thief.truth(scene, NO_SIZE);
    }
    if thief.coin() {
        scene.forge(element_cell(thief, section, i), honest);
    }
    thief.settled(scene)
}

fn element_cell(thief: &Thief<'_>, section: usize, i: usize) -> Cell {
    match section {
        FUTURES => (2, thief.rows.future(i) + 2),
        ASSETS => (1, thief.rows.asset(i) + 1),
        _ => (0, thief.rows.swap(i) + 2),
    }
}

/// Any position, and the key that makes up for it in the field.
pub fn key_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (section, i, shift) = pick(thief);
    let slots = another_position(thief, section, i);
    let honest = section::element(&thief.honest.witness.slots, section, i);
    let forged = section::element(&slots, section, i);
    let key = field::from_int(&BigInt::from(section::keys(&slots, section)[i]));
    let key = key + (honest - forged) * inverse(field::pow2(shift));
    let mut scene = thief.holding(slots);
    if forged == honest {
        return thief.truth(scene, NO_SIZE);
    }
    scene.forge(element_cell(thief, section, i), honest);
    scene.forge((4, thief.rows.slot(section, i)), key);
    thief.settled(scene)
}

/// Two openings of one future's element: units moved from the index to the entry, from the entry
/// to the size.
pub fn size_carried(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(FUTURES);
    let mut slots = thief.slots();
    let slot = &mut slots.futures[i];
    let (honest, units) = (slot.element(), thief.error(8));
    if thief.coin() {
        slot.entry += units;
        slot.funding_index -= units << 51;
    } else {
        slot.size += units;
        slot.entry -= units << 50;
    }
    assert_eq!(slot.element(), honest, "a carry");
    let scene = thief.holding(slots);
    thief.settled_anyhow(scene)
}

/// A magnitude below zero and the other sign: the same signed size, but a charge below zero.
pub fn negative_magnitude(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(FUTURES);
    let mut scene = thief.scene();
    let row = thief.rows.future(i) + 1;
    let size = scene.witness.slots.futures[i].size;
    scene.forge((2, row), fr(-size.abs()));
    scene.forge((3, row), fr((size >= 0).into()));
    if size == 0 {
        return thief.truth(scene, NO_SIZE);
    }
    let trace = &mut scene.witness.portfolio.futures[i];
    trace.charge = -trace.charge;
    thief.settled(scene)
}

/// A sign bit alone, or one that is neither 0 nor 1.
pub fn sign_bit(thief: &mut Thief<'_>) -> Drawn {
    let (i, of_size, bit) = (thief.position(FUTURES), thief.coin(), thief.coin());
    let mut scene = thief.scene();
    let slot = &scene.witness.slots.futures[i];
    let row = thief.rows.future(i);
    let (size, cell) = if of_size {
        (slot.size, (3, row + 1))
    } else {
        (slot.funding_index, (1, row + 2))
    };
    let honest = Fr::from(u64::from(size < 0));
    scene.forge(cell, if bit { Fr::ONE - honest } else { thief.field() });
    if size == 0 && bit {
        return thief.truth(scene, NO_SIZE);
    }
    thief.settled(scene)
}
