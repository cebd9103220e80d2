//! Charges per option held, and the bounds of what charges on exposures are computed from.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use super::{
    OptionCharges,
    build::{TableError, decimal},
};
use crate::{
    math::{self, Real},
    model::{Expiry, LongOptions, Netting, ONE, Policy, Price, Rate},
};

/// `rate x price`, exact; units 1e-16 USD.
pub(super) fn charge(rate: Rate, price: Price) -> i128 {
    i128::from(rate.units()) * i128::from(price.units())
}

/// Rounds a real number of 1e-8 USD up; units 1e-16 USD.
fn ceil(value: &Real) -> i128 {
    let scaled: BigInt = value * ONE;
    let units = -((-scaled).div_floor(&math::one()));
    units.to_i128().unwrap_or(i128::MAX)
}

/// The policy's charges per option at a spot; `error` bounds what gamma and vega charges can be off by, per option, units
/// 1e-8 USD.
pub(super) fn option_charges(policy: &Policy, spot: Price, error: &Real) -> OptionCharges {
    let c = &policy.contingencies;
    let short = charge(c.short_option.maintenance, spot);
    let (side, strike) = match c.short_option.netting {
        Netting::None => (short, 0),
        Netting::Strike => (0, short),
    };
    let (provision, error) = (charge(c.provision.option, spot), ceil(error));
    OptionCharges {
        side,
        strike,
        held: provision - error,
        above: provision + error,
        excluded: policy.long_options == LongOptions::Excluded,
    }
}

/// Rates of the charges on exposures: dollar gamma, vega.
pub(super) fn exposure_rates(policy: &Policy) -> [Real; 2] {
    let c = &policy.contingencies;
    [&c.gamma, &c.vega].map(|rates| decimal(rates.maintenance.units()))
}

/// What a delta's error adds to the delta charge at most, times the factors on it.
fn delta_rate(policy: &Policy) -> Real {
    let rises = policy
        .volatility_trigger
        .iter()
        .map(|t| t.factor.cap.units());
    let rise = math::one() + decimal(rises.max().unwrap_or_default());
    let rate = math::mul(&decimal(policy.delta.net.units()), &rise);
    math::mul(&rate, &decimal(policy.factors.maintenance.units()))
}

/// Some charge depends on exposures.
pub(super) fn charges_exposures(policy: &Policy) -> bool {
    let c = &policy.contingencies;
    let rates = [
        c.gamma.maintenance,
        c.vega.maintenance,
        policy.delta.net,
        policy.delta.hedged,
    ];
    rates.iter().any(|rate| *rate != Rate::ZERO)
}

/// Bound of the error of the charges on a European option's gamma and vega (`docs/numbers.md`, Exposures), units 1e-8 USD;
/// `least_v` is the smile's least volatility x square root of time, 0 at expiry.
pub(super) fn european_error(
    expiry: &Expiry,
    policy: &Policy,
    forward: &Real,
    root: &Real,
    least_v: &Real,
) -> Result<Real, TableError> {
    if !charges_exposures(policy) || root.is_zero() {
        return Ok(Real::zero());
    }
    // Below it the stated bounds do not hold: delta is right to 2^-17 of the forward from here on.
    if *least_v < math::one() >> 17 {
        return Err(TableError::ExposureCharge {
            market: format!("{} {}", expiry.asset, expiry.expiry),
        });
    }
    let ([gamma, vega], delta) = (exposure_rates(policy), delta_rate(policy));
    let off_delta = (forward >> 17) + math::one();
    // phi is below 0.4; two units of 1e-8 USD cover the forward's own rounding.
    let peak = (forward + math::one() * 2) * 2 / 5;
    let off_gamma = math::div(&(&peak >> 16), least_v);
    let off_vega = (math::mul(&peak, root) >> 16) + (&peak >> 21);
    Ok(math::mul(&gamma, &off_gamma) + math::mul(&vega, &off_vega) + math::mul(&delta, &off_delta))
}

/// The same of a swap: half a unit of 2^-14 each.
pub(super) fn swap_error(policy: &Policy) -> i128 {
    if !charges_exposures(policy) {
        return 0;
    }
    let [gamma, vega] = exposure_rates(policy);
    ceil(&((gamma + vega + delta_rate(policy)) >> 14))
}

/// Bound of the error of the charges on a perpetual option's gamma and vega, units 1e-8 USD: convexity c, relative vega at
/// most w, exponential part at most `most`, relative vega's slope.
pub(super) fn perpetual_error(
    policy: &Policy,
    [convexity, vega, most, slope]: [&Real; 4],
    spot: &Real,
) -> Real {
    if !charges_exposures(policy) {
        return Real::zero();
    }
    let [gamma_rate, vega_rate] = exposure_rates(policy);
    // |l X| is at most the spot.
    let delta = (spot >> 19) + (most >> 21) + math::one() * 2;
    // |1 - l| below 2^13: e = 2^-20 + 2^-36 + 2^-22 is below 2^-19.
    let gamma = (math::mul(convexity, most) >> 19) + (most >> 21) + (convexity >> 23);
    // |ln K/S| is below 2^6.
    let linear = (math::one() >> 11) + (slope >> 23) + (math::one() >> 41);
    let vega = (math::mul(vega, most) >> 19) + math::mul(most, &linear) + (vega >> 23);
    math::mul(&gamma_rate, &gamma)
        + math::mul(&vega_rate, &vega)
        + math::mul(&delta_rate(policy), &delta)
}

#[cfg(test)]
mod tests;
