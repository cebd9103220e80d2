//! Exposures by underlying: that the claimed sums are those of the positions, and what of them is disclosed.
//!
//! ```text
//! underlying
//! row  a0       a1      a2       a3       a4
//! 0    uid      shown   out      X_vega   packed   q_claim
//! 1    X_delta  X_gamma X_vega   alive    uid - alive
//! 2    uid      alpha   i_0      i_1      i_2      q_pole, q_alive
//! 3    A        A'      .        .        .
//! 4    X        q'      r        tick     shown    q_cut (delta; 6 gamma, 8 vega)
//! 5    b'       r2      comp     out      .
//!
//! position
//! -1   delta    gamma   vega     .        .        the exposure's last row
//! 0    u        alpha   i_0      i_1      i_2      q_pole
//! 1    A        A'      .        .        .
//! ```
//! q_claim: out = shown uid; packed = X_vega + 2^243 uid.
//! q_alive: alive boolean, and 1 iff uid is not 0: (1 - alive) uid = 0, uid - alive in range; (1 - alive) X = 0 each.
//! q_pole:  (alpha - 4 u - j) i_j = 1, j = 0, 1, 2; A' = A + delta i_0 + gamma i_1 + vega i_2.
//! q_cut:   shown X = 2^cut (q' - 2^99) + r; 2^8 (q' - 2^99) = 1e16 tick (b' - 2^59) + r2; comp = 1e16 tick - 1 - r2;
//!          out = b' - 2^59. q', r, b', r2 and comp in range.
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
//! poles are another's (in range), sums in a padding row (q_alive), a bucket one off (r2 and comp in range), disclosure
//! switched off (shown is a public input).
//!
//! What the circuit leaves to its verifier: shown is 0 or 1, tick is 1 to 1e9, the public digest is the table's.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    exposure::ExposureCells,
    sheet::{Columns, Sheet, boolean, constant, pow2},
};
use crate::{
    engine::exposure::{self, BUCKET_BITS, CUT_BITS, DOLLAR, QUOTIENT_BITS, UNIT_BITS},
    field,
    poseidon::Num,
};

/// Where the uid stands in a packed claim, above any sum of vegas.
pub const UID_SHIFT: u32 = 243;
/// Poles of an underlying, one unused.
const POLES: i128 = 4;
/// Limbs of a cut exposure, offset by half of what they hold.
const QUOTIENT_LIMBS: usize = (QUOTIENT_BITS as usize + 1) / 10;
/// Limbs of a bucket, offset by half of what they hold.
const BUCKET_LIMBS: usize = (BUCKET_BITS as usize + 1) / 10;
/// Limbs of what is below 1e16 ticks of at most 2^30.
const TICK_LIMBS: usize = 9;

/// Gates of exposures by underlying.
#[derive(Clone, Copy, Debug)]
pub struct UnderlyingChip {
    q_claim: Selector,
    q_alive: Selector,
    q_pole: Selector,
    q_cut: [Selector; 3],
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

/// The rules that disclosure follows.
#[derive(Clone, Copy, Debug)]
pub struct DisclosureCells<'n> {
    /// Tick of a bucket, USD.
    pub tick: &'n Num,
    /// 1 where exposures are disclosed, else 0.
    pub shown: &'n Num,
    /// The public uid, delta, gamma, vega.
    pub out: &'n [Num; 4],
}

impl UnderlyingChip {
    /// Rows of an underlying.
    pub const ROWS: usize = 10;
    /// Rows of a position behind its exposure.
    pub const POSITION_ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_claim: meta.selector(),
            q_alive: meta.selector(),
            q_pole: meta.selector(),
            q_cut: std::array::from_fn(|_| meta.selector()),
        };
        let columns = *columns;
        meta.create_gate("q_claim", |meta| {
            let q = meta.query_selector(chip.q_claim);
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
            let q = meta.query_selector(chip.q_alive);
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
            let q = meta.query_selector(chip.q_pole);
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
        for (name, selector, bits) in [
            ("q_cut delta", chip.q_cut[0], CUT_BITS[0]),
            ("q_cut gamma", chip.q_cut[1], CUT_BITS[1]),
            ("q_cut vega", chip.q_cut[2], CUT_BITS[2]),
        ] {
            Self::configure_cut(meta, &columns, name, selector, bits);
        }
        chip
    }

    fn configure_cut(
        meta: &mut ConstraintSystem<Fr>,
        columns: &Columns,
        name: &'static str,
        selector: Selector,
        bits: u32,
    ) {
        let columns = *columns;
        let half = Expression::Constant(field::pow2(QUOTIENT_BITS));
        meta.create_gate(name, |meta| {
            let q = meta.query_selector(selector);
            let [sum, quotient, remainder, tick, shown] = columns.row(meta, 0);
            let [bucket, rest, complement, out, _] = columns.row(meta, 1);
            let quotient = quotient - half.clone();
            let bucket = bucket - pow2(BUCKET_BITS);
            let tick = tick * constant(DOLLAR.into());
            Constraints::with_selector(
                q,
                [
                    (
                        "shown X = 2^cut (q' - 2^99) + r",
                        shown * sum - quotient.clone() * pow2(bits) - remainder,
                    ),
                    (
                        "2^8 (q' - 2^99) = 1e16 tick (b' - 2^59) + r2",
                        quotient * pow2(UNIT_BITS) - tick.clone() * bucket.clone() - rest.clone(),
                    ),
                    (
                        "comp = 1e16 tick - 1 - r2",
                        complement - tick + constant(1) + rest,
                    ),
                    ("out = b' - 2^59", out - bucket),
                ],
            )
        });
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
            let out = self.assign_cut(sheet, row + 4 + 2 * i, i, sum, rules)?;
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

    /// Cuts the `i`th of a claimed sum's numbers and rounds it to the tick; returns what is public of it.
    fn assign_cut(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        i: usize,
        sum: &Num,
        rules: DisclosureCells<'_>,
    ) -> Result<Num, Error> {
        let bits = *CUT_BITS.get(i).ok_or(Error::Synthesis)?;
        let sum = sheet.copy(sum, 0, row);
        let tick = sheet.copy(rules.tick, 3, row);
        let shown = sheet.copy(rules.shown, 4, row);
        let cut = (sum.value * shown.value)
            .zip(tick.value)
            .map(|(sum, tick)| {
                let tick = BigInt::from(field::to_uint(&tick));
                let cut = exposure::cut(&field::to_int(&sum), bits, &tick);
                let parts = [
                    &cut.quotient,
                    &cut.remainder,
                    &cut.bucket,
                    &cut.bucket_remainder,
                ];
                parts.map(field::from_int)
            });
        let part = |i: usize| cut.map(|cut| cut[i]);
        let half = |bits| Value::known(field::pow2(bits));
        let quotient = sheet.free(1, row, part(0) + half(QUOTIENT_BITS));
        let remainder = sheet.free(2, row, part(1));
        let bucket = sheet.free(0, row + 1, part(2) + half(BUCKET_BITS));
        let rest = sheet.free(1, row + 1, part(3));
        let scaled = tick.value * Value::known(field::from_i128(DOLLAR.into()));
        let complement = scaled - Value::known(Fr::one()) - rest.value;
        let complement = sheet.free(2, row + 1, complement);
        let out = sheet.free(3, row + 1, bucket.value - half(BUCKET_BITS));
        for (cell, limbs) in [
            (&quotient, QUOTIENT_LIMBS),
            (&remainder, bits as usize / 10),
            (&bucket, BUCKET_LIMBS),
            (&rest, TICK_LIMBS),
            (&complement, TICK_LIMBS),
        ] {
            sheet.range(cell, limbs)?;
        }
        sheet.enable(*self.q_cut.get(i).ok_or(Error::Synthesis)?, row)?;
        Ok(out)
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

const _: () = assert!(
    CUT_BITS[0].is_multiple_of(10)
        && CUT_BITS[1].is_multiple_of(10)
        && CUT_BITS[2].is_multiple_of(10),
    "whole limbs"
);
