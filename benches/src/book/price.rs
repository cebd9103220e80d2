//! One position under one market: Black-76 with a public 1/v, and its value on a running sum.
//!
//! ```text
//! row  a0     a1     a2     a3    a4
//! 0-2  N(d1), on the grid 2^-17
//! 3    rem    ln F   w      v     ln K   q_quotient
//! 4-6  N(d2)
//! 7    d1     v      N(d1)  DF    DK     q_value
//! 8    calls  puts   V      S     S'     q_gain or q_loss
//! ```
//! q_quotient: (ln F - ln K) w + 2^39 v + 2^59 = 2^40 d1 + rem, rem below 2^60: d1 is x / v + v / 2, rounded; w = 1 / v, units 2^-23.
//! q_value:    d2 = d1 - v; U = DF N(d1) - DK N(d2); V = calls U + puts (U - 2^88 (DF - DK)).
//! q_gain:     S' = S + V.     q_loss: S' = S - V.
//!
//! d1 may be coarse: its error cancels to first order as d2 = d1 - v is exact.
//!
//! A malicious prover could try: a d1 one step off (rem has exactly the bits of a step), another market (its cells are copies of the public
//! rows').

use halo2_proofs::{
    circuit::Value,
    plonk::{ConstraintSystem, Constraints, Error, Selector},
};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use zkmargin_circuits::{
    circuit::chips::{Columns, Sheet, constant, int, pow2},
    field,
    poseidon::Num,
    tables::N_BITS,
};

use super::{
    leg::{LegChip, LegTrace},
    position::PositionCells,
    witness::Market,
};

/// Bits of x w below a step of d1's grid.
const STEP_BITS: u32 = 60;
/// Bits of a step of d1's grid, units 2^-37.
const GRID_BITS: u32 = 20;

/// The witness of one price.
#[derive(Clone, Debug)]
pub(super) struct PriceTrace {
    remainder: i128,
    d1: LegTrace,
    d2: LegTrace,
    /// A call, units 2^-121 cents.
    pub call: BigInt,
    /// The position's value, units 2^-121 cents x 0.001.
    pub value: BigInt,
}

impl PriceTrace {
    pub fn new(market: &Market, strike: i128, ln_strike: i128, [calls, puts]: [i128; 2]) -> Self {
        let exact = (market.ln_forward - ln_strike) * market.inverse_v
            + (market.v << 39)
            + (1 << (STEP_BITS - 1));
        let d1 = exact.div_euclid(1 << STEP_BITS) << GRID_BITS;
        let (first, second) = (LegTrace::new(d1), LegTrace::new(d1 - market.v));
        let discounted = market.discount * strike;
        let call = BigInt::from(market.discounted_forward) * first.value
            - BigInt::from(discounted) * second.value;
        let parity = BigInt::from(market.discounted_forward - discounted) << N_BITS;
        Self {
            remainder: exact.rem_euclid(1 << STEP_BITS),
            d1: first,
            d2: second,
            value: &call * (calls + puts) - parity * puts,
            call,
        }
    }
}

/// The public cells of a market.
#[derive(Clone, Debug)]
pub(super) struct MarketCells {
    pub ln_forward: Num,
    pub inverse_v: Num,
    pub v: Num,
    pub discounted_forward: Num,
}

/// Gates of a price.
#[derive(Clone, Copy, Debug)]
pub(super) struct PriceChip {
    leg: LegChip,
    q_quotient: Selector,
    q_value: Selector,
    q_gain: Selector,
    q_loss: Selector,
}

impl PriceChip {
    /// Rows taken.
    pub const ROWS: usize = 2 * LegChip::ROWS + 3;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            leg: LegChip::configure(meta, columns),
            q_quotient: meta.selector(),
            q_value: meta.selector(),
            q_gain: meta.selector(),
            q_loss: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_quotient", |meta| {
            let q = meta.query_selector(chip.q_quotient);
            let [d1, ..] = columns.row(meta, -1);
            let [remainder, ln_forward, inverse, v, ln_strike] = columns.row(meta, 0);
            let exact = (ln_forward - ln_strike) * inverse + v * pow2(39) + pow2(STEP_BITS - 1);
            Constraints::with_selector(
                q,
                [(
                    "x w + 2^39 v + 2^59 = 2^40 d1 + rem",
                    exact - d1 * pow2(STEP_BITS - GRID_BITS) - remainder,
                )],
            )
        });
        meta.create_gate("q_value", |meta| {
            let q = meta.query_selector(chip.q_value);
            let [d2, _, _, _, n2] = columns.row(meta, -1);
            let [d1, v, n1, forward, strike] = columns.row(meta, 0);
            let [calls, puts, value, ..] = columns.row(meta, 1);
            let call = forward.clone() * n1 - strike.clone() * n2;
            let parity = (forward - strike) * pow2(N_BITS);
            Constraints::with_selector(
                q,
                [
                    ("d2 = d1 - v", d2 - d1 + v),
                    (
                        "V = calls U + puts (U - DF + DK)",
                        value - (calls + puts.clone()) * call + puts * parity,
                    ),
                ],
            )
        });
        for (name, selector, sign) in [("q_gain", chip.q_gain, 1), ("q_loss", chip.q_loss, -1)] {
            meta.create_gate(name, |meta| {
                let q = meta.query_selector(selector);
                let [_, _, value, before, after] = columns.row(meta, 0);
                let sum = before + value * constant(sign);
                Constraints::with_selector(q, [("S' = S +- V", after - sum)])
            });
        }
        chip
    }

    /// Assigns the rows from `row` on; returns the running sum with the value added, or taken off where `loss`.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        (market, position): (&MarketCells, &PositionCells),
        (sum, loss): (&Num, bool),
        trace: Value<&PriceTrace>,
    ) -> Result<Num, Error> {
        let [d1, n1] = self.leg.assign(sheet, row, true, trace.map(|t| t.d1))?;
        let remainder = sheet.free(0, row + 3, int(&trace, |t| t.remainder));
        sheet.range(&remainder, (STEP_BITS / 10) as usize)?;
        sheet.copy(&market.ln_forward, 1, row + 3);
        sheet.copy(&market.inverse_v, 2, row + 3);
        sheet.copy(&market.v, 3, row + 3);
        sheet.copy(&position.ln_strike, 4, row + 3);
        sheet.enable(self.q_quotient, row + 3)?;

        self.leg
            .assign(sheet, row + 4, false, trace.map(|t| t.d2))?;
        sheet.copy(&d1, 0, row + 7);
        sheet.copy(&market.v, 1, row + 7);
        sheet.copy(&n1, 2, row + 7);
        sheet.copy(&market.discounted_forward, 3, row + 7);
        sheet.copy(&position.discounted_strike, 4, row + 7);
        sheet.enable(self.q_value, row + 7)?;

        sheet.copy(&position.calls, 0, row + 8);
        sheet.copy(&position.puts, 1, row + 8);
        let value = sheet.free(2, row + 8, trace.map(|t| field::from_int(&t.value)));
        let before = sheet.copy(sum, 3, row + 8);
        let (selector, after) = if loss {
            (self.q_loss, before.value - value.value)
        } else {
            (self.q_gain, before.value + value.value)
        };
        sheet.enable(selector, row + 8)?;
        Ok(sheet.free(4, row + 8, after))
    }
}
