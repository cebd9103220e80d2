//! A slot's numbers of the branches' markets, and neighbouring slots of an expiry.
//!
//! ```text
//! numbers                                    next slot
//! row  a0     a1   a2   a3   a4              a0    a1     a2   a3   a4
//! 0    alive  s    s'   s''  s'''            g     g'     t    K    K'
//! 1    .      w    w'   w''  w'''            end   alive  gap  .    .
//! ```
//! q_numbers: w = alive s each: of padding's group there is the unmoved market only.
//! q_next:    end boolean; t = g' - g - end; (1 - end) t = 0; gap = (1 - end)(K' - K - alive).
//!
//! t and gap are in range: groups do not fall, an expiry's run ends exactly where the group changes, and within it strikes grow.
//!
//! A malicious prover could try: a run that ends early, so that each part takes the discount that makes its loss less (t would be
//! -1), one that goes on into the next group (t must be 0), slots out of order (gap in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use crate::{
    circuit::{
        holding::{Holding, SIZE_LIMBS},
        sheet::{Columns, Sheet, boolean, constant},
    },
    poseidon::Num,
};

/// Numbers of two rows.
const TOGETHER: usize = 4;

/// Gates of numbers and neighbours.
#[derive(Clone, Copy, Debug)]
pub struct NumberChip {
    q_numbers: Selector,
    q_next: Selector,
}

impl NumberChip {
    /// Rows of four numbers, or of a comparison.
    pub const ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_numbers: meta.selector(),
            q_next: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_branch_numbers", |meta| {
            let q = meta.query_selector(chip.q_numbers);
            let [alive, branches @ ..] = columns.row(meta, 0);
            let [_, numbers @ ..] = columns.row(meta, 1);
            let names = ["w = alive s", "w' = alive s'", "w'' = alive s''", "w''' = alive s'''"];
            let pairs = branches.into_iter().zip(numbers).zip(names);
            let tied = pairs.map(|((branch, number), name)| (name, number - alive.clone() * branch));
            Constraints::with_selector(q, tied.collect::<Vec<_>>())
        });
        meta.create_gate("q_next", |meta| {
            let q = meta.query_selector(chip.q_next);
            let [group, group_next, distance, strike, strike_next] = columns.row(meta, 0);
            let [end, alive, gap, ..] = columns.row(meta, 1);
            let goes_on = constant(1) - end.clone();
            Constraints::with_selector(
                q,
                [
                    ("end boolean", boolean(&end)),
                    ("t = g' - g - end", distance.clone() - group_next + group + end),
                    ("(1 - end) t = 0", goes_on.clone() * distance),
                    (
                        "gap = (1 - end)(K' - K - alive)",
                        gap - goes_on * (strike_next - strike - alive),
                    ),
                ],
            )
        });
        chip
    }

    /// The numbers of the branches' markets in a slot's group.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        alive: &Num,
        branches: &[Num],
        zero: &Num,
    ) -> Result<Vec<Num>, Error> {
        let mut numbers = Vec::with_capacity(branches.len());
        for together in branches.chunks(TOGETHER) {
            let row = sheet.take(Self::ROWS)?;
            let alive = sheet.copy(alive, 0, row);
            for column in 0..TOGETHER {
                let branch = sheet.copy(together.get(column).unwrap_or(zero), column + 1, row);
                numbers.push(sheet.free(column + 1, row + 1, alive.value * branch.value));
            }
            sheet.enable(self.q_numbers, row)?;
        }
        numbers.truncate(branches.len());
        Ok(numbers)
    }

    /// Whether the expiry of a slot ends before the next one.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_next(
        &self,
        sheet: &mut Sheet<'_, '_>,
        [slot, next]: [&Holding; 2],
    ) -> Result<Num, Error> {
        let row = sheet.take(Self::ROWS)?;
        let group = sheet.copy(&slot.group, 0, row);
        let group_next = sheet.copy(&next.group, 1, row);
        let end = group.value.zip(group_next.value);
        let end = end.map(|(group, next)| Fr::from(u64::from(group != next)));
        let distance = sheet.free(2, row, group_next.value - group.value - end);
        sheet.range(&distance, 1)?;
        let strike = sheet.copy(&slot.strike, 3, row);
        let strike_next = sheet.copy(&next.strike, 4, row);
        let end = sheet.free(0, row + 1, end);
        let alive = sheet.copy(&slot.alive, 1, row + 1);
        let goes_on = Value::known(Fr::one()) - end.value;
        let gap = goes_on * (strike_next.value - strike.value - alive.value);
        let gap = sheet.free(2, row + 1, gap);
        sheet.range(&gap, SIZE_LIMBS)?;
        sheet.enable(self.q_next, row)?;
        Ok(end)
    }
}
