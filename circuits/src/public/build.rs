//! From snapshot and policy to the public table.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use super::{
    AssetGroup, PublicTable, TermRules,
    charges::charges_exposures,
    linear::{asset_groups, future_groups},
    moves::Moves,
    options::{null_options, option_group},
    perpetual::perpetual_groups,
    slot_key,
    swaps::swap_groups,
};
use crate::{
    math::{self, Real},
    model::{
        DisclosureLevel, Expiry, GREATEST_EXPOSURE_TICK, ONE, Policy, Price, Rate, Snapshot,
        Symbol, Time, ValueError,
    },
    shape::Shape,
};

/// Most groups of a kind, the null group not counted: numbers of groups and underlyings are below 2^10.
pub const MOST_GROUPS: usize = 1000;

/// Why snapshot and policy make no public table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// A field of the snapshot is out of range.
    #[error("snapshot: {0}")]
    Snapshot(ValueError),
    /// A field of the policy is out of range.
    #[error("policy: {0}")]
    Policy(ValueError),
    /// `sigma sqrt(t)` of a node reaches 8 under a scenario.
    #[error("{asset} {expiry}: volatility x sqrt(time) reaches 8 under scenario {scenario}")]
    Volatility {
        /// The underlying.
        asset: Symbol,
        /// The expiry.
        expiry: Time,
        /// The scenario's number, 0 for the unmoved market.
        scenario: usize,
    },
    /// A vol shock multiplies volatility by more than 4, beyond what the error bound covers.
    #[error("{market}: scenario {scenario} multiplies volatility by more than 4")]
    VolMultiplier {
        /// Underlying and expiry, or kind.
        market: String,
        /// The scenario's number, 0 for the unmoved market.
        scenario: usize,
    },
    /// A perpetual option whose value changes too steeply with the strike for the circuit's numbers.
    #[error("{market}: rates too large for so small a volatility under scenario {scenario}")]
    Exponent {
        /// Underlying and kind.
        market: String,
        /// The scenario's number, 0 for the unmoved market.
        scenario: usize,
    },
    /// A power perpetual without a price: the formula needs (rate + vol^2) x period well below 1.
    #[error(
        "{asset} power perpetual: (rate + vol^2) x funding period is above 0.9, or the price above 85 trillion USD, under scenario {scenario}"
    )]
    Power {
        /// The underlying.
        asset: Symbol,
        /// The scenario's number, 0 for the unmoved market.
        scenario: usize,
    },
    /// A variance or volatility swap's price beyond the circuit's numbers.
    #[error(
        "{asset} {start} to {end}: the price is above 85 trillion USD under scenario {scenario}"
    )]
    Variance {
        /// The underlying.
        asset: Symbol,
        /// Start of the period.
        start: Time,
        /// End of the period.
        end: Time,
        /// The scenario's number, 0 for the unmoved market.
        scenario: usize,
    },
    /// A fair volatility above the root of the fair variance, which no model gives.
    #[error("{asset} {start} to {end}: fair_vol {fair_vol} is above the root of the fair variance")]
    FairVol {
        /// The underlying.
        asset: Symbol,
        /// Start of the period.
        start: Time,
        /// End of the period.
        end: Time,
        /// The value.
        fair_vol: Rate,
    },
    /// A scenario moves a forward below what the error bound covers.
    #[error("{asset} {expiry}: the forward is below 0.00000001 under scenario {scenario}")]
    Forward {
        /// The underlying.
        asset: Symbol,
        /// The expiry.
        expiry: Time,
        /// The scenario's number, 0 for the unmoved market.
        scenario: usize,
    },
    /// Nodes so far apart, at so small a variance, that interpolation would lose precision.
    #[error(
        "{asset} {expiry}: nodes {low} and {high} are too far apart for their volatility; add a node between them"
    )]
    NodeGap {
        /// The underlying.
        asset: Symbol,
        /// The expiry.
        expiry: Time,
        /// Lower strike.
        low: Price,
        /// Upper strike.
        high: Price,
    },
    /// A skew's cap at an expiry outside what multiplies a volatility by something above 0.
    #[error("{asset} {expiry}: the skew's cap must be 0 to 0.99 at this time to expiry")]
    Skew {
        /// The underlying.
        asset: Symbol,
        /// The expiry.
        expiry: Time,
    },
    /// A static discount above 2, or a basis share above 8.
    #[error("{asset} {expiry}: the static discount must be at most 2, the basis share at most 8")]
    StaticDiscount {
        /// The underlying.
        asset: Symbol,
        /// The expiry.
        expiry: Time,
    },
    /// A charge on exposures in a market whose exposures have too great an error.
    #[error("{market}: volatility x sqrt(time) is too small for charges on delta, gamma or vega")]
    ExposureCharge {
        /// Underlying and expiry, or kind.
        market: String,
    },
    /// The policy depends on a field that the snapshot leaves out.
    #[error("the policy's {rule} needs '{field}', which the snapshot does not have")]
    Missing {
        /// The policy's field.
        rule: &'static str,
        /// The snapshot's field.
        field: String,
    },
    /// More markets of one kind than a circuit tells apart.
    #[error("{count} {kind}, more than {MOST_GROUPS}")]
    TooManyGroups {
        /// What there is too much of.
        kind: &'static str,
        /// How many.
        count: usize,
    },
    /// More rows than a proof's public table holds.
    #[error(
        "the public table needs {rows} rows, but shape {shape} holds {}: use a larger shape, or fewer scenarios, expiries or smile nodes",
        shape.table_rows()
    )]
    TooManyRows {
        /// Rows needed.
        rows: usize,
        /// The shape.
        shape: Shape,
    },
}

impl PublicTable {
    /// Computes the table.
    ///
    /// # Errors
    /// [`TableError`] for values out of range or a table too large.
    pub fn new(snapshot: &Snapshot, policy: &Policy) -> Result<Self, TableError> {
        snapshot.validate().map_err(TableError::Snapshot)?;
        policy.validate().map_err(TableError::Policy)?;
        // Before anything is computed: a file can list thousands of times what a table holds.
        let (shape, rows) = (Shape::Large, least_rows(snapshot, policy));
        if rows > shape.table_rows() {
            return Err(TableError::TooManyRows { rows, shape });
        }
        let moves = Moves::new(policy);
        let assets = asset_groups(snapshot, policy)?;
        let underlyings = Underlyings::new(&assets);
        let mut expiries: Vec<&Expiry> = snapshot.expiries.iter().collect();
        expiries.sort_by_key(|e| slot_key(e.asset, Some(e.expiry)));

        let mut options = vec![null_options()];
        for expiry in &expiries {
            options.push(option_group(
                expiry,
                snapshot,
                policy,
                &moves,
                &underlyings,
            )?);
        }
        let table = Self {
            scenarios: moves.rows(),
            delta: moves.delta,
            basis: moves.loss,
            options,
            perpetual_options: perpetual_groups(snapshot, policy, &moves, &underlyings)?,
            futures: future_groups(&expiries, snapshot, policy, &underlyings),
            assets,
            swaps: swap_groups(snapshot, policy, &moves, &underlyings)?,
            rules: rules(snapshot, policy)?,
        };
        let groups = [
            ("expiries", table.options.len()),
            ("perpetual options", table.perpetual_options.len()),
            ("futures", table.futures.len()),
            ("assets", table.assets.len()),
            ("swaps", table.swaps.len()),
        ];
        for (kind, count) in groups.map(|(kind, groups)| (kind, groups - 1)) {
            if count > MOST_GROUPS {
                return Err(TableError::TooManyGroups { kind, count });
            }
        }
        table.fits(shape)?;
        Ok(table)
    }
}

/// The rules of the terms.
fn rules(snapshot: &Snapshot, policy: &Policy) -> Result<TermRules, TableError> {
    let (incentive, disclosure) = (&policy.incentive, &policy.disclosure);
    let multiplier = solvency_multiplier(snapshot, policy)?;
    let scaled = |rate: Rate| {
        let product = i128::from(rate.units()) * i128::from(multiplier) / i128::from(ONE);
        i64::try_from(product).unwrap_or(i64::MAX)
    };
    let exposures_shown = disclosure.level == DisclosureLevel::TermsAndGreeks;
    let tick = disclosure.exposure_tick;
    Ok(TermRules {
        incentive_base: scaled(incentive.base),
        incentive_slope: scaled(incentive.slope),
        incentive_cap: incentive.cap.units(),
        repay_tick: disclosure.repay_tick.units(),
        incentive_tick: disclosure.incentive_tick.units(),
        exposure_tick: tick.unwrap_or(GREATEST_EXPOSURE_TICK).units(),
        terms_shown: disclosure.level != DisclosureLevel::Verdict,
        exposures_shown,
        exposures_used: exposures_shown || charges_exposures(policy),
        exposures_charged: charges_exposures(policy),
        gamma_rate: policy.contingencies.gamma.maintenance.units(),
        vega_rate: policy.contingencies.vega.maintenance.units(),
    })
}

/// `1 + scale x (start - solvency) / (start - limit)`, the fraction held within 0 and 1; rounded down, units 1e-8.
pub(crate) fn solvency_multiplier(snapshot: &Snapshot, policy: &Policy) -> Result<i64, TableError> {
    let Some(ramp) = &policy.incentive.solvency else {
        return Ok(ONE);
    };
    let protocol = snapshot.protocol.as_ref().ok_or(TableError::Missing {
        rule: "incentive.solvency",
        field: "protocol.solvency".into(),
    })?;
    let [start, limit, now] =
        [ramp.start, ramp.limit, protocol.solvency].map(|r| i128::from(r.units()));
    let near = (start - now).clamp(0, start - limit);
    let raised = i128::from(ramp.scale.units()) * near / (start - limit).max(1);
    Ok(ONE + i64::try_from(raised).unwrap_or_default())
}

/// Rows that the table of valid files has at least: all but the second intervals of perpetual options.
fn least_rows(snapshot: &Snapshot, policy: &Policy) -> usize {
    let moves = Moves::new(policy);
    let (scenarios, of_options) = (moves.list.len(), moves.list.len() + moves.basis.len());
    let smiles = snapshot
        .expiries
        .iter()
        .map(|e| e.smile.len() + 1)
        .sum::<usize>();
    let perpetuals = snapshot
        .assets
        .iter()
        .filter(|a| a.perpetual.is_some())
        .count();
    let (perpetual_options, swaps) = (
        sides_of_american(snapshot) + snapshot.everlasting.len(),
        snapshot.power.len() + 2 * snapshot.variance.len(),
    );
    // The null groups have one scenario, one interval.
    let nulls = (5 + 1 + 1) + (4 + 1) + (2 + 1);
    let options = snapshot.expiries.len() * (5 + of_options) + smiles;
    let priced = perpetual_options * (4 + scenarios) + swaps * (2 + scenarios);
    let linear = 2 * (perpetuals + snapshot.expiries.len() + 1) + 2 * (snapshot.assets.len() + 1);
    scenarios + nulls + options + priced + linear
}

/// Sides of perpetual American options that have a price.
fn sides_of_american(snapshot: &Snapshot) -> usize {
    let rates: HashMap<_, _> = snapshot.assets.iter().map(|a| (a.asset, a.rate)).collect();
    let sides = snapshot.american.iter().map(|a| {
        let put = rates.get(&a.asset).is_some_and(|rate| *rate >= Rate::ZERO);
        usize::from(a.dividend >= Rate::ZERO) + usize::from(put)
    });
    sides.sum()
}

/// The snapshot's assets by number: an asset's place among the collateral groups, from 1.
pub(super) struct Underlyings(HashMap<Symbol, usize>);

impl Underlyings {
    fn new(assets: &[AssetGroup]) -> Self {
        let numbered = assets.iter().enumerate();
        Self(numbered.filter_map(|(u, a)| Some((a.id?, u))).collect())
    }

    /// The number of an asset, which `validate` has found in the snapshot.
    pub(super) fn number(&self, asset: Symbol) -> usize {
        self.0.get(&asset).copied().unwrap_or_default()
    }
}

/// Rounds to the nearest integer, ties up; the quotient fits by the model's limits.
pub(super) fn nearest(numerator: &BigInt, denominator: &BigInt) -> i128 {
    let doubled: BigInt = numerator * 2 + denominator;
    doubled
        .div_floor(&(denominator * 2))
        .to_i128()
        .unwrap_or(i128::MAX)
}

/// A decimal of units 1e-8.
pub(super) fn decimal(units: i64) -> Real {
    math::ratio(&units.into(), &ONE.into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::read_json;

    #[test]
    fn rounding_is_to_nearest_ties_up() {
        let rounded = |n: i32, d: i32| nearest(&n.into(), &d.into());
        let cases = [
            (4, 2, 2),
            (5, 2, 3),
            (-5, 2, -2),
            (7, 3, 2),
            (8, 3, 3),
            (-7, 3, -2),
            (-8, 3, -3),
            (0, 5, 0),
        ];
        for (numerator, denominator, expected) in cases {
            assert_eq!(
                rounded(numerator, denominator),
                expected,
                "{numerator} / {denominator}"
            );
        }
    }

    #[test]
    fn rows_are_counted_before_they_are_made() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        let snapshot: Snapshot = read_json(&samples.join("snapshot.json")).expect("a snapshot");
        let policy: Policy = read_json(&samples.join("policy.json")).expect("a policy");
        let mut snapshot = snapshot;
        // Their intervals are counted as one a scenario only.
        snapshot.everlasting.clear();
        snapshot.american.clear();
        let mut empty = snapshot.clone();
        empty.expiries.clear();
        let mut bare = snapshot.clone();
        for asset in &mut bare.assets {
            asset.perpetual = None;
        }
        for market in [snapshot, empty, bare] {
            let table = PublicTable::new(&market, &policy).expect("a table");
            assert_eq!(least_rows(&market, &policy), table.rows().len());
        }
    }
}
