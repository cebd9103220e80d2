//! From the totals to the terms: shortfall, requirement, repay amount, incentive rate.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::portfolio::{DROPPED_BITS, Totals, UNIT_BITS, option_unit};
use super::underlying::{CORE_BITS, ExposureTerms};
use crate::{
    model::{Money, ONE, Rate},
    public::TermRules,
    secret::secret,
};

/// Bits of shortfall and requirement, units 1e-8 USD (92 billion USD): those of a decimal. Beyond them an account has no
/// proof.
pub const TERM_BITS: u32 = 63;

/// What a verified liquidation proof discloses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// Shortfall, rounded down to the policy's tick, USD; if the policy discloses terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repay: Option<Money>,
    /// Incentive rate, rounded down to the policy's tick; if the policy discloses terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incentive_rate: Option<Rate>,
    /// Exposures by underlying, if the policy discloses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposures: Option<Vec<ExposureTerms>>,
}

/// The last section of the liquidation statement. Units 1e-8 unless said.
#[derive(Clone, PartialEq, Eq)]
pub struct LiquidationTrace {
    /// Lower bound of requirement less equity, at least 1.
    pub shortfall: i128,
    /// What the shortfall's rounding left; units 1e-40 USD x 2^-22.
    pub shortfall_remainder: BigInt,
    /// Lower bound of the requirement, at least 0.
    pub requirement: i128,
    /// What the requirement's rounding left; units 1e-40 USD x 2^-22.
    pub requirement_remainder: BigInt,
    /// What illiquid collateral adds to the rate's multiplier.
    pub illiquidity: i128,
    /// What its division left; units of the collateral's value.
    pub illiquidity_remainder: BigInt,
    /// Incentive rate before rounding to the tick.
    pub rate: i128,
    /// The rate is at its cap.
    pub capped: bool,
    /// `(base requirement + slope shortfall)(1e8 + illiquidity) - rate 1e8 requirement`.
    pub rate_remainder: BigInt,
    /// Repay amount in ticks, and what is left.
    pub repay: (i128, i128),
    /// Rate in ticks, and what is left.
    pub incentive: (i128, i128),
    /// The disclosed terms.
    pub terms: Terms,
}

secret!(LiquidationTrace {
    shortfall, shortfall_remainder, requirement, requirement_remainder, illiquidity, illiquidity_remainder, rate, capped,
    rate_remainder, repay, incentive; terms
});

/// One unit of 1e-8 USD in the unit of the requirement, 1e-40 USD x 2^-22.
pub fn quantum() -> BigInt {
    BigInt::from(10u8).pow(32) << CORE_BITS
}

/// One unit of equity, 1e-36 USD x 2^-12, in that of the requirement.
pub fn equity_unit() -> BigInt {
    BigInt::from(10_000) << (CORE_BITS - UNIT_BITS)
}

/// One unit of contingencies, 1e-24 USD, in that of the requirement.
pub fn charge_unit() -> BigInt {
    BigInt::from(10u8).pow(16) << CORE_BITS
}

/// An options' sum without its last bits: quotient, rounded down, and what it leaves.
pub fn floor(sum: &BigInt) -> (BigInt, BigInt) {
    sum.div_mod_floor(&(BigInt::from(1) << DROPPED_BITS))
}

/// An options' sum without its last bits: quotient, rounded up, and by how much it is more.
pub fn ceil(sum: &BigInt) -> (BigInt, BigInt) {
    let (quotient, more) = floor(&-sum);
    (-quotient, more)
}

impl Totals {
    /// Equity, upper bound; units 1e-36 USD x 2^-12.
    pub fn total_equity(&self) -> BigInt {
        &self.equity + ceil(&self.option_equity).0 * option_unit()
    }

    /// Requirement, lower bound; units 1e-40 USD x 2^-22. What is taken off charges for their errors never makes it negative.
    pub fn requirement(&self) -> BigInt {
        let required = &self.core * self.factor + &self.contingencies * charge_unit();
        required.max(BigInt::zero())
    }

    /// Requirement less equity, lower bound; units 1e-40 USD x 2^-22.
    pub fn shortfall(&self) -> BigInt {
        self.requirement() - self.total_equity() * equity_unit()
    }

    /// What illiquid collateral adds to the incentive's multiplier (units 1e-8), and what the division leaves.
    pub fn illiquidity(&self) -> (BigInt, BigInt) {
        let [value, illiquid] = &self.mix;
        if value.is_zero() {
            return Default::default();
        }
        (illiquid * ONE).div_mod_floor(value)
    }

    /// The terms' section, or `None` if this scenario does not break the account.
    pub fn liquidation(&self, rules: &TermRules) -> Option<LiquidationTrace> {
        let (shortfall, shortfall_remainder) = self.shortfall().div_mod_floor(&quantum());
        let (requirement, requirement_remainder) = self.requirement().div_mod_floor(&quantum());
        let in_range = |x: &BigInt| !x.is_negative() && x.bits() <= u64::from(TERM_BITS);
        if !self.fits || shortfall.is_zero() || !in_range(&shortfall) || !in_range(&requirement) {
            return None;
        }
        let (shortfall, requirement) = (shortfall.to_i128()?, requirement.to_i128()?);
        let (illiquidity, illiquidity_remainder) = self.illiquidity();
        let illiquidity = illiquidity.to_i128()?;
        let raised = BigInt::from(rules.incentive_base) * requirement
            + BigInt::from(rules.incentive_slope) * shortfall;
        let raised = raised * (i128::from(ONE) + illiquidity);
        let divisor = BigInt::from(requirement) * ONE;
        let cap = i128::from(rules.incentive_cap);
        // Without a requirement the rate is the cap.
        let rate = if requirement == 0 {
            None
        } else {
            (&raised / &divisor).to_i128().filter(|rate| *rate <= cap)
        };
        let capped = rate.is_none();
        let rate = rate.unwrap_or(cap);
        let rate_remainder = raised - &divisor * rate;
        let repay = shortfall.div_mod_floor(&rules.repay_tick.into());
        let incentive = rate.div_mod_floor(&rules.incentive_tick.into());
        Some(LiquidationTrace {
            shortfall,
            shortfall_remainder,
            requirement,
            requirement_remainder,
            rate,
            capped,
            rate_remainder,
            illiquidity,
            illiquidity_remainder,
            repay,
            incentive,
            terms: if rules.terms_shown {
                Terms {
                    repay: Some(Money::from_units((shortfall - repay.1).to_i64()?)),
                    incentive_rate: Some(Rate::from_units((rate - incentive.1).to_i64()?)),
                    exposures: None,
                }
            } else {
                Terms::default()
            },
        })
    }
}
