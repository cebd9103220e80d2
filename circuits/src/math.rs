//! Correctly bounded real functions in integer arithmetic, for the public tables.
//!
//! Prover, verifier and oracle must agree to the last bit on every machine, so nothing here
//! uses the platform's floating point. A [`Real`] is an integer of units `2^-192`; each
//! function is exact to some thousands of those units, far below what the tables keep.

use std::sync::LazyLock;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// Fraction bits of a [`Real`].
pub const BITS: u32 = 192;

/// A real number in units of `2^-192`.
pub type Real = BigInt;

/// 1.
pub fn one() -> Real {
    BigInt::one() << BITS
}

/// `numerator / denominator`, rounded down; `denominator` is not zero.
pub fn ratio(numerator: &BigInt, denominator: &BigInt) -> Real {
    (numerator << BITS).div_floor(denominator)
}

/// `a b`.
pub fn mul(a: &Real, b: &Real) -> Real {
    (a * b) >> BITS
}

/// `a / b`; `b` is not zero.
pub fn div(a: &Real, b: &Real) -> Real {
    ratio(a, b)
}

/// Square root, rounded down; `x` not negative.
pub fn sqrt(x: &Real) -> Real {
    (x << BITS).sqrt()
}

/// `value 2^bits`, rounded to the nearest integer, ties up.
pub fn round(value: &Real, bits: u32) -> BigInt {
    (value + (BigInt::one() << (BITS - bits - 1))) >> (BITS - bits)
}

/// `ln 2`.
pub static LN_2: LazyLock<Real> = LazyLock::new(|| atanh_series(&ratio(&1.into(), &3.into())) * 2);

/// `1 / sqrt(2 pi)`, by Machin's formula for pi.
pub static INV_SQRT_2PI: LazyLock<Real> = LazyLock::new(|| {
    let arctan_inverse = |n: u32| {
        let (square, mut power) = (BigInt::from(n * n), ratio(&1.into(), &n.into()));
        let (mut sum, mut k) = (Real::zero(), 0u32);
        while !power.is_zero() {
            let term = &power / (2 * k + 1);
            sum = if k.is_multiple_of(2) {
                sum + term
            } else {
                sum - term
            };
            power /= &square;
            k += 1;
        }
        sum
    };
    let pi: Real = (arctan_inverse(5) * 4u32 - arctan_inverse(239)) * 4u32;
    let root = ((pi * 2u32) << BITS).sqrt();
    div(&one(), &root)
});

/// `atanh x = x + x^3/3 + x^5/5 + ...`, for small `x`.
fn atanh_series(x: &Real) -> Real {
    let square = mul(x, x);
    let (mut sum, mut power, mut k) = (Real::zero(), x.clone(), 1u32);
    // `>>` rounds down, so a negative power stops at -1 instead of 0.
    while power.magnitude().bits() > 1 {
        sum += &power / k;
        power = mul(&power, &square);
        k += 2;
    }
    sum
}

/// Mantissas are divided into so many equal intervals (as a power of 2) of `[1/2, 1)`, each with a logarithm at its middle.
const MIDDLE_BITS: u32 = 6;

/// The middle of each interval, and its logarithm.
static MIDDLES: LazyLock<Vec<(Real, Real)>> = LazyLock::new(|| {
    let middles = (1u32 << MIDDLE_BITS..2 << MIDDLE_BITS).map(|interval| {
        let middle = (BigInt::from(2 * interval + 1) << BITS) >> (MIDDLE_BITS + 2);
        let ln = atanh_series(&div(&(&middle - one()), &(&middle + one()))) * 2u32;
        (middle, ln)
    });
    middles.collect()
});

/// Natural logarithm; `x` above zero.
pub fn ln(x: &Real) -> Real {
    let exponent = x.bits() as i64 - i64::from(BITS);
    let mantissa = if exponent >= 0 {
        x >> exponent
    } else {
        x << -exponent
    };
    // From the middle of the mantissa's interval it is not far: the series is short.
    let interval = (&mantissa >> (BITS - 1 - MIDDLE_BITS)) - (1u32 << MIDDLE_BITS);
    let middle = usize::try_from(interval).ok().and_then(|i| MIDDLES.get(i));
    let whole = (one(), Real::zero());
    let (middle, ln_middle) = middle.unwrap_or(&whole);
    let series = atanh_series(&div(&(&mantissa - middle), &(&mantissa + middle)));
    series * 2u32 + ln_middle + &*LN_2 * exponent
}

/// Exponential; `|x|` below 2^16.
pub fn exp(x: &Real) -> Real {
    // x = k ln 2 + 2^8 r, so that the series in r is short; then square eight times.
    let k = x.div_floor(&LN_2);
    let r: Real = (x - &k * &*LN_2) >> 8u32;
    let (mut sum, mut term, mut n) = (one(), one(), 1u32);
    while !term.is_zero() {
        term = mul(&term, &r) / n;
        sum += &term;
        n += 1;
    }
    for _ in 0..8 {
        sum = mul(&sum, &sum);
    }
    let shift = i64::try_from(k).unwrap_or(i64::MIN >> 16);
    if shift >= 0 {
        sum << shift
    } else {
        sum >> shift.unsigned_abs().min(1 << 20)
    }
}

/// `base^power` for `base > 0`.
pub fn pow(base: &Real, power: &Real) -> Real {
    exp(&mul(&ln(base), power))
}

/// The normal density at `x`, `|x| <= 16`.
pub fn normal_density(x: &Real) -> Real {
    mul(&exp(&-(mul(x, x) >> 1u32)), &INV_SQRT_2PI)
}

/// The normal distribution at `0 <= x <= 16`: `1/2 + phi(x) (x + x^3/3 + x^5/15 + ...)`.
pub fn normal_distribution(x: &Real) -> Real {
    let square = mul(x, x);
    let (mut sum, mut term, mut k) = (Real::zero(), x.abs(), 1u32);
    while !term.is_zero() {
        sum += &term;
        k += 2;
        term = mul(&term, &square) / k;
    }
    (one() >> 1u32) + mul(&normal_density(x), &sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: &Real, expected: &str) {
        let places = expected.split_once('.').map_or(0, |(_, f)| f.len()) as u32;
        let scaled = (value * BigInt::from(10u32).pow(places)) >> BITS;
        let expected: BigInt = expected.replace('.', "").parse().expect("digits");
        assert!(
            (scaled.clone() - &expected).abs() <= BigInt::one(),
            "{scaled} {expected}"
        );
    }

    #[test]
    fn logarithms_are_those_of_the_series_alone() {
        // Both ends of every interval, both signs, far from 1.
        let edges = (64u32..=128).map(|edge| (one() * edge) >> 7u32);
        let powers = (0..64).flat_map(|i| [one() << i, one() >> i]);
        let around = edges
            .chain(powers)
            .flat_map(|x: Real| [&x - 1, x.clone(), &x + 1, &x * 5 / 7]);
        for x in around {
            let exponent = x.bits() as i64 - i64::from(BITS);
            let mantissa: Real = (&x << 128u32) >> (128 + exponent);
            let series = atanh_series(&div(&(&mantissa - one()), &(&mantissa + one())));
            let alone = series * 2u32 + &*LN_2 * exponent;
            // Each takes some tens of roundings.
            assert!((ln(&x) - alone).magnitude().bits() <= 8, "{x}");
        }
    }

    #[test]
    fn constants_and_functions_match_published_digits() {
        close(
            &LN_2,
            "0.693147180559945309417232121458176568075500134360255",
        );
        close(
            &INV_SQRT_2PI,
            "0.398942280401432677939946059934381868475858631164934",
        );
        close(
            &exp(&one()),
            "2.718281828459045235360287471352662497757247093699959",
        );
        close(
            &ln(&(one() * 10)),
            "2.302585092994045684017991454684364207601101488628772",
        );
        close(
            &pow(&(one() * 2), &(one() >> 1)),
            "1.414213562373095048801688724209698078569671875376948",
        );
        close(
            &normal_distribution(&one()),
            "0.841344746068542948585232545632037922477",
        );
        close(
            &exp(&(one() * -3)),
            "0.049787068367863942979342415650061776631699592188423",
        );
    }
}
