//! The public risk policy: scenarios, factors, contingencies, haircuts, incentive, disclosure.
//!
//! What is absent is switched off, so that a policy carries only what its venue has. `docs/statement.md` has the formulas.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dollars, Money, Rate, Symbol, Version};

/// The risk rules. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Format version, 2.
    pub version: Version<2>,
    /// A name for people.
    pub name: String,
    /// Where the numbers come from, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub source: BTreeMap<String, String>,
    /// Joint moves of spot and volatility. The unmoved market is always scenario 0.
    #[serde(default)]
    pub scenarios: Vec<Scenario>,
    /// How far a vol scenario moves an expiry's volatility.
    #[serde(default)]
    pub vol_shock: VolShock,
    /// How far a skew scenario turns or lifts a smile's wings.
    #[serde(default)]
    pub skew: Skew,
    /// What a scenario's value of an expiry is discounted with.
    #[serde(default)]
    pub discount: StaticDiscount,
    /// Every expiry's own small move.
    #[serde(default)]
    pub basis: Basis,
    /// Charge on dollar delta; competes with the scenarios.
    #[serde(default)]
    pub delta: DeltaCharge,
    /// Multipliers of the greatest loss.
    pub factors: Factors,
    /// Whether options held long count towards equity: European and perpetual ones.
    #[serde(default)]
    pub long_options: LongOptions,
    /// Charges on top of the greatest loss.
    #[serde(default)]
    pub contingencies: Contingencies,
    /// Collateral haircuts by asset. An asset without one gives no collateral value.
    #[serde(default)]
    pub haircuts: Vec<Haircut>,
    /// What rises with realised volatility, by asset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volatility_trigger: Vec<VolatilityTrigger>,
    /// What the liquidator earns.
    pub incentive: Incentive,
    /// What a proof reveals, and its rounding.
    pub disclosure: Disclosure,
}

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
            min_width: Rate::from_units(super::ONE / 100),
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
    /// Rate on the hedged delta.
    pub hedged: Rate,
}

/// Multipliers of the greatest loss: weighted scenario, basis or delta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factors {
    /// For the maintenance margin, which the proofs are about.
    pub maintenance: Rate,
    /// For the initial margin, reported only; at least `maintenance`.
    pub initial: Rate,
    /// What a weak stable coin adds to `initial`.
    #[serde(default)]
    pub peg: Peg,
}

/// slope x max(0, threshold - price of the stable coin).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Peg {
    /// Price below which the factor rises, USD.
    pub threshold: Rate,
    /// Rise per USD.
    pub slope: Rate,
}

/// Whether options held long count towards equity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LongOptions {
    /// They count.
    #[default]
    Counted,
    /// A strike's calls and puts together give no value, only a debt.
    Excluded,
}

/// Charges on top of the greatest loss.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contingencies {
    /// Naked short options.
    pub short_option: ShortOption,
    /// Futures and power perpetuals, long or short.
    pub future: FutureCharge,
    /// Fraction of a negative dollar gamma, by underlying.
    pub gamma: Rates,
    /// Fraction of vega (per 1.00 of volatility), long or short, by underlying.
    pub vega: Rates,
    /// Low oracle confidence; initial margin only.
    pub confidence: ConfidenceCharge,
    /// Costs of closing, in both margins.
    pub provision: Provision,
}

/// A charge's rates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// In the maintenance margin.
    pub maintenance: Rate,
    /// In the initial margin.
    pub initial: Rate,
}

/// Per naked short option, as a fraction of spot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShortOption {
    /// What covers a short option.
    pub netting: Netting,
    /// In the maintenance margin.
    pub maintenance: Rate,
    /// In the initial margin.
    pub initial: Rate,
    /// With `netting` `none`: the initial rate falls by how far the option is out of the money over spot, down to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_floor: Option<Rate>,
}

/// What covers a short option.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Netting {
    /// Any option of the same strike: max(0, -(calls + puts)) are naked.
    #[default]
    Strike,
    /// Nothing: each side's short is naked.
    None,
}

/// Per future, long or short.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FutureCharge {
    /// The price that it is a fraction of. A power perpetual's is its mark.
    pub on: FuturePrice,
    /// In the maintenance margin.
    pub maintenance: Rate,
    /// In the initial margin.
    pub initial: Rate,
}

/// The price that a future's charge is a fraction of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FuturePrice {
    /// Its mark.
    #[default]
    Mark,
    /// The underlying's spot.
    Spot,
}

/// (1 - confidence) x margin x notional where the confidence is below the threshold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConfidenceCharge {
    /// Confidence below which it is charged.
    pub threshold: Rate,
    /// Rate.
    pub margin: Rate,
    /// The asset whose spot confidence bounds that of every collateral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<Symbol>,
}

/// Fees of closing, and funding that the perpetuals together would pay, never receive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Provision {
    /// Per future, as a fraction of its mark.
    pub future: Rate,
    /// Per option, as a fraction of spot.
    pub option: Rate,
    /// Hours of funding, 0 to 720.
    pub funding_hours: Rate,
}

/// A collateral haircut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Haircut {
    /// The asset.
    pub asset: Symbol,
    /// Fraction of the value that does not count in the maintenance margin, 0 to 1.
    pub maintenance: Rate,
    /// The same in the initial margin; at least `maintenance`.
    pub initial: Rate,
    /// Whether the whole value moves with the scenarios' spot, so that it can hedge.
    #[serde(default)]
    pub moves: bool,
}

/// Rises of an asset's factor and haircut: min(cap, slope x max(0, realised 24 h volatility - reference)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolatilityTrigger {
    /// The asset.
    pub asset: Symbol,
    /// Realised volatility above which they rise.
    pub reference: Rate,
    /// Relative rise of the maintenance and initial factor on the asset's losses.
    #[serde(default)]
    pub factor: Ramp,
    /// Rise of its haircut.
    #[serde(default)]
    pub haircut: Ramp,
}

/// A rise with a cap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ramp {
    /// Rise per 1.00 of volatility.
    pub slope: Rate,
    /// Greatest rise.
    pub cap: Rate,
}

/// Incentive rate = min(cap, (base + slope x shortfall / requirement) x illiquidity x solvency).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incentive {
    /// Least rate.
    pub base: Rate,
    /// Rise per unit of shortfall / requirement.
    pub slope: Rate,
    /// Greatest rate, at least `base`.
    pub cap: Rate,
    /// Multiplier by the account's own collateral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub illiquidity: Option<Illiquidity>,
    /// Multiplier by the protocol's distance to its solvency limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solvency: Option<SolvencyRamp>,
}

/// 1 + scale x the part of the collateral's value, before haircuts, that is illiquid; of an asset max(0, 1 - liquidity / depth).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Illiquidity {
    /// Rise where all of it is.
    pub scale: Rate,
    /// Liquidity from which on an asset is liquid, USD.
    pub depth: Money,
}

/// 1 + scale x (start - solvency) / (start - limit), the fraction held within 0 and 1; solvency is assets over liabilities
/// of the whole protocol, from the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SolvencyRamp {
    /// Rise at the limit.
    pub scale: Rate,
    /// Solvency below which it rises.
    pub start: Rate,
    /// Solvency at which it has risen; below `start`.
    pub limit: Rate,
}

/// What a liquidation proof reveals, rounded down to ticks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// How much.
    pub level: DisclosureLevel,
    /// Tick of the repay amount, USD, above zero.
    pub repay_tick: Money,
    /// Tick of the incentive rate, above zero.
    pub incentive_tick: Rate,
    /// Tick of the exposures (dollar delta, dollar gamma and vega per underlying), whole USD; with `terms-and-greeks` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_tick: Option<Dollars>,
}

/// How much a liquidation proof reveals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DisclosureLevel {
    /// That the account is under-margined.
    Verdict,
    /// And the terms: repay amount and incentive rate.
    Terms,
    /// And exposures by underlying.
    TermsAndGreeks,
}
