//! A European option's market under the scenario: moved forward, moved volatility.
//!
//! ```text
//! row  a0         a1    a2     a3   a4
//! 0    1024 g+s   D F   ln F   u    0       lookup OptionScenario
//! 1    g          s     v      vs   r       q_moved
//! ```
//! q_moved: row id = 1024 g + s; 2^40 vs + r = v u with 0 <= r < 2^40. The discount does not move.
//!
//! A malicious prover could try: another group's or scenario's row (g and s are copies, s is
//! below 1024, so the id is one pair only), a volatility one unit off (r and vs in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::MarketCells,
    holding::Holding,
    sheet::{Columns, Sheet, cells, constant, int, pow2},
    smile::{Volatility, volatility},
    witness::SlotWitness,
};
use crate::{engine::OptionTrace, poseidon::Num, public::Kind, slots::OptionSlot};

/// Gate of the moved market.
#[derive(Clone, Copy, Debug)]
pub struct MovedChip {
    q_moved: Selector,
}

impl MovedChip {
    /// Rows taken.
    pub const ROWS: usize = 2;

    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_moved: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_moved", |meta| {
            let q = meta.query_selector(chip.q_moved);
            let [id, _, _, multiplier, _] = columns.row(meta, -1);
            let [group, scenario, v, moved, remainder] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    (
                        "row id = 1024 g + s",
                        id - group * constant(1024) - scenario,
                    ),
                    (
                        "2^40 vs + r = v u",
                        moved * pow2(40) + remainder - v * multiplier,
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
    pub(super) fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        holding: &Holding,
        base_volatility: &Volatility,
        scenario: &Num,
        slot: Value<SlotWitness<'_, OptionSlot, OptionTrace>>,
    ) -> Result<MarketCells, Error> {
        let trace = slot.map(|s| s.trace);
        let [_, discounted_forward, ln_forward, _, _] =
            sheet.lookup(row, Kind::OptionScenario, cells(slot.map(|s| s.moved)))?;
        sheet.copy(&holding.group, 0, row + 1);
        sheet.copy(scenario, 1, row + 1);
        sheet.copy(&base_volatility.v, 2, row + 1);
        let moved = sheet.free(3, row + 1, int(&trace, |t| t.moved.v));
        let remainder = sheet.free(4, row + 1, int(&trace, |t| t.multiplier_remainder));
        sheet.range(&remainder, 4)?;
        let volatility = volatility(sheet, moved)?;
        sheet.enable(self.q_moved, row + 1)?;
        Ok(MarketCells {
            discounted_forward,
            ln_forward,
            discounted_strike: holding.discounted_strike.clone(),
            volatility,
        })
    }
}
