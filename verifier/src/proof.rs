//! The proof file: one line of JSON, flat, canonical, nothing secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use zkmargin_circuits::{
    engine::{ExposureTerms, Terms},
    model::{HexBytes, Money, Rate, Version},
    shape::{CircuitVersion, Shape, Statement},
};

/// Largest proof file.
pub const MAX_PROOF_FILE_BYTES: u64 = 64 << 10;

/// The constant in a proof file's `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ProofKind {
    /// The only kind.
    #[serde(rename = "zkmargin-proof")]
    Proof,
}

/// Proof bytes, `0x` and lower-case hex in JSON.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct ProofBytes(pub Vec<u8>);

impl Serialize for ProofBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("0x{}", hex::encode(&self.0)))
    }
}

impl<'de> Deserialize<'de> for ProofBytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .ok_or_else(|| serde::de::Error::custom("expected 0x"))?;
        hex::decode(digits)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// A proof with its public inputs. The table is not in it: the verifier rebuilds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
    /// `zkmargin-proof`.
    pub kind: ProofKind,
    /// Format version, 1.
    pub version: Version<1>,
    /// Version of the circuit.
    pub circuit: CircuitVersion,
    /// What is stated.
    pub statement: Statement,
    /// Capacity of the circuit.
    pub shape: Shape,
    /// The parameters' secret was drawn on one machine: worth nothing outside tests.
    pub unsafe_dev_parameters: bool,
    /// Digest of the verifying key.
    pub key: HexBytes<32>,
    /// Keccak-256 of the public table.
    pub table: HexBytes<32>,
    /// Account commitment.
    pub commitment: HexBytes<32>,
    /// Context digest.
    pub context: HexBytes<32>,
    /// Repay amount, USD, if the policy discloses terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repay: Option<Money>,
    /// Incentive rate, if the policy discloses terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incentive_rate: Option<Rate>,
    /// Exposures by underlying, if the policy discloses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposures: Option<Vec<ExposureTerms>>,
    /// The proof: a KZG/SHPLONK proof over a Keccak transcript.
    pub proof: ProofBytes,
}

/// Why bytes are no proof file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFileError {
    /// The file ends early, or is no proof file at all.
    #[error("field '.': truncated: a proof file ends with a brace and a line feed")]
    Truncated,
    /// The file is whole but its content is not a proof.
    #[error("field '{field}': {reason}")]
    Malformed {
        /// JSON path of the field.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// The content parses, but is not written the one way that a proof file is.
    #[error("field '.': not in canonical form: the file has been altered")]
    NotCanonical,
}

impl ProofFile {
    /// The disclosed terms.
    pub fn terms(&self) -> Terms {
        Terms {
            repay: self.repay,
            incentive_rate: self.incentive_rate,
            exposures: self.exposures.clone(),
        }
    }

    /// The file's bytes: compact JSON and a line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A struct of strings, numbers and booleans always serialises.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads a proof file, which must be exactly what [`to_bytes`](Self::to_bytes) writes, so
    /// that no byte of it can change unnoticed.
    ///
    /// # Errors
    /// [`ProofFileError::Truncated`] for a file that ends early; the other variants for one
    /// that is whole but altered.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofFileError> {
        // Of the two last bytes one may have been altered; both missing is another file's end.
        let whole = match bytes {
            [.., brace, end] => *brace == b'}' || *end == b'\n',
            _ => false,
        };
        if !whole {
            return Err(ProofFileError::Truncated);
        }
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let file: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            // A list of exposures has braces inside: the file may end behind one of them.
            if error.inner().is_eof() && !bytes.ends_with(b"\n") {
                return ProofFileError::Truncated;
            }
            ProofFileError::Malformed {
                field: error.path().to_string(),
                reason: error.inner().to_string(),
            }
        })?;
        if file.to_bytes() == bytes {
            Ok(file)
        } else {
            Err(ProofFileError::NotCanonical)
        }
    }
}
