//! Sums by branch and underlying, compared with the positions by fractions with simple poles, as
//! [`PoleChip`](crate::circuit::poles::PoleChip) does for exposures.
//!
//! ```text
//! row  a0    a1      a2    a3    a4
//! 0    u     alpha   i     x     A       q_branch_pole, pole: a fixed column
//! 1    .     .       .     .     A'      the next one's row 0
//! ```
//! q_branch_pole: (alpha - pole - u) i = 1; A' = A + x i.
//!
//! Branch b's pole is 4096 (b + 1): u is below 2^10, and exposures' poles are below 4096, so that no two sums share one. alpha is the
//! Poseidon hash of the account's commitment, the public table's digest, and every claimed number of an underlying and sum. The
//! positions' x are fixed by account and table, so that alpha is drawn after both functions are (Fiat-Shamir). The difference of two
//! functions of at most 200 underlyings' 47 poles is zero at fewer points than there are poles. The numbers of the branches, which
//! the header has, follow from the table.
//!
//! A malicious prover could try: a sum under another branch (the pole is fixed), a sum that leaves a position out (each A is a
//! copy of the last A').

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{Column, ConstraintSystem, Constraints, Error, Fixed, Selector};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;

use crate::{
    circuit::sheet::{Columns, Sheet, constant},
    field,
    poseidon::Num,
};

/// Poles of one branch.
const STRIDE: usize = 4096;

/// The gate of the fractions.
#[derive(Clone, Copy, Debug)]
pub struct BranchPoleChip {
    q_pole: Selector,
    pole: Column<Fixed>,
}

/// One number that is summed by branch and underlying.
#[derive(Clone, Debug)]
pub struct Part {
    /// The sum's number.
    pub branch: usize,
    /// Number of the underlying.
    pub underlying: Num,
    /// What is added.
    pub value: Num,
}

impl BranchPoleChip {
    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_pole: meta.selector(),
            pole: meta.fixed_column(),
        };
        let columns = *columns;
        meta.create_gate("q_branch_pole", |meta| {
            let q = meta.query_selector(chip.q_pole);
            let pole = meta.query_fixed(chip.pole, Rotation::cur());
            let [underlying, alpha, inverse, value, sum] = columns.row(meta, 0);
            let [.., next] = columns.row(meta, 1);
            let distance = alpha - pole - underlying;
            Constraints::with_selector(
                q,
                [
                    (
                        "(alpha - pole - u) i = 1",
                        distance * inverse.clone() - constant(1),
                    ),
                    ("A' = A + x i", next - sum - value * inverse),
                ],
            )
        });
        chip
    }

    /// Adds the fractions of `parts` to `sum`.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        parts: &[Part],
        alpha: &Num,
        sum: &Num,
    ) -> Result<Num, Error> {
        let first = sheet.take(parts.len() + 1)?;
        let mut sum = sheet.copy(sum, 4, first);
        for (i, part) in parts.iter().enumerate() {
            let row = first + i;
            let pole = field::from_i128(((part.branch + 1) * STRIDE) as i128);
            sheet.region.assign_fixed(self.pole, row, pole);
            let underlying = sheet.copy(&part.underlying, 0, row);
            let alpha = sheet.copy(alpha, 1, row);
            let distance = alpha.value - Value::known(pole) - underlying.value;
            // A hash that falls on a pole, at less than 2^-240, leaves the account without a proof.
            let inverse = distance.map(|d| Option::from(ff::Field::invert(&d)).unwrap_or_default());
            let inverse = sheet.free(2, row, inverse);
            let value = sheet.copy(&part.value, 3, row);
            sheet.enable(self.q_pole, row)?;
            sum = sheet.free(4, row + 1, sum.value + value.value * inverse.value);
        }
        Ok(sum)
    }
}
