//! The claimed sums of exposures without their last bits, and what a policy discloses of them: each rounded down to a tick, or
//! nothing.
//!
//! ```text
//! row  a0       a1       a2       a3     a4
//! 0    comp_d   comp_g   comp_v   out_d  out_g
//! 1    out_v    tick     b'_d     b'_g   b'_v     q_tick_rest
//! 2    shown    r2_d     r2_g     r2_v   *        q_bucket
//! 3    q'_d     q'_g     q'_v     *      *
//! 4    r_d      r_g      r_v      *      *        q_cut
//! 5    X_delta  X_gamma  X_vega   *      used     the claim's sums: see [`UnderlyingChip`](super::underlying::UnderlyingChip)
//! ```
//! q_cut:       used X = 2^cut (q' - 2^99) + r.
//! q_bucket:    shown (q' - 2^99) = T (b' - 2^59) + r2, T = 1e16 / 2^8 tick.
//! q_tick_rest: comp = T - 1 - r2; out = b' - 2^59.
//!
//! q', r, b', r2 and comp in range. T is whole, in units of 2^8 x 1e-16 USD, so that rounding twice is rounding once. Cells
//! with a star are [`ChargesChip`](super::charges::ChargesChip)'s, which charges q', and the claim's. Sums that nothing uses have no
//! range: they decide nothing, and no account is spared for them.
//!
//! A malicious prover could try: a quotient or a bucket one off (r, r2 and comp in range), use or disclosure switched off or
//! another tick (all are public inputs).
//!
//! What the circuit leaves to its verifier: shown and used are 0 or 1, used is 1 where exposures are shown or charged, tick is 1
//! to 1e9 even where nothing is shown.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;

use super::{
    opening::{EXPOSURE_ROWS, EXPOSURE_TICK, EXPOSURES_SHOWN, EXPOSURES_USED, FIXED_ROWS},
    sheet::{Columns, Sheet, constant, pow2},
};
use crate::{
    engine::exposure::{BUCKET_BITS, CUT_BITS, DOLLAR, QUOTIENT_BITS, UNIT_BITS, cut_bits},
    field,
    poseidon::Num,
};

/// Limbs of a cut exposure, offset by half of what they hold.
const QUOTIENT_LIMBS: usize = (QUOTIENT_BITS as usize + 1) / 10;
/// Limbs of a bucket, offset by half of what they hold.
const BUCKET_LIMBS: usize = (BUCKET_BITS as usize + 1) / 10;
/// 1 USD in the unit of a cut exposure.
const CUT_DOLLAR: i64 = DOLLAR >> UNIT_BITS;
/// Limbs of what is below 2^46 ticks of at most 2^30.
const TICK_LIMBS: usize = 8;
/// Names of the three numbers' equations.
const CUT_NAMES: [&str; 3] = [
    "used X_delta = 2^110 (q' - 2^99) + r",
    "used X_gamma = 2^80 (q' - 2^99) + r",
    "used X_vega = 2^100 (q' - 2^99) + r",
];
const BUCKET_NAMES: [&str; 3] = [
    "delta: shown (q' - 2^99) = T (b' - 2^59) + r2",
    "gamma: shown (q' - 2^99) = T (b' - 2^59) + r2",
    "vega: shown (q' - 2^99) = T (b' - 2^59) + r2",
];
const REST_NAMES: [&str; 3] = [
    "delta: comp = T - 1 - r2",
    "gamma: comp = T - 1 - r2",
    "vega: comp = T - 1 - r2",
];
const OUT_NAMES: [&str; 3] = [
    "delta: out = b' - 2^59",
    "gamma: out = b' - 2^59",
    "vega: out = b' - 2^59",
];

/// Gates of cut sums and their disclosure.
#[derive(Clone, Copy, Debug)]
pub struct CutChip {
    q_tick_rest: Selector,
    q_bucket: Selector,
    q_cut: Selector,
}

impl CutChip {
    /// Rows above the sums'.
    pub const ROWS: usize = 5;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_tick_rest: meta.selector(),
            q_bucket: meta.selector(),
            q_cut: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_tick_rest", |meta| {
            let q = meta.query_selector(chip.q_tick_rest);
            let [comp_d, comp_g, comp_v, out_d, out_g] = columns.row(meta, -1);
            let [out_v, tick, buckets @ ..] = columns.row(meta, 0);
            let [_, rests @ .., _] = columns.row(meta, 1);
            let comps = rests.into_iter().zip([comp_d, comp_g, comp_v]);
            let below = comps
                .zip(REST_NAMES)
                .map(|((rest, comp), name)| (name, comp - dollars(&tick) + constant(1) + rest));
            let outs = buckets.into_iter().zip([out_d, out_g, out_v]);
            let outs = outs
                .zip(OUT_NAMES)
                .map(|((bucket, out), name)| (name, out - bucket + pow2(BUCKET_BITS)));
            Constraints::with_selector(q, below.chain(outs).collect::<Vec<_>>())
        });
        meta.create_gate("q_bucket", |meta| {
            let q = meta.query_selector(chip.q_bucket);
            let [_, tick, buckets @ ..] = columns.row(meta, -1);
            let [shown, rests @ .., _] = columns.row(meta, 0);
            let [quotients @ .., _, _] = columns.row(meta, 1);
            let parts = quotients.into_iter().zip(buckets).zip(rests);
            let constraints = parts
                .zip(BUCKET_NAMES)
                .map(|(((quotient, bucket), rest), name)| {
                    let whole = dollars(&tick) * (bucket - pow2(BUCKET_BITS));
                    (name, shown.clone() * (quotient - half()) - whole - rest)
                });
            Constraints::with_selector(q, constraints.collect::<Vec<_>>())
        });
        meta.create_gate("q_cut", |meta| {
            let q = meta.query_selector(chip.q_cut);
            let [quotients @ .., _, _] = columns.row(meta, -1);
            let [remainders @ .., _, _] = columns.row(meta, 0);
            let [sums @ .., _, used] = columns.row(meta, 1);
            let parts = quotients
                .into_iter()
                .zip(remainders)
                .zip(sums)
                .zip(CUT_BITS);
            let constraints =
                parts
                    .zip(CUT_NAMES)
                    .map(|((((quotient, remainder), sum), bits), name)| {
                        let whole = (quotient - half()) * pow2(bits);
                        (name, used.clone() * sum - whole - remainder)
                    });
            Constraints::with_selector(q, constraints.collect::<Vec<_>>())
        });
        chip
    }

    /// Cuts the claimed sums, which stand in the sixth row from `row` on with `used`, and rounds them to the tick; `public` are the header's
    /// uid, delta, gamma and vega. Returns the quotients of delta, gamma and vega, each with 2^99 added.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &[Num; 3],
        header: &[Num; FIXED_ROWS],
        public: &[Num; EXPOSURE_ROWS],
    ) -> Result<[Num; 3], Error> {
        let tick = sheet.copy(&header[EXPOSURE_TICK], 1, row + 1);
        let shown = sheet.copy(&header[EXPOSURES_SHOWN], 0, row + 2);
        let used = sheet.copy(&header[EXPOSURES_USED], 4, row + Self::ROWS);
        let [_, public @ ..] = public;
        let offset = |bits| Value::known(field::pow2(bits));
        let mut quotients = Vec::with_capacity(sums.len());
        for (i, ((sum, public), bits)) in sums.iter().zip(public).zip(CUT_BITS).enumerate() {
            let cut = (sum.value * used.value).map(|sum| cut_bits(&field::to_int(&sum), bits));
            let quotient = cut.as_ref().map(|(quotient, _)| field::from_int(quotient));
            let quotient = sheet.free(i, row + 3, quotient + offset(QUOTIENT_BITS));
            let remainder = cut.map(|(_, remainder)| field::from_int(&remainder));
            let remainder = sheet.free(i, row + 4, remainder);
            let disclosed = shown.value * (quotient.value - offset(QUOTIENT_BITS));
            let parts = disclosed.zip(tick.value).map(|(x, tick)| bucket(&x, &tick));
            let bucket = parts.map(|[bucket, _]| bucket) + offset(BUCKET_BITS);
            let bucket = sheet.free(2 + i, row + 1, bucket);
            let rest = sheet.free(1 + i, row + 2, parts.map(|[_, rest]| rest));
            let most = tick.value * Value::known(field::from_i128(CUT_DOLLAR.into()));
            let complement = most - Value::known(Fr::one()) - rest.value;
            let complement = sheet.free(i, row, complement);
            let (column, below) = [(3, 0), (4, 0), (0, 1)][i];
            let out = sheet.free(column, row + below, bucket.value - offset(BUCKET_BITS));
            sheet.tie(&out, public);
            for (cell, limbs) in [
                (&quotient, QUOTIENT_LIMBS),
                (&remainder, bits as usize / 10),
                (&bucket, BUCKET_LIMBS),
                (&rest, TICK_LIMBS),
                (&complement, TICK_LIMBS),
            ] {
                sheet.range(cell, limbs)?;
            }
            quotients.push(quotient);
        }
        sheet.enable(self.q_tick_rest, row + 1)?;
        sheet.enable(self.q_bucket, row + 2)?;
        sheet.enable(self.q_cut, row + 4)?;
        quotients.try_into().map_err(|_| Error::Synthesis)
    }
}

/// T of a tick.
fn dollars(tick: &Expression<Fr>) -> Expression<Fr> {
    tick.clone() * constant(CUT_DOLLAR.into())
}

/// What a quotient is offset by.
fn half() -> Expression<Fr> {
    pow2(QUOTIENT_BITS)
}

/// Ticks in a cut exposure, rounded down, and what that leaves.
fn bucket(exposure: &Fr, tick: &Fr) -> [Fr; 2] {
    let tick = BigInt::from(field::to_uint(tick)) * CUT_DOLLAR;
    if tick.is_zero() {
        return [Fr::zero(); 2];
    }
    let (bucket, rest) = field::to_int(exposure).div_mod_floor(&tick);
    [bucket, rest].map(|x| field::from_int(&x))
}

const _: () = assert!(
    CUT_BITS[0].is_multiple_of(10)
        && CUT_BITS[1].is_multiple_of(10)
        && CUT_BITS[2].is_multiple_of(10),
    "whole limbs"
);
const _: () = assert!(CUT_DOLLAR << UNIT_BITS == DOLLAR, "1 USD is whole");
