//! Running sums over the slots, and the order of slots.
//!
//! ```text
//! option                                     future, asset
//! row  a0     a1    a2  a3      a4           a0    a1    a2   a3   a4
//! -1   .      .     .   Vs      es
//! 0    V0     e0    f   H       E            V     L     H    E    Lsum    q_option_sum / q_linear_sum
//! 1    E'     L'    C'  L       C            E'    L'    C'   C    .
//!
//! order
//! 0    o      alive o_next  gap  .           q_order
//! ```
//! q_option_sum: E' = E + V0 + e0; L' = L + f (V0 - e0 - Vs - es); C' = C + H.
//! q_linear_sum: E' = E + 2^124 V; L' = Lsum + 2^124 L; C' = C + H.
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
use crate::{engine::SCALE_BITS, poseidon::Num};

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
    /// Weight times maintenance factor, units 1e-4.
    pub factor: Num,
    /// Short charge, units 1e-16 USD.
    pub charge: Num,
}

/// The sums so far.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Equity plus epsilon, units 1e-16 USD x 2^-124.
    pub equity: Num,
    /// Weighted loss less epsilon, units 1e-20 USD x 2^-124.
    pub loss: Num,
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
            let [value, epsilon, factor, charge, equity] = columns.row(meta, 0);
            let [equity_next, loss_next, charges_next, loss, charges] = columns.row(meta, 1);
            let lost = value.clone() - epsilon.clone() - moved - moved_epsilon;
            Constraints::with_selector(
                q,
                [
                    ("E' = E + V0 + e0", equity_next - equity - value - epsilon),
                    (
                        "L' = L + f (V0 - e0 - Vs - es)",
                        loss_next - loss - factor * lost,
                    ),
                    ("C' = C + H", charges_next - charges - charge),
                ],
            )
        });
        meta.create_gate("q_linear_sum", |meta| {
            let q = meta.query_selector(chip.q_linear_sum);
            let [value, lost, charge, equity, loss] = columns.row(meta, 0);
            let [equity_next, loss_next, charges_next, charges, _] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    (
                        "E' = E + 2^124 V",
                        equity_next - equity - value * pow2(SCALE_BITS),
                    ),
                    (
                        "L' = Lsum + 2^124 L",
                        loss_next - loss - lost * pow2(SCALE_BITS),
                    ),
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
            factor,
            charge,
        } = option;
        for (column, source) in [&base.value, &base.epsilon, factor, charge, &sums.equity]
            .into_iter()
            .enumerate()
        {
            sheet.copy(source, column, row);
        }
        sheet.copy(&sums.loss, 3, row + 1);
        sheet.copy(&sums.contingencies, 4, row + 1);
        let lost = base.value.value - base.epsilon.value - moved.value.value - moved.epsilon.value;
        sheet.enable(self.q_option_sum, row)?;
        Ok(Sums {
            equity: sheet.free(
                0,
                row + 1,
                sums.equity.value + base.value.value + base.epsilon.value,
            ),
            loss: sheet.free(1, row + 1, sums.loss.value + factor.value * lost),
            contingencies: sheet.free(2, row + 1, sums.contingencies.value + charge.value),
        })
    }

    /// Adds a future or an asset.
    ///
    /// # Errors
    /// As the backend.
    pub fn add_linear(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &Sums,
        position: &Linear,
    ) -> Result<Sums, Error> {
        let scale = Value::known(crate::field::pow2(SCALE_BITS));
        for (column, source) in [
            &position.value,
            &position.loss,
            &position.charge,
            &sums.equity,
            &sums.loss,
        ]
        .into_iter()
        .enumerate()
        {
            sheet.copy(source, column, row);
        }
        sheet.copy(&sums.contingencies, 3, row + 1);
        sheet.enable(self.q_linear_sum, row)?;
        Ok(Sums {
            equity: sheet.free(0, row + 1, sums.equity.value + position.value.value * scale),
            loss: sheet.free(1, row + 1, sums.loss.value + position.loss.value * scale),
            contingencies: sheet.free(2, row + 1, sums.contingencies.value + position.charge.value),
        })
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
