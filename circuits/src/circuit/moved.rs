//! An option's market under the scenario: moved forward, moved volatility, factor.
//!
//! ```text
//! row  a0         a1    a2     a3   a4
//! 0    1024 g+s   D F   ln F   D    u       lookup OptionScenario
//! 1    factor     0     v      vs   r       q_moved
//! 2    K          DK    g      s    .
//! ```
//! q_moved: row id = 1024 g + s; 2^40 vs + r = v u with 0 <= r < 2^40; DK = D K; c6 = 0, as
//!          the lookup of a kind demands.
//!
//! A malicious prover could try: another group's or scenario's row (g and s are copies, s is
//! below 1024, so the id is one pair only), a future's row of the same id, whose factor is 0 (its
//! kind differs by more than c6), a volatility one unit off (r and vs in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::MarketCells,
    holding::Holding,
    sheet::{Columns, Sheet, constant, int, pow2},
    smile::{Volatility, volatility},
    witness::SlotWitness,
};
use crate::{engine::OptionTrace, field, poseidon::Num, public::Kind, slots::OptionSlot};

/// Gate of the moved market.
#[derive(Clone, Copy, Debug)]
pub struct MovedChip {
    q_moved: Selector,
}

/// The moved market's cells.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Forward, log forward, discounted strike, volatility.
    pub market: MarketCells,
    /// Weight times maintenance factor, units 1e-4.
    pub factor: Num,
}

impl MovedChip {
    /// Rows taken.
    pub const ROWS: usize = 3;

    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_moved: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_moved", |meta| {
            let q = meta.query_selector(chip.q_moved);
            let [id, _, _, discount, multiplier] = columns.row(meta, -1);
            let [_, nothing, v, moved, remainder] = columns.row(meta, 0);
            let [strike, discounted, group, scenario, _] = columns.row(meta, 1);
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
                    ("DK = D K", discounted - discount * strike),
                    ("c6 = 0", nothing),
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
    ) -> Result<Moved, Error> {
        let trace = slot.map(|s| s.trace);
        let values = std::array::from_fn(|i| slot.map(|s| field::from_i128(s.moved[i])));
        let [_, discounted_forward, ln_forward, _, _, factor, _] =
            sheet.lookup_wide(row, Kind::OptionScenario, values)?;
        sheet.copy(&base_volatility.v, 2, row + 1);
        let moved = sheet.free(3, row + 1, int(&trace, |t| t.moved.v));
        let remainder = sheet.free(4, row + 1, int(&trace, |t| t.multiplier_remainder));
        sheet.range(&remainder, 4)?;
        let moved = volatility(sheet, moved)?;
        sheet.copy(&holding.strike, 0, row + 2);
        let discounted_strike = sheet.free(1, row + 2, int(&trace, |t| t.moved.discounted_strike));
        sheet.copy(&holding.group, 2, row + 2);
        sheet.copy(scenario, 3, row + 2);
        sheet.enable(self.q_moved, row + 1)?;
        Ok(Moved {
            market: MarketCells {
                discounted_forward,
                ln_forward,
                discounted_strike,
                volatility: moved,
            },
            factor,
        })
    }
}
