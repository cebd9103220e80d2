//! What a policy discloses of a claimed sum: the number rounded down to a tick, or nothing.
//!
//! ```text
//! row  a0   a1   a2    a3    a4
//! 0    X    q'   r     tick  shown   q_cut (delta, gamma, vega)
//! 1    b'   r2   comp  out   .
//! ```
//! shown X = 2^cut (q' - 2^99) + r; 2^8 (q' - 2^99) = 1e16 tick (b' - 2^59) + r2; comp = 1e16 tick - 1 - r2;
//! out = b' - 2^59. q', r, b', r2 and comp in range; 1e16 tick, in units of 1e-16 USD, is a multiple of 2^8, so that
//! rounding twice is rounding once.
//!
//! A malicious prover could try: a quotient or a bucket one off (r, r2 and comp in range), disclosure switched off or
//! another tick (both are public inputs).
//!
//! What the circuit leaves to its verifier: shown is 0 or 1, tick is 1 to 1e9.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::sheet::{Columns, Sheet, constant, pow2};
use crate::{
    engine::exposure::{self, BUCKET_BITS, CUT_BITS, DOLLAR, QUOTIENT_BITS, UNIT_BITS},
    field,
    poseidon::Num,
};

/// Limbs of a cut exposure, offset by half of what they hold.
const QUOTIENT_LIMBS: usize = (QUOTIENT_BITS as usize + 1) / 10;
/// Limbs of a bucket, offset by half of what they hold.
const BUCKET_LIMBS: usize = (BUCKET_BITS as usize + 1) / 10;
/// Limbs of what is below 1e16 ticks of at most 2^30.
const TICK_LIMBS: usize = 9;

/// Gates of disclosure, one a number: what is cut differs.
#[derive(Clone, Copy, Debug)]
pub struct CutChip {
    q_cut: [Selector; 3],
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

impl CutChip {
    /// Rows of a number.
    pub const ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_cut: std::array::from_fn(|_| meta.selector()),
        };
        for (name, selector, bits) in [
            ("q_cut delta", chip.q_cut[0], CUT_BITS[0]),
            ("q_cut gamma", chip.q_cut[1], CUT_BITS[1]),
            ("q_cut vega", chip.q_cut[2], CUT_BITS[2]),
        ] {
            Self::configure_number(meta, columns, name, selector, bits);
        }
        chip
    }

    fn configure_number(
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

    /// Cuts the `i`th of a claimed sum's numbers and rounds it to the tick; returns what is public of it.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
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
}

const _: () = assert!(
    CUT_BITS[0].is_multiple_of(10)
        && CUT_BITS[1].is_multiple_of(10)
        && CUT_BITS[2].is_multiple_of(10),
    "whole limbs"
);
