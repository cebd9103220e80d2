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
    /// Every n-th cell, class of copies, gate row and public input is forged in the one synthesis.
    pub cells: usize,
    /// Every n-th cell is replayed and repaired, every n-th copy cut; with 0 none, and no constraint is deleted.
    pub deep: usize,
    /// Verdicts a scene that are compared with the mock prover's.
    pub mock: usize,
    /// Forgeries that are really proved, for each of three kinds.
    pub proofs: usize,
}

impl Share {
    /// The share of a circuit. Shapes repeat the same chips, and lanes do.
    pub fn of(depth: Depth, statement: Statement, shape: Shape) -> Self {
        let [cells, deep, mock, proofs] = match (depth, statement, shape) {
            (Depth::Quick, Statement::Solvency, Shape::Small) => [1, 50, 8, 1],
            (Depth::Quick, Statement::Solvency, Shape::Medium) => [20, 0, 2, 0],
            (Depth::Quick, Statement::Solvency, _) => [200, 0, 0, 0],
            (Depth::Full, Statement::Solvency, Shape::Small) => [1, 4, 60, 4],
            (Depth::Full, Statement::Solvency, Shape::Medium) => [1, 100, 8, 1],
            (Depth::Full, Statement::Solvency, _) => [10, 0, 2, 0],
            (Depth::Quick, _, Shape::Small) => [1, 1, 60, 4],
            (Depth::Quick, _, _) => [1, 0, 60, 4],
            (Depth::Full, _, Shape::Large) => [1, 0, 300, 12],
            (Depth::Full, _, _) => [1, 1, 300, 12],
        };
        Self {
            cells,
            deep,
            mock,
            proofs,
        }
    }

    /// The cells that are forged.
    pub fn cells<T: Copy>(&self, all: &[T], seed: u64) -> Vec<T> {
        every(all, self.cells, seed)
    }

    /// The cells that are replayed, or the copies that are cut.
    pub fn deep<T: Copy>(&self, all: &[T], seed: u64) -> Vec<T> {
        every(all, self.deep, seed)
    }
}

/// Every n-th, from one that the seed decides; none if n is 0.
fn every<T: Copy>(all: &[T], n: usize, seed: u64) -> Vec<T> {
    let skip = (seed as usize).checked_rem(n);
    let chosen = skip.map(|skip| all.iter().skip(skip).step_by(n).copied());
    chosen.into_iter().flatten().collect()
}
