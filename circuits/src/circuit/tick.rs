//! A term rounded down to its tick, and shown or hidden.
//!
//! ```text
//! row  a0    a1     a2    a3    a4
//! 0    tick  shown  n     r     r'     q_tick
//! 1    x     out    *     *     *
//! ```
//! q_tick: n tick + r = x, r' = tick - 1 - r, out = shown (x - r).
//!
//! n, r and r' in range. x and the stars are the caller's. A malicious prover could try: a multiple one off (r or r' turns
//! negative), a term shown or hidden against the policy (shown is a public input).
//!
//! What the circuit leaves to its verifier: shown is 0 or 1, tick is at least 1.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;

use super::sheet::{Columns, Sheet, constant};
use crate::{field, poseidon::Num};

/// Gate of a tick.
#[derive(Clone, Copy, Debug)]
pub struct TickChip {
    q_tick: Selector,
}

/// What a term is disclosed by: cells of the header.
#[derive(Clone, Copy, Debug)]
pub struct TickRules<'n> {
    /// The tick.
    pub tick: &'n Num,
    /// 1 where the term is disclosed, else 0.
    pub shown: &'n Num,
    /// The disclosed term.
    pub out: &'n Num,
}

impl TickChip {
    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_tick: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_tick", |meta| {
            let q = meta.query_selector(chip.q_tick);
            let [tick, shown, count, remainder, complement] = columns.row(meta, 0);
            let [x, out, ..] = columns.row(meta, 1);
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
                    ("out = shown (x - r)", out - shown * (x - remainder)),
                ],
            )
        });
        chip
    }

    /// Rounds `x`, the first cell of the row below `row`; the limbs are those of n, and of what is below the tick.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        x: &Num,
        rules: TickRules<'_>,
        [count_limbs, limbs]: [usize; 2],
    ) -> Result<(), Error> {
        let tick = sheet.copy(rules.tick, 0, row);
        sheet.copy(rules.shown, 1, row);
        let parts = x.value.zip(tick.value).map(|(x, tick)| divide(&x, &tick));
        let count = sheet.free(2, row, parts.map(|[count, _]| count));
        let remainder = sheet.free(3, row, parts.map(|[_, remainder]| remainder));
        let complement = tick.value - remainder.value - Value::known(Fr::one());
        let complement = sheet.free(4, row, complement);
        sheet.copy(rules.out, 1, row + 1);
        sheet.range(&count, count_limbs)?;
        sheet.range(&remainder, limbs)?;
        sheet.range(&complement, limbs)?;
        sheet.enable(self.q_tick, row)
    }
}

/// `x` in ticks, rounded down, and what that leaves.
fn divide(x: &Fr, tick: &Fr) -> [Fr; 2] {
    let tick = BigInt::from(field::to_uint(tick));
    if tick.is_zero() {
        return [Fr::zero(); 2];
    }
    let (count, remainder) = field::to_int(x).div_mod_floor(&tick);
    [count, remainder].map(|x| field::from_int(&x))
}
