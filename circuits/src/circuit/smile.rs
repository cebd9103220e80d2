//! Volatility from the smile: `v = floor(sqrt(w))`, total variance linear between two nodes.
//!
//! ```text
//! row  a0     a1    a2     a3     a4
//! -1   .      .     .      K      .
//! 0    g      low   w      slope  high     lookup SmileNode, q_smile
//! 1    K-low  high-1-K  v  r      r'
//! ```
//! W = 2^10 w + slope (K - low), units 2^-84. q_smile:
//! 2^10 v^2 + r = W; r' = 2^10 (2 v + 1) - 1 - r; all of K-low, high-1-K, v, r, r' in range.
//!
//! A malicious prover could try: an interval that does not hold K (both distances are
//! non-negative), another group's smile (g is a copy), a root one off (r and r' are
//! non-negative, so v^2 <= W/2^10 < (v + 1)^2).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    holding::{Holding, SIZE_LIMBS},
    sheet::{Columns, Sheet, cells, constant, int, pow2},
};
use crate::{
    engine::option::SmileTrace,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Limbs of `v`, below 8.
pub const V_LIMBS: usize = 4;
/// Limbs of the square root's remainders, below 2^52.
const ROOT_LIMBS: usize = 6;

/// Gate of the smile rows.
#[derive(Clone, Copy, Debug)]
pub struct SmileChip {
    q_smile: Selector,
}

/// A volatility with its top bits.
#[derive(Clone, Debug)]
pub struct Volatility {
    /// `v`, units 2^-37, below 2^40.
    pub v: Num,
    /// `v >> 20`, units 2^-17.
    pub high: Num,
}

impl SmileChip {
    /// Rows taken.
    pub const ROWS: usize = 2;

    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_smile: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_smile", |meta| {
            let q = meta.query_selector(chip.q_smile);
            let [_, _, _, strike, _] = columns.row(meta, -1);
            let [_, low, variance, slope, high] = columns.row(meta, 0);
            let [above_low, below_high, v, remainder, complement] = columns.row(meta, 1);
            let w = variance * pow2(10) + slope * (strike.clone() - low.clone());
            Constraints::with_selector(
                q,
                [
                    ("distance to low node", above_low - strike.clone() + low),
                    (
                        "distance to high node",
                        below_high - high + constant(1) + strike,
                    ),
                    (
                        "2^10 v^2 + r = W",
                        v.clone() * v.clone() * pow2(10) + remainder.clone() - w,
                    ),
                    (
                        "r' = 2^10 (2 v + 1) - 1 - r",
                        complement + remainder + constant(1)
                            - (v * constant(2) + constant(1)) * pow2(10),
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on; the holding's last row must be the one before.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        holding: &Holding,
        node: Value<TableRow>,
        trace: Value<&SmileTrace>,
    ) -> Result<Volatility, Error> {
        let [group, ..] = sheet.lookup(row, Kind::SmileNode, cells(node))?;
        sheet.tie(&group, &holding.group);
        sheet.enable(self.q_smile, row)?;
        let [above_low, below_high, v, remainder, complement] = sheet.free_row(
            row + 1,
            [
                int(&trace, |t| t.above_low),
                int(&trace, |t| t.below_high),
                int(&trace, |t| t.v),
                int(&trace, |t| t.remainder),
                int(&trace, |t| t.complement),
            ],
        );
        sheet.range(&above_low, SIZE_LIMBS)?;
        sheet.range(&below_high, SIZE_LIMBS)?;
        sheet.range(&remainder, ROOT_LIMBS)?;
        sheet.range(&complement, ROOT_LIMBS)?;
        volatility(sheet, v)
    }
}

/// Range-checks `v` and picks its top bits.
pub fn volatility(sheet: &mut Sheet<'_, '_>, v: Num) -> Result<Volatility, Error> {
    let limbs = sheet.range(&v, V_LIMBS)?;
    let high = limbs.get(2).cloned().ok_or(Error::Synthesis)?;
    Ok(Volatility { v, high })
}
