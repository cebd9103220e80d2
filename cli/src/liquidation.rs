//! Liquidation prices: the spots of one underlying, all else unchanged, at which equity meets the maintenance margin.
//!
//! From today's spot outwards, in steps of its logarithm that grow from 0.2 % to 16 %, to the first that changes sides; then by
//! bisection. Two changes within a step are not seen.

use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;
use zkmargin_circuits::{
    engine::Report,
    model::{Asset, ONE, Policy, Price, Rate, Snapshot, Symbol},
    public::{PerpetualSide, PublicTable, SwapKind, perpetual_key, slot_key, swap_key},
    slots::Slots,
};

use crate::{
    error::CliError,
    input::Market,
    moved::{moved, scaled},
    output::Console,
};

/// How far from today's spot is looked, as a factor.
const REACH: f64 = 20.0;
/// Steps to there, each way.
const STEPS: u32 = 40;

/// Where an account changes sides as one spot moves. Private.
#[derive(Serialize)]
pub(crate) struct LiquidationPrice {
    pub(crate) asset: Symbol,
    /// Today's spot.
    pub(crate) spot: Price,
    /// The nearest spot below on the other side of the maintenance margin than today; none within a factor of 20.
    pub(crate) below: Option<Price>,
    /// The nearest such spot above.
    pub(crate) above: Option<Price>,
}

/// The account in the part of the market that it holds positions in.
struct Subject<'a> {
    path: &'a Path,
    slots: &'a Slots,
    snapshot: Snapshot,
    policy: &'a Policy,
}

/// What a snapshot says that the account's numbers depend on: public tables of the rest would be made for nothing.
fn held(snapshot: &Snapshot, slots: &Slots) -> Snapshot {
    let mut part = snapshot.clone();
    let options = slots.options.iter().map(|s| s.key);
    let dated: Vec<u128> = options.chain(slots.futures.iter().map(|s| s.key)).collect();
    let perpetual: Vec<u128> = slots.perpetual_options.iter().map(|s| s.key).collect();
    let swaps: Vec<u128> = slots.swaps.iter().map(|s| s.key).collect();
    part.expiries
        .retain(|e| dated.contains(&slot_key(e.asset, Some(e.expiry))));
    part.everlasting.retain(|e| {
        let side = PerpetualSide::Everlasting(e.funding_days.units());
        perpetual.contains(&perpetual_key(e.asset, side))
    });
    part.american.retain(|a| {
        let sides = [PerpetualSide::AmericanCall, PerpetualSide::AmericanPut];
        sides
            .iter()
            .any(|side| perpetual.contains(&perpetual_key(a.asset, *side)))
    });
    part.power
        .retain(|p| swaps.contains(&swap_key(p.asset, SwapKind::Power)));
    part.variance.retain(|v| {
        let (start, end) = (v.start.unix() / 60, v.end.unix() / 60);
        let kinds = [
            SwapKind::Variance(start, end),
            SwapKind::Volatility(start, end),
        ];
        kinds
            .iter()
            .any(|kind| swaps.contains(&swap_key(v.asset, *kind)))
    });
    part
}

impl Subject<'_> {
    /// Whether equity is below the maintenance margin; `None` where there is no such market.
    fn is_short(&self, asset: Symbol, factor: Rate) -> Result<Option<bool>, CliError> {
        let snapshot = moved(&self.snapshot, Some(asset), factor, Rate::ONE);
        let Ok(table) = PublicTable::new(&snapshot, self.policy) else {
            return Ok(None);
        };
        let report = Report::new(self.slots, &snapshot, self.policy, &table);
        let report = report.map_err(|source| CliError::Engine {
            path: self.path.to_owned(),
            source,
        })?;
        Ok(Some(report.equity < report.maintenance_margin))
    }

    /// The nearest factor below 1 or above at which the account is not as it is `now`; none within reach, or before the
    /// market's numbers leave their limits.
    fn change(
        &self,
        asset: Symbol,
        now: bool,
        side: Side,
        step: impl Fn(),
    ) -> Result<Option<Rate>, CliError> {
        let mut same = ONE;
        for i in 1..=STEPS {
            let mut other = side.factor(i);
            step();
            match self.is_short(asset, Rate::from_units(other))? {
                None => return Ok(None),
                Some(short) if short == now => same = other,
                Some(_) => {
                    while same.abs_diff(other) > 1 {
                        let middle = same.midpoint(other);
                        if self.is_short(asset, Rate::from_units(middle))? == Some(now) {
                            same = middle;
                        } else {
                            other = middle;
                        }
                    }
                    return Ok(Some(Rate::from_units(other)));
                }
            }
        }
        Ok(None)
    }
}

/// Where prices go.
#[derive(Clone, Copy)]
enum Side {
    Below,
    Above,
}

impl Side {
    /// Today's spot times this, after `i` steps; units 1e-8.
    fn factor(self, i: u32) -> i64 {
        let way = f64::from(i) / f64::from(STEPS);
        let power = match self {
            Self::Below => -way * way,
            Self::Above => way * way,
        };
        (REACH.powf(power) * ONE as f64).round() as i64
    }
}

/// The liquidation prices of every underlying that the account holds positions in.
///
/// # Errors
/// As `evaluate`.
pub(crate) fn prices(
    path: &Path,
    slots: &Slots,
    market: &Market,
    report: &Report,
    console: &Console,
) -> Result<Vec<LiquidationPrice>, CliError> {
    let subject = Subject {
        path,
        slots,
        snapshot: held(&market.snapshot, slots),
        policy: &market.policy,
    };
    let now = report.equity < report.maintenance_margin;
    let names = report.greeks.iter().map(|(asset, _)| asset);
    let assets = market.snapshot.assets.iter();
    let assets: Vec<_> = assets
        .filter(|a| names.clone().any(|name| *name == a.asset.to_string()))
        .collect();
    let bar = console.count_bar(
        "liquidation prices",
        assets.len() as u64 * 2 * u64::from(STEPS),
    );
    let change = |asset: &Asset, side: Side| {
        let factor = subject.change(asset.asset, now, side, || bar.inc(1))?;
        Ok::<_, CliError>(factor.map(|factor| scaled(asset.spot, factor)))
    };
    let each = assets.par_iter().map(|asset| {
        let (below, above) =
            rayon::join(|| change(asset, Side::Below), || change(asset, Side::Above));
        Ok(LiquidationPrice {
            asset: asset.asset,
            spot: asset.spot,
            below: below?,
            above: above?,
        })
    });
    let prices = each.collect();
    bar.finish_and_clear();
    prices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_from_today_to_the_reach() {
        assert_eq!(Side::Above.factor(0), ONE);
        assert_eq!(Side::Above.factor(STEPS), 20 * ONE);
        assert_eq!(Side::Below.factor(STEPS), ONE / 20);
        let ratio = |i: u32| Side::Above.factor(i) as f64 / Side::Above.factor(i - 1) as f64;
        assert!(ratio(1) < 1.002 && ratio(STEPS) < 1.161);
        assert!((1..STEPS).all(|i| ratio(i) < ratio(i + 1)));
    }
}
