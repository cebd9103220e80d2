//! European options: Black 1976.

use num_traits::ToPrimitive;

use super::Greeks;
use crate::{
    engine::{SCALE_BITS, option::MarketTrace},
    model::{ONE, SECONDS_PER_YEAR},
    public::DISCOUNT_BITS,
    tables::{LN_BITS, V_BITS},
};

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
        let forward = libm::exp(ln_forward) / ONE as f64;
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
        let density = libm::exp(-d1 * d1 / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        let held = calls + puts;
        let value = trace.value.to_f64().unwrap_or(0.0) / (ONE as f64).powi(2) / scale(SCALE_BITS);
        let vega = discount * forward * density * years.sqrt();
        Self {
            delta: discount * (calls * distribution(d1) - puts * distribution(-d1)),
            gamma: held * discount * density / (forward * v),
            vega: held * vega,
            theta: -held * vega * v / years.sqrt() / (2.0 * years),
            rho: -years * value,
        }
        .reported()
    }
}
