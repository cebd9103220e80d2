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
    advice: Vec<BTreeSet<(Reader, i32)>>,
    instance: Vec<BTreeSet<(Reader, i32)>>,
    edges: HashMap<Cell, Vec<usize>>,
    tables: Vec<Table<F>>,
}

#[derive(Debug)]
struct Table<F> {
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
            advice: vec![BTreeSet::new(); image.advice.len()],
            instance: vec![BTreeSet::new(); image.instance.len()],
            edges: HashMap::new(),
            tables: Vec::new(),
        };
        for (gate, g) in image.system.gates().iter().enumerate() {
            for (poly, p) in g.polynomials().iter().enumerate() {
                index.add(p, Reader::Gate { gate, poly });
            }
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
                count: HashMap::new(),
                inputs: HashMap::new(),
                column: Vec::new(),
            };
            if let [only] = l.table_expressions().as_slice() {
                table.column = (0..image.usable).map(|row| view.value(only, row)).collect();
                table
                    .column
                    .sort_by_cached_key(|v| v.to_repr().as_ref().to_vec());
                table.column.dedup();
            }
            for row in 0..image.usable {
                *table
                    .count
                    .entry(view.key(l.table_expressions(), row))
                    .or_default() += 1;
                let input = view.key(l.input_expressions(), row);
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
        let mut readers = BTreeSet::new();
        let mut edges = BTreeSet::new();
        let rows = self.index.image.rows as i64;
        for (cell, _) in changes {
            let column = match cell.kind {
                Kind::Advice => &self.index.advice[cell.column],
                Kind::Instance => &self.index.instance[cell.column],
                Kind::Fixed => continue,
            };
            for (reader, rotation) in column {
                let row = (cell.row as i64 - i64::from(*rotation)).rem_euclid(rows) as usize;
                if row < self.index.image.usable {
                    readers.insert((*reader, row));
                }
            }
            edges.extend(self.index.edges(*cell));
        }
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

    /// One constraint at one row; `swaps` are changed table rows.
    fn check(&self, reader: Reader, row: usize, swaps: &mut [(usize, usize)]) -> Option<Failure> {
        let system = &self.index.image.system;
        let (broken, constraint) = match reader {
            Reader::Gate { gate, poly } => {
                let polynomial = &system.gates()[gate].polynomials()[poly];
                let broken = self.view().value(polynomial, row) != F::ZERO;
                (broken, Constraint::Gate { gate, poly })
            }
            Reader::Input { lookup } => {
                let key = self
                    .view()
                    .key(system.lookups()[lookup].input_expressions(), row);
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
        let expressions = self.index.image.system.lookups()[lookup].table_expressions();
        for (_, row) in swaps.iter().filter(|(l, _)| *l == lookup) {
            if View::of(self.index.image).key(expressions, *row) == *key {
                count -= 1;
            }
            if self.view().key(expressions, *row) == *key {
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
            let argument = &image.system.lookups()[*lookup];
            let gone = View::of(image).key(argument.table_expressions(), *row);
            if self.holds(*lookup, &gone, swaps) {
                continue;
            }
            let inputs = self.index.tables[*lookup].inputs.get(&gone);
            for row in inputs.into_iter().flatten() {
                if self.view().key(argument.input_expressions(), *row) == gone {
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
