//! Numbers with what rounding leaves of them: a bound from below, the exact value, a bound from above.

use std::ops::{Add, AddAssign, Shl, Sub};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

use crate::model::Money;

/// Decimal places of the report's unit.
const PLACES: u32 = 48;
/// Fraction bits of the report's unit: those of an option's value and of its discount.
pub(super) const BITS: u32 = 172;

/// An integer of 10^-places 2^-bits USD in the report's unit, 1e-48 USD x 2^-172.
pub(super) fn scaled(value: &BigInt, places: u32, bits: u32) -> BigInt {
    (value * BigInt::from(10u8).pow(PLACES - places)) << (BITS - bits)
}

/// Rounds the report's unit to 1e-8 USD, ties up, saturating.
pub(super) fn money(value: &BigInt) -> Money {
    quotient(value, &(BigInt::from(10u8).pow(PLACES - 8) << BITS))
}

/// Rounds a quotient to the nearest decimal unit, ties up, saturating.
pub(super) fn quotient(value: &BigInt, unit: &BigInt) -> Money {
    let doubled: BigInt = value * 2 + unit;
    let nearest = doubled.div_floor(&(unit * 2));
    let limit = if nearest.is_negative() {
        i64::MIN
    } else {
        i64::MAX
    };
    Money::from_units(nearest.to_i64().unwrap_or(limit))
}

/// A number and its bounds.
#[derive(Clone, Default)]
pub(super) struct Bounds {
    pub(super) below: BigInt,
    pub(super) exact: BigInt,
    pub(super) above: BigInt,
}

impl Bounds {
    /// A number that is known to `error` either way.
    pub(super) fn around(exact: BigInt, error: &BigInt) -> Self {
        Self {
            below: &exact - error,
            above: &exact + error,
            exact,
        }
    }

    /// A number that is known exactly.
    pub(super) fn point(exact: BigInt) -> Self {
        Self {
            below: exact.clone(),
            above: exact.clone(),
            exact,
        }
    }

    /// A function that never falls.
    pub(super) fn map(self, rising: impl Fn(BigInt) -> BigInt) -> Self {
        Self {
            below: rising(self.below),
            exact: rising(self.exact),
            above: rising(self.above),
        }
    }

    /// The greater of two.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            below: self.below.max(other.below),
            exact: self.exact.max(other.exact),
            above: self.above.max(other.above),
        }
    }

    /// Its magnitude; from below it may be less than nothing, as what is proved of it.
    pub(super) fn magnitude(self) -> Self {
        let negative = Self::default() - self.clone();
        self.max(negative)
    }
}

impl Add for Bounds {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Bounds {
    fn add_assign(&mut self, other: Self) {
        self.below += other.below;
        self.exact += other.exact;
        self.above += other.above;
    }
}

impl Sub for Bounds {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            below: self.below - other.above,
            exact: self.exact - other.exact,
            above: self.above - other.below,
        }
    }
}

impl Shl<u32> for Bounds {
    type Output = Self;

    fn shl(self, bits: u32) -> Self {
        self.map(|value| value << bits)
    }
}
