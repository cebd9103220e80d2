//! The fixed function tables that the circuits look up and the engine reads.
//!
//! ```text
//! kind    c0 (10 bits)   c1                    c2             c3            c4
//! NORMAL  i = 0..896     N, 2^-88              c1, 2^-51      c2, 2^-33     c3, 2^-15
//! LN      896..1024      ln, 2^-104            c1, 2^-104     c2, 2^-104    c3, 2^-104
//! EXP     j = 0..64      2^(j/64), 2^-100      c1, 2^-54      c2, 2^-27     c3, 2^-19
//! POWER   s = 8..87      s ln 2, 2^-104        2^s            0             0
//! ```
//! Column `c0` holds every value of 0..1024 and nothing else, so it is the range table too.

use std::sync::LazyLock;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::math::{self, Real};

/// Bits of a range-check limb and of a table index.
pub const LIMB_BITS: u32 = 10;
/// Fraction bits of `v = sigma sqrt(t)` and of `d2`.
pub const V_BITS: u32 = 37;
/// Fraction bits of `d1`: an error in `d1` cancels to first order, so few are enough.
pub const D1_BITS: u32 = 17;
/// Fraction bits of N(d).
pub const N_BITS: u32 = 88;
/// Fraction bits of the logarithms.
pub const LN_BITS: u32 = 54;
/// Fraction bits of the logarithm's table values, before truncation.
pub const LN_RAW_BITS: u32 = 104;
/// End of the normal table: beyond it N(d) counts as 1; 1 - N(7) = 1.3e-12.
pub const NORMAL_END: i128 = 7;
/// Rows of the normal table: [0, 7) in steps of 2^-7.
pub const NORMAL_ROWS: usize = 896;
/// Rows of the logarithm's table: [1, 2) in steps of 2^-7.
pub const LN_ROWS: usize = 128;
/// `|d1|` saturates here: 7 - 2^-17.
pub const D1_MAX: i128 = (NORMAL_END << D1_BITS) - 1;
/// Bits of a strike.
pub const STRIKE_BITS: u32 = 50;
/// Bits of a strike after normalisation.
pub const MANTISSA_BITS: u32 = 58;
/// Bits of a normalised strike below the table's index.
pub const REST_BITS: u32 = 50;

/// Fraction bits of the exponential's mantissa.
pub const EXP_BITS: u32 = 100;
/// Rows of the exponential's table: an octave in 64 parts.
pub const EXP_ROWS: usize = 64;
/// Bits of an exponent below the table's index.
pub const EXP_REST_BITS: u32 = 40;
/// Fraction bits of an exponent: those of the index and of the rest.
pub const EXPONENT_BITS: u32 = 46;
/// Greatest shift of [`POWER`]: ln needs up to 57, the exponential more.
pub const LAST_SHIFT: u32 = 86;

/// One row of four values behind an index.
pub type Row = [i128; 4];

/// `N(d)`'s cubic around the middle of each interval, c0..c3.
///
/// The quartic Taylor term is economised into c0 and c2 (Chebyshev), which leaves an error of
/// at most `max|N''''| h^4 / 192`, h = 2^-8: 6.7e-13.
pub static NORMAL: LazyLock<Vec<Row>> =
    LazyLock::new(|| (0..NORMAL_ROWS).map(normal_row).collect());

/// `ln`'s cubic on each 128th of an octave, c0..c3, economised as [`NORMAL`] is: `h^4 / 32` is left, h = 2^-8: 7.3e-12.
pub static LN: LazyLock<Vec<Row>> = LazyLock::new(|| (0..LN_ROWS).map(ln_row).collect());

/// `2^x`'s cubic on each 64th of an octave, c0..c3, economised as [`NORMAL`] is: `(h ln 2)^4 / 192` of the value is left,
/// h = 2^-7: 4.5e-12.
pub static EXP: LazyLock<Vec<Row>> = LazyLock::new(|| (0..EXP_ROWS).map(exp_row).collect());

/// `s ln 2` and `2^s` for s = 8..87.
pub static POWER: LazyLock<Vec<Row>> = LazyLock::new(|| {
    (FIRST_SHIFT..=LAST_SHIFT)
        .map(|s| {
            [
                to_i128(&math::round(&(&*math::LN_2 * s), LN_RAW_BITS)),
                1i128 << s,
                0,
                0,
            ]
        })
        .collect()
});

/// The least shift: that of a strike of 50 bits.
pub const FIRST_SHIFT: u32 = MANTISSA_BITS - STRIKE_BITS;

/// The row of [`POWER`] for a shift.
pub fn power(shift: i128) -> Option<Row> {
    let row = usize::try_from(shift - i128::from(FIRST_SHIFT)).ok()?;
    POWER.get(row).copied()
}

/// Where the index of [`LN`] starts: after the normal table's, so that the two fill 0..1024.
pub const LN_INDEX: i128 = NORMAL_ROWS as i128;

/// Table values are below 2^112 by construction.
fn to_i128(value: &BigInt) -> i128 {
    value.to_i128().unwrap_or_default()
}

fn normal_row(i: usize) -> Row {
    let x = math::ratio(&BigInt::from(2 * i + 1), &BigInt::from(256));
    let phi = math::normal_density(&x);
    let square = math::mul(&x, &x);
    let h2 = math::one() >> 16u32;
    let c4 = math::mul(&(math::one() * 3 - &square), &math::mul(&x, &phi)) / 24;
    let c0: Real = math::normal_distribution(&x) - math::mul(&c4, &math::mul(&h2, &h2)) / 8;
    let c2: Real = -math::mul(&x, &phi) / 2 + math::mul(&c4, &h2);
    let c3: Real = math::mul(&(&square - math::one()), &phi) / 6;
    let mut row = [
        to_i128(&math::round(&c0, N_BITS)),
        to_i128(&math::round(&phi, 51)),
        to_i128(&math::round(&c2, 33)),
        to_i128(&math::round(&c3, 15)),
    ];
    if i == 0 {
        // N(0) is exactly one half, so that +0 and -0 are worth the same.
        row[0] += (1 << (N_BITS - 1)) - normal_cubic(&row, 0, 0);
    }
    row
}

fn ln_row(j: usize) -> Row {
    // x = c + r with c in the middle of [1 + j/128, 1 + (j+1)/128); all powers of r / c in one unit, 2^-104.
    let centre = math::ratio(&BigInt::from(257 + 2 * j), &BigInt::from(256));
    let inverse = math::div(&math::one(), &centre);
    let square = math::mul(&inverse, &inverse);
    let cube = math::mul(&square, &inverse);
    let fourth = math::mul(&square, &square);
    // -r^4/4 becomes -(h^2 r^2 - h^4/8)/4 with h = 2^-8.
    let c0: Real = math::ln(&centre) + &*math::LN_2 * (MANTISSA_BITS - 1) + (&fourth >> 37u32);
    let c2: Real = -(&square >> 1u32) - (&fourth >> 18u32);
    let c3: Real = cube / 3;
    // r is in units of 2^-57, its top twenty bits m in units of 2^-28.
    [
        to_i128(&math::round(&c0, LN_RAW_BITS)),
        to_i128(&math::round(&inverse, LN_RAW_BITS - 57)),
        to_i128(&math::round(&c2, LN_RAW_BITS - 2 * 28)),
        to_i128(&math::round(&c3, LN_RAW_BITS - 3 * 28)),
    ]
}

fn exp_row(j: usize) -> Row {
    let centre = math::ratio(&BigInt::from(2 * j + 1), &BigInt::from(128));
    let value = math::exp(&math::mul(&centre, &math::LN_2));
    // ln 2^n / n! times the value, n = 1..4.
    let mut series = Vec::with_capacity(4);
    let mut term = value.clone();
    for n in 1..5u32 {
        term = math::mul(&term, &math::LN_2) / n;
        series.push(term.clone());
    }
    let [t1, t2, t3, t4] = [&series[0], &series[1], &series[2], &series[3]];
    // t4 e^4 becomes t4 (h^2 e^2 - h^4/8) with h = 2^-7.
    let c0: Real = value - (t4 >> 31u32);
    let c2: Real = t2 + (t4 >> 14u32);
    // The offset e is in units of 2^-46, its top bits in 2^-27.
    [
        to_i128(&math::round(&c0, EXP_BITS)),
        to_i128(&math::round(t1, EXP_BITS - EXPONENT_BITS)),
        to_i128(&math::round(&c2, EXP_BITS - EXPONENT_BITS - 27)),
        to_i128(&math::round(t3, EXP_BITS - 3 * 27)),
    ]
}

/// The cubic of an EXP row at `rest` (40 bits); units 2^-100. The square sees the top twenty bits m of the offset e as
/// `m (2 e - m)`, the cube as `m^3`.
pub fn exp_cubic(row: &Row, rest: i128) -> i128 {
    let e = rest - (1 << (EXP_REST_BITS - 1));
    let m = 2 * (rest >> 20) + 1 - (1 << 20);
    row[0] + row[1] * e + row[2] * m * (2 * e - (m << 19)) + row[3] * m * m * m
}

/// The cubic of a normal-table row at offset `low` (units 2^-37, 0..2^30) whose top ten bits
/// are `high`; units 2^-88. First-order Taylor in what `high` leaves out.
pub fn normal_cubic(row: &Row, low: i128, high: i128) -> i128 {
    let e = low - (1 << 29);
    let m = 2 * high + 1 - 1024;
    row[0] + row[1] * e + row[2] * m * (2 * e - (m << 19)) + row[3] * m * m * (3 * e - (m << 20))
}

/// `N(d)` for `d = magnitude 2^-37` in [0, 7); units 2^-88.
pub fn normal(magnitude: i128) -> i128 {
    let index = (magnitude >> 30) as usize;
    let low = magnitude & ((1 << 30) - 1);
    NORMAL
        .get(index)
        .map_or(1 << N_BITS, |row| normal_cubic(row, low, low >> 20))
}

/// The cubic of an LN row at `rest` (50 bits); units 2^-104. The square and the cube see its top twenty bits.
pub fn ln_cubic(row: &Row, rest: i128) -> i128 {
    let r = rest - (1 << (REST_BITS - 1));
    let m = 2 * (rest >> 30) + 1 - (1 << 20);
    row[0] + row[1] * r + m * m * (row[2] + row[3] * m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_one_half_and_the_range_column_is_complete() {
        assert_eq!(normal(0), 1 << (N_BITS - 1));
        assert_eq!(NORMAL.len() + LN.len(), 1024);
        assert_eq!(EXP.len(), 64);
        assert_eq!(POWER.len(), 79);
    }

    /// Golden digest: every prover and verifier must hold the same tables to the last bit.
    #[test]
    fn tables_are_pinned() {
        use sha3::{Digest, Keccak256};
        let mut hasher = Keccak256::new();
        for row in NORMAL
            .iter()
            .chain(LN.iter())
            .chain(EXP.iter())
            .chain(POWER.iter())
        {
            row.iter()
                .for_each(|value| hasher.update(value.to_be_bytes()));
        }
        assert_eq!(
            hex::encode(hasher.finalize()),
            "f1ca55a594e904f7103049a8603637cdeffe5a6b2cbc9260eb8ba02e930593f3"
        );
    }
}
