//! The scenario that the prover chooses: one row of the public table.
//!
//! ```text
//! row  a0     a1    a2      a3     a4
//! 0    s      move  factor  class  gross    lookup Scenario, q_scenario
//! 1    net    own   .       .      .
//! ```
//! q_scenario: own boolean.
//!
//! A malicious prover could try: a number of one scenario with the move of another (one row is looked up), a number that
//! reaches into a group's (s is that of a row, below 1024), a row of another kind (own would not be boolean).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, boolean, wide_cells};
use crate::{
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Gate of the scenario.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioChip {
    q_scenario: Selector,
}

/// The scenario's cells, each of the looked-up row.
#[derive(Clone, Debug)]
pub struct ScenarioCells {
    /// Its number.
    pub number: Num,
    /// Relative spot move, units 2^-40.
    pub spot_move: Num,
    /// Multiplier of the core.
    pub factor: Num,
    /// 0, 1 of a skew, 2 where moved volatilities have a least one.
    pub class: Num,
    /// Rate on gross delta.
    pub gross: Num,
    /// Rate on the net delta beside it.
    pub net: Num,
    /// 1 where every expiry chooses its own basis move and nothing else moves, else 0.
    pub own: Num,
}

impl ScenarioChip {
    /// Rows taken.
    pub const ROWS: usize = 2;

    /// Adds the gate.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_scenario: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_scenario", |meta| {
            let q = meta.query_selector(chip.q_scenario);
            let [_, own, ..] = columns.row(meta, 1);
            Constraints::with_selector(q, [("own boolean", boolean(&own))])
        });
        chip
    }

    /// Assigns the rows from `row` on.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        scenario: Value<TableRow>,
    ) -> Result<ScenarioCells, Error> {
        let cells = sheet.lookup_wide(row, Kind::Scenario, wide_cells(scenario))?;
        sheet.enable(self.q_scenario, row)?;
        let [number, spot_move, factor, class, gross, net, own] = cells;
        Ok(ScenarioCells {
            number,
            spot_move,
            factor,
            class,
            gross,
            net,
            own,
        })
    }
}
