//! A slot's sensitivities from the snapshot's numbers. `None` where the snapshot lacks the market, which the report has
//! refused before.

use super::positions::float;
use crate::{
    engine::{Greeks, VarianceState},
    model::{Asset, Discount, Rate, SECONDS_PER_YEAR, Snapshot, Symbol, VarianceMarket},
    public::{PerpetualSide, SwapKind},
    slots::{OptionSlot, SwapSlot},
};

/// A decimal of 8 places.
fn number(value: Rate) -> f64 {
    float(value.units().into())
}

fn years(days: Rate) -> f64 {
    number(days) / 365.0
}

fn asset(snapshot: &Snapshot, asset: Symbol) -> Option<&Asset> {
    snapshot.assets.iter().find(|a| a.asset == asset)
}

pub(super) fn perpetual_option(
    snapshot: &Snapshot,
    symbol: Symbol,
    side: PerpetualSide,
    slot: &OptionSlot,
) -> Option<Greeks> {
    let asset = asset(snapshot, symbol)?;
    let (spot, rate) = (number(asset.spot), number(asset.rate));
    let (strike, calls, puts) = (float(slot.strike), float(slot.calls), float(slot.puts));
    Some(match side {
        PerpetualSide::Everlasting(units) => {
            let period = Rate::from_units(units);
            let mut markets = snapshot.everlasting.iter();
            let market = markets.find(|e| e.asset == symbol && e.funding_days == period)?;
            let vol = number(market.vol);
            Greeks::everlasting(spot, strike, rate, vol, years(period), calls, puts)
        }
        PerpetualSide::AmericanCall | PerpetualSide::AmericanPut => {
            let market = snapshot.american.iter().find(|a| a.asset == symbol)?;
            let (dividend, vol) = (number(market.dividend), number(market.vol));
            Greeks::american(spot, strike, rate, dividend, vol, calls, puts)
        }
    })
}

pub(super) fn swap(
    snapshot: &Snapshot,
    symbol: Symbol,
    kind: SwapKind,
    slot: &SwapSlot,
) -> Option<Greeks> {
    let asset = asset(snapshot, symbol)?;
    let (size, strike) = (float(slot.size), float(slot.strike));
    let of_period = |start: i64, end: i64| {
        snapshot
            .variance
            .iter()
            .find(|v| v.asset == symbol && v.start.unix() / 60 == start && v.end.unix() / 60 == end)
    };
    Some(match kind {
        SwapKind::Power => {
            let market = snapshot.power.iter().find(|p| p.asset == symbol)?;
            let (vol, period) = (number(market.vol), years(market.funding_days));
            Greeks::power(number(asset.spot), number(asset.rate), vol, period, size)
        }
        SwapKind::Variance(start, end) => {
            let state = state(snapshot, asset, of_period(start, end)?);
            Greeks::variance_swap(&state, size, strike)
        }
        SwapKind::Volatility(start, end) => {
            let market = of_period(start, end)?;
            let state = state(snapshot, asset, market);
            let fair = number(market.fair_vol);
            Greeks::volatility_swap(fair, strike, state.discount, state.left, size)
        }
    })
}

fn state(snapshot: &Snapshot, asset: &Asset, market: &VarianceMarket) -> VarianceState {
    let years = |seconds: i64| seconds as f64 / SECONDS_PER_YEAR as f64;
    VarianceState {
        spot: number(asset.spot),
        realised_variance: number(market.realised_variance),
        implied_vol: number(market.implied_vol),
        elapsed: years(snapshot.time.unix() - market.start.unix()),
        left: years(market.end.unix() - snapshot.time.unix()),
        discount: market.discount.units() as f64 / Discount::ONE.units() as f64,
    }
}
