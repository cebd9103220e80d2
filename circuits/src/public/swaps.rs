//! The public table of what has a public price per unit under every scenario: power perpetuals, variance and volatility
//! swaps. Formulas and sources: `docs/instruments.md`.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::{
    SwapExposureRow, SwapGroup, SwapKind, Underlyings,
    build::{TableError, decimal},
    charges::swap_error,
    moves::{Move, Moves},
    options::{MOVE_BITS, moved_vol, vol_multipliers},
    swap_key,
};
use crate::{
    math::{self, Real},
    model::{
        Discount, ONE, Policy, PowerMarket, Rate, SECONDS_PER_YEAR, Snapshot, Time, VarianceMarket,
    },
};

/// Decimal places of a price per unit.
const PRICE_PLACES: u32 = 24;
/// A price stays below 2^126 units of 1e-24 USD.
const PRICE_BITS: u64 = 126;

/// Fraction bits of a loss per unit, in units of 1e-8 USD.
pub const LOSS_BITS: u32 = 20;
/// The delta charge's losses are in another unit than scenarios': 1e-24 USD x 2^-102 for 1e-16 USD x 2^-132. In it, 1e-8 times
/// an exposure of 2^-14 x 1e-8 USD has this many bits too many.
const DELTA_CUT_BITS: u32 = 24;

/// What of a charge is at most due: two units for the roundings of the charge itself and of prices.
fn above(charge: i128, policy: &Policy) -> i128 {
    charge.saturating_add(swap_error(policy)).saturating_add(2)
}

/// What a contract loses by scenario, per unit and per unit held: the loss rounded to the nearest, less one unit for that; of
/// the delta charge the exposure.
fn losses(prices: &[Real], moves: &Moves, exposure: &SwapExposureRow) -> Vec<[i128; 2]> {
    let base = prices.first();
    let each = moves.list.iter().zip(prices).enumerate();
    each.map(|(scenario, (market, price))| {
        if moves.delta == Some(scenario) {
            let gross = BigInt::from(exposure.delta).abs() * market.row.gross;
            let units: BigInt = gross >> DELTA_CUT_BITS;
            return [0, units.to_i128().unwrap_or_default()];
        }
        if !market.reprices() {
            return [0; 2];
        }
        let lost = (base.map_or_else(Real::zero, |base| base - price)) * ONE;
        [
            math::round(&lost, LOSS_BITS).to_i128().unwrap_or_default(),
            -1,
        ]
    })
    .collect()
}

/// A price in units of 1e-24 USD, rounded to the nearest; `None` if too large.
fn price(value: &Real) -> Option<i128> {
    let scaled: BigInt = value * BigInt::from(10u8).pow(PRICE_PLACES);
    let nearest: BigInt = (scaled + (BigInt::from(1) << (math::BITS - 1))) >> math::BITS;
    nearest.to_i128().filter(|_| nearest.bits() <= PRICE_BITS)
}

fn power_group(
    power: &PowerMarket,
    snapshot: &Snapshot,
    policy: &Policy,
    moves: &Moves,
    underlyings: &Underlyings,
) -> Result<SwapGroup, TableError> {
    let asset = snapshot.assets.iter().find(|a| a.asset == power.asset);
    let (spot, rate) = asset.map_or((0, 0), |a| (a.spot.units(), a.rate.units()));
    let days = power.funding_days.units().unsigned_abs();
    let tenor = (u128::from(days) * 86_400 / u128::from(ONE.unsigned_abs())) as u64;
    let years = math::ratio(&days.into(), &(BigInt::from(ONE) * 365));
    let multipliers = vol_multipliers(tenor, policy);
    let mut prices = Vec::with_capacity(moves.list.len());
    let mut exposure = None;
    for (scenario, market) in moves.list.iter().enumerate() {
        let refuse = || TableError::Power {
            asset: power.asset,
            scenario,
        };
        let vol = moved_vol(power.vol.units(), market, multipliers).ok_or_else(|| {
            TableError::VolMultiplier {
                market: format!("{} power perpetual", power.asset),
                scenario,
            }
        })?;
        let moved = math::ratio(
            &(BigInt::from(spot) * market.ratio()),
            &(BigInt::from(ONE) << MOVE_BITS),
        );
        let grown = math::mul(&(decimal(rate) + math::mul(&vol, &vol)), &years);
        if grown > math::one() * 9 / 10 {
            return Err(refuse());
        }
        let rest = math::one() - grown;
        let value = math::div(&math::mul(&moved, &moved), &rest);
        price(&value).ok_or_else(refuse)?;
        prices.push(value.clone());
        if exposure.is_none() {
            // The price is in proportion to S^2 / rest.
            let units = value * ONE;
            let double: Real = &units * 2u32;
            let vega = math::div(&math::mul(&double, &math::mul(&vol, &years)), &rest);
            let row = SwapExposureRow::of([&double, &double, &vega]);
            exposure = Some(row.ok_or_else(refuse)?);
        }
    }
    let exposure = exposure.unwrap_or_default();
    let base = prices.first().and_then(price).unwrap_or_default();
    // As for a perpetual future: a fraction of the mark, rounded down.
    let mark = base / 10i128.pow(PRICE_PLACES - 16);
    let charge = BigInt::from(policy.contingencies.future.maintenance.units()) * mark / ONE;
    let kind = SwapKind::Power;
    Ok(SwapGroup {
        id: Some((power.asset, kind)),
        key: swap_key(power.asset, kind),
        discount: Discount::ONE.units().into(),
        charge: charge.to_i128().unwrap_or(i128::MAX) - swap_error(policy),
        above: above(charge.to_i128().unwrap_or(i128::MAX), policy),
        price: base,
        scenarios: losses(&prices, moves, &exposure),
        underlying: underlyings.number(power.asset),
        exposure,
    })
}

/// `A t/T + I^2 (T - t)/T`, plus what a move accrues over T; `t` and `T` in seconds, `accrued` times seconds.
fn fair_variance(realised: Rate, vol: &Real, [elapsed, total]: [i64; 2], accrued: Real) -> Real {
    let implied = math::mul(vol, vol) * (total - elapsed);
    (decimal(realised.units()) * elapsed + implied + accrued) / total
}

/// A variance swap's price per unit in the unmoved market, for a period of any length (the files hold whole minutes):
/// annualised variance so far, volatility implied for the rest, seconds elapsed and in all, discount factor. Units
/// 1e-24 USD; `None` if too large.
pub fn variance_price(
    realised: Rate,
    implied: Rate,
    times: [i64; 2],
    discount: Discount,
) -> Option<i128> {
    let variance = fair_variance(realised, &decimal(implied.units()), times, Real::zero());
    price(&discounted(discount, &variance))
}

/// A discounted price.
fn discounted(discount: Discount, value: &Real) -> Real {
    let factor = math::ratio(&discount.units().into(), &Discount::ONE.units().into());
    math::mul(&factor, value)
}

/// Fair variance of the whole period, and a swap's price, under each move.
struct Fair {
    variance: Real,
    volatility: Real,
}

/// `A t/T + I^2 (T - t)/T`, to which a move adds what it accrues, `ln(1 + x)^2 / T`. The convexity of fair volatility,
/// `sqrt(w) - fair`, goes with `w^(-3/2)`: the variance of the rest is what the move leaves alone (Brockhaus and Long 2000).
fn fair(
    market: &VarianceMarket,
    snapshot: &Snapshot,
    moved: &Move,
    vol: &Real,
    base: Option<&Fair>,
) -> Fair {
    let total = market.end.unix() - market.start.unix();
    let elapsed = snapshot.time.unix() - market.start.unix();
    let accrued = math::mul(&moved.ln_spot, &moved.ln_spot) * SECONDS_PER_YEAR;
    let variance = fair_variance(market.realised_variance, vol, [elapsed, total], accrued);
    let root = math::sqrt(&variance);
    let stated = decimal(market.fair_vol.units());
    let volatility = match base {
        None => stated,
        Some(base) if variance.is_zero() || base.variance.is_zero() => root,
        Some(base) => {
            let convexity = math::sqrt(&base.variance) - stated;
            let ratio = math::div(&base.variance, &variance);
            let moved = math::mul(&convexity, &math::mul(&ratio, &math::sqrt(&ratio)));
            (&root - moved).clamp(Real::zero(), root)
        }
    };
    Fair {
        variance,
        volatility,
    }
}

fn variance_groups(
    market: &VarianceMarket,
    snapshot: &Snapshot,
    policy: &Policy,
    moves: &Moves,
    underlyings: &Underlyings,
) -> Result<[SwapGroup; 2], TableError> {
    let left = (market.end.unix() - snapshot.time.unix()).unsigned_abs();
    let multipliers = vol_multipliers(left, policy);
    let mut prices = [const { Vec::new() }; 2];
    let mut base: Option<Fair> = None;
    for (scenario, moved) in moves.list.iter().enumerate() {
        let vol = moved_vol(market.implied_vol.units(), moved, multipliers).ok_or_else(|| {
            TableError::VolMultiplier {
                market: format!("{} {} to {}", market.asset, market.start, market.end),
                scenario,
            }
        })?;
        let fair = fair(market, snapshot, moved, &vol, base.as_ref());
        if base.is_none() {
            // One unit of the last place for the rounding of the file's own number.
            let least: Real = &fair.volatility - decimal(1);
            if least.is_positive() && math::mul(&least, &least) > fair.variance {
                return Err(TableError::FairVol {
                    asset: market.asset,
                    start: market.start,
                    end: market.end,
                    fair_vol: market.fair_vol,
                });
            }
        }
        for (list, value) in prices.iter_mut().zip([&fair.variance, &fair.volatility]) {
            // Within the files' limits the greatest is far below; a number that does not fit is no price.
            let value = discounted(market.discount, value);
            price(&value).ok_or(TableError::Variance {
                asset: market.asset,
                start: market.start,
                end: market.end,
                scenario,
            })?;
            list.push(value);
        }
        base.get_or_insert(fair);
    }
    let (start, end) = (market.start.unix() / 60, market.end.unix() / 60);
    let [variance, volatility] = prices;
    let [from, now, to] = [market.start, snapshot.time, market.end].map(Time::unix);
    let exposures =
        variance_exposures(market.implied_vol, [now - from, to - from], market.discount);
    let exposures = exposures.ok_or(TableError::Variance {
        asset: market.asset,
        start: market.start,
        end: market.end,
        scenario: 0,
    })?;
    Ok([
        (SwapKind::Variance(start, end), variance, exposures[0]),
        (SwapKind::Volatility(start, end), volatility, exposures[1]),
    ]
    .map(|(kind, prices, exposure)| SwapGroup {
        id: Some((market.asset, kind)),
        key: swap_key(market.asset, kind),
        discount: market.discount.units().into(),
        charge: -swap_error(policy),
        above: above(0, policy),
        price: prices.first().and_then(price).unwrap_or_default(),
        scenarios: losses(&prices, moves, &exposure),
        underlying: underlyings.number(market.asset),
        exposure,
    }))
}

/// Exposures of a variance swap and of a volatility swap: an instant return x realises x^2 / T; vega is by the implied
/// volatility and by the fair volatility. For a period of any length, as [`variance_price`]: volatility implied for the
/// rest, seconds elapsed and in all, discount factor. `None` if a number is too large.
pub fn variance_exposures(
    implied: Rate,
    [elapsed, total]: [i64; 2],
    discount: Discount,
) -> Option<[SwapExposureRow; 2]> {
    let zero = Real::zero();
    let paid = math::ratio(&discount.units().into(), &Discount::ONE.units().into()) * ONE;
    let gamma: Real = &paid * 2u32 * SECONDS_PER_YEAR / total;
    let vega: Real = math::mul(&paid, &decimal(implied.units())) * 2u32 * (total - elapsed) / total;
    Some([
        SwapExposureRow::of([&zero, &gamma, &vega])?,
        SwapExposureRow::of([&zero, &zero, &paid])?,
    ])
}

pub(super) fn swap_groups(
    snapshot: &Snapshot,
    policy: &Policy,
    moves: &Moves,
    underlyings: &Underlyings,
) -> Result<Vec<SwapGroup>, TableError> {
    let mut groups = Vec::new();
    for power in &snapshot.power {
        groups.push(power_group(power, snapshot, policy, moves, underlyings)?);
    }
    for market in &snapshot.variance {
        groups.extend(variance_groups(
            market,
            snapshot,
            policy,
            moves,
            underlyings,
        )?);
    }
    groups.sort_by_key(|g| g.key);
    let null = SwapGroup {
        id: None,
        key: 0,
        discount: 0,
        charge: 0,
        above: 0,
        price: 0,
        scenarios: vec![[0; 2]],
        underlying: 0,
        exposure: SwapExposureRow::default(),
    };
    groups.insert(0, null);
    Ok(groups)
}
