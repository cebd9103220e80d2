//! One lookup argument for everything that is looked up: the fixed function tables and the
//! public table.
//!
//! ```text
//! table rows   0..960            c0..c6 = instance columns, tags included
//!              960..2034         c0..c4 = fixed function tables, tags included
//! a lookup     row r             a0 a1 a2 a3 a4 = c0..c4     q_wide, kind
//!              row r+1 (7 wide)  a0 a1          = c5 c6      (where q_tail)
//! ```
//! The kind's tag is a fixed value added to the looked-up c1, so that a row can only be used as
//! what it is. Instance and fixed rows do not overlap as long as the instance columns are
//! exactly 960 long: the verifier checks that. Rows without a lookup look up the zero row.
//!
//! A malicious prover could try: a row that does not exist, a row of another kind (the tag
//! differs), cells of two rows mixed (one compressed row is looked up).

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
    public::{Kind, TABLE_COLUMNS, TABLE_ROWS},
    tables,
};

/// Columns of the lookup argument.
#[derive(Clone, Copy, Debug)]
pub struct LookupChip {
    table: [Column<Fixed>; WIDTH],
    q_wide: Column<Fixed>,
    q_tail: Column<Fixed>,
    kind: Column<Fixed>,
}

impl LookupChip {
    /// Adds the lookup argument.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            table: std::array::from_fn(|_| meta.fixed_column()),
            q_wide: meta.fixed_column(),
            q_tail: meta.fixed_column(),
            kind: meta.fixed_column(),
        };
        let columns = *columns;
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
                let looked_up = q_wide.clone() * cell;
                let input = if i == 1 {
                    looked_up + kind.clone()
                } else {
                    looked_up
                };
                pairs.push((input, public[i].clone() + fixed[i].clone()));
            }
            for (i, cell) in tail.into_iter().enumerate() {
                pairs.push((q_tail.clone() * cell, public[WIDTH + i].clone()));
            }
            pairs
        });
        chip
    }

    /// The fixed column of indices: exactly the values 0..1024, for range checks.
    pub fn range_table(&self) -> Column<Fixed> {
        self.table[0]
    }

    /// Fills the function tables.
    pub fn load(&self, region: &mut Region<'_, Fr>) {
        let normal = tables::NORMAL
            .iter()
            .enumerate()
            .map(|(i, row)| (Kind::Normal, i, row));
        let ln = tables::LN
            .iter()
            .enumerate()
            .map(|(i, row)| (Kind::Ln, i + 512, row));
        let power = tables::POWER
            .iter()
            .enumerate()
            .map(|(i, row)| (Kind::Power, i, row));
        for (r, (kind, index, row)) in normal.chain(ln).chain(power).enumerate() {
            let values = [index as i128, row[0] + kind.tag(), row[1], row[2], row[3]];
            for (column, value) in self.table.iter().zip(values) {
                region.assign_fixed(*column, TABLE_ROWS + r, field::from_i128(value));
            }
        }
    }

    /// Looks up c0..c4 on `row`; c5 and c6 of the row are zero.
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

    /// Looks up c0..c4 on `row` and c5, c6 on the first two cells of the next row.
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
