//! The parameter file, `params-kNN.bin`.
//!
//! ```text
//! offset  bytes     content
//!      0      8     "ZKMGNSRS"
//!      8      4     format version = 2, little-endian
//!     12      4     k, little-endian
//!     16     68     origin: tag, power, 0, 0, Blake2b-512 of the ceremony's file
//!     84    256     G2, tau G2
//!    340  256 n     tau^i G1,     i < 4 n, n = 2^k
//!          64 n     L_i(tau) G1,  i < n
//!            32     SHA-256 of everything before
//! ```
//!
//! The checksum finds damage; it keeps nobody from writing another file. What does is that a reader checks every
//! equation between the points and, where the file claims the published ceremony, that `tau G2` is the ceremony's.

use std::io::{self, Read};
use std::path::Path;

use halo2_proofs::SerdeFormat;
use halo2_proofs::poly::commitment::Params as _;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, G1Affine};
use sha2::{Digest, Sha256};

use super::consistency::{check_lagrange, check_srs};
use super::error::{FileError, ParamsError, Part, SrsError};
use super::points::{Encoding, G1_BYTES, G2_BYTES, g1_bytes, g1_points, g2_bytes, g2_points};
use super::{MAX_K, MIN_K, Params, ceremony, power_count};
use crate::atomic::{AtomicWriteError, Overwrite, write_atomic};
use zkmargin_circuits::model::open_regular;
use zkmargin_verifier::srs::Origin;

const MAGIC: [u8; 8] = *b"ZKMGNSRS";
const VERSION: u32 = 2;
const PREFIX_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 32;

/// The length of the file for `k`, which is in range.
fn file_bytes(k: u32) -> usize {
    PREFIX_BYTES + Origin::BYTES + 2 * G2_BYTES + power_bytes(k) + (G1_BYTES << k) + CHECKSUM_BYTES
}

/// The length of the powers of `tau`.
fn power_bytes(k: u32) -> usize {
    G1_BYTES * power_count(k)
}

/// The points `L_i(tau) G1`. The backend shows them only in its own encoding: `k` in four bytes, powers, Lagrange points,
/// and the two of G2, coordinates in Montgomery form.
pub(crate) fn lagrange(params: &ParamsKZG<Bn256>) -> io::Result<Vec<G1Affine>> {
    let mut raw = Vec::new();
    params.write_custom(&mut raw, SerdeFormat::RawBytesUnchecked)?;
    let list = G1_BYTES << params.k();
    let points = raw
        .get(4 + list..4 + 2 * list)
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    g1_points(points, Part::G1Lagrange, Encoding::Montgomery).map_err(io::Error::other)
}

pub(super) fn encode(params: &Params) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(file_bytes(params.k()));
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&params.k().to_le_bytes());
    bytes.extend_from_slice(&params.origin().to_bytes());
    bytes.extend_from_slice(&g2_bytes(&params.g2()));
    bytes.extend_from_slice(&g2_bytes(&params.s_g2()));
    for point in params.powers().iter().chain(&lagrange(params.kzg())?) {
        bytes.extend_from_slice(&g1_bytes(point));
    }
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    Ok(bytes)
}

pub(super) fn write(params: &Params, path: &Path, overwrite: Overwrite) -> Result<(), ParamsError> {
    let bytes = encode(params).map_err(|source| AtomicWriteError::Io {
        path: path.to_owned(),
        step: "encode the parameters",
        source,
    })?;
    Ok(write_atomic(path, &bytes, overwrite)?)
}

pub(super) fn read(path: &Path) -> Result<Params, ParamsError> {
    load(path).map_err(|source| ParamsError::File {
        path: path.to_owned(),
        source,
    })
}

fn load(path: &Path) -> Result<Params, FileError> {
    let (mut file, len) = open_regular(path)?.ok_or(FileError::NotAFile)?;
    let needed = PREFIX_BYTES as u64;
    if len < needed {
        return Err(FileError::TooShort { got: len, needed });
    }
    let mut prefix = [0; PREFIX_BYTES];
    file.read_exact(&mut prefix)?;
    let k = check_prefix(&prefix)?;
    let expected = file_bytes(k) as u64;
    if len != expected {
        return Err(FileError::Length {
            k,
            expected,
            got: len,
        });
    }

    let mut bytes = Vec::with_capacity(file_bytes(k));
    bytes.extend_from_slice(&prefix);
    // One byte more than should be there: a file that grew since is refused as well.
    file.take(expected - needed + 1).read_to_end(&mut bytes)?;
    let got = bytes.len() as u64;
    if got != expected {
        return Err(FileError::Length { k, expected, got });
    }
    decode(k, &bytes)
}

/// Reads and checks a whole file in memory.
pub(super) fn from_bytes(bytes: &[u8]) -> Result<Params, FileError> {
    let got = bytes.len() as u64;
    let Some(prefix) = bytes.first_chunk() else {
        let needed = PREFIX_BYTES as u64;
        return Err(FileError::TooShort { got, needed });
    };
    let k = check_prefix(prefix)?;
    let expected = file_bytes(k) as u64;
    if got != expected {
        return Err(FileError::Length { k, expected, got });
    }
    decode(k, bytes)
}

/// Checks the file's first bytes and gives its `k`.
fn check_prefix(prefix: &[u8; PREFIX_BYTES]) -> Result<u32, FileError> {
    let [
        m0,
        m1,
        m2,
        m3,
        m4,
        m5,
        m6,
        m7,
        v0,
        v1,
        v2,
        v3,
        k0,
        k1,
        k2,
        k3,
    ] = *prefix;
    let magic = [m0, m1, m2, m3, m4, m5, m6, m7];
    if magic != MAGIC {
        return Err(FileError::BadMagic { got: magic });
    }
    let version = u32::from_le_bytes([v0, v1, v2, v3]);
    if version != VERSION {
        return Err(FileError::BadVersion {
            got: version,
            expected: VERSION,
        });
    }
    let k = u32::from_le_bytes([k0, k1, k2, k3]);
    if !(MIN_K..=MAX_K).contains(&k) {
        return Err(FileError::KOutOfRange {
            got: k,
            min: MIN_K,
            max: MAX_K,
        });
    }
    Ok(k)
}

/// Reads and checks a file of exactly [`file_bytes`] bytes.
fn decode(k: u32, bytes: &[u8]) -> Result<Params, FileError> {
    let (content, stored) = bytes.split_at(bytes.len() - CHECKSUM_BYTES);
    let computed = Sha256::digest(content);
    if computed[..] != *stored {
        return Err(FileError::Checksum {
            stored: hex::encode(stored),
            computed: hex::encode(computed),
        });
    }
    let (_, body) = content.split_at(PREFIX_BYTES);
    let (origin, body) = body.split_at(Origin::BYTES);
    let (g2, g1) = body.split_at(2 * G2_BYTES);
    let (powers, lagrange) = g1.split_at(power_bytes(k));

    let mut origin_bytes = [0; Origin::BYTES];
    origin_bytes.copy_from_slice(origin);
    let origin = Origin::from_bytes(&origin_bytes, k)?;
    let g2 = g2_points(g2, Encoding::Canonical)?;
    let [generator, tau_g2] = g2[..] else {
        return Err(SrsError::TooFewPowers { count: g2.len() }.into());
    };
    let powers = g1_points(powers, Part::G1Powers, Encoding::Canonical)?;
    let lagrange = g1_points(lagrange, Part::G1Lagrange, Encoding::Canonical)?;
    check_srs(&powers, &[generator, tau_g2])?;
    check_lagrange(k, &powers, &lagrange)?;
    if origin.is_published() && !ceremony::is_tau_g2(&tau_g2) {
        return Err(FileError::NotTheCeremony);
    }
    Ok(Params::assemble(k, powers, Some(lagrange), tau_g2, origin))
}
