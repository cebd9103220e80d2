//! The loss of an expiry, which is a run of neighbouring slots: what the policy makes of the values of its strikes.
//!
//! ```text
//! row  a0      a1      a2     a3      a4
//! -1   calls   puts    G      Vs      es      Black-76's last row under the scenario
//! 0    P_in    R_in    R      i       f       q_run
//! 1    V0      e0      Y      P       own
//! 2    |q|     n       r      f       d       q_run_loss
//! 3    long    short   share  j       L
//!
//! end of a slot
//! 0    id      id'     t      K       K'
//! 1    end     alive   gap    f       f'      q_run_end
//! 2    P       P_out   R      R_out   .
//! ```
//! q_run:      P = P_in + (1 - 2 f) V0 - e0; R = R_in + (1 - 2 f) Vs + (1 + i) es; Y = R - own P.
//! q_run_loss: 2^120 (1 - 2 n)|q| - r = Y; n boolean; j (j - 1)(j - 2) = 0; j (1 - own) = 0;
//!             f own = 0; d = (1 - own)(long + (n xor f)(short - long)) + own share (j > 0);
//!             L = (1 - own) P - 2^80 d (1 - 2 n)|q|. |q| below 2^130, r below 2^120.
//! q_run_end:  end boolean; t = id' - id - 1000 end; (1 - end) t = 0; gap = (1 - end)(K' - K - alive);
//!             (1 - end)(f' - f) = 0; P_out = (1 - end) P; R_out = (1 - end) R.
//!
//! What each sum means, and why a loss is never more than the true one: `engine/run.rs`. A run ends exactly where the group
//! changes: ids of one group differ by 2 at most, of a later group by 1022 at least, and t, which is not negative and below 2^20, puts 1000 between.
//! Within a run groups, market numbers and f stay, and strikes grow.
//!
//! A malicious prover could try: a run that ends early, so that each part takes the discount that makes its loss greater (t
//! would be negative), one that goes on into the next group (t must be 0), the discount of the other sign (n is that of the
//! one quotient), a gain as a loss in a scenario that is no skew (f is 0 there, and in the delta charge, which has the class of
//! a skew and where f would mean nothing), a basis move in a scenario that has
//! none (j is 0 there), or one that the policy does not have (no row), slots out of order (gap and t in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_traits::Signed;

use super::{
    black76::ValueCells,
    holding::{Holding, SIZE_LIMBS},
    moved::MovedCells,
    scenario::ScenarioCells,
    sheet::{Columns, Sheet, boolean, constant, pow2, signed},
};
use crate::{
    engine::{DROPPED_BITS, ceil, run::DISCOUNT_BITS},
    field,
    poseidon::Num,
};

/// Limbs of a quotient, below 2^130.
const QUOTIENT_LIMBS: usize = 13;
/// Limbs of its remainder.
const REMAINDER_LIMBS: usize = (DROPPED_BITS / 10) as usize;
/// Limbs of how far the next slot's id is, below 2^20.
const ID_LIMBS: usize = 2;
/// More than two ids of one group differ by, and less than those of two groups.
const BETWEEN_GROUPS: i128 = 1000;

/// Gates of runs.
#[derive(Clone, Copy, Debug)]
pub struct RunChip {
    q_run: Selector,
    q_run_loss: Selector,
    q_run_end: Selector,
}

/// The sums of a run so far.
#[derive(Clone, Debug)]
pub struct RunSums {
    /// In the unmoved market.
    pub unmoved: Num,
    /// Under the scenario.
    pub moved: Num,
}

impl RunSums {
    /// Nothing.
    pub fn new(zero: &Num) -> Self {
        Self {
            unmoved: zero.clone(),
            moved: zero.clone(),
        }
    }
}

/// What decides whether the next slot is of the same run.
#[derive(Clone, Debug)]
pub struct Link {
    /// Row id: group and market number.
    id: Num,
    flipped: Num,
    strike: Num,
    alive: Num,
}

impl Link {
    /// Of a slot under its market.
    pub fn new(held: &Holding, market: &MovedCells) -> Self {
        Self {
            id: market.id.clone(),
            flipped: market.flipped.clone(),
            strike: held.strike.clone(),
            alive: held.alive.clone(),
        }
    }
}

/// A slot in its run.
#[derive(Clone, Debug)]
pub struct RunCells {
    /// The sums up to it.
    pub sums: RunSums,
    /// The loss that they make.
    pub loss: Num,
}

/// `x`, or `-x` where `flag` is set.
fn flip(flag: &Expression<Fr>, x: Expression<Fr>) -> Expression<Fr> {
    signed(flag, &x)
}

impl RunChip {
    /// Rows of a slot.
    pub const ROWS: usize = 4;
    /// Rows of a slot's end.
    pub const END_ROWS: usize = 3;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_run: meta.selector(),
            q_run_loss: meta.selector(),
            q_run_end: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_run", |meta| {
            let q = meta.query_selector(chip.q_run);
            let [_, _, _, moved, moved_epsilon] = columns.row(meta, -1);
            let [unmoved_in, moved_in, moved_sum, inflation, flipped] = columns.row(meta, 0);
            let [value, epsilon, loss, unmoved_sum, own] = columns.row(meta, 1);
            let bound = (constant(1) + inflation) * moved_epsilon;
            Constraints::with_selector(
                q,
                [
                    (
                        "P = P_in + (1 - 2 f) V0 - e0",
                        unmoved_sum.clone() - unmoved_in - flip(&flipped, value) + epsilon,
                    ),
                    (
                        "R = R_in + (1 - 2 f) Vs + (1 + i) es",
                        moved_sum.clone() - moved_in - flip(&flipped, moved) - bound,
                    ),
                    ("Y = R - own P", loss - moved_sum + own * unmoved_sum),
                ],
            )
        });
        let half = Option::<Fr>::from(ff::Field::invert(&Fr::from(2))).unwrap_or_default();
        meta.create_gate("q_run_loss", |meta| {
            let q = meta.query_selector(chip.q_run_loss);
            let [_, _, sum, unmoved, own] = columns.row(meta, -1);
            let [magnitude, negative, remainder, flipped, factor] = columns.row(meta, 0);
            let [long, short, share, basis, loss] = columns.row(meta, 1);
            let quotient = signed(&negative, &magnitude);
            let scenario = constant(1) - own.clone();
            let debt = negative.clone() + flipped.clone()
                - negative.clone() * flipped.clone() * constant(2);
            // 0, 1, 1 of no move, up, down.
            let moves = basis.clone() * (constant(3) - basis.clone()) * half;
            let discount = long.clone() + debt * (short - long);
            let raised = pow2(DROPPED_BITS - DISCOUNT_BITS);
            let outside =
                basis.clone() * (basis.clone() - constant(1)) * (basis.clone() - constant(2));
            Constraints::with_selector(
                q,
                [
                    ("n boolean", boolean(&negative)),
                    ("j (j - 1)(j - 2) = 0", outside),
                    ("j (1 - own) = 0", basis * scenario.clone()),
                    ("f own = 0", flipped.clone() * own.clone()),
                    (
                        "2^120 (1 - 2 n)|q| - r = Y",
                        quotient.clone() * pow2(DROPPED_BITS) - remainder - sum,
                    ),
                    (
                        "d = (1 - own)(long + (n xor f)(short - long)) + own share (j > 0)",
                        factor.clone() - scenario.clone() * discount - own * share * moves,
                    ),
                    (
                        "L = (1 - own) P - 2^80 d (1 - 2 n)|q|",
                        loss - scenario * unmoved + factor * quotient * raised,
                    ),
                ],
            )
        });
        meta.create_gate("q_run_end", |meta| {
            let q = meta.query_selector(chip.q_run_end);
            let [id, id_next, distance, strike, strike_next] = columns.row(meta, -1);
            let [end, alive, gap, flipped, flipped_next] = columns.row(meta, 0);
            let [unmoved, unmoved_out, moved, moved_out, _] = columns.row(meta, 1);
            let goes_on = constant(1) - end.clone();
            Constraints::with_selector(
                q,
                [
                    ("end boolean", boolean(&end)),
                    (
                        "t = id' - id - 1000 end",
                        distance.clone() - id_next + id + end * constant(BETWEEN_GROUPS),
                    ),
                    ("(1 - end) t = 0", goes_on.clone() * distance),
                    (
                        "gap = (1 - end)(K' - K - alive)",
                        gap - goes_on.clone() * (strike_next - strike - alive),
                    ),
                    (
                        "(1 - end)(f' - f) = 0",
                        goes_on.clone() * (flipped_next - flipped),
                    ),
                    (
                        "P_out = (1 - end) P",
                        unmoved_out - goes_on.clone() * unmoved,
                    ),
                    ("R_out = (1 - end) R", moved_out - goes_on * moved),
                ],
            )
        });
        chip
    }

    /// Adds a slot to its run. `row` must follow Black-76's last row under the scenario, which holds Vs and es.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        [base, value]: [&ValueCells; 2],
        market: &MovedCells,
        scenario: &ScenarioCells,
        before: &RunSums,
    ) -> Result<RunCells, Error> {
        let unmoved_in = sheet.copy(&before.unmoved, 0, row);
        let moved_in = sheet.copy(&before.moved, 1, row);
        let inflation = sheet.copy(&market.inflation, 3, row);
        let flipped = sheet.copy(&market.flipped, 4, row);
        let own = sheet.copy(&scenario.own, 4, row + 1);
        let sign = Value::known(Fr::one()) - flipped.value - flipped.value;
        let one = Value::known(Fr::one());
        let unmoved = unmoved_in.value + sign * base.value.value - base.epsilon.value;
        let moved = moved_in.value
            + sign * value.value.value
            + (one + inflation.value) * value.epsilon.value;
        let moved = sheet.free(2, row, moved);
        sheet.copy(&base.value, 0, row + 1);
        sheet.copy(&base.epsilon, 1, row + 1);
        let sum = sheet.free(2, row + 1, moved.value - own.value * unmoved);
        let unmoved = sheet.free(3, row + 1, unmoved);
        sheet.enable(self.q_run, row)?;

        let cut = sum.value.map(|sum| ceil(&field::to_int(&sum)));
        let part = |read: fn(&(BigInt, BigInt)) -> BigInt| {
            cut.as_ref().map(|cut| field::from_int(&read(cut)))
        };
        let magnitude = sheet.free(0, row + 2, part(|(q, _)| q.abs()));
        let negative = sheet.free(1, row + 2, part(|(q, _)| i32::from(q.is_negative()).into()));
        let remainder = sheet.free(2, row + 2, part(|(_, r)| r.clone()));
        sheet.range(&magnitude, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        let flipped = sheet.copy(&flipped, 3, row + 2);
        let mut column = 0;
        let [long, short, share] = market.factors.each_ref().map(|factor| {
            column += 1;
            sheet.copy(factor, column - 1, row + 3)
        });
        let basis = sheet.copy(&market.basis, 3, row + 3);
        let debt = negative.value + flipped.value - negative.value * flipped.value * two();
        let moves = basis.value.map(|j| Fr::from(u64::from(j != Fr::zero())));
        let discount = long.value + debt * (short.value - long.value);
        let rest = one - own.value;
        let factor = rest * discount + own.value * share.value * moves;
        let factor = sheet.free(4, row + 2, factor);
        let quotient = (one - negative.value * two()) * magnitude.value;
        let raised = Value::known(field::pow2(DROPPED_BITS - DISCOUNT_BITS));
        let loss = rest * unmoved.value - factor.value * quotient * raised;
        let loss = sheet.free(4, row + 3, loss);
        sheet.enable(self.q_run_loss, row + 2)?;

        Ok(RunCells {
            sums: RunSums { unmoved, moved },
            loss,
        })
    }

    /// Whether the run of a slot ends before the next one: returns that, and the sums that the next one starts from.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_end(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &RunSums,
        [slot, next]: [&Link; 2],
    ) -> Result<(Num, RunSums), Error> {
        let id = sheet.copy(&slot.id, 0, row);
        let id_next = sheet.copy(&next.id, 1, row);
        let ends = |(id, next)| Fr::from(u64::from(id != next));
        let end = id.value.zip(id_next.value).map(ends);
        let between = Value::known(field::from_i128(BETWEEN_GROUPS));
        let distance = sheet.free(2, row, id_next.value - id.value - end * between);
        sheet.range(&distance, ID_LIMBS)?;
        let strike = sheet.copy(&slot.strike, 3, row);
        let strike_next = sheet.copy(&next.strike, 4, row);
        let end = sheet.free(0, row + 1, end);
        let alive = sheet.copy(&slot.alive, 1, row + 1);
        let goes_on = Value::known(Fr::one()) - end.value;
        let gap = goes_on * (strike_next.value - strike.value - alive.value);
        let gap = sheet.free(2, row + 1, gap);
        sheet.range(&gap, SIZE_LIMBS)?;
        sheet.copy(&slot.flipped, 3, row + 1);
        sheet.copy(&next.flipped, 4, row + 1);
        let unmoved = sheet.copy(&sums.unmoved, 0, row + 2);
        let unmoved = sheet.free(1, row + 2, goes_on * unmoved.value);
        let moved = sheet.copy(&sums.moved, 2, row + 2);
        let moved = sheet.free(3, row + 2, goes_on * moved.value);
        sheet.enable(self.q_run_end, row + 1)?;
        Ok((end, RunSums { unmoved, moved }))
    }
}

fn two() -> Value<Fr> {
    Value::known(Fr::from(2))
}
