//! Lies about power perpetuals, variance and volatility swaps.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::harness::{Scene, fr},
    places::five,
    section::{self, SWAPS},
    thief::{Drawn, Thief},
};
use crate::{
    engine::{
        SwapTrace,
        linear::{ONE, PRICE_UNIT, SWAP_EPSILON, SWAP_RAISE},
    },
    field,
    public::{PublicTable, SwapGroup, TableRow},
    slots::SWAP_SIZE_SHIFT,
};

const NO_SIZE: &str = "a size of zero has no sign";

/// Value from the strike's part.
fn value(group: &SwapGroup, size: i128, counted: &BigInt) -> BigInt {
    let per_unit = BigInt::from(group.price) * PRICE_UNIT - counted * group.discount;
    per_unit * size + BigInt::from(size.abs()) * SWAP_EPSILON
}

/// Loss of a size by its numbers per unit.
fn lost(size: i128, [signed, held]: [i128; 2]) -> BigInt {
    BigInt::from(signed) * size + BigInt::from(held) * size.abs()
}

/// A random swap, its first row, its group's number and its size.
struct Stage {
    scene: Scene,
    i: usize,
    row: usize,
    group: usize,
    size: i128,
}

impl Stage {
    fn new(thief: &mut Thief<'_>) -> Self {
        let i = thief.position(SWAPS);
        Self::at(thief, i)
    }

    fn at(thief: &Thief<'_>, i: usize) -> Self {
        let scene = thief.scene();
        Self {
            i,
            row: thief.rows.swap(i),
            group: scene.witness.portfolio.swaps[i].group,
            size: scene.witness.slots.swaps[i].size,
            scene,
        }
    }

    fn trace(&mut self) -> &mut SwapTrace {
        &mut self.scene.witness.portfolio.swaps[self.i]
    }

    /// Loses something else, before and after it is raised.
    fn lose(&mut self, lost: BigInt) {
        let trace = self.trace();
        trace.loss = &lost << SWAP_RAISE;
        trace.lost = lost;
    }

    fn market(&self) -> &SwapGroup {
        &self.scene.table.swaps[self.group]
    }
}

/// Value, loss or charge altered.
pub fn amount_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.swap(thief.position(SWAPS));
    let cells = [
        ((1, row + 2), 126),
        ((2, row + 2), 80),
        ((4, row + 4), 90),
        ((0, row + 5), 90),
        ((1, row + 5), 200),
    ];
    let (cell, bits) = cells[thief.pick(cells.len())];
    let raised = field::pow2(if bits > 126 { 80 } else { 0 });
    let error = fr(thief.error(bits.min(120))) * raised;
    thief.moved(cell, error)
}

/// What the strike counts, with a value that follows.
pub fn counted_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let error = thief.error(40);
    stage.trace().strike += error;
    let counted = BigInt::from(stage.trace().strike);
    let forged = value(stage.market(), stage.size, &counted);
    stage.trace().value = forged;
    thief.settled(stage.scene)
}

/// A squared strike for a linear one, or the other way round.
pub fn squared_flag(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let squared = stage.market().base_row(stage.group)[5];
    let strike = stage.scene.witness.slots.swaps[stage.i].strike;
    let counted = strike * if squared == 0 { strike } else { ONE };
    let forged = value(stage.market(), stage.size, &counted.into());
    (stage.trace().strike, stage.trace().value) = (counted, forged);
    stage.scene.forge((0, stage.row + 1), fr(1 - squared));
    thief.settled(stage.scene)
}

/// A committed size of a few units carried into the strike's bits of the element: nothing is held.
pub fn size_carried(thief: &mut Thief<'_>) -> Drawn {
    let (i, units) = (thief.position(SWAPS), thief.error(8));
    let mut slots = thief.slots();
    slots.swaps[i].size = units;
    let (committed, element) = (slots.commitment(), slots.swaps[i].element());
    slots.swaps[i].size = 0;
    let mut scene = thief.holding(slots);
    let squared = scene.table.swaps[scene.witness.portfolio.swaps[i].group]
        .id
        .is_some_and(|(_, kind)| kind.squared());
    let slot = &mut scene.witness.slots.swaps[i];
    slot.strike += units << SWAP_SIZE_SHIFT;
    assert_eq!(slot.element(), element, "a carry");
    let (row, strike) = (thief.rows.swap(i), fr(slot.strike));
    let unit = if squared { strike } else { fr(ONE) };
    scene.forge((3, row + 2), strike * unit);
    scene.claim(committed);
    thief.settled_anyhow(scene)
}

/// A committed strike whose square is above what a strike may count.
pub fn strike_too_large(thief: &mut Thief<'_>) -> Drawn {
    let mut slots = thief.slots();
    let last = slots.swaps.len() - 1;
    (0..last).for_each(|i| section::clear(&mut slots, SWAPS, i));
    let groups = thief.honest.table.swaps.iter();
    let squared = groups.filter(|g| g.id.is_some_and(|(_, kind)| kind.squared()));
    let keys: Vec<u128> = squared.map(|g| g.key).collect();
    let slot = &mut slots.swaps[last];
    (slot.key, slot.strike, slot.size) = (keys[thief.pick(keys.len())], 0, 0);
    let mut scene = thief.holding(slots);
    let strike = (1 << 50) + thief.size(69);
    scene.witness.slots.swaps[last].strike = strike;
    scene.forge((3, thief.rows.swap(last) + 2), fr(strike) * fr(strike));
    let committed = scene.witness.slots.commitment();
    scene.claim(committed);
    thief.settled_anyhow(scene)
}

/// Another scenario's row, with or without the copy in the id.
pub fn scenario_of_one_swap(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let Some(s) = thief.other_scenario() else {
        return thief.one_scenario();
    };
    let group = stage.market().clone();
    let row = group.scenario_row(stage.group, s).expect("row");
    stage.scene.forge_all(&five(stage.row + 3), &row[..5]);
    if thief.coin() {
        stage.scene.forge((1, stage.row + 4), fr(s as i128));
    }
    let forged = lost(stage.size, [row[1], row[2]]);
    stage.lose(forged);
    thief.settled(stage.scene)
}

/// Another group's row, under its own number (with or without the copy in the id) or the slot's.
pub fn group_of_one_swap(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let count = thief.honest.table.swaps.len();
    let (g, s) = (thief.other(stage.group, count), thief.scenario());
    let group = &thief.honest.table.swaps[g];
    let mut row = group.scenario_row(g, s).expect("row");
    match thief.pick(3) {
        0 => stage.scene.forge((0, stage.row + 4), fr(g as i128)),
        1 => row[0] += (stage.group as i128 - g as i128) * 1024,
        _ => {}
    }
    if stage.market().scenario_row(stage.group, s) == Some(row) {
        return Drawn::Redraw;
    }
    stage.scene.forge_all(&five(stage.row + 3), &row[..5]);
    let forged = lost(stage.size, [row[1], row[2]]);
    stage.lose(forged);
    thief.settled(stage.scene)
}

/// A swap's numbers per unit under the scenario.
fn moved(stage: &Stage, thief: &Thief<'_>) -> [i128; 2] {
    stage.market().scenarios[thief.scenario()]
}

/// Swap `i` by another row of its scenario, its loss with it.
pub fn under_row(thief: &Thief<'_>, i: usize, row: TableRow) -> Scene {
    let mut stage = Stage::at(thief, i);
    stage.scene.forge_all(&five(stage.row + 3), &row[..5]);
    let forged = lost(stage.size, [row[1], row[2]]);
    stage.lose(forged);
    stage.scene
}

/// A magnitude below zero and the other sign: the same size, charge and rounding below zero.
pub fn negative_magnitude(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let size = stage.size;
    stage.scene.forge((2, stage.row + 1), fr(-size.abs()));
    stage
        .scene
        .forge((3, stage.row + 1), fr((size >= 0).into()));
    if size == 0 {
        return thief.truth(stage.scene, NO_SIZE);
    }
    let rounding = BigInt::from(2 * size.abs()) * SWAP_EPSILON;
    let [signed, held] = moved(&stage, thief);
    let forged = BigInt::from(signed) * size - BigInt::from(held) * size.abs();
    stage.lose(forged);
    let trace = stage.trace();
    trace.value -= &rounding;
    trace.charge = -trace.charge.clone();
    thief.settled(stage.scene)
}

/// The sign's bit, its copy alone with a loss that follows, or a bit that is none.
pub fn sign_bit(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (size, which) = (stage.size, thief.pick(3));
    let honest = Fr::from(u64::from(size < 0));
    match which {
        0 => stage.scene.forge((3, stage.row + 1), Fr::ONE - honest),
        1 => stage.scene.forge((3, stage.row + 1), thief.field()),
        _ => {
            stage.scene.forge((3, stage.row + 4), Fr::ONE - honest);
            let forged = lost(-size, moved(&stage, thief));
            stage.lose(forged);
        }
    }
    if size == 0 && which == 0 {
        return thief.truth(stage.scene, NO_SIZE);
    }
    thief.settled(stage.scene)
}

/// The copy of a size alone, with a loss that follows.
pub fn size_of_the_loss(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let magnitude = (stage.size.abs() + thief.error(20)).abs();
    if magnitude == stage.size.abs() {
        return Drawn::Redraw;
    }
    let size = if stage.size < 0 {
        -magnitude
    } else {
        magnitude
    };
    stage
        .scene
        .forge((2, stage.row + 4), field::from_i128(magnitude));
    let forged = lost(size, moved(&stage, thief));
    stage.lose(forged);
    thief.settled(stage.scene)
}

/// The part that both sides lose counted with the size's sign, or the signed part as if both sides lost it.
pub fn parts_exchanged(thief: &mut Thief<'_>) -> Drawn {
    let losing = |table: &PublicTable, s: usize| {
        let mut groups = table.swaps.iter().filter(|group| group.id.is_some());
        groups.any(|group| group.scenarios[s] != [0, 0])
    };
    thief.under(losing, |thief| {
        let mut all = Vec::new();
        for i in thief.positions(SWAPS) {
            let stage = Stage::at(thief, i);
            let [signed, held] = moved(&stage, thief);
            let both = BigInt::from(signed) + held;
            let others = [&both * stage.size, &both * stage.size.abs()];
            let honest = lost(stage.size, [signed, held]);
            let others = others.into_iter().filter(|other| *other != honest);
            all.extend(others.map(|other| (i, other)));
        }
        if all.is_empty() {
            return Drawn::Redraw;
        }
        let (i, forged) = all.swap_remove(thief.pick(all.len()));
        let mut stage = Stage::at(thief, i);
        stage.lose(forged);
        thief.settled(stage.scene)
    })
}
