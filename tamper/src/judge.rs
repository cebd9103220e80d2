//! Which constraints a set of changed cells breaks.
//!
//! Only gates, lookups and copies that touch a changed cell are evaluated, so that one change
//! costs microseconds where the mock prover takes a pass over the whole circuit. An honest image
//! breaks nothing ([`Judge::judge_all`]); a change breaks what [`Judge::judge`] says.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use ff::PrimeField;
use halo2_proofs::plonk::Expression;

use crate::{
    cell::{Cell, Kind},
    expression::{self, View},
    image::Image,
    program::Program,
};

/// A constraint that can be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Constraint {
    /// A polynomial of a gate.
    Gate {
        /// The gate's number.
        gate: usize,
        /// The polynomial's number within the gate.
        poly: usize,
    },
    /// A lookup argument.
    Lookup {
        /// The lookup's number.
        lookup: usize,
    },
    /// A copy constraint: an index into [`Image::edges`].
    Copy {
        /// The edge's number.
        edge: usize,
    },
}

/// A constraint broken at a row. A copy's row is that of its first cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Failure {
    /// What is broken.
    pub constraint: Constraint,
    /// Where.
    pub row: usize,
}

impl Constraint {
    /// `gate: constraint`, the lookup's name, or `copy a = b`.
    pub fn name<F: PrimeField>(self, image: &Image<F>) -> String {
        match self {
            Self::Gate { gate, poly } => {
                let gate = &image.system.gates()[gate];
                format!("{}: {}", gate.name(), gate.constraint_name(poly))
            }
            Self::Lookup { lookup } => image.system.lookups()[lookup].name().to_owned(),
            Self::Copy { edge } => {
                let (a, b) = image.edges[edge];
                format!("copy {a} = {b}")
            }
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate { gate, poly } => write!(f, "gate {gate} constraint {poly}"),
            Self::Lookup { lookup } => write!(f, "lookup {lookup}"),
            Self::Copy { edge } => write!(f, "copy {edge}"),
        }
    }
}

/// What reads a column, at which distance from the reader's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reader {
    Gate { gate: usize, poly: usize },
    Input { lookup: usize },
    Table { lookup: usize },
}

type Key = Vec<u8>;

/// The readers of every column, the copies of every cell and the rows of every lookup table.
#[derive(Debug)]
pub struct Index<'i, F: PrimeField> {
    image: &'i Image<F>,
    /// Polynomials by gate.
    gates: Vec<Vec<Program<F>>>,
    advice: Vec<BTreeSet<(Reader, i32)>>,
    instance: Vec<BTreeSet<(Reader, i32)>>,
    edges: HashMap<Cell, Vec<usize>>,
    tables: Vec<Table<F>>,
}

#[derive(Debug)]
struct Table<F> {
    /// What is looked up.
    input: Vec<Program<F>>,
    /// Where.
    table: Vec<Program<F>>,
    /// How often a row occurs.
    count: HashMap<Key, usize>,
    /// The rows of the circuit that look it up.
    inputs: HashMap<Key, Vec<usize>>,
    /// The values, if it is one column wide.
    column: Vec<F>,
}

impl<'i, F: PrimeField> Index<'i, F> {
    /// Indexes an image.
    pub fn new(image: &'i Image<F>) -> Self {
        let mut index = Self {
            image,
            gates: Vec::new(),
            advice: vec![BTreeSet::new(); image.advice.len()],
            instance: vec![BTreeSet::new(); image.instance.len()],
            edges: HashMap::new(),
            tables: Vec::new(),
        };
        for (gate, g) in image.system.gates().iter().enumerate() {
            for (poly, p) in g.polynomials().iter().enumerate() {
                index.add(p, Reader::Gate { gate, poly });
            }
            index.gates.push(Program::all(g.polynomials()));
        }
        let view = View::of(image);
        for (lookup, l) in image.system.lookups().iter().enumerate() {
            for input in l.input_expressions() {
                index.add(input, Reader::Input { lookup });
            }
            for table in l.table_expressions() {
                index.add(table, Reader::Table { lookup });
            }
            let mut table = Table {
                input: Program::all(l.input_expressions()),
                table: Program::all(l.table_expressions()),
                count: HashMap::new(),
                inputs: HashMap::new(),
                column: Vec::new(),
            };
            if let [only] = table.table.as_slice() {
                table.column = (0..image.usable)
                    .map(|row| only.value(&view, row))
                    .collect();
                table
                    .column
                    .sort_by_cached_key(|v| v.to_repr().as_ref().to_vec());
                table.column.dedup();
            }
            for row in 0..image.usable {
                let key = view.key(&table.table, row);
                *table.count.entry(key).or_default() += 1;
                let input = view.key(&table.input, row);
                table.inputs.entry(input).or_default().push(row);
            }
            index.tables.push(table);
        }
        for (edge, (a, b)) in image.edges.iter().enumerate() {
            for cell in [a, b] {
                index.edges.entry(*cell).or_default().push(edge);
            }
        }
        index
    }

    fn add(&mut self, expression: &Expression<F>, reader: Reader) {
        for (kind, column, rotation) in expression::queries(expression) {
            match kind {
                Kind::Advice => self.advice[column].insert((reader, rotation)),
                Kind::Instance => self.instance[column].insert((reader, rotation)),
                Kind::Fixed => false,
            };
        }
    }

    /// The distinct values of a lookup table that is one column wide.
    pub(crate) fn column(&self, lookup: usize) -> &[F] {
        &self.tables[lookup].column
    }

    /// The copies that touch a cell.
    pub fn edges(&self, cell: Cell) -> &[usize] {
        self.edges.get(&cell).map_or(&[], Vec::as_slice)
    }
}

/// Judges changes against one image. Cheap to make for every thread.
#[derive(Debug)]
pub struct Judge<'x, 'i, F: PrimeField> {
    index: &'x Index<'i, F>,
    advice: Vec<Vec<F>>,
    instance: Vec<Vec<F>>,
}

impl<'x, 'i, F: PrimeField> Judge<'x, 'i, F> {
    /// A judge over an indexed image.
    pub fn new(index: &'x Index<'i, F>) -> Self {
        Self {
            index,
            advice: index.image.advice.clone(),
            instance: index.image.instance.clone(),
        }
    }

    /// Everything that the image itself breaks: nothing, if its prover was honest.
    pub fn judge_all(&self) -> BTreeSet<Failure> {
        let image = self.index.image;
        let mut failures = BTreeSet::new();
        for (gate, g) in image.system.gates().iter().enumerate() {
            for poly in 0..g.polynomials().len() {
                let reader = Reader::Gate { gate, poly };
                for row in 0..image.usable {
                    failures.extend(self.check(reader, row, &mut Vec::new()));
                }
            }
        }
        for lookup in 0..image.system.lookups().len() {
            let reader = Reader::Input { lookup };
            for row in 0..image.usable {
                failures.extend(self.check(reader, row, &mut Vec::new()));
            }
        }
        for edge in 0..image.edges.len() {
            failures.extend(self.copy(edge));
        }
        failures
    }

    /// What breaks when the cells take these values. Changes of fixed cells are ignored: they
    /// are the key's, not the prover's.
    pub fn judge(&mut self, changes: &[(Cell, F)]) -> BTreeSet<Failure> {
        self.apply(changes.iter().copied());
        let mut failures = BTreeSet::new();
        let (mut readers, mut edges) = (Vec::new(), Vec::new());
        let rows = self.index.image.rows;
        for (cell, _) in changes {
            let column = match cell.kind {
                Kind::Advice => &self.index.advice[cell.column],
                Kind::Instance => &self.index.instance[cell.column],
                Kind::Fixed => continue,
            };
            for (reader, rotation) in column {
                let row = expression::turn(cell.row, -rotation, rows);
                if row < self.index.image.usable && !self.off(*reader, row) {
                    readers.push((*reader, row));
                }
            }
            edges.extend(self.index.edges(*cell));
        }
        // Sorted once: sets of this size are slow to grow.
        readers.sort_unstable();
        readers.dedup();
        edges.sort_unstable();
        edges.dedup();
        // Table rows first: inputs are judged against the tables as they are now.
        let mut swaps = Vec::new();
        for (reader, row) in &readers {
            if let Reader::Table { lookup } = reader {
                swaps.push((*lookup, *row));
            }
        }
        for (reader, row) in &readers {
            failures.extend(self.check(*reader, *row, &mut swaps));
        }
        failures.extend(self.orphans(&mut swaps));
        for edge in edges {
            failures.extend(self.copy(edge));
        }
        let image = self.index.image;
        self.apply(changes.iter().map(|(cell, _)| (*cell, image.value(*cell))));
        failures
    }

    /// Reads something off with these changes, and one class at `x` on top of them.
    pub(crate) fn with<T>(
        &mut self,
        changes: &BTreeMap<Cell, F>,
        class: &[Cell],
        x: F,
        read: impl Fn(&View<'_, F>) -> T,
    ) -> T {
        self.apply(changes.iter().map(|(cell, value)| (*cell, *value)));
        self.apply(class.iter().map(|cell| (*cell, x)));
        let result = read(&self.view());
        let image = self.index.image;
        let touched = changes.keys().chain(class);
        self.apply(touched.map(|cell| (*cell, image.value(*cell))));
        result
    }

    fn apply(&mut self, changes: impl Iterator<Item = (Cell, F)>) {
        for (cell, value) in changes {
            let columns = match cell.kind {
                Kind::Advice => &mut self.advice,
                Kind::Instance => &mut self.instance,
                Kind::Fixed => continue,
            };
            columns[cell.column][cell.row] = value;
        }
    }

    fn view(&self) -> View<'_, F> {
        View {
            image: self.index.image,
            advice: &self.advice,
            instance: &self.instance,
        }
    }

    /// Is a gate switched off at a row, by what is not the prover's?
    fn off(&self, reader: Reader, row: usize) -> bool {
        match reader {
            Reader::Gate { gate, poly } => {
                let polynomial = &self.index.gates[gate][poly];
                polynomial.off(self.index.image, row)
            }
            _ => false,
        }
    }

    /// One constraint at one row; `swaps` are changed table rows.
    fn check(&self, reader: Reader, row: usize, swaps: &mut [(usize, usize)]) -> Option<Failure> {
        let (broken, constraint) = match reader {
            Reader::Gate { gate, poly } => {
                let polynomial = &self.index.gates[gate][poly];
                let broken = polynomial.value(&self.view(), row) != F::ZERO;
                (broken, Constraint::Gate { gate, poly })
            }
            Reader::Input { lookup } => {
                let key = self.view().key(&self.index.tables[lookup].input, row);
                (
                    !self.holds(lookup, &key, swaps),
                    Constraint::Lookup { lookup },
                )
            }
            Reader::Table { .. } => return None,
        };
        broken.then_some(Failure { constraint, row })
    }

    /// Is the row in the table as it is now?
    fn holds(&self, lookup: usize, key: &Key, swaps: &[(usize, usize)]) -> bool {
        let table = &self.index.tables[lookup];
        let mut count = table.count.get(key).copied().unwrap_or(0);
        for (_, row) in swaps.iter().filter(|(l, _)| *l == lookup) {
            if View::of(self.index.image).key(&table.table, *row) == *key {
                count -= 1;
            }
            if self.view().key(&table.table, *row) == *key {
                return true;
            }
        }
        count > 0
    }

    /// Unchanged rows whose table row is gone.
    fn orphans(&self, swaps: &mut [(usize, usize)]) -> Vec<Failure> {
        let image = self.index.image;
        let mut failures = Vec::new();
        for (lookup, row) in swaps.iter() {
            let table = &self.index.tables[*lookup];
            let gone = View::of(image).key(&table.table, *row);
            if self.holds(*lookup, &gone, swaps) {
                continue;
            }
            let inputs = table.inputs.get(&gone);
            for row in inputs.into_iter().flatten() {
                if self.view().key(&table.input, *row) == gone {
                    failures.push(Failure {
                        constraint: Constraint::Lookup { lookup: *lookup },
                        row: *row,
                    });
                }
            }
        }
        failures
    }

    fn copy(&self, edge: usize) -> Option<Failure> {
        let (a, b) = self.index.image.edges[edge];
        let view = self.view();
        (view.cell(a) != view.cell(b)).then_some(Failure {
            constraint: Constraint::Copy { edge },
            row: a.row,
        })
    }
}
