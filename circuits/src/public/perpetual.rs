//! The perpetual options' part of the public table.
//!
//! In the strike, every branch of both formulas is `2^(offset + slope ln K)`, plus or minus `S - K x discount`
//! (`docs/instruments.md`): the branches' ends and coefficients are public, so a slot costs one exponential.

mod formulas;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::{
    OptionCharges, PerpetualExposureRow, PerpetualGroup, PerpetualScenario, PerpetualSide,
    Underlyings,
    build::{TableError, decimal},
    charges::{charges_exposures, option_charges, perpetual_error},
    exposure,
    moves::{Move, Moves},
    options::{DISCOUNT_BITS, MOVE_BITS, moved_vol, vol_multipliers},
    perpetual_key,
};
use crate::{
    math::{self, Real},
    model::{LEAST_PERPETUAL_VOL, ONE, Policy, SIZE_BITS, Snapshot, Symbol},
    tables::LAST_SHIFT,
};
use formulas::{Market, american, everlasting, linear};

/// Fraction bits of an interval's slope.
pub const SLOPE_BITS: u32 = 42;
/// Fraction bits of an interval's offset.
pub const OFFSET_BITS: u32 = 96;
/// A result of one unit of 1e-8 USD has this binary exponent.
pub const UNIT_EXPONENT: u32 = 32;
/// The tenor that scales a vol shock of perpetual American options, which have none: one year.
const AMERICAN_TENOR: u64 = 365 * 86_400;

/// What the snapshot says of one group.
struct Source {
    asset: Symbol,
    side: PerpetualSide,
    /// Units 1e-8.
    vol: i64,
    /// Units 1e-8.
    dividend: i64,
}

impl Source {
    fn years(&self) -> Option<Real> {
        match self.side {
            PerpetualSide::Everlasting(units) => {
                Some(math::ratio(&units.into(), &(BigInt::from(ONE) * 365)))
            }
            _ => None,
        }
    }

    fn tenor(&self) -> u64 {
        match self.side {
            PerpetualSide::Everlasting(units) => {
                (u128::from(units.unsigned_abs()) * 86_400 / u128::from(ONE.unsigned_abs())) as u64
            }
            _ => AMERICAN_TENOR,
        }
    }

    fn name(&self) -> String {
        match self.side {
            PerpetualSide::Everlasting(_) => format!("{} everlasting", self.asset),
            _ => format!("{} perpetual American", self.asset),
        }
    }

    /// `None` if a number does not fit the circuit's columns.
    fn scenario(
        &self,
        spot: i64,
        rate: i64,
        market: &Move,
        vol: &Real,
    ) -> Option<(PerpetualScenario, Vec<PerpetualExposureRow>)> {
        let moved = BigInt::from(spot) * market.ratio();
        let real = math::ratio(&moved, &(1u64 << MOVE_BITS).into());
        let market = Market {
            ln_spot: math::ln(&real),
            spot: real,
            rate: decimal(rate),
            dividend: decimal(self.dividend),
            vol: vol.clone(),
        };
        let branches = match (self.years(), self.side) {
            (Some(years), _) => everlasting(&market, &years),
            (None, side) => american(&market, side == PerpetualSide::AmericanCall),
        };
        let mut intervals = Vec::with_capacity(branches.len());
        let mut exposures = Vec::with_capacity(branches.len());
        for branch in &branches {
            let Some(interval) = branch.interval()? else {
                continue;
            };
            exposures.push(branch.exposure(&interval, &market.ln_spot)?);
            intervals.push(interval);
        }
        let spot = math::round(&market.spot, DISCOUNT_BITS).to_i128()?;
        Some((PerpetualScenario { spot, intervals }, exposures))
    }

    /// Bound of the error of the charges on gamma and vega, per option; units 1e-8 USD.
    fn charge_error(
        &self,
        policy: &Policy,
        base: Option<&PerpetualScenario>,
        exposures: &[PerpetualExposureRow],
    ) -> Result<Real, TableError> {
        let mut greatest = Real::zero();
        if !charges_exposures(policy) {
            return Ok(greatest);
        }
        let intervals = base.map_or(&[][..], |base| &base.intervals);
        for (interval, row) in intervals.iter().zip(exposures) {
            // Beyond it their bound would be above 2^-19 of the spot.
            if row.elasticity.abs() >= 8190 << exposure::ELASTICITY_BITS {
                return Err(TableError::ExposureCharge {
                    market: self.name(),
                });
            }
            let real = |units: i128, bits: u32| Real::from(units) << (math::BITS - bits);
            // An interval may hold no strike but 0, which no option has.
            let ends = [interval.low, interval.high - 1].map(|strike| strike.max(1));
            let logs = ends.map(|strike| math::ln(&(Real::from(strike) << math::BITS)));
            let most = logs.each_ref().map(|ln| {
                let exponent = real(interval.offset, OFFSET_BITS)
                    + math::mul(&real(interval.slope, SLOPE_BITS), ln)
                    - math::one() * UNIT_EXPONENT;
                math::exp(&math::mul(&exponent, &math::LN_2))
            });
            let vega = logs.each_ref().map(|ln| {
                let slope = real(row.vega_slope, exposure::VEGA_SLOPE_BITS);
                (real(row.vega_offset, exposure::VEGA_OFFSET_BITS) + math::mul(&slope, ln)).abs()
            });
            let [a, b] = most;
            let [v, w] = vega;
            let parts = [
                &real(row.convexity.abs(), exposure::ELASTICITY_BITS),
                &v.max(w),
                &a.max(b),
                &real(row.vega_slope.abs(), exposure::VEGA_SLOPE_BITS),
            ];
            let spot = real(base.map_or(0, |base| base.spot), DISCOUNT_BITS);
            greatest = greatest.max(perpetual_error(policy, parts, &spot));
        }
        Ok(greatest)
    }

    fn group(
        &self,
        snapshot: &Snapshot,
        policy: &Policy,
        moves: &Moves,
        underlyings: &Underlyings,
    ) -> Result<PerpetualGroup, TableError> {
        // `validate` has checked that the spot exists.
        let asset = snapshot.assets.iter().find(|a| a.asset == self.asset);
        let (spot, rate) = asset.map_or((1, 0), |a| (a.spot.units(), a.rate.units()));
        let multipliers = vol_multipliers(self.tenor(), policy);
        let least_vol = decimal(LEAST_PERPETUAL_VOL.units());
        let mut scenarios = Vec::with_capacity(moves.list.len());
        let mut exposures = None;
        for (number, market) in moves.list.iter().enumerate() {
            let vol = moved_vol(self.vol, market, multipliers).ok_or_else(|| {
                TableError::VolMultiplier {
                    market: self.name(),
                    scenario: number,
                }
            })?;
            let moved = self.scenario(spot, rate, market, &vol.max(least_vol.clone()));
            let (scenario, answers) = moved.ok_or_else(|| TableError::Exponent {
                market: self.name(),
                scenario: number,
            })?;
            scenarios.push(scenario);
            exposures.get_or_insert(answers);
        }
        let discount = self.years().map_or_else(math::one, |years| {
            let grown = math::one() + math::mul(&decimal(rate), &years);
            math::div(&math::one(), &grown)
        });
        let price = crate::model::Price::from_units(spot);
        let base = scenarios.first();
        let error = self.charge_error(policy, base, exposures.as_deref().unwrap_or_default())?;
        Ok(PerpetualGroup {
            id: Some((self.asset, self.side)),
            key: perpetual_key(self.asset, self.side),
            discount: math::round(&discount, DISCOUNT_BITS)
                .to_i128()
                .unwrap_or_default(),
            charges: option_charges(policy, price, &error),
            scenarios,
            underlying: underlyings.number(self.asset),
            exposures: exposures.unwrap_or_default(),
        })
    }
}

pub(super) fn perpetual_groups(
    snapshot: &Snapshot,
    policy: &Policy,
    moves: &Moves,
    underlyings: &Underlyings,
) -> Result<Vec<PerpetualGroup>, TableError> {
    let everlasting = snapshot.everlasting.iter().map(|e| Source {
        asset: e.asset,
        side: PerpetualSide::Everlasting(e.funding_days.units()),
        vol: e.vol.units(),
        dividend: 0,
    });
    let rate = |asset| {
        let found = snapshot.assets.iter().find(|a| a.asset == asset);
        found.map_or(0, |a| a.rate.units())
    };
    let american = snapshot.american.iter().flat_map(|a| {
        let side = |side| Source {
            asset: a.asset,
            side,
            vol: a.vol.units(),
            dividend: a.dividend.units(),
        };
        let call = (a.dividend.units() >= 0).then(|| side(PerpetualSide::AmericanCall));
        let put = (rate(a.asset) >= 0).then(|| side(PerpetualSide::AmericanPut));
        call.into_iter().chain(put)
    });
    let mut groups = everlasting
        .chain(american)
        .map(|source| source.group(snapshot, policy, moves, underlyings))
        .collect::<Result<Vec<_>, _>>()?;
    groups.sort_by_key(|g| g.key);
    groups.insert(0, null_perpetuals());
    Ok(groups)
}

fn null_perpetuals() -> PerpetualGroup {
    let scenario = PerpetualScenario {
        spot: 0,
        intervals: vec![linear(0, 1 << SIZE_BITS, false)],
    };
    PerpetualGroup {
        id: None,
        key: 0,
        discount: 0,
        charges: OptionCharges::default(),
        scenarios: vec![scenario],
        underlying: 0,
        exposures: vec![PerpetualExposureRow::default()],
    }
}

const _: () = assert!(
    LAST_SHIFT >= UNIT_EXPONENT + 54,
    "a spot of 2^50 moved by 11"
);
