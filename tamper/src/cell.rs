//! Cells by column and row.

use std::fmt;

use halo2_proofs::{
    circuit,
    plonk::{Any, Column},
};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The prover's.
    Advice,
    /// Part of the key.
    Fixed,
    /// The verifier's.
    Instance,
}

/// One cell, by absolute row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// What its column holds.
    pub kind: Kind,
    /// The column's number within its kind.
    pub column: usize,
    /// The row.
    pub row: usize,
}

impl Cell {
    /// An advice cell.
    pub const fn advice(column: usize, row: usize) -> Self {
        Self {
            kind: Kind::Advice,
            column,
            row,
        }
    }

    /// A fixed cell.
    pub const fn fixed(column: usize, row: usize) -> Self {
        Self {
            kind: Kind::Fixed,
            column,
            row,
        }
    }

    /// An instance cell.
    pub const fn instance(column: usize, row: usize) -> Self {
        Self {
            kind: Kind::Instance,
            column,
            row,
        }
    }

    /// The cell of a backend column.
    pub fn of(column: Column<Any>, row: usize) -> Self {
        let kind = match column.column_type() {
            Any::Advice(_) => Kind::Advice,
            Any::Fixed => Kind::Fixed,
            Any::Instance => Kind::Instance,
        };
        Self {
            kind,
            column: column.index(),
            row,
        }
    }
}

impl From<circuit::Cell> for Cell {
    /// This backend counts a region's rows from the top of the circuit.
    fn from(cell: circuit::Cell) -> Self {
        Self::of(cell.column, cell.row_offset)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Advice => 'a',
            Kind::Fixed => 'f',
            Kind::Instance => 'i',
        };
        write!(f, "{kind}{}[{}]", self.column, self.row)
    }
}
