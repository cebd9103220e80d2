//! A moved market: the snapshot's own numbers scaled.

use zkmargin_circuits::model::{Fixed, ONE, Rate, Snapshot, Symbol, Time, VarianceMarket};

/// `value x factor` to the nearest unit. What 64 bits do not hold becomes their limit, which every field refuses.
pub(crate) fn scaled(value: Fixed<8>, factor: Rate) -> Fixed<8> {
    let one = i128::from(ONE);
    let product = i128::from(value.units()) * i128::from(factor.units());
    let nearest = (product + one / 2).div_euclid(one);
    let limit = if nearest < 0 { i64::MIN } else { i64::MAX };
    Fixed::from_units(i64::try_from(nearest).unwrap_or(limit))
}

/// The snapshot with spot, perpetual mark and forwards multiplied by `spot` and every volatility by `vol`; of one asset, or
/// of all. What the settlement average has fixed of a forward stays, and so does realised variance.
pub(crate) fn moved(market: &Snapshot, asset: Option<Symbol>, spot: Rate, vol: Rate) -> Snapshot {
    let is_moved = |other: Symbol| asset.is_none_or(|asset| asset == other);
    let mut snapshot = market.clone();
    for asset in snapshot.assets.iter_mut().filter(|a| is_moved(a.asset)) {
        asset.spot = scaled(asset.spot, spot);
        if let Some(perpetual) = &mut asset.perpetual {
            perpetual.mark = scaled(perpetual.mark, spot);
        }
    }
    for expiry in snapshot.expiries.iter_mut().filter(|e| is_moved(e.asset)) {
        let fixed = expiry.forward_fixed.units();
        let moving = Fixed::from_units(expiry.forward.units() - fixed);
        let moved = scaled(moving, spot).units().saturating_add(fixed);
        expiry.forward = Fixed::from_units(moved);
        for node in &mut expiry.smile {
            node.vol = scaled(node.vol, vol);
        }
    }
    // Perpetual options, power perpetuals and swaps: their spot is the asset's.
    let everlasting = snapshot.everlasting.iter_mut();
    let everlasting = everlasting.map(|e| (e.asset, &mut e.vol));
    let american = snapshot.american.iter_mut().map(|a| (a.asset, &mut a.vol));
    let power = snapshot.power.iter_mut().map(|p| (p.asset, &mut p.vol));
    for (asset, value) in everlasting.chain(american).chain(power) {
        if is_moved(asset) {
            *value = scaled(*value, vol);
        }
    }
    let time = snapshot.time;
    for market in &mut snapshot.variance {
        if is_moved(market.asset) && vol != Rate::ONE {
            let before = fair_variance(market, time);
            market.implied_vol = scaled(market.implied_vol, vol);
            let ratio = (fair_variance(market, time) / before).sqrt();
            // One unit less, so that rounding leaves it below the root of the fair variance.
            let fair = market.fair_vol.units() as f64 * ratio - 1.0;
            market.fair_vol = Fixed::from_units(fair.max(0.0) as i64);
        }
    }
    snapshot
}

/// Realised and implied variance of the whole period.
fn fair_variance(market: &VarianceMarket, now: Time) -> f64 {
    let unit = |value: Fixed<8>| value.units() as f64 / ONE as f64;
    let (start, end) = (market.start.unix(), market.end.unix());
    let elapsed = (now.unix() - start) as f64 / (end - start) as f64;
    unit(market.realised_variance) * elapsed + unit(market.implied_vol).powi(2) * (1.0 - elapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Rate {
        text.parse().expect("decimal")
    }

    #[test]
    fn scaling_rounds_to_the_nearest_unit() {
        let half = decimal("0.5");
        assert_eq!(scaled(Fixed::from_units(3), half).units(), 2);
        assert_eq!(
            scaled(decimal("104380.25"), decimal("0.9")),
            decimal("93942.225")
        );
        let most = Fixed::from_units(i64::MAX);
        assert_eq!(scaled(most, decimal("2")), most);
        assert_eq!(scaled(most, decimal("-2")).units(), i64::MIN);
    }
}
