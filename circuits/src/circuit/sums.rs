//! What options add to equity and contingencies, sums over the slots, and the order of slots.
//!
//! ```text
//! option                                     sum (a1..a4 only)      equity
//! row  a0      a1    a2    a3    a4          a1   a2   a3   a4      a0    a1   a2
//!                                            S    f    j    S'                    q_choices
//!                                            S    u    S'   .                     q_numbers
//! -1   calls   puts  G     V0    e0                                               Black-76's last row, unmoved
//! 0    kept    nu    H     W     .           S    x    x'   S'      V     E0   E      q_charge; q_add; q_equity
//! 1    g       strike held excl. side                                             lookup of charges
//!
//! order
//! 0    o      alive o_next  gap  .           q_order
//! ```
//! q_charge: H = side (G - calls - puts)/2 - nu strike (calls + puts) + held G; W = kept V0 + e0; nu, kept boolean;
//!           (1 - excluded)(1 - kept) = 0.
//! q_add:    S' = S + x + x'.
//! q_choices: S' = 8 S + 4 f + j.
//! q_numbers: S' = 2^10 S + u.
//! q_equity: E = E0 + 2^12 V.
//! q_order:  gap = o_next - o - alive, in range: strictly increasing once a slot is alive.
//!
//! Equity takes +epsilon: against liquidation. nu and kept are the prover's choice: whoever sets nu where nothing is short, or
//! keeps a value off that is a debt, only hurts the own proof. (G - calls - puts)/2 is what is short.
//!
//! A malicious prover could try: another group's charges (g is tied), a value left out where long options count (kept is 1).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::ValueCells,
    holding::Holding,
    sheet::{Columns, Sheet, boolean, cells, constant, pow2},
};
use crate::{
    engine::UNIT_BITS,
    field,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Gates of the sums.
#[derive(Clone, Copy, Debug)]
pub struct SumsChip {
    q_charge: Selector,
    q_add: Selector,
    q_choices: Selector,
    q_numbers: Selector,
    q_equity: Selector,
    q_order: Selector,
}

/// The account's sums.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Options' value that counts plus epsilon, units 1e-16 USD x 2^-132.
    pub option_equity: Num,
    /// Cash, futures, collateral, swaps, units 1e-36 USD x 2^-12.
    pub equity: Num,
    /// Contingencies, units 1e-24 USD.
    pub contingencies: Num,
    /// Funding to come that the perpetuals would pay, units 1e-24 USD.
    pub funding: Num,
    /// Collateral's value before haircut, and what of it is illiquid, units 1e-16 USD x 2^-14.
    pub mix: [Num; 2],
    /// Weighed losses, units 1e-24 USD x 2^-22 (of the delta charge 1e-32 USD x 2^8).
    pub core: Num,
}

/// What the slots add to the sums.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// To [`Sums::option_equity`].
    pub option_equity: Vec<Num>,
    /// To [`Sums::equity`], units 1e-36 USD.
    pub equity: Vec<Num>,
    /// To [`Sums::contingencies`].
    pub contingencies: Vec<Num>,
    /// To [`Sums::funding`].
    pub funding: Vec<Num>,
    /// To [`Sums::mix`].
    pub mix: [Vec<Num>; 2],
}

impl SumsChip {
    /// Rows of an option's parts.
    pub const OPTION_ROWS: usize = 2;
    /// Choices that one number holds, with the scenario's number above them.
    pub const CHOICES: usize = 64;
    /// Rows of the conversion of equity.
    pub const EQUITY_ROWS: usize = 1;
    /// Rows of one comparison.
    pub const ORDER_ROWS: usize = 1;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_charge: meta.selector(),
            q_add: meta.selector(),
            q_choices: meta.selector(),
            q_numbers: meta.selector(),
            q_equity: meta.selector(),
            q_order: meta.selector(),
        };
        let columns = *columns;
        let half = Option::<Fr>::from(ff::Field::invert(&Fr::from(2))).unwrap_or_default();
        meta.create_gate("q_charge", |meta| {
            let q = meta.query_selector(chip.q_charge);
            let [calls, puts, held, value, epsilon] = columns.row(meta, -1);
            let [kept, naked, charge, counted, _] = columns.row(meta, 0);
            let [_, strike, each, excluded, side] = columns.row(meta, 1);
            let net = calls + puts;
            let short = (held.clone() - net.clone()) * half;
            let charged = side * short - naked.clone() * strike * net + each * held;
            Constraints::with_selector(
                q,
                [
                    ("nu boolean", boolean(&naked)),
                    ("kept boolean", boolean(&kept)),
                    (
                        "(1 - excluded)(1 - kept) = 0",
                        (constant(1) - excluded) * (constant(1) - kept.clone()),
                    ),
                    (
                        "H = side (G - calls - puts)/2 - nu strike (calls + puts) + held G",
                        charge - charged,
                    ),
                    ("W = kept V0 + e0", counted - kept * value - epsilon),
                ],
            )
        });
        meta.create_gate("q_add", |meta| {
            let q = meta.query_selector(chip.q_add);
            let [_, sum, first, second, next] = columns.row(meta, 0);
            Constraints::with_selector(q, [("S' = S + x + x'", next - sum - first - second)])
        });
        meta.create_gate("q_choices", |meta| {
            let q = meta.query_selector(chip.q_choices);
            let [_, packed, flipped, basis, next] = columns.row(meta, 0);
            let choice = flipped * constant(4) + basis;
            Constraints::with_selector(
                q,
                [("S' = 8 S + 4 f + j", next - packed * constant(8) - choice)],
            )
        });
        meta.create_gate("q_numbers", |meta| {
            let q = meta.query_selector(chip.q_numbers);
            let [_, packed, number, next, _] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [("S' = 2^10 S + u", next - packed * constant(1024) - number)],
            )
        });
        meta.create_gate("q_equity", |meta| {
            let q = meta.query_selector(chip.q_equity);
            let [value, cash, equity, ..] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [("E = E0 + 2^12 V", equity - cash - value * pow2(UNIT_BITS))],
            )
        });
        meta.create_gate("q_order", |meta| {
            let q = meta.query_selector(chip.q_order);
            let [order, alive, next, gap, _] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [("gap = o_next - o - alive", gap - next + order + alive)],
            )
        });
        chip
    }

    /// An option's parts; `charges` is the public table's row of its group's charges, of that kind. `row` must follow the
    /// unmoved market's last row, which holds sizes, value and epsilon.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_option(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        parts: &mut Parts,
        holding: &Holding,
        base: &ValueCells,
        (kind, charges): (Kind, Value<TableRow>),
    ) -> Result<(), Error> {
        let [group, strike, each, excluded, side] = sheet.lookup(row + 1, kind, cells(charges))?;
        sheet.tie(&group, &holding.group);
        let net = holding.calls.value + holding.puts.value;
        let half = Option::<Fr>::from(ff::Field::invert(&Fr::from(2))).unwrap_or_default();
        let short = (holding.held.value - net) * Value::known(half);
        // What makes most of the own proof: calls and puts short together, a value that is one.
        let debt = base.value.value.map(|value| !field::is_positive(&value));
        let kept = excluded.value.zip(debt);
        let kept = kept.map(|(excluded, debt)| Fr::from(u64::from(excluded == Fr::zero() || debt)));
        let naked = net.map(|net| Fr::from(u64::from(field::is_negative(&net))));
        let counted = kept * base.value.value + base.epsilon.value;
        let charge =
            side.value * short - naked * strike.value * net + each.value * holding.held.value;
        sheet.free(0, row, kept);
        sheet.free(1, row, naked);
        parts.contingencies.push(sheet.free(2, row, charge));
        parts.option_equity.push(sheet.free(3, row, counted));
        sheet.enable(self.q_charge, row)
    }

    /// `start` plus all of `parts`.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn add(
        &self,
        sheet: &mut Sheet<'_, '_>,
        start: &Num,
        parts: &[Num],
        zero: &Num,
    ) -> Result<Num, Error> {
        let mut sum = start.clone();
        for pair in parts.chunks(2) {
            let row = sheet.take_side()?;
            let mut next = sheet.copy(&sum, 1, row).value;
            for i in 0..2 {
                let part = sheet.copy(pair.get(i).unwrap_or(zero), 2 + i, row);
                next = next + part.value;
            }
            sum = sheet.free(4, row, next);
            sheet.enable(self.q_add, row)?;
        }
        Ok(sum)
    }

    /// `start` and at most [`Self::CHOICES`] choices, each below 8, in one number.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn pack_choices(
        &self,
        sheet: &mut Sheet<'_, '_>,
        start: &Num,
        choices: &[[Num; 2]],
    ) -> Result<Num, Error> {
        let number = |x: u64| Value::known(Fr::from(x));
        let mut packed = start.clone();
        for [flipped, basis] in choices {
            let row = sheet.take_side()?;
            let shifted = sheet.copy(&packed, 1, row).value * number(8);
            let flipped = sheet.copy(flipped, 2, row);
            let basis = sheet.copy(basis, 3, row);
            let next = shifted + flipped.value * number(4) + basis.value;
            packed = sheet.free(4, row, next);
            sheet.enable(self.q_choices, row)?;
        }
        Ok(packed)
    }

    /// At most 24 numbers, each below 2^10, in one.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn pack_numbers<'n>(
        &self,
        sheet: &mut Sheet<'_, '_>,
        zero: &Num,
        numbers: impl Iterator<Item = &'n Num>,
    ) -> Result<Num, Error> {
        let mut packed = zero.clone();
        for number in numbers {
            let row = sheet.take_side()?;
            let shifted = sheet.copy(&packed, 1, row).value * Value::known(Fr::from(1024));
            let number = sheet.copy(number, 2, row);
            packed = sheet.free(3, row, shifted + number.value);
            sheet.enable(self.q_numbers, row)?;
        }
        Ok(packed)
    }

    /// Equity without options: cash, which has the sum's own unit, and what `parts` add.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_equity(
        &self,
        sheet: &mut Sheet<'_, '_>,
        cash: &Num,
        value: &Num,
    ) -> Result<Num, Error> {
        let row = sheet.take(Self::EQUITY_ROWS)?;
        let value = sheet.copy(value, 0, row);
        let cash = sheet.copy(cash, 1, row);
        let scale = Value::known(field::pow2(UNIT_BITS));
        sheet.enable(self.q_equity, row)?;
        Ok(sheet.free(2, row, cash.value + value.value * scale))
    }

    /// Proves that the slot at `order` stands before the one at `next`; `limbs` bound the gap.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_order(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        order: &Num,
        alive: &Num,
        next: &Num,
        limbs: usize,
    ) -> Result<(), Error> {
        for (column, source) in [order, alive, next].into_iter().enumerate() {
            sheet.copy(source, column, row);
        }
        let gap = sheet.free(3, row, next.value - order.value - alive.value);
        sheet.range(&gap, limbs)?;
        sheet.enable(self.q_order, row)
    }
}
