//! Exposures by underlying: that the claimed sums are those of the positions, and what of them is disclosed.
//!
//! ```text
//! underlying
//! row  a0       a1      a2       a3       a4
//! 0    uid      shown   out      X_vega   packed   q_claim
//! 1    X_delta  X_gamma X_vega   alive    uid - alive
//! 2    uid      alpha   i_0      i_1      i_2      q_pole, q_alive
//! 3    A        A'      .        .        .
//! 4..9                                               the cuts of delta, gamma and vega: see [`CutChip`]
//!
//! position
//! -1   delta    gamma   vega     .        .        the exposure's last row
//! 0    u        alpha   i_0      i_1      i_2      q_pole
//! 1    A        A'      .        .        .
//! ```
//! q_claim: out = shown uid; packed = X_vega + 2^243 uid.
//! q_alive: alive boolean, and 1 iff uid is not 0: (1 - alive) uid = 0, uid - alive in range; (1 - alive) X = 0 each.
//! q_pole:  (alpha - 4 u - j) i_j = 1, j = 0, 1, 2; A' = A + delta i_0 + gamma i_1 + vega i_2.
//!
//! The positions' A and the underlyings' A end equal: two sums of fractions with simple poles at 4 u + j, as functions of
//! alpha. They are the same function iff, underlying by underlying, X is the sum of the positions' exposures. alpha is the
//! Poseidon hash of the account's commitment, the public table's digest and all claimed uids and X, so it is drawn after
//! both functions are fixed (Fiat-Shamir: account and table fix the positions' exposures); two different functions of so
//! few poles agree at less than 700 of 2^254 points. Without the table, a snapshot's last digits could be chosen for a
//! false claim.
//!
//! A malicious prover could try: sums that leave a position out or count it for another underlying (A and alpha), one
//! underlying twice or out of order, so that its sum is split (the gaps are in range), a uid between two numbers, whose
//! poles are another's (in range), sums in a padding row (q_alive).
//!
//! What the circuit leaves to its verifier: the public digest is the table's.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    cut::{CutChip, DisclosureCells},
    exposure::ExposureCells,
    sheet::{Columns, Sheet, boolean, constant, pow2},
};
use crate::{field, poseidon::Num};

/// Where the uid stands in a packed claim: above any vega that is shown (`tests/bounds`). Hidden ones decide nothing.
pub const UID_SHIFT: u32 = 243;
/// Poles of an underlying, one unused.
const POLES: i128 = 4;
/// Gates of exposures by underlying.
#[derive(Clone, Copy, Debug)]
pub struct UnderlyingChip {
    q_claim: Selector,
    q_alive: Selector,
    q_pole: Selector,
    cut: CutChip,
}

/// A position's exposure, or a claimed sum, with its place.
#[derive(Clone, Debug)]
pub struct PositionCells {
    /// Number of the underlying and exposure.
    pub exposure: ExposureCells,
    /// The row below the exposure: that of its fractions.
    pub row: usize,
}

/// A claimed sum.
#[derive(Clone, Debug)]
pub struct ClaimCells {
    /// Number of the underlying and its sums.
    pub sums: PositionCells,
    /// 0 for padding, else 1.
    pub alive: Num,
    /// uid and vega in one.
    pub packed: Num,
}

impl UnderlyingChip {
    /// Rows of an underlying.
    pub const ROWS: usize = 4 + 3 * CutChip::ROWS;
    /// Rows of a position behind its exposure.
    pub const POSITION_ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let [q_claim, q_alive, q_pole] = std::array::from_fn(|_| meta.selector());
        let columns = *columns;
        meta.create_gate("q_claim", |meta| {
            let q = meta.query_selector(q_claim);
            let [uid, shown, out, vega, packed] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    ("out = shown uid", out - shown * uid.clone()),
                    (
                        "packed = X_vega + 2^243 uid",
                        packed - vega - uid * pow2(UID_SHIFT),
                    ),
                ],
            )
        });
        meta.create_gate("q_alive", |meta| {
            let q = meta.query_selector(q_alive);
            let [delta, gamma, vega, alive, above] = columns.row(meta, -1);
            let [uid, ..] = columns.row(meta, 0);
            let padding = constant(1) - alive.clone();
            Constraints::with_selector(
                q,
                [
                    ("alive boolean", boolean(&alive)),
                    ("(1 - alive) uid = 0", padding.clone() * uid.clone()),
                    ("uid - alive", above - uid + alive),
                    ("(1 - alive) X_delta = 0", padding.clone() * delta),
                    ("(1 - alive) X_gamma = 0", padding.clone() * gamma),
                    ("(1 - alive) X_vega = 0", padding * vega),
                ],
            )
        });
        meta.create_gate("q_pole", |meta| {
            let q = meta.query_selector(q_pole);
            let [delta, gamma, vega, _, _] = columns.row(meta, -1);
            let [underlying, alpha, i_0, i_1, i_2] = columns.row(meta, 0);
            let [sum, next, _, _, _] = columns.row(meta, 1);
            let distance = |j| alpha.clone() - underlying.clone() * constant(POLES) - constant(j);
            let fractions = delta * i_0.clone() + gamma * i_1.clone() + vega * i_2.clone();
            Constraints::with_selector(
                q,
                [
                    ("(alpha - 4 u) i_0 = 1", distance(0) * i_0 - constant(1)),
                    ("(alpha - 4 u - 1) i_1 = 1", distance(1) * i_1 - constant(1)),
                    ("(alpha - 4 u - 2) i_2 = 1", distance(2) * i_2 - constant(1)),
                    (
                        "A' = A + delta i_0 + gamma i_1 + vega i_2",
                        next - sum - fractions,
                    ),
                ],
            )
        });
        Self {
            q_claim,
            q_alive,
            q_pole,
            cut: CutChip::configure(meta, &columns),
        }
    }

    /// Assigns a claimed sum of an underlying from `row` on, but for its fractions: that of the positions in it.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_claim(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        rules: DisclosureCells<'_>,
        underlying: Value<usize>,
        positions: &[PositionCells],
    ) -> Result<ClaimCells, Error> {
        let uid = underlying.map(|uid| field::from_i128(uid as i128));
        let uid = sheet.free(0, row, uid);
        let shown = sheet.copy(rules.shown, 1, row);
        let out = sheet.free(2, row, shown.value * uid.value);
        let [public, cuts @ ..] = rules.out;
        sheet.tie(&out, public);
        let values = sheet.free_three(row + 1, sums(&uid, positions));
        let [_, _, vega] = &values;
        let vega = sheet.copy(vega, 3, row);
        let shift = Value::known(field::pow2(UID_SHIFT));
        let packed = sheet.free(4, row, vega.value + uid.value * shift);
        let alive = uid.value.map(|uid| Fr::from(u64::from(uid != Fr::zero())));
        let alive = sheet.free(3, row + 1, alive);
        let above = sheet.free(4, row + 1, uid.value - alive.value);
        sheet.range(&above, 1)?;
        sheet.enable(self.q_claim, row)?;
        sheet.enable(self.q_alive, row + 2)?;
        for (i, (sum, public)) in values.iter().zip(cuts).enumerate() {
            let out = self
                .cut
                .assign(sheet, row + 4 + CutChip::ROWS * i, i, sum, rules)?;
            sheet.tie(&out, public);
        }
        let exposure = ExposureCells {
            underlying: uid,
            values,
        };
        Ok(ClaimCells {
            sums: PositionCells {
                exposure,
                row: row + 2,
            },
            alive,
            packed,
        })
    }

    /// Adds the fractions of a position or of a claimed sum to `sum`.
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
        let PositionCells { exposure, row } = position;
        let underlying = sheet.copy(&exposure.underlying, 0, *row);
        let alpha = sheet.copy(alpha, 1, *row);
        let number = |x: i128| Value::known(field::from_i128(x));
        let first = alpha.value - underlying.value * number(POLES);
        let sum = sheet.copy(sum, 0, row + 1);
        let mut fractions = sum.value;
        for (j, value) in exposure.values.iter().enumerate() {
            // A hash that falls on a pole, at less than 2^-240, leaves the account without a proof.
            let distance = first - number(j as i128);
            let inverse = distance.map(|d| Option::from(ff::Field::invert(&d)).unwrap_or_default());
            let inverse = sheet.free(2 + j, *row, inverse);
            fractions = fractions + value.value * inverse.value;
        }
        sheet.enable(self.q_pole, *row)?;
        Ok(sheet.free(1, row + 1, fractions))
    }
}

/// The sums of the positions in an underlying.
fn sums(uid: &Num, positions: &[PositionCells]) -> [Value<Fr>; 3] {
    let mut sums = [Value::known(Fr::zero()); 3];
    for PositionCells { exposure, .. } in positions {
        let counted = uid.value.zip(exposure.underlying.value);
        let counted = counted.map(|(uid, underlying)| Fr::from(u64::from(uid == underlying)));
        for (sum, value) in sums.iter_mut().zip(&exposure.values) {
            *sum = *sum + value.value * counted;
        }
    }
    sums
}
