//! The linear part of the public table: futures and collateral, whose prices move by the scenario's one spot move.

use super::{AssetGroup, FutureGroup, Underlyings, build::charge, exposure, slot_key};
use crate::math;
use crate::model::{Expiry, ONE, Policy, Price, Snapshot, Symbol, Time};

pub(super) fn future_groups(
    expiries: &[&Expiry],
    snapshot: &Snapshot,
    policy: &Policy,
    underlyings: &Underlyings,
) -> Vec<FutureGroup> {
    let group = |asset: Symbol, expiry: Option<Time>, mark: Price, index: i64| FutureGroup {
        id: Some((asset, expiry)),
        key: slot_key(asset, expiry),
        mark: mark.units().into(),
        price: i128::from(mark.units()) - i128::from(index),
        charge: charge(policy.contingencies.future.units(), mark),
        underlying: underlyings.number(asset),
    };
    let perpetuals = snapshot.assets.iter().filter_map(|a| {
        a.perpetual
            .as_ref()
            .map(|p| group(a.asset, None, p.mark, p.funding_index.units()))
    });
    let dated = expiries
        .iter()
        .map(|e| group(e.asset, Some(e.expiry), e.forward, 0));
    let mut groups: Vec<_> = perpetuals.chain(dated).collect();
    groups.sort_by_key(|g| g.key);
    let null = FutureGroup {
        id: None,
        key: 0,
        mark: 0,
        price: 0,
        charge: 0,
        underlying: 0,
    };
    std::iter::once(null).chain(groups).collect()
}

pub(super) fn asset_groups(snapshot: &Snapshot, policy: &Policy) -> Vec<AssetGroup> {
    let group = |a: &crate::model::Asset| {
        let haircut = policy.haircuts.iter().find(|h| h.asset == a.asset);
        let counted = ONE - haircut.map_or(ONE, |h| h.haircut.units()).min(ONE);
        let value = i128::from(a.spot.units()) * i128::from(counted);
        let price = math::ratio(&value.into(), &ONE.into());
        AssetGroup {
            id: Some(a.asset),
            key: slot_key(a.asset, None),
            value,
            exposure: exposure::rounded(&price).unwrap_or(i128::MAX),
        }
    };
    let mut groups: Vec<_> = snapshot.assets.iter().map(group).collect();
    groups.sort_by_key(|g| g.key);
    let null = AssetGroup {
        id: None,
        key: 0,
        value: 0,
        exposure: 0,
    };
    std::iter::once(null).chain(groups).collect()
}
