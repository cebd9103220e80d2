//! Running sums over the slots, and the order of slots of sections but that of European options.
//!
//! ```text
//! options, European and perpetual            futures, assets, swaps
//! row  a0      a1    a2    a3    a4          a0    a1    a2   a3   a4
//! 0    g       strike held  excl. 0          V     H     E    C    .      lookup of charges / q_linear_sum
//! 1    calls   puts  G     nu    H0          E'    C'    .    .    .      q_charge
//! 2    kept    O     C     O'    C'                                       q_option_sum
//! 3    V0      e0    .     .     .
//!
//! order
//! 0    o      alive o_next  gap  .           q_order
//! ```
//! q_charge:     C' = C + H0 - nu strike (calls + puts) + held G; nu, kept boolean; (1 - excluded)(1 - kept) = 0.
//! q_option_sum: O' = O + kept V0 + e0.
//! q_linear_sum: E' = E + 2^12 V; C' = C + H.
//! q_order:      gap = o_next - o - alive, in range: strictly increasing once a slot is alive.
//!
//! Equity takes +epsilon: against liquidation. nu and kept are the prover's choice: whoever sets nu where nothing is short, or
//! keeps a value off that is a debt, only hurts the own proof.
//!
//! A malicious prover could try: another group's charges (g is tied), a value left out where long options count (kept is 1).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::ValueCells,
    holding::Holding,
    linear::Linear,
    sheet::{Columns, Sheet, boolean, cells, constant, pow2},
};
use crate::{
    engine::UNIT_BITS,
    field,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Gates of the sums.
#[derive(Clone, Copy, Debug)]
pub struct SumsChip {
    q_charge: Selector,
    q_option_sum: Selector,
    q_linear_sum: Selector,
    q_order: Selector,
}

/// The sums so far.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Options' value that counts plus epsilon, units 1e-16 USD x 2^-132.
    pub option_equity: Num,
    /// Cash, futures, collateral, swaps, units 1e-36 USD x 2^-12.
    pub equity: Num,
    /// Contingencies, units 1e-24 USD.
    pub contingencies: Num,
    /// Funding to come that the perpetuals would pay, units 1e-24 USD.
    pub funding: Num,
    /// Collateral's value before haircut, and what of it is illiquid, units 1e-16 USD x 2^-14.
    pub mix: [Num; 2],
    /// Weighed losses, units 1e-24 USD x 2^-22 (of the delta charge 1e-32 USD x 2^8).
    pub core: Num,
}

impl Sums {
    /// Sums of an account with nothing but cash.
    pub fn new(equity: Num, zero: &Num) -> Self {
        Self {
            option_equity: zero.clone(),
            equity,
            contingencies: zero.clone(),
            funding: zero.clone(),
            mix: [zero.clone(), zero.clone()],
            core: zero.clone(),
        }
    }
}

impl SumsChip {
    /// Rows of an option's addition.
    pub const OPTION_ROWS: usize = 4;
    /// Rows of another position's addition.
    pub const LINEAR_ROWS: usize = 2;
    /// Rows of one comparison.
    pub const ORDER_ROWS: usize = 1;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_charge: meta.selector(),
            q_option_sum: meta.selector(),
            q_linear_sum: meta.selector(),
            q_order: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_charge", |meta| {
            let q = meta.query_selector(chip.q_charge);
            let [_, strike, each, excluded, _] = columns.row(meta, -1);
            let [calls, puts, held, naked, sides] = columns.row(meta, 0);
            let [kept, _, charges, _, charges_next] = columns.row(meta, 1);
            let charge = sides - naked.clone() * strike * (calls + puts) + each * held;
            let left_out = constant(1) - kept.clone();
            Constraints::with_selector(
                q,
                [
                    ("nu boolean", boolean(&naked)),
                    ("kept boolean", boolean(&kept)),
                    (
                        "(1 - excluded)(1 - kept) = 0",
                        (constant(1) - excluded) * left_out,
                    ),
                    (
                        "C' = C + H0 - nu strike (calls + puts) + held G",
                        charges_next - charges - charge,
                    ),
                ],
            )
        });
        meta.create_gate("q_option_sum", |meta| {
            let q = meta.query_selector(chip.q_option_sum);
            let [kept, equity, _, equity_next, _] = columns.row(meta, 0);
            let [value, epsilon, ..] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [(
                    "O' = O + kept V0 + e0",
                    equity_next - equity - kept * value - epsilon,
                )],
            )
        });
        meta.create_gate("q_linear_sum", |meta| {
            let q = meta.query_selector(chip.q_linear_sum);
            let [value, charge, equity, charges, _] = columns.row(meta, 0);
            let [equity_next, charges_next, ..] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    (
                        "E' = E + 2^12 V",
                        equity_next - equity - value * pow2(UNIT_BITS),
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

    /// Adds an option; `charges` is the public table's row of its group's charges, of that kind.
    ///
    /// # Errors
    /// As the backend.
    pub fn add_option(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &Sums,
        holding: &Holding,
        base: &ValueCells,
        charges: (Kind, Value<TableRow>),
    ) -> Result<Sums, Error> {
        let (kind, charges) = charges;
        let [group, strike, each, excluded, _] = sheet.lookup(row, kind, cells(charges))?;
        sheet.tie(&group, &holding.group);
        let copies = [&holding.calls, &holding.puts, &holding.held];
        for (column, source) in copies.into_iter().enumerate() {
            sheet.copy(source, column, row + 1);
        }
        let size = holding.calls.value + holding.puts.value;
        // What makes most of the own proof: calls and puts are short together, the value is one.
        let naked = size.map(|size| Fr::from(u64::from(field::is_negative(&size))));
        let naked = sheet.free(3, row + 1, naked);
        sheet.copy(&holding.charge, 4, row + 1);
        let gained = base.value.value.map(|v| field::is_negative(&v) || v == Fr::zero());
        let kept = excluded.value.zip(gained).map(|(excluded, debt)| {
            Fr::from(u64::from(excluded == Fr::zero() || debt))
        });
        let kept = sheet.free(0, row + 2, kept);
        let equity = sheet.copy(&sums.option_equity, 1, row + 2);
        let contingencies = sheet.copy(&sums.contingencies, 2, row + 2);
        let value = sheet.copy(&base.value, 0, row + 3);
        let epsilon = sheet.copy(&base.epsilon, 1, row + 3);
        let charge = holding.charge.value - naked.value * strike.value * size
            + each.value * holding.held.value;
        sheet.enable(self.q_charge, row + 1)?;
        sheet.enable(self.q_option_sum, row + 2)?;
        Ok(Sums {
            option_equity: sheet.free(
                3,
                row + 2,
                equity.value + kept.value * value.value + epsilon.value,
            ),
            contingencies: sheet.free(4, row + 2, contingencies.value + charge),
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
    ) -> Result<Sums, Error> {
        let scale = Value::known(field::pow2(UNIT_BITS));
        let copies = [
            &position.value,
            &position.charge,
            &sums.equity,
            &sums.contingencies,
        ];
        for (column, source) in copies.into_iter().enumerate() {
            sheet.copy(source, column, row);
        }
        sheet.enable(self.q_linear_sum, row)?;
        let equity = sums.equity.value + position.value.value * scale;
        let contingencies = sums.contingencies.value + position.charge.value;
        Ok(Sums {
            equity: sheet.free(0, row + 1, equity),
            contingencies: sheet.free(1, row + 1, contingencies),
            ..sums.clone()
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
