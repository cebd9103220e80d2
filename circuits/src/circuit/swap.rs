//! Power perpetuals, variance and volatility swaps: positions whose moved price per unit is public.
//!
//! ```text
//! row  a0         a1      a2        a3      a4
//! 0    g          p       discount  charge  key     lookup SwapBase
//! 1    square     alive   |s|       sign    K       q_swap
//! 2    element    V       H         f       .
//! 3    id         signed  held      0       0       lookup SwapScenario
//! 4    g          c       |s|       sign    x       q_swap_loss
//! 5    x'         L       alive     .       .
//! ```
//! q_swap: alive and sign boolean; (1 - alive) |s| = 0; f = K (square K + (1 - square) 1e8);
//!         element = key 2^121 + (s + 2^50) 2^70 + K; V = s (1e4 p - discount f) + 1e4 |s|; H = |s| charge.
//! q_swap_loss: row id = 1024 g + alive c; x = (1 - 2 sign)|s| signed + |s| held; x' = x + 2^129; L = 2^112 x.
//!
//! The last terms bound the rounding of the prices, against liquidation.
//!
//! A malicious prover could try: another scenario for one position (c is a copy), a strike that reaches into the
//! size's bits of the element (below 2^70), one so large that its square wraps (f is in range), a squared strike for a linear one (`square` is looked up),
//! a loss so large that the sums wrap (x' is in range), value in a padding slot (its size is 0).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    holding::SIZE_LIMBS,
    linear::Linear,
    linear_exposure::{PricedLinear, PricedSwap},
    sheet::{Columns, Sheet, boolean, cells, constant, int, pow2, signed, wide_cells},
    witness::SlotWitness,
};
use crate::{
    engine::{
        SwapTrace,
        linear::{ONE, PRICE_UNIT, SWAP_EPSILON, SWAP_LOSS_RANGE, SWAP_RAISE},
    },
    field,
    poseidon::Num,
    public::Kind,
    slots::{SIZE_OFFSET, SWAP_KEY_SHIFT, SWAP_SIZE_SHIFT, SwapSlot},
};

/// Limbs of a strike or an entry price, below 2^70.
const STRIKE_LIMBS: usize = 7;

/// Limbs of what a strike counts, below 2^100: so that no squared strike reaches the modulus.
const COUNTED_LIMBS: usize = 10;

/// Limbs of a loss, offset by half of what they hold.
const LOSS_LIMBS: usize = (SWAP_LOSS_RANGE as usize + 1) / 10;

/// Gates of swaps.
#[derive(Clone, Copy, Debug)]
pub struct SwapChip {
    q_swap: Selector,
    q_swap_loss: Selector,
}

impl SwapChip {
    /// Rows taken.
    pub const ROWS: usize = 6;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_swap: meta.selector(),
            q_swap_loss: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_swap", |meta| {
            let q = meta.query_selector(chip.q_swap);
            let [_, price, discount, charge, key] = columns.row(meta, -1);
            let [square, alive, magnitude, sign, strike] = columns.row(meta, 0);
            let [element, value, total, counted, _] = columns.row(meta, 1);
            let size = signed(&sign, &magnitude);
            let unit = square.clone() * strike.clone() + (constant(1) - square) * constant(ONE);
            let per_unit = price * constant(PRICE_UNIT) - discount * counted.clone();
            Constraints::with_selector(
                q,
                [
                    ("alive boolean", boolean(&alive)),
                    ("sign boolean", boolean(&sign)),
                    (
                        "(1 - alive) |s| = 0",
                        (constant(1) - alive) * magnitude.clone(),
                    ),
                    (
                        "f = K (square K + (1 - square) 1e8)",
                        counted - strike.clone() * unit,
                    ),
                    (
                        "element packs key, size, strike",
                        element
                            - key * pow2(SWAP_KEY_SHIFT)
                            - (size.clone() + constant(SIZE_OFFSET)) * pow2(SWAP_SIZE_SHIFT)
                            - strike,
                    ),
                    (
                        "V = s (1e4 p - discount f) + 1e4 |s|",
                        value - size * per_unit - magnitude.clone() * constant(SWAP_EPSILON),
                    ),
                    ("H = |s| charge", total - magnitude * charge),
                ],
            )
        });
        meta.create_gate("q_swap_loss", |meta| {
            let q = meta.query_selector(chip.q_swap_loss);
            let [id, each_signed, each_held, _, _] = columns.row(meta, -1);
            let [group, scenario, magnitude, sign, lost] = columns.row(meta, 0);
            let [offset, loss, alive, ..] = columns.row(meta, 1);
            let size = signed(&sign, &magnitude);
            Constraints::with_selector(
                q,
                [
                    (
                        "row id = 1024 g + alive c",
                        id - group * constant(1024) - alive * scenario,
                    ),
                    (
                        "x = (1 - 2 sign)|s| signed + |s| held",
                        lost.clone() - size * each_signed - magnitude * each_held,
                    ),
                    (
                        "x' = x + 2^129",
                        offset - lost.clone() - pow2(SWAP_LOSS_RANGE),
                    ),
                    ("L = 2^112 x", loss - lost * pow2(SWAP_RAISE)),
                ],
            )
        });
        chip
    }

    /// Assigns a swap from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub(super) fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        scenario: &Num,
        witness: Value<SlotWitness<'_, SwapSlot, SwapTrace>>,
    ) -> Result<Linear, Error> {
        let (slot, trace) = (witness.map(|w| w.slot), witness.map(|w| w.trace));
        let base = wide_cells(witness.map(|w| w.base));
        let [group, _, _, _, _, _, alive] = sheet.lookup_wide(row, Kind::SwapBase, base)?;
        let magnitude = sheet.free(2, row + 1, int(&slot, |s| s.size.abs()));
        sheet.range(&magnitude, SIZE_LIMBS)?;
        let sign = sheet.free(3, row + 1, int(&slot, |s| (s.size < 0).into()));
        let strike = sheet.free(4, row + 1, int(&slot, |s| s.strike));
        sheet.range(&strike, STRIKE_LIMBS)?;
        let element = sheet.free(0, row + 2, slot.map(SwapSlot::element));
        let value = sheet.free(1, row + 2, trace.map(|t| field::from_int(&t.value)));
        let charge = sheet.free(2, row + 2, trace.map(|t| field::from_int(&t.charge)));
        let counted = sheet.free(3, row + 2, int(&trace, |t| t.strike));
        sheet.range(&counted, COUNTED_LIMBS)?;
        sheet.enable(self.q_swap, row + 1)?;

        sheet.lookup(row + 3, Kind::SwapScenario, cells(witness.map(|w| w.moved)))?;
        for (column, source) in [&group, scenario, &magnitude, &sign]
            .into_iter()
            .enumerate()
        {
            sheet.copy(source, column, row + 4);
        }
        let lost = sheet.free(4, row + 4, trace.map(|t| field::from_int(&t.lost)));
        let half = Value::known(field::pow2(SWAP_LOSS_RANGE));
        let offset = sheet.free(0, row + 5, lost.value + half);
        sheet.range(&offset, LOSS_LIMBS)?;
        let raised = Value::known(field::pow2(SWAP_RAISE));
        let loss = sheet.free(1, row + 5, lost.value * raised);
        sheet.copy(&alive, 2, row + 5);
        sheet.enable(self.q_swap_loss, row + 4)?;
        Ok(Linear {
            priced: PricedLinear::Swap(PricedSwap {
                group: group.clone(),
                size: [magnitude, sign],
            }),
            group,
            alive,
            element,
            value,
            loss,
            charge: Some(charge),
            funding: None,
            mix: None,
        })
    }
}
