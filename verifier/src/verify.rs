//! The check itself.

use halo2_proofs::{
    plonk::verify_proof,
    poly::kzg::{
        commitment::KZGCommitmentScheme, multiopen::VerifierSHPLONK, strategy::SingleStrategy,
    },
};
use halo2curves::bn256::{Bn256, Fr};
use serde::Serialize;
use zkmargin_circuits::{
    circuit::{
        InstanceError, SOLVENCY_HEADER_ROWS, digest_row, header, header_rows, solvency_instance,
    },
    engine::Terms,
    field,
    model::{Context, HexBytes, Policy, Snapshot, Time},
    public::{PublicTable, TABLE_COLUMNS, columns_digest, digest_scalar, used_rows},
    shape::{Shape, Statement},
};

use crate::{HeaderTranscript, ProofFile, Rejection, VerifyingKey};

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
    /// Digest of the policy that the account is under-margined under: [`Policy::digest`].
    pub policy: HexBytes<32>,
    /// The disclosed terms.
    pub terms: Terms,
    /// Time of the market snapshot.
    pub snapshot_time: Time,
    /// Sequence of the market snapshot.
    pub snapshot_sequence: u64,
    /// The parameters are for development: the proof is worth nothing outside tests.
    pub unsafe_dev_parameters: bool,
}

/// The account behind the commitment is healthy: nobody may liquidate it by this snapshot. Made by [`verify_health`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// What was proved.
    pub statement: Statement,
    /// The circuit's capacity.
    pub shape: Shape,
    /// The account.
    pub commitment: HexBytes<32>,
    /// Digest of the context that the proof is bound to.
    pub context: HexBytes<32>,
    /// Digest of the policy that the account is healthy under: [`Policy::digest`].
    pub policy: HexBytes<32>,
    /// Time of the market snapshot.
    pub snapshot_time: Time,
    /// Sequence of the market snapshot.
    pub snapshot_sequence: u64,
    /// The parameters are for development: the proof is worth nothing outside tests.
    pub unsafe_dev_parameters: bool,
}

/// Checks a liquidation proof against what the verifier knows. A proof of health is refused.
///
/// # Errors
/// The first reason to reject; [`Rejection::Table`] and [`Rejection::CommitmentRange`] are about
/// the verifier's own input.
pub fn verify(file: &ProofFile, request: &Request<'_>) -> Result<Eligibility, Rejection> {
    let table = PublicTable::new(request.snapshot, request.policy)?;
    verify_in(file, request, &table)
}

/// [`verify`] with the public table of the request's snapshot and policy.
pub(crate) fn verify_in(
    file: &ProofFile,
    request: &Request<'_>,
    table: &PublicTable,
) -> Result<Eligibility, Rejection> {
    let context = check(file, request, table, Statement::Liquidation)?;
    Ok(Eligibility {
        statement: file.statement,
        shape: file.shape,
        commitment: file.commitment,
        context,
        policy: HexBytes(request.policy.digest()),
        terms: file.terms(),
        snapshot_time: request.snapshot.time,
        snapshot_sequence: request.snapshot.sequence,
        unsafe_dev_parameters: request.key.is_unsafe_dev(),
    })
}

/// Checks a proof of solvency against what the verifier knows. A liquidation proof is refused.
///
/// # Errors
/// As [`verify`].
pub fn verify_health(file: &ProofFile, request: &Request<'_>) -> Result<Health, Rejection> {
    let table = PublicTable::new(request.snapshot, request.policy)?;
    verify_health_in(file, request, &table)
}

/// [`verify_health`] with the public table of the request's snapshot and policy.
pub(crate) fn verify_health_in(
    file: &ProofFile,
    request: &Request<'_>,
    table: &PublicTable,
) -> Result<Health, Rejection> {
    let context = check(file, request, table, Statement::Solvency)?;
    Ok(Health {
        statement: file.statement,
        shape: file.shape,
        commitment: file.commitment,
        context,
        policy: HexBytes(request.policy.digest()),
        snapshot_time: request.snapshot.time,
        snapshot_sequence: request.snapshot.sequence,
        unsafe_dev_parameters: request.key.is_unsafe_dev(),
    })
}

/// The check of either statement; the context's digest.
fn check(
    file: &ProofFile,
    request: &Request<'_>,
    table: &PublicTable,
    statement: Statement,
) -> Result<HexBytes<32>, Rejection> {
    let key = request.key;
    let commitment = field::from_be_bytes(&request.commitment.0)
        .ok_or(Rejection::CommitmentRange(request.commitment))?;
    check_claims(file, request, statement)?;
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
    check_terms(file, statement)?;
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
    let too_large = |source| Rejection::TableSize { shape, source };
    let columns = match statement {
        Statement::Solvency => solvency_instance(shape, table, commitment, context_scalar)
            .map_err(|error| match error {
                InstanceError::Table(source) => too_large(source),
                InstanceError::Engine(source) => Rejection::Branches(source),
                InstanceError::Disclosure(error) => Rejection::Disclosure(error),
                _ => Rejection::Proof,
            })?,
        _ => {
            let columns = table.instance_columns(shape).map_err(too_large)?;
            let terms = file.terms();
            let first = header(shape, table, digest, commitment, context_scalar, &terms)?;
            std::iter::once(first).chain(columns).collect()
        }
    };
    check_proof(key, &columns, &file.proof.0)?;
    Ok(context)
}

/// What the file says of itself, held against the caller's statement, key and commitment.
fn check_claims(
    file: &ProofFile,
    request: &Request<'_>,
    statement: Statement,
) -> Result<(), Rejection> {
    let key = request.key;
    if file.statement != statement {
        return Err(Rejection::OtherStatement {
            proof: file.statement,
            expected: statement,
        });
    }
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
    Ok(())
}

/// Terms that can be terms; none beside a proof of solvency, which is not bound to any.
fn check_terms(file: &ProofFile, statement: Statement) -> Result<(), Rejection> {
    if statement == Statement::Solvency {
        let claimed = [
            ("repay", file.repay.is_some()),
            ("incentive_rate", file.incentive_rate.is_some()),
            ("exposures", file.exposures.is_some()),
        ];
        return match claimed.into_iter().find(|(_, there)| *there) {
            Some((field, _)) => Err(Rejection::HealthTerms { field }),
            None => Ok(()),
        };
    }
    for (field, negative) in [
        ("repay", file.repay.is_some_and(|v| v.units() < 0)),
        (
            "incentive_rate",
            file.incentive_rate.is_some_and(|v| v.units() < 0),
        ),
    ] {
        if negative {
            return Err(Rejection::Terms { field });
        }
    }
    Ok(())
}

/// Verifies proof bytes against instance columns: exact lengths, the table's digest in the header, then the pairing.
///
/// The backend neither checks nor absorbs the columns' lengths and ignores trailing bytes, so
/// both are checked here. The transcript holds the table by its digest alone ([`HeaderTranscript`]).
///
/// # Errors
/// [`Rejection::InstanceLength`], [`Rejection::ProofLength`], [`Rejection::TableDigest`] or [`Rejection::Proof`].
pub fn check_proof(key: &VerifyingKey, columns: &[Vec<Fr>], proof: &[u8]) -> Result<(), Rejection> {
    check_lengths(key, columns, proof)?;
    let (header, table) = columns.split_first().ok_or(Rejection::TableDigest)?;
    let digest = digest_scalar(columns_digest(table));
    if header.get(digest_row(key.statement())) != Some(&digest) {
        return Err(Rejection::TableDigest);
    }
    let params = key.backend_params();
    let columns = public_inputs(columns);
    let mut transcript = HeaderTranscript::new(proof, &columns);
    verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        params,
        key.backend(),
        SingleStrategy::new(params),
        &[&columns],
        &mut transcript,
    )
    .map_err(|_| Rejection::Proof)
}

/// What the backend is given of instance columns: the header, and the table without the zero rows at its end, which
/// changes no polynomial.
pub fn public_inputs(columns: &[Vec<Fr>]) -> Vec<&[Fr]> {
    let Some((header, table)) = columns.split_first() else {
        return Vec::new();
    };
    std::iter::once(header.as_slice())
        .chain(used_rows(table))
        .collect()
}

fn check_lengths(key: &VerifyingKey, columns: &[Vec<Fr>], proof: &[u8]) -> Result<(), Rejection> {
    for column in 0..1 + TABLE_COLUMNS {
        let expected = if column == 0 {
            match key.statement() {
                Statement::Solvency => SOLVENCY_HEADER_ROWS,
                _ => header_rows(key.shape()),
            }
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
    Ok(())
}
