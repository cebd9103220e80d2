//! Liquidation prices: the spots of one underlying, all else unchanged, at which equity meets the maintenance margin.
//!
//! From today's spot outwards in even steps of its logarithm to the first that changes sides, then by bisection. Two changes
//! within a step are not seen.

use std::path::Path;

use serde::Serialize;
use zkmargin_circuits::{
    engine::Report,
    model::{ONE, Policy, Price, Rate, Snapshot, Symbol},
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
const STEPS: i32 = 120;

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

    /// The nearest factor below 1 (`direction` -1) or above at which the account is not as it is `now`.
    fn change(
        &self,
        asset: Symbol,
        now: bool,
        direction: i32,
        step: impl Fn(),
    ) -> Result<Option<Rate>, CliError> {
        let mut same = ONE;
        for i in 1..=STEPS {
            let factor = REACH.powf(f64::from(direction * i) / f64::from(STEPS));
            let mut other = (factor * ONE as f64).round() as i64;
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
    let count = assets.len() as u64 * 2 * STEPS.unsigned_abs() as u64;
    let bar = console.count_bar("liquidation prices", count);
    let mut prices = Vec::with_capacity(assets.len());
    for (i, asset) in assets.iter().enumerate() {
        let mut sides = [None; 2];
        for (side, direction) in sides.iter_mut().zip([-1, 1]) {
            let factor = subject.change(asset.asset, now, direction, || bar.inc(1))?;
            *side = factor.map(|factor| scaled(asset.spot, factor));
        }
        bar.set_position((i as u64 + 1) * 2 * u64::from(STEPS.unsigned_abs()));
        let [below, above] = sides;
        prices.push(LiquidationPrice {
            asset: asset.asset,
            spot: asset.spot,
            below,
            above,
        });
    }
    bar.finish_and_clear();
    Ok(prices)
}
