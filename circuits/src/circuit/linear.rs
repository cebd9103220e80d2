//! Futures and collateral: positions whose value is linear in a price that the spot move moves.
//!
//! ```text
//! future                                     asset
//! row  a0     a1      a2       a3    a4      a0       a1       a2      a3      a4
//! 0    g      price   charge   u     key     g        illiq.   value   moving  key    lookup
//! 1    mark   alive   |s|      sign  entry   full     alive    amount  element V      q_future / q_asset
//! 2    |i|    sign_i  element  V     H       move     L        F       I       .
//! 3    s      move    eta      L     Phi                                              q_loss, q_funding
//! 4    g      phi     0        0     0                                                lookup FutureFunding
//! ```
//! q_future: signs and alive boolean; (1 - alive) |s| = 0;
//!           element = key 2^152 + (s + 2^50) 2^101 + entry 2^51 + i + 2^50;
//!           V = 1e20 s (price - entry + i); H = |s| charge.
//! q_funding: Phi = s phi.
//! q_loss:   s = (1 - 2 sign) |s|; L = 2^102 eta |s| mark - 2^92 move s mark (reads rows 1 to 3).
//! q_asset:  alive boolean; element = key 2^152 + amount; V = 1e12 amount value; L = -2^78 move amount moving;
//!           F = amount full; I = amount illiquid.
//!
//! eta is the delta charge's rate on gross delta, 0 in other scenarios; move is 0 in the delta charge's.
//!
//! A malicious prover could try: value in a padding slot (its size is 0, a padding asset's values are 0), a size that
//! wraps (magnitudes below 2^50), another scenario's move (a copy), another future's funding (g is tied).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;

use super::{
    holding::SIZE_LIMBS,
    linear_exposure::{PricedFuture, PricedLinear},
    scenario::ScenarioCells,
    sheet::{Columns, Sheet, boolean, cells, constant, int, pow2, signed, wide_cells},
    witness::SlotWitness,
};
use crate::{
    engine::{
        AssetTrace, FutureTrace,
        exposure::raise,
        linear::{ASSET_RAISE, FUTURE_RAISE, asset_unit, future_unit},
    },
    field,
    poseidon::Num,
    public::Kind,
    slots::{AssetSlot, FutureSlot, KEY_SHIFT, SIZE_OFFSET},
};

/// Gates of futures and assets.
#[derive(Clone, Copy, Debug)]
pub struct LinearChip {
    q_future: Selector,
    q_loss: Selector,
    q_funding: Selector,
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
    /// Loss under the scenario, units 1e-16 USD x 2^-132.
    pub loss: Num,
    /// Charge of a future or swap, units 1e-24 USD.
    pub charge: Option<Num>,
    /// Funding to come of a future, units 1e-24 USD.
    pub funding: Option<Num>,
    /// An asset's value before haircut, and what of it is illiquid, units 1e-16 USD x 2^-14.
    pub mix: Option<[Num; 2]>,
    /// For the exposure.
    pub priced: PricedLinear,
}

impl LinearChip {
    /// Rows that a future takes.
    pub const FUTURE_ROWS: usize = 5;
    /// Rows that an asset takes.
    pub const ASSET_ROWS: usize = 3;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_future: meta.selector(),
            q_loss: meta.selector(),
            q_funding: meta.selector(),
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
        meta.create_gate("q_loss", |meta| {
            let q = meta.query_selector(chip.q_loss);
            let [mark, _, magnitude, sign, _] = columns.row(meta, -1);
            let [size, spot_move, gross, loss, _] = columns.row(meta, 1);
            let moved = size.clone() * mark.clone() * spot_move * pow2(FUTURE_RAISE);
            let charged = magnitude.clone() * mark * gross * pow2(raise::FUTURE);
            Constraints::with_selector(
                q,
                [
                    ("s = (1 - 2 sign) |s|", size - signed(&sign, &magnitude)),
                    (
                        "L = 2^102 eta |s| mark - 2^92 move s mark",
                        loss - charged + moved,
                    ),
                ],
            )
        });
        meta.create_gate("q_funding", |meta| {
            let q = meta.query_selector(chip.q_funding);
            let [size, _, _, _, funding] = columns.row(meta, 0);
            let [_, rate, ..] = columns.row(meta, 1);
            Constraints::with_selector(q, [("Phi = s phi", funding - size * rate)])
        });
        meta.create_gate("q_asset", |meta| {
            let q = meta.query_selector(chip.q_asset);
            let [_, illiquid, price, moving, key] = columns.row(meta, -1);
            let [full, alive, amount, element, value] = columns.row(meta, 0);
            let [spot_move, loss, mix, mix_illiquid, _] = columns.row(meta, 1);
            let moved = amount.clone() * moving * spot_move * pow2(ASSET_RAISE);
            Constraints::with_selector(
                q,
                [
                    ("alive boolean", boolean(&alive)),
                    (
                        "element packs key, amount",
                        element - key * pow2(KEY_SHIFT) - amount.clone(),
                    ),
                    (
                        "V = 1e12 amount value",
                        value - amount.clone() * price * unit(asset_unit()),
                    ),
                    ("L = -2^78 move amount moving", loss + moved),
                    ("F = amount full", mix - amount.clone() * full),
                    ("I = amount illiquid", mix_illiquid - amount * illiquid),
                ],
            )
        });
        chip
    }

    /// Assigns a future from `row` on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub(super) fn assign_future(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        scenario: &ScenarioCells,
        witness: Value<SlotWitness<'_, FutureSlot, FutureTrace>>,
    ) -> Result<Linear, Error> {
        let (slot, trace) = (witness.map(|w| w.slot), witness.map(|w| w.trace));
        let base = wide_cells(witness.map(|w| w.base));
        let [group, _, _, underlying, _, mark, alive] =
            sheet.lookup_wide(row, Kind::FutureBase, base)?;
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
                trace.map(|t| field::from_int(&t.charge)),
            ],
        );
        for bounded in [&magnitude, &entry, &index] {
            sheet.range(bounded, SIZE_LIMBS)?;
        }
        let size = sheet.free(0, row + 3, int(&slot, |s| s.size));
        sheet.copy(&scenario.spot_move, 1, row + 3);
        sheet.copy(&scenario.gross, 2, row + 3);
        let loss = sheet.free(3, row + 3, trace.map(|t| field::from_int(&t.loss)));
        let funding = sheet.free(4, row + 3, trace.map(|t| field::from_int(&t.funding)));
        let rate = cells(witness.map(|w| w.node));
        let [funded, ..] = sheet.lookup(row + 4, Kind::FutureFunding, rate)?;
        sheet.tie(&funded, &group);
        sheet.enable(self.q_future, row + 1)?;
        sheet.enable(self.q_loss, row + 2)?;
        sheet.enable(self.q_funding, row + 3)?;
        Ok(Linear {
            group,
            alive,
            element,
            value,
            loss,
            charge: Some(charge),
            funding: Some(funding),
            mix: None,
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
    pub(super) fn assign_asset(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        scenario: &ScenarioCells,
        witness: Value<SlotWitness<'_, AssetSlot, AssetTrace>>,
    ) -> Result<Linear, Error> {
        let (slot, trace) = (witness.map(|w| w.slot), witness.map(|w| w.trace));
        let base = wide_cells(witness.map(|w| w.base));
        let [group, _, _, _, _, _, alive] = sheet.lookup_wide(row, Kind::AssetBase, base)?;
        let amount = sheet.free(2, row + 1, int(&slot, |s| s.amount));
        sheet.range(&amount, SIZE_LIMBS)?;
        let element = sheet.free(3, row + 1, slot.map(AssetSlot::element));
        let value = sheet.free(4, row + 1, trace.map(|t| field::from_int(&t.value)));
        sheet.copy(&scenario.spot_move, 0, row + 2);
        let loss = sheet.free(1, row + 2, trace.map(|t| field::from_int(&t.loss)));
        let part = |i: usize| trace.map(|t| field::from_int(&t.mix[i]));
        let mix = [part(0), part(1)];
        let mix = [
            sheet.free(2, row + 2, mix[0]),
            sheet.free(3, row + 2, mix[1]),
        ];
        sheet.enable(self.q_asset, row + 1)?;
        Ok(Linear {
            priced: PricedLinear::Asset(group.clone()),
            group,
            alive,
            element,
            value,
            loss,
            charge: None,
            funding: None,
            mix: Some(mix),
        })
    }
}
