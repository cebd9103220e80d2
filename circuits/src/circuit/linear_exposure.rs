//! Exposures of futures and swaps. Collateral has none.
//!
//! ```text
//! future                             swap
//! row  a0     a1  a2  a3  a4         a0     a1     a2    a3   a4
//! 0    delta  0   0   s   mark       g      u      d     g    v      lookup
//! 1                                  delta  gamma  vega  |s|  sign
//! ```
//! q_future_exposure: delta = 2^102 s mark.
//! q_swap_exposure: each = 2^raise (1 - 2 sign) |s| times the table's.
//!
//! A malicious prover could try: another group's numbers (g is tied to the position's group), a size of the other sign
//! (copies).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    exposure::ExposureCells,
    sheet::{Columns, Sheet, cells, pow2, signed},
};
use crate::{
    engine::exposure::raise,
    field,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Gates of linear positions' exposures.
#[derive(Clone, Copy, Debug)]
pub struct LinearExposureChip {
    q_future_exposure: Selector,
    q_swap_exposure: Selector,
}

/// What a future's value leaves for its exposure.
#[derive(Clone, Debug)]
pub struct PricedFuture {
    /// Number of the underlying.
    pub underlying: Num,
    /// Signed size.
    pub size: Num,
    /// Mark.
    pub mark: Num,
}

/// What a linear position's value leaves for its exposure.
#[derive(Clone, Debug)]
pub enum PricedLinear {
    /// A future.
    Future(PricedFuture),
    /// A collateral balance: the number of its asset.
    Asset(Num),
    /// A power perpetual, variance or volatility swap.
    Swap(PricedSwap),
}

/// What a swap's value leaves for its exposure.
#[derive(Clone, Debug)]
pub struct PricedSwap {
    /// Group index.
    pub group: Num,
    /// Magnitude and sign of the size.
    pub size: [Num; 2],
}

impl LinearExposureChip {
    /// Rows of a future.
    pub const FUTURE_ROWS: usize = 1;
    /// Rows of a swap.
    pub const SWAP_ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_future_exposure: meta.selector(),
            q_swap_exposure: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_future_exposure", |meta| {
            let q = meta.query_selector(chip.q_future_exposure);
            let [delta, gamma, vega, size, mark] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    (
                        "delta = 2^102 s mark",
                        delta - size * mark * pow2(raise::FUTURE),
                    ),
                    ("gamma = 0", gamma),
                    ("vega = 0", vega),
                ],
            )
        });
        meta.create_gate("q_swap_exposure", |meta| {
            let q = meta.query_selector(chip.q_swap_exposure);
            let [_, _, delta_each, gamma_each, vega_each] = columns.row(meta, 0);
            let [delta, gamma, vega, magnitude, sign] = columns.row(meta, 1);
            let size = signed(&sign, &magnitude);
            let [d, g, v] = raise::PRICE.map(pow2);
            Constraints::with_selector(
                q,
                [
                    (
                        "delta = 2^88 s delta_1",
                        delta - size.clone() * delta_each * d,
                    ),
                    (
                        "gamma = 2^58 s gamma_1",
                        gamma - size.clone() * gamma_each * g,
                    ),
                    ("vega = 2^78 s vega_1", vega - size * vega_each * v),
                ],
            )
        });
        chip
    }

    /// Assigns a future's row.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_future(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        priced: &PricedFuture,
    ) -> Result<ExposureCells, Error> {
        let size = sheet.copy(&priced.size, 3, row);
        let mark = sheet.copy(&priced.mark, 4, row);
        let zero = Value::known(Fr::zero());
        let delta = size.value * mark.value * Value::known(field::pow2(raise::FUTURE));
        let values = sheet.free_three(row, [delta, zero, zero]);
        sheet.enable(self.q_future_exposure, row)?;
        let underlying = priced.underlying.clone();
        Ok(ExposureCells { underlying, values })
    }

    /// Assigns a swap's rows from `row` on; `each` is the public table's row of exposures.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_swap(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        priced: &PricedSwap,
        each: Value<TableRow>,
    ) -> Result<ExposureCells, Error> {
        let [group, underlying, each @ ..] = sheet.lookup(row, Kind::SwapExposure, cells(each))?;
        sheet.tie(&group, &priced.group);
        let [magnitude, sign] = &priced.size;
        let magnitude = sheet.copy(magnitude, 3, row + 1);
        let sign = sheet.copy(sign, 4, row + 1);
        let number = |x: i128| Value::known(field::from_i128(x));
        let size = (number(1) - sign.value * number(2)) * magnitude.value;
        let raised = raise::PRICE.map(|bits| Value::known(field::pow2(bits)));
        let values = std::array::from_fn(|i| size * each[i].value * raised[i]);
        let values = sheet.free_three(row + 1, values);
        sheet.enable(self.q_swap_exposure, row)?;
        Ok(ExposureCells { underlying, values })
    }
}
