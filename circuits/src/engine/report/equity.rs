//! The account's value: what counts towards equity, with its bounds.

use num_bigint::BigInt;
use num_traits::Zero;

use super::bounds::{Bounds, scaled};
use crate::{
    engine::{Portfolio, linear::SWAP_EPSILON, portfolio::SCALE_BITS},
    model::{Asset, ONE, Policy, Snapshot},
    public::{PublicTable, rise},
    slots::Slots,
};

/// Values in the report's unit.
pub(super) struct Equity {
    /// All positions but collateral.
    pub(super) npv: BigInt,
    /// What of it does not count: options that have a value, if the policy excludes them.
    pub(super) uncounted: BigInt,
    /// Collateral after maintenance haircuts.
    pub(super) collateral: BigInt,
    pub(super) cash: BigInt,
    /// What counts, maintenance haircuts.
    pub(super) total: Bounds,
    /// What counts, initial haircuts.
    pub(super) initial: BigInt,
}

impl Equity {
    /// Values the account in the unmoved market `base`.
    pub(super) fn new(
        base: &Portfolio,
        slots: &Slots,
        snapshot: &Snapshot,
        policy: &Policy,
        table: &PublicTable,
    ) -> Self {
        let (mut value, mut counted) = (BigInt::zero(), Bounds::default());
        let options = base
            .options
            .iter()
            .map(|t| (&t.base.value, &t.base.epsilon, t.kept));
        let perpetuals = base.perpetual_options.iter();
        let perpetuals = perpetuals.map(|t| (&t.base.value, &t.base.epsilon, t.kept));
        for (each, epsilon, kept) in options.chain(perpetuals) {
            value += each;
            let count = if kept { each.clone() } else { BigInt::zero() };
            counted += Bounds::around(count, epsilon);
        }
        let counted = counted.map(|value| scaled(&value, 16, SCALE_BITS));
        let value = scaled(&value, 16, SCALE_BITS);

        let held = slots.swaps.iter().map(|s| s.size.abs()).sum::<i128>();
        let error = BigInt::from(held) * SWAP_EPSILON;
        let futures = base.futures.iter().map(|f| &f.value);
        let swaps = base.swaps.iter().map(|s| &s.value);
        // A swap's value has its error added.
        let linear = futures.chain(swaps).sum::<BigInt>() - &error;
        let linear = Bounds::around(linear, &error).map(|value| scaled(&value, 36, 0));

        let collateral: BigInt = base.assets.iter().map(|a| &a.value).sum();
        let collateral = scaled(&collateral, 36, 0);
        let cash = scaled(&slots.cash.into(), 8, 0);
        let initial = initial_collateral(base, slots, snapshot, policy, table);
        let total = counted.clone() + linear.clone() + Bounds::point(&cash + &collateral);
        Self {
            uncounted: &value - &counted.exact,
            npv: value + &linear.exact,
            initial: &total.exact - &collateral + initial,
            collateral,
            cash,
            total,
        }
    }
}

/// Collateral after initial haircuts.
fn initial_collateral(
    base: &Portfolio,
    slots: &Slots,
    snapshot: &Snapshot,
    policy: &Policy,
    table: &PublicTable,
) -> BigInt {
    let mut sum = BigInt::zero();
    for (trace, slot) in base.assets.iter().zip(&slots.assets) {
        let Some(id) = table.assets.get(trace.group).and_then(|g| g.id) else {
            continue;
        };
        let Some(asset) = snapshot.assets.iter().find(|a| a.asset == id) else {
            continue;
        };
        let counted = ONE - initial_haircut(asset, policy);
        let value = BigInt::from(slot.amount) * asset.spot.units() * counted;
        sum += in_stable(&value, snapshot);
    }
    sum
}

/// An asset's initial haircut, what realised volatility adds to it included; units 1e-8.
fn initial_haircut(asset: &Asset, policy: &Policy) -> i64 {
    let haircut = policy.haircuts.iter().find(|h| h.asset == asset.asset);
    let trigger = policy
        .volatility_trigger
        .iter()
        .find(|t| t.asset == asset.asset);
    let more = match (trigger, asset.realised_vol_24h) {
        (Some(t), Some(vol)) => rise(&t.haircut, vol.units(), t.reference.units()),
        _ => 0,
    };
    haircut.map_or(ONE, |h| (h.initial.units() + more).min(ONE))
}

/// An integer of 1e-24 USD in the report's unit, counted in the stable coin; the division leaves less than one unit.
pub(super) fn in_stable(value: &BigInt, snapshot: &Snapshot) -> BigInt {
    let price = snapshot.stable.as_ref().map_or(ONE, |s| s.price.units());
    scaled(value, 24, 0) * ONE / price
}
