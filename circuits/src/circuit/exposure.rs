//! Exposure of a European option slot in the unmoved market: dollar delta, dollar gamma, vega.
//!
//! ```text
//! row  a0     a1     a2   a3      a4
//! -2   i1     c0     c1   c2      c3     Black-76's first rows
//! -1   t1     z1     .    .       .      q_density
//!      .      .      .    .       phi
//!
//! 0    |c|    G      P1   F       eta    q_gross
//! 1    v      rem    comp z       X      q_quotient
//! 2    calls  puts   P1   Q       phi
//! 3    g      u      F    F'      W      lookup OptionExposure, q_exposure
//! 4    delta  gamma  vega X       end
//! 5    u      alpha  i0   i1      i2     the position's fractions, q_option_loss
//! 6    A      A'     i3   x       L
//! ```
//! q_gross:    X = eta F (P1 (2 |c| - G) + 2^88 (G - |c|)): deltas of calls and puts as magnitudes, in the delta charge.
//! q_option_loss: x = X + end L: what the slot adds to the losses; L its run's, which counts where the run ends.
//! q_density:  phi = c1 + 2 c2 m + 3 c3 m^2, m = 2 (z1 - 2^10 i1) + 1 - 2^10: the derivative of N's cubic.
//! q_quotient: Q v + rem = 2^14 phi (1 - z); comp = v - 1 - rem + z; z boolean, z v = 0, z Q = 0. rem and comp in range, so
//!             z says that v is 0, and Q is phi / v, rounded down.
//! q_exposure: delta = F (calls P1 + puts (P1 - 2^88)); gamma = 2^raise (calls + puts) F' Q;
//!             vega = 2^raise (calls + puts) W phi.
//!
//! F is the discounted forward that moves, F' its square over the forward, W the discounted forward times sqrt t. What is assigned follows from the cells that it is tied to. A malicious prover could try: another group's forward (g is tied to the slot's), a
//! quotient one off (rem or comp turns negative), z without cause (v would have to be 0), another density (c1..c3 and z1
//! are those that N is computed from).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    holding::Holding,
    normal::NormalCells,
    sheet::{Columns, Sheet, boolean, cells, constant, pow2},
};
use crate::{
    engine::exposure::{RAISED_BITS, density_over_v, raise},
    field,
    poseidon::Num,
    public::{Kind, TableRow},
    tables::N_BITS,
};

/// Limbs of `phi / v`, below 2^50 2^14.
const QUOTIENT_LIMBS: usize = 7;
/// Limbs of what is below `v` < 2^40.
const REMAINDER_LIMBS: usize = 4;

/// Gates of European options' exposures.
#[derive(Clone, Copy, Debug)]
pub struct OptionExposureChip {
    q_density: Selector,
    q_gross: Selector,
    q_quotient: Selector,
    q_exposure: Selector,
    q_option_loss: Selector,
}

/// What an option's pricing leaves for its exposure.
#[derive(Clone, Debug)]
pub struct PricedOption {
    /// What the slot holds.
    pub holding: Holding,
    /// Volatility times square root of time.
    pub v: Num,
    /// N(d1).
    pub distribution: Num,
    /// Density at d1.
    pub density: Num,
    /// 1 on the last slot of a run, else 0.
    pub end: Num,
    /// The run's loss.
    pub run: Num,
}

/// A position's exposure and its underlying. The three stand in the first columns of one row.
#[derive(Clone, Debug)]
pub struct ExposureCells {
    /// Number of the underlying.
    pub underlying: Num,
    /// Dollar delta, dollar gamma, vega.
    pub values: [Num; 3],
}

impl OptionExposureChip {
    /// Rows taken.
    pub const ROWS: usize = 5;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_density: meta.selector(),
            q_gross: meta.selector(),
            q_quotient: meta.selector(),
            q_exposure: meta.selector(),
            q_option_loss: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_density", |meta| {
            let q = meta.query_selector(chip.q_density);
            let [index, _, c1, c2, c3] = columns.row(meta, -1);
            let [_, high, _, _, _] = columns.row(meta, 0);
            let [_, _, _, _, density] = columns.row(meta, 1);
            let m = (high - index * pow2(10)) * constant(2) + constant(1 - 1024);
            let slope = c2 * constant(2) + c3 * m.clone() * constant(3);
            Constraints::with_selector(q, [("phi = cubic's slope", density - c1 - slope * m)])
        });
        meta.create_gate("q_quotient", |meta| {
            let q = meta.query_selector(chip.q_quotient);
            let [v, remainder, complement, expired, _] = columns.row(meta, 0);
            let [_, _, _, quotient, density] = columns.row(meta, 1);
            let raised = density * pow2(RAISED_BITS) * (constant(1) - expired.clone());
            Constraints::with_selector(
                q,
                [
                    ("z boolean", boolean(&expired)),
                    ("z v = 0", expired.clone() * v.clone()),
                    ("z Q = 0", expired.clone() * quotient.clone()),
                    (
                        "Q v + rem = 2^14 phi (1 - z)",
                        quotient * v.clone() + remainder.clone() - raised,
                    ),
                    (
                        "comp = v - 1 - rem + z",
                        complement - v + constant(1) + remainder - expired,
                    ),
                ],
            )
        });
        meta.create_gate("q_exposure", |meta| {
            let q = meta.query_selector(chip.q_exposure);
            let [calls, puts, distribution, quotient, density] = columns.row(meta, -1);
            let [_, _, forward, of_gamma, of_vega] = columns.row(meta, 0);
            let [delta, gamma, vega, _, _] = columns.row(meta, 1);
            let held = calls + puts.clone();
            Constraints::with_selector(
                q,
                [
                    (
                        "delta = F (calls P1 + puts (P1 - 2^88))",
                        delta - forward * (held.clone() * distribution - puts * pow2(N_BITS)),
                    ),
                    (
                        "gamma = 2^raise (calls + puts) F' Q",
                        gamma - held.clone() * of_gamma * quotient * pow2(raise::EUROPEAN_GAMMA),
                    ),
                    (
                        "vega = 2^raise (calls + puts) W phi",
                        vega - held * of_vega * density * pow2(raise::EUROPEAN_VEGA),
                    ),
                ],
            )
        });
        meta.create_gate("q_gross", |meta| {
            let q = meta.query_selector(chip.q_gross);
            let [calls, held, distribution, forward, rate] = columns.row(meta, 0);
            let [_, _, _, _, gross] = columns.row(meta, 1);
            let puts = held - calls.clone();
            let up = distribution * (calls - puts.clone());
            Constraints::with_selector(
                q,
                [(
                    "X = eta F (P1 (2 |c| - G) + 2^88 (G - |c|))",
                    gross - rate * forward * (up + puts * pow2(N_BITS)),
                )],
            )
        });
        meta.create_gate("q_option_loss", |meta| {
            let q = meta.query_selector(chip.q_option_loss);
            let [_, _, _, gross, end] = columns.row(meta, -1);
            let [_, _, _, loss, run] = columns.row(meta, 1);
            Constraints::with_selector(q, [("x = X + end L", loss - gross - end * run)])
        });
        chip
    }

    /// Assigns the density beside the Black-76 rows of the unmoved market, which start at `row` with N(d1)'s.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_density(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        normal: &NormalCells,
    ) -> Result<Num, Error> {
        let number = |x: i128| Value::known(field::from_i128(x));
        let [c1, c2, c3] = normal.coefficients.each_ref().map(|c| c.value);
        let offset = normal.high.value - normal.index.value * number(1 << 10);
        let m = offset * number(2) + number(1 - 1024);
        let density = c1 + (c2 * number(2) + c3 * m * number(3)) * m;
        sheet.enable(self.q_density, row + 1)?;
        Ok(sheet.free(4, row + 2, density))
    }

    /// Assigns the rows from `row` on, the last directly above those of the position's fractions; `group` is the public
    /// table's row of exposures.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        priced: &PricedOption,
        rate: &Num,
        group: Value<TableRow>,
    ) -> Result<(ExposureCells, Num), Error> {
        let holding = &priced.holding;
        let [group, underlying, forward, of_gamma, of_vega] =
            sheet.lookup(row + 3, Kind::OptionExposure, cells(group))?;
        sheet.tie(&group, &holding.group);
        let magnitude = sheet.copy(&holding.calls_size, 0, row);
        let size = sheet.copy(&holding.held, 1, row);
        sheet.copy(&priced.distribution, 2, row);
        sheet.copy(&forward, 3, row);
        let rate = sheet.copy(rate, 4, row);
        let power = |bits| Value::known(field::pow2(bits));
        let p1 = priced.distribution.value;
        let short = size.value - magnitude.value;
        let up = p1 * (magnitude.value - short);
        let gross = rate.value * forward.value * (up + short * power(N_BITS));
        let gross = sheet.free(4, row + 1, gross);
        sheet.enable(self.q_gross, row)?;

        let v = sheet.copy(&priced.v, 0, row + 1);
        let density = sheet.copy(&priced.density, 4, row + 2);
        let divided = density.value.zip(v.value).map(|(density, v)| {
            let (density, v) = (field::to_uint(&density).into(), field::to_uint(&v).into());
            density_over_v(&density, &v).map(|(q, r)| [q, r].map(|x| field::from_int(&x)))
        });
        let part = |i: usize| divided.map(|d| d.map_or(Fr::zero(), |d| d[i]));
        let one = Value::known(Fr::one());
        let expired = divided.map(|d| Fr::from(u64::from(d.is_none())));
        let remainder = sheet.free(1, row + 1, part(1));
        let complement = v.value - one - remainder.value + expired;
        let complement = sheet.free(2, row + 1, complement);
        sheet.free(3, row + 1, expired);
        let calls = sheet.copy(&holding.calls, 0, row + 2);
        let puts = sheet.copy(&holding.puts, 1, row + 2);
        let distribution = sheet.copy(&priced.distribution, 2, row + 2);
        let quotient = sheet.free(3, row + 2, part(0));
        sheet.range(&quotient, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        sheet.range(&complement, REMAINDER_LIMBS)?;
        sheet.enable(self.q_quotient, row + 1)?;

        let held = calls.value + puts.value;
        let delta = held * distribution.value - puts.value * power(N_BITS);
        let gamma = held * of_gamma.value * quotient.value * power(raise::EUROPEAN_GAMMA);
        let vega = held * of_vega.value * density.value * power(raise::EUROPEAN_VEGA);
        let values = [forward.value * delta, gamma, vega];
        sheet.enable(self.q_exposure, row + 3)?;
        let values = sheet.free_three(row + 4, values);
        let gross = sheet.copy(&gross, 3, row + 4);
        let end = sheet.copy(&priced.end, 4, row + 4);
        // The fractions' rows: x and L stand in cells that they leave.
        let run = sheet.copy(&priced.run, 4, row + 6);
        let loss = sheet.free(3, row + 6, gross.value + end.value * run.value);
        sheet.enable(self.q_option_loss, row + 5)?;
        let exposure = ExposureCells { underlying, values };
        Ok((exposure, loss))
    }
}
