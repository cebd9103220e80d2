//! What the initial margin adds where an oracle is not sure.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Zero;

use super::{bounds::scaled, charges::Book, equity::in_stable};
use crate::model::{ONE, Rate, Symbol};

impl Book<'_> {
    /// Where an oracle is not sure: Derive v2-core, PMRMLib_2, `_getConfidenceContingency`.
    pub(super) fn confidence(&self) -> BigInt {
        let rule = &self.policy.contingencies.confidence;
        let rate = |confidence: Rate| {
            if confidence >= rule.threshold {
                return BigInt::zero();
            }
            BigInt::from(ONE - confidence.units()) * rule.margin.units()
        };
        let mut total = BigInt::zero();
        let mut perpetuals: BTreeMap<Symbol, Rate> = BTreeMap::new();
        for (trace, slot) in self.base.futures.iter().zip(&self.slots.futures) {
            let id = self.table.futures.get(trace.group).and_then(|g| g.id);
            let Some((asset, None)) = id.and_then(|(a, e)| Some((self.asset(a)?, e))) else {
                continue;
            };
            let own = asset.perpetual.as_ref().map_or(Rate::ONE, |p| p.confidence);
            let least = own.min(asset.confidence);
            perpetuals.insert(asset.asset, own);
            let notional = BigInt::from(slot.size.abs()) * asset.spot.units();
            total += scaled(&(notional * rate(least)), 32, 0);
        }
        for (trace, slot) in self.base.options.iter().zip(&self.slots.options) {
            let id = self.table.options.get(trace.group).and_then(|g| g.id);
            let Some((asset, expiry)) =
                id.and_then(|(a, t)| Some((self.asset(a)?, self.expiry(a, t)?)))
            else {
                continue;
            };
            let perpetual = perpetuals.get(&asset.asset).copied().unwrap_or(Rate::ONE);
            let least = expiry.confidence.min(asset.confidence).min(perpetual);
            let held = BigInt::from(slot.calls.abs() + slot.puts.abs());
            total += scaled(&(held * asset.spot.units() * rate(least)), 32, 0);
        }
        let bound = rule
            .asset
            .and_then(|a| self.asset(a))
            .map_or(Rate::ONE, |a| a.confidence);
        for (trace, slot) in self.base.assets.iter().zip(&self.slots.assets) {
            let Some(asset) = self.underlying(trace.group) else {
                continue;
            };
            let value =
                BigInt::from(slot.amount) * asset.spot.units() * rate(asset.confidence.min(bound));
            total += in_stable(&value, self.snapshot) / ONE;
        }
        total
    }
}
