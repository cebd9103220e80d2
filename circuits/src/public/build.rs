//! From snapshot and policy to the public table.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use super::{
    AssetGroup, PublicTable, ScenarioRow, TABLE_ROWS, TermRules,
    linear::{asset_groups, future_groups},
    options::{null_options, option_group},
    perpetual::perpetual_groups,
    slot_key,
    swaps::swap_groups,
};
use crate::{
    math::{self, Real},
    model::{
        Expiry, GREATEST_EXPOSURE_TICK, ONE, Policy, Price, Rate, Scenario, Snapshot, Symbol, Time,
        ValueError, VolMove,
    },
};

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
    /// More rows than a proof's public table holds.
    #[error(
        "the public table needs {rows} rows, more than {TABLE_ROWS}: use fewer scenarios, expiries or smile nodes"
    )]
    TooManyRows {
        /// Rows needed.
        rows: usize,
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
        let fits = |rows| match rows {
            0..=TABLE_ROWS => Ok(()),
            rows => Err(TableError::TooManyRows { rows }),
        };
        // Before anything is computed: a file can list thousands of times what a table holds.
        fits(least_rows(snapshot, policy))?;
        let moves = Moves::new(policy);
        let assets = asset_groups(snapshot, policy);
        let underlyings = Underlyings::new(&assets);
        let mut expiries: Vec<&Expiry> = snapshot.expiries.iter().collect();
        expiries.sort_by_key(|e| slot_key(e.asset, Some(e.expiry)));

        let mut options = vec![null_options(moves.0.len())];
        for expiry in &expiries {
            options.push(option_group(
                expiry,
                snapshot,
                policy,
                &moves,
                &underlyings,
            )?);
        }
        let shown = policy.disclosure.exposure_tick;
        let table = Self {
            scenarios: moves.rows(),
            options,
            perpetual_options: perpetual_groups(snapshot, policy, &moves, &underlyings)?,
            futures: future_groups(&expiries, snapshot, policy, &underlyings),
            assets,
            swaps: swap_groups(snapshot, policy, &moves, &underlyings)?,
            rules: TermRules {
                incentive_base: policy.incentive.base.units(),
                incentive_slope: policy.incentive.slope.units(),
                incentive_cap: policy.incentive.cap.units(),
                repay_tick: policy.disclosure.repay_tick.units(),
                incentive_tick: policy.disclosure.incentive_tick.units(),
                exposure_tick: shown.unwrap_or(GREATEST_EXPOSURE_TICK).units(),
                exposures_shown: shown.is_some(),
            },
        };
        fits(table.rows().len())?;
        Ok(table)
    }
}

/// Rows that the table of valid files has at least: all but the second intervals of perpetual options.
fn least_rows(snapshot: &Snapshot, policy: &Policy) -> usize {
    let scenarios = 1 + policy.scenarios.len();
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
    let priced = sides_of_american(snapshot)
        + snapshot.everlasting.len()
        + snapshot.power.len()
        + 2 * snapshot.variance.len();
    // The null groups: options with one interval, perpetual options, futures, assets, swaps.
    // With the row of exposures of each but the futures.
    let nulls = 1 + 3 * (1 + scenarios) + 2 + 4;
    let options = snapshot.expiries.len() * (2 + scenarios) + smiles;
    let linear = perpetuals + snapshot.expiries.len() + 2 * snapshot.assets.len();
    scenarios + nulls + options + linear + priced * (2 + scenarios)
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

/// The scenarios with the unmoved market in front.
pub(super) struct Moves(pub(super) Vec<Move>);

pub(super) struct Move {
    /// Relative spot move, units 1e-8.
    pub(super) spot: i64,
    /// `ln(1 + spot)`.
    pub(super) ln_spot: Real,
    pub(super) vol: VolMove,
    /// Weight times maintenance factor, units 1e-4.
    pub(super) factor: i128,
}

impl Moves {
    fn new(policy: &Policy) -> Self {
        let maintenance = i128::from(policy.factors.maintenance.units());
        let factor = |s: &Scenario| i128::from(s.weight.units()) * maintenance / 1_000_000_000_000;
        let moved = policy.scenarios.iter().map(|s| Move {
            spot: s.spot.units(),
            ln_spot: math::ln(&math::ratio(&(ONE + s.spot.units()).into(), &ONE.into())),
            vol: s.vol,
            factor: factor(s),
        });
        let unmoved = Move {
            spot: 0,
            ln_spot: Real::ZERO,
            vol: VolMove::Same,
            factor: 0,
        };
        Self(std::iter::once(unmoved).chain(moved).collect())
    }

    fn rows(&self) -> Vec<ScenarioRow> {
        let row = |m: &Move| ScenarioRow {
            spot: m.spot.into(),
            factor: m.factor,
        };
        self.0.iter().map(row).collect()
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

/// `rate x price`, rounded down: against liquidation.
pub(super) fn charge(rate: i64, price: Price) -> i128 {
    i128::from(rate) * i128::from(price.units()) / i128::from(ONE)
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
