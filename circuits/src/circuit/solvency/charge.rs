//! What options count towards equity, and what is charged for them, at most; funding.
//!
//! ```text
//! option                                        funding
//! row  a0     a1      a2     a3     a4          a0   a1   a2   a3   a4
//! -1   calls  puts    G      V0     e0                                    the pricing's last row, unmoved
//! 0    kept   nu      W      N      t           F    z    t    C    C'    q_counted; q_funding_above
//! 1    g      strike  held   excl.  side                                  lookup of charges
//! 2    g      above   0      0      0                                     lookup of what is charged at most; q_charged
//! 3    calls  puts    G      N      H
//! ```
//! q_counted: kept, nu boolean; (1 - excluded)(1 - kept) = 0; W = kept V0 - e0; N = (1 - 2 nu)(calls + puts);
//!            t = excluded (1 - 2 kept) V0.
//! q_charged: H = side (G - calls - puts)/2 + strike (N - calls - puts)/2 + above G.
//! q_funding_above: z boolean; t = (1 - 2 z) F; C' = C + (1 - z) F.
//!
//! N and both t in range. N is |calls + puts|, so that (N - calls - puts)/2 is what is short, net. Equity takes -e: against
//! health. Where long options do not count, t says that what is kept is a debt and what is left out is none.
//!
//! A malicious prover could try: a short that is not charged (N would be negative), a debt left out or a value kept (t would
//! be), another group's charges (both g are ties), funding that is not counted (t would be negative).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use crate::{
    circuit::{
        black76::ValueCells,
        holding::Holding,
        sheet::{Columns, Sheet, boolean, cells, constant, signed},
    },
    engine::solvency::{FUNDING_BITS, SLACK_BITS},
    field,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Limbs of the magnitude of two sizes' sum, below 2^51.
const NET_LIMBS: usize = 6;
/// Limbs of the magnitude of a value.
const VALUE_LIMBS: usize = SLACK_BITS as usize / 10;
/// Limbs of the magnitude of all funding.
const FUNDING_LIMBS: usize = FUNDING_BITS as usize / 10;

/// Gates of charges.
#[derive(Clone, Copy, Debug)]
pub struct AboveChip {
    q_counted: Selector,
    q_charged: Selector,
    q_funding: Selector,
}

/// The kinds of rows of an option's charges, and those rows.
#[derive(Clone, Copy, Debug)]
pub struct ChargeRows {
    /// Kinds: charges, and what is charged at most.
    pub kinds: [Kind; 2],
    /// The rows.
    pub rows: [Value<TableRow>; 2],
}

impl AboveChip {
    /// Rows of an option.
    pub const ROWS: usize = 4;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_counted: meta.selector(),
            q_charged: meta.selector(),
            q_funding: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_counted", |meta| {
            let q = meta.query_selector(chip.q_counted);
            let [calls, puts, _, value, epsilon] = columns.row(meta, -1);
            let [kept, short, counted, net, left] = columns.row(meta, 0);
            let [_, _, _, excluded, _] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    ("kept boolean", boolean(&kept)),
                    ("nu boolean", boolean(&short)),
                    (
                        "(1 - excluded)(1 - kept) = 0",
                        (constant(1) - excluded.clone()) * (constant(1) - kept.clone()),
                    ),
                    (
                        "W = kept V0 - e0",
                        counted - kept.clone() * value.clone() + epsilon,
                    ),
                    (
                        "N = (1 - 2 nu)(calls + puts)",
                        net - signed(&short, &(calls + puts)),
                    ),
                    (
                        "t = excluded (1 - 2 kept) V0",
                        left - excluded * signed(&kept, &value),
                    ),
                ],
            )
        });
        let half = Option::<Fr>::from(ff::Field::invert(&Fr::from(2))).unwrap_or_default();
        meta.create_gate("q_charged", |meta| {
            let q = meta.query_selector(chip.q_charged);
            let [_, strike, _, _, side] = columns.row(meta, -1);
            let [_, above, ..] = columns.row(meta, 0);
            let [calls, puts, held, net, charge] = columns.row(meta, 1);
            let sizes = calls + puts;
            let sides = (held.clone() - sizes.clone()) * half;
            let strikes = (net - sizes) * half;
            Constraints::with_selector(
                q,
                [(
                    "H = side (G - calls - puts)/2 + strike (N - calls - puts)/2 + above G",
                    charge - side * sides - strike * strikes - above * held,
                )],
            )
        });
        meta.create_gate("q_funding_above", |meta| {
            let q = meta.query_selector(chip.q_funding);
            let [funding, received, left, charges, all] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    ("z boolean", boolean(&received)),
                    ("t = (1 - 2 z) F", left - signed(&received, &funding)),
                    (
                        "C' = C + (1 - z) F",
                        all - charges - (constant(1) - received) * funding,
                    ),
                ],
            )
        });
        chip
    }

    /// What an option counts towards equity, and its charge. Must directly follow the pricing of `base` in the unmoved market.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        held: &Holding,
        base: &ValueCells,
        charges: ChargeRows,
    ) -> Result<[Num; 2], Error> {
        let row = sheet.take(Self::ROWS)?;
        let [kind, most] = charges.kinds;
        let [charged, most_charged] = charges.rows;
        let [group, strike, _, excluded, side] = sheet.lookup(row + 1, kind, cells(charged))?;
        sheet.tie(&group, &held.group);
        let [group, above, ..] = sheet.lookup(row + 2, most, cells(most_charged))?;
        sheet.tie(&group, &held.group);
        let one = Value::known(Fr::one());
        let half =
            Value::known(Option::<Fr>::from(ff::Field::invert(&Fr::from(2))).unwrap_or_default());
        let flag = |x: bool| Fr::from(u64::from(x));

        let kept = excluded
            .value
            .zip(base.value.value)
            .map(|(excluded, value)| flag(excluded != Fr::one() || field::is_negative(&value)));
        let kept = sheet.free(0, row, kept);
        let net = held.calls.value + held.puts.value;
        let short = sheet.free(1, row, net.map(|net| flag(field::is_negative(&net))));
        let counted = kept.value * base.value.value - base.epsilon.value;
        let counted = sheet.free(2, row, counted);
        let net = sheet.free(3, row, (one - short.value - short.value) * net);
        let left = excluded.value * (one - kept.value - kept.value) * base.value.value;
        let left = sheet.free(4, row, left);
        sheet.range(&net, NET_LIMBS)?;
        sheet.range(&left, VALUE_LIMBS)?;
        sheet.enable(self.q_counted, row)?;

        let calls = sheet.copy(&held.calls, 0, row + 3);
        let puts = sheet.copy(&held.puts, 1, row + 3);
        let size = sheet.copy(&held.held, 2, row + 3);
        let net = sheet.copy(&net, 3, row + 3);
        let sizes = calls.value + puts.value;
        let sides = side.value * (size.value - sizes) * half;
        let strikes = strike.value * (net.value - sizes) * half;
        let charge = sides + strikes + above.value * size.value;
        let charge = sheet.free(4, row + 3, charge);
        sheet.enable(self.q_charged, row + 2)?;
        Ok([counted, charge])
    }

    /// Charges with the funding that all perpetuals together would pay.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_funding(
        &self,
        sheet: &mut Sheet<'_, '_>,
        funding: &Num,
        charges: &Num,
    ) -> Result<Num, Error> {
        let row = sheet.take(1)?;
        let one = Value::known(Fr::one());
        let funding = sheet.copy(funding, 0, row);
        let received = funding
            .value
            .map(|f| Fr::from(u64::from(field::is_negative(&f))));
        let received = sheet.free(1, row, received);
        let left = (one - received.value - received.value) * funding.value;
        let left = sheet.free(2, row, left);
        sheet.range(&left, FUNDING_LIMBS)?;
        let charges = sheet.copy(charges, 3, row);
        let all = charges.value + (one - received.value) * funding.value;
        let all = sheet.free(4, row, all);
        sheet.enable(self.q_funding, row)?;
        Ok(all)
    }
}
