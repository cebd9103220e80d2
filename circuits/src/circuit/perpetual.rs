//! A perpetual option of one slot: which sides it may hold, and its value under one market.
//!
//! ```text
//! row  a0         a1     a2       a3     a4
//! -1   calls      puts   G        K      order   (the holding's last row)
//! 0    g          mask   alive    s      w       q_side
//!
//! 0    g          c      K        K-low  high-1-K
//! 1    1024 g+c   low    slope    offset high    lookup PerpetualInterval, q_interval
//! 2    spot       u      ln K     r      m       q_exponent
//! 3    n          h      y        rest   high    q_mantissa, high = rest >> 20
//! 4    j          c0     c1       c2     c3      lookup Exp, q_shift
//! 5    k          k ln 2 2^k      0      0       lookup Power
//! 6    m          n      spot     u      DK      q_perpetual
//! 7    calls      puts   G        V      e
//! ```
//! q_side:      order = 2^50 g + K; w = alive s: of padding's group there is one market only; calls mask (mask - 1) = 0; puts mask (mask - 2) = 0. Mask 0: both sides, 1: calls,
//!              2: puts, 3 (padding): neither.
//! q_interval:  row id = 1024 g + c; u boolean; both distances.
//! q_exponent:  2^50 (y + 2^46 h) + r = (1 - 2 n)(offset + slope ln K) + n (16 2^96 - 1); n boolean; (1 - n) h = 0.
//! q_mantissa:  with e = rest - 2^39 and m' = 2 high + 1 - 2^20: m = c0 + c1 e + c2 m' (2 e - 2^19 m') + c3 m'^3.
//! q_shift:     y = 2^46 k + 2^40 j + rest; n (k - 8) = 0.
//! q_perpetual: X = (1 - n) 2^k m, P = 2^88 (spot - DK); V = calls (X + u P) + puts (X - (1 - u) P);
//!              e = G (2^55 (spot + DK) + 2^109).
//!
//! k is in 8..87, j in 0..64 and rest below 2^40, which makes them unique for y; r in range makes the truncation unique.
//! n says that the exponent is below 8: then 16 less it is at least 8, k is 8, and h, in range, is the rest of it.
//!
//! A malicious prover could try: an interval that does not hold K (both distances are in range), another scenario's
//! market (g and c are copies), an exponent one off (r and rest in range), another power of two (k is in y), n without
//! cause (what is left would be below 8, where k cannot be), the linear part on the other side (u is looked up), the
//! side that an American option's group does not price (mask).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::ValueCells,
    holding::{Holding, HoldingChip, SIZE_LIMBS},
    sheet::{Columns, Sheet, boolean, constant, int, pow2, wide_cells},
};
use crate::{
    engine::{
        PerpetualMarketTrace,
        perpetual::{EPSILON_BITS, EPSILON_LEAST_BITS, EXPONENT_DROPPED_BITS, LEAST_EXPONENT},
    },
    field,
    poseidon::Num,
    public::{DISCOUNT_BITS, Kind, OFFSET_BITS, TableRow},
    tables::{self, EXP_REST_BITS, EXPONENT_BITS, N_BITS},
};

/// Limbs of an exponent's remainder.
const REMAINDER_LIMBS: usize = (EXPONENT_DROPPED_BITS / 10) as usize;
/// Limbs of an exponent below the table's index.
const REST_LIMBS: usize = (EXP_REST_BITS / 10) as usize;

/// Limbs of what an exponent is below the least one, in whole powers.
const EXCESS_LIMBS: usize = 4;

/// Gates of perpetual options.
#[derive(Clone, Copy, Debug)]
pub struct PerpetualChip {
    q_side: Selector,
    q_interval: Selector,
    q_exponent: Selector,
    q_mantissa: Selector,
    q_shift: Selector,
    q_perpetual: Selector,
}

/// What the pricing under one market leaves.
#[derive(Clone, Debug)]
pub struct PerpetualCells {
    /// Value and epsilon.
    pub value: ValueCells,
    /// First strike of the interval.
    pub low: Num,
    /// Spot.
    pub spot: Num,
    /// The call adds the linear part.
    pub call_side: Num,
    /// The exponential part's mantissa, whether it is nothing, and its power of two.
    pub power: [Num; 3],
}

/// What the sides' check leaves.
#[derive(Clone, Debug)]
pub struct SideCells {
    /// `group 2^50 + strike`.
    pub order: Num,
    /// The number of the scenario's market in the group.
    pub number: Num,
}

/// The market to price under: scenario number and the public table's row.
#[derive(Clone, Debug)]
pub struct PerpetualMarket<'n> {
    /// The scenario's number.
    pub scenario: &'n Num,
    /// The interval that holds the strike.
    pub interval: Value<TableRow>,
}

impl PerpetualChip {
    /// Rows of the sides' check.
    pub const SIDE_ROWS: usize = 1;
    /// Rows of one market.
    pub const ROWS: usize = 8;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_side: meta.selector(),
            q_interval: meta.selector(),
            q_exponent: meta.selector(),
            q_mantissa: meta.selector(),
            q_shift: meta.selector(),
            q_perpetual: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_side", |meta| {
            let q = meta.query_selector(chip.q_side);
            let [calls, puts, _, strike, order] = columns.row(meta, -1);
            let [group, mask, alive, scenario, number] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    ("order = 2^50 g + K", order - group * pow2(50) - strike),
                    ("w = alive s", number - alive * scenario),
                    (
                        "calls mask (mask - 1) = 0",
                        calls * mask.clone() * (mask.clone() - constant(1)),
                    ),
                    (
                        "puts mask (mask - 2) = 0",
                        puts * mask.clone() * (mask - constant(2)),
                    ),
                ],
            )
        });
        meta.create_gate("q_interval", |meta| {
            let q = meta.query_selector(chip.q_interval);
            let [group, scenario, strike, above_low, below_high] = columns.row(meta, -1);
            let [id, low, _, _, high] = columns.row(meta, 0);
            let [_, call_side, _, _, _] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    (
                        "row id = 1024 g + c",
                        id - group * constant(1024) - scenario,
                    ),
                    ("u boolean", boolean(&call_side)),
                    ("distance to low end", above_low - strike.clone() + low),
                    (
                        "distance to high end",
                        below_high - high + constant(1) + strike,
                    ),
                ],
            )
        });
        meta.create_gate("q_exponent", |meta| {
            let q = meta.query_selector(chip.q_exponent);
            let [_, _, slope, offset, _] = columns.row(meta, -1);
            let [_, _, ln, remainder, _] = columns.row(meta, 0);
            let [nothing, excess, exponent, _, _] = columns.row(meta, 1);
            let raw = (offset + slope * ln) * (constant(1) - nothing.clone() * constant(2))
                + nothing.clone() * constant(((2 * LEAST_EXPONENT) << OFFSET_BITS) - 1);
            let whole = exponent + excess.clone() * pow2(EXPONENT_BITS);
            Constraints::with_selector(
                q,
                [
                    ("n boolean", boolean(&nothing)),
                    ("(1 - n) h = 0", (constant(1) - nothing) * excess),
                    (
                        "2^50 (y + 2^46 h) + r = (1 - 2 n)(offset + slope ln K) + n (16 2^96 - 1)",
                        whole * pow2(EXPONENT_DROPPED_BITS) + remainder - raw,
                    ),
                ],
            )
        });
        meta.create_gate("q_mantissa", |meta| {
            let q = meta.query_selector(chip.q_mantissa);
            let [_, _, _, _, mantissa] = columns.row(meta, -1);
            let [_, _, _, rest, high] = columns.row(meta, 0);
            let [_, c0, c1, c2, c3] = columns.row(meta, 1);
            let e = rest - pow2(EXP_REST_BITS - 1);
            let m = high * constant(2) + constant(1) - pow2(20);
            let second = c2 * m.clone() * (e.clone() * constant(2) - m.clone() * pow2(19));
            let third = c3 * m.clone() * m.clone() * m;
            Constraints::with_selector(q, [("m = cubic", mantissa - c0 - c1 * e - second - third)])
        });
        meta.create_gate("q_shift", |meta| {
            let q = meta.query_selector(chip.q_shift);
            let [nothing, _, exponent, rest, _] = columns.row(meta, -1);
            let [index, ..] = columns.row(meta, 0);
            let [shift, ..] = columns.row(meta, 1);
            let parts = shift.clone() * pow2(EXPONENT_BITS) + index * pow2(EXP_REST_BITS) + rest;
            Constraints::with_selector(
                q,
                [
                    ("y = 2^46 k + 2^40 j + rest", exponent - parts),
                    // Otherwise k and h could be traded: harmless, but one witness is easier to judge than many.
                    (
                        "n (k - 8) = 0",
                        nothing * (shift - constant(LEAST_EXPONENT)),
                    ),
                ],
            )
        });
        meta.create_gate("q_perpetual", |meta| {
            let q = meta.query_selector(chip.q_perpetual);
            let [_, _, factor, _, _] = columns.row(meta, -1);
            let [mantissa, nothing, spot, call_side, discounted] = columns.row(meta, 0);
            let [calls, puts, held, value, epsilon] = columns.row(meta, 1);
            let power = (constant(1) - nothing) * factor * mantissa;
            let linear = (spot.clone() - discounted.clone()) * pow2(N_BITS);
            let call = power.clone() + call_side.clone() * linear.clone();
            let put = power - (constant(1) - call_side) * linear;
            Constraints::with_selector(
                q,
                [
                    (
                        "V = calls (X + u P) + puts (X - (1 - u) P)",
                        value - calls * call - puts * put,
                    ),
                    (
                        "e = G (2^55 (spot + DK) + 2^109)",
                        epsilon
                            - held
                                * ((spot + discounted) * pow2(N_BITS - EPSILON_BITS)
                                    + pow2(DISCOUNT_BITS + N_BITS - EPSILON_LEAST_BITS)),
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns the sides' check on `row`, directly below the holding.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_side(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        holding: &Holding,
        scenario: &Num,
    ) -> Result<SideCells, Error> {
        let order = HoldingChip::assign_order(sheet, holding);
        sheet.copy(&holding.group, 0, row);
        sheet.copy(&holding.first, 1, row);
        let alive = sheet.copy(&holding.alive, 2, row);
        let scenario = sheet.copy(scenario, 3, row);
        let number = sheet.free(4, row, alive.value * scenario.value);
        sheet.enable(self.q_side, row)?;
        Ok(SideCells { order, number })
    }

    /// Assigns one market's rows from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        holding: &Holding,
        ln_strike: &Num,
        market: &PerpetualMarket<'_>,
        trace: Value<&PerpetualMarketTrace>,
    ) -> Result<PerpetualCells, Error> {
        for (column, source) in [&holding.group, market.scenario, &holding.strike]
            .into_iter()
            .enumerate()
        {
            sheet.copy(source, column, row);
        }
        let above_low = sheet.free(3, row, int(&trace, |t| t.above_low));
        let below_high = sheet.free(4, row, int(&trace, |t| t.below_high));
        sheet.range(&above_low, SIZE_LIMBS)?;
        sheet.range(&below_high, SIZE_LIMBS)?;
        let interval = wide_cells(market.interval);
        let [_, low, _, _, _, spot, call_side] =
            sheet.lookup_wide(row + 1, Kind::PerpetualInterval, interval)?;
        sheet.copy(ln_strike, 2, row + 2);
        sheet.enable(self.q_interval, row + 1)?;
        let [mantissa, nothing, factor] = self.assign_exponent(sheet, row + 2, trace)?;

        let copies = [
            &mantissa,
            &nothing,
            &spot,
            &call_side,
            &holding.discounted_strike,
        ];
        for (column, source) in copies.into_iter().enumerate() {
            sheet.copy(source, column, row + 6);
        }
        for (column, source) in [&holding.calls, &holding.puts, &holding.held]
            .into_iter()
            .enumerate()
        {
            sheet.copy(source, column, row + 7);
        }
        let value = sheet.free(3, row + 7, trace.map(|t| field::from_int(&t.value)));
        let epsilon = sheet.free(4, row + 7, trace.map(|t| field::from_int(&t.epsilon)));
        sheet.enable(self.q_perpetual, row + 6)?;
        Ok(PerpetualCells {
            value: ValueCells { value, epsilon },
            low,
            spot,
            call_side,
            power: [mantissa, nothing, factor],
        })
    }

    /// Assigns the exponent's rows from the one below the interval's on; returns `m`, `n` and `2^k`.
    fn assign_exponent(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        trace: Value<&PerpetualMarketTrace>,
    ) -> Result<[Num; 3], Error> {
        let remainder = sheet.free(3, row, int(&trace, |t| t.remainder));
        let mantissa = sheet.free(4, row, int(&trace, |t| t.mantissa));
        let nothing = sheet.free(0, row + 1, int(&trace, |t| t.nothing.into()));
        let excess = sheet.free(1, row + 1, int(&trace, |t| t.excess));
        sheet.free(2, row + 1, int(&trace, |t| t.exponent));
        let rest = sheet.free(3, row + 1, int(&trace, |t| t.rest()));
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        sheet.range(&excess, EXCESS_LIMBS)?;
        let limbs = sheet.range(&rest, REST_LIMBS)?;
        sheet.copy(limbs.get(2).ok_or(Error::Synthesis)?, 4, row + 1);

        let exp = trace.map(|t| {
            let row = usize::try_from(t.row()).ok();
            let row = row.and_then(|row| tables::EXP.get(row));
            let [c0, c1, c2, c3] = row.copied().unwrap_or_default();
            [t.row(), c0, c1, c2, c3].map(field::from_i128)
        });
        let power = trace.map(|t| {
            let [c0, c1, c2, c3] = tables::power(t.shift()).unwrap_or_default();
            [t.shift(), c0, c1, c2, c3].map(field::from_i128)
        });
        sheet.lookup(
            row + 2,
            Kind::Exp,
            std::array::from_fn(|i| exp.map(|r| r[i])),
        )?;
        let [_, _, factor, ..] = sheet.lookup(
            row + 3,
            Kind::Power,
            std::array::from_fn(|i| power.map(|r| r[i])),
        )?;
        for (selector, at) in [
            (self.q_exponent, row),
            (self.q_mantissa, row + 1),
            (self.q_shift, row + 2),
        ] {
            sheet.enable(selector, at)?;
        }
        Ok([mantissa, nothing, factor])
    }
}
