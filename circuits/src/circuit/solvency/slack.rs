//! From the sums to the verdict: what every branch leaves of equity.
//!
//! ```text
//! row  a0    a1      a2      a3    a4
//! 0    O     q'      r       E1    E          q_equity_below
//!
//! 0    E     C       factor  core  slack      q_slack
//! ```
//! q_equity_below: O = 2^120 (q' - 2^129) + r; E = 1e4 2^10 (E1 + 1e20 (q' - 2^129)).
//! q_slack:        slack = E - factor core - 1e16 2^22 C.
//!
//! r below 2^120, q' below 2^130, slack below 2^250: equity is not below what the branch requires.
//!
//! A malicious prover could try: a branch left out (there is a row of each), another branch's factor (a copy of the looked-up
//! row's cell), a negative slack (in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;

use crate::{
    circuit::{
        sheet::{Columns, Sheet, pow2},
        total::{QUOTIENT_LIMBS, QUOTIENT_OFFSET_BITS, REMAINDER_LIMBS},
    },
    engine::{DROPPED_BITS, charge_unit, equity_unit, floor, option_unit, solvency::SLACK_BITS},
    field,
    poseidon::Num,
};

/// Limbs of what a branch leaves.
const SLACK_LIMBS: usize = SLACK_BITS as usize / 10;

/// Gates of the verdict.
#[derive(Clone, Copy, Debug)]
pub struct SlackChip {
    q_equity: Selector,
    q_slack: Selector,
}

impl SlackChip {
    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_equity: meta.selector(),
            q_slack: meta.selector(),
        };
        let columns = *columns;
        let unit = |x| Expression::Constant(field::from_int(&x));
        meta.create_gate("q_equity_below", |meta| {
            let q = meta.query_selector(chip.q_equity);
            let [sum, quotient, remainder, rest, equity] = columns.row(meta, 0);
            let quotient = quotient - pow2(QUOTIENT_OFFSET_BITS);
            let options = quotient.clone() * unit(option_unit());
            Constraints::with_selector(
                q,
                [
                    (
                        "O = 2^120 (q' - 2^129) + r",
                        sum - quotient * pow2(DROPPED_BITS) - remainder,
                    ),
                    (
                        "E = 1e4 2^10 (E1 + 1e20 (q' - 2^129))",
                        equity - (rest + options) * unit(equity_unit()),
                    ),
                ],
            )
        });
        meta.create_gate("q_slack", |meta| {
            let q = meta.query_selector(chip.q_slack);
            let [equity, charges, factor, core, slack] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [(
                    "slack = E - factor core - 1e16 2^22 C",
                    slack - equity + factor * core + charges * unit(charge_unit()),
                )],
            )
        });
        chip
    }

    /// Equity, of options and of the rest.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_equity(
        &self,
        sheet: &mut Sheet<'_, '_>,
        options: &Num,
        rest: &Num,
    ) -> Result<Num, Error> {
        let row = sheet.take(1)?;
        let known = |x| Value::known(field::from_int(&x));
        let options = sheet.copy(options, 0, row);
        let parts = options.value.map(|sum| floor(&field::to_int(&sum)));
        let quotient = parts
            .as_ref()
            .map(|(quotient, _)| field::from_int(quotient));
        let offset = Value::known(field::pow2(QUOTIENT_OFFSET_BITS));
        let shifted = sheet.free(1, row, quotient + offset);
        let remainder = sheet.free(2, row, parts.map(|(_, rest)| field::from_int(&rest)));
        sheet.range(&shifted, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        let rest = sheet.copy(rest, 3, row);
        let options = (shifted.value - offset) * known(option_unit());
        let equity = sheet.free(4, row, (rest.value + options) * known(equity_unit()));
        sheet.enable(self.q_equity, row)?;
        Ok(equity)
    }

    /// What a branch leaves of equity is not negative.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        [equity, charges, factor, core]: [&Num; 4],
    ) -> Result<(), Error> {
        let row = sheet.take(1)?;
        let equity = sheet.copy(equity, 0, row);
        let charges = sheet.copy(charges, 1, row);
        let factor = sheet.copy(factor, 2, row);
        let core = sheet.copy(core, 3, row);
        let unit = Value::known(field::from_int(&charge_unit()));
        let slack = equity.value - factor.value * core.value - charges.value * unit;
        let slack = sheet.free(4, row, slack);
        sheet.range(&slack, SLACK_LIMBS)?;
        sheet.enable(self.q_slack, row)
    }
}
