//! Campaigns that synthesise anew, repair, cut and delete.

use std::collections::{BTreeMap, BTreeSet};

use ff::PrimeField;
use halo2_proofs::plonk::Circuit;
use rayon::prelude::*;

use super::{Outcome, Survivor, forged_values};
use crate::{
    adversary::Adversary,
    cell::{Cell, Kind},
    image::{CaptureError, Image, Values},
    judge::{Constraint, Failure, Index, Judge},
    structure::{spare_copies, support, telling},
    tampered::{Plan, Tampered},
};

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
