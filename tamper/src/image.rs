//! Everything that one synthesis assigns, and the constraints over it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use ff::PrimeField;
use halo2_proofs::{
    circuit::Value,
    plonk::{
        Advice, Any, Assigned, Assignment, Challenge, Circuit, Column, ConstraintSystem, Error,
        Fixed, FloorPlanner, Instance, Selector,
    },
};

use crate::cell::{Cell, Kind};

/// Why a circuit has no image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The circuit's own error.
    #[error("synthesis: {0}")]
    Synthesis(#[from] Error),
    /// Challenges and second phases are not replayed.
    #[error("the circuit has {challenges} challenges; circuits of one phase only")]
    Phases {
        /// Challenges of the circuit.
        challenges: usize,
    },
    /// The caller's instance does not fit the circuit.
    #[error("{columns} instance columns of at most {rows} rows expected")]
    Instance {
        /// Columns of the circuit.
        columns: usize,
        /// Usable rows.
        rows: usize,
    },
    /// An assignment, a selector or a copy outside the usable rows or columns.
    #[error("{cell} is outside the circuit")]
    Outside {
        /// Where.
        cell: Cell,
    },
    /// A cell without a value: the circuit was made without its witness.
    #[error("{cell} has no value")]
    Unknown {
        /// Where.
        cell: Cell,
    },
}

/// One synthesis: columns, copies and the constraint system before selectors are compressed.
#[derive(Clone, Debug)]
pub struct Image<F: PrimeField> {
    /// Gates and lookups.
    pub system: ConstraintSystem<F>,
    /// Rows, 2^k.
    pub rows: usize,
    /// Rows above the blinding.
    pub usable: usize,
    /// Columns by number; zero where nothing was assigned.
    pub advice: Vec<Vec<F>>,
    /// Columns by number; zero where nothing was assigned.
    pub fixed: Vec<Vec<F>>,
    /// Columns by number, padded with zeros.
    pub instance: Vec<Vec<F>>,
    /// Rows per instance column that the caller gave.
    pub instance_rows: Vec<usize>,
    /// Selectors by number.
    pub selectors: Vec<Vec<bool>>,
    /// Advice cells in the order of their first assignment.
    pub assigned: Vec<Cell>,
    /// Advice cells that were assigned more than once: the backend keeps the last value.
    pub twice: BTreeSet<Cell>,
    /// Copy constraints in the order they were made.
    pub edges: Vec<(Cell, Cell)>,
}

impl<F: PrimeField> Image<F> {
    /// Synthesises `circuit` at 2^k rows and keeps everything.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn capture<C: Circuit<F>>(
        circuit: &C,
        k: u32,
        instance: Vec<Vec<F>>,
    ) -> Result<Self, CaptureError> {
        Self::capture_with(circuit, k, instance, &Values::default())
    }

    /// As [`capture`](Self::capture), sharing `values` between replays of one circuit.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn capture_with<C: Circuit<F>>(
        circuit: &C,
        k: u32,
        instance: Vec<Vec<F>>,
        values: &Values<F>,
    ) -> Result<Self, CaptureError> {
        let mut system = ConstraintSystem::default();
        let config = C::configure_with_params(&mut system, circuit.params());
        if system.num_challenges() > 0 {
            let challenges = system.num_challenges();
            return Err(CaptureError::Phases { challenges });
        }
        let rows = 1usize << k;
        let usable = rows.saturating_sub(system.blinding_factors() + 1);
        let columns = system.num_instance_columns();
        if instance.len() != columns || instance.iter().any(|c| c.len() > usable) {
            return Err(CaptureError::Instance {
                columns,
                rows: usable,
            });
        }
        let instance_rows = instance.iter().map(Vec::len).collect();
        let column = || vec![F::ZERO; rows];
        let mut instance = instance;
        instance.iter_mut().for_each(|c| c.resize(rows, F::ZERO));
        let constants = system.constants().clone();
        let mut recorder = Recorder {
            image: Self {
                rows,
                usable,
                advice: (0..system.num_advice_columns()).map(|_| column()).collect(),
                fixed: (0..system.num_fixed_columns()).map(|_| column()).collect(),
                instance,
                instance_rows,
                selectors: vec![vec![false; rows]; system.num_selectors()],
                assigned: Vec::new(),
                twice: BTreeSet::new(),
                edges: Vec::new(),
                system,
            },
            seen: vec![false; 0],
            error: None,
            values: values.clone(),
            handed: None,
        };
        let cells = recorder.image.advice.len() * rows;
        recorder.seen = vec![false; cells];
        if values.0.first.get().is_none() {
            recorder.handed = Some(vec![None; cells]);
        }
        C::FloorPlanner::synthesize(&mut recorder, circuit, config, constants)?;
        if let Some(handed) = recorder.handed.take() {
            // Of several that began together one stays.
            let _ = values.0.first.set(handed);
        }
        match recorder.error {
            Some(error) => Err(error),
            None => Ok(recorder.image),
        }
    }

    /// The value of a cell.
    pub fn value(&self, cell: Cell) -> F {
        let columns = match cell.kind {
            Kind::Advice => &self.advice,
            Kind::Fixed => &self.fixed,
            Kind::Instance => &self.instance,
        };
        columns[cell.column][cell.row]
    }

    /// The advice and instance cells in which `other` differs, with its values. Both images are
    /// of one circuit.
    pub fn changes(&self, other: &Self) -> Vec<(Cell, F)> {
        let differing = |kind: Kind, ours: &[Vec<F>], theirs: &[Vec<F>]| {
            let mut found = Vec::new();
            for (column, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                for (row, (our, their)) in ours.iter().zip(theirs).enumerate() {
                    if our != their {
                        found.push((Cell { kind, column, row }, *their));
                    }
                }
            }
            found
        };
        let mut changes = differing(Kind::Advice, &self.advice, &other.advice);
        changes.extend(differing(Kind::Instance, &self.instance, &other.instance));
        changes
    }

    /// Cells tied by copies, as classes of two or more.
    pub fn classes(&self) -> Vec<Vec<Cell>> {
        let mut ids = BTreeMap::new();
        let mut parents: Vec<usize> = Vec::new();
        for (a, b) in &self.edges {
            let [a, b] = [a, b].map(|cell| {
                *ids.entry(*cell).or_insert_with(|| {
                    parents.push(parents.len());
                    parents.len() - 1
                })
            });
            let [a, b] = [root(&mut parents, a), root(&mut parents, b)];
            parents[a] = b;
        }
        let mut classes: BTreeMap<usize, Vec<Cell>> = BTreeMap::new();
        for (cell, id) in ids {
            classes
                .entry(root(&mut parents, id))
                .or_default()
                .push(cell);
        }
        classes.into_values().collect()
    }
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// Values that circuits may read back from the cells they assigned.
///
/// The backend hands out references of any lifetime, so each distinct value is leaked once;
/// replays that share this share the values.
#[derive(Clone, Debug, Default)]
pub struct Values<F: PrimeField>(Arc<Known<F>>);

#[derive(Debug, Default)]
struct Known<F: PrimeField> {
    all: Mutex<HashMap<Vec<u8>, &'static Assigned<F>>>,
    /// What the first synthesis got, by cell. Replays differ from it in few cells, and look here first.
    first: OnceLock<Vec<Option<&'static Assigned<F>>>>,
}

impl<F: PrimeField> Values<F> {
    /// The value, likely that of the cell with this number.
    fn get(&self, value: F, cell: usize) -> &'static Assigned<F> {
        let first = self.0.first.get().and_then(|first| *first.get(cell)?);
        if let Some(held @ Assigned::Trivial(known)) = first
            && *known == value
        {
            return held;
        }
        let mut known = self.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(value.to_repr().as_ref().to_vec())
            .or_insert_with(|| Box::leak(Box::new(Assigned::Trivial(value))))
    }
}

struct Recorder<F: PrimeField> {
    image: Image<F>,
    seen: Vec<bool>,
    error: Option<CaptureError>,
    values: Values<F>,
    /// What was handed out by cell, if this is the first synthesis.
    handed: Option<Vec<Option<&'static Assigned<F>>>>,
}

impl<F: PrimeField> Recorder<F> {
    fn fail(&mut self, error: CaptureError) {
        self.error.get_or_insert(error);
    }

    fn inside(&mut self, cell: Cell) -> bool {
        let columns = match cell.kind {
            Kind::Advice => self.image.advice.len(),
            Kind::Fixed => self.image.fixed.len(),
            Kind::Instance => self.image.instance.len(),
        };
        let inside = cell.column < columns && cell.row < self.image.usable;
        if !inside {
            self.fail(CaptureError::Outside { cell });
        }
        inside
    }
}

impl<F: PrimeField> Assignment<F> for Recorder<F> {
    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: Column<Any>) {}

    fn exit_region(&mut self) {}

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        selector: &Selector,
        row: usize,
    ) -> Result<(), Error> {
        let column = self.image.selectors.get_mut(selector.index());
        match column.and_then(|column| column.get_mut(row)) {
            Some(enabled) if row < self.image.usable => {
                *enabled = true;
                Ok(())
            }
            _ => Err(Error::BoundsFailure),
        }
    }

    fn query_instance(&self, column: Column<Instance>, row: usize) -> Result<Value<F>, Error> {
        let column = self.image.instance.get(column.index());
        let value = column.and_then(|column| column.get(row));
        value.map(|v| Value::known(*v)).ok_or(Error::BoundsFailure)
    }

    fn assign_advice<'v>(
        &mut self,
        column: Column<Advice>,
        row: usize,
        to: Value<Assigned<F>>,
    ) -> Value<&'v Assigned<F>> {
        let cell = Cell::advice(column.index(), row);
        let mut value = None;
        to.map(|to| value = Some(to.evaluate()));
        let Some(value) = value else {
            self.fail(CaptureError::Unknown { cell });
            return Value::unknown();
        };
        let number = cell.column * self.image.rows + row;
        let held = self.values.get(value, number);
        if self.inside(cell) {
            let seen = &mut self.seen[number];
            if std::mem::replace(seen, true) {
                self.image.twice.insert(cell);
            } else {
                self.image.assigned.push(cell);
            }
            self.image.advice[cell.column][row] = value;
            if let Some(handed) = &mut self.handed {
                handed[number] = Some(held);
            }
        }
        Value::known(held)
    }

    fn assign_fixed(&mut self, column: Column<Fixed>, row: usize, to: Assigned<F>) {
        let cell = Cell::fixed(column.index(), row);
        if self.inside(cell) {
            self.image.fixed[cell.column][row] = to.evaluate();
        }
    }

    fn copy(&mut self, left: Column<Any>, left_row: usize, right: Column<Any>, right_row: usize) {
        let (left, right) = (Cell::of(left, left_row), Cell::of(right, right_row));
        if self.inside(left) && self.inside(right) {
            self.image.edges.push((left, right));
        }
    }

    fn fill_from_row(
        &mut self,
        column: Column<Fixed>,
        row: usize,
        to: Value<Assigned<F>>,
    ) -> Result<(), Error> {
        let usable = self.image.usable;
        let column = self.image.fixed.get_mut(column.index());
        let cells = column.and_then(|column| column.get_mut(row..usable));
        let cells = cells.ok_or(Error::BoundsFailure)?;
        to.map(|to| cells.fill(to.evaluate()));
        Ok(())
    }

    fn get_challenge(&self, _: Challenge) -> Value<F> {
        Value::unknown()
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self, _: Option<String>) {}
}
