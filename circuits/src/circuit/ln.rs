//! `ln K` of a strike, 1 <= K < 2^50, units 2^-52.
//!
//! ```text
//! row  a0   a1    a2        a3    a4
//! 0    i    c0    c1        c2    0      lookup Ln, i = M >> 40
//! 1    K    M     M >> 20   ln K  r      q_ln
//! 2    s    2^s   s ln 2    0     0      lookup Power
//! ```
//! q_ln: M = K 2^s; 2^30 ln K + r = c0 + c1 y + c2 y^2 - s ln 2, y = (M >> 20) - 2^20 i - 2^19.
//! M below 2^50 and i >= 512 make s unique; ln K and r in range make the truncation unique.
//!
//! A malicious prover could try: another shift (M leaves [2^49, 2^50)), a mantissa that does not
//! match the index (both are cells of one running sum), a quotient off by a multiple of 2^-30
//! in the field (ln K is below 2^60).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, int, pow2};
use crate::{engine::option::LnTrace, field, poseidon::Num, public::Kind, tables};

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
            let [index, c0, c1, c2, _] = columns.row(meta, -1);
            let [strike, mantissa, high, ln, remainder] = columns.row(meta, 0);
            let [_, power, shift_ln, _, _] = columns.row(meta, 1);
            let y = high - index * pow2(20) - pow2(19);
            Constraints::with_selector(
                q,
                [
                    ("M = K 2^s", mantissa - strike * power),
                    (
                        "2^30 ln K + r = c0 + c1 y + c2 y^2 - s ln 2",
                        ln * pow2(30) + remainder - c0 - (c1 + c2 * y.clone()) * y + shift_ln,
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
            let index = t.mantissa >> 40;
            let row = tables::LN
                .get((index - 512).max(0) as usize)
                .copied()
                .unwrap_or_default();
            [index, row[0], row[1], row[2], row[3]].map(field::from_i128)
        });
        let power_row = trace.map(|t| {
            let row = tables::POWER
                .get(t.shift as usize)
                .copied()
                .unwrap_or_default();
            [t.shift, row[0], row[1], row[2], row[3]].map(field::from_i128)
        });
        let [index, ..] =
            sheet.lookup(row, Kind::Ln, std::array::from_fn(|i| ln_row.map(|r| r[i])))?;
        sheet.lookup(
            row + 2,
            Kind::Power,
            std::array::from_fn(|i| power_row.map(|r| r[i])),
        )?;

        sheet.copy(strike, 0, row + 1);
        let mantissa = sheet.free(1, row + 1, int(&trace, |t| t.mantissa));
        let limbs = sheet.range(&mantissa, 5)?;
        let [_, _, high, _, top] = limbs.as_slice() else {
            return Err(Error::Synthesis);
        };
        sheet.copy(high, 2, row + 1);
        sheet.tie(&index, top);
        let ln = sheet.free(3, row + 1, int(&trace, |t| t.ln));
        sheet.range(&ln, 6)?;
        let remainder = sheet.free(4, row + 1, int(&trace, |t| t.remainder));
        sheet.range(&remainder, 3)?;
        sheet.enable(self.q_ln, row + 1)?;
        Ok(ln)
    }
}
