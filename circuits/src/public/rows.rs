//! The table as the circuit's instance columns, and its digest.
//!
//! ```text
//! kind (tag)       c0         c1               c2      c3      c4    c5      c6
//! OptionBase       g          D F              ln F    D       key   charge  alive
//! OptionScenario   1024 g+s   D F              ln F    D       vol x factor  0
//! SmileNode        g          low strike       w       slope   high  0       0
//! FutureBase       g          alive            price   charge  key   0       0
//! FutureScenario   1024 g+s   loss             factor  0       0     0       0
//! AssetBase        g          alive            value   0       key   0       0
//! AssetScenario    1024 g+s   loss             factor  0       0     0       0
//! ```
//! Twice the kind is added to c6, so that a row can be used as its own kind only: the circuit
//! looks up a fixed kind plus a cell that it proves to be 0 or 1. (On a column of free cells a
//! kind would be no protection: the prover could add the difference of two kinds to the cell.)

use halo2curves::bn256::Fr;
use sha3::{Digest, Keccak256};

use super::{AssetGroup, FutureGroup, LinearScenario, OptionGroup, PublicTable};
use crate::field;

/// Rows of the table's instance columns. The fixed function tables start below them.
pub const TABLE_ROWS: usize = 960;
/// Instance columns of the table.
pub const TABLE_COLUMNS: usize = 7;
/// The column that carries the kind, beside the one bit `alive`.
pub const KIND_COLUMN: usize = TABLE_COLUMNS - 1;

/// The kind of a row in the lookup table, public rows and fixed function rows alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Kind {
    Normal = 1,
    Ln = 2,
    Power = 3,
    OptionBase = 4,
    OptionScenario = 5,
    SmileNode = 6,
    FutureBase = 7,
    FutureScenario = 8,
    AssetBase = 9,
    AssetScenario = 10,
}

impl Kind {
    /// What is added to c6, above its one bit.
    pub fn tag(self) -> i128 {
        2 * self as i128
    }
}

/// A row's c0..c6, the tag not yet added.
pub type TableRow = [i128; TABLE_COLUMNS];

/// Scenario rows stand at `1024 g + s`.
pub(crate) const SCENARIO_STRIDE: i128 = 1024;

impl OptionGroup {
    /// The lookup row of the unmoved market.
    pub fn base_row(&self, g: usize) -> TableRow {
        let alive = i128::from(self.id.is_some());
        let b = &self.base;
        [
            g as i128,
            b.discounted_forward,
            b.ln_forward,
            b.discount,
            self.key as i128,
            self.short_charge,
            alive,
        ]
    }

    /// The lookup row of scenario `s`; `None` if there is none.
    pub fn scenario_row(&self, g: usize, s: usize) -> Option<TableRow> {
        let row = self.scenarios.get(s)?;
        let f = &row.forward;
        let id = g as i128 * SCENARIO_STRIDE + s as i128;
        Some([
            id,
            f.discounted_forward,
            f.ln_forward,
            f.discount,
            row.vol_multiplier,
            row.factor,
            0,
        ])
    }

    /// The lookup row of the interval that holds `strike`.
    pub fn smile_row(&self, g: usize, strike: i128) -> Option<TableRow> {
        let i = self
            .smile
            .iter()
            .find(|i| (i.low..i.high).contains(&strike))?;
        Some([g as i128, i.low, i.variance, i.slope, i.high, 0, 0])
    }
}

fn linear_row(scenarios: &[LinearScenario], g: usize, s: usize) -> Option<TableRow> {
    let row = scenarios.get(s)?;
    Some([
        g as i128 * SCENARIO_STRIDE + s as i128,
        row.loss,
        row.factor,
        0,
        0,
        0,
        0,
    ])
}

impl FutureGroup {
    /// The lookup row of the unmoved market.
    pub fn base_row(&self, g: usize) -> TableRow {
        [
            g as i128,
            self.id.is_some().into(),
            self.price,
            self.charge,
            self.key as i128,
            0,
            0,
        ]
    }

    /// The lookup row of scenario `s`; `None` if there is none.
    pub fn scenario_row(&self, g: usize, s: usize) -> Option<TableRow> {
        linear_row(&self.scenarios, g, s)
    }
}

impl AssetGroup {
    /// The lookup row of the unmoved market.
    pub fn base_row(&self, g: usize) -> TableRow {
        [
            g as i128,
            self.id.is_some().into(),
            self.value,
            0,
            self.key as i128,
            0,
            0,
        ]
    }

    /// The lookup row of scenario `s`; `None` if there is none.
    pub fn scenario_row(&self, g: usize, s: usize) -> Option<TableRow> {
        linear_row(&self.scenarios, g, s)
    }
}

impl PublicTable {
    /// Every row with its kind, in the order of the instance columns.
    pub fn rows(&self) -> Vec<(Kind, TableRow)> {
        let mut rows = Vec::with_capacity(TABLE_ROWS);
        for (g, group) in self.options.iter().enumerate() {
            rows.push((Kind::OptionBase, group.base_row(g)));
            rows.extend(group.smile.iter().map(|i| {
                (
                    Kind::SmileNode,
                    [g as i128, i.low, i.variance, i.slope, i.high, 0, 0],
                )
            }));
            let scenarios = (0..self.scenarios).filter_map(|s| group.scenario_row(g, s));
            rows.extend(scenarios.map(|row| (Kind::OptionScenario, row)));
        }
        for (g, group) in self.futures.iter().enumerate() {
            rows.push((Kind::FutureBase, group.base_row(g)));
            let scenarios = (0..self.scenarios).filter_map(|s| group.scenario_row(g, s));
            rows.extend(scenarios.map(|row| (Kind::FutureScenario, row)));
        }
        for (g, group) in self.assets.iter().enumerate() {
            rows.push((Kind::AssetBase, group.base_row(g)));
            let scenarios = (0..self.scenarios).filter_map(|s| group.scenario_row(g, s));
            rows.extend(scenarios.map(|row| (Kind::AssetScenario, row)));
        }
        rows
    }

    /// The seven instance columns, each exactly [`TABLE_ROWS`] long, zero rows at the end.
    pub fn instance_columns(&self) -> Vec<Vec<Fr>> {
        let mut columns = vec![vec![Fr::zero(); TABLE_ROWS]; TABLE_COLUMNS];
        for (r, (kind, row)) in self.rows().into_iter().enumerate() {
            for (c, (column, value)) in columns.iter_mut().zip(row).enumerate() {
                let value = if c == KIND_COLUMN {
                    value + kind.tag()
                } else {
                    value
                };
                if let Some(cell) = column.get_mut(r) {
                    *cell = field::from_i128(value);
                }
            }
        }
        columns
    }

    /// Keccak-256 of the instance columns, column by column, 32 big-endian bytes a cell.
    pub fn digest(&self) -> [u8; 32] {
        columns_digest(&self.instance_columns())
    }
}

/// Keccak-256 of instance columns, column by column, 32 big-endian bytes a cell.
pub fn columns_digest(columns: &[Vec<Fr>]) -> [u8; 32] {
    let cells = columns.iter().map(Vec::len).sum::<usize>();
    let mut bytes = Vec::with_capacity(32 * cells);
    columns
        .iter()
        .flatten()
        .for_each(|cell| bytes.extend(field::to_be_bytes(cell)));
    Keccak256::digest(&bytes).into()
}
