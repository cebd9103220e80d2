//! What a skew scenario makes of an expiry: a fall or a rise of its value, whichever is worse. Other scenarios pass through as
//! [`FallChip`](super::run::FallChip) has them.
//!
//! ```text
//! row  a0      a1     a2     a3    a4
//! -1   calls   puts   G      Vs    es     Black-76's last row in the moved market
//! 0    R-      S-     end-   i     S      q_skew_sums
//! 1    R       n      q      r     D      q_skew_low
//! 2    long    short  S      m     p      q_skew_high
//! 3    s       D'     D      c     k      q_worse
//! 4    P       M      t      out   end
//! ```
//! q_skew_sums: R = (1 - end-) R- + Vs - (1 + i) es; S = (1 - end-) S- + Vs + (1 + i) es.
//! q_skew_low:  R = 2^120 (1 - 2 n) q + r; D = 2^80 d (1 - 2 n) q, d by n.
//! q_skew_high: S + s = 2^120 (1 - 2 m) p; D' = 2^80 d (1 - 2 m) p, d by m.
//! q_worse:     with X = P - D and Y = D' - M: c (1 - k) = 0; t = k (1 - 2 c)(X - Y); out = end (k c (Y - X) - D).
//!
//! n, m and c boolean, q and p below 2^130, r and s below 2^120, t below 2^250. k is 1 in a skew. P and M are the unmoved sums, with
//! bounds and without; out leaves P out, as all scenarios do. i is what a skew adds to a bound.
//!
//! A malicious prover could try: the better of the two (t would be negative), a bound left out (i and es are copies or stand
//! above), a discount of the other sign (n and m are those of the one quotient).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::expiry::UnmovedCells;
use super::run::{QUOTIENT_LIMBS, RAISE, discount, discounted, parts, quotient};
use crate::{
    circuit::{
        black76::ValueCells,
        sheet::{Columns, Sheet, boolean, constant, pow2, signed},
        total::REMAINDER_LIMBS,
    },
    engine::{DROPPED_BITS, ceil, solvency::SLACK_BITS},
    field,
    poseidon::Num,
};

/// Limbs of the difference of two losses.
const DIFFERENCE_LIMBS: usize = SLACK_BITS as usize / 10;

/// Gates of skews.
#[derive(Clone, Copy, Debug)]
pub struct SkewChip {
    q_sums: Selector,
    q_low: Selector,
    q_high: Selector,
    q_worse: Selector,
}

/// The sums of an expiry up to a slot.
#[derive(Clone, Debug)]
pub struct SkewSums {
    /// Bounded from below.
    pub low: Num,
    /// Bounded from above.
    pub high: Num,
}

/// What decides how a slot's expiry is discounted.
#[derive(Clone, Copy, Debug)]
pub struct SkewRules<'n> {
    /// Static discounts of positive and negative values.
    pub discounts: [&'n Num; 2],
    /// What a skew adds to a bound, in multiples of it.
    pub inflation: &'n Num,
    /// 1 in a skew.
    pub skew: &'n Num,
}

impl SkewChip {
    /// Rows of a slot.
    pub const ROWS: usize = 5;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_sums: meta.selector(),
            q_low: meta.selector(),
            q_high: meta.selector(),
            q_worse: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_skew_sums", |meta| {
            let q = meta.query_selector(chip.q_sums);
            let [_, _, _, value, epsilon] = columns.row(meta, -1);
            let [low_before, high_before, end_before, inflation, high] = columns.row(meta, 0);
            let [low, ..] = columns.row(meta, 1);
            let goes_on = constant(1) - end_before;
            let bound = (constant(1) + inflation) * epsilon;
            Constraints::with_selector(
                q,
                [
                    (
                        "R = (1 - end-) R- + Vs - (1 + i) es",
                        low - goes_on.clone() * low_before - value.clone() + bound.clone(),
                    ),
                    (
                        "S = (1 - end-) S- + Vs + (1 + i) es",
                        high - goes_on * high_before - value - bound,
                    ),
                ],
            )
        });
        meta.create_gate("q_skew_low", |meta| {
            let q = meta.query_selector(chip.q_low);
            let [sum, negative, magnitude, remainder, worth] = columns.row(meta, 0);
            let [long, short, ..] = columns.row(meta, 1);
            let discounted = discount(&negative, &long, &short) * magnitude.clone();
            Constraints::with_selector(
                q,
                [
                    ("n boolean", boolean(&negative)),
                    (
                        "R = 2^120 (1 - 2 n) q + r",
                        sum - signed(&negative, &magnitude) * pow2(DROPPED_BITS) - remainder,
                    ),
                    ("D = 2^80 d (1 - 2 n) q", worth - discounted * pow2(RAISE)),
                ],
            )
        });
        meta.create_gate("q_skew_high", |meta| {
            let q = meta.query_selector(chip.q_high);
            let [long, short, sum, negative, magnitude] = columns.row(meta, 0);
            let [more, worth, ..] = columns.row(meta, 1);
            let discounted = discount(&negative, &long, &short) * magnitude.clone();
            Constraints::with_selector(
                q,
                [
                    ("m boolean", boolean(&negative)),
                    (
                        "S + s = 2^120 (1 - 2 m) p",
                        sum + more - signed(&negative, &magnitude) * pow2(DROPPED_BITS),
                    ),
                    ("D' = 2^80 d (1 - 2 m) p", worth - discounted * pow2(RAISE)),
                ],
            )
        });
        meta.create_gate("q_worse", |meta| {
            let q = meta.query_selector(chip.q_worse);
            let [_, high_worth, low_worth, choice, skew] = columns.row(meta, 0);
            let [high, low, gap, out, end] = columns.row(meta, 1);
            let further = high_worth - low - high + low_worth.clone();
            Constraints::with_selector(
                q,
                [
                    ("c boolean", boolean(&choice)),
                    (
                        "c (1 - k) = 0",
                        choice.clone() * (constant(1) - skew.clone()),
                    ),
                    (
                        "t = k (1 - 2 c)(X - Y)",
                        gap + skew.clone() * signed(&choice, &further),
                    ),
                    (
                        "out = end (k c (Y - X) - D)",
                        out - end * (skew * choice * further - low_worth),
                    ),
                ],
            )
        });
        chip
    }

    /// Adds a slot to its expiry: the sums up to it, and what it adds to the branch. Must directly follow the pricing of `value`.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        value: &ValueCells,
        (before, end_before): (&SkewSums, &Num),
        unmoved: &UnmovedCells,
        rules: SkewRules<'_>,
    ) -> Result<(SkewSums, Num), Error> {
        let row = sheet.take(Self::ROWS)?;
        let one = Value::known(Fr::one());
        let low = sheet.copy(&before.low, 0, row);
        let high = sheet.copy(&before.high, 1, row);
        let end_before = sheet.copy(end_before, 2, row);
        let inflation = sheet.copy(rules.inflation, 3, row);
        let goes_on = one - end_before.value;
        let bound = (one + inflation.value) * value.epsilon.value;
        let high = sheet.free(4, row, goes_on * high.value + value.value.value + bound);
        let low = sheet.free(0, row + 1, goes_on * low.value + value.value.value - bound);
        sheet.enable(self.q_sums, row)?;

        let [magnitude, negative, remainder] = quotient(low.value);
        let negative = sheet.free(1, row + 1, negative);
        let magnitude = sheet.free(2, row + 1, magnitude);
        let remainder = sheet.free(3, row + 1, remainder);
        let [long, short] = rules.discounts;
        let long = sheet.copy(long, 0, row + 2);
        let short = sheet.copy(short, 1, row + 2);
        let worth = discounted(negative.value, [&long, &short], magnitude.value);
        let low_worth = sheet.free(4, row + 1, worth);
        sheet.enable(self.q_low, row + 1)?;

        let sum = sheet.copy(&high, 2, row + 2);
        let cut = sum.value.map(|sum| {
            let (quotient, more) = ceil(&field::to_int(&sum));
            parts(&quotient, &more)
        });
        let [high_magnitude, high_negative, more] = [0, 1, 2].map(|i| cut.map(|c| c[i]));
        let high_negative = sheet.free(3, row + 2, high_negative);
        let high_magnitude = sheet.free(4, row + 2, high_magnitude);
        let more = sheet.free(0, row + 3, more);
        let worth = discounted(high_negative.value, [&long, &short], high_magnitude.value);
        let high_worth = sheet.free(1, row + 3, worth);
        sheet.enable(self.q_high, row + 2)?;
        for (cell, limbs) in [
            (&magnitude, QUOTIENT_LIMBS),
            (&remainder, REMAINDER_LIMBS),
            (&high_magnitude, QUOTIENT_LIMBS),
            (&more, REMAINDER_LIMBS),
        ] {
            sheet.range(cell, limbs)?;
        }

        let low_worth = sheet.copy(&low_worth, 2, row + 3);
        let skew = sheet.copy(rules.skew, 4, row + 3);
        let unmoved_high = sheet.copy(&unmoved.high, 0, row + 4);
        let unmoved_low = sheet.copy(&unmoved.low, 1, row + 4);
        let end = sheet.copy(&unmoved.end, 4, row + 4);
        let further = high_worth.value - unmoved_low.value - unmoved_high.value + low_worth.value;
        let further = skew.value * further;
        let choice = further.map(|x| {
            let greater = x != Fr::zero() && !field::is_negative(&x);
            Fr::from(u64::from(greater))
        });
        let choice = sheet.free(3, row + 3, choice);
        let gap = (choice.value + choice.value - one) * further;
        let gap = sheet.free(2, row + 4, gap);
        sheet.range(&gap, DIFFERENCE_LIMBS)?;
        let out = end.value * (choice.value * further - low_worth.value);
        let out = sheet.free(3, row + 4, out);
        sheet.enable(self.q_worse, row + 3)?;
        Ok((SkewSums { low, high: sum }, out))
    }
}
