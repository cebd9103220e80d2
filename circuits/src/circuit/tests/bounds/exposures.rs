//! Bounds of the cells of exposures, and what makes cuts, buckets and packed claims unique.

use num_bigint::BigInt;

use super::{
    Bounds,
    limits::{DISCOUNT, ROOT_YEARS_BITS},
    power,
};
use crate::{
    engine::exposure::{
        BUCKET_BITS, CUT_BITS, DENSITY_BITS, DOLLAR, LN_CUT_BITS, MANTISSA_CUT_BITS, QUOTIENT_BITS,
        RAISED_BITS, UNIT_BITS, density, raise,
    },
    model::{GREATEST_EXPOSURE_TICK, SIZE_BITS},
    public::{
        DISCOUNT_BITS, PERPETUAL_EXPOSURE_BITS, PRICE_FRACTION_BITS, ROOT_TIME_BITS,
        SWAP_EXPOSURE_BITS,
    },
    shape::Capacity,
    tables::{D1_BITS, D1_MAX, EXP_BITS, LAST_SHIFT, LN_RAW_BITS, N_BITS, V_BITS},
};

/// Range checks, in bits: phi / v and what it leaves, parts of ln K, a bucket's rest.
const RATIO_BITS: u32 = 70;
const RATIO_REST_BITS: u32 = 40;
const LN_PART_BITS: u32 = 30;
const TICK_BITS: u32 = 80;

/// The three numbers, in the names of their cells.
const SUMS: [&str; 3] = ["X, delta (sum)", "X, gamma (sum)", "X, vega (sum)"];
const PROVEN: [&str; 3] = [
    "2^110 q' + r (proven)",
    "2^80 q' + r (proven)",
    "2^100 q' + r (proven)",
];

/// Delta, gamma and vega of one European option.
fn european(bounds: &mut Bounds) -> [BigInt; 3] {
    let held = power(SIZE_BITS + 1);
    // Half a unit of rounding.
    let forward: BigInt = power(SIZE_BITS + PRICE_FRACTION_BITS) * DISCOUNT + 1;
    let normal = power(N_BITS) + power(N_BITS - 30);
    let density = power(DENSITY_BITS - 1);
    let parity: BigInt = power(SIZE_BITS + N_BITS) * &forward;
    bounds.insert(
        "Q v + rem (proven)",
        power(RATIO_BITS + V_BITS + 3) + power(RATIO_REST_BITS),
    );
    bounds.insert("2^14 phi", &density << RAISED_BITS);
    [
        &held * &forward * normal + parity,
        (&held * &forward * power(RATIO_BITS)) << raise::EUROPEAN_GAMMA,
        (held * forward * density * power(ROOT_YEARS_BITS + ROOT_TIME_BITS))
            << raise::EUROPEAN_VEGA,
    ]
}

/// Delta, gamma and vega of one perpetual option.
fn perpetual(bounds: &mut Bounds) -> [BigInt; 3] {
    let held = power(SIZE_BITS + 1);
    let grown = power(EXP_BITS + 1 - MANTISSA_CUT_BITS + LAST_SHIFT) * held;
    let [elasticity, convexity, offset, slope] =
        PERPETUAL_EXPOSURE_BITS.map(|bits| power(bits as u32));
    let linear: BigInt = (power(SIZE_BITS + DISCOUNT_BITS) + 1) * power(SIZE_BITS);
    bounds.insert(
        "2^80 m_hi + m_lo (proven)",
        power(30 + MANTISSA_CUT_BITS) + power(MANTISSA_CUT_BITS),
    );
    bounds.insert("m", power(EXP_BITS + 1));
    bounds.insert(
        "2^30 ln_hi + ln_lo (proven)",
        power(LN_PART_BITS + LN_CUT_BITS) + power(LN_CUT_BITS),
    );
    bounds.insert("L, exposure", linear.clone());
    bounds.insert("W H l", &grown * &elasticity);
    [
        ((&grown * elasticity) << raise::PERPETUAL_DELTA) + (linear << raise::PERPETUAL_LINEAR),
        (&grown * convexity) << raise::PERPETUAL_GAMMA,
        grown * (offset + slope * power(LN_PART_BITS)),
    ]
}

/// Every cell of exposures.
pub fn exposures(bounds: &mut Bounds, capacity: Capacity) {
    let european = european(bounds);
    let perpetual = perpetual(bounds);
    let swap = raise::PRICE.map(|bits| power(SIZE_BITS + SWAP_EXPOSURE_BITS as u32 + bits));
    let zero = BigInt::ZERO;
    let future = [power(2 * SIZE_BITS + raise::FUTURE), zero.clone(), zero];
    let kinds = [
        (
            ["delta, European", "gamma, European", "vega, European"],
            european,
            capacity.options,
        ),
        (
            ["delta, perpetual", "gamma, perpetual", "vega, perpetual"],
            perpetual,
            capacity.perpetual_options,
        ),
        (
            ["delta, future", "gamma, future", "vega, future"],
            future,
            capacity.futures,
        ),
        (
            ["delta, swap", "gamma, swap", "vega, swap"],
            swap,
            capacity.swaps,
        ),
    ];
    let mut sums = [BigInt::ZERO; 3];
    for (names, values, count) in kinds {
        for ((sum, value), name) in sums.iter_mut().zip(values).zip(names) {
            *sum += &value * count;
            // Those that are 0 are cells that hold 0.
            if value > BigInt::ZERO {
                bounds.insert(name, value);
            }
        }
    }
    // All positions in one underlying.
    for (name, sum) in SUMS.into_iter().zip(sums) {
        bounds.insert(name, sum);
    }
    for (name, bits) in PROVEN.into_iter().zip(CUT_BITS) {
        bounds.insert(name, power(QUOTIENT_BITS + bits) + power(bits));
    }
    bounds.insert("q' - 2^99", power(QUOTIENT_BITS));
    let tick = tick();
    bounds.insert(
        "T (b' - 2^59) + r2 (proven)",
        &tick * power(BUCKET_BITS) + power(TICK_BITS),
    );
    bounds.insert("T", tick);
}

/// The greatest tick, in units of a cut exposure.
fn tick() -> BigInt {
    BigInt::from(GREATEST_EXPOSURE_TICK.units()) * (DOLLAR >> UNIT_BITS)
}

/// Ranges hold the divisors, so that what a division leaves is below them; a bucket of the least tick is in range.
#[test]
fn what_divisions_leave_has_its_place() {
    assert!(tick() < power(TICK_BITS));
    assert!(power(QUOTIENT_BITS) / (DOLLAR >> UNIT_BITS) < power(BUCKET_BITS));
    assert!(power(V_BITS + 3) <= power(RATIO_REST_BITS));
}

/// Every density that the table yields has its place: 2^14 phi / v is not negative, and below 2^64 where v is not 0.
#[test]
fn every_density_is_in_range() {
    let (mut least, mut most) = (i128::MAX, i128::MIN);
    for magnitude in 0..=D1_MAX {
        let density = density(magnitude);
        (least, most) = (least.min(density), most.max(density));
    }
    println!(
        "density from {least} to {most}, units 2^-{DENSITY_BITS}, on the grid of 2^-{D1_BITS}"
    );
    assert!(least > 0 && most < 1 << (DENSITY_BITS - 1));
    const { assert!(DENSITY_BITS - 1 + RAISED_BITS <= RATIO_BITS) };
}

/// ln K is not negative for any strike: its parts have their place.
#[test]
fn no_logarithm_of_a_strike_is_negative() {
    let least = crate::engine::option::ln_strike(1).ln;
    println!("ln 1 = {least} units; raw 2^-{LN_RAW_BITS}");
    assert!(least >= 0);
}
