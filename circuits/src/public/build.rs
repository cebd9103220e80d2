//! From snapshot and policy to the public table.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use super::{
    AssetGroup, FutureGroup, LinearScenario, PublicTable, TABLE_ROWS, TermRules,
    options::{null_options, option_group},
    slot_key,
};
use crate::{
    math::{self, Real},
    model::{Expiry, ONE, Policy, Price, Scenario, Snapshot, Symbol, Time, ValueError, VolMove},
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
    #[error("{asset} {expiry}: scenario {scenario} multiplies volatility by more than 4")]
    VolMultiplier {
        /// The underlying.
        asset: Symbol,
        /// The expiry.
        expiry: Time,
        /// The scenario's number, 0 for the unmoved market.
        scenario: usize,
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
        // Before anything is computed: a file can list thousands of times what a table holds.
        let rows = rows_needed(snapshot, policy);
        if rows > TABLE_ROWS {
            return Err(TableError::TooManyRows { rows });
        }
        let moves = Moves::new(policy);
        let mut expiries: Vec<&Expiry> = snapshot.expiries.iter().collect();
        expiries.sort_by_key(|e| slot_key(e.asset, Some(e.expiry)));

        let mut options = vec![null_options(moves.0.len())];
        for expiry in &expiries {
            options.push(option_group(expiry, snapshot, policy, &moves)?);
        }
        Ok(Self {
            scenarios: moves.0.len(),
            options,
            futures: future_groups(&expiries, snapshot, policy, &moves),
            assets: asset_groups(snapshot, policy, &moves),
            rules: TermRules {
                incentive_base: policy.incentive.base.units(),
                incentive_slope: policy.incentive.slope.units(),
                incentive_cap: policy.incentive.cap.units(),
                repay_tick: policy.disclosure.repay_tick.units(),
                incentive_tick: policy.disclosure.incentive_tick.units(),
            },
        })
    }
}

/// Rows of the table that valid files make: a base row and the scenarios of every group, null groups included, and the
/// intervals of every smile, one more than its nodes.
fn rows_needed(snapshot: &Snapshot, policy: &Policy) -> usize {
    let (expiries, assets) = (&snapshot.expiries, &snapshot.assets);
    let perpetuals = assets.iter().filter(|a| a.perpetual.is_some()).count();
    let groups = 3 + 2 * expiries.len() + perpetuals + assets.len();
    let intervals = 1 + expiries.iter().map(|e| e.smile.len() + 1).sum::<usize>();
    intervals + groups * (2 + policy.scenarios.len())
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

    /// Spot move and factor by scenario; units 1e-8 and 1e-4.
    fn linear(&self) -> impl Iterator<Item = (i128, i128)> + '_ {
        self.0.iter().map(|m| (m.spot.into(), m.factor))
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

/// `rate x price`, rounded down: against liquidation.
pub(super) fn charge(rate: i64, price: Price) -> i128 {
    i128::from(rate) * i128::from(price.units()) / i128::from(ONE)
}

fn null_linear(scenarios: usize) -> Vec<LinearScenario> {
    vec![LinearScenario { loss: 0, factor: 0 }; scenarios]
}

fn future_groups(
    expiries: &[&Expiry],
    snapshot: &Snapshot,
    policy: &Policy,
    moves: &Moves,
) -> Vec<FutureGroup> {
    let group = |asset: Symbol, expiry: Option<Time>, mark: Price, index: i64| FutureGroup {
        id: Some((asset, expiry)),
        key: slot_key(asset, expiry),
        price: i128::from(mark.units()) - i128::from(index),
        charge: charge(policy.contingencies.future.units(), mark),
        scenarios: moves
            .linear()
            .map(|(spot, factor)| LinearScenario {
                loss: nearest(&(BigInt::from(-spot) * mark.units()), &ONE.into()),
                factor,
            })
            .collect(),
    };
    let perpetuals = snapshot.assets.iter().filter_map(|a| {
        a.perpetual
            .as_ref()
            .map(|p| group(a.asset, None, p.mark, p.funding_index.units()))
    });
    let dated = expiries
        .iter()
        .map(|e| group(e.asset, Some(e.expiry), e.forward, 0));
    let mut groups: Vec<_> = perpetuals.chain(dated).collect();
    groups.sort_by_key(|g| g.key);
    let null = FutureGroup {
        id: None,
        key: 0,
        price: 0,
        charge: 0,
        scenarios: null_linear(moves.0.len()),
    };
    std::iter::once(null).chain(groups).collect()
}

fn asset_groups(snapshot: &Snapshot, policy: &Policy, moves: &Moves) -> Vec<AssetGroup> {
    let mut groups: Vec<_> = snapshot
        .assets
        .iter()
        .map(|a| {
            let haircut = policy.haircuts.iter().find(|h| h.asset == a.asset);
            let counted =
                i128::from(ONE) - haircut.map_or(ONE, |h| h.haircut.units()).min(ONE) as i128;
            // Units 1e-16, then 1e-24 with the move.
            let value = BigInt::from(a.spot.units()) * counted;
            AssetGroup {
                id: Some(a.asset),
                key: slot_key(a.asset, None),
                value: Integer::div_ceil(&value, &ONE.into())
                    .to_i128()
                    .unwrap_or(i128::MAX),
                scenarios: moves
                    .linear()
                    .map(|(spot, factor)| LinearScenario {
                        loss: (&value * -spot)
                            .div_floor(&BigInt::from(ONE).pow(2))
                            .to_i128()
                            .unwrap_or(i128::MIN),
                        factor,
                    })
                    .collect(),
            }
        })
        .collect();
    groups.sort_by_key(|g| g.key);
    let null = AssetGroup {
        id: None,
        key: 0,
        value: 0,
        scenarios: null_linear(moves.0.len()),
    };
    std::iter::once(null).chain(groups).collect()
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
        let mut empty = snapshot.clone();
        empty.expiries.clear();
        let mut bare = snapshot.clone();
        for asset in &mut bare.assets {
            asset.perpetual = None;
        }
        for market in [snapshot, empty, bare] {
            let table = PublicTable::new(&market, &policy).expect("a table");
            assert_eq!(rows_needed(&market, &policy), table.rows().len());
        }
    }
}
