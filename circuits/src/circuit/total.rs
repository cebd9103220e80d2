//! From the sums to equity and requirement: the options' sums without their last bits, the scenario's move and factor.
//!
//! ```text
//! row  a0    a1    a2      a3      a4
//! 0    O     q     r       q'      .        q_ceil
//! 1    M     q     r       q'      .        q_floor
//! 2    c     move  factor  0       0        lookup Scenario
//! 3    P     Ls    q       C       W        q_required
//! ```
//! q_floor:    2^120 q + r = x; q' = q + 2^129; r below 2^120 and q' below 2^130, so that q is the one quotient.
//! q_ceil:     2^120 q - r = x; the same.
//! q_required: W = factor (1e20 q + 2^12 (Ls - 1e4 move P)) + 1e24 2^12 C, q that of M.
//!
//! A malicious prover could try: another scenario's factor or move (c is a tie to the account's scenario, and one row
//! is looked up), a quotient off by a multiple of 2^-120 in the field (q' is in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    sheet::{Columns, Sheet, cells, constant, pow2},
    sums::Sums,
};
use crate::{
    engine::{DROPPED_BITS, Totals, UNIT_BITS, ceil, floor, option_unit},
    field,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Limbs of a truncation's remainder.
const REMAINDER_LIMBS: usize = (DROPPED_BITS / 10) as usize;
/// Limbs of its quotient, offset by half of what they hold.
const QUOTIENT_LIMBS: usize = 13;
/// Half of what the quotient's limbs hold: more than any quotient.
pub const QUOTIENT_OFFSET_BITS: u32 = 129;

/// Gates of the totals.
#[derive(Clone, Copy, Debug)]
pub struct TotalChip {
    q_floor: Selector,
    q_ceil: Selector,
    q_required: Selector,
}

/// The totals' cells.
#[derive(Clone, Debug)]
pub struct TotalCells {
    /// Equity without options, units 1e-36 USD x 2^-12.
    pub equity: Num,
    /// Options' equity, rounded up, units 1e-16 USD x 2^-12.
    pub option_equity: Num,
    /// Requirement, units 1e-40 USD x 2^-12.
    pub required: Num,
}

impl TotalChip {
    /// Rows taken.
    pub const ROWS: usize = 4;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_floor: meta.selector(),
            q_ceil: meta.selector(),
            q_required: meta.selector(),
        };
        let columns = *columns;
        for (name, first, selector, sign) in [
            ("q_floor", "2^120 q + r = x", chip.q_floor, 1),
            ("q_ceil", "2^120 q - r = x", chip.q_ceil, -1),
        ] {
            meta.create_gate(name, |meta| {
                let q = meta.query_selector(selector);
                let [sum, quotient, remainder, offset, _] = columns.row(meta, 0);
                let whole = quotient.clone() * pow2(DROPPED_BITS);
                Constraints::with_selector(
                    q,
                    [
                        (first, whole + remainder * constant(sign) - sum),
                        (
                            "q' = q + 2^129",
                            offset - quotient - pow2(QUOTIENT_OFFSET_BITS),
                        ),
                    ],
                )
            });
        }
        let unit = Expression::Constant(field::from_int(&option_unit()));
        meta.create_gate("q_required", |meta| {
            let q = meta.query_selector(chip.q_required);
            let [_, spot_move, factor, _, _] = columns.row(meta, -1);
            let [shockable, swap_loss, options, charges, required] = columns.row(meta, 0);
            let moved = spot_move * shockable * constant(10_000);
            let loss = options * unit.clone() + (swap_loss - moved) * pow2(UNIT_BITS);
            Constraints::with_selector(
                q,
                [(
                    "W = factor (1e20 q + 2^12 (Ls - 1e4 move P)) + 1e24 2^12 C",
                    required - factor * loss - charges * unit * constant(10_000) * pow2(UNIT_BITS),
                )],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on; `moved` is the scenario's row of the public table.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        sums: &Sums,
        scenario: &Num,
        moved: Value<TableRow>,
        totals: Value<&Totals>,
    ) -> Result<TotalCells, Error> {
        let option_equity = self.truncate(
            sheet,
            row,
            self.q_ceil,
            &sums.option_equity,
            totals.map(|t| ceil(&t.option_equity)),
        )?;
        let option_loss = self.truncate(
            sheet,
            row + 1,
            self.q_floor,
            &sums.option_loss,
            totals.map(|t| floor(&t.option_loss)),
        )?;
        let [number, ..] = sheet.lookup(row + 2, Kind::Scenario, cells(moved))?;
        sheet.tie(&number, scenario);
        let copies = [
            &sums.shockable,
            &sums.swap_loss,
            &option_loss,
            &sums.contingencies,
        ];
        for (column, source) in copies.into_iter().enumerate() {
            sheet.copy(source, column, row + 3);
        }
        let required = totals.map(|t| field::from_int(&t.requirement()));
        let required = sheet.free(4, row + 3, required);
        sheet.enable(self.q_required, row + 3)?;
        Ok(TotalCells {
            equity: sums.equity.clone(),
            option_equity,
            required,
        })
    }

    /// Assigns a truncation and returns the quotient.
    fn truncate(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        selector: Selector,
        sum: &Num,
        parts: Value<(BigInt, BigInt)>,
    ) -> Result<Num, Error> {
        sheet.copy(sum, 0, row);
        let quotient = parts
            .as_ref()
            .map(|(quotient, _)| field::from_int(quotient));
        let quotient = sheet.free(1, row, quotient);
        let remainder = sheet.free(2, row, parts.map(|(_, rest)| field::from_int(&rest)));
        let half = Value::known(field::pow2(QUOTIENT_OFFSET_BITS));
        let offset = sheet.free(3, row, quotient.value + half);
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        sheet.range(&offset, QUOTIENT_LIMBS)?;
        sheet.enable(selector, row)?;
        Ok(quotient)
    }
}
