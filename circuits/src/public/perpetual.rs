//! The perpetual options' part of the public table.
//!
//! In the strike, every branch of both formulas is `2^(offset + slope ln K)`, plus or minus `S - K x discount`
//! (`docs/instruments.md`): the branches' ends and coefficients are public, so a slot costs one exponential.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::{
    OptionCharges, PerpetualExposureRow, PerpetualGroup, PerpetualInterval, PerpetualScenario,
    PerpetualSide, Underlyings,
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

/// Fraction bits of an interval's slope.
pub const SLOPE_BITS: u32 = 42;
/// Fraction bits of an interval's offset.
pub const OFFSET_BITS: u32 = 96;
/// A result of one unit of 1e-8 USD has this binary exponent.
pub const UNIT_EXPONENT: u32 = 32;
/// Offset, and slope times ln K (below 2^6), stay below 2^126 units of 2^-96, so that their sum is within 127 bits.
const COEFFICIENT_BITS: u32 = 126;
/// The tenor that scales a vol shock of perpetual American options, which have none: one year.
const AMERICAN_TENOR: u64 = 365 * 86_400;

/// `2^(offset + slope ln K)` as real numbers.
struct Power {
    /// Natural exponent at `ln K = 0`.
    offset: Real,
    /// Natural exponent per `ln K`: 1 less that of the spot.
    slope: Real,
    /// The spot's exponent, by volatility.
    exponent_by_vol: Real,
    /// `offset` by volatility.
    offset_by_vol: Real,
}

/// The strikes `[low, high)` of one branch of the formula.
struct Branch {
    low: BigInt,
    high: BigInt,
    /// `None` where the value is linear.
    power: Option<Power>,
    call_side: bool,
}

/// A market's numbers; prices in units of 1e-8 USD.
struct Market {
    spot: Real,
    ln_spot: Real,
    rate: Real,
    dividend: Real,
    vol: Real,
}

fn end_of_strikes() -> BigInt {
    BigInt::from(1) << SIZE_BITS
}

/// The first whole strike above `x`.
fn above(x: &Real) -> BigInt {
    let next: BigInt = (x >> math::BITS) + 1;
    next.min(end_of_strikes())
}

/// Call or put less its linear part, below and above the strike `S`; White and Bankman-Fried 2021, as derived in
/// `docs/instruments.md`.
fn everlasting(market: &Market, years: &Real) -> Vec<Branch> {
    let one = math::one();
    let square = math::mul(&market.vol, &market.vol);
    let b = (&one >> 1u32) - math::div(&market.rate, &square);
    let funded = &market.rate + math::div(&one, years);
    let root = math::sqrt(&(math::mul(&b, &b) + math::div(&(&funded * 2u32), &square)));
    let carried = math::mul(&market.rate, years);
    let g = math::div(&carried, &(&one + &carried));
    let cube = math::mul(&square, &market.vol);
    let b_by_vol = math::div(&(&market.rate * 2u32), &cube);
    let funded_by_vol = math::div(&(&funded * 2u32), &cube);
    let root_by_vol = math::div(&(math::mul(&b, &b_by_vol) - funded_by_vol), &root);
    let (plus_by_vol, minus_by_vol) = (&b_by_vol + &root_by_vol, &b_by_vol - &root_by_vol);
    let branch = |low: BigInt,
                  high: BigInt,
                  [l, by_vol]: [&Real; 2],
                  [other, other_by_vol]: [&Real; 2],
                  call_side| {
        let numerator = &one - math::mul(other, &g);
        let amplitude = math::div(&numerator, &(&root * 2u32));
        // K a (S/K)^l; an amplitude that rounds to nothing is nothing.
        let power = amplitude.is_positive().then(|| Power {
            offset: math::ln(&amplitude) + math::mul(l, &market.ln_spot),
            slope: &one - l,
            exponent_by_vol: by_vol.clone(),
            offset_by_vol: math::mul(by_vol, &market.ln_spot)
                - math::div(&math::mul(other_by_vol, &g), &numerator)
                - math::div(&root_by_vol, &root),
        });
        Branch {
            low,
            high,
            power,
            call_side,
        }
    };
    let (plus, minus) = (&b + &root, &b - &root);
    let boundary = above(&market.spot);
    vec![
        branch(
            BigInt::zero(),
            boundary.clone(),
            [&minus, &minus_by_vol],
            [&plus, &plus_by_vol],
            true,
        ),
        branch(
            boundary,
            end_of_strikes(),
            [&plus, &plus_by_vol],
            [&minus, &minus_by_vol],
            false,
        ),
    ]
}

/// The roots' exponent is this close to its limit: the option is never exercised.
fn vanishes(x: &Real) -> bool {
    *x < math::one() >> 64u32
}

/// McKean 1965, Merton 1973: `|S* - K| (S/S*)^y` until exercise.
fn american(market: &Market, call: bool) -> Vec<Branch> {
    let one = math::one();
    let square = math::mul(&market.vol, &market.vol);
    let carry = math::div(&(&market.rate - &market.dividend), &square);
    let a = (&one >> 1u32) - carry;
    let inner = math::mul(&a, &a) + math::div(&(&market.rate * 2u32), &square);
    let root = math::sqrt(&inner.max(Real::zero()));
    let never = |power| {
        vec![Branch {
            low: BigInt::zero(),
            high: end_of_strikes(),
            power: Some(power),
            call_side: !call,
        }]
    };
    let ln = |x: &Real| math::ln(x);
    let cube = math::mul(&square, &market.vol);
    let a_by_vol = math::div(&((&market.rate - &market.dividend) * 2u32), &cube);
    // The critical spot is best, so that the value's answer to a move of it is nothing: only the exponent's counts.
    let power = |y: &Real, side: i32, distance: &Real, ratio: Real| {
        let grown = math::mul(&a, &a_by_vol) - math::div(&(&market.rate * 2u32), &cube);
        let root_by_vol = math::div(&grown, &root);
        let exponent_by_vol = &a_by_vol + root_by_vol * side;
        let ratio = ratio + &market.ln_spot;
        Power {
            offset: math::mul(y, &ratio) - ln(distance),
            slope: &one - y,
            offset_by_vol: math::mul(&exponent_by_vol, &ratio),
            exponent_by_vol,
        }
    };
    if call {
        let y = &a + &root;
        let distance = &y - &one;
        if vanishes(&distance) {
            return never(Power {
                offset: market.ln_spot.clone(),
                slope: Real::zero(),
                exponent_by_vol: Real::zero(),
                offset_by_vol: Real::zero(),
            });
        }
        let boundary = above(&math::div(&math::mul(&market.spot, &distance), &y));
        vec![
            Branch {
                low: BigInt::zero(),
                high: boundary.clone(),
                power: None,
                call_side: true,
            },
            Branch {
                low: boundary,
                high: end_of_strikes(),
                power: Some(power(&y, 1, &distance, ln(&distance) - ln(&y))),
                call_side: false,
            },
        ]
    } else {
        let y = &a - &root;
        let opposite = -&y;
        if vanishes(&opposite) {
            return never(Power {
                offset: Real::zero(),
                slope: one.clone(),
                exponent_by_vol: Real::zero(),
                offset_by_vol: Real::zero(),
            });
        }
        let distance = &one - &y;
        let boundary = above(&math::div(&math::mul(&market.spot, &distance), &opposite));
        vec![
            Branch {
                low: BigInt::zero(),
                high: boundary.clone(),
                power: Some(power(&y, -1, &distance, ln(&distance) - ln(&opposite))),
                call_side: true,
            },
            Branch {
                low: boundary,
                high: end_of_strikes(),
                power: None,
                call_side: false,
            },
        ]
    }
}

/// An interval without an exponential part: an exponent of 0 is nothing.
fn linear(low: i128, high: i128, call_side: bool) -> PerpetualInterval {
    PerpetualInterval {
        low,
        high,
        slope: 0,
        offset: 0,
        call_side,
    }
}

impl Branch {
    /// The branch in the circuit's integers, nothing if no strike is in it; `None` if a number does not fit, which legal
    /// markets do not come near (`certified::fits_tables`).
    fn interval(&self) -> Option<Option<PerpetualInterval>> {
        let (low, high) = (self.low.to_i128()?, self.high.to_i128()?);
        if low >= high {
            return Some(None);
        }
        // A strike is at least one unit.
        let Some(power) = self.power.as_ref().filter(|_| high > 1) else {
            return Some(Some(linear(low, high, self.call_side)));
        };
        let slope = math::round(&math::div(&power.slope, &math::LN_2), SLOPE_BITS);
        let rounded: Real = &slope << (math::BITS - SLOPE_BITS);
        // The end where the value is greatest keeps its exponent: the rounded slope turns around it.
        let pivot = if power.slope.is_negative() {
            low.max(1)
        } else {
            high - 1
        };
        let ln_pivot = math::ln(&(Real::from(pivot) << math::BITS));
        let natural = &power.offset + math::mul(&power.slope, &ln_pivot);
        let top: Real = math::div(&natural, &math::LN_2) + math::one() * UNIT_EXPONENT;
        let offset = math::round(&(&top - math::mul(&rounded, &ln_pivot)), OFFSET_BITS);
        let most = BigInt::from(1) << COEFFICIENT_BITS;
        let fits = offset.magnitude() < most.magnitude()
            && (&slope << (OFFSET_BITS - SLOPE_BITS + 6)).magnitude() < most.magnitude();
        fits.then_some(())?;
        Some(Some(PerpetualInterval {
            low,
            high,
            slope: slope.to_i128()?,
            offset: offset.to_i128()?,
            call_side: self.call_side,
        }))
    }
}

impl Branch {
    /// How the branch's value answers; `None` if a number does not fit.
    fn exposure(
        &self,
        interval: &PerpetualInterval,
        ln_spot: &Real,
    ) -> Option<PerpetualExposureRow> {
        let low = interval.low;
        match &self.power {
            // As in `interval`.
            Some(power) if interval.high > 1 => PerpetualExposureRow::of(
                low,
                &exposure::Branch {
                    exponent: &(math::one() - &power.slope),
                    exponent_by_vol: &power.exponent_by_vol,
                    offset_by_vol: &power.offset_by_vol,
                    ln_spot,
                },
            ),
            _ => Some(PerpetualExposureRow {
                low,
                ..PerpetualExposureRow::default()
            }),
        }
    }
}

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
