//! What a statement needs of any layout: rows by lane, limbs, lookups, multiplications. Taken from its constraint system and from a
//! synthesis without a witness.

use halo2_proofs::plonk::{ConstraintSystem, Error, Expression};
use halo2curves::bn256::Fr;
use serde::Serialize;
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, MAIN_COLUMNS, SolvencyCircuit},
    shape::{Shape, Statement},
};

use super::image::{Image, Read};

/// The lookup arguments of a constraint system, by their numbers.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// Into public table and function tables: one a lane, in the order of lanes.
    pub wide: Vec<usize>,
    /// Range checks, one a limb column: the argument's number and the column.
    pub narrow: Vec<(usize, usize)>,
}

impl Arguments {
    /// Of a constraint system.
    pub fn of(cs: &ConstraintSystem<Fr>) -> Self {
        let mut arguments = Self::default();
        for (number, lookup) in cs.lookups().iter().enumerate() {
            let inputs = lookup.input_expressions();
            let column = Read::of_all(inputs).advice.first().copied().unwrap_or(0);
            match inputs.len() {
                1 => arguments.narrow.push((number, column)),
                _ => arguments.wide.push(number),
            }
        }
        let first = |number: &usize| {
            let lookup = cs.lookups().get(*number);
            lookup.and_then(|l| Read::of_all(l.input_expressions()).advice.first().copied())
        };
        arguments.wide.sort_by_key(first);
        arguments.narrow.sort_by_key(|(_, column)| *column);
        arguments
    }
}

/// What a statement's shape needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// log2 of the rows of the circuit in use.
    pub k: u32,
    /// Main rows, by lane of the circuit in use.
    pub main: Vec<usize>,
    /// Rows with a lookup into public table or function tables, by lane.
    pub wide: Vec<usize>,
    /// Limb rows, by column of the circuit in use.
    pub limb_columns: Vec<usize>,
    /// Limb rows of all of them.
    pub limbs: usize,
    /// Limbs of the longest range check: it stays in one column.
    pub longest: usize,
    /// Rows of the tables that are looked up in.
    pub table: usize,
    /// Multiplications that the gates ask for in each row, by lane, nothing shared.
    pub multiplications: Vec<usize>,
    /// Columns in the permutation.
    pub permuted: usize,
}

/// The lane that an expression is of: that of the first main column which it reads.
pub fn lane(read: &Read, lanes: usize) -> usize {
    let first = read
        .advice
        .first()
        .map_or(0, |column| column / MAIN_COLUMNS);
    first.min(lanes.saturating_sub(1))
}

/// Multiplications in an expression, nothing shared.
pub fn multiplications(expression: &Expression<Fr>) -> usize {
    expression.evaluate(
        &|_| 0,
        &|_| 0,
        &|_| 0,
        &|_| 0,
        &|_| 0,
        &|_| 0,
        &|a| a,
        &|a, b| a + b,
        &|a, b| a + b + 1,
        &|a, _| a + 1,
    )
}

impl Needs {
    /// Of a constraint system and what its circuit writes.
    pub fn of(cs: &ConstraintSystem<Fr>, image: &Image, k: u32) -> Self {
        let arguments = Arguments::of(cs);
        let lanes = arguments.wide.len();
        let main = (0..lanes).map(|lane| {
            let columns = MAIN_COLUMNS * lane..MAIN_COLUMNS * (lane + 1);
            columns.map(|c| image.rows(c)).max().unwrap_or(0)
        });
        let rows = 1 << k;
        let one = |column: Option<&usize>, row| {
            column.is_some_and(|column| image.fixed(*column, row) != Fr::zero())
        };
        let wide = arguments.wide.iter().map(|number| {
            let read = Read::of_all(cs.lookups()[*number].input_expressions());
            (0..rows)
                .filter(|row| one(read.fixed.first(), *row))
                .count()
        });
        let tables = cs.lookups().iter().map(|l| l.table_expressions());
        let table = Read::of_all(tables.flatten()).fixed;
        let last = |column: &usize| {
            let cells = image.fixed.get(*column)?;
            cells.iter().rposition(|cell| *cell != Fr::zero())
        };
        let limb_columns = arguments
            .narrow
            .iter()
            .map(|(_, column)| image.rows(*column));
        let limbs = arguments
            .narrow
            .iter()
            .map(|(_, column)| image.cells(*column));
        let longest = arguments.narrow.iter().map(|(number, _)| {
            let read = Read::of_all(cs.lookups()[*number].input_expressions());
            let more = |row: &usize| one(read.fixed.last(), *row);
            let (mut longest, mut run) = (0, 0);
            for row in 0..rows {
                run = if more(&row) { run + 1 } else { 0 };
                longest = longest.max(run + 1);
            }
            longest
        });
        let mut by_lane = vec![0; lanes];
        for polynomial in cs.gates().iter().flat_map(|gate| gate.polynomials()) {
            if let Some(count) = by_lane.get_mut(lane(&Read::of(polynomial), lanes)) {
                // And one by a power of y.
                *count += multiplications(polynomial) + 1;
            }
        }
        Self {
            k,
            main: main.collect(),
            wide: wide.collect(),
            limb_columns: limb_columns.collect(),
            limbs: limbs.sum(),
            longest: longest.max().unwrap_or(0),
            table: table.iter().filter_map(last).max().map_or(0, |r| r + 1),
            multiplications: by_lane,
            permuted: cs.permutation().get_columns().len(),
        }
    }

    /// Of a statement's shape, without a witness.
    ///
    /// # Errors
    /// The synthesis'.
    pub fn without_witness(statement: Statement, shape: Shape) -> Result<Self, Error> {
        let k = statement.k(shape);
        let (cs, image) = match statement {
            Statement::Solvency => Image::of(&SolvencyCircuit::new(shape), k)?,
            _ => Image::of(&LiquidationCircuit::new(shape), k)?,
        };
        Ok(Self::of(&cs, &image, k))
    }

    /// Lanes of the circuit in use.
    pub fn lanes(&self) -> usize {
        self.main.len()
    }

    /// Main rows of all lanes.
    pub fn rows(&self) -> usize {
        self.main.iter().sum()
    }
}
