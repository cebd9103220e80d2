//! The linear part of the public table: futures and collateral, whose prices move by the scenario's one spot move.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{
    AssetGroup, FutureGroup, Underlyings,
    build::{TableError, decimal, nearest},
    charges::charge,
    exposure, skew, slot_key,
};
use crate::{
    math,
    model::{
        Asset, Expiry, FuturePrice, ONE, Policy, Price, Rate, Snapshot, Symbol, Time,
        VolatilityTrigger,
    },
};

pub(super) fn future_groups(
    expiries: &[&Expiry],
    snapshot: &Snapshot,
    policy: &Policy,
    underlyings: &Underlyings,
) -> Vec<FutureGroup> {
    let c = &policy.contingencies;
    let spot = |asset: Symbol| {
        let found = snapshot.assets.iter().find(|a| a.asset == asset);
        found.map_or(Price::ZERO, |a| a.spot)
    };
    let group = |asset: Symbol, expiry: Option<Time>, mark: Price, index: i64| {
        let charged = match c.future.on {
            FuturePrice::Mark => mark,
            FuturePrice::Spot => spot(asset),
        };
        FutureGroup {
            id: Some((asset, expiry)),
            key: slot_key(asset, expiry),
            mark: mark.units().into(),
            price: i128::from(mark.units()) - i128::from(index),
            charge: charge(c.future.maintenance, charged) + charge(c.provision.future, mark),
            funding: 0,
            underlying: underlyings.number(asset),
        }
    };
    let perpetuals = snapshot.assets.iter().filter_map(|a| {
        let perpetual = a.perpetual.as_ref()?;
        let group = group(
            a.asset,
            None,
            perpetual.mark,
            perpetual.funding_index.units(),
        );
        let funding = funding(a.spot, perpetual.funding_rate, c.provision.funding_hours);
        Some(FutureGroup { funding, ..group })
    });
    let dated = expiries.iter().map(|e| FutureGroup {
        mark: (e.forward.units() - e.forward_fixed.units()).into(),
        ..group(e.asset, Some(e.expiry), e.forward, 0)
    });
    let mut groups: Vec<_> = perpetuals.chain(dated).collect();
    groups.sort_by_key(|g| g.key);
    let null = FutureGroup {
        id: None,
        key: 0,
        mark: 0,
        price: 0,
        charge: 0,
        funding: 0,
        underlying: 0,
    };
    std::iter::once(null).chain(groups).collect()
}

/// Funding that a long contract pays over some hours at a rate per 8 hours, rounded to the nearest; units 1e-16 USD.
fn funding(spot: Price, rate: Rate, hours: Rate) -> i128 {
    let product = BigInt::from(rate.units()) * spot.units() * hours.units();
    nearest(&product, &(8 * ONE).into())
}

pub(super) fn asset_groups(
    snapshot: &Snapshot,
    policy: &Policy,
) -> Result<Vec<AssetGroup>, TableError> {
    let mut groups = Vec::with_capacity(snapshot.assets.len() + 1);
    for (i, asset) in snapshot.assets.iter().enumerate() {
        groups.push(asset_group(i, asset, snapshot, policy)?);
    }
    groups.sort_by_key(|g| g.key);
    let null = AssetGroup {
        id: None,
        key: 0,
        value: 0,
        moving: 0,
        full: 0,
        illiquid: 0,
        factor: ONE.into(),
    };
    groups.insert(0, null);
    Ok(groups)
}

/// What a volatility trigger says of an asset: the rises of its factor and haircut, units 1e-8.
fn rises(
    i: usize,
    asset: &Asset,
    trigger: Option<&VolatilityTrigger>,
) -> Result<[i64; 2], TableError> {
    let Some(trigger) = trigger else {
        return Ok([0; 2]);
    };
    let realised = asset.realised_vol_24h.ok_or_else(|| TableError::Missing {
        rule: "volatility_trigger",
        field: format!("assets[{i}].realised_vol_24h"),
    })?;
    let (realised, reference) = (realised.units(), trigger.reference.units());
    Ok([&trigger.factor, &trigger.haircut].map(|ramp| skew::rise(ramp, realised, reference)))
}

fn asset_group(
    i: usize,
    asset: &Asset,
    snapshot: &Snapshot,
    policy: &Policy,
) -> Result<AssetGroup, TableError> {
    let haircut = policy.haircuts.iter().find(|h| h.asset == asset.asset);
    let trigger = policy
        .volatility_trigger
        .iter()
        .find(|t| t.asset == asset.asset);
    let [factor, more] = rises(i, asset, trigger)?;
    let counted = haircut.map_or(0, |h| ONE - (h.maintenance.units() + more).min(ONE));
    let par = Price::from_units(ONE);
    let stable = snapshot.stable.as_ref().map_or(par, |s| s.price).units();
    // Collateral is worth its spot in stable coins.
    let value = BigInt::from(asset.spot.units()) * counted * ONE;
    let full = math::ratio(&(BigInt::from(asset.spot.units()) * ONE), &stable.into());
    let illiquid = match &policy.incentive.illiquidity {
        None => BigInt::default(),
        Some(rule) => {
            let liquidity = asset.liquidity.ok_or_else(|| TableError::Missing {
                rule: "incentive.illiquidity",
                field: format!("assets[{i}].liquidity"),
            })?;
            let depth = rule.depth.units().max(1);
            let liquid = math::ratio(&liquidity.units().min(depth).into(), &depth.into());
            let part = math::mul(&decimal(rule.scale.units()), &(math::one() - liquid));
            math::mul(&full, &part)
        }
    };
    let rounded = |x: &math::Real| exposure::rounded(x).unwrap_or(i128::MAX);
    let moves = haircut.is_some_and(|h| h.moves);
    Ok(AssetGroup {
        id: Some(asset.asset),
        key: slot_key(asset.asset, None),
        value: nearest(&value, &stable.into()),
        moving: if moves { rounded(&full) } else { 0 },
        full: rounded(&full),
        illiquid: math::round(&illiquid, exposure::PRICE_FRACTION_BITS)
            .to_i128()
            .unwrap_or(i128::MAX),
        factor: (ONE + factor).into(),
    })
}
