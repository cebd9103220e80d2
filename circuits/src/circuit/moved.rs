//! A European option's market under the scenario: moved forward, moved volatility, and the policy's numbers of its expiry.
//!
//! ```text
//! row  a0     a1      a2     a3     a4
//! 0    g      long    short  share  i        lookup OptionRun
//! 1    f      j       w      class  i'       q_choice
//! 2    id     D F     ln F   slope  offset   lookup OptionScenario
//! 3    ends   kind    v      ln K   .        q_multiplied
//! 4    r      above   below  K      x
//! 5    beta   vs      t      least  class    q_floored
//! ```
//! q_choice:     id = 1024 g + w + j; f boolean, 0 unless class is 1; j class (2 - class) = 0; i' = i class (2 - class): what a
//!               skew adds to a bound.
//! q_multiplied: 2^100 x + r = v (offset + slope ln K); ends = (K - above) + 2^51 (below + 1 + K), both in range, so that the
//!               interval holds K. kind boolean.
//!               Where a scenario has no skew, a circuit that tells which are may look up whole rows alone: ends = 2^101, all
//!               strikes; above and below are not needed then (q_whole_multiplied).
//! q_floored:    m = least class (class - 1)/2; vs = x + beta (m - x); t = (1 - 2 beta)(x - m), in range: vs is the greater.
//!
//! w is the scenario's number (0 of padding), j a basis move's ([`RunChip`](super::run::RunChip) holds it within 0, 1, 2). r is below 2^100 and
//! x, which is vs or m - t, below 2^41, so that x is the one quotient. The discount does not move.
//!
//! A malicious prover could try: a basis move in the delta charge, whose losses are in another unit (its class is that of a
//! skew, and bars it); another group's or scenario's row (id is g's, w's and j's, w + j below 1024), another interval
//! of the skew (above and below are in range, and 2^51 is further than they reach), a volatility one unit off (r and vs in
//! range), the least one without cause (t in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::MarketCells,
    holding::{Holding, SIZE_LIMBS},
    scenario::ScenarioCells,
    sheet::{Columns, Sheet, boolean, cells, constant, int, pow2, wide_cells},
    smile::{V_LIMBS, Volatility, volatility},
    witness::SlotWitness,
};
use crate::{
    engine::OptionTrace,
    poseidon::Num,
    public::{Kind, SKEW_OFFSET_BITS},
    slots::OptionSlot,
};

/// Limbs of the multiplication's remainder.
const REMAINDER_LIMBS: usize = (SKEW_OFFSET_BITS / 10) as usize;
/// Where the end of an interval of strikes is packed, above its start.
const PACK_BITS: u32 = crate::model::SIZE_BITS + 1;

/// Gates of the moved market.
#[derive(Clone, Copy, Debug)]
pub struct MovedChip {
    q_choice: Selector,
    q_multiplied: Selector,
    q_floored: Selector,
    /// The table's interval is that of all strikes.
    whole: bool,
}

/// The moved market and what its expiry's run needs.
#[derive(Clone, Debug)]
pub struct MovedCells {
    /// The market.
    pub market: MarketCells,
    /// Row id: group and market number.
    pub id: Num,
    /// A gain counts as a loss.
    pub flipped: Num,
    /// The basis move.
    pub basis: Num,
    /// What a skew adds to a value's bound, in multiples of it.
    pub inflation: Num,
    /// Static discounts of positive and negative values, share of the basis loss.
    pub factors: [Num; 3],
}

/// 1 where the class is that of a skew.
fn skew(class: &Expression<Fr>) -> Expression<Fr> {
    class.clone() * (constant(2) - class.clone())
}

impl MovedChip {
    /// Rows taken.
    pub const ROWS: usize = 6;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let [q_choice, q_multiplied, q_floored] = std::array::from_fn(|_| meta.selector());
        Self::create_choice(meta, columns, q_choice);
        Self::create_multiplied(meta, columns, q_multiplied);
        Self::create_floored(meta, columns, q_floored);
        Self {
            q_choice,
            q_multiplied,
            q_floored,
            whole: false,
        }
    }

    /// The gates for scenarios whose multiplier is one for all strikes, and no others.
    pub fn configure_only_whole(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let [q_choice, q_multiplied, q_floored] = std::array::from_fn(|_| meta.selector());
        Self::create_choice(meta, columns, q_choice);
        Self::create_whole(meta, columns, q_multiplied);
        Self::create_floored(meta, columns, q_floored);
        Self {
            q_choice,
            q_multiplied,
            q_floored,
            whole: true,
        }
    }

    fn create_choice(meta: &mut ConstraintSystem<Fr>, columns: &Columns, q_choice: Selector) {
        let columns = *columns;
        meta.create_gate("q_choice", |meta| {
            let q = meta.query_selector(q_choice);
            let [group, _, _, _, inflation] = columns.row(meta, -1);
            let [flipped, basis, scenario, class, inflated] = columns.row(meta, 0);
            let [id, ..] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    (
                        "id = 1024 g + w + j",
                        id - group * constant(1024) - scenario - basis.clone(),
                    ),
                    ("f boolean", boolean(&flipped)),
                    ("f (1 - skew) = 0", flipped * (constant(1) - skew(&class))),
                    // The delta charge has the class of a skew: next to it stand the basis loss's rows.
                    ("j skew = 0", basis.clone() * skew(&class)),
                    ("i' = i skew", inflated - inflation * skew(&class)),
                ],
            )
        });
    }

    fn create_multiplied(
        meta: &mut ConstraintSystem<Fr>,
        columns: &Columns,
        q_multiplied: Selector,
    ) {
        let columns = *columns;
        meta.create_gate("q_multiplied", |meta| {
            let q = meta.query_selector(q_multiplied);
            let [_, _, _, slope, offset] = columns.row(meta, -1);
            let [ends, kind, v, ln_strike, _] = columns.row(meta, 0);
            let [remainder, above_low, below_high, strike, product] = columns.row(meta, 1);
            let low = strike.clone() - above_low;
            let high = below_high + constant(1) + strike;
            Constraints::with_selector(
                q,
                [
                    ("kind boolean", boolean(&kind)),
                    (
                        "2^100 x + r = v (offset + slope ln K)",
                        product * pow2(SKEW_OFFSET_BITS) + remainder
                            - v * (offset + slope * ln_strike),
                    ),
                    (
                        "ends = (K - above) + 2^51 (below + 1 + K)",
                        ends - low - high * pow2(PACK_BITS),
                    ),
                ],
            )
        });
    }

    fn create_floored(meta: &mut ConstraintSystem<Fr>, columns: &Columns, q_floored: Selector) {
        let columns = *columns;
        let half = Option::<Fr>::from(ff::Field::invert(&Fr::from(2))).unwrap_or_default();
        meta.create_gate("q_floored", |meta| {
            let q = meta.query_selector(q_floored);
            let [_, _, _, _, product] = columns.row(meta, -1);
            let [raised, moved, gap, least, class] = columns.row(meta, 0);
            let least = least * class.clone() * (class - constant(1)) * half;
            let above = product.clone() - least;
            Constraints::with_selector(
                q,
                [
                    ("beta boolean", boolean(&raised)),
                    (
                        "vs = x + beta (m - x)",
                        moved - product + raised.clone() * above.clone(),
                    ),
                    (
                        "t = (1 - 2 beta)(x - m)",
                        gap - (constant(1) - raised * constant(2)) * above,
                    ),
                ],
            )
        });
    }

    /// The same for scenarios whose multiplier is one for all strikes.
    pub fn configure_whole(self, meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let q_multiplied = meta.selector();
        Self::create_whole(meta, columns, q_multiplied);
        Self {
            q_multiplied,
            whole: true,
            ..self
        }
    }

    fn create_whole(meta: &mut ConstraintSystem<Fr>, columns: &Columns, q_multiplied: Selector) {
        let columns = *columns;
        meta.create_gate("q_whole_multiplied", |meta| {
            let q = meta.query_selector(q_multiplied);
            let [_, _, _, slope, offset] = columns.row(meta, -1);
            let [ends, kind, v, ln_strike, _] = columns.row(meta, 0);
            let [remainder, _, _, _, product] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    ("kind boolean", boolean(&kind)),
                    (
                        "ends = 2^101",
                        ends - pow2(crate::model::SIZE_BITS + PACK_BITS),
                    ),
                    (
                        "2^100 x + r = v (offset + slope ln K)",
                        product * pow2(SKEW_OFFSET_BITS) + remainder
                            - v * (offset + slope * ln_strike),
                    ),
                ],
            )
        });
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
        [v, ln_strike, number]: [&Num; 3],
        scenario: &ScenarioCells,
        slot: Value<SlotWitness<'_, OptionSlot, OptionTrace>>,
    ) -> Result<MovedCells, Error> {
        let trace = slot.map(|s| s.trace);
        let moved = trace.map(|t| &t.moved);
        let run = cells(slot.map(|s| s.run));
        let [group, long, short, share, inflation] = sheet.lookup(row, Kind::OptionRun, run)?;
        sheet.tie(&group, &holding.group);
        let flipped = sheet.free(0, row + 1, int(&trace, |t| t.flipped.into()));
        let basis = sheet.free(1, row + 1, int(&trace, |t| t.basis as i128));
        sheet.copy(number, 2, row + 1);
        let class = sheet.copy(&scenario.class, 3, row + 1);
        let two = Value::known(Fr::from(2));
        let inflated = inflation.value * class.value * (two - class.value);
        let inflation = sheet.free(4, row + 1, inflated);
        sheet.enable(self.q_choice, row + 1)?;

        let market = wide_cells(slot.map(|s| s.moved));
        let [id, discounted_forward, ln_forward, ..] =
            sheet.lookup_wide(row + 2, Kind::OptionScenario, market)?;
        sheet.copy(v, 2, row + 3);
        sheet.copy(ln_strike, 3, row + 3);
        let remainder = sheet.free(0, row + 4, int(&moved, |m| m.remainder));
        if !self.whole {
            let above_low = sheet.free(1, row + 4, int(&moved, |m| m.above_low));
            let below_high = sheet.free(2, row + 4, int(&moved, |m| m.below_high));
            sheet.copy(&holding.strike, 3, row + 4);
            sheet.range(&above_low, SIZE_LIMBS)?;
            sheet.range(&below_high, SIZE_LIMBS)?;
        }
        sheet.free(4, row + 4, int(&moved, |m| m.product));
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        sheet.enable(self.q_multiplied, row + 3)?;

        sheet.free(0, row + 5, int(&moved, |m| m.raised.into()));
        let moved_v = sheet.free(1, row + 5, int(&moved, |m| m.market.v));
        let gap = sheet.free(2, row + 5, int(&moved, |m| m.gap));
        sheet.copy(&holding.least, 3, row + 5);
        sheet.copy(&class, 4, row + 5);
        sheet.range(&gap, V_LIMBS)?;
        let volatility: Volatility = volatility(sheet, moved_v)?;
        sheet.enable(self.q_floored, row + 5)?;
        Ok(MovedCells {
            market: MarketCells {
                discounted_forward,
                ln_forward,
                discounted_strike: holding.discounted_strike.clone(),
                volatility,
            },
            id,
            flipped,
            basis,
            inflation,
            factors: [long, short, share],
        })
    }
}
