//! An expiry, which is a run of neighbouring slots, in the unmoved market and under the basis moves: once a slot each, in the first lane.
//!
//! ```text
//! unmoved    row  a0      a1      a2    a3     a4
//!            0    V0      e0      P-    M-     end-     q_unmoved
//!            1    P       M       end   out    .
//!
//! basis      -1   calls   puts    G     Vs     es       Black-76's last row in the moved market
//!            0    R-      end-    R     n      |q|      q_basis
//!            1    r       P       g     .      .
//!
//! both       0    g       g'      c     t      share    q_basis_loss
//!            1    end     out     .     .      .
//! ```
//! "-" marks the slot before. Each sum starts where a run ends: X = (1 - end-) X- + ...
//!
//! q_unmoved:    P = .. + V0 + e0; M = .. + V0 - e0; out = end P.
//! q_basis:      R = .. + Vs - es; R - P = 2^120 (1 - 2 n)|q| + r; g = n |q|.
//! q_basis_loss: t = (1 - 2 c)(g - g'); out = end share 2^80 (g + c (g' - g)).
//!
//! n and c boolean, |q| and t below 2^130, r below 2^120.
//!
//! A malicious prover could try: a quotient one off (r in range), a basis move that is not the worse (t in range), another run's sums
//! (copies of the slot before).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::run::{Before, QUOTIENT_LIMBS, RAISE, assign_sum, one};
use crate::{
    circuit::{
        black76::ValueCells,
        sheet::{Columns, Sheet, boolean, constant, pow2, signed},
    },
    engine::DROPPED_BITS,
    field,
    poseidon::Num,
};

/// Gates of an expiry's sums.
#[derive(Clone, Copy, Debug)]
pub struct ExpiryChip {
    q_unmoved: Selector,
    q_basis: Selector,
    q_basis_loss: Selector,
}

/// An expiry's sums in the unmoved market up to a slot, and where it ends.
#[derive(Clone, Debug)]
pub struct UnmovedCells {
    /// With the bounds added.
    pub high: Num,
    /// With the bounds taken off.
    pub low: Num,
    /// 1 on the last slot of an expiry.
    pub end: Num,
    /// What the slot adds to every scenario's sum.
    pub out: Num,
}

impl ExpiryChip {
    /// Rows in the unmoved market, of a basis move behind its pricing, and of the two together.
    pub const ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_unmoved: meta.selector(),
            q_basis: meta.selector(),
            q_basis_loss: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_unmoved", |meta| {
            let q = meta.query_selector(chip.q_unmoved);
            let [value, epsilon, high_before, low_before, end_before] = columns.row(meta, 0);
            let [high, low, end, out, _] = columns.row(meta, 1);
            let goes_on = constant(1) - end_before;
            Constraints::with_selector(
                q,
                [
                    (
                        "P = (1 - end-) P- + V0 + e0",
                        high.clone()
                            - goes_on.clone() * high_before
                            - value.clone()
                            - epsilon.clone(),
                    ),
                    (
                        "M = (1 - end-) M- + V0 - e0",
                        low - goes_on * low_before - value + epsilon,
                    ),
                    ("out = end P", out - end * high),
                ],
            )
        });
        meta.create_gate("q_basis", |meta| {
            let q = meta.query_selector(chip.q_basis);
            let [_, _, _, value, epsilon] = columns.row(meta, -1);
            let [before, end_before, sum, negative, magnitude] = columns.row(meta, 0);
            let [remainder, high, lost, ..] = columns.row(meta, 1);
            let goes_on = constant(1) - end_before;
            Constraints::with_selector(
                q,
                [
                    ("n boolean", boolean(&negative)),
                    (
                        "R = (1 - end-) R- + Vs - es",
                        sum.clone() - goes_on * before - value + epsilon,
                    ),
                    (
                        "R - P = 2^120 (1 - 2 n)|q| + r",
                        sum - high - signed(&negative, &magnitude) * pow2(DROPPED_BITS) - remainder,
                    ),
                    ("g = n |q|", lost - negative * magnitude),
                ],
            )
        });
        meta.create_gate("q_basis_loss", |meta| {
            let q = meta.query_selector(chip.q_basis_loss);
            let [up, down, choice, gap, share] = columns.row(meta, 0);
            let [end, out, ..] = columns.row(meta, 1);
            let further = down - up.clone();
            let greater = up + choice.clone() * further.clone();
            Constraints::with_selector(
                q,
                [
                    ("c boolean", boolean(&choice)),
                    ("t = (1 - 2 c)(g - g')", gap + signed(&choice, &further)),
                    (
                        "out = end share 2^80 (g + c (g' - g))",
                        out - end * share * greater * pow2(RAISE),
                    ),
                ],
            )
        });
        chip
    }

    /// Adds a slot to its expiry in the unmoved market; `end` says whether it is the last.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_unmoved(
        &self,
        sheet: &mut Sheet<'_, '_>,
        base: &ValueCells,
        before: [&Num; 3],
        end: &Num,
    ) -> Result<UnmovedCells, Error> {
        let row = sheet.take(Self::ROWS)?;
        let value = sheet.copy(&base.value, 0, row);
        let epsilon = sheet.copy(&base.epsilon, 1, row);
        let mut column = 1;
        let [high, low, end_before] = before.map(|cell| {
            column += 1;
            sheet.copy(cell, column, row)
        });
        let goes_on = one() - end_before.value;
        let high = goes_on * high.value + value.value + epsilon.value;
        let low = goes_on * low.value + value.value - epsilon.value;
        let high = sheet.free(0, row + 1, high);
        let low = sheet.free(1, row + 1, low);
        let end = sheet.copy(end, 2, row + 1);
        let out = sheet.free(3, row + 1, end.value * high.value);
        sheet.enable(self.q_unmoved, row)?;
        Ok(UnmovedCells {
            high,
            low,
            end,
            out,
        })
    }

    /// The same under a basis move: the sum, and what the expiry loses up to here, in units of 2^120.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_basis(
        &self,
        sheet: &mut Sheet<'_, '_>,
        value: &ValueCells,
        before: &Before,
        high: &Num,
    ) -> Result<(Num, Num), Error> {
        let row = sheet.take(Self::ROWS)?;
        let (sum, [negative, magnitude]) = assign_sum(sheet, row, value, before, high.value)?;
        sheet.copy(high, 1, row + 1);
        let lost = sheet.free(2, row + 1, negative.value * magnitude.value);
        sheet.enable(self.q_basis, row)?;
        Ok((sum, lost))
    }

    /// What a slot adds to the basis loss.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_basis_loss(
        &self,
        sheet: &mut Sheet<'_, '_>,
        [up, down]: [&Num; 2],
        share: &Num,
        end: &Num,
    ) -> Result<Num, Error> {
        let row = sheet.take(Self::ROWS)?;
        let up = sheet.copy(up, 0, row);
        let down = sheet.copy(down, 1, row);
        let further = down.value - up.value;
        let choice = further.map(|x| {
            let greater = x != Fr::zero() && !field::is_negative(&x);
            Fr::from(u64::from(greater))
        });
        let choice = sheet.free(2, row, choice);
        let gap = (choice.value + choice.value - one()) * further;
        let gap = sheet.free(3, row, gap);
        sheet.range(&gap, QUOTIENT_LIMBS)?;
        let share = sheet.copy(share, 4, row);
        let end = sheet.copy(end, 0, row + 1);
        let greater = up.value + choice.value * further;
        let raised = Value::known(field::pow2(RAISE));
        let out = sheet.free(1, row + 1, end.value * share.value * greater * raised);
        sheet.enable(self.q_basis_loss, row)?;
        Ok(out)
    }
}
