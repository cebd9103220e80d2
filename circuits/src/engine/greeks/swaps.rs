//! Power perpetuals, variance and volatility swaps.

use super::Greeks;

/// Where a variance swap stands. Public.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceState {
    /// Spot, USD, above 0.
    pub spot: f64,
    /// Annualised variance realised so far (0.25 is that of 50 %).
    pub realised_variance: f64,
    /// Volatility implied for the time that is left, per square root of a year.
    pub implied_vol: f64,
    /// Time elapsed, years, at least 0.
    pub elapsed: f64,
    /// Time left, years, at least 0, and above it where nothing has elapsed.
    pub left: f64,
    /// Discount factor to the end.
    pub discount: f64,
}

impl Greeks {
    /// Sensitivities of `size` power perpetuals on the squared spot. Theta is 0.
    ///
    /// `spot` in USD; `rate` per year, continuous; `vol` per square root of a year; `years` the funding period. Where
    /// `(rate + vol^2) years` reaches 1 the price is infinite and all Greeks count as 0; the public table refuses such a
    /// market, and what comes near it.
    ///
    /// Source: White et al., *Power perpetuals*, 2021; `docs/instruments.md`.
    pub fn power(spot: f64, rate: f64, vol: f64, years: f64, size: f64) -> Self {
        let rest = 1.0 - (rate + vol * vol) * years;
        if rest <= 0.0 {
            return Self::default();
        }
        let slope = 1.0 / rest;
        let rho = size * (spot * slope) * (spot * slope) * years;
        Self {
            delta: size * 2.0 * spot * slope,
            gamma: size * 2.0 * slope,
            vega: 2.0 * vol * rho,
            theta: 0.0,
            rho,
        }
        .reported()
    }

    /// Sensitivities of a variance swap of `notional` USD per 1.00 of annualised variance, struck at the volatility
    /// `strike`. Delta is 0; gamma is of the squared return that an instant move realises; theta is that of a day without
    /// a move.
    ///
    /// Source: Demeterfi, Derman, Kamal and Zou, *More than you ever wanted to know about volatility swaps*, 1999;
    /// `docs/instruments.md`.
    pub fn variance_swap(state: &VarianceState, notional: f64, strike: f64) -> Self {
        let paid = state.discount * notional;
        let total = state.elapsed + state.left;
        let left = state.left / total;
        let implied = state.implied_vol * state.implied_vol;
        let realised = state.realised_variance * (state.elapsed / total);
        let value = paid * (realised + implied * left - strike * strike);
        Self {
            delta: 0.0,
            gamma: 2.0 * paid / (total * state.spot * state.spot),
            vega: 2.0 * paid * state.implied_vol * left,
            theta: -paid * implied / total,
            rho: -state.left * value,
        }
        .reported()
    }

    /// Sensitivities of a volatility swap of `notional` USD per 1.00 of volatility, struck at `strike`. Vega is by the
    /// market's `fair_vol`; delta, gamma and theta with it fixed are 0. `left` is the time to the end in years.
    ///
    /// Source: Brockhaus and Long, *Volatility swaps made simple*, 2000; `docs/instruments.md`.
    pub fn volatility_swap(
        fair_vol: f64,
        strike: f64,
        discount: f64,
        left: f64,
        notional: f64,
    ) -> Self {
        let paid = discount * notional;
        Self {
            vega: paid,
            rho: -left * paid * (fair_vol - strike),
            ..Self::default()
        }
        .reported()
    }
}
