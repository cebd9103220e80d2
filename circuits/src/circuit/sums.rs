//! Running sums over the slots, and the order of slots.
//!
//! ```text
//! options                                    futures, assets, swaps
//! row  a0     a1    a2  a3      a4           a0    a1    a2   a3   a4
//! -1   .      .     .   Vs      es
//! 0    V0     e0    H   O       M            V     X     H    E    A      q_option_sum / q_linear_sum
//! 1    O'     M'    C'  C       .            E'    A'    C'   C    .
//!
//! order
//! 0    o      alive o_next  gap  .           q_order
//! ```
//! q_option_sum: O' = O + V0 + e0; M' = M + V0 - e0 - Vs - es; C' = C + H.
//! q_linear_sum: E' = E + 2^12 V; A' = A + X; C' = C + H. A sums what the spot move moves (futures, assets), or the
//!               swaps' losses.
//! q_order: gap = o_next - o - alive, in range: strictly increasing once a slot is alive.
//!
//! Equity takes +epsilon and the loss -epsilon: both against liquidation.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::ValueCells,
    linear::Linear,
    sheet::{Columns, Sheet, pow2},
};
use crate::{engine::UNIT_BITS, poseidon::Num};

/// Gates of the sums.
#[derive(Clone, Copy, Debug)]
pub struct SumsChip {
    q_option_sum: Selector,
    q_linear_sum: Selector,
    q_order: Selector,
}

/// What an option adds to the sums.
#[derive(Clone, Debug)]
pub struct OptionCells {
    /// In the unmoved market.
    pub base: ValueCells,
    /// Under the scenario.
    pub moved: ValueCells,
    /// Short charge, units 1e-16 USD.
    pub charge: Num,
}

/// Which sum a linear position's second number goes to.
#[derive(Clone, Copy, Debug)]
pub enum Second {
    /// [`Sums::shockable`].
    Shockable,
    /// [`Sums::swap_loss`].
    SwapLoss,
}

/// The sums so far.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Options' value plus epsilon, units 1e-16 USD x 2^-132.
    pub option_equity: Num,
    /// Options' loss less epsilon, units 1e-16 USD x 2^-132.
    pub option_loss: Num,
    /// Cash, futures, collateral, swaps, units 1e-36 USD x 2^-12.
    pub equity: Num,
    /// Swaps' loss, units 1e-36 USD.
    pub swap_loss: Num,
    /// What the spot move moves, units 1e-24 USD.
    pub shockable: Num,
    /// Contingencies, units 1e-16 USD.
    pub contingencies: Num,
}

impl SumsChip {
    /// Rows of one addition.
    pub const ROWS: usize = 2;
    /// Rows of one comparison.
    pub const ORDER_ROWS: usize = 1;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_option_sum: meta.selector(),
            q_linear_sum: meta.selector(),
            q_order: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_option_sum", |meta| {
            let q = meta.query_selector(chip.q_option_sum);
            let [_, _, _, moved, moved_epsilon] = columns.row(meta, -1);
            let [value, epsilon, charge, equity, loss] = columns.row(meta, 0);
            let [equity_next, loss_next, charges_next, charges, _] = columns.row(meta, 1);
            let lost = value.clone() - epsilon.clone() - moved - moved_epsilon;
            Constraints::with_selector(
                q,
                [
                    ("O' = O + V0 + e0", equity_next - equity - value - epsilon),
                    ("M' = M + V0 - e0 - Vs - es", loss_next - loss - lost),
                    ("C' = C + H", charges_next - charges - charge),
                ],
            )
        });
        meta.create_gate("q_linear_sum", |meta| {
            let q = meta.query_selector(chip.q_linear_sum);
            let [value, second, charge, equity, sum] = columns.row(meta, 0);
            let [equity_next, sum_next, charges_next, charges, _] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    (
                        "E' = E + 2^12 V",
                        equity_next - equity - value * pow2(UNIT_BITS),
                    ),
                    ("A' = A + X", sum_next - sum - second),
                    ("C' = C + H", charges_next - charges - charge),
                ],
            )
        });
        meta.create_gate("q_order", |meta| {
            let q = meta.query_selector(chip.q_order);
            let [order, alive, next, gap, _] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [("gap = o_next - o - alive", gap - next + order + alive)],
            )
        });
        chip
    }

    /// Adds an option. `row` must follow the moved market's last row, which holds Vs and es.
    ///
    /// # Errors
    /// As the backend.
    pub fn add_option(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &Sums,
        option: &OptionCells,
    ) -> Result<Sums, Error> {
        let OptionCells {
            base,
            moved,
            charge,
        } = option;
        let copies = [
            &base.value,
            &base.epsilon,
            charge,
            &sums.option_equity,
            &sums.option_loss,
        ];
        for (column, source) in copies.into_iter().enumerate() {
            sheet.copy(source, column, row);
        }
        sheet.copy(&sums.contingencies, 3, row + 1);
        let gained = base.value.value + base.epsilon.value;
        let lost = base.value.value - base.epsilon.value - moved.value.value - moved.epsilon.value;
        sheet.enable(self.q_option_sum, row)?;
        Ok(Sums {
            option_equity: sheet.free(0, row + 1, sums.option_equity.value + gained),
            option_loss: sheet.free(1, row + 1, sums.option_loss.value + lost),
            contingencies: sheet.free(2, row + 1, sums.contingencies.value + charge.value),
            ..sums.clone()
        })
    }

    /// Adds a future, an asset or a swap.
    ///
    /// # Errors
    /// As the backend.
    pub fn add_linear(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &Sums,
        position: &Linear,
        kind: Second,
    ) -> Result<Sums, Error> {
        let scale = Value::known(crate::field::pow2(UNIT_BITS));
        let sum = match kind {
            Second::Shockable => &sums.shockable,
            Second::SwapLoss => &sums.swap_loss,
        };
        let copies = [
            &position.value,
            &position.second,
            &position.charge,
            &sums.equity,
            sum,
        ];
        for (column, source) in copies.into_iter().enumerate() {
            sheet.copy(source, column, row);
        }
        sheet.copy(&sums.contingencies, 3, row + 1);
        sheet.enable(self.q_linear_sum, row)?;
        let mut next = Sums {
            equity: sheet.free(0, row + 1, sums.equity.value + position.value.value * scale),
            contingencies: sheet.free(2, row + 1, sums.contingencies.value + position.charge.value),
            ..sums.clone()
        };
        let sum = sheet.free(1, row + 1, sum.value + position.second.value);
        match kind {
            Second::Shockable => next.shockable = sum,
            Second::SwapLoss => next.swap_loss = sum,
        }
        Ok(next)
    }

    /// Proves that the slot at `order` stands before the one at `next`; `limbs` bound the gap.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_order(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        order: &Num,
        alive: &Num,
        next: &Num,
        limbs: usize,
    ) -> Result<(), Error> {
        for (column, source) in [order, alive, next].into_iter().enumerate() {
            sheet.copy(source, column, row);
        }
        let gap = sheet.free(3, row, next.value - order.value - alive.value);
        sheet.range(&gap, limbs)?;
        sheet.enable(self.q_order, row)
    }
}
