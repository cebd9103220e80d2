//! What a scenario makes of an expiry, which is a run of neighbouring slots.
//!
//! ```text
//! row  a0      a1      a2    a3     a4
//! -1   calls   puts    G     Vs     es       Black-76's last row in the moved market
//! 0    R-      end-    R     n      |q|      q_fall
//! 1    r       long    short end    out
//! ```
//! "-" marks the slot before. The sum starts where a run ends: R = (1 - end-) R- + ...
//!
//! q_fall:       R = .. + Vs - es = 2^120 (1 - 2 n)|q| + r; out = -end 2^80 d (1 - 2 n)|q|, d = long, or short where n.
//!
//! n boolean, |q| below 2^130, r below 2^120. out is what the slot adds to a branch's sum: an expiry's loss P - d q, of
//! which P is the same under all of them, so it has a sum of its own ([`ExpiryChip`](super::expiry::ExpiryChip)). q is rounded down, so that
//! d q is never more than what the expiry is worth: d x grows with x.
//!
//! A malicious prover could try: the discount of the other sign (n is that of the one quotient), a quotient one off (r in range),
//! another run's sums (copies of the slot before).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_traits::Signed;

use crate::{
    circuit::{
        black76::ValueCells,
        sheet::{Columns, Sheet, boolean, constant, pow2, signed},
        total::REMAINDER_LIMBS,
    },
    engine::{DROPPED_BITS, floor, run::DISCOUNT_BITS},
    field,
    poseidon::Num,
};

/// Limbs of a quotient, below 2^130.
pub(super) const QUOTIENT_LIMBS: usize = 13;
/// What a discounted quotient is raised by.
pub(super) const RAISE: u32 = DROPPED_BITS - DISCOUNT_BITS;

/// The gate of a run under a scenario.
#[derive(Clone, Copy, Debug)]
pub struct FallChip {
    q_fall: Selector,
}

/// What a slot's run continues: the slot before, if any.
#[derive(Clone, Debug)]
pub struct Before {
    /// The sum up to it.
    pub sum: Num,
    /// Whether it ended its run.
    pub end: Num,
}

/// An integer's quotient by 2^120, rounded down: magnitude, sign and remainder.
pub(super) fn quotient(sum: Value<Fr>) -> [Value<Fr>; 3] {
    let parts = sum.map(|sum| {
        let (quotient, remainder) = floor(&field::to_int(&sum));
        parts(&quotient, &remainder)
    });
    [0, 1, 2].map(|i| parts.map(|p| p[i]))
}

/// Magnitude, sign and remainder as scalars.
pub(super) fn parts(quotient: &BigInt, remainder: &BigInt) -> [Fr; 3] {
    [
        field::from_int(&quotient.abs()),
        Fr::from(u64::from(quotient.is_negative())),
        field::from_int(remainder),
    ]
}

/// `long` where a number is not negative, else minus `short`: the discount with the number's sign.
pub(super) fn discount(
    negative: &Expression<Fr>,
    long: &Expression<Fr>,
    short: &Expression<Fr>,
) -> Expression<Fr> {
    long.clone() - negative.clone() * (long.clone() + short.clone())
}

/// The same of a witness.
pub(super) fn discounted(
    negative: Value<Fr>,
    [long, short]: [&Num; 2],
    magnitude: Value<Fr>,
) -> Value<Fr> {
    let discount = long.value - negative * (long.value + short.value);
    discount * magnitude * Value::known(field::pow2(RAISE))
}

pub(super) fn one() -> Value<Fr> {
    Value::known(Fr::one())
}

impl FallChip {
    /// Rows of a slot behind its pricing.
    pub const ROWS: usize = 2;

    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_fall: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_fall", |meta| {
            let q = meta.query_selector(chip.q_fall);
            let [_, _, _, value, epsilon] = columns.row(meta, -1);
            let [before, end_before, sum, negative, magnitude] = columns.row(meta, 0);
            let [remainder, long, short, end, out] = columns.row(meta, 1);
            let goes_on = constant(1) - end_before;
            let discounted = discount(&negative, &long, &short) * magnitude.clone() * pow2(RAISE);
            Constraints::with_selector(
                q,
                [
                    ("n boolean", boolean(&negative)),
                    (
                        "R = (1 - end-) R- + Vs - es",
                        sum.clone() - goes_on * before - value + epsilon,
                    ),
                    (
                        "R = 2^120 (1 - 2 n)|q| + r",
                        sum - signed(&negative, &magnitude) * pow2(DROPPED_BITS) - remainder,
                    ),
                    ("out = -end 2^80 d (1 - 2 n)|q|", out + end * discounted),
                ],
            )
        });
        chip
    }

    /// Adds a slot to its expiry under a scenario: the sum up to it, and what it adds to the branch. Must directly follow the
    /// pricing of `value`.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        value: &ValueCells,
        before: &Before,
        [long, short, end]: [&Num; 3],
    ) -> Result<(Num, Num), Error> {
        let row = sheet.take(Self::ROWS)?;
        let zero = Value::known(Fr::zero());
        let (sum, [negative, magnitude]) = assign_sum(sheet, row, value, before, zero)?;
        let long = sheet.copy(long, 1, row + 1);
        let short = sheet.copy(short, 2, row + 1);
        let end = sheet.copy(end, 3, row + 1);
        let worth = discounted(negative.value, [&long, &short], magnitude.value);
        let out = sheet.free(4, row + 1, -(end.value * worth));
        sheet.enable(self.q_fall, row)?;
        Ok((sum, out))
    }
}

/// The sum up to a slot, its first row's cells, and what remains.
pub(super) fn assign_sum(
    sheet: &mut Sheet<'_, '_>,
    row: usize,
    value: &ValueCells,
    before: &Before,
    less: Value<Fr>,
) -> Result<(Num, [Num; 2]), Error> {
    let sum = sheet.copy(&before.sum, 0, row);
    let end = sheet.copy(&before.end, 1, row);
    let sum = (one() - end.value) * sum.value + value.value.value - value.epsilon.value;
    let sum = sheet.free(2, row, sum);
    let [magnitude, negative, remainder] = quotient(sum.value - less);
    let negative = sheet.free(3, row, negative);
    let magnitude = sheet.free(4, row, magnitude);
    let remainder = sheet.free(0, row + 1, remainder);
    sheet.range(&magnitude, QUOTIENT_LIMBS)?;
    sheet.range(&remainder, REMAINDER_LIMBS)?;
    Ok((sum, [negative, magnitude]))
}
