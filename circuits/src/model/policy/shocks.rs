//! What moves: scenarios, volatilities, skews, discounts, basis, delta.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{ONE, Rate};

/// One joint move of every spot and volatility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Relative spot move, above -1 (-0.2 is 20 % down). Forwards and marks move with it. 0 for a skew.
    pub spot: Rate,
    /// Direction of the volatility move.
    pub vol: VolMove,
    /// Weight of the scenario's loss, above 0 and at most 1 (far tails are dampened).
    pub weight: Rate,
}

/// Direction of a volatility move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VolMove {
    /// Volatility multiplied by 1 + `vol_shock.up` x term factor; a European option's is at least `vol_shock.min_vol_up`.
    Up,
    /// Volatility multiplied by 1 - `vol_shock.down` x term factor, at least 0.
    Down,
    /// Volatility unchanged.
    Same,
    /// European options' volatility multiplied by 1 + k c/w, k = ln(K/F), within the cap c; gains count as losses.
    Linear,
    /// The same with |k|.
    Absolute,
}

impl VolMove {
    /// A skew scenario, in which an expiry's gain counts as a loss.
    pub fn is_skew(self) -> bool {
        matches!(self, Self::Linear | Self::Absolute)
    }
}

/// Vol shocks scale with (30 d / max(t, floor))^power, the term factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VolShock {
    /// Relative rise at 30 days.
    pub up: Rate,
    /// Relative fall at 30 days.
    pub down: Rate,
    /// Power of the term factor up to 30 days, 0 to 1.
    pub short_power: Rate,
    /// Power of the term factor beyond 30 days, 0 to 1.
    pub long_power: Rate,
    /// Shortest time to expiry in the term factor, seconds, at least 3600.
    pub floor_seconds: u64,
    /// Least volatility of a European option in an up scenario.
    pub min_vol_up: Rate,
}

impl Default for VolShock {
    fn default() -> Self {
        Self {
            up: Rate::ZERO,
            down: Rate::ZERO,
            short_power: Rate::ZERO,
            long_power: Rate::ZERO,
            floor_seconds: 86_400,
            min_vol_up: Rate::ZERO,
        }
    }
}

/// Skew scenarios: cap c = cap + slope sqrt(t), width w = max(`min_width`, sqrt(t) `width_scale` (`vol_base` + `vol_slope` sqrt(t))),
/// t in years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Skew {
    /// Cap of a linear skew.
    pub linear: SkewCap,
    /// Cap of an absolute skew.
    pub absolute: SkewCap,
    /// Least width.
    pub min_width: Rate,
    /// Width per standard deviation.
    pub width_scale: Rate,
    /// Volatility that the width is measured in.
    pub vol_base: Rate,
    /// Its change per square root of a year.
    pub vol_slope: Rate,
}

impl Default for Skew {
    fn default() -> Self {
        Self {
            linear: SkewCap::default(),
            absolute: SkewCap::default(),
            min_width: Rate::from_units(ONE / 100),
            width_scale: Rate::ZERO,
            vol_base: Rate::ZERO,
            vol_slope: Rate::ZERO,
        }
    }
}

/// Greatest relative change of a volatility by a skew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SkewCap {
    /// At expiry.
    pub cap: Rate,
    /// Its change per square root of a year.
    pub slope: Rate,
}

/// The static discount d of an expiry's value V under a scenario. With D the expiry's discount factor and t in years:
/// long.base x D^long.rate_multiplier x exp(-t long.rate_add) where V is not negative, else
/// min(1/D, short.base / (D^short.rate_multiplier x exp(-t short.rate_add))); 1 where `short` is left out, whatever D.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StaticDiscount {
    /// Of a positive value.
    pub long: DiscountSide,
    /// Of a negative value.
    pub short: DiscountSide,
}

/// One side of the static discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DiscountSide {
    /// At expiry.
    pub base: Rate,
    /// Share of the expiry's own rate.
    pub rate_multiplier: Rate,
    /// Rate on top, per year.
    pub rate_add: Rate,
}

impl Default for DiscountSide {
    fn default() -> Self {
        Self {
            base: Rate::ONE,
            rate_multiplier: Rate::ZERO,
            rate_add: Rate::ZERO,
        }
    }
}

/// Basis risk: the sum over expiries of (add + per_year x t) x max(0, V - V_up, V - V_down). Competes with the scenarios.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Basis {
    /// Relative spot move up.
    pub up: Rate,
    /// Relative spot move down, negative.
    pub down: Rate,
    /// Share of the loss at expiry.
    pub add: Rate,
    /// Its rise per year.
    pub per_year: Rate,
}

/// net x |dollar delta| + hedged x (gross - |dollar delta|)/2, by underlying; of positions, not of collateral.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeltaCharge {
    /// Rate on the net delta.
    pub net: Rate,
    /// Rate on the hedged delta, at most twice `net`.
    pub hedged: Rate,
}
