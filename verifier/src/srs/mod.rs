//! Whose secret is behind the parameters: the one thing that a verifier must know about a setup.

pub mod ceremony;
mod origin;

use ff::PrimeField;
use halo2curves::bn256::G2Affine;

pub use origin::{Origin, OriginError};

/// `x.c0, x.c1, y.c0, y.c1`, each 32 little-endian bytes.
pub fn g2_bytes(point: &G2Affine) -> [u8; 128] {
    let mut bytes = [0; 128];
    let coordinates = [point.x.c0, point.x.c1, point.y.c0, point.y.c1];
    for (chunk, coordinate) in bytes.chunks_exact_mut(32).zip(coordinates) {
        chunk.copy_from_slice(&coordinate.to_repr());
    }
    bytes
}
