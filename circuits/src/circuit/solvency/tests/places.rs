//! Where a gate is used: its rows in the order in which the circuit assigns them, over all lanes.

use std::collections::HashMap;

use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;
use zkmargin_tamper::{Cell, Image};

use crate::circuit::{sheet::WIDTH, solvency::SolvencyCircuit};

/// A gate's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    lane: usize,
    row: usize,
}

impl Place {
    /// A main cell relative to the gate's row.
    pub fn cell(self, (column, rotation): (usize, isize)) -> Cell {
        Cell::advice(
            self.lane * WIDTH + column,
            self.row.wrapping_add_signed(rotation),
        )
    }
}

/// The rows of every gate by name.
pub struct Places(HashMap<String, Vec<Place>>);

impl Places {
    pub fn of(image: &Image<Fr>) -> Self {
        let mut order: HashMap<(usize, usize), usize> = HashMap::new();
        for (number, cell) in image.assigned.iter().enumerate() {
            let lane = cell.column / WIDTH;
            if lane < SolvencyCircuit::LANES {
                order.entry((lane, cell.row)).or_insert(number);
            }
        }
        let mut rows: HashMap<String, Vec<(usize, Place)>> = HashMap::new();
        for gate in image.system.gates() {
            let polynomial = &gate.polynomials()[0];
            let Some(selector) = selector(polynomial) else {
                continue;
            };
            let lane = lane(polynomial);
            let places = rows.entry(gate.name().to_owned()).or_default();
            let enabled = image.selectors[selector].iter().enumerate();
            places.extend(enabled.filter(|(_, on)| **on).map(|(row, _)| {
                (
                    order.get(&(lane, row)).copied().unwrap_or(usize::MAX),
                    Place { lane, row },
                )
            }));
        }
        let sorted = rows.into_iter().map(|(name, mut places)| {
            places.sort_by_key(|(number, _)| *number);
            (name, places.into_iter().map(|(_, place)| place).collect())
        });
        Self(sorted.collect())
    }

    /// The `n`th row of a gate.
    pub fn at(&self, gate: &str, n: usize) -> Place {
        self.0[gate][n]
    }

    /// How many rows it has.
    pub fn count(&self, gate: &str) -> usize {
        self.0[gate].len()
    }
}

type Found = Option<usize>;

/// The number of a gate's selector.
fn selector(polynomial: &Expression<Fr>) -> Found {
    polynomial.evaluate(
        &|_| None,
        &|selector| Some(selector.index()),
        &|_| None,
        &|_| None,
        &|_| None,
        &|_| None,
        &|a| a,
        &|a: Found, b: Found| a.or(b),
        &|a: Found, b: Found| a.or(b),
        &|a, _| a,
    )
}

/// The lane of a gate, by its columns.
fn lane(polynomial: &Expression<Fr>) -> usize {
    let found = polynomial.evaluate(
        &|_| None,
        &|_| None,
        &|_| None,
        &|query| Some(query.column_index() / WIDTH),
        &|_| None,
        &|_| None,
        &|a| a,
        &|a: Found, b: Found| a.or(b),
        &|a: Found, b: Found| a.or(b),
        &|a, _| a,
    );
    found.unwrap_or_default()
}
