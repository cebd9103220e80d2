//! What the campaigns over one scene found.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::share::Share;

/// Targets, forged assignments, and the places where a change turned out harmless.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// Cells or classes of copied cells.
    pub targets: usize,
    /// Assignments judged.
    pub forgeries: usize,
    /// Accepted and explained, by place.
    pub explained: BTreeMap<&'static str, usize>,
    /// Accepted and not explained: defects.
    pub accepted: Vec<String>,
}

/// Copies of one chip.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Copies {
    /// Copies into cells of this chip.
    pub edges: usize,
    /// Cut, a forgery is accepted.
    pub accepted: usize,
    /// Cut, equal values are left that nothing links.
    pub unlinked: usize,
    /// Either of the two.
    pub caught: usize,
    /// In the broken set of some forgery.
    pub broken: usize,
}

/// Constraints, or constraints by row.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Deletions {
    /// How many there are.
    pub total: usize,
    /// Broken by some forgery.
    pub broken: usize,
    /// Deleted, some forgery is accepted.
    pub accepted: usize,
}

/// What the campaigns found about one scene.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scene.
    pub scene: String,
    /// How much of it was attacked.
    pub share: Share,
    /// Advice cells assigned.
    pub cells: usize,
    /// Copy constraints.
    pub copies: usize,
    /// Of these, by the chip that reads them.
    pub copies_by_chip: BTreeMap<String, usize>,
    /// Gate polynomials by row.
    pub gate_rows: usize,
    /// Lookups by row.
    pub lookup_rows: usize,
    /// Structural findings: none in a clean circuit.
    pub structure: Vec<String>,
    /// Each cell on its own.
    pub single: Tally,
    /// Copied cells together.
    pub classes: Tally,
    /// Two cells of one gate together.
    pub pairs: Tally,
    /// Each instance cell on its own; accepted ones are table rows that the account never reads.
    pub instance: Tally,
    /// Each cell with all that is computed from it.
    pub replays: Tally,
    /// Each cell, with repairs.
    pub adversary: Tally,
    /// Copies cut, by chip.
    pub cuts: BTreeMap<String, Copies>,
    /// Gate polynomials and lookups deleted.
    pub constraints: Deletions,
    /// The same, a single row of them.
    pub rows: Deletions,
    /// Constraints whose deletion no forgery of this campaign profits from.
    pub never_alone: Vec<String>,
    /// Everything that a person must look at.
    pub defects: Vec<String>,
}

impl Report {
    /// Harmless changes by place: of a cell alone, or of a cell and its copies.
    pub fn explained(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let tallies = [&self.single, &self.classes].into_iter();
        tallies.flat_map(|tally| tally.explained.iter().map(|(place, n)| (*place, *n)))
    }
}
