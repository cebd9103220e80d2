//! Lies about the public table's rows of exposures.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{Scene, fr},
    places::Cell,
    section::{OPTIONS, PERPETUALS, SWAPS},
    thief::{Drawn, Thief},
};
use crate::public::{Kind, PublicTable, TableRow};

const SECTIONS: [usize; 3] = [OPTIONS, PERPETUALS, SWAPS];

/// A position of a section with a row of its own.
struct Held {
    section: usize,
    group: usize,
    cells: Vec<Cell>,
}

fn held(thief: &mut Thief<'_>) -> Held {
    let section = SECTIONS[thief.pick(SECTIONS.len())];
    let i = thief.position(section);
    at(thief, section, i)
}

fn at(thief: &Thief<'_>, section: usize, i: usize) -> Held {
    let portfolio = &thief.honest.witness.portfolio;
    let (group, below) = match section {
        OPTIONS => (portfolio.options[i].group, 3),
        PERPETUALS => (portfolio.perpetual_options[i].group, 3),
        _ => (portfolio.swaps[i].group, 0),
    };
    let row = thief.rows.exposure(section, i) + below;
    let mut cells: Vec<Cell> = (0..5).map(|column| (column, row)).collect();
    if section == PERPETUALS {
        cells.extend([(0, row + 1), (1, row + 1)]);
    }
    Held {
        section,
        group,
        cells,
    }
}

impl Held {
    fn groups(&self, table: &PublicTable) -> usize {
        match self.section {
            OPTIONS => table.options.len(),
            PERPETUALS => table.perpetual_options.len(),
            _ => table.swaps.len(),
        }
    }

    /// The rows of a group.
    fn rows(&self, table: &PublicTable, g: usize) -> Vec<TableRow> {
        match self.section {
            OPTIONS => {
                let group = &table.options[g];
                vec![group.exposure.row(g, group.underlying)]
            }
            PERPETUALS => {
                let rows = table.perpetual_options[g].exposures.iter();
                rows.map(|row| row.row(g)).collect()
            }
            _ => {
                let group = &table.swaps[g];
                vec![group.exposure.row(g, group.underlying)]
            }
        }
    }

    /// Looks up another row; `None` if it is its own.
    fn believe(&self, thief: &Thief<'_>, row: &[i128]) -> Option<Scene> {
        let mut scene = thief.scene();
        let values = row.iter().map(|&value| fr(value));
        let mut changed = false;
        for (&cell, value) in self.cells.iter().zip(values) {
            changed |= thief.value(cell) != value;
            scene.forge(cell, value);
        }
        changed.then_some(scene)
    }
}

fn forged(thief: &mut Thief<'_>, scene: Option<Scene>) -> Drawn {
    scene.map_or(Drawn::Redraw, |scene| thief.settled(scene))
}

/// One number of a row that the table does not have, that of a padding slot too.
pub fn altered(thief: &mut Thief<'_>) -> Drawn {
    let section = SECTIONS[thief.pick(SECTIONS.len())];
    let slot = thief.slot(section);
    let held = at(thief, section, slot);
    // Neither the group, nor a perpetual option's interval, nor the cell of the kind.
    let columns = match section {
        PERPETUALS => 2..6,
        OPTIONS => 2..4,
        _ => 2..5,
    };
    let cell = held.cells[columns.start + thief.pick(columns.len())];
    let mut scene = thief.scene();
    let error = fr(thief.error(24));
    scene.forge(cell, thief.value(cell) + error);
    thief.settled(scene)
}

/// Another group's row, under its own number or another's.
pub fn of_another_group<const SECTION: usize>(thief: &mut Thief<'_>) -> Drawn {
    let (i, own) = (thief.position(SECTION), thief.coin());
    let held = at(thief, SECTION, i);
    let table = &thief.honest.table;
    let g = thief.other(held.group, held.groups(table));
    let rows = held.rows(table, g);
    let mut row = rows[thief.pick(rows.len())];
    if own {
        row[0] = held.group as i128;
    }
    let scene = held.believe(thief, &row);
    forged(thief, scene)
}

/// Another interval's answers for a perpetual option, as what they are or under the own lower end.
pub fn of_another_interval(thief: &mut Thief<'_>) -> Drawn {
    let mut all = Vec::new();
    for i in thief.positions(PERPETUALS) {
        let held = at(thief, PERPETUALS, i);
        let low = thief.value(held.cells[1]);
        for row in held.rows(&thief.honest.table, held.group) {
            if fr(row[1]) != low {
                all.push((at(thief, PERPETUALS, i), row));
            }
        }
    }
    if all.is_empty() {
        return thief.truth(thief.scene(), "no market of the account has two intervals");
    }
    let (held, mut row) = all.swap_remove(thief.pick(all.len()));
    let Some(mut scene) = held.believe(thief, &row) else {
        return Drawn::Redraw;
    };
    if thief.coin() {
        let low = thief.value(held.cells[1]);
        scene.forge(held.cells[1], low);
        row[1] = 0;
        let answers = held.cells[2..6].iter().zip(&row[2..6]);
        if answers
            .clone()
            .all(|(&cell, &value)| thief.value(cell) == fr(value))
        {
            return Drawn::Redraw;
        }
    }
    thief.settled(scene)
}

/// A row of another kind under the own group's number; for a perpetual option with the difference of the kinds in the cell
/// that holds them apart.
pub fn of_another_kind(thief: &mut Thief<'_>) -> Drawn {
    let held = held(thief);
    let g = held.group;
    let rows = thief.honest.table.rows();
    let own = match held.section {
        OPTIONS => Kind::OptionExposure,
        PERPETUALS => Kind::PerpetualExposure,
        _ => Kind::SwapExposure,
    };
    let others = rows.into_iter().filter(|(kind, row)| {
        let small = row.iter().all(|x| x.unsigned_abs() < 1 << 100);
        *kind != own && row[0] == g as i128 && small
    });
    let mut others: Vec<(Kind, TableRow)> = others.collect();
    if held.section == PERPETUALS && thief.coin() {
        // One of the same lower end, so that nothing but the kind is in its way.
        let low = thief.value(held.cells[1]);
        others.retain(|(_, row)| fr(row[1]) == low);
    }
    if others.is_empty() {
        return Drawn::Redraw;
    }
    let (kind, mut row) = others[thief.pick(others.len())];
    row[6] += kind.tag() - own.tag();
    let scene = held.believe(thief, &row);
    forged(thief, scene)
}

/// Where a position's underlying is looked up.
fn underlying(thief: &Thief<'_>, section: usize, i: usize) -> Cell {
    match section {
        OPTIONS => (1, thief.rows.exposure(OPTIONS, i) + 3),
        PERPETUALS => (2, thief.rows.perpetual(i).holding),
        SWAPS => (1, thief.rows.exposure(SWAPS, i)),
        _ => (3, thief.rows.future(i)),
    }
}

/// A position's underlying, where it is looked up: the sums follow.
pub fn underlying_altered<const SECTION: usize>(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(SECTION);
    let cell = underlying(thief, SECTION, i);
    let own = thief.value(cell);
    let claims = (0..thief.rows.underlyings).map(|i| thief.value((0, thief.rows.claim_pole(i))));
    let claims = claims.filter(|uid| *uid != Fr::ZERO && *uid != own);
    let others: Vec<Fr> = claims.collect();
    let value = if others.is_empty() {
        own + Fr::ONE
    } else {
        others[thief.pick(others.len())]
    };
    let mut scene = thief.scene();
    scene.forge(cell, value);
    thief.settled(scene)
}
