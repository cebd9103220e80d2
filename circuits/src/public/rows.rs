//! The table as the circuit's instance columns, and its digest.
//!
//! ```text
//! kind (tag)         c0         c1      c2        c3        c4       c5          c6
//! Scenario           s          move    factor    class     gross    net         own
//! OptionBase         g          D F     ln F      D         key      least v     alive
//! OptionCharge       g          strike  held      excluded  side     0           0
//! OptionRun          g          d long  d short   share     inflation 0          0
//! OptionScenario     1024 g+s   D F     ln F      slope     offset   low, high   0
//! SmileNode          g          low     w         slope     high     0           0
//! PerpetualBase      g          mask    u         D         key      0           alive
//! PerpetualCharge    g          strike  held      excluded  side     0           0
//! PerpetualInterval  1024 g+s   low     slope     offset    high     spot        call side
//! FutureBase         g          price   charge    u         key      mark        alive
//! FutureFunding      g          funding 0         0         0        0           0
//! AssetBase          g          illiq.  value     moving    key      full        alive
//! Underlying         u          factor  0         0         0        0           0
//! SwapBase           g          price   discount  charge    key      square      alive
//! SwapScenario       1024 g+s   signed  held      above     0        0           0
//! OptionExposure     g          u       delta     gamma     vega     0           0
//! PerpetualExposure  g          low     l         l(l-1)    vega 0   vega K      0
//! SwapExposure       g          u       delta     gamma     vega     0           0
//! OptionAbove        g          above   0         0         0        0           0
//! PerpetualAbove     g          above   0         0         0        0           0
//! ```
//! Twice the kind is added to c6, so that a row can be used as its own kind only: the circuit
//! looks up a fixed kind plus a cell that it proves to be 0 or 1. "low, high" is low + 2^51 high. (On a column of free cells a
//! kind would be no protection: the prover could add the difference of two kinds to the cell.)

use halo2curves::bn256::Fr;
use sha3::{Digest, Keccak256};

use super::{
    AssetGroup, FutureGroup, OptionCharges, OptionGroup, OptionScenario, PerpetualGroup,
    PerpetualInterval, PerpetualScenario, PublicTable, RunRow, SkewInterval, SwapGroup, TableError,
};
use crate::{field, model::SIZE_BITS, shape::Shape};

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
    Exp = 4,
    Scenario = 5,
    OptionBase = 6,
    OptionScenario = 7,
    SmileNode = 8,
    PerpetualBase = 9,
    PerpetualInterval = 10,
    FutureBase = 11,
    AssetBase = 12,
    SwapBase = 13,
    SwapScenario = 14,
    OptionExposure = 15,
    PerpetualExposure = 16,
    Underlying = 17,
    SwapExposure = 18,
    OptionCharge = 19,
    OptionRun = 20,
    PerpetualCharge = 21,
    FutureFunding = 22,
    OptionAbove = 23,
    PerpetualAbove = 24,
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

/// The number of a scenario's row in a group: the null group has one for all.
pub(crate) fn live(alive: bool, scenario: usize) -> usize {
    if alive { scenario } else { 0 }
}

/// What the two ends of an interval of strikes are packed with: further apart than a range check of strikes reaches.
pub(crate) const PACK_BITS: u32 = SIZE_BITS + 1;

impl OptionCharges {
    /// The lookup row of group `g`.
    pub fn row(&self, g: usize) -> TableRow {
        let excluded = self.excluded.into();
        [g as i128, self.strike, self.held, excluded, self.side, 0, 0]
    }

    /// The lookup row of what group `g` is charged at most per option held.
    pub fn above_row(&self, g: usize) -> TableRow {
        [g as i128, self.above, 0, 0, 0, 0, 0]
    }
}

impl RunRow {
    /// The lookup row of group `g`.
    pub fn row(&self, g: usize) -> TableRow {
        [
            g as i128,
            self.long_discount,
            self.short_discount,
            self.share,
            self.inflation,
            0,
            0,
        ]
    }
}

impl OptionScenario {
    /// The interval that holds `strike`.
    pub fn interval(&self, strike: i128) -> Option<&SkewInterval> {
        let mut intervals = self.intervals.iter();
        intervals.find(|i| (i.low..i.high).contains(&strike))
    }

    fn row(&self, id: i128, interval: &SkewInterval) -> TableRow {
        [
            id,
            self.forward.discounted_forward,
            self.forward.ln_forward,
            interval.slope,
            interval.offset,
            interval.low + (interval.high << PACK_BITS),
            0,
        ]
    }
}

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
            self.run.least_v,
            alive,
        ]
    }

    /// The lookup row of scenario `s` at a strike; `None` if there is none.
    pub fn scenario_row(&self, g: usize, s: usize, strike: i128) -> Option<TableRow> {
        let s = live(self.id.is_some(), s);
        let scenario = self.scenarios.get(s)?;
        let id = g as i128 * SCENARIO_STRIDE + s as i128;
        Some(scenario.row(id, scenario.interval(strike)?))
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

impl PerpetualInterval {
    fn row(&self, id: i128, spot: i128) -> TableRow {
        [
            id,
            self.low,
            self.slope,
            self.offset,
            self.high,
            spot,
            self.call_side.into(),
        ]
    }
}

impl PerpetualGroup {
    /// The lookup row of the group.
    pub fn base_row(&self, g: usize) -> TableRow {
        // No side is open to padding.
        let mask = self.id.map_or(3, |(_, side)| side.mask());
        [
            g as i128,
            mask,
            self.underlying as i128,
            self.discount,
            self.key as i128,
            0,
            self.id.is_some().into(),
        ]
    }

    /// The market of scenario `s`: one for all of the null group.
    pub fn scenario(&self, s: usize) -> Option<&PerpetualScenario> {
        self.scenarios.get(live(self.id.is_some(), s))
    }

    /// The interval of scenario `s` that holds `strike`.
    pub fn interval(&self, s: usize, strike: i128) -> Option<&PerpetualInterval> {
        let intervals = &self.scenario(s)?.intervals;
        intervals.iter().find(|i| (i.low..i.high).contains(&strike))
    }

    /// The lookup row of that interval.
    pub fn interval_row(&self, g: usize, s: usize, strike: i128) -> Option<TableRow> {
        let spot = self.scenario(s)?.spot;
        let id = g as i128 * SCENARIO_STRIDE + live(self.id.is_some(), s) as i128;
        Some(self.interval(s, strike)?.row(id, spot))
    }
}

impl PerpetualGroup {
    /// The lookup row of exposures at a strike.
    pub fn exposure_row(&self, g: usize, strike: i128) -> Option<TableRow> {
        let low = self.interval(0, strike)?.low;
        let row = self.exposures.iter().find(|row| row.low == low)?;
        Some(row.row(g))
    }
}

impl FutureGroup {
    /// The lookup row.
    pub fn base_row(&self, g: usize) -> TableRow {
        [
            g as i128,
            self.price,
            self.charge,
            self.underlying as i128,
            self.key as i128,
            self.mark,
            self.id.is_some().into(),
        ]
    }
}

impl FutureGroup {
    /// The lookup row of funding to come.
    pub fn funding_row(&self, g: usize) -> TableRow {
        [g as i128, self.funding, 0, 0, 0, 0, 0]
    }
}

impl AssetGroup {
    /// The lookup row.
    pub fn base_row(&self, g: usize) -> TableRow {
        [
            g as i128,
            self.illiquid,
            self.value,
            self.moving,
            self.key as i128,
            self.full,
            self.id.is_some().into(),
        ]
    }

    /// The lookup row of the asset as an underlying.
    pub fn underlying_row(&self, u: usize) -> TableRow {
        [u as i128, self.factor, 0, 0, 0, 0, 0]
    }
}

impl SwapGroup {
    /// The lookup row of the unmoved market.
    pub fn base_row(&self, g: usize) -> TableRow {
        [
            g as i128,
            self.price,
            self.discount,
            self.charge,
            self.key as i128,
            self.id.is_some_and(|(_, kind)| kind.squared()).into(),
            self.id.is_some().into(),
        ]
    }

    /// The lookup row of scenario `s`; `None` if there is none.
    pub fn scenario_row(&self, g: usize, s: usize) -> Option<TableRow> {
        let s = live(self.id.is_some(), s);
        let [signed, held] = *self.scenarios.get(s)?;
        let id = g as i128 * SCENARIO_STRIDE + s as i128;
        Some([id, signed, held, self.above, 0, 0, 0])
    }
}

impl PublicTable {
    /// Every row with its kind, in the order of the instance columns.
    pub fn rows(&self) -> Vec<(Kind, TableRow)> {
        let mut rows = Vec::new();
        for s in 0..self.scenarios.len() {
            rows.extend(self.scenario_row(s).map(|row| (Kind::Scenario, row)));
        }
        for (g, group) in self.options.iter().enumerate() {
            rows.push((Kind::OptionBase, group.base_row(g)));
            let exposure = group.exposure.row(g, group.underlying);
            rows.push((Kind::OptionExposure, exposure));
            rows.push((Kind::OptionCharge, group.charges.row(g)));
            rows.push((Kind::OptionAbove, group.charges.above_row(g)));
            rows.push((Kind::OptionRun, group.run.row(g)));
            rows.extend(group.smile.iter().map(|i| {
                (
                    Kind::SmileNode,
                    [g as i128, i.low, i.variance, i.slope, i.high, 0, 0],
                )
            }));
            for (s, scenario) in group.scenarios.iter().enumerate() {
                let id = g as i128 * SCENARIO_STRIDE + s as i128;
                let intervals = scenario.intervals.iter();
                rows.extend(intervals.map(|i| (Kind::OptionScenario, scenario.row(id, i))));
            }
        }
        for (g, group) in self.perpetual_options.iter().enumerate() {
            rows.push((Kind::PerpetualBase, group.base_row(g)));
            rows.push((Kind::PerpetualCharge, group.charges.row(g)));
            rows.push((Kind::PerpetualAbove, group.charges.above_row(g)));
            let exposures = group.exposures.iter();
            rows.extend(exposures.map(|e| (Kind::PerpetualExposure, e.row(g))));
            for (s, scenario) in group.scenarios.iter().enumerate() {
                let id = g as i128 * SCENARIO_STRIDE + s as i128;
                let intervals = scenario.intervals.iter();
                rows.extend(intervals.map(|i| (Kind::PerpetualInterval, i.row(id, scenario.spot))));
            }
        }
        for (g, group) in self.futures.iter().enumerate() {
            rows.push((Kind::FutureBase, group.base_row(g)));
            rows.push((Kind::FutureFunding, group.funding_row(g)));
        }
        for (g, group) in self.assets.iter().enumerate() {
            rows.push((Kind::AssetBase, group.base_row(g)));
            rows.push((Kind::Underlying, group.underlying_row(g)));
        }
        for (g, group) in self.swaps.iter().enumerate() {
            rows.push((Kind::SwapBase, group.base_row(g)));
            let exposure = group.exposure.row(g, group.underlying);
            rows.push((Kind::SwapExposure, exposure));
            let moved = (0..group.scenarios.len()).filter_map(|s| group.scenario_row(g, s));
            rows.extend(moved.map(|row| (Kind::SwapScenario, row)));
        }
        rows
    }

    /// The lookup row of a scenario; `None` if there is none.
    pub fn scenario_row(&self, s: usize) -> Option<TableRow> {
        let row = self.scenarios.get(s)?;
        Some([
            s as i128,
            row.spot,
            row.factor,
            row.class as i128,
            row.gross,
            row.net,
            row.own.into(),
        ])
    }

    /// Refuses a table of more rows than a shape's circuit has for it.
    ///
    /// # Errors
    /// [`TableError::TooManyRows`].
    pub fn fits(&self, shape: Shape) -> Result<(), TableError> {
        match self.rows().len() {
            rows if rows > shape.table_rows() => Err(TableError::TooManyRows { rows, shape }),
            _ => Ok(()),
        }
    }

    /// The seven instance columns of a shape, each exactly [`Shape::table_rows`] long, zero rows at the end.
    ///
    /// # Errors
    /// [`TableError::TooManyRows`].
    pub fn instance_columns(&self, shape: Shape) -> Result<Vec<Vec<Fr>>, TableError> {
        self.fits(shape)?;
        let mut columns = self.columns();
        for column in &mut columns {
            column.resize(shape.table_rows(), Fr::zero());
        }
        Ok(columns)
    }

    /// The columns, as long as there are rows.
    fn columns(&self) -> Vec<Vec<Fr>> {
        let mut columns = vec![Vec::new(); TABLE_COLUMNS];
        for (kind, row) in self.rows() {
            for (c, (column, value)) in columns.iter_mut().zip(row).enumerate() {
                let tag = if c == KIND_COLUMN { kind.tag() } else { 0 };
                column.push(field::from_i128(value + tag));
            }
        }
        columns
    }

    /// Keccak-256 of the columns without zero rows at the end, column by column, 32 big-endian bytes a cell: the same for
    /// every shape.
    pub fn digest(&self) -> [u8; 32] {
        columns_digest(&self.columns())
    }
}

/// The columns without the zero rows at their end, and all as long as the longest.
pub fn used_rows(columns: &[Vec<Fr>]) -> Vec<&[Fr]> {
    let used = |column: &Vec<Fr>| column.iter().rposition(|cell| *cell != Fr::zero());
    let rows = columns
        .iter()
        .filter_map(used)
        .max()
        .map_or(0, |last| last + 1);
    let cut = |column| <[Fr]>::get(column, ..rows).unwrap_or(column);
    columns
        .iter()
        .map(|column| cut(column.as_slice()))
        .collect()
}

/// What [`PublicTable::digest`] is of instance columns.
pub fn columns_digest(columns: &[Vec<Fr>]) -> [u8; 32] {
    let columns = used_rows(columns);
    let cells = columns.iter().map(|column| column.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(32 * cells);
    columns
        .iter()
        .copied()
        .flatten()
        .for_each(|cell| bytes.extend(field::to_be_bytes(cell)));
    Keccak256::digest(&bytes).into()
}

/// A table digest as a public input: 248 bits of it, so that it is a field element.
pub fn digest_scalar(digest: [u8; 32]) -> Fr {
    let mut bytes = digest;
    bytes[0] = 0;
    field::from_be_bytes(&bytes).unwrap_or_default()
}
