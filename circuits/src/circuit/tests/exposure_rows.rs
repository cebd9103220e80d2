//! Where the cells of exposures and of their sums stand.

use super::rows::{Cell, EXPOSURE_ROWS, Rows};
use crate::{
    circuit::{
        opening::{EXPOSURE_ROWS as HEADER_ROWS, FIXED_ROWS},
        underlying::UnderlyingChip,
    },
    poseidon::PoseidonChip,
};

impl Rows {
    /// First row of a position's fractions; its delta, gamma and vega stand in the row above.
    pub const fn pole(self, section: usize, i: usize) -> usize {
        self.exposure(section, i) + EXPOSURE_ROWS[section] - UnderlyingChip::POSITION_ROWS
    }

    /// First row of a claimed sum's fractions.
    pub const fn claim_pole(self, i: usize) -> usize {
        self.underlying(i) + 2
    }

    /// First row of the cut of a claimed sum's delta, gamma or vega.
    pub const fn cut(self, i: usize, number: usize) -> usize {
        self.underlying(i) + 4 + 2 * number
    }

    /// The copies in the order gate between the claims `i` and `i + 1`: uid, alive, next uid, gap.
    pub fn claim_order(self, i: usize) -> [Cell; 4] {
        let row = self.underlying(self.underlyings) + i;
        [0, 1, 2, 3].map(|column| (column, row))
    }

    /// The challenge's cell.
    pub const fn alpha(self) -> Cell {
        (0, self.challenge(self.underlyings + 1) - 1)
    }

    /// Every cell of the challenge's `i`th hash, row by row: 0 of account and table, then one a claim.
    pub fn challenge_rows(self, i: usize) -> impl Iterator<Item = [Cell; 5]> {
        let first = self.challenge(i);
        (first..first + PoseidonChip::ROWS).map(|row| [0, 1, 2, 3, 4].map(|column| (column, row)))
    }

    /// The public cells of a claim: uid, delta, gamma, vega.
    pub fn outs(self, i: usize) -> [Cell; HEADER_ROWS] {
        let cut = |number| (3, self.cut(i, number) + 1);
        [(2, self.underlying(i)), cut(0), cut(1), cut(2)]
    }

    /// The header's rows of exposures, each with the cell that it is tied to.
    pub fn disclosed(self) -> impl Iterator<Item = (usize, Cell)> {
        let cells = (0..self.underlyings).flat_map(move |i| self.outs(i));
        (FIXED_ROWS..).zip(cells)
    }
}
