//! One position: its ranges, its word of the commitment, its discounted strike.
//!
//! ```text
//! row  a0     a1     a2    a3     a4
//! 0    K      D      DK    calls  puts   q_position, q_odd
//! 1    calls' puts'  word  other  .
//! ```
//! q_position: DK = D K; calls' = calls + 2^29; puts' = puts + 2^29;
//!             word = K + 2^30 calls' + 2^60 puts' + 2^90 other.
//! q_odd:      other = 0: the second position of a word. The first one's other is the second one's word.
//!
//! K, calls' and puts' have thirty bits, so a word has one opening.

use halo2_proofs::{
    circuit::Value,
    plonk::{ConstraintSystem, Constraints, Error, Selector},
};
use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::chips::{Columns, LnChip, Sheet, int, pow2},
    engine::option::LnTrace,
    field,
    poseidon::Num,
};

use super::{ZERO, witness::Position};

/// Limbs of a strike and of a size.
const LIMBS: usize = 3;
/// Added to a size.
pub(super) const SIZE_BITS: u32 = 29;

/// Cells that prices copy.
#[derive(Clone, Debug)]
pub(super) struct PositionCells {
    pub ln_strike: Num,
    pub discounted_strike: Num,
    pub calls: Num,
    pub puts: Num,
    pub word: Num,
}

/// Gates of a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct PositionChip {
    ln: LnChip,
    q_position: Selector,
    q_odd: Selector,
}

impl PositionChip {
    /// Rows taken.
    pub const ROWS: usize = LnChip::ROWS + 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            ln: LnChip::configure(meta, columns),
            q_position: meta.selector(),
            q_odd: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_position", |meta| {
            let q = meta.query_selector(chip.q_position);
            let [strike, discount, discounted, calls, puts] = columns.row(meta, 0);
            let [long_calls, long_puts, word, other, _] = columns.row(meta, 1);
            let packed = strike.clone()
                + long_calls.clone() * pow2(30)
                + long_puts.clone() * pow2(60)
                + other * pow2(90);
            Constraints::with_selector(
                q,
                [
                    ("DK = D K", discounted - discount * strike),
                    (
                        "calls' = calls + 2^29",
                        long_calls - calls - pow2(SIZE_BITS),
                    ),
                    ("puts' = puts + 2^29", long_puts - puts - pow2(SIZE_BITS)),
                    ("word packs strike, calls, puts, other", word - packed),
                ],
            )
        });
        meta.create_gate("q_odd", |meta| {
            let q = meta.query_selector(chip.q_odd);
            let [_, _, _, other, _] = columns.row(meta, 1);
            Constraints::with_selector(q, [("other = 0", other)])
        });
        chip
    }

    /// Assigns the rows from `row` on; `other` is the word's second position where this is the first.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        discount: &Num,
        other: Option<&Num>,
        position: Value<&Position>,
        ln: Value<&LnTrace>,
    ) -> Result<PositionCells, Error> {
        let strike = sheet.free(0, row, int(&position, |p| p.strike));
        let discount = sheet.copy(discount, 1, row);
        let discounted_strike = sheet.free(2, row, discount.value * strike.value);
        let calls = sheet.free(3, row, int(&position, |p| p.calls));
        let puts = sheet.free(4, row, int(&position, |p| p.puts));
        let offset = Value::known(field::pow2(SIZE_BITS));
        let long_calls = sheet.free(0, row + 1, calls.value + offset);
        let long_puts = sheet.free(1, row + 1, puts.value + offset);
        let other = match other {
            Some(other) => sheet.copy(other, 3, row + 1),
            None => {
                sheet.enable(self.q_odd, row)?;
                sheet.free(3, row + 1, Value::known(ZERO))
            }
        };
        let shifted = |num: &Num, bits| num.value * Value::known(field::pow2(bits));
        let packed =
            strike.value + shifted(&long_calls, 30) + shifted(&long_puts, 60) + shifted(&other, 90);
        let word = sheet.free(2, row + 1, packed);
        for number in [&strike, &long_calls, &long_puts] {
            sheet.range(number, LIMBS)?;
        }
        sheet.enable(self.q_position, row)?;
        Ok(PositionCells {
            ln_strike: self.ln.assign(sheet, row + 2, &strike, ln)?,
            discounted_strike,
            calls,
            puts,
            word,
        })
    }
}
