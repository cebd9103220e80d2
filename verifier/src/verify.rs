//! The check itself.

use halo2_proofs::{
    plonk::verify_proof,
    poly::kzg::{
        commitment::KZGCommitmentScheme, multiopen::VerifierSHPLONK, strategy::SingleStrategy,
    },
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use serde::Serialize;
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};
use zkmargin_circuits::{
    circuit::{DisclosureError, header, header_rows},
    engine::Terms,
    field,
    model::{Context, HexBytes, Policy, Snapshot, Time},
    public::{PublicTable, TABLE_COLUMNS, TableError},
    shape::{Shape, Statement},
};

use crate::{ProofFile, VerifyingKey};

/// What the verifier knows by itself, besides the proof file.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The trusted verifying key.
    pub key: &'a VerifyingKey,
    /// The market.
    pub snapshot: &'a Snapshot,
    /// The risk rules.
    pub policy: &'a Policy,
    /// The account's current commitment.
    pub commitment: HexBytes<32>,
    /// Who may use the proof, where and until when.
    pub context: &'a Context,
    /// The time of the check, held against the context's deadline.
    pub at: Time,
}

/// The account behind the commitment may be liquidated on these terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Eligibility {
    /// What was proved.
    pub statement: Statement,
    /// The circuit's capacity.
    pub shape: Shape,
    /// The account.
    pub commitment: HexBytes<32>,
    /// Digest of the context that the proof is bound to.
    pub context: HexBytes<32>,
    /// The disclosed terms.
    pub terms: Terms,
    /// Time of the market snapshot.
    pub snapshot_time: Time,
    /// Sequence of the market snapshot.
    pub snapshot_sequence: u64,
    /// The parameters are for development: the proof is worth nothing outside tests.
    pub unsafe_dev_parameters: bool,
}

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
    /// The proof does not verify.
    #[error("the proof does not verify")]
    Proof,
}

/// The field of a proof file that a disclosure error is about.
fn field_of(error: &DisclosureError) -> &'static str {
    match error {
        DisclosureError::MissingTerms | DisclosureError::UnexpectedTerms => "repay",
        _ => "exposures",
    }
}

/// Checks a proof file against what the verifier knows.
///
/// # Errors
/// The first reason to reject; [`Rejection::Table`] and [`Rejection::CommitmentRange`] are about
/// the verifier's own input.
pub fn verify(file: &ProofFile, request: &Request<'_>) -> Result<Eligibility, Rejection> {
    let key = request.key;
    let table = PublicTable::new(request.snapshot, request.policy)?;
    let commitment = field::from_be_bytes(&request.commitment.0)
        .ok_or(Rejection::CommitmentRange(request.commitment))?;
    if file.statement != key.statement() {
        return Err(Rejection::Statement {
            proof: file.statement,
            key: key.statement(),
        });
    }
    if file.shape != key.shape() {
        return Err(Rejection::Shape {
            proof: file.shape,
            key: key.shape(),
        });
    }
    if file.key.0 != key.digest() {
        return Err(Rejection::Key {
            proof: file.key,
            key: HexBytes(key.digest()),
        });
    }
    if file.unsafe_dev_parameters != key.is_unsafe_dev() {
        return Err(Rejection::Parameters {
            proof: file.unsafe_dev_parameters,
            key: key.is_unsafe_dev(),
        });
    }
    if file.commitment != request.commitment {
        return Err(Rejection::Commitment {
            proof: file.commitment,
            expected: request.commitment,
        });
    }
    let context = HexBytes(request.context.digest());
    if file.context != context {
        return Err(Rejection::Context {
            proof: file.context,
            expected: context,
        });
    }
    if request.at > request.context.deadline {
        return Err(Rejection::Deadline {
            deadline: request.context.deadline,
            at: request.at,
        });
    }
    let terms = file.terms();
    for (name, units) in [
        ("repay", terms.repay),
        ("incentive_rate", terms.incentive_rate),
    ] {
        if units.is_some_and(|units| units.units() < 0) {
            return Err(Rejection::Terms { field: name });
        }
    }
    // The digest's top byte is zero, so it is always a field element.
    let context_scalar = field::from_be_bytes(&context.0).unwrap_or_default();
    let digest = table.digest();
    let expected = HexBytes(digest);
    if file.table != expected {
        return Err(Rejection::OtherTable {
            proof: file.table,
            expected,
        });
    }
    let shape = file.shape;
    let columns = table
        .instance_columns(shape)
        .map_err(|source| Rejection::TableSize { shape, source })?;
    let first = header(
        file.shape,
        &table,
        digest,
        commitment,
        context_scalar,
        &terms,
    )?;
    let columns: Vec<Vec<Fr>> = std::iter::once(first).chain(columns).collect();
    check_proof(key, &columns, &file.proof.0)?;
    Ok(Eligibility {
        statement: file.statement,
        shape: file.shape,
        commitment: file.commitment,
        context,
        terms,
        snapshot_time: request.snapshot.time,
        snapshot_sequence: request.snapshot.sequence,
        unsafe_dev_parameters: key.is_unsafe_dev(),
    })
}

/// Verifies proof bytes against instance columns: exact lengths, then the pairing.
///
/// The backend neither checks nor absorbs the columns' lengths and ignores trailing bytes, so
/// both are checked here.
///
/// # Errors
/// [`Rejection::InstanceLength`], [`Rejection::ProofLength`] or [`Rejection::Proof`].
pub fn check_proof(key: &VerifyingKey, columns: &[Vec<Fr>], proof: &[u8]) -> Result<(), Rejection> {
    for column in 0..1 + TABLE_COLUMNS {
        let expected = if column == 0 {
            header_rows(key.shape())
        } else {
            key.shape().table_rows()
        };
        let got = columns.get(column).map_or(0, Vec::len);
        if got != expected {
            return Err(Rejection::InstanceLength {
                column,
                expected,
                got,
            });
        }
    }
    if let Some(extra) = columns.get(1 + TABLE_COLUMNS) {
        return Err(Rejection::InstanceLength {
            column: 1 + TABLE_COLUMNS,
            expected: 0,
            got: extra.len(),
        });
    }
    if proof.len() != key.proof_bytes() {
        return Err(Rejection::ProofLength {
            expected: key.proof_bytes(),
            got: proof.len(),
        });
    }
    let params = key.backend_params();
    let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(proof);
    verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        params,
        key.backend(),
        SingleStrategy::new(params),
        &[&columns],
        &mut transcript,
    )
    .map_err(|_| Rejection::Proof)
}
