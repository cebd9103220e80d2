//! Where a shape's cells stand: (column, row) by chip and name. The free functions are the small
//! shape's.

use crate::{
    circuit::{
        black76::Black76Chip, exposure::OptionExposureChip, header_rows, holding::HoldingChip,
        linear::LinearChip, linear_exposure::LinearExposureChip, ln::LnChip, moved::MovedChip,
        opening::OpeningChip, perpetual::PerpetualChip, perpetual_exposure::PerpetualExposureChip,
        smile::SmileChip, sums::SumsChip, swap::SwapChip, terms::TermsChip, total::TotalChip,
        underlying::UnderlyingChip,
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
/// First limb rows of the opening: |cash|, sequence, scenario.
pub const CASH_LIMBS: usize = 0;
pub const SEQUENCE_LIMBS: usize = 6;

/// Rows of the small shape's header.
pub const HEADER_ROWS: usize = header_rows(Shape::Small);

const OPTION_ROWS: usize = HoldingChip::ROWS
    + SmileChip::ROWS
    + LnChip::ROWS
    + 2 * Black76Chip::ROWS
    + MovedChip::ROWS
    + SumsChip::ROWS;
const PERPETUAL_ROWS: usize = HoldingChip::ROWS
    + PerpetualChip::SIDE_ROWS
    + LnChip::ROWS
    + 2 * PerpetualChip::ROWS
    + SumsChip::ROWS;
const FUTURE_ROWS: usize = LinearChip::FUTURE_ROWS + SumsChip::ROWS;
const ASSET_ROWS: usize = LinearChip::ASSET_ROWS + SumsChip::ROWS;
const SWAP_ROWS: usize = SwapChip::ROWS + SumsChip::ROWS;
/// Rows of a slot by section.
const SLOT_ROWS: [usize; SECTIONS] = [
    OPTION_ROWS,
    PERPETUAL_ROWS,
    FUTURE_ROWS,
    ASSET_ROWS,
    SWAP_ROWS,
];
/// Rows of a slot's exposure by section.
pub const EXPOSURE_ROWS: [usize; SECTIONS] = [
    OptionExposureChip::ROWS + UnderlyingChip::POSITION_ROWS,
    PerpetualExposureChip::ROWS + UnderlyingChip::POSITION_ROWS,
    LinearExposureChip::FUTURE_ROWS + UnderlyingChip::POSITION_ROWS,
    LinearExposureChip::ASSET_ROWS + UnderlyingChip::POSITION_ROWS,
    LinearExposureChip::SWAP_ROWS + UnderlyingChip::POSITION_ROWS,
];
const SMALL: Rows = Rows::of(Shape::Small);
/// Rows used by the small shape.
pub const ROWS: usize = SMALL.challenge(SMALL.underlyings + 1);

/// The row map of one shape.
#[derive(Clone, Copy)]
pub struct Rows {
    header: usize,
    /// Claimed sums.
    pub underlyings: usize,
    capacity: Capacity,
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

impl Rows {
    pub const fn of(shape: Shape) -> Self {
        Self {
            header: header_rows(shape),
            underlyings: shape.underlyings(),
            capacity: shape.capacity(),
        }
    }

    pub const fn packed(self) -> Cell {
        (3, self.header)
    }

    pub const fn domain(self) -> Cell {
        (4, self.header)
    }

    /// E0, and the 0 that the other sums start from.
    pub fn first_sums(self) -> [Cell; 2] {
        [0, 1].map(|column| (column, self.header + 1))
    }

    /// First row of a section; behind the last one, that of the first hash.
    const fn section(self, section: usize) -> usize {
        let slots = slots(self.capacity);
        let (mut row, mut i) = (self.header + OpeningChip::ROWS, 0);
        while i < section {
            row += slots[i] * SLOT_ROWS[i] + (slots[i] - 1) * SumsChip::ORDER_ROWS;
            i += 1;
        }
        row
    }

    /// First row of slot `i` of a section.
    pub const fn slot(self, section: usize, i: usize) -> usize {
        self.section(section) + i * SLOT_ROWS[section]
    }

    /// First row of the first hash.
    pub const fn first_hash(self) -> usize {
        self.section(SECTIONS)
    }

    /// First row of the totals.
    pub const fn total(self) -> usize {
        let hashes = 1 + self.capacity.total().div_ceil(3);
        self.first_hash() + hashes * PoseidonChip::ROWS
    }

    /// First row of the terms.
    pub const fn terms(self) -> usize {
        self.total() + TotalChip::ROWS
    }

    /// First row of the opening.
    pub const fn opening(self) -> usize {
        self.header
    }

    /// First row of the exposure of slot `i` of a section; behind the last section, that of the first underlying.
    pub const fn exposure(self, section: usize, i: usize) -> usize {
        let slots = slots(self.capacity);
        let mut row = self.terms() + TermsChip::ROWS;
        let mut s = 0;
        while s < section {
            row += slots[s] * EXPOSURE_ROWS[s];
            s += 1;
        }
        if section < SECTIONS {
            row += i * EXPOSURE_ROWS[section];
        }
        row
    }

    /// First row of an underlying.
    pub const fn underlying(self, i: usize) -> usize {
        self.exposure(SECTIONS, 0) + i * UnderlyingChip::ROWS
    }

    /// First row of the challenge's hashes; behind the last hash, the end of the sheet.
    pub const fn challenge(self, i: usize) -> usize {
        let order = (self.underlyings - 1) * SumsChip::ORDER_ROWS;
        self.underlying(self.underlyings) + order + i * PoseidonChip::ROWS
    }

    /// The copies in the order gate between slots `i` and `i + 1` of a section: order, alive, next
    /// order, gap.
    pub fn order(self, section: usize, i: usize) -> [Cell; 4] {
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
        let moved = base + Black76Chip::ROWS;
        let sum = moved + MovedChip::ROWS + Black76Chip::ROWS;
        OptionRows {
            holding,
            smile,
            ln,
            base,
            moved,
            sum,
        }
    }

    /// First rows of a perpetual option's chips.
    pub fn perpetual(self, i: usize) -> PerpetualRows {
        let holding = self.slot(1, i);
        let side = holding + HoldingChip::ROWS;
        let ln = side + PerpetualChip::SIDE_ROWS;
        let base = ln + LnChip::ROWS;
        let moved = base + PerpetualChip::ROWS;
        PerpetualRows {
            holding,
            side,
            ln,
            base,
            moved,
        }
    }

    /// The sums behind slot `i` of a section: O', M', C' for options, E', A', C' for the others.
    pub fn sums(self, section: usize, i: usize) -> [Cell; 3] {
        let row = self.slot(section, i) + SLOT_ROWS[section] - 1;
        [0, 1, 2].map(|column| (column, row))
    }

    /// The cells of the hash that takes slot `i`'s element, counted over all sections.
    pub fn hash_of(self, i: usize) -> impl Iterator<Item = Cell> {
        let first = self.first_hash() + (1 + i / 3) * PoseidonChip::ROWS;
        (first..first + PoseidonChip::ROWS).flat_map(|row| (0..5).map(move |column| (column, row)))
    }

    /// The terms' S and S - 1.
    pub fn shortfall(self) -> [Cell; 2] {
        [(3, self.terms()), (4, self.terms() + 1)]
    }
}

pub fn packed() -> Cell {
    SMALL.packed()
}

pub fn domain() -> Cell {
    SMALL.domain()
}

pub fn first_sums() -> [Cell; 2] {
    SMALL.first_sums()
}

pub fn option(i: usize) -> OptionRows {
    SMALL.option(i)
}

/// The order gate's copies between options `i` and `i + 1`.
pub fn option_order(i: usize) -> [Cell; 4] {
    SMALL.order(0, i)
}

/// A swap's value, charge, strike's part, copy of the scenario, and loss.
pub fn swap(i: usize) -> [Cell; 5] {
    let row = SMALL.swap(i);
    [
        (1, row + 2),
        (2, row + 2),
        (3, row + 2),
        (1, row + 4),
        (0, row + 5),
    ]
}

/// The terms' S and S - 1.
pub fn shortfall() -> [Cell; 2] {
    SMALL.shortfall()
}

/// Sections for a sweep, by name, first row and number of rows: one slot of each kind.
pub fn sections(i: usize) -> [(&'static str, usize, usize); 16] {
    let last = slots(SMALL.capacity).map(|n| n - 1);
    [
        ("header", 0, HEADER_ROWS),
        ("opening", HEADER_ROWS, OpeningChip::ROWS),
        ("option", option(i).holding, OPTION_ROWS),
        ("order", option_order(i)[0].1, SumsChip::ORDER_ROWS),
        ("perpetual option", SMALL.slot(1, last[1]), PERPETUAL_ROWS),
        ("future", SMALL.slot(2, last[2]), FUTURE_ROWS),
        ("asset", SMALL.slot(3, last[3]), ASSET_ROWS),
        ("swap", SMALL.slot(4, last[4]), SWAP_ROWS),
        ("total", SMALL.total(), TotalChip::ROWS),
        ("terms", SMALL.terms(), TermsChip::ROWS),
        (
            "underlying",
            SMALL.underlying(SMALL.underlyings - 1),
            UnderlyingChip::ROWS,
        ),
        ("option exposure", SMALL.exposure(0, i), EXPOSURE_ROWS[0]),
        (
            "perpetual option exposure",
            SMALL.exposure(1, last[1]),
            EXPOSURE_ROWS[1],
        ),
        (
            "future exposure",
            SMALL.exposure(2, last[2]),
            EXPOSURE_ROWS[2],
        ),
        (
            "asset exposure",
            SMALL.exposure(3, last[3]),
            EXPOSURE_ROWS[3],
        ),
        (
            "swap exposure",
            SMALL.exposure(4, last[4]),
            EXPOSURE_ROWS[4],
        ),
    ]
}

/// First rows of a perpetual option's chips.
pub struct PerpetualRows {
    pub holding: usize,
    pub side: usize,
    pub ln: usize,
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

/// First rows of an option's chips.
pub struct OptionRows {
    pub holding: usize,
    pub smile: usize,
    pub ln: usize,
    pub base: usize,
    pub moved: usize,
    pub sum: usize,
}

impl OptionRows {
    /// c0..c6 of the looked-up OptionBase row.
    pub fn base_row(&self) -> [Cell; 7] {
        looked_up(self.holding)
    }

    /// c0..c4 of the looked-up OptionScenario row.
    pub fn moved_row(&self) -> [Cell; 5] {
        std::array::from_fn(|column| (column, self.moved))
    }

    pub fn element(&self) -> Cell {
        (4, self.holding + 1)
    }

    /// The short charge H.
    pub fn charge(&self) -> Cell {
        (4, self.holding + 2)
    }

    /// c0..c4 of the looked-up SmileNode row.
    pub fn node(&self) -> [Cell; 5] {
        std::array::from_fn(|column| (column, self.smile))
    }

    /// The copy of the scenario's number.
    pub fn scenario(&self) -> Cell {
        (1, self.moved + 1)
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

    /// The sum's copies V0, e0, H, O, M.
    pub fn summands(&self) -> [Cell; 5] {
        std::array::from_fn(|column| (column, self.sum))
    }

    /// O', M', C'.
    pub fn sums(&self) -> [Cell; 3] {
        std::array::from_fn(|column| (column, self.sum + 1))
    }
}

/// The cells of a seven-wide lookup.
fn looked_up(row: usize) -> [Cell; 7] {
    std::array::from_fn(|c| if c < 5 { (c, row) } else { (c - 5, row + 1) })
}
