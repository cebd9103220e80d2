//! The account's header, the first sums, the scenario, and the public inputs' rows.
//!
//! ```text
//! row  a0    a1    a2        a3      a4
//! 0    |c|   sign  sequence  packed  domain   q_opening
//! 1    E0    0     owner     salt    1
//! ```
//! q_opening: packed = sequence 2^64 + cash + 2^61; domain = the shape's constant;
//!            E0 = 1e28 2^12 cash; sums start as copies of the 0. |c| and sequence below 2^60.
//!
//! The first rows of a0 hold the header instance column, row by row: q_instance. Beside them, in a1..a4, stand sums and
//! the numbers of underlyings.
//!
//! A malicious prover could try: cash traded against the sequence number inside `packed` (both
//! in range), sums that start elsewhere, another shape's domain.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, boolean, constant, int, pow2, signed};
use crate::{
    engine::cash_unit,
    field,
    poseidon::Num,
    shape::Shape,
    slots::{self, CASH_OFFSET, Slots},
};

/// Rows of the header instance column before the exposures.
pub const FIXED_ROWS: usize = 16;
/// Rows of an underlying's exposures: its number, delta, gamma, vega in ticks, all 0 where they are hidden.
pub const EXPOSURE_ROWS: usize = 4;
/// Row of the account commitment.
pub const COMMITMENT: usize = 0;
/// Row of the context digest.
pub const CONTEXT: usize = 1;
/// Row of the repay amount, units 1e-8 USD.
pub const REPAY: usize = 2;
/// Row of the incentive rate, units 1e-8.
pub const INCENTIVE_RATE: usize = 3;
/// Row of the policy's least incentive rate, units 1e-8.
pub const INCENTIVE_BASE: usize = 4;
/// Row of the policy's incentive slope, units 1e-8.
pub const INCENTIVE_SLOPE: usize = 5;
/// Row of the policy's greatest incentive rate, units 1e-8.
pub const INCENTIVE_CAP: usize = 6;
/// Row of the policy's repay tick, units 1e-8 USD.
pub const REPAY_TICK: usize = 7;
/// Row of the policy's incentive tick, units 1e-8.
pub const INCENTIVE_TICK: usize = 8;
/// Row of the policy's exposure tick, USD.
pub const EXPOSURE_TICK: usize = 9;
/// Row of 1 where the policy discloses exposures, else 0.
pub const EXPOSURES_SHOWN: usize = 10;
/// Row of the public table's digest, its first byte 0.
pub const TABLE_DIGEST: usize = 11;
/// Row of 1 where the policy discloses repay amount and incentive rate, else 0.
pub const TERMS_SHOWN: usize = 12;
/// Row of 1 where the policy discloses or charges exposures, else 0.
pub const EXPOSURES_USED: usize = 13;
/// Row of the policy's charge on negative dollar gamma, units 1e-8.
pub const GAMMA_RATE: usize = 14;
/// Row of the policy's charge on vega, units 1e-8.
pub const VEGA_RATE: usize = 15;

/// Rows of a shape's header instance column.
pub const fn header_rows(shape: Shape) -> usize {
    FIXED_ROWS + EXPOSURE_ROWS * shape.underlyings()
}

/// The header instance column's cells.
#[derive(Clone, Debug)]
pub struct Header {
    /// The rows that every shape has.
    pub fixed: [Num; FIXED_ROWS],
    /// Rows of exposures, by underlying.
    pub exposures: Vec<[Num; EXPOSURE_ROWS]>,
}

impl Header {
    /// The public table's digest.
    pub fn table_digest(&self) -> &Num {
        &self.fixed[TABLE_DIGEST]
    }
}

/// Gates of the opening.
#[derive(Clone, Copy, Debug)]
pub struct OpeningChip {
    q_opening: Selector,
    q_instance: Selector,
}

/// The header's cells.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The four inputs of the first hash: domain, owner, salt, packed.
    pub hashed: [Num; 4],
    /// Cash as equity, units 1e-36 USD x 2^-12.
    pub cash: Num,
    /// A cell that is zero.
    pub zero: Num,
    /// A cell that is one.
    pub one: Num,
}

impl OpeningChip {
    /// Rows taken.
    pub const ROWS: usize = 2;

    /// Adds the gates of a shape.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns, shape: Shape) -> Self {
        let chip = Self {
            q_opening: meta.selector(),
            q_instance: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_opening", |meta| {
            let q = meta.query_selector(chip.q_opening);
            let [magnitude, sign, sequence, packed, domain] = columns.row(meta, 0);
            let [equity, zero, _, _, one] = columns.row(meta, 1);
            let cash = signed(&sign, &magnitude);
            Constraints::with_selector(
                q,
                [
                    ("sign boolean", boolean(&sign)),
                    (
                        "packed = sequence 2^64 + cash + 2^61",
                        packed - sequence * pow2(64) - cash.clone() - constant(CASH_OFFSET),
                    ),
                    (
                        "domain of the shape",
                        domain - Expression::Constant(slots::domain(shape)),
                    ),
                    (
                        "E0 = 1e28 2^12 cash",
                        equity - cash * Expression::Constant(field::from_int(&cash_unit())),
                    ),
                    ("0", zero),
                    ("1", one - constant(1)),
                ],
            )
        });
        meta.create_gate("q_instance", |meta| {
            let q = meta.query_selector(chip.q_instance);
            let [cell, ..] = columns.row(meta, 0);
            let public = meta.query_instance(columns.header, Rotation::cur());
            Constraints::with_selector(q, [("a0 = header", cell - public)])
        });
        chip
    }

    /// Assigns the header instance column's rows; must come first on the sheet.
    ///
    /// # Errors
    /// [`Error::Synthesis`] if the sheet is not empty.
    pub fn assign_instance(
        &self,
        sheet: &mut Sheet<'_, '_>,
        shape: Shape,
        header: Value<Vec<Fr>>,
    ) -> Result<Header, Error> {
        // Beside an underlying's number stands what it is made of.
        let number =
            |row: usize| row >= FIXED_ROWS && (row - FIXED_ROWS).is_multiple_of(EXPOSURE_ROWS);
        let cells = self.assign_header(sheet, header_rows(shape), number, header)?;
        let (fixed, exposures) = cells.split_at(FIXED_ROWS.min(cells.len()));
        let fixed = fixed.to_vec().try_into().map_err(|_| Error::Synthesis)?;
        let numbers = exposures.chunks_exact(EXPOSURE_ROWS);
        let numbers = numbers.map(|rows| rows.to_vec().try_into().map_err(|_| Error::Synthesis));
        let exposures = numbers.collect::<Result<_, _>>()?;
        Ok(Header { fixed, exposures })
    }

    /// Assigns a header instance column of a number of rows, of which those that are `whole` leave no room beside them; must
    /// come first on the sheet.
    ///
    /// # Errors
    /// [`Error::Synthesis`] if the sheet is not empty.
    pub fn assign_header(
        &self,
        sheet: &mut Sheet<'_, '_>,
        rows: usize,
        whole: impl Fn(usize) -> bool,
        header: Value<Vec<Fr>>,
    ) -> Result<Vec<Num>, Error> {
        sheet.take_first_column(rows, whole)?;
        let mut cells = Vec::with_capacity(rows);
        for row in 0..rows {
            sheet.enable(self.q_instance, row)?;
            let value = header.as_ref();
            let value = value.map(|h| h.get(row).copied().unwrap_or_default());
            cells.push(sheet.free(0, row, value));
        }
        Ok(cells)
    }

    /// Assigns the opening from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        slots: Value<&Slots>,
    ) -> Result<Opening, Error> {
        let header = slots.map(Slots::header);
        let [magnitude, _, sequence, packed, domain] = sheet.free_row(
            row,
            [
                int(&slots, |s| s.cash.abs()),
                int(&slots, |s| (s.cash < 0).into()),
                int(&slots, |s| s.sequence.into()),
                header.map(|h| h[3]),
                header.map(|h| h[0]),
            ],
        );
        sheet.range(&magnitude, 6)?;
        sheet.range(&sequence, 6)?;
        let equity = slots.map(|s| field::from_int(&(s.cash * cash_unit())));
        let equity = sheet.free(0, row + 1, equity);
        let zero = sheet.free(1, row + 1, Value::known(Fr::zero()));
        // Owner and salt are free: the commitment is what binds them.
        let owner = sheet.free(2, row + 1, header.map(|h| h[1]));
        let salt = sheet.free(3, row + 1, header.map(|h| h[2]));
        let one = sheet.free(4, row + 1, Value::known(Fr::one()));
        sheet.enable(self.q_opening, row)?;
        Ok(Opening {
            hashed: [domain, owner, salt, packed],
            cash: equity,
            zero,
            one,
        })
    }
}
