//! What the tests of this module share.

use ark_ff::PrimeField as _;
use ff::{FromUniformBytes, PrimeField};
use halo2curves::bn256::Fr;
use proptest::prelude::*;

/// Any field element, zero and its neighbours more often than chance would have them.
pub(super) fn fr() -> impl Strategy<Value = Fr> {
    let uniform = prop::array::uniform32(prop::num::u16::ANY).prop_map(|words| {
        let mut bytes = [0u8; 64];
        for (pair, word) in bytes.chunks_exact_mut(2).zip(words) {
            pair.copy_from_slice(&word.to_le_bytes());
        }
        Fr::from_uniform_bytes(&bytes)
    });
    prop_oneof![
        8 => uniform,
        1 => (0..3u64).prop_map(Fr::from),
        1 => (1..3u64).prop_map(|x| -Fr::from(x)),
    ]
}

/// The same element in the field implementation of the independent hash.
pub(super) fn to_ark(x: &Fr) -> ark_bn254::Fr {
    ark_bn254::Fr::from_le_bytes_mod_order(&x.to_repr())
}
