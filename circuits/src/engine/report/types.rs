//! What the report says.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::{
    engine::{
        greeks::{Greeks, TotalGreeks},
        terms::Terms,
    },
    model::{Money, Rate, VolMove},
};

/// What the account can be proved to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Some scenario breaks the account, whatever the rounding.
    UnderMargined,
    /// No scenario breaks the account, whatever the rounding.
    Healthy,
    /// Within epsilon of the threshold: neither can be proved.
    Band,
}

/// The kind of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PositionKind {
    /// A collateral balance.
    Collateral,
    /// A perpetual or dated future.
    Future,
    /// A strike with its calls and puts.
    Option,
    /// A perpetual option's strike with its calls and puts.
    PerpetualOption,
    /// A power perpetual.
    PowerPerpetual,
    /// A variance swap.
    VarianceSwap,
    /// A volatility swap.
    VolatilitySwap,
}

/// One position.
#[derive(Clone, Serialize, JsonSchema)]
pub struct PositionReport {
    /// Kind.
    pub kind: PositionKind,
    /// Underlying.
    pub asset: String,
    /// Asset, expiry and strike, as the venues write them.
    pub key: String,
    /// Signed size: amount, contracts, or calls and puts.
    pub size: String,
    /// Value, USD, maintenance haircut applied.
    pub npv: Money,
    /// Sensitivities.
    #[serde(flatten)]
    pub greeks: Greeks,
}

/// One scenario.
#[derive(Clone, Serialize, JsonSchema)]
pub struct ScenarioReport {
    /// Number in the policy's list; 0 is the unmoved market.
    pub id: usize,
    /// Spot move.
    pub spot: Rate,
    /// Volatility move.
    pub vol: VolMove,
    /// Weight.
    pub weight: Rate,
    /// Profit or loss of the account as the policy counts it (static discounts and volatility trigger included), USD,
    /// unweighted.
    pub pnl: Money,
    /// Maintenance requirement under this scenario, USD.
    pub requirement: Money,
}

/// What decides the requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// Nothing: the account has no loss anywhere.
    None,
    /// A scenario of the policy, by number from 1.
    Scenario(usize),
    /// The basis loss.
    Basis,
    /// The delta charge.
    Delta,
}

impl fmt::Display for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Scenario(id) => write!(f, "scenario {id}"),
            Self::Basis => f.write_str("basis"),
            Self::Delta => f.write_str("delta"),
        }
    }
}

impl Serialize for Decider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One charge on top of the greatest loss, USD.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Contingency {
    /// In the maintenance margin.
    pub maintenance: Money,
    /// In the initial margin.
    pub initial: Money,
}

/// The charges on top of the greatest loss, by name.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Contingencies {
    /// Naked short options.
    pub short_option: Contingency,
    /// Futures and power perpetuals.
    pub future: Contingency,
    /// Negative dollar gamma.
    pub gamma: Contingency,
    /// Vega.
    pub vega: Contingency,
    /// Low oracle confidence; initial margin only.
    pub confidence: Contingency,
    /// Fees of closing, and funding to pay.
    pub provision: Contingency,
}

impl Contingencies {
    /// All of them together.
    pub fn total(&self) -> Contingency {
        let sum = |side: fn(&Contingency) -> Money| {
            let units = self.named().into_iter().map(|(_, c)| side(&c).units());
            Money::from_units(units.fold(0, i64::saturating_add))
        };
        Contingency {
            maintenance: sum(|c| c.maintenance),
            initial: sum(|c| c.initial),
        }
    }

    /// The charges with their names.
    pub fn named(&self) -> [(&'static str, Contingency); 6] {
        [
            ("short_option", self.short_option),
            ("future", self.future),
            ("gamma", self.gamma),
            ("vega", self.vega),
            ("confidence", self.confidence),
            ("provision", self.provision),
        ]
    }
}

/// What multiplies the incentive rate; 1 where the policy has no such rule.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CollateralMix {
    /// By what of the account's own collateral is illiquid.
    pub illiquidity: Rate,
    /// By the protocol's distance to its solvency limit.
    pub solvency: Rate,
}

/// The whole report. Private to whoever holds the opening.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Report {
    /// Value of all positions but collateral, USD.
    pub npv: Money,
    /// Collateral after maintenance haircuts, USD.
    pub collateral: Money,
    /// Cash, USD.
    pub cash: Money,
    /// Value of options that the policy does not count, within `npv`, USD.
    pub uncounted: Money,
    /// Collateral + cash + NPV - what is not counted, USD.
    pub equity: Money,
    /// The same with initial haircuts, USD.
    pub equity_initial: Money,
    /// Maintenance requirement, USD.
    pub maintenance_margin: Money,
    /// Initial requirement, USD.
    pub initial_margin: Money,
    /// Equity / maintenance margin; null where the margin is not above 0.
    pub health: Option<Rate>,
    /// Basis loss before the factor, USD.
    pub basis: Money,
    /// Delta charge before the factor, USD.
    pub delta_charge: Money,
    /// Charges on top of the greatest loss.
    pub contingencies: Contingencies,
    /// What decides both requirements: "scenario 3", "basis", "delta" or "none".
    #[schemars(with = "String")]
    pub decided_by: Decider,
    /// What the incentive rate is multiplied by.
    pub collateral_mix: CollateralMix,
    /// By how much the shortfall that a proof shows under the worst branch is below the exact one, USD.
    pub epsilon: Money,
    /// Verdict.
    pub verdict: Verdict,
    /// The branch of the public table with the greatest shortfall that a proof can show. Beyond the policy's scenarios: the
    /// delta charge, the basis loss.
    pub worst_scenario: usize,
    /// The unmoved market and the policy's scenarios.
    pub scenarios: Vec<ScenarioReport>,
    /// Every position.
    pub positions: Vec<PositionReport>,
    /// Sensitivities by underlying.
    pub greeks: Vec<(String, Greeks)>,
    /// Vega, theta and rho of all underlyings together.
    pub total_greeks: TotalGreeks,
    /// What a liquidation proof would disclose, if one exists.
    pub terms: Option<Terms>,
}

// Its owner sees it by `Serialize` or field by field, never by a stray `{:?}`.
crate::secret::hidden!(
    PositionReport,
    ScenarioReport,
    Contingency,
    Contingencies,
    CollateralMix,
    Report
);
