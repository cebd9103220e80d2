//! From equity and requirement to the verdict and the terms.
//!
//! ```text
//! row  a0    a1     a2    a3     a4
//! 0    tick  shown  n     r      r'         repay's: see [`TickChip`], x = S
//! 1    S     out    R     .      .
//! 2    W     E      q'    l1     h1         q_shortfall
//! 3    h1'   l2     h2    h2'    S - 1
//! 4    tick  shown  n     r      r'         the incentive's, x = rate
//! 5    rate  out    base  slope  cap
//! 6    S     R      A     B      capped     q_rate
//! 7    a     *      *     *      cap-rate
//! 8    *     *      .     .      .
//! ```
//! Q = 1e32 2^22, one unit of 1e-8 USD; q = q' - 2^129 is the options' equity, rounded up.
//!
//! q_shortfall: S Q + 2^50 h1 + l1 = W - 1e4 2^10 (E + 1e20 q); R Q + 2^50 h2 + l2 = W; h' = Q / 2^50 - 1 - h each; S >= 1. l and
//!              h in range: 2^50 h + l is a remainder below Q.
//! q_rate:      A = (base R + slope S)(1e8 + a) - rate 1e8 R; B = (1 - capped)(1e8 R - 1 - A); capped: rate = cap.
//!
//! a, with the stars, is [`IlliquidityChip`]'s; base and slope are already multiplied by the protocol's solvency multiplier.
//! A and B in range: rate is the incentive, rounded down, or the cap where the incentive is not below it.
//!
//! A malicious prover could try: a negative shortfall (S - 1 in range), a quotient one off (both remainders in range), `capped`
//! without cause (A would be negative), a rate above the cap (cap - rate in range), terms that are not multiples of the tick,
//! terms shown or hidden against the policy (shown is a public input).
//!
//! What the circuit leaves to its verifier: shown is 0 or 1, ticks and cap are a policy's: 1 to 2^50, 1 to 1e8, 0 to 1e8.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;

use super::{
    illiquidity::IlliquidityChip,
    opening::{
        FIXED_ROWS, INCENTIVE_BASE, INCENTIVE_CAP, INCENTIVE_RATE, INCENTIVE_SLOPE, INCENTIVE_TICK,
        REPAY, REPAY_TICK, TERMS_SHOWN,
    },
    sheet::{Columns, Sheet, boolean, constant, pow2},
    tick::{TickChip, TickRules},
    total::{QUOTIENT_OFFSET_BITS, TotalCells},
};
use crate::{
    engine::{equity_unit, option_unit, quantum},
    field,
    model::ONE,
    poseidon::Num,
};

/// Limbs of shortfall and requirement, below 2^70; the engine's are below 2^63.
pub const MONEY_LIMBS: usize = 7;
/// Bits of a remainder's low part.
const LOW_BITS: u32 = 50;
/// Limbs of a remainder's parts: Q is below 2^50 2^79.
const LOW_LIMBS: usize = LOW_BITS as usize / 10;
const HIGH_LIMBS: usize = 8;
/// Limbs of ticks, n and r: of 2^50 in 2^63, and of 1e8 in 1e8.
const REPAY_LIMBS: [usize; 2] = [MONEY_LIMBS, 5];
const INCENTIVE_LIMBS: [usize; 2] = [RATE_LIMBS; 2];
/// Limbs of a rate, at most 1e8.
const RATE_LIMBS: usize = 3;
/// Limbs of A, below (11e8 2^63 + 11 000e8 2^63) 11e8 < 2^134.
const RAISED_LIMBS: usize = 14;
/// Limbs of B, below 1e8 2^63 < 2^90.
const REST_LIMBS: usize = 9;

/// Gates of the terms.
#[derive(Clone, Copy, Debug)]
pub struct TermsChip {
    q_shortfall: Selector,
    tick: TickChip,
    q_rate: Selector,
    illiquidity: IlliquidityChip,
}

impl TermsChip {
    /// Rows taken.
    pub const ROWS: usize = 7 + IlliquidityChip::ROWS;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_shortfall: meta.selector(),
            q_rate: meta.selector(),
            illiquidity: IlliquidityChip::configure(meta, columns),
            tick: TickChip::configure(meta, columns),
        };
        let columns = *columns;
        let big = |x: BigInt| Expression::Constant(field::from_int(&x));
        meta.create_gate("q_shortfall", |meta| {
            let q = meta.query_selector(chip.q_shortfall);
            let [shortfall, _, requirement, ..] = columns.row(meta, -1);
            let [required, equity, options, l_1, h_1] = columns.row(meta, 0);
            let [rest_1, l_2, h_2, rest_2, positive] = columns.row(meta, 1);
            let options = (options - pow2(QUOTIENT_OFFSET_BITS)) * big(option_unit());
            let (unit, most) = (big(quantum()), big(high_quantum() - 1));
            let remainder = |low, high: &Expression<Fr>| high.clone() * pow2(LOW_BITS) + low;
            Constraints::with_selector(
                q,
                [
                    (
                        "S Q + 2^50 h1 + l1 = W - 1e4 2^10 (E + 1e20 q)",
                        shortfall.clone() * unit.clone() + remainder(l_1, &h_1) - required.clone()
                            + (equity + options) * big(equity_unit()),
                    ),
                    (
                        "R Q + 2^50 h2 + l2 = W",
                        requirement * unit + remainder(l_2, &h_2) - required,
                    ),
                    ("h1' = Q / 2^50 - 1 - h1", rest_1 + h_1 - most.clone()),
                    ("h2' = Q / 2^50 - 1 - h2", rest_2 + h_2 - most),
                    ("S - 1", positive - shortfall + constant(1)),
                ],
            )
        });
        meta.create_gate("q_rate", |meta| {
            let q = meta.query_selector(chip.q_rate);
            let [rate, _, base, slope, cap] = columns.row(meta, -1);
            let [shortfall, requirement, a, b, capped] = columns.row(meta, 0);
            let [illiquidity, _, _, _, below_cap] = columns.row(meta, 1);
            let one = || constant(ONE.into());
            let raised = base * requirement.clone() + slope * shortfall;
            let raised = raised * (illiquidity + one());
            let divisor = requirement * one();
            let rest = divisor.clone() - constant(1) - a.clone();
            Constraints::with_selector(
                q,
                [
                    ("capped boolean", boolean(&capped)),
                    (
                        "A = (base R + slope S)(1e8 + a) - rate 1e8 R",
                        a - raised + rate.clone() * divisor,
                    ),
                    (
                        "B = (1 - capped)(1e8 R - 1 - A)",
                        b - (constant(1) - capped.clone()) * rest,
                    ),
                    ("capped: rate = cap", capped * (cap.clone() - rate.clone())),
                    ("cap - rate", below_cap - cap + rate),
                ],
            )
        });
        chip
    }

    /// Assigns the rows from `row` on; the terms are tied to the header's cells.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        totals: &TotalCells,
        header: &[Num; FIXED_ROWS],
    ) -> Result<(), Error> {
        let [shortfall, requirement] = self.assign_shortfall(sheet, row, totals)?;
        let illiquidity = self.illiquidity.assign(sheet, row + 7, &totals.mix)?;
        let rate = self.assign_rate(
            sheet,
            row + 5,
            [&shortfall, &requirement],
            &illiquidity,
            header,
        )?;
        let shown = &header[TERMS_SHOWN];
        let repay = TickRules {
            tick: &header[REPAY_TICK],
            shown,
            out: &header[REPAY],
        };
        self.tick
            .assign(sheet, row, &shortfall, repay, REPAY_LIMBS)?;
        let incentive = TickRules {
            tick: &header[INCENTIVE_TICK],
            shown,
            out: &header[INCENTIVE_RATE],
        };
        self.tick
            .assign(sheet, row + 4, &rate, incentive, INCENTIVE_LIMBS)
    }

    /// Shortfall and requirement, on the second row to the fourth.
    fn assign_shortfall(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        totals: &TotalCells,
    ) -> Result<[Num; 2], Error> {
        let known = |x: BigInt| Value::known(field::from_int(&x));
        let required = sheet.copy(&totals.required, 0, row + 2);
        let equity = sheet.copy(&totals.equity, 1, row + 2);
        let options = sheet.copy(&totals.option_equity, 2, row + 2);
        let options = options.value - Value::known(field::pow2(QUOTIENT_OFFSET_BITS));
        let equity = (equity.value + options * known(option_unit())) * known(equity_unit());
        let mut assign = |x: Value<Fr>, column: usize, places: [(usize, usize); 3]| {
            let parts = x.map(|x| split(&x));
            let part = |i: usize| parts.map(|parts| parts[i]);
            let whole = sheet.free(column, row + 1, part(0));
            let [low, high, complement] = places;
            let low = sheet.free(low.0, row + low.1, part(1));
            let high = sheet.free(high.0, row + high.1, part(2));
            let rest = known(high_quantum() - 1) - high.value;
            let rest = sheet.free(complement.0, row + complement.1, rest);
            sheet.range(&low, LOW_LIMBS)?;
            sheet.range(&high, HIGH_LIMBS)?;
            sheet.range(&rest, HIGH_LIMBS)?;
            Ok::<_, Error>(whole)
        };
        let shortfall = assign(required.value - equity, 0, [(3, 2), (4, 2), (0, 3)])?;
        let requirement = assign(required.value, 2, [(1, 3), (2, 3), (3, 3)])?;
        let positive = shortfall.value - Value::known(Fr::one());
        let positive = sheet.free(4, row + 3, positive);
        sheet.range(&positive, MONEY_LIMBS)?;
        sheet.range(&requirement, MONEY_LIMBS)?;
        sheet.enable(self.q_shortfall, row + 2)?;
        Ok([shortfall, requirement])
    }

    /// The rate, on `row` and the two rows below it.
    fn assign_rate(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        [shortfall, requirement]: [&Num; 2],
        illiquidity: &Num,
        header: &[Num; FIXED_ROWS],
    ) -> Result<Num, Error> {
        let base = sheet.copy(&header[INCENTIVE_BASE], 2, row);
        let slope = sheet.copy(&header[INCENTIVE_SLOPE], 3, row);
        let cap = sheet.copy(&header[INCENTIVE_CAP], 4, row);
        let shortfall = sheet.copy(shortfall, 0, row + 1);
        let requirement = sheet.copy(requirement, 1, row + 1);
        let (one, unit) = (Value::known(Fr::one()), Value::known(Fr::from(ONE as u64)));
        let raised = base.value * requirement.value + slope.value * shortfall.value;
        let raised = raised * (illiquidity.value + unit);
        let divisor = requirement.value * unit;
        let uncapped = raised.zip(divisor).zip(cap.value);
        let uncapped = uncapped.map(|((raised, divisor), cap)| incentive(&raised, &divisor, &cap));
        let rate = uncapped
            .zip(cap.value)
            .map(|(rate, cap)| rate.unwrap_or(cap));
        let rate = sheet.free(0, row, rate);
        let capped = uncapped.map(|rate| Fr::from(u64::from(rate.is_none())));
        let capped = sheet.free(4, row + 1, capped);
        let a = sheet.free(2, row + 1, raised - rate.value * divisor);
        let b = (one - capped.value) * (divisor - one - a.value);
        let b = sheet.free(3, row + 1, b);
        let below_cap = sheet.free(4, row + 2, cap.value - rate.value);
        sheet.range(&a, RAISED_LIMBS)?;
        sheet.range(&b, REST_LIMBS)?;
        sheet.range(&below_cap, RATE_LIMBS)?;
        sheet.enable(self.q_rate, row + 1)?;
        Ok(rate)
    }
}

/// Q / 2^50.
fn high_quantum() -> BigInt {
    quantum() >> LOW_BITS
}

/// `x` in units of Q, rounded down, and the two parts of what that leaves.
fn split(x: &Fr) -> [Fr; 3] {
    let (whole, rest) = field::to_int(x).div_mod_floor(&quantum());
    let (high, low) = rest.div_mod_floor(&(BigInt::from(1) << LOW_BITS));
    [whole, low, high].map(|x| field::from_int(&x))
}

/// `raised / divisor`, rounded down, where it is at most the cap.
fn incentive(raised: &Fr, divisor: &Fr, cap: &Fr) -> Option<Fr> {
    let [raised, divisor, cap] = [raised, divisor, cap].map(field::to_int);
    if divisor.is_zero() {
        return None;
    }
    let rate = raised.div_floor(&divisor);
    (rate <= cap).then(|| field::from_int(&rate))
}
