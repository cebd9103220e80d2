//! Both formulas' branches, in real numbers and in the circuit's integers.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::{OFFSET_BITS, SLOPE_BITS, UNIT_EXPONENT};
use crate::{
    math::{self, Real},
    model::SIZE_BITS,
    public::{PerpetualExposureRow, PerpetualInterval, exposure},
};

/// Offset, and slope times ln K (below 2^6), stay below 2^126 units of 2^-96, so that their sum is within 127 bits.
const COEFFICIENT_BITS: u32 = 126;
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
pub(super) struct Branch {
    low: BigInt,
    high: BigInt,
    /// `None` where the value is linear.
    power: Option<Power>,
    call_side: bool,
}

/// A market's numbers; prices in units of 1e-8 USD.
pub(super) struct Market {
    pub(super) spot: Real,
    pub(super) ln_spot: Real,
    pub(super) rate: Real,
    pub(super) dividend: Real,
    pub(super) vol: Real,
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
pub(super) fn everlasting(market: &Market, years: &Real) -> Vec<Branch> {
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
pub(super) fn american(market: &Market, call: bool) -> Vec<Branch> {
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
pub(super) fn linear(low: i128, high: i128, call_side: bool) -> PerpetualInterval {
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
    pub(super) fn interval(&self) -> Option<Option<PerpetualInterval>> {
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
    pub(super) fn exposure(
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
