//! Campaigns over a whole circuit: every cell, every class of copied cells, every copy.
//!
//! Each forged assignment yields the set of constraints that it breaks. [`Coverage`] keeps, for
//! every constraint, whether some forgery broke it and whether some forgery broke nothing else:
//! the second means that a circuit without that constraint accepts a forged assignment.

mod deep;

use std::collections::BTreeSet;

use ff::PrimeField;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use rayon::prelude::*;

pub use deep::{Cut, Effort, Replay, adversary, cuts, deletions, replays};

use crate::{
    cell::{Cell, Kind},
    image::Image,
    judge::{Constraint, Failure, Index, Judge},
    structure::{Live, support},
};

/// Which constraints the forgeries of a campaign broke.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Broken by some forgery.
    pub broken: BTreeSet<Constraint>,
    /// Broken by some forgery that broke no other constraint.
    pub alone: BTreeSet<Constraint>,
    /// Broken by some forgery, at this row.
    pub broken_at: BTreeSet<Failure>,
    /// Broken by some forgery that broke nothing else anywhere.
    pub alone_at: BTreeSet<Failure>,
}

impl Coverage {
    /// Takes one forgery's failures into account.
    pub fn record(&mut self, failures: &BTreeSet<Failure>) {
        self.broken_at.extend(failures);
        self.broken.extend(failures.iter().map(|f| f.constraint));
        if let Some(first) = failures.first() {
            if failures.len() == 1 {
                self.alone_at.insert(*first);
            }
            if failures.iter().all(|f| f.constraint == first.constraint) {
                self.alone.insert(first.constraint);
            }
        }
    }

    /// Both together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.broken.extend(other.broken);
        self.alone.extend(other.alone);
        self.broken_at.extend(other.broken_at);
        self.alone_at.extend(other.alone_at);
        self
    }
}

/// A forged assignment that broke nothing.
#[derive(Clone, Debug)]
pub struct Survivor<F> {
    /// The cell that was forged.
    pub cell: Cell,
    /// Its forged value.
    pub value: F,
    /// Every cell that changed.
    pub changed: usize,
}

/// What a campaign did.
#[derive(Clone, Debug)]
pub struct Outcome<F> {
    /// Cells, classes or copies.
    pub targets: usize,
    /// Forged assignments.
    pub forgeries: usize,
    /// Those that broke nothing.
    pub survivors: Vec<Survivor<F>>,
    /// What the others broke.
    pub coverage: Coverage,
}

impl<F> Default for Outcome<F> {
    fn default() -> Self {
        Self {
            targets: 0,
            forgeries: 0,
            survivors: Vec::new(),
            coverage: Coverage::default(),
        }
    }
}

impl<F> Outcome<F> {
    fn record(&mut self, cell: Cell, value: F, changed: usize, failures: &BTreeSet<Failure>) {
        self.forgeries += 1;
        self.coverage.record(failures);
        if failures.is_empty() {
            self.survivors.push(Survivor {
                cell,
                value,
                changed,
            });
        }
    }

    /// Both together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.targets += other.targets;
        self.forgeries += other.forgeries;
        self.survivors.extend(other.survivors);
        self.coverage = self.coverage.merge(other.coverage);
        self
    }
}

/// Values that an honest cell is replaced by: one off, the other sign, the other bit, twice, one
/// limb more, random. `seed` and the cell fix the random one.
pub fn forged_values<F: PrimeField>(honest: F, cell: Cell, seed: u64) -> Vec<F> {
    let place = (cell.column as u64) << 40 | cell.row as u64;
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ place.rotate_left(20));
    let candidates = [
        honest + F::ONE,
        honest - F::ONE,
        -honest,
        F::ONE - honest,
        honest.double(),
        honest + F::from(1 << 10),
        F::random(&mut rng),
    ];
    let mut values = Vec::with_capacity(candidates.len());
    for value in candidates {
        if value != honest && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Sets each cell on its own to each of [`forged_values`]. `tick` is called once a cell.
pub fn cells<F: PrimeField>(
    image: &Image<F>,
    index: &Index<'_, F>,
    cells: &[Cell],
    seed: u64,
    tick: &(dyn Fn() + Sync),
) -> Outcome<F> {
    let one = |judge: &mut Judge<'_, '_, F>, cell: &Cell| {
        let mut outcome = Outcome {
            targets: 1,
            ..Outcome::default()
        };
        for value in forged_values(image.value(*cell), *cell, seed) {
            outcome.record(*cell, value, 1, &judge.judge(&[(*cell, value)]));
        }
        tick();
        outcome
    };
    cells
        .par_iter()
        .map_init(|| Judge::new(index), one)
        .reduce(Outcome::default, Outcome::merge)
}

/// Sets all cells of a class of copies together, so that the copies hold and the gates and
/// lookups must notice. Classes with an instance or a fixed cell are left out: their value is
/// not the prover's. Of the others every n-th is forged.
pub fn classes<F: PrimeField>(
    image: &Image<F>,
    index: &Index<'_, F>,
    every: usize,
    seed: u64,
    tick: &(dyn Fn() + Sync),
) -> Outcome<F> {
    let advice = |class: &Vec<Cell>| class.iter().all(|cell| cell.kind == Kind::Advice);
    let classes: Vec<_> = image
        .classes()
        .into_iter()
        .filter(advice)
        .step_by(every)
        .collect();
    let one = |judge: &mut Judge<'_, '_, F>, class: &Vec<Cell>| {
        let mut outcome = Outcome {
            targets: 1,
            ..Outcome::default()
        };
        let cell = class[0];
        for value in forged_values(image.value(cell), cell, seed) {
            let changes: Vec<_> = class.iter().map(|cell| (*cell, value)).collect();
            outcome.record(cell, value, changes.len(), &judge.judge(&changes));
        }
        tick();
        outcome
    };
    classes
        .par_iter()
        .map_init(|| Judge::new(index), one)
        .reduce(Outcome::default, Outcome::merge)
}

/// Sets every pair of cells that some gate or lookup reads together: both one off, and both the
/// other bit, so that products which are zero twice over are seen to break. Pairs of every n-th gate row.
pub fn pairs<F: PrimeField>(
    image: &Image<F>,
    index: &Index<'_, F>,
    live: &Live,
    every: usize,
    tick: &(dyn Fn() + Sync),
) -> Outcome<F> {
    let mut pairs: BTreeSet<(Cell, Cell)> = BTreeSet::new();
    for (constraint, row) in live.gates.iter().chain(&live.lookups).step_by(every) {
        let failure = Failure {
            constraint: *constraint,
            row: *row,
        };
        let cells = support(image, &failure).into_iter();
        let cells: Vec<Cell> = cells.filter(|cell| cell.kind == Kind::Advice).collect();
        for (i, a) in cells.iter().enumerate() {
            pairs.extend(cells[i + 1..].iter().map(|b| (*a, *b)));
        }
    }
    let pairs: Vec<_> = pairs.into_iter().collect();
    let one = |judge: &mut Judge<'_, '_, F>, (a, b): &(Cell, Cell)| {
        let mut outcome = Outcome {
            targets: 1,
            ..Outcome::default()
        };
        for other in [|x: F| x + F::ONE, |x: F| F::ONE - x] {
            let [x, y] = [a, b].map(|cell| other(image.value(*cell)));
            if x != image.value(*a) && y != image.value(*b) {
                outcome.record(*a, x, 2, &judge.judge(&[(*a, x), (*b, y)]));
            }
        }
        tick();
        outcome
    };
    pairs
        .par_iter()
        .map_init(|| Judge::new(index), one)
        .reduce(Outcome::default, Outcome::merge)
}
