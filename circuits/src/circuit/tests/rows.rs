//! Where the small shape's cells stand: (column, row) by chip and name.

use crate::{
    circuit::{
        HEADER_ROWS, black76::Black76Chip, holding::HoldingChip, linear::LinearChip, ln::LnChip,
        moved::MovedChip, opening::OpeningChip, smile::SmileChip, sums::SumsChip, terms::TermsChip,
    },
    poseidon::PoseidonChip,
    shape::{Capacity, Shape},
};

/// Column and row.
pub type Cell = (usize, usize);

/// Column number of the limb column.
pub const LIMB: usize = 5;
/// First limb rows of the opening: |cash|, sequence, scenario.
pub const CASH_LIMBS: usize = 0;
pub const SEQUENCE_LIMBS: usize = 6;

const CAPACITY: Capacity = Shape::Small.capacity();
const FIRST_OPTION: usize = HEADER_ROWS + OpeningChip::ROWS;
const OPTION_ROWS: usize = HoldingChip::ROWS
    + SmileChip::ROWS
    + LnChip::ROWS
    + 2 * Black76Chip::ROWS
    + MovedChip::ROWS
    + SumsChip::ROWS;
const FIRST_ORDER: usize = FIRST_OPTION + CAPACITY.options * OPTION_ROWS;
const FIRST_FUTURE: usize = FIRST_ORDER + CAPACITY.options - 1;
const FUTURE_ROWS: usize = LinearChip::FUTURE_ROWS + SumsChip::ROWS;
const FIRST_ASSET: usize = FIRST_FUTURE + CAPACITY.futures * FUTURE_ROWS + CAPACITY.futures - 1;
const ASSET_ROWS: usize = LinearChip::ASSET_ROWS + SumsChip::ROWS;
const FIRST_HASH: usize = FIRST_ASSET + CAPACITY.assets * ASSET_ROWS + CAPACITY.assets - 1;
const HASHES: usize = 1 + (CAPACITY.options + CAPACITY.futures + CAPACITY.assets).div_ceil(3);
const TERMS: usize = FIRST_HASH + HASHES * PoseidonChip::ROWS;
/// Rows used.
pub const ROWS: usize = TERMS + TermsChip::ROWS;

pub fn packed() -> Cell {
    (3, HEADER_ROWS)
}

pub fn domain() -> Cell {
    (4, HEADER_ROWS)
}

/// E0, L0, C0.
pub fn first_sums() -> [Cell; 3] {
    [0, 1, 2].map(|column| (column, HEADER_ROWS + 1))
}

/// The copies in the order gate between options `i` and `i + 1`: order, alive, next order, gap.
pub fn option_order(i: usize) -> [Cell; 4] {
    [0, 1, 2, 3].map(|column| (column, FIRST_ORDER + i))
}

/// A future's value, charge, copy of the scenario, and loss.
pub fn future(i: usize) -> [Cell; 4] {
    let row = FIRST_FUTURE + i * FUTURE_ROWS;
    [(1, row + 2), (3, row + 2), (1, row + 4), (4, row + 4)]
}

/// An asset's value.
pub fn asset_value(i: usize) -> Cell {
    (2, FIRST_ASSET + i * ASSET_ROWS + 1)
}

/// The terms' S and S - 1.
pub fn shortfall() -> [Cell; 2] {
    [(3, TERMS), (4, TERMS + 1)]
}

/// Sections for a sweep, by name, first row and number of rows: one slot of each kind.
pub fn sections(i: usize) -> [(&'static str, usize, usize); 7] {
    [
        ("header", 0, HEADER_ROWS),
        ("opening", HEADER_ROWS, OpeningChip::ROWS),
        ("option", option(i).holding, OPTION_ROWS),
        ("order", FIRST_ORDER + i, SumsChip::ORDER_ROWS),
        (
            "future",
            FIRST_FUTURE + (CAPACITY.futures - 1) * FUTURE_ROWS,
            FUTURE_ROWS,
        ),
        (
            "asset",
            FIRST_ASSET + (CAPACITY.assets - 1) * ASSET_ROWS,
            ASSET_ROWS,
        ),
        ("terms", TERMS, TermsChip::ROWS),
    ]
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

pub fn option(i: usize) -> OptionRows {
    let holding = FIRST_OPTION + i * OPTION_ROWS;
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

impl OptionRows {
    /// c0..c6 of the looked-up OptionBase row.
    pub fn base_row(&self) -> [Cell; 7] {
        looked_up(self.holding)
    }

    /// c0..c6 of the looked-up OptionScenario row.
    pub fn moved_row(&self) -> [Cell; 7] {
        looked_up(self.moved)
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
        (3, self.moved + 2)
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

    /// The sum's copies V0, e0, f, H, E.
    pub fn summands(&self) -> [Cell; 5] {
        std::array::from_fn(|column| (column, self.sum))
    }

    /// E', L', C'.
    pub fn sums(&self) -> [Cell; 3] {
        std::array::from_fn(|column| (column, self.sum + 1))
    }
}

/// The cells of a seven-wide lookup.
fn looked_up(row: usize) -> [Cell; 7] {
    std::array::from_fn(|c| if c < 5 { (c, row) } else { (c - 5, row + 1) })
}
