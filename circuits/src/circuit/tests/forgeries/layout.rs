//! Lies about the order of slots and about padding.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::fr,
    places::SECTIONS,
    section,
    sums::unit,
    thief::{Drawn, Thief},
};
use crate::slots::Slots;

/// A committed layout that no honest operator would commit.
fn layout(thief: &mut Thief<'_>, slots: Slots) -> Drawn {
    let table = thief.honest.table.clone();
    match thief.committed(slots, &table) {
        Some(scene) => Drawn::Forged(Box::new(scene)),
        None => Drawn::Redraw,
    }
}

/// Two neighbours of a section that both are positions; European options have their runs' order instead.
fn neighbours(thief: &mut Thief<'_>) -> (usize, usize) {
    loop {
        let section = 1 + thief.pick(SECTIONS - 1);
        let all = thief.positions(section);
        if all.len() >= 2 {
            return (section, all[thief.pick(all.len() - 1)]);
        }
    }
}

/// One position twice, its sizes in either slot.
fn duplicated(thief: &mut Thief<'_>) -> (usize, usize, Slots) {
    let (section, i) = neighbours(thief);
    let mut slots = thief.slots();
    section::duplicate(&mut slots, section, i, i + 1);
    if section == section::PERPETUALS {
        // An American group prices one side only.
        let (first, second) = (slots.perpetual_options[i].clone(), i + 1);
        let slot = &mut slots.perpetual_options[second];
        let size = slot.calls + slot.puts;
        (slot.calls, slot.puts) = if first.calls != 0 {
            (size, 0)
        } else {
            (0, size)
        };
        if (first.calls, first.puts) == (0, 0) {
            (slot.calls, slot.puts) = (0, 0);
        }
    }
    (section, i, slots)
}

pub fn duplicate_slots(thief: &mut Thief<'_>) -> Drawn {
    let (.., slots) = duplicated(thief);
    layout(thief, slots)
}

/// A duplicate whose order gate is told that its first slot is padding, or that the gap is zero.
pub fn duplicate_hidden(thief: &mut Thief<'_>) -> Drawn {
    let (section, i, slots) = duplicated(thief);
    let Drawn::Forged(mut scene) = layout(thief, slots) else {
        return Drawn::Redraw;
    };
    let [_, alive, _, gap] = thief.rows.order(section, i);
    match thief.pick(3) {
        0 => scene.forge(gap, Fr::ZERO),
        1 => {
            scene.forge(gap, Fr::ZERO);
            scene.forge(alive, Fr::ZERO);
        }
        // An order that is not the slot's.
        _ if section == section::PERPETUALS => {
            let row = thief.rows.slot(section, i + 1);
            let strike = scene.witness.slots.perpetual_options[i + 1].strike;
            let group = scene.witness.portfolio.perpetual_options[i + 1].group;
            scene.forge((4, row + 3), fr(((group as i128) << 50) + strike + 1));
        }
        _ => return Drawn::Redraw,
    }
    Drawn::Forged(scene)
}

pub fn unsorted_slots(thief: &mut Thief<'_>) -> Drawn {
    let (section, i) = neighbours(thief);
    let mut slots = thief.slots();
    section::swap(&mut slots, section, i, i + 1);
    layout(thief, slots)
}

/// The account with the first position of a section replaced by padding, and that section.
fn padded(thief: &mut Thief<'_>, section: usize) -> (usize, Slots) {
    let i = thief.positions(section)[0];
    let mut slots = thief.slots();
    section::clear(&mut slots, section, i);
    (i, slots)
}

pub fn padding_behind_a_position(thief: &mut Thief<'_>) -> Drawn {
    // Behind the padding there must be a position.
    let (section, _) = neighbours(thief);
    let (i, mut slots) = padded(thief, section);
    section::swap(&mut slots, section, i, i + 1);
    layout(thief, slots)
}

/// Sizes in a padding slot, and with them nothing, a value, or a claim to be a position.
pub fn padding_with_value(thief: &mut Thief<'_>) -> Drawn {
    let section = thief.pick(SECTIONS);
    let (i, mut slots) = padded(thief, section);
    let (size, price) = (thief.error(49), thief.size(49));
    // Sizes that no padding may have, and numbers that are free there.
    let refused = match section {
        section::OPTIONS | section::PERPETUALS => {
            let slot = &mut section::book_mut(&mut slots, section)[i];
            (slot.calls, slot.puts) = (size, -size / 2);
            section == section::PERPETUALS
        }
        section::FUTURES => {
            let slot = &mut slots.futures[i];
            (slot.entry, slot.funding_index) = (price, -size);
            let sized = thief.coin();
            slot.size = if sized { size } else { 0 };
            sized
        }
        section::ASSETS => {
            slots.assets[i].amount = price;
            false
        }
        _ => {
            slots.swaps[i].strike = price;
            let sized = thief.coin();
            slots.swaps[i].size = if sized { size % (1 << 20) } else { 0 };
            sized && slots.swaps[i].size != 0
        }
    };
    let Drawn::Forged(mut scene) = layout(thief, slots) else {
        return Drawn::Redraw;
    };
    let value = -thief.size(60) * unit(if section <= section::PERPETUALS { 0 } else { 1 });
    let portfolio = &mut scene.witness.portfolio;
    match (thief.pick(3), section) {
        (0, _) if refused => return Drawn::Forged(scene),
        (0, _) => return thief.truth(*scene, "padding is worth nothing, whatever it holds"),
        (1, section::OPTIONS) => {
            scene.forge(thief.rows.option(i).base_row()[6], Fr::ONE);
            return Drawn::Forged(scene);
        }
        (1, section::PERPETUALS) => {
            scene.forge(thief.rows.perpetual(i).base_row()[6], Fr::ONE);
            return Drawn::Forged(scene);
        }
        (1, section::FUTURES) => scene.forge((1, thief.rows.future(i) + 1), Fr::ONE),
        (1, section::ASSETS) => scene.forge((1, thief.rows.asset(i) + 1), Fr::ONE),
        (1, _) => scene.forge((1, thief.rows.swap(i) + 1), Fr::ONE),
        (_, section::OPTIONS) => portfolio.options[i].base.value += value,
        (_, section::PERPETUALS) => portfolio.perpetual_options[i].base.value += value,
        (_, section::FUTURES) => portfolio.futures[i].value += value,
        (_, section::ASSETS) => portfolio.assets[i].value += value,
        (_, _) => portfolio.swaps[i].value += value,
    }
    Drawn::Forged(scene)
}
