//! Names for cells that do not depend on where a chip stands: the gates and lookups that read
//! the cell, with the cell's column and its distance from their row.

use std::collections::{BTreeMap, BTreeSet};

use halo2curves::bn256::Fr;
use zkmargin_circuits::circuit::MAIN_COLUMNS;
use zkmargin_tamper::{Cell, Constraint, Failure, Image, Kind, Live, support};

/// The places of every cell of an image.
#[derive(Clone, Debug)]
pub struct Places {
    places: BTreeMap<Cell, BTreeSet<String>>,
    lanes: usize,
}

/// Does a lookup read the public table, and not limbs?
pub(crate) fn table_lookup(image: &Image<Fr>, lookup: usize) -> bool {
    image.system.lookups()[lookup].input_expressions().len() > 1
}

impl Places {
    /// Names every cell that a live gate or lookup reads. There are `lanes` lanes of main columns: a chip's cells have one name in
    /// all of them.
    pub fn of(image: &Image<Fr>, live: &Live, lanes: usize) -> Self {
        let mut places: BTreeMap<Cell, BTreeSet<String>> = BTreeMap::new();
        for (constraint, row) in live.gates.iter().chain(&live.lookups) {
            let name = match constraint {
                Constraint::Gate { gate, .. } => image.system.gates()[*gate].name(),
                Constraint::Lookup { lookup } if table_lookup(image, *lookup) => "table",
                Constraint::Lookup { .. } => "range",
                Constraint::Copy { .. } => continue,
            };
            let failure = Failure {
                constraint: *constraint,
                row: *row,
            };
            for cell in support(image, &failure) {
                let distance = cell.row as i64 - *row as i64;
                let place = format!("{name} {}{distance:+}", column(cell, lanes));
                places.entry(cell).or_default().insert(place);
            }
        }
        Self { places, lanes }
    }

    /// Every place of a cell.
    pub fn all(&self, cell: Cell) -> String {
        match self.places.get(&cell) {
            Some(places) => places.iter().cloned().collect::<Vec<_>>().join(", "),
            None => format!("{} without a gate", column(cell, self.lanes)),
        }
    }

    /// The cell of the same lane in that column of it, `distance` rows further; none above the first row.
    pub(crate) fn beside(&self, cell: Cell, column: usize, distance: i64) -> Option<Cell> {
        let row = usize::try_from(cell.row as i64 + distance).ok()?;
        let first = cell.column - cell.column % MAIN_COLUMNS;
        Some(Cell::advice(first + column, row))
    }

    /// The chips whose gates read a cell.
    pub fn chips(&self, cell: Cell) -> String {
        let places = self.places.get(&cell).into_iter().flatten();
        let chips: BTreeSet<&str> = places.filter_map(|p| p.split([' ', ':']).next()).collect();
        chips.into_iter().collect::<Vec<_>>().join(" ")
    }
}

fn column(cell: Cell, lanes: usize) -> String {
    let kind = match cell.kind {
        Kind::Advice => 'a',
        Kind::Fixed => 'f',
        Kind::Instance => 'i',
    };
    let main = MAIN_COLUMNS * lanes;
    let column = match cell.kind {
        Kind::Advice if cell.column < main => cell.column % MAIN_COLUMNS,
        Kind::Advice => MAIN_COLUMNS + cell.column - main,
        _ => cell.column,
    };
    format!("{kind}{column}")
}
