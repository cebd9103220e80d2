//! Lies about futures and collateral.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::harness::{Scene, fr, inverse},
    places::{Cell, five},
    section::{self, ASSETS, FUTURES, SWAPS},
    thief::{Drawn, Thief},
};
use crate::{
    engine::{
        exposure::raise,
        linear::{ASSET_RAISE, FUTURE_RAISE},
    },
    field,
    public::{PublicTable, ScenarioRow},
    slots::{KEY_SHIFT, SWAP_KEY_SHIFT, Slots},
};

const NO_SIZE: &str = "a size of zero has no sign";

/// Lists an asset's loss, which is not listed where nothing of it moves; `false` if there is no room.
fn listed(thief: &Thief<'_>, scene: &mut Scene, i: usize) -> bool {
    let slots = &scene.witness.slots;
    let portfolio = &mut scene.witness.portfolio;
    portfolio.assets[i].moving = 1.into();
    portfolio.underlyings = portfolio.gather(slots.shape, &scene.table);
    portfolio.underlyings.len() == thief.rows.underlyings
}

/// Value, charge, loss or funding of a future; value, loss or mix of an asset.
pub fn amount_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let cells: Vec<(Cell, i128, u32)> = if thief.coin() {
        let row = thief.rows.future(thief.position(FUTURES));
        vec![
            ((3, row + 2), 120, 0),
            ((4, row + 2), 70, 0),
            ((3, row + 3), 120, 80),
            ((4, row + 3), 70, 0),
        ]
    } else {
        let i = thief.position(ASSETS);
        let row = thief.rows.asset(i);
        if !listed(thief, &mut scene, i) {
            return Drawn::Redraw;
        }
        vec![
            ((4, row + 1), 120, 0),
            ((1, row + 2), 120, 80),
            ((2, row + 2), 90, 0),
            ((3, row + 2), 90, 0),
        ]
    };
    let (cell, bits, raised) = cells[thief.pick(cells.len())];
    let error = fr(thief.error(bits)) * field::pow2(raised);
    scene.forge(cell, thief.value(cell) + error);
    thief.settled(scene)
}

/// Another scenario that differs, or any where none does.
fn another(
    thief: &mut Thief<'_>,
    differs: impl Fn(&ScenarioRow, &ScenarioRow) -> bool,
) -> ScenarioRow {
    let scenarios = &thief.honest.table.scenarios;
    let own = scenarios[thief.scenario()];
    let others = scenarios.iter().filter(|other| differs(other, &own));
    let others: Vec<_> = others.copied().collect();
    if others.is_empty() {
        own
    } else {
        others[thief.pick(others.len())]
    }
}

/// A loss by another size, mark, move or rate, whose copies lie along.
pub fn loss_of_another(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(FUTURES);
    let row = thief.rows.future(i);
    let [mut mark, magnitude] = [(0, row + 1), (2, row + 1)].map(|cell| thief.value(cell));
    let [mut size, mut spot, mut gross] = [0, 1, 2].map(|column| thief.value((column, row + 3)));
    let other = another(thief, |a, b| (a.spot, a.gross) != (b.spot, b.gross));
    let (cell, honest, forged) = match thief.pick(4) {
        0 => {
            let groups = &thief.honest.table.futures;
            let own = thief.honest.witness.portfolio.futures[i].group;
            let honest =
                std::mem::replace(&mut mark, fr(groups[thief.other(own, groups.len())].mark));
            ((0, row + 1), honest, mark)
        }
        1 => {
            let honest = size;
            size += fr(thief.error(34));
            ((0, row + 3), honest, size)
        }
        2 => {
            let honest = std::mem::replace(&mut spot, fr(other.spot));
            ((1, row + 3), honest, spot)
        }
        _ => {
            let honest = std::mem::replace(&mut gross, fr(other.gross));
            ((2, row + 3), honest, gross)
        }
    };
    if forged == honest {
        return match cell {
            (0, _) => Drawn::Redraw,
            _ => thief.truth(thief.scene(), "the two scenarios have one move and rate"),
        };
    }
    let loss = gross * magnitude * mark * field::pow2(raise::FUTURE)
        - spot * size * mark * field::pow2(FUTURE_RAISE);
    let mut scene = thief.scene();
    scene.forge(cell, forged);
    scene.forge((3, row + 3), loss);
    // Funding is by the same size.
    scene.forge((4, row + 3), size * thief.value((1, row + 4)));
    thief.settled(scene)
}

/// An asset's loss by another asset's moving value, or by another scenario's move.
pub fn moving_of_another(thief: &mut Thief<'_>) -> Drawn {
    let moving = |table: &PublicTable, s: usize| {
        let own = table.scenarios[s].spot;
        own != 0
            && table.assets.iter().any(|asset| asset.moving != 0)
            && table.scenarios.iter().any(|other| other.spot != own)
    };
    thief.under(moving, moved_by_another)
}

fn moved_by_another(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(ASSETS);
    let row = thief.rows.asset(i);
    let (amount, moving, spot) = (
        thief.value((2, row + 1)),
        thief.value((3, row)),
        thief.value((0, row + 2)),
    );
    let table = &thief.honest.table;
    let mut scene = thief.scene();
    if !listed(thief, &mut scene, i) {
        return Drawn::Redraw;
    }
    let (moving, spot) = if thief.coin() {
        let own = thief.honest.witness.portfolio.assets[i].group;
        let other = fr(table.assets[thief.other(own, table.assets.len())].moving);
        if other == moving {
            return Drawn::Redraw;
        }
        if thief.coin() {
            scene.forge((3, row), other);
        }
        (other, spot)
    } else {
        let other = another(thief, |a, b| a.spot != b.spot);
        if fr(other.spot) == spot {
            return Drawn::Redraw;
        }
        if thief.coin() {
            scene.forge((0, row + 2), fr(other.spot));
        }
        (moving, fr(other.spot))
    };
    let loss = -amount * moving * spot * field::pow2(ASSET_RAISE);
    if loss == thief.value((1, row + 2)) {
        return Drawn::Redraw;
    }
    scene.forge((1, row + 2), loss);
    thief.settled(scene)
}

/// Another future's funding, under its own number or another's; or one that the table does not have.
pub fn funding_of_another(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(FUTURES);
    let row = thief.rows.future(i);
    let own = thief.honest.witness.portfolio.futures[i].group;
    let groups = &thief.honest.table.futures;
    let other = thief.other(own, groups.len());
    let mut forged = groups[other].funding_row(other);
    if thief.coin() {
        forged[0] = own as i128;
        forged[1] += if thief.coin() { thief.error(30) } else { 0 };
    }
    if forged == groups[own].funding_row(own) {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    scene.forge_all(&five(row + 4), &forged[..5]);
    scene.forge((4, row + 3), thief.value((0, row + 3)) * fr(forged[1]));
    thief.settled(scene)
}

/// Another asset's row under the own number, so that one asset has the haircut of another.
pub fn asset_of_another(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(ASSETS);
    let own = thief.honest.witness.portfolio.assets[i].group;
    let groups = &thief.honest.table.assets;
    let other = thief.other(own, groups.len());
    let (honest, foreign) = (groups[own].base_row(own), groups[other].base_row(other));
    let mut row = honest;
    row[1 + thief.pick(3)] = foreign[2];
    if row == honest {
        return Drawn::Redraw;
    }
    let cells = thief.rows.asset(i);
    let amount = thief.value((2, cells + 1));
    let mut scene = thief.scene();
    if !listed(thief, &mut scene, i) {
        return Drawn::Redraw;
    }
    scene.forge_all(&five(cells), &row[..5]);
    let unit = field::from_int(&crate::engine::linear::asset_unit());
    scene.forge((4, cells + 1), amount * fr(row[2]) * unit);
    scene.forge((3, cells + 2), amount * fr(row[1]));
    let move_ = thief.value((0, cells + 2));
    scene.forge(
        (1, cells + 2),
        -amount * fr(row[3]) * move_ * field::pow2(ASSET_RAISE),
    );
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
        ASSETS => (3, thief.rows.asset(i) + 1),
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
    trace.charge = -&trace.charge;
    let gross = thief.value((0, row)) * thief.value((2, row + 2)) * field::pow2(raise::FUTURE);
    let less = fr(size.abs()).double() * gross;
    scene.forge((3, row + 2), thief.value((3, row + 2)) - less);
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
