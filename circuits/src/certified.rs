//! The worst errors of the chips, proved over every row of their tables, and the bound of an option's value that they
//! compose to. Nothing here samples: each row's polynomial is compared with the Taylor series around its centre,
//! coefficient by coefficient, and the rest of the series is bounded. `docs/numbers.md` derives the steps by hand.
//!
//! A bound is a [`Real`], rounded up by [`slack`] for the arithmetic of [`math`] itself.

use num_traits::{Signed, Zero};

use crate::{
    engine::option::{EPSILON_FORWARD_BITS, EPSILON_STRIKE_BITS},
    math::{self, Real},
    model::LEAST_DISCOUNT,
    tables::{self, LN_BITS, LN_RAW_BITS, N_BITS, Row, V_BITS},
};

/// Half the width of a table row's interval, both tables: 2^-8.
const HALF_WIDTH_BITS: u32 = 8;
/// Greatest factor by which a scenario multiplies volatility (`TableError::VolMultiplier`).
const MOST_VOL_MULTIPLIER: u32 = 4;
/// `v` stays below this (`TableError::Volatility`); for the rounded multiplier.
const MOST_V: u32 = 8;

/// One part of a bound, with its reason.
#[derive(Debug, Clone)]
pub struct Part {
    /// What is approximated.
    pub step: &'static str,
    /// The bound.
    pub bound: Real,
}

/// The bound of one unit of a European option, by what it is proportional to.
#[derive(Debug, Clone)]
pub struct EuropeanBound {
    /// Parts per unit of D F.
    pub forward: Vec<Part>,
    /// Parts per unit of D K.
    pub strike: Vec<Part>,
}

/// 2^-bits.
fn pow2(bits: u32) -> Real {
    math::one() >> bits
}

/// More than the error of any sum of functions of [`math`] here: 2^-160.
fn slack() -> Real {
    pow2(160)
}

/// A table integer as a real.
fn real(value: i128, bits: u32) -> Real {
    Real::from(value) << (math::BITS - bits)
}

/// `|a| h^n`, h = 2^-8.
fn times_power(a: &Real, n: u32) -> Real {
    a.abs() >> (HALF_WIDTH_BITS * n)
}

/// What the economised quartic term leaves and how far the row's coefficients are from the series', for `taylor` t0..t4:
/// `t4 (e^4 - h^2 e^2 + h^4/8)` is at most `|t4| h^4 / 8`, since it is the fourth Chebyshev polynomial.
fn cubic_error(row: [Real; 4], taylor: &[Real]) -> Real {
    let [c0, c1, c2, c3] = row;
    let [t0, t1, t2, t3, t4, rest @ ..] = taylor else {
        return math::one();
    };
    let h2 = 2 * HALF_WIDTH_BITS;
    let economised = [
        t0 - (t4 >> (2 * h2 + 3)),
        t1.clone(),
        t2 + (t4 >> h2),
        t3.clone(),
    ];
    let coefficients = [c0, c1, c2, c3].into_iter().zip(economised).zip(0..);
    let mut error: Real = coefficients
        .map(|((c, t), n)| times_power(&(c - t), n))
        .sum();
    error += times_power(t4, 4) >> 3u32;
    for (t, n) in rest.iter().zip(5..) {
        error += times_power(t, n);
    }
    error + slack()
}

/// The worst error of one row of the normal table over its whole interval.
pub fn normal_row_error(i: usize, row: &Row) -> Real {
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
    // The square and the cube see m, with |e - m| <= 2^-18: e^2 - m (2 e - m) = (e - m)^2, and
    // e^3 - m^2 (3 e - 2 m) = (e - m)^2 (e + 2 m), |e + 2 m| < 4 h.
    let truncated = (c[2].abs() >> 36u32) + (c[3].abs() >> (36 + HALF_WIDTH_BITS - 2));
    // The tenth derivative of N is below 2^9 (Cramer's inequality), over 10!.
    let remainder = pow2(10 * HALF_WIDTH_BITS + 12);
    cubic_error(c, &taylor) + truncated + remainder
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
    cubic_error(c, &taylor) + truncated + remainder
}

/// The worst error of `ln K`: table, `s ln 2`, truncation to 2^-54.
pub fn ln_error() -> Real {
    let rows = tables::LN.iter().enumerate();
    let table = rows.map(|(j, row)| ln_row_error(j, row)).max();
    table.unwrap_or_else(math::one) + pow2(LN_RAW_BITS + 1) + pow2(LN_BITS) + slack()
}

/// The worst error of `v` under any market: square root and node gap, then the multiplier.
pub fn volatility_error() -> Real {
    let unit = pow2(V_BITS);
    // Unmoved: the root's floor, the interpolated slope (`TableError::NodeGap`), the rounded variance.
    let unmoved = &unit * 2u32 + (&unit >> 1u32);
    // Moved: multiplied, floored, the multiplier rounded to 2^-40 at a v below 8.
    unmoved * MOST_VOL_MULTIPLIER + &unit + pow2(41) * MOST_V
}

/// The bound of a European option, step by step; `docs/numbers.md` says why.
pub fn european() -> EuropeanBound {
    let part = |step, bound| Part { step, bound };
    let normal = normal_error();
    let tail = normal_tail();
    // 0.4 is above the normal density's greatest value.
    let density = |x: Real| x * 2u32 / 5u32;
    let ln = ln_error() + pow2(LN_BITS + 1);
    // dd < 2^-17, and F phi(d1) v <= 0.4 sqrt(F K) v exp(-v^2/8) <= 0.486 sqrt(F K), since F phi(d1) = K phi(d2) and
    // d1^2 + d2^2 >= v^2/2; sqrt(F K) <= F + K/4. A part in 2^12 covers 1 + v dd and phi between d1 and d1 + dd.
    let grid = pow2(35) * 486u32 / 1000u32;
    let grid = &grid + (&grid >> 12u32);
    let discount = pow2(37) * crate::model::Discount::ONE.units() / LEAST_DISCOUNT.units();
    EuropeanBound {
        forward: vec![
            part("v: F phi(d1) dv", density(volatility_error())),
            part("d1 on a grid of 2^-17: F phi(d1) v dd^2 / 2", grid.clone()),
            part(
                "ln F - ln K: at most F times its error",
                &ln + (&ln >> 10u32),
            ),
            part("N(d1)", normal.clone()),
            part("d1 held within 7", tail.clone()),
            part("D F, half a unit of 2^-36", discount.clone()),
        ],
        strike: vec![
            part("d1 on a grid of 2^-17: a quarter of it", grid >> 2u32),
            part("N(d2)", normal),
            part("d1 held within 7", tail.clone()),
            part("d2 beyond -7", tail),
            part("D, half a unit of 2^-36", discount),
        ],
    }
}

impl EuropeanBound {
    /// The sums of the parts, per unit of D F and of D K.
    pub fn totals(&self) -> [Real; 2] {
        [&self.forward, &self.strike].map(|parts| {
            parts
                .iter()
                .fold(Real::zero(), |sum, part| sum + &part.bound)
        })
    }

    /// What the circuit adds, per unit of D F and of D K.
    pub fn stated() -> [Real; 2] {
        [pow2(EPSILON_FORWARD_BITS), pow2(EPSILON_STRIKE_BITS)]
    }
}

#[cfg(test)]
mod tests {
    use num_traits::ToPrimitive;

    use super::*;
    use crate::{engine::option, public::ForwardRow};

    fn float(x: &Real) -> f64 {
        (x >> (math::BITS - 100)).to_f64().expect("a number") * 2f64.powi(-100)
    }

    #[test]
    fn the_bound_that_the_circuit_adds_covers_the_sum_of_its_parts() {
        let bound = european();
        for (name, parts) in [("D F", &bound.forward), ("D K", &bound.strike)] {
            for Part { step, bound } in parts {
                println!("per {name}: {:.3e}  {step}", float(bound));
            }
        }
        for (total, stated) in bound.totals().iter().zip(EuropeanBound::stated()) {
            println!("{:.4e} of {:.4e}", float(total), float(&stated));
            assert!(total < &stated);
        }
    }

    /// The proved bounds are above what is found at points, and not far above.
    #[test]
    fn table_bounds_are_tight() {
        let (normal, ln) = (float(&normal_error()), float(&ln_error()));
        println!("N {normal:.3e}, ln {ln:.3e}");
        assert!((2.1e-12..3.5e-12).contains(&normal), "{normal:e}");
        assert!((2.1e-11..2.5e-11).contains(&ln), "{ln:e}");
    }

    /// d1 is less than one unit of 2^-17 from x/v + v/2, and more than half of one for some: `v >> 20` is cut before it
    /// is rounded.
    #[test]
    fn d1_is_within_one_unit_of_its_grid() {
        let (mut state, mut worst) = (1u64, 0f64);
        let mut draw = |bits: u32| {
            // Numerical Recipes' generator; its high bits are the good ones.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i128::from(state >> (64 - bits))
        };
        for _ in 0..100_000 {
            let width = 22 + draw(4).min(15) as u32;
            let v = draw(width) + (1 << width);
            let x = draw(54) - (1 << 53);
            let forward = ForwardRow {
                discounted_forward: 1,
                ln_forward: x,
                discount: 1,
            };
            let trace = option::market(&forward, 1, 0, v, 0, 0);
            if trace.saturated {
                continue;
            }
            let d1 = if trace.negative1 { -trace.d1 } else { trace.d1 };
            // 2 v d1 - (2 x + v^2), in units of 2^-74.
            let off = ((2 * v * d1 - 2 * x) << 20) - v * v;
            worst = worst
                .max(off as f64 / (v << 21) as f64)
                .max(-off as f64 / (v << 21) as f64);
        }
        assert!((0.9..1.0).contains(&worst), "{worst}");
    }

    /// The check would see a coefficient that is off.
    #[test]
    fn a_wrong_coefficient_is_seen() {
        for column in 0..4 {
            let mut row = tables::NORMAL[100];
            row[column] += row[column] >> 4;
            assert!(normal_row_error(100, &row) > normal_error() * 2u32);
            let mut row = tables::LN[100];
            row[column] += row[column] >> 4;
            assert!(ln_row_error(100, &row) > ln_error() * 2u32);
        }
    }
}
