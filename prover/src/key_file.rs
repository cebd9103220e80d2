//! The proving key's file: made to be read without trust in its content.
//!
//! ```text
//! magic "ZKMPKEY1"                              8 bytes
//! digest of the verifying key                   32 bytes
//! halo2 proving key, raw bytes                  exactly as long as its circuit's
//! SHA-256 of everything before                  32 bytes
//! ```
//! The backend's reader panics on short or non-canonical input, so lengths, counts and every
//! field element are checked before it runs.

use std::io;

use halo2_proofs::{
    SerdeFormat,
    plonk::{self, Circuit},
};
use halo2curves::{
    bn256::{Fr, G1Affine},
    serde::SerdeObject,
};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, SolvencyCircuit},
    shape::{Shape, Statement},
};
use zkmargin_verifier::{VerifyingKey, key::KeyError};

const MAGIC: &[u8; 8] = b"ZKMPKEY1";
const HEADER_BYTES: usize = 8 + 32;
const CHECKSUM_BYTES: usize = 32;
/// The file's bytes.
pub(crate) fn to_bytes(verifying: &VerifyingKey, pk: &plonk::ProvingKey<G1Affine>) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(verifying.digest());
    bytes.extend(pk.to_bytes(SerdeFormat::RawBytes));
    bytes.extend(Sha256::digest(&bytes));
    bytes
}

/// The length of the file of the key that belongs to `verifying`: nothing longer needs to be read.
pub(crate) fn exact_bytes(verifying: &VerifyingKey) -> usize {
    let vk_bytes = verifying.backend().to_bytes(SerdeFormat::RawBytes).len();
    file_bytes(verifying, vk_bytes)
}

fn file_bytes(verifying: &VerifyingKey, vk_bytes: usize) -> usize {
    let own = verifying.backend();
    let fixed = own.fixed_commitments().len();
    let permuted = own.permutation().commitments().len();
    let polynomial = 4 + (32usize << verifying.k());
    HEADER_BYTES
        + vk_bytes
        + 3 * polynomial
        + 2 * (4 + fixed * polynomial)
        + 2 * (4 + permuted * polynomial)
        + CHECKSUM_BYTES
}

/// Checks and reads the file of the key that belongs to `verifying`.
pub(crate) fn from_bytes(
    bytes: &[u8],
    verifying: &VerifyingKey,
) -> Result<plonk::ProvingKey<G1Affine>, KeyError> {
    if !bytes.starts_with(MAGIC) {
        return Err(KeyError::Magic);
    }
    let own = verifying.backend();
    let vk_bytes = own.to_bytes(SerdeFormat::RawBytes);
    let fixed = own.fixed_commitments().len();
    let permuted = own.permutation().commitments().len();
    let rows = 1usize << verifying.k();
    let expected = file_bytes(verifying, vk_bytes.len());
    if bytes.len() != expected {
        return Err(KeyError::Length {
            expected,
            got: bytes.len(),
        });
    }
    let (content, checksum) = bytes.split_at(expected - CHECKSUM_BYTES);
    if Sha256::digest(content).as_slice() != checksum {
        return Err(KeyError::Checksum);
    }
    let rest = &content[HEADER_BYTES..];
    if content[8..HEADER_BYTES] != verifying.digest() || !rest.starts_with(&vk_bytes) {
        return Err(malformed("it belongs to another verifying key"));
    }
    let body = rest;
    let mut reader = Reader {
        rest: &rest[vk_bytes.len()..],
    };
    let mut polynomials = Vec::with_capacity(3 + 2 * (fixed + permuted));
    for _ in 0..3 {
        polynomials.push(reader.polynomial(rows)?);
    }
    for columns in [fixed, fixed, permuted, permuted] {
        reader.count(columns)?;
        for _ in 0..columns {
            polynomials.push(reader.polynomial(rows)?);
        }
    }
    let canonical = polynomials.par_iter().all(|values| {
        values
            .chunks_exact(32)
            .all(|value| Fr::from_raw_bytes(value).is_some())
    });
    if !canonical {
        return Err(malformed("a value is not below the modulus"));
    }
    let shape = verifying.shape();
    let read = match verifying.statement() {
        Statement::Liquidation => read_body::<LiquidationCircuit>(body, shape),
        Statement::Solvency => read_body::<SolvencyCircuit>(body, shape),
        _ => return Err(malformed("no circuit for its statement")),
    };
    read.map_err(|error| KeyError::Body(error.to_string()))
}

fn read_body<C: Circuit<Fr, Params = Option<Shape>>>(
    body: &[u8],
    shape: Shape,
) -> io::Result<plonk::ProvingKey<G1Affine>> {
    plonk::ProvingKey::from_bytes::<C>(body, SerdeFormat::RawBytesUnchecked, Some(shape))
}

fn malformed(what: &str) -> KeyError {
    KeyError::Body(what.to_owned())
}

/// Walks the backend's encoding: counts are four big-endian bytes.
struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn take(&mut self, bytes: usize) -> Result<&'b [u8], KeyError> {
        let (head, tail) = self
            .rest
            .split_at_checked(bytes)
            .ok_or_else(|| malformed("too short"))?;
        self.rest = tail;
        Ok(head)
    }

    fn count(&mut self, expected: usize) -> Result<(), KeyError> {
        let found = self.take(4)?;
        if found == (expected as u32).to_be_bytes() {
            Ok(())
        } else {
            Err(malformed("a count is wrong"))
        }
    }

    fn polynomial(&mut self, rows: usize) -> Result<&'b [u8], KeyError> {
        self.count(rows)?;
        self.take(32 * rows)
    }
}
