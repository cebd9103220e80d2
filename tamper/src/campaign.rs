//! Campaigns over a whole circuit: every cell, every class of copied cells, every copy.
//!
//! Each forged assignment yields the set of constraints that it breaks. [`Coverage`] keeps, for
//! every constraint, whether some forgery broke it and whether some forgery broke nothing else:
//! the second means that a circuit without that constraint accepts a forged assignment.

use std::collections::{BTreeMap, BTreeSet};

use ff::PrimeField;
use halo2_proofs::plonk::Circuit;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use rayon::prelude::*;

use crate::{
    adversary::Adversary,
    cell::{Cell, Kind},
    image::{CaptureError, Image, Values},
    judge::{Constraint, Failure, Index, Judge},
    structure::{Live, spare_copies, support, telling},
    tampered::{Plan, Tampered},
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
/// not the prover's.
pub fn classes<F: PrimeField>(
    image: &Image<F>,
    index: &Index<'_, F>,
    seed: u64,
    tick: &(dyn Fn() + Sync),
) -> Outcome<F> {
    let advice = |class: &Vec<Cell>| class.iter().all(|cell| cell.kind == Kind::Advice);
    let classes: Vec<_> = image.classes().into_iter().filter(advice).collect();
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
/// other bit, so that products which are zero twice over are seen to break.
pub fn pairs<F: PrimeField>(
    image: &Image<F>,
    index: &Index<'_, F>,
    live: &Live,
    tick: &(dyn Fn() + Sync),
) -> Outcome<F> {
    let mut pairs: BTreeSet<(Cell, Cell)> = BTreeSet::new();
    for (constraint, row) in live.gates.iter().chain(&live.lookups) {
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

/// Synthesises one circuit again and again under different plans.
#[derive(Clone, Debug)]
pub struct Replay<C, F: PrimeField> {
    tampered: Tampered<C, F>,
    k: u32,
    instance: Vec<Vec<F>>,
    values: Values<F>,
}

impl<C: Circuit<F>, F: PrimeField> Replay<C, F> {
    /// Replays of `circuit` at 2^k rows before a verifier who holds `instance`.
    pub fn new(circuit: C, k: u32, instance: Vec<Vec<F>>) -> Self {
        Self {
            tampered: Tampered {
                circuit,
                plan: Plan {
                    values: BTreeMap::new(),
                    cut: BTreeSet::new(),
                },
            },
            k,
            instance,
            values: Values::default(),
        }
    }

    /// The image under a plan.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn run(&mut self, plan: Plan<F>) -> Result<Image<F>, CaptureError> {
        self.tampered.plan = plan;
        let instance = self.instance.clone();
        Image::capture_with(&self.tampered, self.k, instance, &self.values)
    }
}

/// Forges each cell in a replay, so that all that the circuit computes from it follows: what is
/// left to notice are the constraints on the cell itself and the public inputs.
///
/// # Errors
/// [`CaptureError`] of a replay.
pub fn replays<C: Circuit<F> + Clone + Sync + Send, F: PrimeField>(
    replay: &Replay<C, F>,
    image: &Image<F>,
    index: &Index<'_, F>,
    cells: &[(Cell, F)],
    tick: &(dyn Fn() + Sync),
) -> Result<Outcome<F>, CaptureError> {
    cells
        .par_iter()
        .map_init(
            || (replay.clone(), Judge::new(index)),
            |(replay, judge), (cell, value)| {
                let forged = replay.run(Plan::forging(*cell, *value))?;
                let changes = image.changes(&forged);
                let mut outcome = Outcome {
                    targets: 1,
                    ..Outcome::default()
                };
                outcome.record(*cell, *value, changes.len(), &judge.judge(&changes));
                tick();
                Ok(outcome)
            },
        )
        .try_reduce(Outcome::default, |a, b| Ok(a.merge(b)))
}

/// What cutting one copy would let through.
#[derive(Clone, Debug)]
pub struct Cut<F> {
    /// The copy: an index into [`Image::edges`].
    pub edge: usize,
    /// Some forgery breaks nothing but this copy: without it, it is accepted.
    pub accepted: bool,
    /// Some forgery breaks this copy.
    pub broken: bool,
    /// Its two sides hold equal, telling values in every image and nothing else links them:
    /// [`unlinked`](crate::unlinked) reports them once the copy is gone.
    pub unlinked: bool,
    /// Assignments judged.
    pub forgeries: usize,
    /// The accepted forgery: every cell that changed.
    pub forged: Vec<(Cell, F)>,
}

/// Turns each of the copies into a free assignment: its later cell, or its earlier one, gets another
/// value and the other side keeps its own. In a replay, all that is computed from the forged
/// cell follows it; what is broken then is repaired as far as `budget` allows.
///
/// `images` are of the same circuit with other witnesses; `bits` is as in
/// [`unlinked`](crate::unlinked).
///
/// # Errors
/// [`CaptureError`] of a replay.
pub fn cuts<C: Circuit<F> + Clone + Sync + Send, F: PrimeField>(
    replay: &Replay<C, F>,
    image: &Image<F>,
    index: &Index<'_, F>,
    others: &[Image<F>],
    edges: &[usize],
    effort: &Effort,
    tick: &(dyn Fn() + Sync),
) -> Result<Vec<Cut<F>>, CaptureError> {
    let mut order: BTreeMap<Cell, usize> = BTreeMap::new();
    for (i, cell) in image.assigned.iter().enumerate() {
        order.insert(*cell, i + 1);
    }
    let at = |cell: &Cell| order.get(cell).copied().unwrap_or(0);
    let spare: BTreeSet<usize> = spare_copies(image).into_iter().collect();
    edges
        .par_iter()
        .map_init(
            || (replay.clone(), Adversary::new(image, index, effort.budget)),
            |(replay, adversary), &edge| {
                let (a, b) = image.edges[edge];
                let (earlier, later) = if at(&a) < at(&b) { (a, b) } else { (b, a) };
                let deleted = |f: &Failure| f.constraint == Constraint::Copy { edge };
                let mut cut = Cut {
                    edge,
                    accepted: false,
                    broken: false,
                    unlinked: !spare.contains(&edge) && telling(others, later, effort.bits),
                    forgeries: 0,
                    forged: Vec::new(),
                };
                for plan in plans(image, earlier, later, effort) {
                    // Without the replay first: it is cheaper.
                    let start: Vec<_> = plan.values.iter().map(|(c, v)| (*c, *v)).collect();
                    let mut attack = adversary.attack(&start, &deleted);
                    cut.forgeries += attack.steps;
                    if !attack.left.is_empty() {
                        let changes = image.changes(&replay.run(plan)?);
                        attack = adversary.attack(&changes, &deleted);
                        cut.forgeries += attack.steps;
                    }
                    let all = adversary.judge_whole(&attack.changes);
                    cut.broken |= all.iter().any(deleted);
                    cut.accepted = attack.left.is_empty() && all.iter().any(deleted);
                    if cut.accepted {
                        cut.forged = attack.changes;
                        break;
                    }
                }
                tick();
                Ok(cut)
            },
        )
        .collect()
}

fn plans<F: PrimeField>(
    image: &Image<F>,
    earlier: Cell,
    later: Cell,
    effort: &Effort,
) -> Vec<Plan<F>> {
    let mut plans = Vec::new();
    for value in effort.forged(image, later) {
        plans.push(Plan::forging(later, value));
    }
    if earlier.kind == Kind::Advice {
        for value in effort.forged(image, earlier) {
            let mut plan = Plan::forging(earlier, value);
            plan.values.insert(later, image.value(later));
            plans.push(plan);
        }
    }
    plans
}

/// How hard a campaign tries.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Seed of the random values.
    pub seed: u64,
    /// Assignments that the adversary judges for one attack.
    pub budget: usize,
    /// Bits from which on equal values are no coincidence.
    pub bits: u32,
    /// Rows of a constraint at which its deletion is tried to be profited from.
    pub rows: usize,
    /// Forged values a cell, of those that [`forged_values`] lists.
    pub values: usize,
}

impl Effort {
    /// The values that a cell is forged to.
    pub fn forged<F: PrimeField>(&self, image: &Image<F>, cell: Cell) -> Vec<F> {
        let mut values = forged_values(image.value(cell), cell, self.seed);
        values.truncate(self.values);
        values
    }
}

/// Forges every cell and repairs what breaks, against the whole circuit: whatever ends with
/// nothing broken is a second witness for the same public inputs.
pub fn adversary<F: PrimeField>(
    image: &Image<F>,
    index: &Index<'_, F>,
    cells: &[Cell],
    effort: &Effort,
    tick: &(dyn Fn() + Sync),
) -> Outcome<F> {
    let one = |adversary: &mut Adversary<'_, '_, F>, cell: &Cell| {
        let mut outcome = Outcome {
            targets: 1,
            ..Outcome::default()
        };
        for value in effort.forged(image, *cell) {
            let attack = adversary.attack(&[(*cell, value)], &|_| false);
            outcome.forgeries += attack.steps;
            outcome.coverage.record(&attack.left);
            if attack.left.is_empty() {
                outcome.survivors.push(Survivor {
                    cell: *cell,
                    value,
                    changed: attack.changes.len(),
                });
            }
        }
        tick();
        outcome
    };
    cells
        .par_iter()
        .map_init(|| Adversary::new(image, index, effort.budget), one)
        .reduce(Outcome::default, Outcome::merge)
}

/// The gate polynomials and lookups whose deletion lets some forgery pass.
pub fn deletions<F: PrimeField>(
    image: &Image<F>,
    index: &Index<'_, F>,
    constraints: &[(Constraint, Vec<usize>)],
    effort: &Effort,
    tick: &(dyn Fn() + Sync),
) -> Vec<Constraint> {
    let found = constraints.par_iter().map_init(
        || Adversary::new(image, index, effort.budget),
        |adversary, (constraint, at)| {
            let deleted = |f: &Failure| f.constraint == *constraint;
            let passes = at.iter().take(effort.rows).any(|&row| {
                let failure = Failure {
                    constraint: *constraint,
                    row,
                };
                support(image, &failure).into_iter().any(|cell| {
                    cell.kind == Kind::Advice
                        && effort.forged(image, cell).into_iter().any(|value| {
                            let attack = adversary.attack(&[(cell, value)], &deleted);
                            let all = adversary.judge_whole(&attack.changes);
                            attack.left.is_empty() && all.iter().any(deleted)
                        })
                })
            });
            tick();
            passes.then_some(*constraint)
        },
    );
    found.flatten().collect()
}
