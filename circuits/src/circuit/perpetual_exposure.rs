//! Exposure of a perpetual option slot in the unmoved market.
//!
//! ```text
//! row  a0     a1     a2    a3    a4
//! 0    calls  puts   ln K  u     spot
//! 1    m      n      2^k   m_lo  ln_lo    q_parts
//! 2    m_hi   ln_hi  W     H     L
//! 3    g      low    l     c     a        lookup PerpetualExposure
//! 4    b      w      W     H     ln_hi    q_perpetual_exposure
//! 5    delta  gamma  vega  L     .
//!
//! loss, above these
//! -1   calls  puts   G     Vs    es       the pricing's last row under the scenario
//! 0    V0     e0     own   D     .        q_perpetual_loss
//!
//! 0    |c|    |p|    eta   u     spot     q_perpetual_gross
//! 1    W      l      D     x     .
//! ```
//! q_perpetual_loss: D = (1 - own)(V0 - e0 - Vs - es).
//! q_perpetual_gross: x = D + eta (2^30 W l (|c| - |p|) + 2^58 spot (u |c| + (1 - u)|p|)): the loss, or in the delta charge the
//!          deltas of calls and puts as magnitudes.
//! q_parts: m = 2^80 m_hi + m_lo; ln K = 2^30 ln_hi + ln_lo, all in range; W = (1 - n) 2^k m_hi; H = calls + puts;
//!          L = spot (u calls - (1 - u) puts).
//! q_perpetual_exposure: delta = 2^raise H W l + 2^raise L; gamma = 2^raise H W c; vega = H W (a + b ln_hi); w boolean.
//!
//! X = 2^k m is the exponential part, l = S X'/X, c = S^2 X''/X, a + b ln K its relative vega; w is the cell that holds the
//! row's kind in place (it can be 0 only). A malicious prover could try: another interval's answers (g and low are ties to
//! the row that X is priced from), a part one off (the parts are in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    black76::ValueCells,
    exposure::ExposureCells,
    holding::Holding,
    sheet::{Columns, Sheet, boolean, constant, pow2, wide_cells},
};
use crate::{
    engine::exposure::{LN_CUT_BITS, MANTISSA_CUT_BITS, cut_bits, raise},
    field,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Limbs of a mantissa's high part, below 2^21, and of its low part.
const MANTISSA_LIMBS: [usize; 2] = [3, (MANTISSA_CUT_BITS / 10) as usize];
/// Limbs of the parts of ln K < 2^60.
const LN_LIMBS: [usize; 2] = [3, (LN_CUT_BITS / 10) as usize];

/// Gates of perpetual options' exposures.
#[derive(Clone, Copy, Debug)]
pub struct PerpetualExposureChip {
    q_parts: Selector,
    q_exposure: Selector,
    q_loss: Selector,
    q_gross: Selector,
}

/// What the pricing of a perpetual option leaves for its exposure.
#[derive(Clone, Debug)]
pub struct PricedPerpetual {
    /// What the slot holds.
    pub holding: Holding,
    /// ln K.
    pub ln_strike: Num,
    /// First strike of the looked-up interval.
    pub low: Num,
    /// Spot.
    pub spot: Num,
    /// The call adds the linear part.
    pub call_side: Num,
    /// The exponential part's mantissa, whether it is nothing, and its power of two.
    pub power: [Num; 3],
    /// What the scenario's prices make it lose.
    pub lost: Num,
}

impl PerpetualExposureChip {
    /// Rows taken.
    pub const ROWS: usize = 8;
    /// Rows of the loss by the scenario's prices.
    pub const LOSS_ROWS: usize = 1;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_parts: meta.selector(),
            q_exposure: meta.selector(),
            q_loss: meta.selector(),
            q_gross: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_parts", |meta| {
            let q = meta.query_selector(chip.q_parts);
            let [calls, puts, ln, call_side, spot] = columns.row(meta, -1);
            let [mantissa, nothing, factor, mantissa_low, ln_low] = columns.row(meta, 0);
            let [mantissa_high, ln_high, power, held, linear] = columns.row(meta, 1);
            let parts = mantissa_high.clone() * pow2(MANTISSA_CUT_BITS) + mantissa_low;
            let side = call_side.clone() * calls.clone() - (constant(1) - call_side) * puts.clone();
            Constraints::with_selector(
                q,
                [
                    ("m = 2^80 m_hi + m_lo", mantissa - parts),
                    (
                        "ln K = 2^30 ln_hi + ln_lo",
                        ln - ln_high * pow2(LN_CUT_BITS) - ln_low,
                    ),
                    (
                        "W = (1 - n) 2^k m_hi",
                        power - (constant(1) - nothing) * factor * mantissa_high,
                    ),
                    ("H = calls + puts", held - calls - puts),
                    ("L = spot (u calls - (1 - u) puts)", linear - spot * side),
                ],
            )
        });
        meta.create_gate("q_perpetual_exposure", |meta| {
            let q = meta.query_selector(chip.q_exposure);
            let [_, _, elasticity, convexity, offset] = columns.row(meta, -1);
            let [slope, kind, power, held, ln] = columns.row(meta, 0);
            let [delta, gamma, vega, linear, _] = columns.row(meta, 1);
            let grown = power * held;
            Constraints::with_selector(
                q,
                [
                    ("w boolean", boolean(&kind)),
                    (
                        "delta = 2^raise H W l + 2^raise L",
                        delta
                            - grown.clone() * elasticity * pow2(raise::PERPETUAL_DELTA)
                            - linear * pow2(raise::PERPETUAL_LINEAR),
                    ),
                    (
                        "gamma = 2^raise H W c",
                        gamma - grown.clone() * convexity * pow2(raise::PERPETUAL_GAMMA),
                    ),
                    (
                        "vega = H W (a + b ln_hi)",
                        vega - grown * (offset + slope * ln),
                    ),
                ],
            )
        });
        meta.create_gate("q_perpetual_loss", |meta| {
            let q = meta.query_selector(chip.q_loss);
            let [_, _, _, moved, moved_epsilon] = columns.row(meta, -1);
            let [value, epsilon, own, lost, _] = columns.row(meta, 0);
            let fallen = value - epsilon - moved - moved_epsilon;
            Constraints::with_selector(
                q,
                [(
                    "D = (1 - own)(V0 - e0 - Vs - es)",
                    lost - (constant(1) - own) * fallen,
                )],
            )
        });
        meta.create_gate("q_perpetual_gross", |meta| {
            let q = meta.query_selector(chip.q_gross);
            let [calls, puts, rate, call_side, spot] = columns.row(meta, 0);
            let [power, elasticity, lost, loss, _] = columns.row(meta, 1);
            let grown = power * elasticity * (calls.clone() - puts.clone());
            let side = call_side.clone() * calls + (constant(1) - call_side) * puts;
            let gross =
                grown * pow2(raise::PERPETUAL_DELTA) + spot * side * pow2(raise::PERPETUAL_LINEAR);
            Constraints::with_selector(
                q,
                [(
                    "x = D + eta (2^30 W l (|c| - |p|) + 2^58 spot (u |c| + (1 - u)|p|))",
                    loss - lost - rate * gross,
                )],
            )
        });
        chip
    }

    /// What the scenario's prices make a slot lose, on `row`, which must follow the pricing's last row under the scenario.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_loss(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        [base, moved]: [&ValueCells; 2],
        own: &Num,
    ) -> Result<Num, Error> {
        let value = sheet.copy(&base.value, 0, row);
        let epsilon = sheet.copy(&base.epsilon, 1, row);
        let own = sheet.copy(own, 2, row);
        let fallen = value.value - epsilon.value - moved.value.value - moved.epsilon.value;
        sheet.enable(self.q_loss, row)?;
        Ok(sheet.free(3, row, (Value::known(Fr::one()) - own.value) * fallen))
    }

    /// Assigns the rows from `row` on, the last directly above those of the position's fractions; `answers` is the public table's row of exposures at the strike.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        priced: &PricedPerpetual,
        rate: &Num,
        answers: Value<TableRow>,
    ) -> Result<(ExposureCells, Num), Error> {
        let holding = &priced.holding;
        let (top, row) = (row, row + 2);
        let copies = [
            &holding.calls,
            &holding.puts,
            &priced.ln_strike,
            &priced.call_side,
            &priced.spot,
        ];
        let mut column = 0;
        let [calls, puts, ln_strike, call_side, spot] = copies.map(|source| {
            column += 1;
            sheet.copy(source, column - 1, row)
        });
        let mut column = 0;
        let [whole, nothing, factor] = priced.power.each_ref().map(|source| {
            column += 1;
            sheet.copy(source, column - 1, row + 1)
        });
        let [mantissa, mantissa_low] = parts(&whole, MANTISSA_CUT_BITS);
        let [ln, ln_low] = parts(&ln_strike, LN_CUT_BITS);
        let mantissa_low = sheet.free(3, row + 1, mantissa_low);
        let ln_low = sheet.free(4, row + 1, ln_low);
        let mantissa = sheet.free(0, row + 2, mantissa);
        let ln = sheet.free(1, row + 2, ln);
        sheet.range(&mantissa, MANTISSA_LIMBS[0])?;
        sheet.range(&mantissa_low, MANTISSA_LIMBS[1])?;
        sheet.range(&ln, LN_LIMBS[0])?;
        sheet.range(&ln_low, LN_LIMBS[1])?;
        let one = Value::known(Fr::one());
        let power = (one - nothing.value) * factor.value * mantissa.value;
        let side = call_side.value * calls.value - (one - call_side.value) * puts.value;
        let power = sheet.free(2, row + 2, power);
        let held = sheet.free(3, row + 2, calls.value + puts.value);
        let linear = sheet.free(4, row + 2, spot.value * side);
        sheet.enable(self.q_parts, row + 1)?;

        let answers = wide_cells(answers);
        let [group, low, elasticity, convexity, offset, slope, _] =
            sheet.lookup_wide(row + 3, Kind::PerpetualExposure, answers)?;
        sheet.tie(&group, &holding.group);
        sheet.tie(&low, &priced.low);
        let power = sheet.copy(&power, 2, row + 4);
        let held = sheet.copy(&held, 3, row + 4);
        let ln = sheet.copy(&ln, 4, row + 4);
        sheet.enable(self.q_exposure, row + 4)?;
        let linear = sheet.copy(&linear, 3, row + 5);
        let raised = |bits| Value::known(field::pow2(bits));
        let grown = power.value * held.value;
        let values = [
            grown * elasticity.value * raised(raise::PERPETUAL_DELTA)
                + linear.value * raised(raise::PERPETUAL_LINEAR),
            grown * convexity.value * raised(raise::PERPETUAL_GAMMA),
            grown * (offset.value + slope.value * ln.value),
        ];
        let copies = [
            &holding.calls_size,
            &holding.puts_size,
            rate,
            &priced.call_side,
            &priced.spot,
        ];
        let mut column = 0;
        let [calls, puts, rate, call_side, spot] = copies.map(|source| {
            column += 1;
            sheet.copy(source, column - 1, top)
        });
        let power = sheet.copy(&power, 0, top + 1);
        let elasticity = sheet.copy(&elasticity, 1, top + 1);
        let lost = sheet.copy(&priced.lost, 2, top + 1);
        let side = call_side.value * calls.value + (one - call_side.value) * puts.value;
        let grown = power.value * elasticity.value * (calls.value - puts.value);
        let gross = grown * raised(raise::PERPETUAL_DELTA)
            + spot.value * side * raised(raise::PERPETUAL_LINEAR);
        let loss = sheet.free(3, top + 1, lost.value + rate.value * gross);
        sheet.enable(self.q_gross, top)?;
        let exposure = ExposureCells {
            underlying: holding.second.clone(),
            values: sheet.free_three(row + 5, values),
        };
        Ok((exposure, loss))
    }
}

/// A cell's high and low part.
fn parts(whole: &Num, bits: u32) -> [Value<Fr>; 2] {
    let parts = whole.value.map(|whole| {
        let (high, low) = cut_bits(&field::to_uint(&whole).into(), bits);
        [high, low].map(|part| field::from_int(&part))
    });
    [0, 1].map(|i| parts.map(|parts| parts[i]))
}
