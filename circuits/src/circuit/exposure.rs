//! Exposure of a European option slot in the unmoved market: dollar delta, dollar gamma, vega.
//!
//! ```text
//! row  a0     a1     a2   a3      a4
//! -2   i1     c0     c1   c2      c3     Black-76's first rows
//! -1   t1     z1     .    .       .      q_density
//!      .      .      .    .       phi
//!
//! 0    phi    v      Q    rem     comp   q_quotient
//! 1    calls  puts   P1   z       phi
//! 2    g      u      F    sqrt t  0      lookup OptionExposure, q_exposure
//! 3    delta  gamma  vega Q       .
//! ```
//! q_density:  phi = c1 + 2 c2 m + 3 c3 m^2, m = 2 (z1 - 2^10 i1) + 1 - 2^10: the derivative of N's cubic.
//! q_quotient: Q v + rem = 2^14 phi (1 - z); comp = v - 1 - rem + z; z boolean, z v = 0, z Q = 0. rem and comp in range, so
//!             z says that v is 0, and Q is phi / v, rounded down.
//! q_exposure: delta = F (calls P1 + puts (P1 - 2^88)); gamma = 2^raise (calls + puts) F Q;
//!             vega = 2^raise (calls + puts) F phi sqrt t.
//!
//! F is the discounted forward. What is assigned follows from the cells that it is tied to. A malicious prover could try: another group's forward (g is tied to the slot's), a
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
    q_quotient: Selector,
    q_exposure: Selector,
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
    pub const ROWS: usize = 4;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_density: meta.selector(),
            q_quotient: meta.selector(),
            q_exposure: meta.selector(),
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
            let [density, v, quotient, remainder, complement] = columns.row(meta, 0);
            let [_, _, _, expired, _] = columns.row(meta, 1);
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
            let [calls, puts, distribution, _, density] = columns.row(meta, -1);
            let [_, _, forward, root_time, _] = columns.row(meta, 0);
            let [delta, gamma, vega, quotient, _] = columns.row(meta, 1);
            let held = (calls + puts.clone()) * forward.clone();
            Constraints::with_selector(
                q,
                [
                    (
                        "delta = F (calls P1 + puts (P1 - 2^88))",
                        delta - held.clone() * distribution + puts * forward * pow2(N_BITS),
                    ),
                    (
                        "gamma = 2^raise (calls + puts) F Q",
                        gamma - held.clone() * quotient * pow2(raise::EUROPEAN_GAMMA),
                    ),
                    (
                        "vega = 2^raise (calls + puts) F phi sqrt t",
                        vega - held * density * root_time * pow2(raise::EUROPEAN_VEGA),
                    ),
                ],
            )
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

    /// Assigns the rows from `row` on; `group` is the public table's row of exposures.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        priced: &PricedOption,
        group: Value<TableRow>,
    ) -> Result<ExposureCells, Error> {
        let holding = &priced.holding;
        let density = sheet.copy(&priced.density, 0, row);
        let v = sheet.copy(&priced.v, 1, row);
        let divided = density.value.zip(v.value).map(|(density, v)| {
            let (density, v) = (field::to_uint(&density).into(), field::to_uint(&v).into());
            density_over_v(&density, &v).map(|(q, r)| [q, r].map(|x| field::from_int(&x)))
        });
        let part = |i: usize| divided.map(|d| d.map_or(Fr::zero(), |d| d[i]));
        let one = Value::known(Fr::one());
        let expired = divided.map(|d| Fr::from(u64::from(d.is_none())));
        let quotient = sheet.free(2, row, part(0));
        let remainder = sheet.free(3, row, part(1));
        let complement = sheet.free(4, row, v.value - one - remainder.value + expired);
        sheet.range(&quotient, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        sheet.range(&complement, REMAINDER_LIMBS)?;
        sheet.enable(self.q_quotient, row)?;
        let calls = sheet.copy(&holding.calls, 0, row + 1);
        let puts = sheet.copy(&holding.puts, 1, row + 1);
        let distribution = sheet.copy(&priced.distribution, 2, row + 1);
        sheet.free(3, row + 1, expired);
        let density = sheet.copy(&priced.density, 4, row + 1);
        let [group, underlying, forward, root_time, _] =
            sheet.lookup(row + 2, Kind::OptionExposure, cells(group))?;
        sheet.tie(&group, &holding.group);
        sheet.enable(self.q_exposure, row + 2)?;

        let power = |bits| Value::known(field::pow2(bits));
        let held = (calls.value + puts.value) * forward.value;
        let parity = puts.value * forward.value * power(N_BITS);
        let delta = held * distribution.value - parity;
        let vega = held * density.value * root_time.value * power(raise::EUROPEAN_VEGA);
        let delta = sheet.free(0, row + 3, delta);
        let quotient = sheet.copy(&quotient, 3, row + 3);
        let gamma = held * quotient.value * power(raise::EUROPEAN_GAMMA);
        let gamma = sheet.free(1, row + 3, gamma);
        let vega = sheet.free(2, row + 3, vega);
        Ok(ExposureCells {
            underlying,
            values: [delta, gamma, vega],
        })
    }
}
