//! One lookup argument for everything that is looked up: the fixed function tables and the
//! public table.
//!
//! ```text
//! table rows   0..n              c0..c6 = instance columns, twice the kind included in c6; n is the shape's, 873 to 8192
//!              n..n + 1167       c0..c4 = fixed function tables, c6 = twice the kind
//! a lookup     row r             a0 a1 a2 a3 a4 = c0..c4     q_wide, kind: c6 + twice the kind
//!              row r+1 (7 wide)  a0 a1          = c5 c6      (where q_tail)
//! ```
//! A row can only be used as what it is: c6 of a lookup is the fixed kind plus, where q_tail, a
//! cell that the caller must prove to be 0 or 1; elsewhere plus nothing. No lookup can find the
//! zero row, whose kind is 0; rows without a lookup look that one up. Instance and fixed rows do
//! not overlap as long as the instance columns are exactly n long: the verifier checks that.
//!
//! A malicious prover could try: a row that does not exist, a row of another kind (c6 differs,
//! and no free cell can make up for it), cells of two rows mixed (one compressed row is looked
//! up).

use halo2_proofs::circuit::{Region, Value};
use halo2_proofs::{
    plonk::{Column, ConstraintSystem, Error, Expression, Fixed},
    poly::Rotation,
};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, WIDTH};
use crate::{
    field,
    poseidon::Num,
    public::{Kind, TABLE_COLUMNS},
    shape::Shape,
    tables,
};

/// Columns of the lookup argument.
#[derive(Clone, Copy, Debug)]
pub struct LookupChip {
    table: [Column<Fixed>; WIDTH],
    table_kind: Column<Fixed>,
    q_wide: Column<Fixed>,
    q_tail: Column<Fixed>,
    kind: Column<Fixed>,
}

impl LookupChip {
    /// Adds the lookup argument.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            table: std::array::from_fn(|_| meta.fixed_column()),
            table_kind: meta.fixed_column(),
            q_wide: meta.fixed_column(),
            q_tail: meta.fixed_column(),
            kind: meta.fixed_column(),
        };
        chip.argument(meta, columns);
        chip
    }

    /// The same tables, looked up from another lane.
    pub fn configure_lane(self, meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_wide: meta.fixed_column(),
            q_tail: meta.fixed_column(),
            kind: meta.fixed_column(),
            ..self
        };
        chip.argument(meta, columns);
        chip
    }

    fn argument(self, meta: &mut ConstraintSystem<Fr>, columns: &Columns) {
        let (chip, columns) = (self, *columns);
        meta.lookup_any("(c0..c6) in public table or function tables", |meta| {
            let [q_wide, q_tail, kind] =
                [chip.q_wide, chip.q_tail, chip.kind].map(|q| meta.query_fixed(q, Rotation::cur()));
            let wide = columns.row(meta, 0);
            let tail = [0, 1].map(|i| meta.query_advice(columns.main[i], Rotation::next()));
            let public = columns
                .table
                .map(|c| meta.query_instance(c, Rotation::cur()));
            let fixed = chip.table.map(|c| meta.query_fixed(c, Rotation::cur()));
            let mut pairs: Vec<(Expression<Fr>, Expression<Fr>)> =
                Vec::with_capacity(TABLE_COLUMNS);
            for (i, cell) in wide.into_iter().enumerate() {
                pairs.push((q_wide.clone() * cell, public[i].clone() + fixed[i].clone()));
            }
            let [c5, bit] = tail;
            let [.., public_c5, public_kind] = public;
            let table_kind = meta.query_fixed(chip.table_kind, Rotation::cur());
            pairs.push((q_tail.clone() * c5, public_c5));
            pairs.push((kind + q_tail * bit, public_kind + table_kind));
            pairs
        });
    }

    /// The fixed column of indices: exactly the values 0..1024, for range checks.
    pub fn range_table(&self) -> Column<Fixed> {
        self.table[0]
    }

    /// Fills the function tables.
    pub fn load(&self, region: &mut Region<'_, Fr>, shape: Shape) {
        let normal = tables::NORMAL
            .iter()
            .enumerate()
            .map(|(i, row)| (Kind::Normal, i, row));
        let ln = tables::LN
            .iter()
            .enumerate()
            .map(|(i, row)| (Kind::Ln, i + tables::NORMAL_ROWS, row));
        let power = tables::POWER
            .iter()
            .enumerate()
            .map(|(i, row)| (Kind::Power, i + tables::FIRST_SHIFT as usize, row));
        let exp = tables::EXP
            .iter()
            .enumerate()
            .map(|(i, row)| (Kind::Exp, i, row));
        for (r, (kind, index, row)) in normal.chain(ln).chain(exp).chain(power).enumerate() {
            let values = [index as i128, row[0], row[1], row[2], row[3], kind.tag()];
            for (column, value) in self.table.iter().chain([&self.table_kind]).zip(values) {
                region.assign_fixed(*column, shape.table_rows() + r, field::from_i128(value));
            }
        }
    }

    /// Looks up c0..c4 on `row`; c5 of the row is zero, and c6 nothing but the kind.
    ///
    /// # Errors
    /// As the backend.
    pub fn lookup(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        kind: Kind,
        values: [Value<Fr>; WIDTH],
    ) -> Result<[Num; WIDTH], Error> {
        sheet.region.assign_fixed(self.q_wide, row, Fr::one());
        sheet
            .region
            .assign_fixed(self.kind, row, field::from_i128(kind.tag()));
        Ok(sheet.free_row(row, values))
    }

    /// Looks up c0..c4 on `row` and c5, c6 on the first two cells of the next row. The caller's
    /// gate must prove the last cell to be 0 or 1, or another kind could pass.
    ///
    /// # Errors
    /// As the backend.
    pub fn lookup_wide(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        kind: Kind,
        values: [Value<Fr>; TABLE_COLUMNS],
    ) -> Result<[Num; TABLE_COLUMNS], Error> {
        let [c0, c1, c2, c3, c4, c5, c6] = values;
        let [n0, n1, n2, n3, n4] = self.lookup(sheet, row, kind, [c0, c1, c2, c3, c4])?;
        sheet.region.assign_fixed(self.q_tail, row, Fr::one());
        Ok([
            n0,
            n1,
            n2,
            n3,
            n4,
            sheet.free(0, row + 1, c5),
            sheet.free(1, row + 1, c6),
        ])
    }
}
