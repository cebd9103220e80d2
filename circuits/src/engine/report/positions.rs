//! The report's positions: value and sensitivities one by one.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{
    bounds::{money, scaled},
    sensitivities,
    types::{PositionKind, PositionReport},
};
use crate::{
    engine::{Greeks, Portfolio, SCALE_BITS, linear::SWAP_EPSILON},
    model::{Money, ONE, Rate, Snapshot, Time},
    public::{PerpetualSide, PublicTable, SwapKind, slot_key},
    slots::{OptionSlot, Slots},
};

fn decimal(units: i128) -> Money {
    Money::from_units(units.to_i64().unwrap_or(i64::MAX))
}

pub(super) fn float(units: i128) -> f64 {
    units as f64 / ONE as f64
}

fn date(time: Time) -> String {
    time.to_string().chars().take(10).collect()
}

/// Calls and puts as people write them.
fn sides(slot: &OptionSlot) -> String {
    let side = |units: i128, letter| (units != 0).then(|| format!("{} {letter}", decimal(units)));
    let sides = [side(slot.calls, 'C'), side(slot.puts, 'P')];
    sides.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// An amount of 1e-36 USD.
fn linear(value: &BigInt) -> Money {
    money(&scaled(value, 36, 0))
}

/// An amount of 1e-16 USD x 2^-132.
fn option(value: &BigInt) -> Money {
    money(&scaled(value, 16, SCALE_BITS))
}

/// The account's positions in the unmoved market `base`, padding left out.
pub(super) fn positions(
    base: &Portfolio,
    slots: &Slots,
    snapshot: &Snapshot,
    table: &PublicTable,
) -> Vec<PositionReport> {
    let mut list = Vec::new();
    assets(base, slots, snapshot, table, &mut list);
    futures(base, slots, table, &mut list);
    options(base, slots, table, &mut list);
    perpetual_options(base, slots, snapshot, table, &mut list);
    swaps(base, slots, snapshot, table, &mut list);
    list
}

fn assets(
    base: &Portfolio,
    slots: &Slots,
    snapshot: &Snapshot,
    table: &PublicTable,
    list: &mut Vec<PositionReport>,
) {
    for (trace, slot) in base.assets.iter().zip(&slots.assets) {
        let Some(asset) = table.assets.get(trace.group).and_then(|g| g.id) else {
            continue;
        };
        let spot = snapshot
            .assets
            .iter()
            .find(|a| slot_key(a.asset, None) == slot.key)
            .map_or(0, |a| a.spot.units());
        let value = trace.value.to_f64().unwrap_or_default() / 1e36;
        list.push(PositionReport {
            kind: PositionKind::Collateral,
            asset: asset.to_string(),
            key: asset.to_string(),
            size: decimal(slot.amount).to_string(),
            npv: linear(&trace.value),
            greeks: Greeks {
                delta: value / float(spot.into()),
                ..Greeks::default()
            },
        });
    }
}

fn futures(base: &Portfolio, slots: &Slots, table: &PublicTable, list: &mut Vec<PositionReport>) {
    for (trace, slot) in base.futures.iter().zip(&slots.futures) {
        let Some((asset, expiry)) = table.futures.get(trace.group).and_then(|g| g.id) else {
            continue;
        };
        list.push(PositionReport {
            kind: PositionKind::Future,
            asset: asset.to_string(),
            key: expiry.map_or_else(
                || format!("{asset}-PERPETUAL"),
                |t| format!("{asset}-{}", date(t)),
            ),
            size: decimal(slot.size).to_string(),
            npv: linear(&trace.value),
            greeks: Greeks {
                delta: float(slot.size),
                ..Greeks::default()
            },
        });
    }
}

fn options(base: &Portfolio, slots: &Slots, table: &PublicTable, list: &mut Vec<PositionReport>) {
    for (trace, slot) in base.options.iter().zip(&slots.options) {
        let Some(group) = table.options.get(trace.group) else {
            continue;
        };
        let Some((asset, expiry)) = group.id else {
            continue;
        };
        list.push(PositionReport {
            kind: PositionKind::Option,
            asset: asset.to_string(),
            key: format!("{asset}-{}-{}", date(expiry), decimal(slot.strike)),
            size: sides(slot),
            npv: option(&trace.base.value),
            greeks: Greeks::european(
                &trace.base,
                group.seconds,
                float(slot.calls),
                float(slot.puts),
            ),
        });
    }
}

fn perpetual_options(
    base: &Portfolio,
    slots: &Slots,
    snapshot: &Snapshot,
    table: &PublicTable,
    list: &mut Vec<PositionReport>,
) {
    for (trace, slot) in base.perpetual_options.iter().zip(&slots.perpetual_options) {
        let group = table.perpetual_options.get(trace.group);
        let Some((asset, side)) = group.and_then(|g| g.id) else {
            continue;
        };
        let strike = decimal(slot.strike);
        let key = match side {
            PerpetualSide::Everlasting(units) => {
                format!("{asset}-EVERLASTING-{}D-{strike}", Rate::from_units(units))
            }
            _ => format!("{asset}-AMERICAN-{strike}"),
        };
        list.push(PositionReport {
            kind: PositionKind::PerpetualOption,
            asset: asset.to_string(),
            key,
            size: sides(slot),
            npv: option(&trace.base.value),
            greeks: sensitivities::perpetual_option(snapshot, asset, side, slot)
                .unwrap_or_default(),
        });
    }
}

fn swaps(
    base: &Portfolio,
    slots: &Slots,
    snapshot: &Snapshot,
    table: &PublicTable,
    list: &mut Vec<PositionReport>,
) {
    for (trace, slot) in base.swaps.iter().zip(&slots.swaps) {
        let Some((asset, market)) = table.swaps.get(trace.group).and_then(|g| g.id) else {
            continue;
        };
        let period = |start: i64, end: i64| {
            let day = |minutes: i64| Time::from_unix(minutes * 60).map(date).unwrap_or_default();
            format!("{}-{}-{}", day(start), day(end), decimal(slot.strike))
        };
        let (kind, key) = match market {
            SwapKind::Power => (PositionKind::PowerPerpetual, format!("{asset}-POWER")),
            SwapKind::Variance(start, end) => (
                PositionKind::VarianceSwap,
                format!("{asset}-VARIANCE-{}", period(start, end)),
            ),
            SwapKind::Volatility(start, end) => (
                PositionKind::VolatilitySwap,
                format!("{asset}-VOLATILITY-{}", period(start, end)),
            ),
        };
        list.push(PositionReport {
            kind,
            asset: asset.to_string(),
            key,
            size: decimal(slot.size).to_string(),
            npv: linear(&(&trace.value - BigInt::from(slot.size.abs()) * SWAP_EPSILON)),
            greeks: sensitivities::swap(snapshot, asset, market, slot).unwrap_or_default(),
        });
    }
}
