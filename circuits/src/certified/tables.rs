//! The worst error of each row of the function tables.

use std::sync::LazyLock;

use num_traits::Signed;

use super::{pow2, real, slack};
use crate::{
    math::{self, Real},
    tables::{self, EXP_BITS, EXP_ROWS, EXPONENT_BITS, LN_BITS, LN_RAW_BITS, N_BITS, Row, V_BITS},
};

/// Half the width of a row's interval, distribution and logarithm: 2^-8.
const HALF_WIDTH_BITS: u32 = 8;
/// Half the width of a row's interval, exponential: 2^-7.
const EXP_HALF_WIDTH_BITS: u32 = 7;

/// `|a| h^n`, h = 2^-half.
fn times_power(a: &Real, n: u32, half: u32) -> Real {
    a.abs() >> (half * n)
}

/// What the economised quartic term leaves and how far the row's coefficients are from the series', for `taylor` t0..t4:
/// `h = 2^-half`. `t4 (e^4 - h^2 e^2 + h^4/8)` is at most `|t4| h^4 / 8`, since it is the fourth Chebyshev polynomial.
fn cubic_error(row: [Real; 4], taylor: &[Real], half: u32) -> Real {
    let [c0, c1, c2, c3] = row;
    let [t0, t1, t2, t3, t4, rest @ ..] = taylor else {
        return math::one();
    };
    let h2 = 2 * half;
    let economised = [
        t0 - (t4 >> (2 * h2 + 3)),
        t1.clone(),
        t2 + (t4 >> h2),
        t3.clone(),
    ];
    let coefficients = [c0, c1, c2, c3].into_iter().zip(economised).zip(0..);
    let mut error: Real = coefficients
        .map(|((c, t), n)| times_power(&(c - t), n, half))
        .sum();
    error += times_power(t4, 4, half) >> 3u32;
    for (t, n) in rest.iter().zip(5..) {
        error += times_power(t, n, half);
    }
    error + slack()
}

/// A row of the normal table: its coefficients, and the Taylor series of N around its centre.
fn normal_series(i: usize, row: &Row) -> ([Real; 4], Vec<Real>) {
    let x = math::ratio(&(2 * i + 1).into(), &256.into());
    let phi = math::normal_density(&x);
    // N^(n) = (-1)^(n-1) He_(n-1) phi.
    let mut hermite = [math::one(), x.clone()].to_vec();
    for n in 1..8u32 {
        let k = n as usize;
        hermite.push(math::mul(&x, &hermite[k]) - &hermite[k - 1] * n);
    }
    let mut taylor = vec![math::normal_distribution(&x)];
    let mut factorial = Real::from(1);
    for (he, n) in hermite.iter().zip(1u32..) {
        factorial *= n;
        let term = math::mul(he, &phi) / &factorial;
        taylor.push(if n.is_multiple_of(2) { -term } else { term });
    }
    let [c0, c1, c2, c3] = *row;
    // Units of the columns: the offset e in 2^-37, its top bits in 2^-18.
    let c = [
        real(c0, N_BITS),
        real(c1, N_BITS - V_BITS),
        real(c2, N_BITS - V_BITS - 18),
        real(c3, N_BITS - V_BITS - 36),
    ];
    (c, taylor)
}

/// The worst error of one row of the normal table over its whole interval.
pub fn normal_row_error(i: usize, row: &Row) -> Real {
    let (c, taylor) = normal_series(i, row);
    // The square and the cube see m, with |e - m| <= 2^-18: e^2 - m (2 e - m) = (e - m)^2, and
    // e^3 - m^2 (3 e - 2 m) = (e - m)^2 (e + 2 m), |e + 2 m| < 4 h.
    let truncated = (c[2].abs() >> 36u32) + (c[3].abs() >> (36 + HALF_WIDTH_BITS - 2));
    // The tenth derivative of N is below 2^9 (Cramer's inequality), over 10!.
    let remainder = pow2(10 * HALF_WIDTH_BITS + 12);
    cubic_error(c, &taylor, HALF_WIDTH_BITS) + truncated + remainder
}

/// The worst error of the density, the derivative of one row's cubic, over its whole interval.
pub fn density_row_error(i: usize, row: &Row) -> Real {
    let ([_, c1, c2, c3], taylor) = normal_series(i, row);
    let [_, t1, t2, t3, t4, rest @ ..] = taylor.as_slice() else {
        return math::one();
    };
    let h = HALF_WIDTH_BITS;
    // t4 (4 e^3 - 2 h^2 e) is what the economised quartic leaves: 2 |t4| h^3 at the ends, less between.
    let economised = t2 + (t4 >> (2 * h));
    let mut error: Real = (c1 - t1).abs()
        + times_power(&(c2 - economised), 1, h) * 2u32
        + times_power(&(c3 - t3), 2, h) * 3u32
        + times_power(t4, 3, h) * 2u32;
    for (t, n) in rest.iter().zip(5u32..) {
        error += times_power(t, n - 1, h) * n;
    }
    // The tenth derivative of N is below 2^9, over 9!.
    error + pow2(9 * h + 9) + slack()
}

/// The worst error of the density for |d| below 7.
pub fn density_error() -> Real {
    let rows = tables::NORMAL.iter().enumerate();
    let worst = rows.map(|(i, row)| density_row_error(i, row)).max();
    worst.unwrap_or_else(math::one)
}

/// The worst error of N(d) for any d: the table inside, 1 - N(7) outside.
pub fn normal_error() -> Real {
    let rows = tables::NORMAL.iter().enumerate();
    let inside = rows.map(|(i, row)| normal_row_error(i, row)).max();
    inside.unwrap_or_else(math::one).max(normal_tail())
}

/// `1 - N(7)`.
pub fn normal_tail() -> Real {
    math::one() - math::normal_distribution(&(math::one() * tables::NORMAL_END)) + slack()
}

/// The worst error of one row of the logarithm's table over its whole interval, before truncation.
pub fn ln_row_error(j: usize, row: &Row) -> Real {
    let centre = math::ratio(&(257 + 2 * j).into(), &256.into());
    let inverse = math::div(&math::one(), &centre);
    let mut taylor = vec![math::ln(&centre)];
    let mut power = math::one();
    for n in 1..10u32 {
        power = math::mul(&power, &inverse);
        let term = &power / n;
        taylor.push(if n.is_multiple_of(2) { -term } else { term });
    }
    let [c0, c1, c2, c3] = *row;
    let c = [
        real(c0, LN_RAW_BITS) - &*math::LN_2 * (tables::MANTISSA_BITS - 1),
        real(c1, LN_RAW_BITS - 57),
        real(c2, LN_RAW_BITS - 2 * 28),
        real(c3, LN_RAW_BITS - 3 * 28),
    ];
    // The square and the cube see m, with |r - m| <= 2^-28: |r^2 - m^2| <= 2^-28 2 h (1 + 2^-20), and
    // |r^3 - m^3| <= 2^-28 3 h^2 (1 + 2^-19).
    let truncated =
        (c[2].abs() >> (27 + HALF_WIDTH_BITS)) + (c[3].abs() >> (26 + 2 * HALF_WIDTH_BITS));
    let truncated = &truncated + (&truncated >> 19u32);
    // The series from the tenth power on: h^10 / (10 (1 - h)).
    let remainder = pow2(10 * HALF_WIDTH_BITS + 3);
    cubic_error(c, &taylor, HALF_WIDTH_BITS) + truncated + remainder
}

/// The worst error of `ln K`: table, `s ln 2`, truncation to 2^-54.
pub fn ln_error() -> Real {
    static WORST: LazyLock<Real> = LazyLock::new(|| {
        let rows = tables::LN.iter().enumerate();
        let table = rows.map(|(j, row)| ln_row_error(j, row)).max();
        table.unwrap_or_else(math::one) + pow2(LN_RAW_BITS + 1) + pow2(LN_BITS) + slack()
    });
    WORST.clone()
}

/// The worst error of one row of the exponential's table over its whole interval, relative to the least value there.
pub fn exp_row_error(j: usize, row: &Row) -> Real {
    let centre = math::ratio(&(2 * j + 1).into(), &128.into());
    let value = |octaves: &Real| math::exp(&math::mul(octaves, &math::LN_2));
    // ln 2^n / n! times the value at the centre.
    let mut taylor = vec![value(&centre)];
    for n in 1..9u32 {
        let term = math::mul(&taylor[n as usize - 1], &math::LN_2) / n;
        taylor.push(term);
    }
    let [c0, c1, c2, c3] = *row;
    // Units of the columns: the offset e in 2^-46, its top bits m in 2^-27.
    let c = [
        real(c0, EXP_BITS),
        real(c1, EXP_BITS - EXPONENT_BITS),
        real(c2, EXP_BITS - EXPONENT_BITS - 27),
        real(c3, EXP_BITS - 3 * 27),
    ];
    // With |e - m| <= 2^-27: e^2 - m (2 e - m) = (e - m)^2, and e^3 - m^3 = (e - m) (e^2 + e m + m^2), below 3 h^2.
    let truncated = (c[2].abs() >> 54u32) + ((c[3].abs() * 3u32) >> (27 + 2 * EXP_HALF_WIDTH_BITS));
    // The series from the ninth power on: h^9, since 2 ln 2^9 / 9! is below 2^-22.
    let remainder = pow2(9 * EXP_HALF_WIDTH_BITS);
    let error = cubic_error(c, &taylor, EXP_HALF_WIDTH_BITS) + truncated + remainder;
    let least = value(&math::ratio(&j.into(), &EXP_ROWS.into()));
    math::div(&error, &least) + slack()
}

/// The worst relative error of the exponential's mantissa.
pub fn exp_error() -> Real {
    let rows = tables::EXP.iter().enumerate();
    let worst = rows.map(|(j, row)| exp_row_error(j, row)).max();
    worst.unwrap_or_else(math::one)
}
