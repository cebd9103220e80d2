//! Perpetual American options: McKean 1965, Merton 1973.

use super::{Greeks, ln_ratio, root};

impl Greeks {
    /// Sensitivities of `calls` and `puts` of one perpetual American option, each exercised at its own critical spot.
    /// Theta is 0.
    ///
    /// `spot` and `strike` in USD, above 0; `rate` and `dividend` per year, continuous; `vol` per square root of a year,
    /// above 0. Rho is by `rate`, `dividend` fixed. At the critical spot the option counts as exercised. Never exercised, a
    /// call (`dividend` 0, `rate` at least `-vol^2 / 2`) is worth the spot and a put (`rate` 0, `dividend` at least
    /// `-vol^2 / 2`) the strike; that put's rho, whose slope is infinite, counts as 0. Calls with a negative `dividend`
    /// and puts with a negative `rate` have no market and no Greeks: 0.
    ///
    /// Source: McKean 1965; Merton, *Theory of rational option pricing*, 1973; `docs/instruments.md`.
    pub fn american(
        spot: f64,
        strike: f64,
        rate: f64,
        dividend: f64,
        vol: f64,
        calls: f64,
        puts: f64,
    ) -> Self {
        let mut total = Self::default();
        if calls != 0.0 && dividend >= 0.0 {
            total += american_call(spot, strike, rate, dividend, vol).times(calls);
        }
        if puts != 0.0 && rate >= 0.0 {
            total += american_put(spot, strike, rate, dividend, vol).times(puts);
        }
        total.reported()
    }

    fn times(self, size: f64) -> Self {
        Self {
            delta: self.delta * size,
            gamma: self.gamma * size,
            vega: self.vega * size,
            theta: self.theta * size,
            rho: self.rho * size,
        }
    }
}

/// A critical spot within this of the spot is reached, an exponent within it of its limit is the limit: rounding leaves
/// no more to tell.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// With `m = y+ - 1` and `z = ln(S/S*)`: `V = S e^(mz) / (1 + m)`.
fn american_call(spot: f64, strike: f64, rate: f64, dividend: f64, vol: f64) -> Greeks {
    let square = vol * vol;
    let [m, root] = root(0.5 + (rate - dividend) / square, 2.0 * dividend / square);
    let holding = Greeks {
        delta: 1.0,
        ..Greeks::default()
    };
    if m <= ROUNDING {
        return holding;
    }
    let z = ln_ratio(spot, strike) - libm::log1p(1.0 / m);
    if z >= -ROUNDING {
        return holding;
    }
    let delta = libm::exp(m * z);
    let by_exponent = -spot * delta * z * m / root;
    Greeks {
        delta,
        gamma: m * delta / spot,
        vega: by_exponent / vol,
        theta: 0.0,
        rho: by_exponent / (square * (1.0 + m)),
    }
}

/// With `m = -y-` and `z = ln(S/S*)`: `V = S e^(-(1 + m)z) / m`.
fn american_put(spot: f64, strike: f64, rate: f64, dividend: f64, vol: f64) -> Greeks {
    let square = vol * vol;
    let [m, root] = root(0.5 - (rate - dividend) / square, 2.0 * rate / square);
    if m <= ROUNDING {
        return Greeks::default();
    }
    let z = ln_ratio(spot, strike) + libm::log1p(1.0 / m);
    if z <= ROUNDING {
        return Greeks {
            delta: -1.0,
            ..Greeks::default()
        };
    }
    let share = libm::exp(-(1.0 + m) * z);
    let by_exponent = spot * share * z * (1.0 + m) / root;
    Greeks {
        delta: -share,
        gamma: (1.0 + m) * share / spot,
        vega: by_exponent / vol,
        theta: 0.0,
        rho: -by_exponent / (square * m),
    }
}
