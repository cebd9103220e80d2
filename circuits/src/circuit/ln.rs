//! `ln K` of a strike, 1 <= K < 2^50, units 2^-54.
//!
//! ```text
//! row  a0   a1    a2        a3    a4
//! 0    i    c0    c1        c2    c3     lookup Ln, i = 896 + j
//! 1    K    y     y >> 30   ln K  r      q_ln
//! 2    s    s ln 2  2^s     0     0      lookup Power
//! ```
//! q_ln: K 2^s = (128 + j) 2^50 + y, y below 2^50; with x = y - 2^49 and m = 2 (y >> 30) + 1 - 2^20
//!       2^50 ln K + r = c0 + c1 x + m^2 (c2 + c3 m) - s ln 2, r below 2^50.
//! 0 <= j < 128 and y in range put K 2^s between 2^57 and 2^58, which makes s, j and y unique; ln K and r in
//! range make the truncation unique.
//!
//! A malicious prover could try: another shift (K 2^s leaves [2^57, 2^58)), another row (y leaves its range), top
//! bits of another y (they are a cell of its running sum), a quotient off by a multiple of 2^-50 in the field
//! (ln K is below 2^60).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, constant, int, pow2};
use crate::{
    engine::option::{LN_DROPPED_BITS, LnTrace},
    field,
    poseidon::Num,
    public::Kind,
    tables::{self, REST_BITS},
};

/// Gate of the logarithm.
#[derive(Clone, Copy, Debug)]
pub struct LnChip {
    q_ln: Selector,
}

impl LnChip {
    /// Rows taken.
    pub const ROWS: usize = 3;

    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_ln: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_ln", |meta| {
            let q = meta.query_selector(chip.q_ln);
            let [index, c0, c1, c2, c3] = columns.row(meta, -1);
            let [strike, rest, high, ln, remainder] = columns.row(meta, 0);
            let [_, shift_ln, power, _, _] = columns.row(meta, 1);
            let x = rest.clone() - pow2(REST_BITS - 1);
            let m = high * constant(2) + constant(1) - pow2(20);
            let leading = index - constant(tables::LN_INDEX - tables::LN_ROWS as i128);
            Constraints::with_selector(
                q,
                [
                    (
                        "K 2^s = (128 + j) 2^50 + y",
                        leading * pow2(REST_BITS) + rest - strike * power,
                    ),
                    (
                        "2^50 ln K + r = c0 + c1 x + m^2 (c2 + c3 m) - s ln 2",
                        ln * pow2(LN_DROPPED_BITS) + remainder
                            - c0
                            - c1 * x
                            - m.clone() * m.clone() * (c2 + c3 * m)
                            + shift_ln,
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on and returns `ln K`.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        strike: &Num,
        trace: Value<&LnTrace>,
    ) -> Result<Num, Error> {
        let ln_row = trace.map(|t| {
            let row = usize::try_from(t.row()).ok();
            let row = row.and_then(|row| tables::LN.get(row));
            let [c0, c1, c2, c3] = row.copied().unwrap_or_default();
            [t.row() + tables::LN_INDEX, c0, c1, c2, c3].map(field::from_i128)
        });
        let power_row = trace.map(|t| {
            let [c0, c1, c2, c3] = tables::power(t.shift).unwrap_or_default();
            [t.shift, c0, c1, c2, c3].map(field::from_i128)
        });
        sheet.lookup(row, Kind::Ln, std::array::from_fn(|i| ln_row.map(|r| r[i])))?;
        sheet.lookup(
            row + 2,
            Kind::Power,
            std::array::from_fn(|i| power_row.map(|r| r[i])),
        )?;

        sheet.copy(strike, 0, row + 1);
        let rest = sheet.free(1, row + 1, int(&trace, |t| t.rest()));
        let limbs = sheet.range(&rest, 5)?;
        let high = limbs.get(3).ok_or(Error::Synthesis)?;
        sheet.copy(high, 2, row + 1);
        let ln = sheet.free(3, row + 1, int(&trace, |t| t.ln));
        sheet.range(&ln, 6)?;
        let remainder = sheet.free(4, row + 1, int(&trace, |t| t.remainder));
        sheet.range(&remainder, 5)?;
        sheet.enable(self.q_ln, row + 1)?;
        Ok(ln)
    }
}
