//! Integers and BN254 scalars, both ways.

use ff::PrimeField;
use halo2curves::bn256::Fr;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::Signed;

/// The scalar of 32 big-endian bytes; `None` if not below the modulus.
pub fn from_be_bytes(bytes: &[u8; 32]) -> Option<Fr> {
    let mut repr = *bytes;
    repr.reverse();
    Option::from(Fr::from_repr(repr))
}

/// The 32 big-endian bytes of a scalar.
pub fn to_be_bytes(value: &Fr) -> [u8; 32] {
    let mut bytes = value.to_repr();
    bytes.reverse();
    bytes
}

const TWO_64: Fr = Fr::from_raw([0, 1, 0, 0]);

/// The scalar of a non-negative or negative machine integer.
pub fn from_i128(value: i128) -> Fr {
    let units = value.unsigned_abs();
    let magnitude = Fr::from_raw([units as u64, (units >> 64) as u64, 0, 0]);
    if value < 0 { -magnitude } else { magnitude }
}

/// The scalar of an integer, reduced: negative values wrap to the top of the field.
pub fn from_int(value: &BigInt) -> Fr {
    let magnitude = value
        .magnitude()
        .iter_u64_digits()
        .rev()
        .fold(Fr::zero(), |acc, digit| acc * TWO_64 + Fr::from(digit));
    if value.sign() == Sign::Minus {
        -magnitude
    } else {
        magnitude
    }
}

/// The canonical non-negative integer of a scalar.
pub fn to_uint(value: &Fr) -> BigUint {
    BigUint::from_bytes_le(&value.to_repr())
}

/// The integer nearest to zero that a scalar stands for.
pub fn to_int(value: &Fr) -> BigInt {
    let (positive, negative) = (to_uint(value), to_uint(&-value));
    if negative < positive {
        -BigInt::from(negative)
    } else {
        positive.into()
    }
}

/// Neither zero nor the scalar of a negative integer.
pub fn is_positive(value: &Fr) -> bool {
    to_int(value).is_positive()
}

/// Above half of the modulus: the scalar of a negative integer.
pub fn is_negative(value: &Fr) -> bool {
    to_int(value).is_negative()
}

/// `2^bits` as a scalar, `bits` below 254.
pub fn pow2(bits: u32) -> Fr {
    from_int(&(BigInt::from(1) << bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_integers_are_what_they_are_as_integers() {
        let limbs = [0, 1, 63, 64, 65, 126].map(|bits| 1i128 << bits);
        let around = limbs
            .into_iter()
            .flat_map(|limb| [limb - 1, limb, limb + 1]);
        for value in around.chain([i128::MAX, i128::MIN]) {
            for value in [value, value.wrapping_neg()] {
                assert_eq!(to_int(&from_i128(value)), value.into(), "{value}");
                assert_eq!(from_i128(value), from_int(&value.into()), "{value}");
            }
        }
    }
}
