//! Where a shape's cells stand: (column, row) by chip and name. Those of exposures and of sums by underlying are in
//! [`exposure_rows`](super::exposure_rows).

use crate::{
    circuit::{
        black76::Black76Chip, header_rows, holding::HoldingChip, linear::LinearChip, ln::LnChip,
        moved::MovedChip, opening::OpeningChip, perpetual::PerpetualChip,
        perpetual_exposure::PerpetualExposureChip, run::RunChip, scenario::ScenarioChip,
        smile::SmileChip, sums::SumsChip, swap::SwapChip, terms::TermsChip, total::TotalChip,
    },
    poseidon::PoseidonChip,
    shape::{Capacity, Shape},
};

/// Column and row.
pub type Cell = (usize, usize);

/// Column number of the first limb column.
pub const LIMB: usize = 5;
/// Sections in the order of the sheet: options, perpetual options, futures, assets, swaps.
pub const SECTIONS: usize = 5;
/// First limb rows of the opening: |cash|, sequence.
pub const CASH_LIMBS: usize = 0;
pub const SEQUENCE_LIMBS: usize = 6;

/// Rows of the small shape's header.
pub const HEADER_ROWS: usize = header_rows(Shape::Small);

/// Rows of an option but for the end of the run before it.
const OPTION_ROWS: usize = HoldingChip::ROWS
    + SmileChip::ROWS
    + LnChip::ROWS
    + 2 * Black76Chip::ROWS
    + SumsChip::OPTION_ROWS
    + MovedChip::ROWS
    + RunChip::ROWS;
const PERPETUAL_ROWS: usize = HoldingChip::ROWS
    + PerpetualChip::SIDE_ROWS
    + LnChip::ROWS
    + 2 * PerpetualChip::ROWS
    + SumsChip::OPTION_ROWS
    + PerpetualExposureChip::LOSS_ROWS;
/// Rows of a slot by section, and what stands between two of them.
pub const SLOT_ROWS: [usize; SECTIONS] = [
    OPTION_ROWS + RunChip::END_ROWS,
    PERPETUAL_ROWS,
    LinearChip::FUTURE_ROWS,
    LinearChip::ASSET_ROWS,
    SwapChip::ROWS,
];
const SMALL: Rows = Rows::of(Shape::Small);

/// The row map of one shape.
#[derive(Clone, Copy)]
pub struct Rows {
    pub(super) header: usize,
    /// Claimed sums.
    pub underlyings: usize,
    pub(super) capacity: Capacity,
}

/// Slots by section.
pub const fn slots(capacity: Capacity) -> [usize; SECTIONS] {
    [
        capacity.options,
        capacity.perpetual_options,
        capacity.futures,
        capacity.assets,
        capacity.swaps,
    ]
}

/// The account's sums, in the order of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    OptionEquity,
    Equity,
    Contingencies,
    Funding,
    Value,
    Illiquid,
}

impl Sum {
    pub const ALL: [Self; 6] = [
        Self::OptionEquity,
        Self::Equity,
        Self::Contingencies,
        Self::Funding,
        Self::Value,
        Self::Illiquid,
    ];

    /// Parts that it adds up.
    pub fn parts(self, capacity: Capacity) -> usize {
        let options = capacity.options + capacity.perpetual_options;
        match self {
            Self::OptionEquity => options,
            Self::Equity => capacity.futures + capacity.assets + capacity.swaps,
            Self::Contingencies => options + capacity.futures + capacity.swaps,
            Self::Funding => capacity.futures,
            Self::Value | Self::Illiquid => capacity.assets,
        }
    }
}

impl Rows {
    pub const fn of(shape: Shape) -> Self {
        Self {
            header: header_rows(shape),
            underlyings: shape.underlyings(),
            capacity: shape.capacity(),
        }
    }

    /// First row of the opening.
    pub const fn opening(self) -> usize {
        self.header
    }

    pub const fn packed(self) -> Cell {
        (3, self.header)
    }

    pub const fn domain(self) -> Cell {
        (4, self.header)
    }

    /// E0, the 0 that the other sums start from, and the 1 that says that the last run ends.
    pub fn first_sums(self) -> [Cell; 3] {
        [0, 1, 4].map(|column| (column, self.header + 1))
    }

    /// First row of the scenario.
    pub const fn scenario(self) -> usize {
        self.header + OpeningChip::ROWS
    }

    /// First row of a section; behind the last one, that of the first hash.
    fn section(self, section: usize) -> usize {
        let slots = slots(self.capacity);
        // The first option has no end of a run before it; elsewhere the order of slots stands behind them.
        let rows = |i: usize| match i {
            0 => slots[0] * SLOT_ROWS[0] - RunChip::END_ROWS,
            _ => slots[i] * SLOT_ROWS[i] + (slots[i] - 1) * SumsChip::ORDER_ROWS,
        };
        let first = self.scenario() + ScenarioChip::ROWS;
        first + (0..section).map(rows).sum::<usize>()
    }

    /// First row of slot `i` of a section.
    pub fn slot(self, section: usize, i: usize) -> usize {
        let skipped = if section == 0 && i > 0 {
            RunChip::END_ROWS
        } else {
            0
        };
        self.section(section) + i * SLOT_ROWS[section] - skipped
    }

    /// First row of the end of the run before slot `i` of the options, from 1.
    pub fn run_end(self, i: usize) -> usize {
        self.option(i).after - RunChip::END_ROWS
    }

    /// First row of the first hash.
    pub fn first_hash(self) -> usize {
        self.section(SECTIONS)
    }

    /// First row behind the commitment's hashes: of the sums for which there is no room in the header's rows.
    fn spilled_sums(self) -> usize {
        let hashes = 1 + self.capacity.total().div_ceil(3);
        self.first_hash() + hashes * PoseidonChip::ROWS
    }

    /// Rows of the header with room for sums.
    fn header_sums(self) -> usize {
        self.header - self.underlyings
    }

    /// Rows that the account's sums take, wherever.
    fn sums_taken(self) -> usize {
        let rows = |sum: Sum| sum.parts(self.capacity).div_ceil(2);
        Sum::ALL.into_iter().map(rows).sum()
    }

    /// The row of the conversion of equity.
    pub fn equity(self) -> usize {
        self.spilled_sums() + self.sums_taken().saturating_sub(self.header_sums())
    }

    /// The row of the `n`th step of sums, then of packed choices and uids.
    pub(super) fn side(self, n: usize) -> usize {
        let (room, taken) = (self.header_sums(), self.sums_taken());
        if n < room {
            // The rows of underlyings' numbers are full.
            let free = |row: &usize| {
                *row < self.header - 4 * self.underlyings || !(self.header - row).is_multiple_of(4)
            };
            (0..self.header).filter(free).nth(n).expect("room")
        } else if n < taken {
            self.spilled_sums() + n - room
        } else {
            self.spilled_choices() + n - room.max(taken)
        }
    }

    /// The rows of a sum: S, x, x', S' in a1..a4.
    pub fn sum(self, sum: Sum) -> impl Iterator<Item = usize> {
        let rows = |sum: &Sum| sum.parts(self.capacity).div_ceil(2);
        let before = Sum::ALL.iter().take_while(|other| **other != sum);
        let first: usize = before.map(rows).sum();
        (first..first + rows(&sum)).map(move |n| self.side(n))
    }

    /// The cell of a sum.
    pub fn summed(self, sum: Sum) -> Cell {
        (4, self.sum(sum).last().expect("parts"))
    }

    /// Rows of packed choices and uids that the header's rows have no room for.
    pub(super) fn choices_spilled(self) -> usize {
        let room = self.header_sums().saturating_sub(self.sums_taken());
        (self.capacity.options + self.underlyings).saturating_sub(room)
    }

    /// First row of the terms.
    pub fn terms(self) -> usize {
        self.total() + TotalChip::ROWS
    }

    /// The row behind the last.
    pub fn end(self) -> usize {
        self.terms() + TermsChip::ROWS
    }

    /// The copies in the order gate between slots `i` and `i + 1` of a section other than options: order, alive, next
    /// order, gap.
    pub fn order(self, section: usize, i: usize) -> [Cell; 4] {
        assert_ne!(section, 0, "runs order options");
        let first = self.slot(section, slots(self.capacity)[section]);
        [0, 1, 2, 3].map(|column| (column, first + i))
    }

    /// First row of a future.
    pub fn future(self, i: usize) -> usize {
        self.slot(2, i)
    }

    /// First row of an asset.
    pub fn asset(self, i: usize) -> usize {
        self.slot(3, i)
    }

    /// First row of a swap.
    pub fn swap(self, i: usize) -> usize {
        self.slot(4, i)
    }

    /// First rows of an option's chips.
    pub fn option(self, i: usize) -> OptionRows {
        let holding = self.slot(0, i);
        let smile = holding + HoldingChip::ROWS;
        let ln = smile + SmileChip::ROWS;
        let base = ln + LnChip::ROWS;
        let charges = base + Black76Chip::ROWS;
        let moved = charges + SumsChip::OPTION_ROWS;
        let end = if i > 0 { RunChip::END_ROWS } else { 0 };
        OptionRows {
            holding,
            smile,
            ln,
            base,
            charges,
            moved,
            after: moved + MovedChip::ROWS + end,
        }
    }

    /// First rows of a perpetual option's chips.
    pub fn perpetual(self, i: usize) -> PerpetualRows {
        let holding = self.slot(1, i);
        let side = holding + HoldingChip::ROWS;
        let ln = side + PerpetualChip::SIDE_ROWS;
        let base = ln + LnChip::ROWS;
        PerpetualRows {
            holding,
            base,
            moved: base + PerpetualChip::ROWS + SumsChip::OPTION_ROWS,
        }
    }

    /// The terms' S and S - 1.
    pub fn shortfall(self) -> [Cell; 2] {
        [(0, self.terms() + 1), (4, self.terms() + 3)]
    }

    /// R, and its copy beside the rate.
    pub fn requirement(self) -> [Cell; 2] {
        [(2, self.terms() + 1), (1, self.terms() + 6)]
    }

    /// Of repay and rate: shown, r, x.
    pub fn disclosed_terms(self) -> [[Cell; 3]; 2] {
        [0, 4].map(|row| {
            let row = self.terms() + row;
            [(1, row), (3, row), (0, row + 1)]
        })
    }
}

pub fn packed() -> Cell {
    SMALL.packed()
}

pub fn domain() -> Cell {
    SMALL.domain()
}

pub fn first_sums() -> [Cell; 3] {
    SMALL.first_sums()
}

pub fn option(i: usize) -> OptionRows {
    SMALL.option(i)
}

/// A swap's value, charge, strike's part, copy of the scenario, x and loss.
pub fn swap(i: usize) -> [Cell; 6] {
    let row = SMALL.swap(i);
    [
        (1, row + 2),
        (2, row + 2),
        (3, row + 2),
        (1, row + 4),
        (4, row + 4),
        (1, row + 5),
    ]
}

/// The terms' S and S - 1.
pub fn shortfall() -> [Cell; 2] {
    SMALL.shortfall()
}

/// First rows of a perpetual option's chips.
pub struct PerpetualRows {
    pub holding: usize,
    pub base: usize,
    pub moved: usize,
}

impl PerpetualRows {
    /// c0..c6 of the looked-up PerpetualBase row.
    pub fn base_row(&self) -> [Cell; 7] {
        looked_up(self.holding)
    }

    /// c0..c6 of the PerpetualInterval row of the unmoved or the moved market.
    pub fn interval(&self, moved: bool) -> [Cell; 7] {
        looked_up(self.market(moved) + 1)
    }

    /// First row of a market.
    pub fn market(&self, moved: bool) -> usize {
        if moved { self.moved } else { self.base }
    }
}

/// First rows of an option's chips; `after` is the pricing under the scenario.
pub struct OptionRows {
    pub holding: usize,
    pub smile: usize,
    pub ln: usize,
    pub base: usize,
    pub charges: usize,
    pub moved: usize,
    pub after: usize,
}

impl OptionRows {
    /// c0..c6 of the looked-up OptionBase row.
    pub fn base_row(&self) -> [Cell; 7] {
        looked_up(self.holding)
    }

    /// c0..c6 of the looked-up OptionScenario row.
    pub fn moved_row(&self) -> [Cell; 7] {
        looked_up(self.moved + 2)
    }

    /// c0..c4 of the looked-up row of charges.
    pub fn charge_row(&self) -> [Cell; 5] {
        std::array::from_fn(|column| (column, self.charges + 1))
    }

    pub fn element(&self) -> Cell {
        (4, self.holding + 1)
    }

    /// kept, nu, H, W.
    pub fn charge(&self) -> [Cell; 4] {
        std::array::from_fn(|column| (column, self.charges))
    }

    /// c0..c4 of the looked-up SmileNode row.
    pub fn node(&self) -> [Cell; 5] {
        std::array::from_fn(|column| (column, self.smile))
    }

    /// The copy of the scenario's number, and what it counts in the slot's group.
    pub fn scenario(&self) -> [Cell; 2] {
        [(4, self.holding + 3), (4, self.holding + 2)]
    }

    pub fn ln(&self) -> Cell {
        (3, self.ln + 1)
    }

    pub fn ln_remainder(&self) -> Cell {
        (4, self.ln + 1)
    }

    /// c0..c4 of the Normal row behind N(d1) of the unmoved market.
    pub fn normal1(&self) -> [Cell; 5] {
        std::array::from_fn(|column| (column, self.base))
    }
}

/// The cells of a seven-wide lookup.
fn looked_up(row: usize) -> [Cell; 7] {
    std::array::from_fn(|c| if c < 5 { (c, row) } else { (c - 5, row + 1) })
}
