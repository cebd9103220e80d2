//! Futures and collateral: positions whose value is linear in the price.
//!
//! ```text
//! future                                     asset
//! row  a0     a1    a2     a3     a4         a0       a1     a2    a3      a4
//! 0    g      alive price  charge key        g        alive  value 0       key    lookup
//! 1    |s|    sign  entry  |i|    sign_i     amount   element V    .       .      q_future / q_asset
//! 2    element V    s      H      .
//! 3    1024 g+c loss factor 0     0          (row 2)  1024 g+c loss factor 0 0    lookup
//! 4    g      c     s      |s|    L          (row 3)  g      c     amount  0  L   q_linear_loss
//! ```
//! q_future: s, i signed; element = key 2^152 + (s + 2^50) 2^101 + entry 2^51 + i + 2^50;
//!           V = alive s (price - entry + i); H = |s| charge.
//! q_asset:  element = key 2^152 + amount; V = amount value.
//! q_linear_loss: row id = 1024 g + c (c the scenario); L = factor (s loss - |s|), where the
//!           asset's |s| is a copy of a table zero: its loss is rounded down already.
//!
//! A malicious prover could try: value in a padding slot (alive is 0 in the null row), a size
//! that wraps (magnitudes below 2^50), another scenario for one position (c is a copy).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    holding::SIZE_LIMBS,
    sheet::{Columns, Sheet, boolean, constant, int, pow2, signed},
};
use crate::{
    engine::{FutureTrace, LinearTrace},
    field,
    poseidon::Num,
    public::{Kind, TableRow},
    slots::{AssetSlot, FutureSlot, KEY_SHIFT, SIZE_OFFSET},
};

/// Gates of futures and assets.
#[derive(Clone, Copy, Debug)]
pub struct LinearChip {
    q_future: Selector,
    q_asset: Selector,
    q_linear_loss: Selector,
}

/// What a linear position adds to the sums.
#[derive(Clone, Debug)]
pub struct Linear {
    /// Group index.
    pub group: Num,
    /// 0 for padding, else 1.
    pub alive: Num,
    /// Commitment element.
    pub element: Num,
    /// Value, units 1e-16 USD.
    pub value: Num,
    /// Weighted loss, units 1e-20 USD.
    pub loss: Num,
    /// Charge, units 1e-16 USD; a table zero for assets.
    pub charge: Num,
}

/// The public table's rows of a position.
#[derive(Clone, Copy, Debug)]
pub struct LinearRows {
    /// The unmoved market.
    pub base: Value<TableRow>,
    /// The scenario.
    pub moved: Value<TableRow>,
}

impl LinearChip {
    /// Rows that a future takes.
    pub const FUTURE_ROWS: usize = 5;
    /// Rows that an asset takes.
    pub const ASSET_ROWS: usize = 4;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_future: meta.selector(),
            q_asset: meta.selector(),
            q_linear_loss: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_future", |meta| {
            let q = meta.query_selector(chip.q_future);
            let [_, alive, price, charge, key] = columns.row(meta, -1);
            let [magnitude, sign, entry, index, index_sign] = columns.row(meta, 0);
            let [element, value, size, total, _] = columns.row(meta, 1);
            let index_signed = signed(&index_sign, &index);
            let packed = key * pow2(KEY_SHIFT)
                + (size.clone() + constant(SIZE_OFFSET)) * pow2(101)
                + entry.clone() * pow2(51)
                + index_signed.clone()
                + constant(SIZE_OFFSET);
            Constraints::with_selector(
                q,
                [
                    ("sign boolean", boolean(&sign)),
                    ("sign_i boolean", boolean(&index_sign)),
                    (
                        "s = (1 - 2 sign) |s|",
                        size.clone() - signed(&sign, &magnitude),
                    ),
                    ("element packs key, size, entry, index", element - packed),
                    (
                        "V = alive s (price - entry + i)",
                        value - alive * size * (price - entry + index_signed),
                    ),
                    ("H = |s| charge", total - magnitude * charge),
                ],
            )
        });
        meta.create_gate("q_asset", |meta| {
            let q = meta.query_selector(chip.q_asset);
            let [_, _, price, _, key] = columns.row(meta, -1);
            let [amount, element, value, _, _] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    (
                        "element packs key, amount",
                        element - key * pow2(KEY_SHIFT) - amount.clone(),
                    ),
                    ("V = amount value", value - amount * price),
                ],
            )
        });
        meta.create_gate("q_linear_loss", |meta| {
            let q = meta.query_selector(chip.q_linear_loss);
            let [id, per_unit, factor, _, _] = columns.row(meta, -1);
            let [group, scenario, size, magnitude, loss] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    (
                        "row id = 1024 g + c",
                        id - group * constant(1024) - scenario,
                    ),
                    (
                        "L = factor (s loss - |s|)",
                        loss - factor * (size * per_unit - magnitude),
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns a future from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_future(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        scenario: &Num,
        slot: Value<&FutureSlot>,
        rows: LinearRows,
        trace: Value<&FutureTrace>,
    ) -> Result<Linear, Error> {
        let [group, alive, ..] = sheet.lookup(row, Kind::FutureBase, cells(rows.base))?;
        let [magnitude, _, entry, index, _] = sheet.free_row(
            row + 1,
            [
                int(&slot, |s| s.size.abs()),
                int(&slot, |s| (s.size < 0).into()),
                int(&slot, |s| s.entry),
                int(&slot, |s| s.funding_index.abs()),
                int(&slot, |s| (s.funding_index < 0).into()),
            ],
        );
        for bounded in [&magnitude, &entry, &index] {
            sheet.range(bounded, SIZE_LIMBS)?;
        }
        let element = sheet.free(0, row + 2, slot.map(FutureSlot::element));
        let value = sheet.free(1, row + 2, int(&trace, |t| t.linear.value));
        let size = sheet.free(2, row + 2, int(&slot, |s| s.size));
        let charge = sheet.free(3, row + 2, int(&trace, |t| t.charge));
        sheet.enable(self.q_future, row + 1)?;
        let loss = self.assign_loss(
            sheet,
            row + 3,
            Kind::FutureScenario,
            [&group, scenario, &size, &magnitude],
            rows.moved,
            trace.map(|t| &t.linear),
        )?;
        Ok(Linear {
            group,
            alive,
            element,
            value,
            loss,
            charge,
        })
    }

    /// Assigns an asset from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_asset(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        scenario: &Num,
        slot: Value<&AssetSlot>,
        rows: LinearRows,
        trace: Value<&LinearTrace>,
    ) -> Result<Linear, Error> {
        let [group, alive, _, zero, _] = sheet.lookup(row, Kind::AssetBase, cells(rows.base))?;
        let amount = sheet.free(0, row + 1, int(&slot, |s| s.amount));
        sheet.range(&amount, SIZE_LIMBS)?;
        let element = sheet.free(1, row + 1, slot.map(AssetSlot::element));
        let value = sheet.free(2, row + 1, int(&trace, |t| t.value));
        sheet.enable(self.q_asset, row + 1)?;
        let loss = self.assign_loss(
            sheet,
            row + 2,
            Kind::AssetScenario,
            [&group, scenario, &amount, &zero],
            rows.moved,
            trace,
        )?;
        Ok(Linear {
            group,
            alive,
            element,
            value,
            loss,
            charge: zero,
        })
    }

    fn assign_loss(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        kind: Kind,
        inputs: [&Num; 4],
        moved: Value<TableRow>,
        trace: Value<&LinearTrace>,
    ) -> Result<Num, Error> {
        sheet.lookup(row, kind, cells(moved))?;
        for (column, source) in inputs.into_iter().enumerate() {
            sheet.copy(source, column, row + 1);
        }
        let loss = sheet.free(4, row + 1, trace.map(|t| field::from_int(&t.loss)));
        sheet.enable(self.q_linear_loss, row + 1)?;
        Ok(loss)
    }
}

/// The first five values of a table row.
fn cells(row: Value<TableRow>) -> [Value<Fr>; 5] {
    std::array::from_fn(|i| row.map(|r| field::from_i128(r[i])))
}
