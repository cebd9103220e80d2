//! A perpetual option of one slot: which sides it may hold, and its value under one market.
//!
//! ```text
//! row  a0         a1     a2       a3     a4
//! -1   calls      puts   G        K      order   (the holding's last row)
//! 0    g          mask   .        .      .       q_side
//!
//! 0    1024 g+c   low    slope    offset high    lookup PerpetualInterval
//! 1    spot       u      K        K-low  high-1-K  q_interval
//! 2    g          c      ln K     r      y
//! 3    j          c0     c1       c2     c3      lookup Exp
//! 4    rest       high   y        m      X       q_exp, high = rest >> 20
//! 5    k          k ln 2 2^k      0      0       lookup Power
//! 6    X          spot   u        DK     K       q_perpetual
//! 7    calls      puts   G        V      e
//! ```
//! q_side:      order = 2^50 g + K; calls mask (mask - 1) = 0; puts mask (mask - 2) = 0. Mask 0: both sides, 1: calls,
//!              2: puts, 3 (padding): neither.
//! q_interval:  row id = 1024 g + c; u boolean; 2^50 y + r = offset + slope ln K.
//! q_exp:       y = 2^46 k + 2^40 j + rest; with e = rest - 2^39 and m' = 2 high + 1 - 2^20
//!              m = c0 + c1 e + c2 m' (2 e - 2^19 m') + c3 m'^3; X = 2^k m.
//! q_perpetual: P = 2^88 (spot - DK); V = calls (X + u P) + puts (X - (1 - u) P);
//!              e = G (2^55 (spot + 2^44 K) + 2^109).
//!
//! k is in 8..87, j in 0..64 and rest below 2^40, which makes them unique for y; r and y in range make the truncation
//! unique. The table's intervals keep every exponent within reach.
//!
//! A malicious prover could try: an interval that does not hold K (both distances are in range), another scenario's
//! market (g and c are copies), an exponent one off (r and rest in range), another power of two (k is in y), the
//! linear part on the other side (u is looked up), the side that an American option's group does not price (mask).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::ValueCells,
    holding::{Holding, SIZE_LIMBS},
    sheet::{Columns, Sheet, boolean, constant, int, pow2, wide_cells},
};
use crate::{
    engine::{
        PerpetualMarketTrace,
        perpetual::{EPSILON_BITS, EPSILON_LEAST_BITS, EXPONENT_DROPPED_BITS},
    },
    field,
    poseidon::Num,
    public::{DISCOUNT_BITS, Kind, TableRow},
    tables::{self, EXP_REST_BITS, EXPONENT_BITS, N_BITS},
};

/// Limbs of an exponent's remainder.
const REMAINDER_LIMBS: usize = (EXPONENT_DROPPED_BITS / 10) as usize;
/// Limbs of an exponent below the table's index.
const REST_LIMBS: usize = (EXP_REST_BITS / 10) as usize;

/// Gates of perpetual options.
#[derive(Clone, Copy, Debug)]
pub struct PerpetualChip {
    q_side: Selector,
    q_interval: Selector,
    q_exp: Selector,
    q_perpetual: Selector,
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
            q_exp: meta.selector(),
            q_perpetual: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_side", |meta| {
            let q = meta.query_selector(chip.q_side);
            let [calls, puts, _, strike, order] = columns.row(meta, -1);
            let [group, mask, _, _, _] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    ("order = 2^50 g + K", order - group * pow2(50) - strike),
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
            let [id, low, slope, offset, high] = columns.row(meta, -1);
            let [_, call_side, strike, above_low, below_high] = columns.row(meta, 0);
            let [group, scenario, ln, remainder, exponent] = columns.row(meta, 1);
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
                    (
                        "2^50 y + r = offset + slope ln K",
                        exponent * pow2(EXPONENT_DROPPED_BITS) + remainder - offset - slope * ln,
                    ),
                ],
            )
        });
        meta.create_gate("q_exp", |meta| {
            let q = meta.query_selector(chip.q_exp);
            let [index, c0, c1, c2, c3] = columns.row(meta, -1);
            let [rest, high, exponent, mantissa, power] = columns.row(meta, 0);
            let [shift, _, factor, _, _] = columns.row(meta, 1);
            let e = rest.clone() - pow2(EXP_REST_BITS - 1);
            let m = high * constant(2) + constant(1) - pow2(20);
            let second = c2 * m.clone() * (e.clone() * constant(2) - m.clone() * pow2(19));
            let third = c3 * m.clone() * m.clone() * m;
            Constraints::with_selector(
                q,
                [
                    (
                        "y = 2^46 k + 2^40 j + rest",
                        exponent - shift * pow2(EXPONENT_BITS) - index * pow2(EXP_REST_BITS) - rest,
                    ),
                    ("m = cubic", mantissa.clone() - c0 - c1 * e - second - third),
                    ("X = 2^k m", power - factor * mantissa),
                ],
            )
        });
        meta.create_gate("q_perpetual", |meta| {
            let q = meta.query_selector(chip.q_perpetual);
            let [power, spot, call_side, discounted, strike] = columns.row(meta, 0);
            let [calls, puts, held, value, epsilon] = columns.row(meta, 1);
            let linear = (spot.clone() - discounted) * pow2(N_BITS);
            let call = power.clone() + call_side.clone() * linear.clone();
            let put = power - (constant(1) - call_side) * linear;
            let greater = spot + strike * pow2(DISCOUNT_BITS);
            Constraints::with_selector(
                q,
                [
                    (
                        "V = calls (X + u P) + puts (X - (1 - u) P)",
                        value - calls * call - puts * put,
                    ),
                    (
                        "e = G (2^55 (spot + 2^44 K) + 2^109)",
                        epsilon
                            - held
                                * (greater * pow2(N_BITS - EPSILON_BITS)
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
    ) -> Result<(), Error> {
        sheet.copy(&holding.group, 0, row);
        sheet.copy(&holding.first, 1, row);
        sheet.enable(self.q_side, row)
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
    ) -> Result<ValueCells, Error> {
        let interval = wide_cells(market.interval);
        let [_, _, _, _, _, spot, call_side] =
            sheet.lookup_wide(row, Kind::PerpetualInterval, interval)?;
        sheet.copy(&holding.strike, 2, row + 1);
        let above_low = sheet.free(3, row + 1, int(&trace, |t| t.above_low));
        let below_high = sheet.free(4, row + 1, int(&trace, |t| t.below_high));
        sheet.range(&above_low, SIZE_LIMBS)?;
        sheet.range(&below_high, SIZE_LIMBS)?;
        for (column, source) in [&holding.group, market.scenario, ln_strike]
            .into_iter()
            .enumerate()
        {
            sheet.copy(source, column, row + 2);
        }
        let remainder = sheet.free(3, row + 2, int(&trace, |t| t.remainder));
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        let exponent = sheet.free(4, row + 2, int(&trace, |t| t.exponent));
        sheet.enable(self.q_interval, row + 1)?;

        let power = self.assign_exp(sheet, row + 3, &exponent, trace)?;
        let copies = [
            &power,
            &spot,
            &call_side,
            &holding.discounted_strike,
            &holding.strike,
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
        Ok(ValueCells { value, epsilon })
    }

    /// `2^y` from a table row, a cubic and a power of two.
    fn assign_exp(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        exponent: &Num,
        trace: Value<&PerpetualMarketTrace>,
    ) -> Result<Num, Error> {
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
        sheet.lookup(row, Kind::Exp, std::array::from_fn(|i| exp.map(|r| r[i])))?;
        sheet.lookup(
            row + 2,
            Kind::Power,
            std::array::from_fn(|i| power.map(|r| r[i])),
        )?;
        let rest = sheet.free(0, row + 1, int(&trace, |t| t.rest()));
        let limbs = sheet.range(&rest, REST_LIMBS)?;
        sheet.copy(limbs.get(2).ok_or(Error::Synthesis)?, 1, row + 1);
        sheet.copy(exponent, 2, row + 1);
        sheet.free(3, row + 1, int(&trace, |t| t.mantissa));
        sheet.enable(self.q_exp, row + 1)?;
        Ok(sheet.free(4, row + 1, trace.map(|t| field::from_int(&t.power))))
    }
}
