//! Lies about futures and collateral.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::harness::{Scene, fr, inverse},
    thief::{Drawn, Thief},
};
use crate::{
    field,
    public::LinearScenario,
    slots::{KEY_SHIFT, Slots},
};

const NO_SIZE: &str = "a size of zero has no sign";

pub fn value_altered(thief: &mut Thief<'_>) -> Drawn {
    let (future, error) = (thief.coin(), thief.error(80));
    let i = thief.position(if future { 1 } else { 2 });
    let mut scene = thief.scene();
    let portfolio = &mut scene.witness.portfolio;
    if future {
        portfolio.futures[i].linear.value += error;
    } else {
        portfolio.assets[i].value += error;
    }
    thief.settled(scene)
}

pub fn charge_altered(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(1);
    let mut scene = thief.scene();
    let trace = &mut scene.witness.portfolio.futures[i];
    trace.charge += thief.error(70);
    thief.settled(scene)
}

pub fn loss_altered(thief: &mut Thief<'_>) -> Drawn {
    let (future, error) = (thief.coin(), thief.error(90));
    let i = thief.position(if future { 1 } else { 2 });
    let mut scene = thief.scene();
    let portfolio = &mut scene.witness.portfolio;
    if future {
        portfolio.futures[i].linear.loss += error;
    } else {
        portfolio.assets[i].loss += error;
    }
    thief.settled(scene)
}

/// The elements of a section's slot: honest, and of the forged slots.
fn element(slots: &Slots, future: bool, i: usize) -> Fr {
    if future {
        slots.futures[i].element()
    } else {
        slots.assets[i].element()
    }
}

fn key(slots: &Slots, future: bool, i: usize) -> Fr {
    let key = if future {
        slots.futures[i].key
    } else {
        slots.assets[i].key
    };
    field::from_int(&BigInt::from(key))
}

/// Slots with a position that is not the committed one.
fn another_position(thief: &mut Thief<'_>, future: bool, i: usize) -> Slots {
    let mut slots = thief.slots();
    if future {
        let slot = &mut slots.futures[i];
        match thief.pick(4) {
            0 => slot.size = -slot.size,
            1 => slot.size += thief.error(34),
            2 => slot.entry = (slot.entry + thief.error(40)).abs(),
            _ => slot.funding_index += thief.error(36),
        }
    } else {
        slots.assets[i].amount = thief.size(36);
    }
    slots
}

/// What a position is made of, with an element that follows or does not.
pub fn position_altered(thief: &mut Thief<'_>) -> Drawn {
    let future = thief.coin();
    let i = thief.position(if future { 1 } else { 2 });
    let slots = another_position(thief, future, i);
    let honest = element(&thief.honest.witness.slots, future, i);
    let same = element(&slots, future, i) == honest;
    let mut scene = thief.holding(slots);
    if same {
        return thief.truth(scene, NO_SIZE);
    }
    if thief.coin() {
        scene.forge(element_cell(thief, future, i), honest);
    }
    thief.settled(scene)
}

fn element_cell(thief: &Thief<'_>, future: bool, i: usize) -> (usize, usize) {
    if future {
        (0, thief.rows.future(i) + 2)
    } else {
        (1, thief.rows.asset(i) + 1)
    }
}

/// Any position, and the key that makes up for it in the field.
pub fn key_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let future = thief.coin();
    let i = thief.position(if future { 1 } else { 2 });
    let slots = another_position(thief, future, i);
    let honest = element(&thief.honest.witness.slots, future, i);
    let forged = element(&slots, future, i);
    let key = key(&slots, future, i) + (honest - forged) * inverse(field::pow2(KEY_SHIFT));
    let mut scene = thief.holding(slots);
    if forged == honest {
        return thief.truth(scene, NO_SIZE);
    }
    scene.forge(element_cell(thief, future, i), honest);
    let first = if future {
        thief.rows.future(i)
    } else {
        thief.rows.asset(i)
    };
    scene.forge((4, first), key);
    thief.settled(scene)
}

/// Two openings of one future's element: units moved from the index to the entry, from the entry
/// to the size.
pub fn size_carried(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(1);
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

/// A magnitude below zero and the other sign: the same signed size, but a charge and a rounding
/// below zero.
pub fn negative_magnitude(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(1);
    let mut scene = thief.scene();
    let row = thief.rows.future(i) + 1;
    let size = scene.witness.slots.futures[i].size;
    scene.forge((0, row), fr(-size.abs()));
    scene.forge((1, row), fr((size >= 0).into()));
    if size == 0 {
        return thief.truth(scene, NO_SIZE);
    }
    let trace = &mut scene.witness.portfolio.futures[i];
    let group = &scene.table.futures[trace.linear.group];
    trace.charge = -trace.charge;
    trace.linear.loss += BigInt::from(2 * size.abs())
        * group.scenarios[thief.honest.witness.portfolio.scenario].factor;
    thief.settled(scene)
}

/// A sign bit alone, or one that is neither 0 nor 1.
pub fn sign_bit(thief: &mut Thief<'_>) -> Drawn {
    let (i, of_size, bit) = (thief.position(1), thief.coin(), thief.coin());
    let mut scene = thief.scene();
    let slot = &scene.witness.slots.futures[i];
    let size = if of_size {
        slot.size
    } else {
        slot.funding_index
    };
    let cell = (if of_size { 1 } else { 4 }, thief.rows.future(i) + 1);
    let honest = Fr::from(u64::from(size < 0));
    scene.forge(cell, if bit { Fr::ONE - honest } else { thief.field() });
    if size == 0 && bit {
        return thief.truth(scene, NO_SIZE);
    }
    thief.settled(scene)
}

/// The row of another scenario, with or without the copy in the id.
pub fn scenario_of_one_position(thief: &mut Thief<'_>) -> Drawn {
    let (future, copy) = (thief.coin(), thief.coin());
    let i = thief.position(if future { 1 } else { 2 });
    let (s, mut scene) = (thief.other_scenario(), thief.scene());
    let Scene { table, witness, .. } = &mut scene;
    let reprice = |size: i128, magnitude: i128, row: &LinearScenario| {
        (BigInt::from(size) * row.loss - magnitude) * row.factor
    };
    let (row, first) = if future {
        let (size, trace) = (
            witness.slots.futures[i].size,
            &mut witness.portfolio.futures[i].linear,
        );
        let group = &table.futures[trace.group];
        trace.loss = reprice(size, size.abs(), &group.scenarios[s]);
        (group.scenario_row(trace.group, s), thief.rows.future(i) + 3)
    } else {
        let trace = &mut witness.portfolio.assets[i];
        let group = &table.assets[trace.group];
        trace.loss = reprice(witness.slots.assets[i].amount, 0, &group.scenarios[s]);
        (group.scenario_row(trace.group, s), thief.rows.asset(i) + 2)
    };
    let cells: [(usize, usize); 5] = std::array::from_fn(|column| (column, first));
    scene.forge_all(&cells, &row.expect("row")[..5]);
    if copy {
        scene.forge((1, first + 1), fr(s as i128));
    }
    thief.settled(scene)
}
