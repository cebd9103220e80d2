//! Oracles' keys, signatures, and whose they are.

use std::fmt;

use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use rand_core::OsRng;
use sha3::{Digest, Keccak256};
use zeroize::Zeroizing;
use zkmargin_circuits::model::HexBytes;

use super::Attestation;

/// The `v` of a signature whose nonce point has an even y; 28 is odd's.
const EVEN: u8 = 27;

/// Why 65 bytes are nobody's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// r or s is zero, or not below the curve's order.
    #[error("r or s is not a scalar above 0 of secp256k1")]
    Scalar,
    /// s is in the upper half: the same signature has a second spelling, which is the one that counts.
    #[error("s is in the upper half of the order")]
    HighS,
    /// v is neither 27 nor 28.
    #[error("v is {0}, not 27 or 28")]
    RecoveryId(u8),
    /// No public key signs this digest so.
    #[error("no key makes such a signature")]
    NoKey,
}

/// An oracle's secret key. Wiped when dropped; not shown by `{:?}`.
#[derive(Clone)]
pub struct OracleKey(SigningKey);

impl fmt::Debug for OracleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OracleKey(of {})", self.address())
    }
}

impl OracleKey {
    /// A key drawn from the operating system's random numbers.
    pub fn random() -> Self {
        Self(SigningKey::random(&mut OsRng))
    }

    /// The key of 32 big-endian bytes; `None` if they are zero or not below the curve's order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        SigningKey::from_slice(bytes).ok().map(Self)
    }

    /// The big-endian bytes. Secret: do not print.
    pub fn expose_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// The key's address.
    pub fn address(&self) -> HexBytes<20> {
        address(self.0.verifying_key())
    }

    /// Signs, with the nonce of RFC 6979: one attestation has one signature by a key.
    ///
    /// # Errors
    /// [`SignatureError::NoKey`] if the backend has no signature for it, which has a chance of about 2^-128.
    pub fn sign(&self, attestation: &Attestation) -> Result<HexBytes<65>, SignatureError> {
        let (signature, id) = self
            .0
            .sign_prehash_recoverable(&attestation.digest())
            .map_err(|_| SignatureError::NoKey)?;
        // The x coordinate of the nonce's point is below the order but for the same chance.
        if id.is_x_reduced() {
            return Err(SignatureError::NoKey);
        }
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = EVEN + u8::from(id.is_y_odd());
        Ok(HexBytes(bytes))
    }
}

/// The address that signed: what `ecrecover` answers, of a signature in its one spelling.
///
/// # Errors
/// [`SignatureError`].
pub fn recover(
    attestation: &Attestation,
    signature: &HexBytes<65>,
) -> Result<HexBytes<20>, SignatureError> {
    let (scalars, v) = signature.0.split_at(64);
    let signature = Signature::from_slice(scalars).map_err(|_| SignatureError::Scalar)?;
    if signature.normalize_s().is_some() {
        return Err(SignatureError::HighS);
    }
    let id = match v {
        [27] => RecoveryId::new(false, false),
        [28] => RecoveryId::new(true, false),
        other => {
            let v = other.first().copied().unwrap_or_default();
            return Err(SignatureError::RecoveryId(v));
        }
    };
    VerifyingKey::recover_from_prehash(&attestation.digest(), &signature, id)
        .map(|key| address(&key))
        .map_err(|_| SignatureError::NoKey)
}

/// The last 20 bytes of the Keccak-256 of the public key's coordinates.
fn address(key: &VerifyingKey) -> HexBytes<20> {
    let point = key.to_encoded_point(false);
    // The first byte tells the encoding.
    let digest = Keccak256::digest(&point.as_bytes()[1..]);
    let mut address = [0; 20];
    address.copy_from_slice(&digest[12..]);
    HexBytes(address)
}
