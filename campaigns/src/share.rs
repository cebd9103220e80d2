//! How much of a circuit is attacked: all of a small one; of one with hundreds of thousands of cells every n-th.

use serde::Serialize;
use zkmargin_circuits::shape::{Shape, Statement};

/// How long a run may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// For every change of the code: minutes.
    Quick,
    /// For a release: hours.
    Full,
}

/// How much of a circuit is attacked.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Share {
    /// Every n-th cell, class of copies and public input is forged in the one synthesis.
    pub cells: usize,
    /// Of every n-th gate row two cells together are.
    pub pairs: usize,
    /// Every n-th cell is replayed and repaired, every n-th copy cut; with 0 none, and no constraint is deleted.
    pub deep: usize,
    /// The first of them; it differs between the accounts of one circuit, so that together they meet more.
    pub first: usize,
    /// Verdicts a scene that are compared with the mock prover's.
    pub mock: usize,
    /// Forgeries that are really proved, for each of three kinds.
    pub proofs: usize,
}

impl Share {
    /// The share of a circuit. Shapes repeat the same chips, and lanes do.
    pub fn of(depth: Depth, statement: Statement, shape: Shape) -> Self {
        let [cells, pairs, deep, mock, proofs] = match (depth, statement, shape) {
            (Depth::Quick, Statement::Solvency, Shape::Small) => [1, 8, 1200, 4, 1],
            (Depth::Quick, Statement::Solvency, Shape::Medium) => [40, 160, 0, 2, 0],
            (Depth::Quick, Statement::Solvency, _) => [400, 1600, 0, 0, 0],
            (Depth::Full, Statement::Solvency, Shape::Small) => [1, 1, 4, 60, 4],
            (Depth::Full, Statement::Solvency, Shape::Medium) => [1, 4, 100, 8, 1],
            (Depth::Full, Statement::Solvency, _) => [10, 40, 0, 2, 0],
            (Depth::Quick, _, Shape::Small) => [1, 1, 1, 60, 4],
            (Depth::Quick, _, _) => [1, 1, 0, 60, 4],
            (Depth::Full, _, Shape::Large) => [1, 1, 0, 300, 12],
            (Depth::Full, _, _) => [1, 1, 1, 300, 12],
        };
        Self {
            cells,
            pairs,
            deep,
            first: 0,
            mock,
            proofs,
        }
    }

    /// The cells that are forged.
    pub fn cells<T: Copy>(&self, all: &[T]) -> Vec<T> {
        every(all, self.cells, self.first)
    }

    /// The same of one of several accounts, which share the deep work and so do all of it together.
    #[must_use]
    pub fn part(self, number: usize, accounts: usize) -> Self {
        Self {
            deep: self.deep * accounts,
            first: self.first + number * self.deep.max(1),
            ..self
        }
    }

    /// How many of so many cells are forged.
    pub fn count(&self, all: usize) -> usize {
        self.cells(&vec![(); all]).len()
    }

    /// How many of so many are replayed, or cut.
    pub fn deep_count(&self, all: usize) -> usize {
        self.deep(&vec![(); all]).len()
    }

    /// The cells that are replayed, or the copies that are cut.
    pub fn deep<T: Copy>(&self, all: &[T]) -> Vec<T> {
        every(all, self.deep, self.first)
    }
}

/// Every n-th; none if n is 0.
fn every<T: Copy>(all: &[T], n: usize, first: usize) -> Vec<T> {
    let skip = first.checked_rem(n);
    let chosen = skip.map(|skip| all.iter().skip(skip).step_by(n).copied());
    chosen.into_iter().flatten().collect()
}
