//! Curve points as bytes: uncompressed affine, each coordinate 32 little-endian bytes, `x` then `y`, and in the
//! quadratic extension `c0` then `c1`. The point at infinity is all zeros.
//!
//! | encoding | a coordinate `a` is stored as | used by |
//! |---|---|---|
//! | [`Encoding::Montgomery`] | `a * 2^256 mod q` | snarkjs powers-of-tau files |
//! | [`Encoding::Canonical`] | `a` | our parameter files and digests |

use ff::PrimeField;
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fq2, G1Affine, G2Affine};
use halo2curves::serde::SerdeObject;
use rayon::prelude::*;

use super::error::{Part, SrsError};

/// Bytes of a base-field element.
pub(super) const FQ_BYTES: usize = 32;
/// Bytes of a point of G1.
pub(super) const G1_BYTES: usize = 2 * FQ_BYTES;
/// Bytes of a point of G2.
pub(super) const G2_BYTES: usize = 4 * FQ_BYTES;

/// How a coordinate is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Times `2^256`, modulo `q`.
    Montgomery,
    /// As it is.
    Canonical,
}

/// The coordinate stored in 32 bytes, or `None` if it is not below `q`.
fn coordinate(bytes: &[u8], encoding: Encoding) -> Option<Fq> {
    match encoding {
        Encoding::Montgomery => Fq::from_raw_bytes(bytes),
        Encoding::Canonical => Option::from(Fq::from_repr(bytes.try_into().ok()?)),
    }
}

/// Reads `bytes`, whose length is `count * G1_BYTES`, as points on the curve. Infinity is let through: what it means
/// depends on the place.
///
/// # Errors
/// [`SrsError::NonCanonical`], [`SrsError::NotOnCurve`].
pub(super) fn g1_points(
    bytes: &[u8],
    part: Part,
    encoding: Encoding,
) -> Result<Vec<G1Affine>, SrsError> {
    bytes
        .par_chunks_exact(G1_BYTES)
        .enumerate()
        .map(|(index, point)| {
            let (x, y) = point.split_at(FQ_BYTES);
            let field =
                |bytes| coordinate(bytes, encoding).ok_or(SrsError::NonCanonical { part, index });
            Option::from(G1Affine::from_xy(field(x)?, field(y)?))
                .ok_or(SrsError::NotOnCurve { part, index })
        })
        .collect()
}

/// Reads `bytes`, whose length is `count * G2_BYTES`, as points on the twist. Membership in the subgroup is
/// [`check_srs`](super::consistency::check_srs)'s.
///
/// # Errors
/// [`SrsError::NonCanonical`], [`SrsError::NotOnCurve`].
pub(super) fn g2_points(bytes: &[u8], encoding: Encoding) -> Result<Vec<G2Affine>, SrsError> {
    let part = Part::G2Powers;
    bytes
        .chunks_exact(G2_BYTES)
        .enumerate()
        .map(|(index, point)| {
            let mut c = [Fq::zero(); 4];
            for (c, bytes) in c.iter_mut().zip(point.chunks_exact(FQ_BYTES)) {
                *c = coordinate(bytes, encoding).ok_or(SrsError::NonCanonical { part, index })?;
            }
            let [x0, x1, y0, y1] = c;
            Option::from(G2Affine::from_xy(Fq2::new(x0, x1), Fq2::new(y0, y1)))
                .ok_or(SrsError::NotOnCurve { part, index })
        })
        .collect()
}

/// The canonical bytes of a point of G1.
pub(super) fn g1_bytes(point: &G1Affine) -> [u8; G1_BYTES] {
    let mut bytes = [0; G1_BYTES];
    bytes[..FQ_BYTES].copy_from_slice(&point.x.to_repr());
    bytes[FQ_BYTES..].copy_from_slice(&point.y.to_repr());
    bytes
}

/// The canonical bytes of a point of G2.
pub(super) fn g2_bytes(point: &G2Affine) -> [u8; G2_BYTES] {
    let mut bytes = [0; G2_BYTES];
    let coordinates = [point.x.c0, point.x.c1, point.y.c0, point.y.c1];
    for (bytes, c) in bytes.chunks_exact_mut(FQ_BYTES).zip(coordinates) {
        bytes.copy_from_slice(&c.to_repr());
    }
    bytes
}
