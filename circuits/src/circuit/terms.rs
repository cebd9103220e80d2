//! From equity and requirement to the verdict and the terms.
//!
//! ```text
//! row  a0    a1     a2     a3   a4
//! 0    E     q      W      S    R          q_shortfall
//! 1    r1    r1'    r2     r2'  S - 1
//!
//! 2    n     tick   r      r'   x          q_tick (repay: x = S; incentive: x = rate)
//! 3    out   .      .      .    .
//!
//! 6    rate  base   slope  cap  capped     q_rate
//! 7    S     R      A      B    cap-rate
//! ```
//! Q = 1e32 2^12, one unit of 1e-8 USD. q_shortfall, q the options' equity rounded up:
//!   R Q + r2 = W, S Q + r1 = W - 1e4 (E + 1e20 q), r' = Q - 1 - r, S >= 1.
//! q_tick: n tick + r = x, r' = tick - 1 - r, out = x - r.
//! q_rate: A = slope S - (rate - base) R; B = (1 - capped)(R - 1 - A); capped: rate = cap.
//!
//! A malicious prover could try: a negative shortfall (S - 1 in range), a quotient one off (both
//! remainders in range), `capped` without cause (A would be negative), a rate above
//! the cap (cap - rate in range), terms that are not multiples of the tick.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    opening::{
        FIXED_ROWS, INCENTIVE_BASE, INCENTIVE_CAP, INCENTIVE_RATE, INCENTIVE_SLOPE, INCENTIVE_TICK,
        REPAY, REPAY_TICK,
    },
    sheet::{Columns, Sheet, boolean, constant, int},
    total::TotalCells,
};
use crate::{
    engine::{LiquidationTrace, option_unit, quantum},
    field,
    poseidon::Num,
};

/// Limbs of shortfall, requirement and ticks, below 2^70; the engine's terms are below 2^63.
pub const MONEY_LIMBS: usize = 7;
/// Limbs of a remainder below Q < 2^119.
const QUANTUM_LIMBS: usize = 12;
/// Limbs of slope x shortfall, below 2^37 2^70.
const RATE_LIMBS: usize = 11;

/// Gates of the terms.
#[derive(Clone, Copy, Debug)]
pub struct TermsChip {
    q_shortfall: Selector,
    q_tick: Selector,
    q_rate: Selector,
}

impl TermsChip {
    /// Rows taken.
    pub const ROWS: usize = 8;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_shortfall: meta.selector(),
            q_tick: meta.selector(),
            q_rate: meta.selector(),
        };
        let columns = *columns;
        let unit = Expression::Constant(field::from_int(&quantum()));
        let option = Expression::Constant(field::from_int(&option_unit()));
        meta.create_gate("q_shortfall", |meta| {
            let q = meta.query_selector(chip.q_shortfall);
            let [equity, options, required, shortfall, requirement] = columns.row(meta, 0);
            let [r1, r1_complement, r2, r2_complement, positive] = columns.row(meta, 1);
            let equity = equity + options * option.clone();
            Constraints::with_selector(
                q,
                [
                    (
                        "R Q + r2 = W",
                        requirement * unit.clone() + r2.clone() - required.clone(),
                    ),
                    (
                        "S Q + r1 = W - 1e4 (E + 1e20 q)",
                        shortfall.clone() * unit.clone() + r1.clone() - required
                            + equity * constant(10_000),
                    ),
                    (
                        "r1' = Q - 1 - r1",
                        r1_complement + r1 + constant(1) - unit.clone(),
                    ),
                    ("r2' = Q - 1 - r2", r2_complement + r2 + constant(1) - unit),
                    ("S - 1", positive - shortfall + constant(1)),
                ],
            )
        });
        meta.create_gate("q_tick", |meta| {
            let q = meta.query_selector(chip.q_tick);
            let [count, tick, remainder, complement, x] = columns.row(meta, 0);
            let [out, ..] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    (
                        "n tick + r = x",
                        count * tick.clone() + remainder.clone() - x.clone(),
                    ),
                    (
                        "r' = tick - 1 - r",
                        complement - tick + constant(1) + remainder.clone(),
                    ),
                    ("out = x - r", out - x + remainder),
                ],
            )
        });
        meta.create_gate("q_rate", |meta| {
            let q = meta.query_selector(chip.q_rate);
            let [rate, base, slope, cap, capped] = columns.row(meta, 0);
            let [shortfall, requirement, a, b, below_cap] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    ("capped boolean", boolean(&capped)),
                    (
                        "A = slope S - (rate - base) R",
                        a.clone() - slope * shortfall + (rate.clone() - base) * requirement.clone(),
                    ),
                    (
                        "B = (1 - capped)(R - 1 - A)",
                        b - (constant(1) - capped.clone()) * (requirement - constant(1) - a),
                    ),
                    ("capped: rate = cap", capped * (cap.clone() - rate.clone())),
                    ("cap - rate", below_cap - cap + rate),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on; the terms are tied to the header's cells.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        totals: &TotalCells,
        header: &[Num; FIXED_ROWS],
        trace: Value<&LiquidationTrace>,
    ) -> Result<(), Error> {
        for (column, source) in [&totals.equity, &totals.option_equity, &totals.required]
            .into_iter()
            .enumerate()
        {
            sheet.copy(source, column, row);
        }
        let shortfall = sheet.free(3, row, int(&trace, |t| t.shortfall));
        let requirement = sheet.free(4, row, int(&trace, |t| t.requirement));
        let big = |read: fn(&LiquidationTrace) -> BigInt| trace.map(|t| field::from_int(&read(t)));
        let remainders = sheet.free_row(
            row + 1,
            [
                big(|t| t.shortfall_remainder.clone()),
                big(|t| quantum() - 1 - &t.shortfall_remainder),
                big(|t| t.requirement_remainder.clone()),
                big(|t| quantum() - 1 - &t.requirement_remainder),
                int(&trace, |t| t.shortfall - 1),
            ],
        );
        for (i, cell) in remainders.iter().enumerate() {
            sheet.range(cell, if i < 4 { QUANTUM_LIMBS } else { MONEY_LIMBS })?;
        }
        sheet.range(&requirement, MONEY_LIMBS)?;
        sheet.enable(self.q_shortfall, row)?;

        let rate = sheet.free(0, row + 6, int(&trace, |t| t.rate));
        self.assign_tick(
            sheet,
            row + 2,
            &shortfall,
            &header[REPAY_TICK],
            &header[REPAY],
            trace.map(|t| t.repay),
        )?;
        self.assign_tick(
            sheet,
            row + 4,
            &rate,
            &header[INCENTIVE_TICK],
            &header[INCENTIVE_RATE],
            trace.map(|t| t.incentive),
        )?;

        sheet.copy(&header[INCENTIVE_BASE], 1, row + 6);
        sheet.copy(&header[INCENTIVE_SLOPE], 2, row + 6);
        let cap = sheet.copy(&header[INCENTIVE_CAP], 3, row + 6);
        sheet.free(4, row + 6, int(&trace, |t| t.capped.into()));
        sheet.copy(&shortfall, 0, row + 7);
        sheet.copy(&requirement, 1, row + 7);
        let a = sheet.free(2, row + 7, int(&trace, |t| t.rate_remainder));
        let b = sheet.free(3, row + 7, int(&trace, |t| t.rate_complement));
        let below_cap = sheet.free(4, row + 7, cap.value - rate.value);
        sheet.range(&a, RATE_LIMBS)?;
        sheet.range(&b, MONEY_LIMBS)?;
        sheet.range(&below_cap, MONEY_LIMBS)?;
        sheet.enable(self.q_rate, row + 6)
    }

    fn assign_tick(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        x: &Num,
        tick: &Num,
        out: &Num,
        parts: Value<(i128, i128)>,
    ) -> Result<(), Error> {
        let count = sheet.free(0, row, parts.map(|p| field::from_i128(p.0)));
        let tick = sheet.copy(tick, 1, row);
        let remainder = sheet.free(2, row, parts.map(|p| field::from_i128(p.1)));
        let complement = sheet.free(
            3,
            row,
            tick.value - remainder.value - Value::known(Fr::one()),
        );
        sheet.copy(x, 4, row);
        sheet.copy(out, 0, row + 1);
        for cell in [&count, &remainder, &complement] {
            sheet.range(cell, MONEY_LIMBS)?;
        }
        sheet.enable(self.q_tick, row)
    }
}
