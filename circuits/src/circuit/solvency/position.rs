//! What a branch makes of perpetual options and of swaps, and which scenarios are skews.
//!
//! ```text
//! perpetual option, unmoved    moved                       swap
//! row  a0    a1   a2           a0   a1  a2  a3  a4         a0    a1      a2    a3     a4
//! -1                           .    .   .   Vs  es
//! 0    V0    e0   out          out                         id    signed  held  above  0       lookup SwapScenario
//! 1                                                        g     alive   s     |s|    sign    q_swap_move
//! 2                                                        x'    out     H     .      .
//!
//! scenario     move of a unit
//! 0    class k    -2^10
//! ```
//! q_whole: out = V0 + e0. q_moved: out = es - Vs.
//! q_swap_move: id = 1024 g + alive s; x' = 2^129 + (1 - 2 sign)|s| signed + (held + 2)|s|; out = 2^112 (x' - 2^129);
//!              H = |s| above.
//! q_skew: k = class (2 - class). q_unit: the cell is -2^10, under which collateral loses what a future of that worth has as
//! delta.
//!
//! The table rounds a swap's loss to the nearest and takes one unit off per unit held, or rounds it down: two more bound it from
//! above. x' in range.
//!
//! A malicious prover could try: another branch's row (s is a copy of the branch's number), a loss so large that the sums wrap
//! (x' in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use crate::{
    circuit::{
        black76::ValueCells,
        sheet::{Columns, Sheet, cells, constant, pow2, signed},
    },
    engine::{
        linear::{SWAP_LOSS_RANGE, SWAP_RAISE},
        solvency::{MOVE_CUT, SWAP_ABOVE},
    },
    field,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Limbs of a swap's loss, offset by half of what they hold.
const LOSS_LIMBS: usize = (SWAP_LOSS_RANGE as usize + 1) / 10;

/// Gates of moved positions.
#[derive(Clone, Copy, Debug)]
pub struct PositionChip {
    q_whole: Selector,
    q_moved: Selector,
    q_swap_move: Selector,
    q_skew: Selector,
    q_unit: Selector,
}

/// A swap, as every branch reads it.
#[derive(Clone, Debug)]
pub struct SwapCells {
    /// Group index.
    pub group: Num,
    /// 0 for padding, else 1.
    pub alive: Num,
    /// Magnitude and sign of the size.
    pub size: [Num; 2],
}

impl PositionChip {
    /// Rows of a swap under a branch.
    pub const SWAP_ROWS: usize = 3;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_whole: meta.selector(),
            q_moved: meta.selector(),
            q_swap_move: meta.selector(),
            q_skew: meta.selector(),
            q_unit: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_whole", |meta| {
            let q = meta.query_selector(chip.q_whole);
            let [value, epsilon, out, ..] = columns.row(meta, 0);
            Constraints::with_selector(q, [("out = V0 + e0", out - value - epsilon)])
        });
        meta.create_gate("q_moved", |meta| {
            let q = meta.query_selector(chip.q_moved);
            let [_, _, _, value, epsilon] = columns.row(meta, -1);
            let [out, ..] = columns.row(meta, 0);
            Constraints::with_selector(q, [("out = es - Vs", out - epsilon + value)])
        });
        meta.create_gate("q_swap_move", |meta| {
            let q = meta.query_selector(chip.q_swap_move);
            let [id, each_signed, each_held, above, _] = columns.row(meta, -1);
            let [group, alive, branch, magnitude, sign] = columns.row(meta, 0);
            let [offset, out, charge, ..] = columns.row(meta, 1);
            let held = (each_held + constant(SWAP_ABOVE)) * magnitude.clone();
            let lost = signed(&sign, &magnitude) * each_signed + held;
            Constraints::with_selector(
                q,
                [
                    (
                        "id = 1024 g + alive s",
                        id - group * constant(1024) - alive * branch,
                    ),
                    (
                        "x' = 2^129 + (1 - 2 sign)|s| signed + (held + 2)|s|",
                        offset.clone() - pow2(SWAP_LOSS_RANGE) - lost,
                    ),
                    (
                        "out = 2^112 (x' - 2^129)",
                        out - (offset - pow2(SWAP_LOSS_RANGE)) * pow2(SWAP_RAISE),
                    ),
                    ("H = |s| above", charge - magnitude * above),
                ],
            )
        });
        meta.create_gate("q_skew", |meta| {
            let q = meta.query_selector(chip.q_skew);
            let [class, skew, ..] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [(
                    "k = class (2 - class)",
                    skew - class.clone() * (constant(2) - class),
                )],
            )
        });
        meta.create_gate("q_unit", |meta| {
            let q = meta.query_selector(chip.q_unit);
            let [unit, ..] = columns.row(meta, 0);
            Constraints::with_selector(q, [("-2^10", unit + pow2(MOVE_CUT))])
        });
        chip
    }

    /// The spot move under which collateral loses its value in the unit of a future's delta.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_unit(&self, sheet: &mut Sheet<'_, '_>) -> Result<Num, Error> {
        let row = sheet.take(1)?;
        sheet.enable(self.q_unit, row)?;
        Ok(sheet.free(0, row, Value::known(-field::pow2(MOVE_CUT))))
    }

    /// What a perpetual option's unmoved value adds to every scenario's sum.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_whole(&self, sheet: &mut Sheet<'_, '_>, base: &ValueCells) -> Result<Num, Error> {
        let row = sheet.take(1)?;
        let value = sheet.copy(&base.value, 0, row);
        let epsilon = sheet.copy(&base.epsilon, 1, row);
        sheet.enable(self.q_whole, row)?;
        Ok(sheet.free(2, row, value.value + epsilon.value))
    }

    /// What its moved value adds to a scenario's sum. Must directly follow the pricing of `moved`.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_moved(
        &self,
        sheet: &mut Sheet<'_, '_>,
        moved: &ValueCells,
    ) -> Result<Num, Error> {
        let row = sheet.take(1)?;
        sheet.enable(self.q_moved, row)?;
        Ok(sheet.free(0, row, moved.epsilon.value - moved.value.value))
    }

    /// What a swap adds to a branch's sum, and its charge.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_swap(
        &self,
        sheet: &mut Sheet<'_, '_>,
        swap: &SwapCells,
        branch: &Num,
        moved: Value<TableRow>,
    ) -> Result<[Num; 2], Error> {
        let row = sheet.take(Self::SWAP_ROWS)?;
        let [_, each_signed, each_held, above, _] =
            sheet.lookup(row, Kind::SwapScenario, cells(moved))?;
        sheet.copy(&swap.group, 0, row + 1);
        sheet.copy(&swap.alive, 1, row + 1);
        sheet.copy(branch, 2, row + 1);
        let [magnitude, sign] = &swap.size;
        let magnitude = sheet.copy(magnitude, 3, row + 1);
        let sign = sheet.copy(sign, 4, row + 1);
        let one = Value::known(Fr::one());
        let more = Value::known(field::from_i128(SWAP_ABOVE));
        let size = (one - sign.value - sign.value) * magnitude.value;
        let lost = size * each_signed.value + (each_held.value + more) * magnitude.value;
        let half = Value::known(field::pow2(SWAP_LOSS_RANGE));
        let offset = sheet.free(0, row + 2, lost + half);
        sheet.range(&offset, LOSS_LIMBS)?;
        let out = sheet.free(1, row + 2, lost * Value::known(field::pow2(SWAP_RAISE)));
        let charge = sheet.free(2, row + 2, magnitude.value * above.value);
        sheet.enable(self.q_swap_move, row + 1)?;
        Ok([out, charge])
    }

    /// 1 where a scenario is a skew.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_skew(&self, sheet: &mut Sheet<'_, '_>, class: &Num) -> Result<Num, Error> {
        let row = sheet.take(1)?;
        let class = sheet.copy(class, 0, row);
        let two = Value::known(Fr::from(2));
        sheet.enable(self.q_skew, row)?;
        Ok(sheet.free(1, row, class.value * (two - class.value)))
    }
}
