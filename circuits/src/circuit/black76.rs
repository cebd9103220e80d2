//! Black-76 of one slot under one market: d1 by checked division, d2 = d1 - v exactly, value
//! and its epsilon.
//!
//! ```text
//! row  a0    a1   a2    a3     a4
//! 0    i1    c0   c1    c2     c3       lookup Normal
//! 1    t1    z1   N1    sign1  P1       q_normal
//! 2    A     B    sat   d2     (phi)    q_division; the density is the exposure's
//! 3    v     v>>20  ln F  ln K .
//! 4    i2    c0   c1    c2     c3       lookup Normal
//! 5    t2    z2   N2    sign2  P2       q_normal
//! 6    d2    s2   DF    DK     P1       q_value
//! 7    calls puts G     V      e
//! ```
//! q_division, with d1 = (1 - 2 sign1) z1 (units 2^-17) and t1 = 2^20 z1:
//!   rem = 2 (ln F - ln K) + v (v >> 20) + v - 2 v d1, 0 <= rem < 2 v, so d1 is the rounded
//!   quotient; when `sat`, z1 = 7 - 2^-17 and only the side towards the cap is checked:
//!   A = rem (1 - sat sign1) >= 0, B = (2 v - 1 - rem)(1 - sat (1 - sign1)) >= 0.
//!   d2 = (1 - 2 sign1) t1 - v.
//! q_value: t2 = |d2|, or -7 - d2 when s2 (then N(d2) counts as 0);
//!   V = calls U + puts (U - DF + DK), U = DF P1 - (1 - s2) DK P2; e = G (2^-33 DF + 19 2^-41 DK).
//!
//! A malicious prover could try: d1 one unit off (A or B turns negative, a full-size field
//! element), `sat` without cause (the quotient's side is still checked), `s2` to drop the strike
//! leg (t2 would be negative), the sign of d2 flipped (t2 negative), a negative zero
//! (N(0) is exactly one half), another market's forward (copies of the looked-up row).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    holding::Holding,
    normal::{NormalCells, NormalChip, NormalTrace},
    sheet::{Columns, Sheet, boolean, constant, int, pow2},
    smile::Volatility,
};
use crate::{
    engine::option::{
        D2_END, EPSILON_FORWARD_BITS, EPSILON_STRIKE, EPSILON_STRIKE_BITS, MarketTrace,
    },
    field,
    poseidon::Num,
    tables::{D1_MAX, N_BITS},
};

/// Limbs of the division's remainders: saturated, they reach |2 ln(F/K)| < 2^61 units.
const DIVISION_LIMBS: usize = 7;

/// Gates of Black-76.
#[derive(Clone, Copy, Debug)]
pub struct Black76Chip {
    normal: NormalChip,
    q_division: Selector,
    q_value: Selector,
}

/// The market's cells that the chip copies.
#[derive(Clone, Debug)]
pub struct MarketCells {
    /// Discounted forward.
    pub discounted_forward: Num,
    /// Log forward.
    pub ln_forward: Num,
    /// Discounted strike.
    pub discounted_strike: Num,
    /// Volatility times square root of time.
    pub volatility: Volatility,
}

/// Value and epsilon of the slot under the market.
#[derive(Clone, Debug)]
pub struct ValueCells {
    /// Value, units 1e-16 USD x 2^-132.
    pub value: Num,
    /// Bound of its error, same units.
    pub epsilon: Num,
}

impl Black76Chip {
    /// Rows taken.
    pub const ROWS: usize = 8;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            normal: NormalChip::configure(meta, columns),
            q_division: meta.selector(),
            q_value: meta.selector(),
        };
        let columns = *columns;
        let inverse = Option::<Fr>::from(ff::Field::invert(&field::pow2(19))).unwrap_or_default();
        meta.create_gate("q_division", |meta| {
            let q = meta.query_selector(chip.q_division);
            let [t1, z1, _, sign, _] = columns.row(meta, -1);
            let [a, b, saturated, d2, _] = columns.row(meta, 0);
            let [v, v_high, ln_forward, ln_strike, _] = columns.row(meta, 1);
            // 2 v d1 = v (d2 + v) 2^-19, which keeps the degree down.
            let remainder = (ln_forward - ln_strike) * constant(2)
                + v.clone() * (v_high + constant(1) - (d2.clone() + v.clone()) * inverse);
            let low = constant(1) - saturated.clone() * sign.clone();
            let high = constant(1) - saturated.clone() * (constant(1) - sign.clone());
            Constraints::with_selector(
                q,
                [
                    ("t1 = 2^20 z1", t1.clone() - z1.clone() * pow2(20)),
                    ("sat boolean", boolean(&saturated)),
                    ("sat: z1 = cap", saturated * (z1 - constant(D1_MAX))),
                    (
                        "d2 = (1 - 2 sign1) t1 - v",
                        d2 - (constant(1) - sign * constant(2)) * t1 + v.clone(),
                    ),
                    ("A = rem (1 - sat sign1)", a - remainder.clone() * low),
                    (
                        "B = (2 v - 1 - rem)(1 - sat (1 - sign1))",
                        b - (v * constant(2) - constant(1) - remainder) * high,
                    ),
                ],
            )
        });
        meta.create_gate("q_value", |meta| {
            let q = meta.query_selector(chip.q_value);
            let [t2, _, _, sign, p2] = columns.row(meta, -1);
            let [d2, below, forward, strike, p1] = columns.row(meta, 0);
            let [calls, puts, held, value, epsilon] = columns.row(meta, 1);
            let counted = constant(1) - below.clone();
            let inside = counted.clone() * (constant(1) - sign.clone() * constant(2)) * d2.clone();
            let outside = below.clone() * (constant(D2_END) + d2);
            let call = forward.clone() * p1 - counted * strike.clone() * p2;
            let parity = (forward.clone() - strike.clone()) * pow2(N_BITS);
            Constraints::with_selector(
                q,
                [
                    ("s2 boolean", boolean(&below)),
                    ("s2 and sign2 exclude each other", below * sign),
                    ("t2 = |d2|, or -7 - d2 below -7", t2 - inside + outside),
                    (
                        "V = calls U + puts (U - DF + DK)",
                        value - (calls + puts.clone()) * call + puts * parity,
                    ),
                    (
                        "e = G (2^-33 DF + 19 2^-41 DK)",
                        epsilon
                            - held
                                * (forward * pow2(N_BITS - EPSILON_FORWARD_BITS)
                                    + strike
                                        * pow2(N_BITS - EPSILON_STRIKE_BITS)
                                        * constant(EPSILON_STRIKE.into())),
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on and returns those of N(d1) beside the value.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        holding: &Holding,
        ln_strike: &Num,
        market: &MarketCells,
        trace: Value<&MarketTrace>,
    ) -> Result<(ValueCells, NormalCells), Error> {
        let first = self.normal.assign(
            sheet,
            row,
            trace.map(|t| NormalTrace {
                magnitude: t.d1 << 20,
                negative: t.negative1,
                unsigned: t.n1,
                signed: t.p1,
            }),
        )?;
        tie_limbs(sheet, &first.high, 2, &[(1, &first.index)])?;
        let [a, b, _, d2] = [
            int(&trace, |t| t.remainder),
            int(&trace, |t| t.complement),
            int(&trace, |t| t.saturated.into()),
            int(&trace, |t| t.d2),
        ]
        .into_iter()
        .enumerate()
        .map(|(column, value)| sheet.free(column, row + 2, value))
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| Error::Synthesis)?;
        sheet.range(&a, DIVISION_LIMBS)?;
        sheet.range(&b, DIVISION_LIMBS)?;
        let inputs = [
            &market.volatility.v,
            &market.volatility.high,
            &market.ln_forward,
            ln_strike,
        ];
        for (column, source) in inputs.into_iter().enumerate() {
            sheet.copy(source, column, row + 3);
        }
        sheet.enable(self.q_division, row + 2)?;

        let second = self.normal.assign(
            sheet,
            row + 4,
            trace.map(|t| NormalTrace {
                magnitude: t.t2,
                negative: t.negative2,
                unsigned: t.n2,
                signed: t.p2,
            }),
        )?;
        tie_limbs(
            sheet,
            &second.magnitude,
            4,
            &[(2, &second.high), (3, &second.index)],
        )?;
        sheet.copy(&d2, 0, row + 6);
        sheet.free(1, row + 6, int(&trace, |t| t.below.into()));
        sheet.copy(&market.discounted_forward, 2, row + 6);
        sheet.copy(&market.discounted_strike, 3, row + 6);
        sheet.copy(&first.value, 4, row + 6);
        sheet.copy(&holding.calls, 0, row + 7);
        sheet.copy(&holding.puts, 1, row + 7);
        sheet.copy(&holding.held, 2, row + 7);
        let value = sheet.free(3, row + 7, trace.map(|t| field::from_int(&t.value)));
        let epsilon = sheet.free(4, row + 7, trace.map(|t| field::from_int(&t.epsilon)));
        sheet.enable(self.q_value, row + 6)?;
        Ok((ValueCells { value, epsilon }, first))
    }
}

/// Range-checks `x` and ties cells to its shifts by ten bits each.
fn tie_limbs(
    sheet: &mut Sheet<'_, '_>,
    x: &Num,
    limbs: usize,
    ties: &[(usize, &Num)],
) -> Result<(), Error> {
    let cells = sheet.range(x, limbs)?;
    for (i, cell) in ties {
        sheet.tie(cells.get(*i).ok_or(Error::Synthesis)?, cell);
    }
    Ok(())
}
