//! The fixed function tables that the circuits look up and the engine reads.
//!
//! ```text
//! kind    c0 (10 bits)   c1                    c2             c3            c4
//! NORMAL  i = 0..512     N, 2^-88              c1, 2^-52      c2, 2^-35     c3, 2^-18
//! LN      512..1024      ln, 2^-82             c1, 2^-82      c2, 2^-82     0
//! POWER   s = 0..50      2^s                   s ln 2, 2^-82  0             0
//! ```
//! Column `c0` holds every value of 0..1024 and nothing else, so it is the range table too.

use std::sync::LazyLock;

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive};

use crate::math::{self, Real};

/// Bits of a range-check limb and of a table index.
pub const LIMB_BITS: u32 = 10;
/// Fraction bits of `v = sigma sqrt(t)` and of `d2`.
pub const V_BITS: u32 = 36;
/// Fraction bits of `d1`: an error in `d1` cancels to first order, so few are enough.
pub const D1_BITS: u32 = 16;
/// Fraction bits of N(d).
pub const N_BITS: u32 = 88;
/// Fraction bits of the logarithms.
pub const LN_BITS: u32 = 52;
/// Fraction bits of the logarithm's table values, before truncation.
pub const LN_RAW_BITS: u32 = 82;
/// Rows of the normal table: [0, 8) in steps of 2^-6.
pub const NORMAL_ROWS: usize = 512;
/// `|d1|` saturates here: 8 - 2^-16.
pub const D1_MAX: i128 = (8 << D1_BITS) - 1;
/// Bits of a strike after normalisation.
pub const STRIKE_BITS: u32 = 50;

/// One row of four values behind an index.
pub type Row = [i128; 4];

/// `N(d)`'s cubic around the middle of each interval, c0..c3.
///
/// The quartic Taylor term is economised into c0 and c2 (Chebyshev), which leaves an error of
/// at most `max|N''''| h^4 / 192`, h = 2^-7: 1.1e-11.
pub static NORMAL: LazyLock<Vec<Row>> =
    LazyLock::new(|| (0..NORMAL_ROWS).map(normal_row).collect());

/// `ln` of a 30-bit mantissa whose top ten bits are the index, c0..c2, for indices 512..1024.
pub static LN: LazyLock<Vec<Row>> = LazyLock::new(|| (512..1024).map(ln_row).collect());

/// `2^s` and `s ln 2` for s = 0..50.
pub static POWER: LazyLock<Vec<Row>> = LazyLock::new(|| {
    (0..STRIKE_BITS)
        .map(|s| {
            [
                1i128 << s,
                to_i128(&math::round(&(&*math::LN_2 * s), LN_RAW_BITS)),
                0,
                0,
            ]
        })
        .collect()
});

/// Table values are below 2^96 by construction.
fn to_i128(value: &BigInt) -> i128 {
    value.to_i128().unwrap_or_default()
}

fn normal_row(i: usize) -> Row {
    let x = math::ratio(&BigInt::from(2 * i + 1), &BigInt::from(128));
    let phi = math::normal_density(&x);
    let square = math::mul(&x, &x);
    let h2 = math::one() >> 14u32;
    let c4 = math::mul(&(math::one() * 3 - &square), &math::mul(&x, &phi)) / 24;
    let c0: Real = math::normal_distribution(&x) - math::mul(&c4, &math::mul(&h2, &h2)) / 8;
    let c2: Real = -math::mul(&x, &phi) / 2 + math::mul(&c4, &h2);
    let c3: Real = math::mul(&(&square - math::one()), &phi) / 6;
    let mut row = [
        to_i128(&math::round(&c0, N_BITS)),
        to_i128(&math::round(&phi, 52)),
        to_i128(&math::round(&c2, 35)),
        to_i128(&math::round(&c3, 18)),
    ];
    if i == 0 {
        // N(0) is exactly one half, so that +0 and -0 are worth the same.
        row[0] += (1 << (N_BITS - 1)) - normal_cubic(&row, 0, 0);
    }
    row
}

fn ln_row(index: u32) -> Row {
    // The middle of the interval, plus the half unit by which the dropped low bits stand on average.
    let centre = math::ratio(
        &((BigInt::from(index) << 21u32) + (1 << 20) + 1),
        &BigInt::from(2),
    );
    let inverse = math::div(&math::one(), &centre);
    let square = math::mul(&inverse, &inverse);
    let third = math::mul(&square, &inverse) / 3;
    let h2: BigInt = BigInt::one() << 38u32;
    let c1: Real = inverse + third * h2 * 3 / 4;
    [
        to_i128(&math::round(
            &(math::ln(&centre) + &*math::LN_2 * 20),
            LN_RAW_BITS,
        )),
        to_i128(&math::round(&c1, LN_RAW_BITS)),
        to_i128(&math::round(&(-square / 2u32), LN_RAW_BITS)),
        0,
    ]
}

/// The cubic of a normal-table row at offset `low` (units 2^-36, 0..2^30) whose top ten bits
/// are `high`; units 2^-88. First-order Taylor in what `high` leaves out.
pub fn normal_cubic(row: &Row, low: i128, high: i128) -> i128 {
    let e = low - (1 << 29);
    let m = 2 * high + 1 - 1024;
    row[0] + row[1] * e + row[2] * m * (2 * e - (m << 19)) + row[3] * m * m * (3 * e - (m << 20))
}

/// `N(d)` for `d = magnitude 2^-36` in [0, 8); units 2^-88.
pub fn normal(magnitude: i128) -> i128 {
    let index = (magnitude >> 30) as usize;
    let low = magnitude & ((1 << 30) - 1);
    NORMAL
        .get(index)
        .map_or(1 << N_BITS, |row| normal_cubic(row, low, low >> 20))
}

/// The polynomial of an LN row at `rest` (20 bits); units 2^-82.
pub fn ln_quadratic(row: &Row, rest: i128) -> i128 {
    let r = rest - (1 << 19);
    row[0] + row[1] * r + row[2] * r * r
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_one_half_and_the_range_column_is_complete() {
        assert_eq!(normal(0), 1 << (N_BITS - 1));
        assert_eq!(NORMAL.len() + LN.len(), 1024);
        assert_eq!(POWER.len(), 50);
    }

    /// Golden digest: every prover and verifier must hold the same tables to the last bit.
    #[test]
    fn tables_are_pinned() {
        use sha3::{Digest, Keccak256};
        let mut hasher = Keccak256::new();
        for row in NORMAL.iter().chain(LN.iter()).chain(POWER.iter()) {
            row.iter()
                .for_each(|value| hasher.update(value.to_be_bytes()));
        }
        assert_eq!(
            hex::encode(hasher.finalize()),
            "825061f9928178dcc9c96019f1e044f7c3b0ef7c484c2c2afbe8e654741a42ee"
        );
    }
}
