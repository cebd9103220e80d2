//! From the totals to the terms: shortfall, requirement, repay amount, incentive rate.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exposure::ExposureTerms;
use super::portfolio::{DROPPED_BITS, Totals, UNIT_BITS, option_unit};
use crate::{
    model::{Money, Rate},
    public::TermRules,
    secret::secret,
};

/// Bits of shortfall and requirement, units 1e-8 USD (92 billion USD): those of a decimal. Beyond them an account has no
/// proof.
pub const TERM_BITS: u32 = 63;

/// What a verified liquidation proof discloses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// Shortfall, rounded down to the policy's tick, USD.
    pub repay: Money,
    /// Incentive rate, rounded down to the policy's tick.
    pub incentive_rate: Rate,
    /// Exposures by underlying, if the policy discloses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposures: Option<Vec<ExposureTerms>>,
}

/// The last section of the liquidation statement. Units 1e-8 unless said.
#[derive(Clone, PartialEq, Eq)]
pub struct LiquidationTrace {
    /// Lower bound of requirement less equity, at least 1.
    pub shortfall: i128,
    /// What the shortfall's rounding left; units 1e-40 USD x 2^-12.
    pub shortfall_remainder: BigInt,
    /// Lower bound of the requirement, at least 0.
    pub requirement: i128,
    /// What the requirement's rounding left; units 1e-40 USD x 2^-12.
    pub requirement_remainder: BigInt,
    /// Incentive rate before rounding to the tick.
    pub rate: i128,
    /// The rate is at its cap.
    pub capped: bool,
    /// `slope shortfall - (rate - base) requirement`.
    pub rate_remainder: i128,
    /// `requirement - 1 - remainder`, 0 when capped.
    pub rate_complement: i128,
    /// Repay amount in ticks, and what is left.
    pub repay: (i128, i128),
    /// Rate in ticks, and what is left.
    pub incentive: (i128, i128),
    /// The disclosed terms.
    pub terms: Terms,
}

secret!(LiquidationTrace {
    shortfall, shortfall_remainder, requirement, requirement_remainder, rate, capped, rate_remainder, rate_complement,
    repay, incentive; terms
});

/// One unit of 1e-8 USD in the unit of the requirement, 1e-40 USD x 2^-12.
pub fn quantum() -> BigInt {
    BigInt::from(10u8).pow(32) << UNIT_BITS
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

    /// Requirement, lower bound; units 1e-40 USD x 2^-12.
    pub fn requirement(&self) -> BigInt {
        let options = floor(&self.option_loss).0 * option_unit();
        let moved = &self.shockable * self.spot_move * 10_000;
        let loss = options + ((&self.swap_loss - moved) << UNIT_BITS);
        loss * self.factor + ((&self.contingencies * option_unit() * 10_000) << UNIT_BITS)
    }

    /// Requirement less equity, lower bound; units 1e-40 USD x 2^-12.
    pub fn shortfall(&self) -> BigInt {
        self.requirement() - self.total_equity() * 10_000
    }

    /// The terms' section, or `None` if this scenario does not break the account.
    pub fn liquidation(&self, rules: &TermRules) -> Option<LiquidationTrace> {
        let (shortfall, shortfall_remainder) = self.shortfall().div_mod_floor(&quantum());
        let (requirement, requirement_remainder) = self.requirement().div_mod_floor(&quantum());
        let in_range = |x: &BigInt| !x.is_negative() && x.bits() <= u64::from(TERM_BITS);
        if shortfall.is_zero() || !in_range(&shortfall) || !in_range(&requirement) {
            return None;
        }
        let (shortfall, requirement) = (shortfall.to_i128()?, requirement.to_i128()?);
        let (base, cap) = (
            i128::from(rules.incentive_base),
            i128::from(rules.incentive_cap),
        );
        let scaled = i128::from(rules.incentive_slope) * shortfall;
        // Without a requirement the rate is the cap.
        let raised = scaled.checked_div(requirement).map(|raise| base + raise);
        let rate = raised.filter(|rate| *rate <= cap);
        let capped = rate.is_none();
        let rate = rate.unwrap_or(cap);
        let rate_remainder = scaled - (rate - base) * requirement;
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
            rate_complement: if capped {
                0
            } else {
                requirement - 1 - rate_remainder
            },
            repay,
            incentive,
            terms: Terms {
                repay: Money::from_units((shortfall - repay.1).to_i64()?),
                incentive_rate: Rate::from_units((rate - incentive.1).to_i64()?),
                exposures: None,
            },
        })
    }
}
