//! A European option's market under a scenario: moved forward, moved volatility.

use num_bigint::BigInt;

use super::option::{self, MarketTrace};
use crate::{
    public::{OptionGroup, SKEW_OFFSET_BITS, ScenarioClass, ScenarioRow, live},
    secret::secret,
};

/// One scenario's market of one strike.
#[derive(Clone)]
pub struct MovedTrace {
    /// The scenario's number, or that of a basis move.
    pub scenario: usize,
    /// `K - low` of the multiplier's interval.
    pub above_low: i128,
    /// `high - 1 - K`.
    pub below_high: i128,
    /// The multiplied volatility, rounded down; units 2^-37.
    pub product: i128,
    /// What that left, 100 bits.
    pub remainder: i128,
    /// The least volatility is what counts.
    pub raised: bool,
    /// How far the one that counts is above the other; units 2^-37.
    pub gap: i128,
    /// The market.
    pub market: MarketTrace,
}

secret!(MovedTrace {
    scenario,
    above_low,
    below_high,
    product,
    remainder,
    raised,
    gap,
    market
});

/// A strike of a group under market number `scenario` of a branch; `None` if the group does not have it.
pub fn moved(
    group: &OptionGroup,
    (scenario, branch): (usize, ScenarioRow),
    strike: i128,
    ln_strike: i128,
    v: i128,
    [calls, puts]: [i128; 2],
) -> Option<MovedTrace> {
    let row = group.scenarios.get(live(group.id.is_some(), scenario))?;
    let interval = row.interval(strike)?;
    let multiplier = BigInt::from(interval.slope) * ln_strike + interval.offset;
    let product: BigInt = multiplier * v;
    let whole: BigInt = &product >> SKEW_OFFSET_BITS;
    let remainder = product - (&whole << SKEW_OFFSET_BITS);
    let (whole, remainder) = (i128::try_from(whole).ok()?, i128::try_from(remainder).ok()?);
    let floored = branch.class == ScenarioClass::Floored;
    let least = if floored { group.run.least_v } else { 0 };
    let raised = whole < least;
    Some(MovedTrace {
        scenario,
        above_low: strike - interval.low,
        below_high: interval.high - 1 - strike,
        product: whole,
        remainder,
        raised,
        gap: (whole - least).abs(),
        market: option::market(
            &row.forward,
            strike,
            ln_strike,
            whole.max(least),
            calls,
            puts,
        ),
    })
}

#[cfg(test)]
mod tests;
