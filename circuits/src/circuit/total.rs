//! From the sums to equity and requirement: the options' value without its last bits, funding, the scenario's factor.
//!
//! ```text
//! row  a0    a1      a2    a3    a4
//! 0    O     q'      r     C     funding    q_ceil, q_required
//! 1    C'    factor  core  W     .
//! ```
//! q_ceil:     2^120 (q' - 2^129) - r = O; r below 2^120 and q' below 2^130, so that q' is the one quotient.
//! q_required: C' = C or C' = C + funding; W = factor core + 1e16 2^22 C' or W = 0.
//!
//! Funding counts where the perpetuals together would pay it: which of the two C' is, is the prover's choice, and neither is
//! more than is due. Where core is a gain, the unmoved market's factor of 0 makes nothing of it: the scenario is the prover's
//! choice, too. W is 0 where what is taken off the charges for their errors leaves less: nothing is required of nobody.
//!
//! A malicious prover could try: another scenario's factor (it is a copy of the looked-up row's cell), a quotient off by a
//! multiple of 2^-120 in the field (q' is in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;

use super::{
    scenario::ScenarioCells,
    sheet::{Columns, Sheet, pow2},
    sums::Sums,
};
use crate::{
    engine::{DROPPED_BITS, ceil, charge_unit},
    field,
    poseidon::Num,
};

/// Limbs of a truncation's remainder.
pub const REMAINDER_LIMBS: usize = (DROPPED_BITS / 10) as usize;
/// Limbs of its quotient, offset by half of what they hold.
pub const QUOTIENT_LIMBS: usize = 13;
/// Half of what the quotient's limbs hold: more than any quotient.
pub const QUOTIENT_OFFSET_BITS: u32 = 129;

/// Gates of the totals.
#[derive(Clone, Copy, Debug)]
pub struct TotalChip {
    q_ceil: Selector,
    q_required: Selector,
}

/// The totals' cells.
#[derive(Clone, Debug)]
pub struct TotalCells {
    /// Equity without options, units 1e-36 USD x 2^-12.
    pub equity: Num,
    /// Options' equity, rounded up, 2^129 added; units 1e-16 USD x 2^-12.
    pub option_equity: Num,
    /// Requirement, units 1e-40 USD x 2^-22.
    pub required: Num,
    /// Collateral's value before haircut, and what of it is illiquid, units 1e-16 USD x 2^-14.
    pub mix: [Num; 2],
}

impl TotalChip {
    /// Rows taken.
    pub const ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_ceil: meta.selector(),
            q_required: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_ceil", |meta| {
            let q = meta.query_selector(chip.q_ceil);
            let [sum, quotient, remainder, ..] = columns.row(meta, 0);
            let whole = (quotient - pow2(QUOTIENT_OFFSET_BITS)) * pow2(DROPPED_BITS);
            Constraints::with_selector(q, [("2^120 (q' - 2^129) - r = O", whole - remainder - sum)])
        });
        let unit = Expression::Constant(field::from_int(&charge_unit()));
        meta.create_gate("q_required", |meta| {
            let q = meta.query_selector(chip.q_required);
            let [_, _, _, charges, funding] = columns.row(meta, 0);
            let [all, factor, core, required, _] = columns.row(meta, 1);
            let added = all.clone() - charges;
            Constraints::with_selector(
                q,
                [
                    ("C' = C or C + funding", added.clone() * (added - funding)),
                    (
                        "W = factor core + 1e16 2^22 C' or 0",
                        required.clone() * (required - factor * core - all * unit),
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &Sums,
        scenario: &ScenarioCells,
    ) -> Result<TotalCells, Error> {
        let options = sheet.copy(&sums.option_equity, 0, row);
        let parts = options.value.map(|sum| ceil(&field::to_int(&sum)));
        let quotient = parts
            .as_ref()
            .map(|(quotient, _)| field::from_int(quotient));
        let offset = Value::known(field::pow2(QUOTIENT_OFFSET_BITS));
        let option_equity = sheet.free(1, row, quotient + offset);
        let remainder = sheet.free(2, row, parts.map(|(_, rest)| field::from_int(&rest)));
        sheet.range(&option_equity, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        sheet.enable(self.q_ceil, row)?;

        let charges = sheet.copy(&sums.contingencies, 3, row);
        let funding = sheet.copy(&sums.funding, 4, row);
        let paid = funding.value;
        let paid = paid.map(|f| {
            if field::is_negative(&f) {
                Fr::zero()
            } else {
                f
            }
        });
        let charges = sheet.free(0, row + 1, charges.value + paid);
        let factor = sheet.copy(&scenario.factor, 1, row + 1);
        let core = sheet.copy(&sums.core, 2, row + 1);
        let unit = Value::known(field::from_int(&charge_unit()));
        let required = factor.value * core.value + charges.value * unit;
        let required = required.map(|w| {
            if field::is_negative(&w) {
                Fr::zero()
            } else {
                w
            }
        });
        let required = sheet.free(3, row + 1, required);
        sheet.enable(self.q_required, row)?;
        Ok(TotalCells {
            equity: sums.equity.clone(),
            option_equity,
            required,
            mix: sums.mix.clone(),
        })
    }
}
