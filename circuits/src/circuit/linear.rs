//! Futures and collateral: positions whose value is linear in a price that the spot move moves.
//!
//! ```text
//! future                                     asset
//! row  a0     a1      a2       a3     a4     a0       a1      a2     a3    a4
//! 0    g      price   charge   u      key    g        alive   value  0     key   lookup
//! 1    mark   alive   |s|      sign   entry  amount   element V      X     .     q_future / q_asset
//! 2    |i|    sign_i  element  V      H
//! 3    s      X       .        .      .
//! ```
//! q_future: signs and alive boolean; (1 - alive) |s| = 0;
//!           element = key 2^152 + (s + 2^50) 2^101 + entry 2^51 + i + 2^50;
//!           V = 1e20 s (price - entry + i); H = |s| charge.
//! q_notional: s = (1 - 2 sign) |s|; X = 1e8 s mark (reads rows 1 to 3).
//! q_asset:  element = key 2^152 + amount; X = amount value; V = 1e12 X.
//!
//! A malicious prover could try: value in a padding slot (its size is 0, a padding asset's value is 0), a size that
//! wraps (magnitudes below 2^50), another mark for the scenario's move (one row is looked up).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;

use super::{
    holding::SIZE_LIMBS,
    linear_exposure::{PricedAsset, PricedFuture, PricedLinear},
    sheet::{Columns, Sheet, boolean, cells, constant, int, pow2, signed, wide_cells},
};
use crate::{
    engine::{
        AssetTrace, FutureTrace,
        linear::{ONE, asset_unit, future_unit},
    },
    field,
    poseidon::Num,
    public::{Kind, TableRow},
    slots::{AssetSlot, FutureSlot, KEY_SHIFT, SIZE_OFFSET},
};

/// Gates of futures and assets.
#[derive(Clone, Copy, Debug)]
pub struct LinearChip {
    q_future: Selector,
    q_notional: Selector,
    q_asset: Selector,
}

/// What a linear position adds to the sums.
#[derive(Clone, Debug)]
pub struct Linear {
    /// Group index.
    pub group: Num,
    /// 0 for padding, else 1.
    pub alive: Num,
    /// Commitment element.
    pub element: Num,
    /// Value, units 1e-36 USD.
    pub value: Num,
    /// What the spot move moves (units 1e-24 USD), or a swap's loss (units 1e-36 USD).
    pub second: Num,
    /// Charge, units 1e-16 USD; a table zero for assets.
    pub charge: Num,
    /// For the exposure.
    pub priced: PricedLinear,
}

impl LinearChip {
    /// Rows that a future takes.
    pub const FUTURE_ROWS: usize = 4;
    /// Rows that an asset takes.
    pub const ASSET_ROWS: usize = 2;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_future: meta.selector(),
            q_notional: meta.selector(),
            q_asset: meta.selector(),
        };
        let columns = *columns;
        let unit = |value| Expression::Constant(field::from_int(&value));
        meta.create_gate("q_future", |meta| {
            let q = meta.query_selector(chip.q_future);
            let [_, price, charge, _, key] = columns.row(meta, -1);
            let [_, alive, magnitude, sign, entry] = columns.row(meta, 0);
            let [index, index_sign, element, value, total] = columns.row(meta, 1);
            let size = signed(&sign, &magnitude);
            let index_signed = signed(&index_sign, &index);
            let packed = key * pow2(KEY_SHIFT)
                + (size.clone() + constant(SIZE_OFFSET)) * pow2(101)
                + entry.clone() * pow2(51)
                + index_signed.clone()
                + constant(SIZE_OFFSET);
            Constraints::with_selector(
                q,
                [
                    ("alive boolean", boolean(&alive)),
                    ("sign boolean", boolean(&sign)),
                    ("sign_i boolean", boolean(&index_sign)),
                    (
                        "(1 - alive) |s| = 0",
                        (constant(1) - alive) * magnitude.clone(),
                    ),
                    ("element packs key, size, entry, index", element - packed),
                    (
                        "V = 1e20 s (price - entry + i)",
                        value - unit(future_unit()) * size * (price - entry + index_signed),
                    ),
                    ("H = |s| charge", total - magnitude * charge),
                ],
            )
        });
        meta.create_gate("q_notional", |meta| {
            let q = meta.query_selector(chip.q_notional);
            let [mark, _, magnitude, sign, _] = columns.row(meta, -1);
            let [size, notional, _, _, _] = columns.row(meta, 1);
            Constraints::with_selector(
                q,
                [
                    (
                        "s = (1 - 2 sign) |s|",
                        size.clone() - signed(&sign, &magnitude),
                    ),
                    ("X = 1e8 s mark", notional - size * mark * constant(ONE)),
                ],
            )
        });
        meta.create_gate("q_asset", |meta| {
            let q = meta.query_selector(chip.q_asset);
            let [_, _, price, _, key] = columns.row(meta, -1);
            let [amount, element, value, notional, _] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    (
                        "element packs key, amount",
                        element - key * pow2(KEY_SHIFT) - amount.clone(),
                    ),
                    ("X = amount value", notional.clone() - amount * price),
                    ("V = 1e12 X", value - notional * unit(asset_unit())),
                ],
            )
        });
        chip
    }

    /// Assigns a future from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_future(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        slot: Value<&FutureSlot>,
        base: Value<TableRow>,
        trace: Value<&FutureTrace>,
    ) -> Result<Linear, Error> {
        let [group, _, _, underlying, _, mark, alive] =
            sheet.lookup_wide(row, Kind::FutureBase, wide_cells(base))?;
        let magnitude = sheet.free(2, row + 1, int(&slot, |s| s.size.abs()));
        sheet.free(3, row + 1, int(&slot, |s| (s.size < 0).into()));
        let entry = sheet.free(4, row + 1, int(&slot, |s| s.entry));
        let [index, _, element, value, charge] = sheet.free_row(
            row + 2,
            [
                int(&slot, |s| s.funding_index.abs()),
                int(&slot, |s| (s.funding_index < 0).into()),
                slot.map(FutureSlot::element),
                trace.map(|t| field::from_int(&t.value)),
                int(&trace, |t| t.charge),
            ],
        );
        for bounded in [&magnitude, &entry, &index] {
            sheet.range(bounded, SIZE_LIMBS)?;
        }
        let size = sheet.free(0, row + 3, int(&slot, |s| s.size));
        let second = sheet.free(1, row + 3, trace.map(|t| field::from_int(&t.notional)));
        sheet.enable(self.q_future, row + 1)?;
        sheet.enable(self.q_notional, row + 2)?;
        Ok(Linear {
            group,
            alive,
            element,
            value,
            second,
            charge,
            priced: PricedLinear::Future(PricedFuture {
                underlying,
                size,
                mark,
            }),
        })
    }

    /// Assigns an asset from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_asset(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        slot: Value<&AssetSlot>,
        base: Value<TableRow>,
        trace: Value<&AssetTrace>,
    ) -> Result<Linear, Error> {
        let [group, alive, _, charge, _] = sheet.lookup(row, Kind::AssetBase, cells(base))?;
        let amount = sheet.free(0, row + 1, int(&slot, |s| s.amount));
        sheet.range(&amount, SIZE_LIMBS)?;
        let element = sheet.free(1, row + 1, slot.map(AssetSlot::element));
        let value = sheet.free(2, row + 1, trace.map(|t| field::from_int(&t.value)));
        let second = sheet.free(3, row + 1, trace.map(|t| field::from_int(&t.notional)));
        sheet.enable(self.q_asset, row + 1)?;
        Ok(Linear {
            priced: PricedLinear::Asset(PricedAsset {
                group: group.clone(),
                amount,
            }),
            group,
            alive,
            element,
            value,
            second,
            charge,
        })
    }
}
