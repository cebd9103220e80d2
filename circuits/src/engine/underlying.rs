//! What all positions in one underlying come to: exposures, loss, and what the policy makes of them.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Portfolio,
    exposure::{BUCKET_BITS, CUT_BITS, DOLLAR, Exposure, QUOTIENT_BITS, UNIT_BITS, cut_bits},
    portfolio::DROPPED_BITS,
};
use crate::{
    model::{Dollars, ONE, Symbol},
    public::{PublicTable, ScenarioRow, TermRules},
    secret::secret,
    shape::Shape,
};

/// Bits of a cut loss, either sign.
pub const LOSS_BITS: u32 = 129;
/// Fraction bits of the requirement's unit before its factors, in units of 1e-24 USD.
pub const CORE_BITS: u32 = 22;
/// Bits that a cut loss is raised by to the unit of a cut exposure times a rate.
pub const LOSS_RAISE: u32 = 10;

/// One number of an underlying's exposure on its way to disclosure.
#[derive(Clone, PartialEq, Eq)]
pub struct CutTrace {
    /// The number without its last bits, rounded down; units 2^8 x 1e-16 USD.
    pub quotient: BigInt,
    /// What that left.
    pub remainder: BigInt,
    /// Ticks, rounded down.
    pub bucket: BigInt,
    /// What that left; units 1e-16 USD.
    pub bucket_remainder: BigInt,
}

/// All positions in one underlying. Number 0 is padding.
#[derive(Clone, PartialEq, Eq)]
pub struct UnderlyingTrace {
    /// Number of the underlying among the assets.
    pub underlying: usize,
    /// The sum of exposures.
    pub exposure: Exposure,
    /// Delta, gamma, vega.
    pub cuts: Vec<CutTrace>,
    /// The sum of losses under the scenario; units 1e-16 USD x 2^-132.
    pub loss: BigInt,
    /// The same without its last bits, rounded down.
    pub loss_quotient: BigInt,
    /// What it adds to the core of the requirement; units 1e-24 USD x 2^-22 (1e-32 USD x 2^8 of the delta charge).
    pub core: BigInt,
    /// Charges on gamma and vega; units 1e-24 USD.
    pub charge: BigInt,
}

secret!(CutTrace {
    quotient,
    remainder,
    bucket,
    bucket_remainder
});
secret!(UnderlyingTrace {
    underlying,
    exposure,
    cuts,
    loss,
    loss_quotient,
    core,
    charge
});

/// The disclosed exposure to one underlying, each number in USD, rounded down to the policy's `exposure_tick`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExposureTerms {
    /// The underlying.
    pub asset: Symbol,
    /// Dollar delta: what a move of 100 % would earn if delta stayed.
    pub delta: Dollars,
    /// Dollar gamma: the change of dollar delta, the move of spot alone, per move of 100 %.
    pub gamma: Dollars,
    /// Vega per 1.00 of volatility.
    pub vega: Dollars,
}

/// A sum on its way to disclosure or charges; nothing of it where it is not used, no bucket where it is not shown.
pub fn cut(value: &BigInt, bits: u32, rules: &TermRules) -> CutTrace {
    let used = if rules.exposures_used {
        value.clone()
    } else {
        BigInt::zero()
    };
    let (quotient, remainder) = cut_bits(&used, bits);
    let tick = BigInt::from(rules.exposure_tick) * DOLLAR;
    let shown = if rules.exposures_shown {
        quotient.clone()
    } else {
        BigInt::zero()
    };
    let (bucket, bucket_remainder) = if tick.is_zero() {
        (BigInt::zero(), BigInt::zero())
    } else {
        (shown << UNIT_BITS).div_mod_floor(&tick)
    };
    CutTrace {
        quotient,
        remainder,
        bucket,
        bucket_remainder,
    }
}

/// The magnitude of what was rounded down to `x`, at least.
pub fn least_magnitude(x: &BigInt) -> BigInt {
    if x.is_negative() { -x - 1 } else { x.clone() }
}

impl UnderlyingTrace {
    /// Cuts the sums and charges them; `factor` is the multiplier of losses in the asset, units 1e-8.
    pub fn new(
        underlying: usize,
        exposure: Exposure,
        loss: BigInt,
        factor: i128,
        rules: &TermRules,
        scenario: ScenarioRow,
    ) -> Self {
        let numbers = exposure.values.iter().zip(CUT_BITS);
        let cuts: Vec<_> = numbers.map(|(x, bits)| cut(x, bits, rules)).collect();
        let (loss_quotient, _) = cut_bits(&loss, DROPPED_BITS);
        let quotient = |i: usize| {
            cuts.get(i)
                .map_or_else(BigInt::zero, |cut| cut.quotient.clone())
        };
        let net = least_magnitude(&quotient(0)) * scenario.net;
        let core: BigInt = (&loss_quotient << LOSS_RAISE) + net;
        let factor = if core.is_positive() {
            factor
        } else {
            ONE.into()
        };
        let short = (-quotient(1) - 1u32).max(BigInt::zero());
        let charge = short * rules.gamma_rate + least_magnitude(&quotient(2)) * rules.vega_rate;
        Self {
            underlying,
            cuts,
            exposure,
            loss,
            loss_quotient,
            core: core * factor,
            charge: charge << UNIT_BITS,
        }
    }

    /// Whether the range checks of what every proof needs hold.
    pub(crate) fn charges_fit(&self, rules: &TermRules) -> bool {
        let below = |x: &BigInt, bits: u32| x.abs() < BigInt::from(1) << bits;
        let cut = |cut: &CutTrace| below(&cut.quotient, QUOTIENT_BITS);
        below(&self.loss_quotient, LOSS_BITS)
            && (!rules.exposures_used || self.cuts.iter().all(cut))
    }

    /// Whether the circuit's range checks hold.
    fn fits(&self) -> bool {
        let below = |x: &BigInt, bits: u32| x.abs() < BigInt::from(1) << bits;
        self.cuts
            .iter()
            .all(|cut| below(&cut.quotient, QUOTIENT_BITS) && below(&cut.bucket, BUCKET_BITS))
    }
}

impl Portfolio {
    /// Sums by underlying, padding in front, in increasing order.
    pub(crate) fn gather(&self, shape: Shape, table: &PublicTable) -> Vec<UnderlyingTrace> {
        let mut sums: BTreeMap<usize, (Exposure, BigInt)> = BTreeMap::new();
        for (underlying, exposure, loss) in self.positions() {
            // Collateral that does not move adds nothing under any scenario: to list it would tell that it is held.
            let moving = |u: usize| {
                self.assets
                    .iter()
                    .any(|a| a.group == u && !a.moving.is_zero())
            };
            if underlying == 0 || (exposure.is_none() && !moving(underlying)) {
                continue;
            }
            let sum = sums.entry(underlying).or_default();
            if let Some(exposure) = exposure {
                sum.0.add(exposure);
            }
            sum.1 += loss;
        }
        let padding = shape.underlyings().saturating_sub(sums.len());
        let padding = std::iter::repeat_with(Default::default).take(padding);
        let scenario = table
            .scenarios
            .get(self.scenario)
            .copied()
            .unwrap_or_default();
        padding
            .chain(sums)
            .map(|(underlying, (exposure, loss))| {
                let factor = table
                    .assets
                    .get(underlying)
                    .map_or(ONE.into(), |a| a.factor);
                UnderlyingTrace::new(underlying, exposure, loss, factor, &table.rules, scenario)
            })
            .collect()
    }

    /// The positions' underlyings, exposures and losses, in slot order, section by section.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (usize, Option<&Exposure>, &BigInt)> {
        let options = self.options.iter();
        let options = options.map(|t| (t.underlying, Some(&t.exposure), &t.loss));
        let perpetuals = self.perpetual_options.iter();
        let perpetuals = perpetuals.map(|t| (t.underlying, Some(&t.exposure), &t.loss));
        let futures = self
            .futures
            .iter()
            .map(|t| (t.underlying, Some(&t.exposure), &t.loss));
        let assets = self.assets.iter().map(|t| (t.group, None, &t.loss));
        let swaps = self
            .swaps
            .iter()
            .map(|t| (t.underlying, Some(&t.exposure), &t.loss));
        options
            .chain(perpetuals)
            .chain(futures)
            .chain(assets)
            .chain(swaps)
    }

    /// The first underlying whose exposures are beyond what the circuit discloses or charges, or whose loss is beyond what it
    /// adds up: the account has no proof under this scenario.
    pub fn beyond(&self, table: &PublicTable) -> Option<Symbol> {
        let unfit = |trace: &&UnderlyingTrace| !trace.charges_fit(&table.rules);
        let trace = self.underlyings.iter().find(unfit)?;
        table.assets.get(trace.underlying)?.id
    }

    /// The exposures that the policy discloses, `None` where it discloses none.
    ///
    /// # Errors
    /// The first underlying whose exposure is beyond what the circuit discloses.
    pub fn disclosed(&self, table: &PublicTable) -> Result<Option<Vec<ExposureTerms>>, Symbol> {
        let rules = &table.rules;
        if !rules.exposures_shown {
            return Ok(None);
        }
        let mut list = Vec::with_capacity(self.underlyings.len());
        for trace in &self.underlyings {
            let Some(asset) = table.assets.get(trace.underlying).and_then(|a| a.id) else {
                continue;
            };
            let dollars = |cut: &CutTrace| {
                let units = (&cut.bucket * rules.exposure_tick).to_i64();
                units.map(Dollars::from_units)
            };
            let numbers: Option<Vec<Dollars>> = trace.cuts.iter().map(dollars).collect();
            let Some([delta, gamma, vega]) = numbers.as_deref().filter(|_| trace.fits()) else {
                return Err(asset);
            };
            list.push(ExposureTerms {
                asset,
                delta: *delta,
                gamma: *gamma,
                vega: *vega,
            });
        }
        Ok(Some(list))
    }
}
