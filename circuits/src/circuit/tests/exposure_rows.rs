//! Where the cells of exposures and of their sums stand, and what a sweep goes over.

use super::rows::{Cell, HEADER_ROWS, Rows, SECTIONS, SLOT_ROWS, slots};
use crate::{
    circuit::{
        cut::CutChip,
        exposure::OptionExposureChip,
        linear_exposure::LinearExposureChip,
        opening::{EXPOSURE_ROWS as NUMBER_ROWS, FIXED_ROWS, OpeningChip},
        perpetual_exposure::PerpetualExposureChip,
        poles::PoleChip,
        run::RunChip,
        scenario::ScenarioChip,
        sums::SumsChip,
        terms::TermsChip,
        total::TotalChip,
        underlying::UnderlyingChip,
    },
    poseidon::PoseidonChip,
    shape::Shape,
};

/// Rows of a slot's exposure by section: collateral has none.
pub const EXPOSURE_ROWS: [usize; SECTIONS] = [
    OptionExposureChip::ROWS + PoleChip::POSITION_ROWS,
    PerpetualExposureChip::ROWS + PoleChip::POSITION_ROWS,
    LinearExposureChip::FUTURE_ROWS + PoleChip::POSITION_ROWS,
    0,
    LinearExposureChip::SWAP_ROWS + PoleChip::POSITION_ROWS,
];

impl Rows {
    /// First row of the exposure of slot `i` of a section; behind the last section, that of the first underlying.
    pub fn exposure(self, section: usize, i: usize) -> usize {
        let slots = slots(self.capacity);
        let before = (0..section).map(|s| slots[s] * EXPOSURE_ROWS[s]);
        let first = self.equity() + SumsChip::EQUITY_ROWS + before.sum::<usize>();
        match EXPOSURE_ROWS.get(section) {
            Some(rows) => first + i * rows,
            None => first,
        }
    }

    /// First row of a position's fractions; its delta, gamma and vega stand in the row above.
    pub fn pole(self, section: usize, i: usize) -> usize {
        self.exposure(section, i) + EXPOSURE_ROWS[section] - PoleChip::POSITION_ROWS
    }

    /// What slot `i` of a section adds to the losses, in its fractions.
    pub fn loss(self, section: usize, i: usize) -> Cell {
        match section {
            3 => (3, self.collateral(i)),
            _ => (3, self.pole(section, i) + 1),
        }
    }

    /// First row of an underlying.
    pub fn underlying(self, i: usize) -> usize {
        self.exposure(SECTIONS, 0) + i * UnderlyingChip::ROWS
    }

    /// First row of a claimed sum's fractions.
    pub fn claim_pole(self, i: usize) -> usize {
        self.underlying(i) + CutChip::ROWS + 1
    }

    /// The claim's sums: X of delta, gamma and vega, x of the losses.
    pub fn claimed(self, i: usize) -> [Cell; 4] {
        let row = self.claim_pole(i);
        [(0, row - 1), (1, row - 1), (2, row - 1), (3, row + 1)]
    }

    /// Of the cut of a claimed sum's delta, gamma or vega: q', r, b', r2, comp, out.
    pub fn cut(self, i: usize, number: usize) -> [Cell; 6] {
        let row = self.underlying(i);
        let out = [(3, row), (4, row), (0, row + 1)][number];
        [
            (number, row + 3),
            (number, row + 4),
            (2 + number, row + 1),
            (1 + number, row + 2),
            (number, row),
            out,
        ]
    }

    /// What is charged for a claim: C, C', h; l', r, net; core, core'.
    pub fn charged(self, i: usize) -> [Cell; 8] {
        let row = self.underlying(i);
        [
            (4, row + 2),
            (3, row + 3),
            (4, row + 3),
            (0, row + 8),
            (1, row + 8),
            (0, row + 9),
            (1, row + 9),
            (2, row + 9),
        ]
    }

    /// The copies in the order gate between the claims `i` and `i + 1`: uid, alive, next uid, gap.
    pub fn claim_order(self, i: usize) -> [Cell; 4] {
        let row = self.underlying(self.underlyings) + i;
        [0, 1, 2, 3].map(|column| (column, row))
    }

    /// First row of the choices and uids for which there is no room in the header's rows.
    pub(super) fn spilled_choices(self) -> usize {
        self.claim_order(self.underlyings - 1)[0].1
    }

    /// Hashes of the challenge: of account and table, then of three numbers each.
    pub fn challenge_hashes(self) -> usize {
        let choices = self.capacity.options.div_ceil(SumsChip::CHOICES);
        // Two of them are in the first.
        1 + (choices + 1 + 4 * self.underlyings - 2).div_ceil(3)
    }

    /// First row of the challenge's hashes; behind the last hash, that of the collateral's fractions.
    pub fn challenge(self, i: usize) -> usize {
        self.spilled_choices() + self.choices_spilled() + i * PoseidonChip::ROWS
    }

    /// The row of the fraction of asset `i`; behind the last, that of their sum.
    pub fn collateral(self, i: usize) -> usize {
        self.challenge(self.challenge_hashes()) + i
    }

    /// First row of the totals.
    pub fn total(self) -> usize {
        self.collateral(0) + PoleChip::collateral_rows(self.capacity.assets)
    }

    /// The row of the header that has an underlying's number: out, uid, shown, alive, uid - alive.
    pub fn number(self, i: usize) -> usize {
        FIXED_ROWS + NUMBER_ROWS * i
    }

    /// The header's rows of exposures but for the numbers, each with the cell that it is tied to.
    pub fn disclosed(self) -> impl Iterator<Item = (usize, Cell)> {
        let out = move |i, number| (self.number(i) + 1 + number, self.cut(i, number)[5]);
        (0..self.underlyings).flat_map(move |i| (0..3).map(move |number| out(i, number)))
    }
}

/// Sections for a sweep, by name, first row and number of rows: one slot of each kind.
pub fn sections(i: usize) -> Vec<(&'static str, usize, usize)> {
    let rows = Rows::of(Shape::Small);
    let last = slots(rows.capacity).map(|n| n - 1);
    let exposure = |section: usize, i: usize| rows.exposure(section, i);
    let order = |section: usize| rows.order(section, 0)[0].1;
    let (spilled, room) = (rows.spilled_choices(), rows.choices_spilled());
    vec![
        ("header", 0, HEADER_ROWS),
        ("opening", rows.opening(), OpeningChip::ROWS),
        ("scenario", rows.scenario(), ScenarioChip::ROWS),
        (
            "first option",
            rows.slot(0, 0),
            SLOT_ROWS[0] - RunChip::END_ROWS,
        ),
        ("option", rows.slot(0, i), SLOT_ROWS[0]),
        ("perpetual option", rows.slot(1, last[1]), SLOT_ROWS[1]),
        ("perpetual option order", order(1), 1),
        ("future", rows.slot(2, last[2]), SLOT_ROWS[2]),
        ("future order", order(2), 1),
        ("asset", rows.slot(3, last[3]), SLOT_ROWS[3]),
        ("asset order", order(3), 1),
        ("swap", rows.slot(4, last[4]), SLOT_ROWS[4]),
        ("swap order", order(4), 1),
        ("equity", rows.equity(), SumsChip::EQUITY_ROWS),
        ("option exposure", exposure(0, i), EXPOSURE_ROWS[0]),
        (
            "perpetual option exposure",
            exposure(1, last[1]),
            EXPOSURE_ROWS[1],
        ),
        ("future exposure", exposure(2, last[2]), EXPOSURE_ROWS[2]),
        ("swap exposure", exposure(4, last[4]), EXPOSURE_ROWS[4]),
        (
            "underlying",
            rows.underlying(rows.underlyings - 1),
            UnderlyingChip::ROWS,
        ),
        (
            "padding underlying",
            rows.underlying(0),
            UnderlyingChip::ROWS,
        ),
        (
            "underlying order",
            rows.claim_order(0)[0].1,
            rows.underlyings - 1,
        ),
        ("choices", spilled, room),
        ("collateral", rows.collateral(last[3]), 2),
        ("total", rows.total(), TotalChip::ROWS),
        ("terms", rows.terms(), TermsChip::ROWS),
    ]
}
