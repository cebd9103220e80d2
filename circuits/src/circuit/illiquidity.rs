//! What illiquid collateral adds to the incentive: its part of the collateral's value, which is public times the rise where
//! all is illiquid.
//!
//! ```text
//! row  a0   a1   a2   a3    a4
//! 0    a    z    rho  comp  .       q_illiquidity
//! 1    F    I    .    .     .
//! ```
//! q_illiquidity: a F + rho = 1e8 I; comp = (1 - z)(F - 1 - rho); z boolean, z F = 0, z a = 0. a, rho and comp in range: z says
//! that nothing is held, and elsewhere a is 1e8 I / F, rounded down.
//!
//! F and I are sums of amounts times public values, and so not negative. A malicious prover could try: a quotient one off (rho
//! or comp turns negative), z without cause (F would have to be 0).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;

use super::sheet::{Columns, Sheet, boolean, constant};
use crate::{field, model::ONE, poseidon::Num};

/// Limbs of the quotient: at most 10e8, and what the values' rounding adds.
const QUOTIENT_LIMBS: usize = 3;
/// Limbs of the collateral's value: 16 amounts below 2^50 times 2^65, spot below 2^50 2^14 in stable coins of 0.5 USD.
const VALUE_LIMBS: usize = 12;

/// Gate of the illiquidity.
#[derive(Clone, Copy, Debug)]
pub struct IlliquidityChip {
    q_illiquidity: Selector,
}

impl IlliquidityChip {
    /// Rows taken, the last cell of the first one left free.
    pub const ROWS: usize = 2;

    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_illiquidity: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_illiquidity", |meta| {
            let q = meta.query_selector(chip.q_illiquidity);
            let [quotient, nothing, remainder, complement, _] = columns.row(meta, 0);
            let [value, illiquid, ..] = columns.row(meta, 1);
            let rest = value.clone() - constant(1) - remainder.clone();
            let something = constant(1) - nothing.clone();
            Constraints::with_selector(
                q,
                [
                    ("z boolean", boolean(&nothing)),
                    ("z F = 0", nothing.clone() * value.clone()),
                    ("z a = 0", nothing * quotient.clone()),
                    (
                        "a F + rho = 1e8 I",
                        quotient * value + remainder - illiquid * constant(ONE.into()),
                    ),
                    ("comp = (1 - z)(F - 1 - rho)", complement - something * rest),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on; returns the quotient, the first cell of the first row.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        [value, illiquid]: &[Num; 2],
    ) -> Result<Num, Error> {
        let value = sheet.copy(value, 0, row + 1);
        let illiquid = sheet.copy(illiquid, 1, row + 1);
        let parts = value.value.zip(illiquid.value);
        let parts = parts.map(|(value, illiquid)| divide(&value, &illiquid));
        let quotient = sheet.free(0, row, parts.map(|[quotient, _]| quotient));
        let nothing = value.value;
        let nothing = nothing.map(|value| Fr::from(u64::from(value == Fr::zero())));
        let nothing = sheet.free(1, row, nothing);
        let remainder = sheet.free(2, row, parts.map(|[_, remainder]| remainder));
        let one = Value::known(Fr::one());
        let complement = (one - nothing.value) * (value.value - one - remainder.value);
        let complement = sheet.free(3, row, complement);
        sheet.range(&quotient, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, VALUE_LIMBS)?;
        sheet.range(&complement, VALUE_LIMBS)?;
        sheet.enable(self.q_illiquidity, row)?;
        Ok(quotient)
    }
}

/// `1e8 illiquid / value`, rounded down, and what that leaves; of no value nothing.
fn divide(value: &Fr, illiquid: &Fr) -> [Fr; 2] {
    if *value == Fr::zero() {
        return [Fr::zero(); 2];
    }
    let value = BigInt::from(field::to_uint(value));
    let (quotient, remainder) =
        (BigInt::from(field::to_uint(illiquid)) * ONE).div_mod_floor(&value);
    [quotient, remainder].map(|x| field::from_int(&x))
}
