//! Where a shape's cells stand: (column, row) by chip and name. The free functions are the small
//! shape's.

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

const FIRST_OPTION: usize = HEADER_ROWS + OpeningChip::ROWS;
const OPTION_ROWS: usize = HoldingChip::ROWS
    + SmileChip::ROWS
    + LnChip::ROWS
    + 2 * Black76Chip::ROWS
    + MovedChip::ROWS
    + SumsChip::ROWS;
const FUTURE_ROWS: usize = LinearChip::FUTURE_ROWS + SumsChip::ROWS;
const ASSET_ROWS: usize = LinearChip::ASSET_ROWS + SumsChip::ROWS;
const SMALL: Rows = Rows::of(Shape::Small);
/// Rows used by the small shape.
pub const ROWS: usize = SMALL.terms() + TermsChip::ROWS;

/// The row map of one shape.
#[derive(Clone, Copy)]
pub struct Rows {
    capacity: Capacity,
}

impl Rows {
    pub const fn of(shape: Shape) -> Self {
        Self {
            capacity: shape.capacity(),
        }
    }

    const fn first_order(self) -> usize {
        FIRST_OPTION + self.capacity.options * OPTION_ROWS
    }

    const fn first_future(self) -> usize {
        self.first_order() + self.capacity.options - 1
    }

    const fn first_future_order(self) -> usize {
        self.first_future() + self.capacity.futures * FUTURE_ROWS
    }

    const fn first_asset(self) -> usize {
        self.first_future_order() + self.capacity.futures - 1
    }

    const fn first_asset_order(self) -> usize {
        self.first_asset() + self.capacity.assets * ASSET_ROWS
    }

    /// First row of the first hash.
    pub const fn first_hash(self) -> usize {
        self.first_asset_order() + self.capacity.assets - 1
    }

    /// First row of the terms.
    pub const fn terms(self) -> usize {
        let Capacity {
            options,
            futures,
            assets,
        } = self.capacity;
        let hashes = 1 + (options + futures + assets).div_ceil(3);
        self.first_hash() + hashes * PoseidonChip::ROWS
    }

    /// The copies in the order gate between slots `i` and `i + 1` of a section (options, futures,
    /// assets): order, alive, next order, gap.
    pub fn order(self, section: usize, i: usize) -> [Cell; 4] {
        let first = match section {
            0 => self.first_order(),
            1 => self.first_future_order(),
            _ => self.first_asset_order(),
        };
        [0, 1, 2, 3].map(|column| (column, first + i))
    }

    /// First row of a future.
    pub fn future(self, i: usize) -> usize {
        self.first_future() + i * FUTURE_ROWS
    }

    /// First row of an asset.
    pub fn asset(self, i: usize) -> usize {
        self.first_asset() + i * ASSET_ROWS
    }

    /// First rows of an option's chips.
    pub fn option(self, i: usize) -> OptionRows {
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

    /// E', L', C' behind slot `i` of a section.
    pub fn sums(self, section: usize, i: usize) -> [Cell; 3] {
        let row = match section {
            0 => self.option(i).sum + 1,
            1 => self.future(i) + LinearChip::FUTURE_ROWS + 1,
            _ => self.asset(i) + LinearChip::ASSET_ROWS + 1,
        };
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
    (3, HEADER_ROWS)
}

pub fn domain() -> Cell {
    (4, HEADER_ROWS)
}

/// E0, L0, C0.
pub fn first_sums() -> [Cell; 3] {
    [0, 1, 2].map(|column| (column, HEADER_ROWS + 1))
}

pub fn option(i: usize) -> OptionRows {
    SMALL.option(i)
}

/// The order gate's copies between options `i` and `i + 1`.
pub fn option_order(i: usize) -> [Cell; 4] {
    SMALL.order(0, i)
}

/// A future's value, charge, copy of the scenario, and loss.
pub fn future(i: usize) -> [Cell; 4] {
    let row = SMALL.future(i);
    [(1, row + 2), (3, row + 2), (1, row + 4), (4, row + 4)]
}

/// An asset's value.
pub fn asset_value(i: usize) -> Cell {
    (2, SMALL.asset(i) + 1)
}

/// The terms' S and S - 1.
pub fn shortfall() -> [Cell; 2] {
    SMALL.shortfall()
}

/// Sections for a sweep, by name, first row and number of rows: one slot of each kind.
pub fn sections(i: usize) -> [(&'static str, usize, usize); 7] {
    let Capacity {
        futures, assets, ..
    } = SMALL.capacity;
    [
        ("header", 0, HEADER_ROWS),
        ("opening", HEADER_ROWS, OpeningChip::ROWS),
        ("option", option(i).holding, OPTION_ROWS),
        ("order", option_order(i)[0].1, SumsChip::ORDER_ROWS),
        ("future", SMALL.future(futures - 1), FUTURE_ROWS),
        ("asset", SMALL.asset(assets - 1), ASSET_ROWS),
        ("terms", SMALL.terms(), TermsChip::ROWS),
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
