//! Fractions with simple poles, by which sums by underlying are compared with the positions.
//!
//! ```text
//! position, or claimed sum
//! row  a0       a1      a2      a3     a4
//! -1   delta    gamma   vega    .      .          the exposure's last row
//! 0    u        alpha   i_0     i_1    i_2        q_pole
//! 1    A        A'      i_3     x      .
//!
//! collateral, which has no exposure
//! 0    u        alpha   i_3     x      A          q_loss_pole
//! 1    .        .       .       .      A'         the next one's row 0
//! ```
//! q_pole:      (alpha - 4 u - j) i_j = 1, j = 0..3; A' = A + delta i_0 + gamma i_1 + vega i_2 + x i_3.
//! q_loss_pole: (alpha - 4 u - 3) i_3 = 1; A' = A + x i_3.
//!
//! x is the loss under the scenario. The positions' A and the underlyings' A end equal: two sums of fractions with simple
//! poles at 4 u + j, as functions of alpha. They are the same function iff, underlying by underlying, X and x are the sums of
//! the positions'. alpha is the Poseidon hash of the account's commitment, the public table's digest, the scenario, what each
//! expiry chooses under it, and all claimed uids, X and x, so it is drawn after both functions are fixed (Fiat-Shamir: account,
//! table, scenario and choices fix the positions' exposures and losses), and two different functions of so few poles agree at
//! less than 1,000 of 2^254 points. Without the table, a snapshot's last digits could be chosen for a false claim; without the
//! choices, of which there are up to 3^128, one of them.
//!
//! A malicious prover could try: a fraction of another underlying (u is a copy), a sum that leaves a position out (each A is a
//! copy of the last A').
//!
//! What the circuit leaves to its verifier: the public digest is the table's.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, constant};
use crate::{field, poseidon::Num};

/// Poles of an underlying: delta, gamma, vega, loss.
const POLES: i128 = 4;
/// The pole of losses.
const LOSS: i128 = 3;

/// Gates of the fractions.
#[derive(Clone, Copy, Debug)]
pub struct PoleChip {
    q_pole: Selector,
    q_loss_pole: Selector,
}

/// A position's loss and its underlying.
#[derive(Clone, Debug)]
pub struct LossCells {
    /// Number of the underlying.
    pub underlying: Num,
    /// Loss under the scenario, units 1e-16 USD x 2^-132.
    pub loss: Num,
}

/// A position with exposures, or a claimed sum, with its place.
#[derive(Clone, Debug)]
pub struct PositionCells {
    /// Number of the underlying, loss.
    pub loss: LossCells,
    /// Dollar delta, dollar gamma, vega: the first three cells of the row above.
    pub exposures: [Num; 3],
    /// The row of its fractions.
    pub row: usize,
}

impl PoleChip {
    /// Rows of a position behind its exposure.
    pub const POSITION_ROWS: usize = 2;

    /// Rows of a number of collateral slots.
    pub const fn collateral_rows(slots: usize) -> usize {
        slots + 1
    }

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_pole: meta.selector(),
            q_loss_pole: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_pole", |meta| {
            let q = meta.query_selector(chip.q_pole);
            let [delta, gamma, vega, _, _] = columns.row(meta, -1);
            let [underlying, alpha, i_0, i_1, i_2] = columns.row(meta, 0);
            let [sum, next, i_3, loss, _] = columns.row(meta, 1);
            let distance = |j| distance(&alpha, &underlying, j);
            let exposures = delta * i_0.clone() + gamma * i_1.clone() + vega * i_2.clone();
            Constraints::with_selector(
                q,
                [
                    ("(alpha - 4 u) i_0 = 1", distance(0) * i_0 - constant(1)),
                    ("(alpha - 4 u - 1) i_1 = 1", distance(1) * i_1 - constant(1)),
                    ("(alpha - 4 u - 2) i_2 = 1", distance(2) * i_2 - constant(1)),
                    (
                        "(alpha - 4 u - 3) i_3 = 1",
                        distance(LOSS) * i_3.clone() - constant(1),
                    ),
                    (
                        "A' = A + delta i_0 + gamma i_1 + vega i_2 + x i_3",
                        next - sum - exposures - loss * i_3,
                    ),
                ],
            )
        });
        meta.create_gate("q_loss_pole", |meta| {
            let q = meta.query_selector(chip.q_loss_pole);
            let [underlying, alpha, i_3, loss, sum] = columns.row(meta, 0);
            let [.., next] = columns.row(meta, 1);
            let distance = distance(&alpha, &underlying, LOSS);
            Constraints::with_selector(
                q,
                [
                    (
                        "(alpha - 4 u - 3) i_3 = 1",
                        distance * i_3.clone() - constant(1),
                    ),
                    ("A' = A + x i_3", next - sum - loss * i_3),
                ],
            )
        });
        chip
    }

    /// Adds the fractions of a position with exposures to `sum`.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_poles(
        &self,
        sheet: &mut Sheet<'_, '_>,
        position: &PositionCells,
        alpha: &Num,
        sum: &Num,
    ) -> Result<Num, Error> {
        let PositionCells { loss, row, .. } = position;
        let placed = PositionCells {
            loss: LossCells {
                underlying: sheet.copy(&loss.underlying, 0, *row),
                // An option's stands there already.
                loss: sheet.placed(&loss.loss, 3, row + 1),
            },
            ..position.clone()
        };
        self.assign_placed(sheet, &placed, alpha, sum)
    }

    /// Adds the fractions of all collateral to `sum`, from `row` on.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_collateral(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        collateral: &[LossCells],
        alpha: &Num,
        sum: &Num,
    ) -> Result<Num, Error> {
        let mut sum = sheet.copy(sum, 4, row);
        for (i, LossCells { underlying, loss }) in collateral.iter().enumerate() {
            let row = row + i;
            let underlying = sheet.copy(underlying, 0, row);
            let alpha = sheet.copy(alpha, 1, row);
            let inverse = sheet.free(2, row, inverse(&alpha, &underlying, LOSS));
            let loss = sheet.copy(loss, 3, row);
            sheet.enable(self.q_loss_pole, row)?;
            sum = sheet.free(4, row + 1, sum.value + loss.value * inverse.value);
        }
        Ok(sum)
    }

    /// The same of sums whose own cells are in place.
    ///
    /// # Errors
    /// As the backend.
    pub(super) fn assign_placed(
        &self,
        sheet: &mut Sheet<'_, '_>,
        placed: &PositionCells,
        alpha: &Num,
        sum: &Num,
    ) -> Result<Num, Error> {
        let PositionCells {
            loss: LossCells { underlying, loss },
            exposures,
            row,
        } = placed;
        let alpha = sheet.copy(alpha, 1, *row);
        let sum = sheet.copy(sum, 0, row + 1);
        let mut fractions = Value::known(Fr::zero());
        for (j, value) in exposures.iter().enumerate() {
            let inverse = sheet.free(2 + j, *row, inverse(&alpha, underlying, j as i128));
            fractions = fractions + value.value * inverse.value;
        }
        let inverse = sheet.free(2, row + 1, inverse(&alpha, underlying, LOSS));
        let added = fractions + loss.value * inverse.value;
        sheet.enable(self.q_pole, *row)?;
        Ok(sheet.free(1, row + 1, sum.value + added))
    }
}

/// `alpha - 4 u - j` in a gate.
fn distance(alpha: &Expression<Fr>, underlying: &Expression<Fr>, j: i128) -> Expression<Fr> {
    alpha.clone() - underlying.clone() * constant(POLES) - constant(j)
}

/// `1 / (alpha - 4 u - j)`. A hash that falls on a pole, at less than 2^-240, leaves the account without a proof.
fn inverse(alpha: &Num, underlying: &Num, j: i128) -> Value<Fr> {
    let number = |x: i128| Value::known(field::from_i128(x));
    let distance = alpha.value - underlying.value * number(POLES) - number(j);
    distance.map(|d| Option::from(ff::Field::invert(&d)).unwrap_or_default())
}
