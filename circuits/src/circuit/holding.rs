//! What an option slot holds, European or perpetual: signed sizes, discounted strike, commitment element.
//!
//! ```text
//! row  a0     a1     a2    a3  a4
//! 0    g      D F    ln F  D   key      lookup OptionBase
//!      g      mask   u     D   key      lookup PerpetualBase
//! 1    c5     alive  K   DK  element    q_holding
//! 2    |c|    sign_c |p| sign_p  w      q_number (European)
//! 3    calls  puts   G   K   s
//!                            order      (perpetual)
//! ```
//! q_holding: DK = D K; element = key 2^152 + K 2^102 + (calls + 2^50) 2^51 + puts + 2^50;
//!            signs boolean; alive boolean, as the lookup of a kind demands.
//! q_size:    calls, puts signed; G = |c| + |p|. (`order` is tied by a perpetual option's gate.)
//! q_number:  w = alive s: the scenario's number, of which padding's group has 0 only.
//!
//! A malicious prover could try: sizes that wrap into another slot's bits (magnitudes are
//! below 2^50), another key than the looked-up group's (the row is looked up), a row of another kind (alive would not be
//! boolean).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, Sheet, boolean, constant, int, pow2, signed, wide_cells};
use crate::{
    field,
    poseidon::Num,
    public::{Kind, TableRow},
    slots::{KEY_SHIFT, OptionSlot, SIZE_OFFSET},
};

/// Limbs of a magnitude below 2^50.
pub const SIZE_LIMBS: usize = 5;

/// Gates of the holding rows.
#[derive(Clone, Copy, Debug)]
pub struct HoldingChip {
    q_holding: Selector,
    q_size: Selector,
    q_number: Selector,
}

/// Cells of a holding that other chips copy.
#[derive(Clone, Debug)]
pub struct Holding {
    /// Group index.
    pub group: Num,
    /// c1 of the group's row: the unmoved market's discounted forward, or a perpetual option's mask.
    pub first: Num,
    /// c2 of the group's row: the unmoved market's log forward, or the number of a perpetual option's underlying.
    pub second: Num,
    /// c5 of the group's row: a European option's least moved volatility.
    pub least: Num,
    /// 0 for padding, else 1.
    pub alive: Num,
    /// Strike.
    pub strike: Num,
    /// Discounted strike.
    pub discounted_strike: Num,
    /// Commitment element.
    pub element: Num,
    /// `|calls|`.
    pub calls_size: Num,
    /// `|puts|`.
    pub puts_size: Num,
    /// Signed calls.
    pub calls: Num,
    /// Signed puts.
    pub puts: Num,
    /// `|calls| + |puts|`.
    pub held: Num,
    /// First row.
    row: usize,
}

impl HoldingChip {
    /// Rows taken.
    pub const ROWS: usize = 4;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_holding: meta.selector(),
            q_size: meta.selector(),
            q_number: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_holding", |meta| {
            let q = meta.query_selector(chip.q_holding);
            let [_, _, _, discount, key] = columns.row(meta, -1);
            let [_, alive, strike, discounted, element] = columns.row(meta, 0);
            let [calls, calls_sign, puts, puts_sign, _] = columns.row(meta, 1);
            let packed = key * pow2(KEY_SHIFT)
                + strike.clone() * pow2(102)
                + (signed(&calls_sign, &calls) + constant(SIZE_OFFSET)) * pow2(51)
                + signed(&puts_sign, &puts)
                + constant(SIZE_OFFSET);
            Constraints::with_selector(
                q,
                [
                    ("alive boolean", boolean(&alive)),
                    ("sign_c boolean", boolean(&calls_sign)),
                    ("sign_p boolean", boolean(&puts_sign)),
                    ("DK = D K", discounted - discount * strike),
                    ("element packs key, strike, calls, puts", element - packed),
                ],
            )
        });
        meta.create_gate("q_size", |meta| {
            let q = meta.query_selector(chip.q_size);
            let [calls, calls_sign, puts, puts_sign, _] = columns.row(meta, -1);
            let [calls_signed, puts_signed, held, _, _] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    (
                        "calls = (1 - 2 sign_c) |c|",
                        calls_signed - signed(&calls_sign, &calls),
                    ),
                    (
                        "puts = (1 - 2 sign_p) |p|",
                        puts_signed - signed(&puts_sign, &puts),
                    ),
                    ("G = |c| + |p|", held - calls - puts),
                ],
            )
        });
        meta.create_gate("q_number", |meta| {
            let q = meta.query_selector(chip.q_number);
            let [_, alive, ..] = columns.row(meta, -1);
            let [_, _, _, _, number] = columns.row(meta, 0);
            let [_, _, _, _, scenario] = columns.row(meta, 1);
            Constraints::with_selector(q, [("w = alive s", number - alive * scenario)])
        });
        chip
    }

    /// Assigns the rows from `row` on; `base` is the public table's row of the slot's group, of that kind.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        kind: Kind,
        slot: Value<&OptionSlot>,
        base: Value<TableRow>,
    ) -> Result<Holding, Error> {
        let [group, first, second, _, _, least, alive] =
            sheet.lookup_wide(row, kind, wide_cells(base))?;
        let strike = sheet.free(2, row + 1, int(&slot, |s| s.strike));
        let product = base
            .zip(slot)
            .map(|(b, s)| field::from_i128(b[3] * s.strike));
        let discounted_strike = sheet.free(3, row + 1, product);
        let element = sheet.free(4, row + 1, slot.map(OptionSlot::element));
        sheet.enable(self.q_holding, row + 1)?;

        let calls_size = sheet.free(0, row + 2, int(&slot, |s| s.calls.abs()));
        sheet.free(1, row + 2, int(&slot, |s| (s.calls < 0).into()));
        let puts_size = sheet.free(2, row + 2, int(&slot, |s| s.puts.abs()));
        sheet.free(3, row + 2, int(&slot, |s| (s.puts < 0).into()));
        sheet.range(&calls_size, SIZE_LIMBS)?;
        sheet.range(&puts_size, SIZE_LIMBS)?;

        let calls = sheet.free(0, row + 3, int(&slot, |s| s.calls));
        let puts = sheet.free(1, row + 3, int(&slot, |s| s.puts));
        let held = sheet.free(2, row + 3, int(&slot, |s| s.calls.abs() + s.puts.abs()));
        sheet.copy(&strike, 3, row + 3);
        sheet.enable(self.q_size, row + 3)?;
        Ok(Holding {
            group,
            first,
            second,
            least,
            alive,
            strike,
            discounted_strike,
            element,
            calls_size,
            puts_size,
            calls,
            puts,
            held,
            row,
        })
    }

    /// The number of the scenario's row in a European option's group.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_number(
        &self,
        sheet: &mut Sheet<'_, '_>,
        holding: &Holding,
        scenario: &Num,
    ) -> Result<Num, Error> {
        let row = holding.row + 2;
        let scenario = sheet.copy(scenario, 4, row + 1);
        sheet.enable(self.q_number, row)?;
        Ok(sheet.free(4, row, holding.alive.value * scenario.value))
    }

    /// `group 2^50 + strike`, which the caller's gate must tie, in the last row.
    pub fn assign_order(sheet: &mut Sheet<'_, '_>, holding: &Holding) -> Num {
        let shift = Value::known(field::pow2(50));
        let order = holding.group.value * shift + holding.strike.value;
        sheet.free(4, holding.row + 3, order)
    }
}
