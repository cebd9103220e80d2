//! `N(d)` for `d` in (-7, 7) from one table row and a cubic.
//!
//! ```text
//! row  a0   a1   a2       a3    a4
//! 0    i    c0   c1       c2    c3     lookup Normal, i = t >> 30
//! 1    t    z    N(|d|)   sign  N(d)   q_normal, z = t >> 20
//! ```
//! With e = t - 2^30 i - 2^29 and m = 2 (z - 2^10 i) + 1 - 2^10 (the top ten bits of the offset):
//! N(|d|) = c0 + c1 e + c2 m (2 e - 2^19 m) + c3 m^2 (3 e - 2^20 m);
//! N(d) = N(|d|) + sign (1 - 2 N(|d|)); sign boolean. Units: t 2^-37, N 2^-88.
//!
//! The caller ties t, z and i: they are cells of one running sum.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, boolean, constant, int, pow2};
use crate::{
    field,
    poseidon::Num,
    public::Kind,
    tables::{self, N_BITS},
};

/// Gate of the normal distribution.
#[derive(Clone, Copy, Debug)]
pub struct NormalChip {
    q_normal: Selector,
}

/// The witness of one evaluation.
#[derive(Clone, Copy, Debug)]
pub struct NormalTrace {
    /// `|d|`, units 2^-37.
    pub magnitude: i128,
    /// `d < 0`.
    pub negative: bool,
    /// `N(|d|)`, units 2^-88.
    pub unsigned: i128,
    /// `N(d)`, units 2^-88.
    pub signed: i128,
}

/// The cells of one evaluation.
#[derive(Clone, Debug)]
pub struct NormalCells {
    /// Table index.
    pub index: Num,
    /// `|d|`.
    pub magnitude: Num,
    /// `|d| >> 20`.
    pub high: Num,
    /// `N(d)`.
    pub value: Num,
    /// The table row's c1, c2, c3.
    pub coefficients: [Num; 3],
}

impl NormalChip {
    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_normal: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_normal", |meta| {
            let q = meta.query_selector(chip.q_normal);
            let [index, c0, c1, c2, c3] = columns.row(meta, -1);
            let [t, high, unsigned, sign, value] = columns.row(meta, 0);
            let e = t - index.clone() * pow2(30) - pow2(29);
            let m = (high - index * pow2(10)) * constant(2) + constant(1 - 1024);
            let second = c2 * (e.clone() * constant(2) - m.clone() * pow2(19));
            let third = c3 * m.clone() * (e.clone() * constant(3) - m.clone() * pow2(20));
            let cubic = c0 + c1 * e + m * (second + third);
            Constraints::with_selector(
                q,
                [
                    ("sign boolean", boolean(&sign)),
                    ("N(|d|) = cubic", unsigned.clone() - cubic),
                    (
                        "N(d) = N(|d|) + sign (1 - 2 N(|d|))",
                        value - unsigned.clone() - sign * (pow2(N_BITS) - unsigned * constant(2)),
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on. The caller ties `index`, `magnitude` and `high`.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        trace: Value<NormalTrace>,
    ) -> Result<NormalCells, Error> {
        let values = trace.map(|t| {
            let index = t.magnitude >> 30;
            let row = tables::NORMAL
                .get(index as usize)
                .copied()
                .unwrap_or_default();
            [index, row[0], row[1], row[2], row[3]].map(field::from_i128)
        });
        let [index, _, coefficients @ ..] = sheet.lookup(
            row,
            Kind::Normal,
            std::array::from_fn(|i| values.map(|v| v[i])),
        )?;
        let [magnitude, high, _, _, value] = sheet.free_row(
            row + 1,
            [
                int(&trace, |t| t.magnitude),
                int(&trace, |t| t.magnitude >> 20),
                int(&trace, |t| t.unsigned),
                int(&trace, |t| t.negative.into()),
                int(&trace, |t| t.signed),
            ],
        );
        sheet.enable(self.q_normal, row + 1)?;
        Ok(NormalCells {
            index,
            magnitude,
            high,
            value,
            coefficients,
        })
    }
}
