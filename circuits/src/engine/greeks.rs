//! Sensitivities, in floating point: for people, never part of a proof.

use num_traits::ToPrimitive;
use schemars::JsonSchema;
use serde::Serialize;

use super::{SCALE_BITS, option::MarketTrace};
use crate::{
    model::{ONE, SECONDS_PER_YEAR},
    public::DISCOUNT_BITS,
    tables::{LN_BITS, V_BITS},
};

/// Sensitivities in USD: approximations for the reader, never part of a proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Greeks {
    /// Units of the underlying: USD per 1 USD move of forward or spot.
    pub delta: f64,
    /// Change of delta per 1 USD move.
    pub gamma: f64,
    /// USD per vol point (0.01 of volatility).
    pub vega: f64,
    /// USD per day, forward, volatility and discount fixed.
    pub theta: f64,
    /// USD per percentage point of the discount rate, forward fixed.
    pub rho: f64,
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

/// `2^bits`.
fn scale(bits: u32) -> f64 {
    2f64.powi(bits as i32)
}

/// The standard normal distribution function.
fn distribution(d: f64) -> f64 {
    libm::erfc(-d / std::f64::consts::SQRT_2) / 2.0
}

impl Greeks {
    /// Black-76 sensitivities of `calls` and `puts` of one strike; `docs/instruments.md` has the formulas.
    pub fn european(trace: &MarketTrace, seconds: u64, calls: f64, puts: f64) -> Self {
        let years = seconds as f64 / SECONDS_PER_YEAR as f64;
        let v = trace.v as f64 / scale(V_BITS);
        let ln_forward = trace.ln_forward as f64 / scale(LN_BITS);
        let forward = ln_forward.exp() / ONE as f64;
        let discount =
            trace.discounted_forward as f64 / scale(DISCOUNT_BITS) / ONE as f64 / forward;
        if years <= 0.0 || v <= 0.0 {
            let delta = if trace.negative1 { -puts } else { calls };
            return Self {
                delta: discount * delta,
                ..Self::default()
            };
        }
        // Not the circuit's d1, whose grid is coarse because an error in it hardly moves the value.
        let moneyness = (trace.ln_forward - trace.ln_strike) as f64 / scale(LN_BITS);
        let d1 = moneyness / v + v / 2.0;
        let density = (-d1 * d1 / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let held = calls + puts;
        let value = trace.value.to_f64().unwrap_or(0.0) / (ONE as f64).powi(2) / scale(SCALE_BITS);
        let vega = discount * forward * density * years.sqrt();
        Self {
            delta: discount * (calls * distribution(d1) - puts * distribution(-d1)),
            gamma: held * discount * density / (forward * v),
            vega: held * vega * 0.01,
            theta: -held * vega * v / years.sqrt() / (2.0 * years) / 365.0,
            rho: -years * value * 0.01,
        }
    }
}
