//! Sensitivities, in floating point: for people, never part of a proof.
//!
//! Closed forms and sources: `docs/instruments.md`, section by section. Where they subtract nearly equal numbers, an
//! equivalent without the cancellation stands here.

mod american;
mod european;
mod everlasting;
mod swaps;

pub use swaps::VarianceState;

use schemars::JsonSchema;
use serde::Serialize;

/// Sensitivities in USD: approximations for the reader, never part of a proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Greeks {
    /// Units of the underlying: USD per 1 USD move of forward or spot.
    pub delta: f64,
    /// Change of delta per 1 USD move.
    pub gamma: f64,
    /// USD per vol point (0.01 of volatility; of fair volatility for a volatility swap).
    pub vega: f64,
    /// USD per day, everything but the time fixed: forward or spot, volatility, discount, returns so far.
    pub theta: f64,
    /// USD per percentage point of the discount rate with the forward fixed, for perpetual instruments of the financing
    /// rate with the spot fixed.
    pub rho: f64,
}

/// What may be added up over underlyings: amounts of USD. Delta and gamma are in units of one underlying, and may not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct TotalGreeks {
    /// USD per vol point, if every volatility moves by one.
    pub vega: f64,
    /// USD per day.
    pub theta: f64,
    /// USD per percentage point, if every rate moves by one.
    pub rho: f64,
}

/// Per 1.00 of volatility or of rate.
const POINT: f64 = 0.01;
/// Days of a year.
const DAYS: f64 = 365.0;

impl Greeks {
    /// Vega and rho per 1.00, theta per year, in the report's units.
    fn reported(self) -> Self {
        Self {
            vega: self.vega * POINT,
            theta: self.theta / DAYS,
            rho: self.rho * POINT,
            ..self
        }
    }
}

impl std::ops::AddAssign for Greeks {
    fn add_assign(&mut self, other: Self) {
        self.delta += other.delta;
        self.gamma += other.gamma;
        self.vega += other.vega;
        self.theta += other.theta;
        self.rho += other.rho;
    }
}

impl<'g> FromIterator<&'g Greeks> for TotalGreeks {
    fn from_iter<I: IntoIterator<Item = &'g Greeks>>(list: I) -> Self {
        let mut total = Self::default();
        for greeks in list {
            total.vega += greeks.vega;
            total.theta += greeks.theta;
            total.rho += greeks.rho;
        }
        total
    }
}

/// `-h + sqrt(h^2 + c)` without cancellation, and the root itself.
fn root(h: f64, c: f64) -> [f64; 2] {
    let root = (h * h + c).sqrt();
    let distance = if h > 0.0 { c / (root + h) } else { root - h };
    [distance, root]
}

/// `ln(x / y)`, also for `x` near `y`.
fn ln_ratio(x: f64, y: f64) -> f64 {
    let ratio = x / y;
    if (0.5..2.0).contains(&ratio) {
        libm::log1p((x - y) / y)
    } else {
        libm::log(ratio)
    }
}
