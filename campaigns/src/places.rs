//! Names for cells that do not depend on where a chip stands: the gates and lookups that read
//! the cell, with the cell's column and its distance from their row.

use std::collections::{BTreeMap, BTreeSet};

use halo2curves::bn256::Fr;
use zkmargin_tamper::{Cell, Constraint, Failure, Image, Kind, Live, support};

/// The places of every cell of an image.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<Cell, BTreeSet<String>>);

impl Places {
    /// Names every cell that a live gate or lookup reads.
    pub fn of(image: &Image<Fr>, live: &Live) -> Self {
        let mut places: BTreeMap<Cell, BTreeSet<String>> = BTreeMap::new();
        for (constraint, row) in live.gates.iter().chain(&live.lookups) {
            let name = match constraint {
                Constraint::Gate { gate, .. } => image.system.gates()[*gate].name(),
                Constraint::Lookup { lookup } => match lookup {
                    0 => "table",
                    _ => "range",
                },
                Constraint::Copy { .. } => continue,
            };
            let failure = Failure {
                constraint: *constraint,
                row: *row,
            };
            for cell in support(image, &failure) {
                let distance = cell.row as i64 - *row as i64;
                let place = format!("{name} {}{distance:+}", column(cell));
                places.entry(cell).or_default().insert(place);
            }
        }
        Self(places)
    }

    /// Every place of a cell.
    pub fn all(&self, cell: Cell) -> String {
        match self.0.get(&cell) {
            Some(places) => places.iter().cloned().collect::<Vec<_>>().join(", "),
            None => format!("{} without a gate", column(cell)),
        }
    }

    /// The chips whose gates read a cell.
    pub fn chips(&self, cell: Cell) -> String {
        let places = self.0.get(&cell).into_iter().flatten();
        let chips: BTreeSet<&str> = places.filter_map(|p| p.split([' ', ':']).next()).collect();
        chips.into_iter().collect::<Vec<_>>().join(" ")
    }
}

fn column(cell: Cell) -> String {
    let kind = match cell.kind {
        Kind::Advice => 'a',
        Kind::Fixed => 'f',
        Kind::Instance => 'i',
    };
    format!("{kind}{}", cell.column)
}
