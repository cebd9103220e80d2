//! A prover who does not stop at one cell: it repairs what its forgery breaks.
//!
//! A forged cell breaks a few gates; most of them hold again when another of their cells is
//! solved for. The adversary does so, gate by gate and lookup by lookup, with backtracking,
//! until nothing is broken but the constraint under attack, or its budget is spent. It finds
//! forgeries that no single change shows: a sum moved along its whole chain into a remainder
//! with room, a limb carried.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ff::PrimeField;

use crate::{
    cell::{Cell, Kind},
    expression::{self, View, width},
    image::Image,
    judge::{Constraint, Failure, Index, Judge},
    program::Program,
};

/// What the adversary reached.
#[derive(Clone, Debug)]
pub struct Attack<F> {
    /// The forged assignment: every cell that differs from the honest one.
    pub changes: Vec<(Cell, F)>,
    /// What it still breaks besides the constraint under attack: nothing, if it succeeded.
    pub left: BTreeSet<Failure>,
    /// Assignments judged.
    pub steps: usize,
}

/// Searches for assignments that break nothing but one constraint.
#[derive(Debug)]
pub struct Adversary<'x, 'i, F: PrimeField> {
    image: &'i Image<F>,
    index: &'x Index<'i, F>,
    judge: Judge<'x, 'i, F>,
    order: HashMap<Cell, usize>,
    budget: usize,
}

/// Cells that must change together, and their new value.
type Move<F> = (Vec<Cell>, F);

struct Search<'d, F> {
    deleted: &'d dyn Fn(&Failure) -> bool,
    changes: BTreeMap<Cell, F>,
    steps: usize,
    best: Option<Attack<F>>,
}

impl<'x, 'i, F: PrimeField> Adversary<'x, 'i, F> {
    /// How many repairs are tried for one broken constraint before it is given up.
    const BRANCHES: usize = 2;

    /// How many more broken constraints a repair may leave than it found.
    const SPREAD: usize = 4;

    /// An adversary that judges at most `budget` assignments an attack.
    pub fn new(image: &'i Image<F>, index: &'x Index<'i, F>, budget: usize) -> Self {
        Self {
            image,
            index,
            judge: Judge::new(index),
            order: image.assigned.iter().copied().zip(0..).collect(),
            budget,
        }
    }

    /// Starts from forged cells and repairs everything but what `deleted` accepts. A deleted
    /// copy no longer ties its cells.
    pub fn attack(&mut self, start: &[(Cell, F)], deleted: &dyn Fn(&Failure) -> bool) -> Attack<F> {
        let mut search = Search {
            deleted,
            changes: BTreeMap::new(),
            steps: 0,
            best: None,
        };
        for (cell, value) in start {
            match self.class(*cell, deleted) {
                // Two cells of one class with different values break the copy between them.
                Some(class) => search
                    .changes
                    .extend(class.into_iter().map(|c| (c, *value))),
                None => {
                    search.changes.insert(*cell, *value);
                }
            }
        }
        // What the caller names stands, whatever its class says.
        search.changes.extend(start.iter().copied());
        self.repair(&mut search);
        search.best.unwrap_or(Attack {
            changes: start.to_vec(),
            left: BTreeSet::new(),
            steps: 0,
        })
    }

    /// Everything that an assignment breaks.
    pub fn judge_whole(&mut self, changes: &[(Cell, F)]) -> BTreeSet<Failure> {
        self.judge.judge(changes)
    }

    fn judge(&mut self, search: &mut Search<'_, F>) -> BTreeSet<Failure> {
        let changes: Vec<_> = search.changes.iter().map(|(c, v)| (*c, *v)).collect();
        search.steps += 1;
        let mut left = self.judge.judge(&changes);
        left.retain(|failure| !(search.deleted)(failure));
        let best = search.best.as_ref().map_or(usize::MAX, |b| b.left.len());
        if left.len() < best {
            search.best = Some(Attack {
                changes,
                left: left.clone(),
                steps: search.steps,
            });
        }
        left
    }

    fn repair(&mut self, search: &mut Search<'_, F>) -> bool {
        let left = self.judge(search);
        // Gates first, from the top: what they fix decides what stands below, and the limbs.
        let gates = left
            .iter()
            .filter(|f| !matches!(f.constraint, Constraint::Lookup { .. }))
            .min_by_key(|f| f.row);
        let Some(target) = gates.or(left.first()).copied() else {
            return true;
        };
        let mut moves = Vec::new();
        for (class, value) in self.moves(search, target) {
            if search.steps >= self.budget {
                return false;
            }
            search
                .changes
                .extend(class.iter().map(|cell| (*cell, value)));
            let after = self.judge(search);
            if after.is_empty() {
                return true;
            }
            class.iter().for_each(|cell| {
                search.changes.remove(cell);
            });
            // A hash scrambled or a sum smeared over the circuit: no way back from there.
            if !after.contains(&target) && after.len() <= left.len() + Self::SPREAD {
                moves.push((after.len(), class, value));
            }
        }
        // What was assigned later is more likely computed than given.
        moves.sort_by_key(|(broken, class, _)| {
            let latest = class.iter().filter_map(|cell| self.order.get(cell)).max();
            (*broken, std::cmp::Reverse(latest.copied()))
        });
        for (_, class, value) in moves.into_iter().take(Self::BRANCHES) {
            if search.steps >= self.budget {
                return false;
            }
            search
                .changes
                .extend(class.iter().map(|cell| (*cell, value)));
            if self.repair(search) {
                return true;
            }
            class.iter().for_each(|cell| {
                search.changes.remove(cell);
            });
        }
        false
    }

    /// The cells tied to a cell by the copies that are left; none if its value is not the
    /// prover's to choose.
    fn class(&self, cell: Cell, deleted: &dyn Fn(&Failure) -> bool) -> Option<Vec<Cell>> {
        let mut class = BTreeSet::from([cell]);
        let mut ahead = vec![cell];
        while let Some(at) = ahead.pop() {
            for &edge in self.index.edges(at) {
                let (a, b) = self.image.edges[edge];
                let failure = Failure {
                    constraint: Constraint::Copy { edge },
                    row: a.row,
                };
                let other = if a == at { b } else { a };
                if !deleted(&failure) && class.insert(other) {
                    ahead.push(other);
                }
            }
        }
        let own = class.iter().all(|cell| cell.kind == Kind::Advice);
        own.then(|| class.into_iter().collect())
    }

    /// Changes of one class each that mend a broken constraint.
    fn moves(&mut self, search: &Search<'_, F>, target: Failure) -> Vec<Move<F>> {
        let image = self.image;
        let (expressions, row) = match target.constraint {
            Constraint::Gate { gate, poly } => (
                &image.system.gates()[gate].polynomials()[poly..=poly],
                target.row,
            ),
            Constraint::Lookup { lookup } => (
                image.system.lookups()[lookup]
                    .input_expressions()
                    .as_slice(),
                target.row,
            ),
            Constraint::Copy { .. } => return Vec::new(),
        };
        let [expression] = expressions else {
            return Vec::new();
        };
        let program = Program::new(expression);
        let mut moves = Vec::new();
        let mut tried: BTreeSet<Cell> = BTreeSet::new();
        for cell in expression::support(image, expression, row) {
            if cell.kind != Kind::Advice || tried.contains(&cell) {
                continue;
            }
            let Some(class) = self.class(cell, search.deleted) else {
                continue;
            };
            tried.extend(&class);
            if class.iter().any(|cell| search.changes.contains_key(cell)) {
                continue;
            }
            let [at0, at1, at2] = [F::ZERO, F::ONE, F::from(2)].map(|x| {
                self.judge
                    .with(&search.changes, &class, x, |view: &View<'_, F>| {
                        program.value(view, row)
                    })
            });
            let slope = at1 - at0;
            let Some(inverse) = Option::<F>::from(slope.invert()) else {
                continue;
            };
            if at2 - at1 != slope {
                continue;
            }
            let solve = |wanted: F| (wanted - at0) * inverse;
            let value = match target.constraint {
                Constraint::Lookup { lookup } => {
                    // The smallest value that the table admits: a limb with its carry.
                    let table = self
                        .index
                        .column(lookup)
                        .iter()
                        .map(|wanted| solve(*wanted));
                    table.min_by_key(|value| width(*value))
                }
                _ => Some(solve(F::ZERO)),
            };
            moves.extend(value.map(|value| (class, value)));
        }
        moves
    }
}
