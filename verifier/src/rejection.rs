//! Why a proof is rejected.

use zkmargin_circuits::{
    circuit::DisclosureError,
    engine::EngineError,
    model::{HexBytes, Time},
    public::TableError,
    shape::{Shape, Statement},
};

use crate::{
    oracle::OracleError,
    registry::{ClaimError, LedgerError, RegistryError, StorageError},
};

/// Why a proof was rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Snapshot and policy make no public table: the verifier's own input is at fault.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The verifier's commitment is not a field element.
    #[error("commitment {0} is not below the BN254 scalar modulus")]
    CommitmentRange(HexBytes<32>),
    /// Another statement than the caller asked for: a proof of health is none of eligibility, nor the reverse.
    #[error("the proof states {proof}, expected {expected}")]
    OtherStatement {
        /// The proof file's.
        proof: Statement,
        /// The caller's.
        expected: Statement,
    },
    /// Another statement than the key's.
    #[error("the proof states {proof}, the key is for {key}")]
    Statement {
        /// The proof file's.
        proof: Statement,
        /// The key's.
        key: Statement,
    },
    /// Another shape than the key's.
    #[error("the proof is of shape {proof}, the key of shape {key}")]
    Shape {
        /// The proof file's.
        proof: Shape,
        /// The key's.
        key: Shape,
    },
    /// Made under another verifying key.
    #[error("the proof was made under key {proof}, the verifier holds {key}")]
    Key {
        /// The proof file's.
        proof: HexBytes<32>,
        /// The verifier's.
        key: HexBytes<32>,
    },
    /// The proof file lies about the parameters.
    #[error("the proof file says unsafe_dev_parameters = {proof}, the key says {key}")]
    Parameters {
        /// The proof file's.
        proof: bool,
        /// The key's.
        key: bool,
    },
    /// About another account, or another state of it.
    #[error("the proof is about commitment {proof}, not {expected}")]
    Commitment {
        /// The proof file's.
        proof: HexBytes<32>,
        /// The verifier's.
        expected: HexBytes<32>,
    },
    /// Made for another liquidator, place or deadline.
    #[error("the proof is bound to context {proof}, not {expected}")]
    Context {
        /// The proof file's.
        proof: HexBytes<32>,
        /// The verifier's.
        expected: HexBytes<32>,
    },
    /// The context's deadline has passed.
    #[error("the context's deadline {deadline} has passed at {at}")]
    Deadline {
        /// The deadline.
        deadline: Time,
        /// The time of the check.
        at: Time,
    },
    /// Made for another snapshot or policy.
    #[error(
        "the proof was made for another snapshot or policy (public table {proof}, not {expected})"
    )]
    OtherTable {
        /// The proof file's.
        proof: HexBytes<32>,
        /// The verifier's.
        expected: HexBytes<32>,
    },
    /// The public table is too large for a proof of this shape: it can only be about another one.
    #[error("the proof is of shape {shape}, but {source}")]
    TableSize {
        /// The proof file's and the key's.
        shape: Shape,
        /// How large the verifier's table is.
        source: TableError,
    },
    /// The disclosed terms cannot be terms.
    #[error("field '{field}' is negative")]
    Terms {
        /// The field.
        field: &'static str,
    },
    /// The disclosed terms or exposures cannot be what the policy discloses.
    #[error("field '{field}': {0}", field = field_of(.0))]
    Disclosure(#[from] DisclosureError),
    /// The policy has branches that a proof of solvency has no place for: it can only be about another one.
    #[error(transparent)]
    Branches(EngineError),
    /// A proof of health that claims to disclose something.
    #[error("field '{field}': a proof of solvency discloses no terms")]
    HealthTerms {
        /// The field.
        field: &'static str,
    },
    /// Not exactly as long as a proof of this key.
    #[error("the proof has {got} bytes, expected {expected}")]
    ProofLength {
        /// Bytes expected.
        expected: usize,
        /// Bytes found.
        got: usize,
    },
    /// An instance column is not exactly as long as the circuit's.
    #[error("instance column {column} has {got} rows, expected {expected}")]
    InstanceLength {
        /// Column index.
        column: usize,
        /// Rows expected.
        expected: usize,
        /// Rows found.
        got: usize,
    },
    /// The table's columns are not those of the digest in the header.
    #[error("the digest in the header is not that of the public table's columns")]
    TableDigest,
    /// The verifier trusts no key for such proofs.
    #[error("the verifier holds no key for statement {statement} and shape {shape}")]
    NoKey {
        /// The proof file's.
        statement: Statement,
        /// The proof file's.
        shape: Shape,
    },
    /// The context is for another chain.
    #[error("the context is for chain {context}, this verifier is on chain {expected}")]
    ChainId {
        /// The context's.
        context: u64,
        /// The verifier's.
        expected: u64,
    },
    /// The context is for another contract or service.
    #[error("the context is for verifier {context}, this one is {expected}")]
    Verifier {
        /// The context's.
        context: HexBytes<20>,
        /// This verifier's address or id.
        expected: HexBytes<20>,
    },
    /// The context is for another liquidator than the one that the verifier serves.
    #[error("the context is for liquidator {context}, this verifier serves {expected}")]
    Liquidator {
        /// The context's.
        context: HexBytes<20>,
        /// Whom the verifier serves.
        expected: HexBytes<20>,
    },
    /// The snapshot may not be acted upon.
    #[error("the snapshot is refused: {0}")]
    Oracle(#[from] OracleError),
    /// No account has or had this commitment.
    #[error("commitment {0} is no registered account's")]
    UnknownCommitment(HexBytes<32>),
    /// The account, its policy or its commitment has changed, or it is consumed, or the nonce is.
    #[error(transparent)]
    Ledger(LedgerError),
    /// The registry does not take a proof of health.
    #[error(transparent)]
    Registry(RegistryError),
    /// The eligibility was given for another state, policy or context.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The registry's storage failed: it says nothing about the proof, which may be shown again.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The proof does not verify.
    #[error("the proof does not verify")]
    Proof,
}

impl Rejection {
    /// Whether the same proof may pass at another time, with nothing but what it is held against changed: a signature or an
    /// account still to come, storage that failed.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Oracle(_) | Self::UnknownCommitment(_) | Self::Storage(_)
        )
    }
}

impl From<LedgerError> for Rejection {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Storage(error) => Self::Storage(error),
            error => Self::Ledger(error),
        }
    }
}

impl From<RegistryError> for Rejection {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Storage(error) => Self::Storage(error),
            error => Self::Registry(error),
        }
    }
}

/// The field of a proof file that a disclosure error is about.
fn field_of(error: &DisclosureError) -> &'static str {
    match error {
        DisclosureError::MissingTerms | DisclosureError::UnexpectedTerms => "repay",
        _ => "exposures",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_storage_says_nothing_about_the_proof() {
        let failure = StorageError::Busy { doing: "read" };
        let storage = Rejection::Storage(failure.clone());
        assert_eq!(
            Rejection::from(LedgerError::Storage(failure.clone())),
            storage
        );
        assert_eq!(Rejection::from(RegistryError::Storage(failure)), storage);
        assert!(storage.may_pass());
        assert_eq!(
            storage.to_string(),
            "the database cannot read: others hold it"
        );
        assert!(!Rejection::Proof.may_pass());
    }
}
