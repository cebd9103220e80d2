//! Proof bytes against instance columns: what the backend checks, and what it does not.

use halo2_proofs::{
    plonk::verify_proof,
    poly::{
        VerificationStrategy,
        kzg::{
            commitment::KZGCommitmentScheme, multiopen::VerifierSHPLONK, strategy::SingleStrategy,
        },
    },
};
use halo2curves::bn256::{Bn256, Fr};
use zkmargin_circuits::{
    circuit::{SOLVENCY_HEADER_ROWS, digest_row, header_rows},
    public::{TABLE_COLUMNS, columns_digest, digest_scalar, used_rows},
    shape::Statement,
};

use crate::{
    Rejection, VerifyingKey,
    challenge::{self, Seen, Watched},
};

/// What becomes of a proof's last check, the pairing.
pub(crate) trait Strategy<'a>:
    VerificationStrategy<'a, KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'a, Bn256>>
{
}

impl<'a, S> Strategy<'a> for S where
    S: VerificationStrategy<'a, KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'a, Bn256>>
{
}

/// Verifies proof bytes against instance columns: exact lengths, the table's digest in the header, then the pairing.
///
/// The backend neither checks nor absorbs the columns' lengths and ignores trailing bytes, so
/// both are checked here. The transcript holds the table by its digest alone ([`HeaderTranscript`](crate::HeaderTranscript)).
///
/// # Errors
/// [`Rejection::InstanceLength`], [`Rejection::ProofLength`], [`Rejection::TableDigest`] or [`Rejection::Proof`].
pub fn check_proof(key: &VerifyingKey, columns: &[Vec<Fr>], proof: &[u8]) -> Result<(), Rejection> {
    let no_header = Rejection::InstanceLength {
        column: 0,
        expected: header_length(key),
        got: 0,
    };
    let (header, table) = columns.split_first().ok_or(no_header)?;
    check_header(key, header)?;
    check_table(key, table)?;
    check_bytes(key, proof)?;
    let digest = digest_scalar(columns_digest(table));
    if header.get(digest_row(key.statement())) != Some(&digest) {
        return Err(Rejection::TableDigest);
    }
    let strategy = SingleStrategy::new(key.backend_params());
    process(key, &public_inputs(columns), proof, strategy)
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

/// Reads a proof of the right length and hands its last check to the strategy.
///
/// # Errors
/// [`Rejection::Proof`].
pub(crate) fn process<'a, S>(
    key: &'a VerifyingKey,
    columns: &[&[Fr]],
    proof: &[u8],
    strategy: S,
) -> Result<S::Output, Rejection>
where
    S: Strategy<'a> + Send,
    S::Output: Send,
{
    // The backend hands many small pieces of work to the threads: from outside, each would be waited for anew.
    let mut output = Err(Rejection::Proof);
    rayon::scope(|_| output = read(key, columns, proof, strategy));
    output
}

fn read<'a, S: Strategy<'a>>(
    key: &'a VerifyingKey,
    columns: &[&[Fr]],
    proof: &[u8],
    strategy: S,
) -> Result<S::Output, Rejection> {
    let header = columns.first().ok_or(Rejection::Proof)?;
    let point = point(key, header, proof)?;
    let omega = key.backend().get_domain().get_omega();
    let rows = challenge::one_row(omega, columns, point).ok_or(Rejection::Proof)?;
    let rows: Vec<&[Fr]> = rows.iter().map(std::slice::from_ref).collect();
    let seen = Seen::default();
    let mut transcript = Watched::new(proof, header, rows.len(), &seen);
    let (params, vk) = (key.backend_params(), key.backend());
    let output = verify_proof(params, vk, strategy, &[&rows], &mut transcript);
    // The rows stand for header and table at this point and at no other.
    if seen.point() != Some(point) {
        return Err(Rejection::Proof);
    }
    output.map_err(|_| Rejection::Proof)
}

/// Where the proof is opened.
fn point(key: &VerifyingKey, header: &[Fr], proof: &[u8]) -> Result<Fr, Rejection> {
    if !challenge::reads_at_point(key.backend()) {
        return Err(Rejection::Proof);
    }
    let columns = [[].as_slice(); 1 + TABLE_COLUMNS];
    let seen = Seen::default();
    let mut transcript = Watched::stopping(proof, header, &seen);
    let (params, vk) = (key.backend_params(), key.backend());
    let strategy = SingleStrategy::new(params);
    // Ends where the point is known, or before.
    let _stopped = verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        params,
        vk,
        strategy,
        &[&columns],
        &mut transcript,
    );
    seen.point().ok_or(Rejection::Proof)
}

/// Rows of a key's header column.
fn header_length(key: &VerifyingKey) -> usize {
    match key.statement() {
        Statement::Solvency => SOLVENCY_HEADER_ROWS,
        _ => header_rows(key.shape()),
    }
}

/// The header column's length.
///
/// # Errors
/// [`Rejection::InstanceLength`].
pub(crate) fn check_header(key: &VerifyingKey, header: &[Fr]) -> Result<(), Rejection> {
    check_column(0, header_length(key), header.len())
}

fn check_table(key: &VerifyingKey, table: &[Vec<Fr>]) -> Result<(), Rejection> {
    for column in 0..TABLE_COLUMNS {
        let got = table.get(column).map_or(0, Vec::len);
        check_column(1 + column, key.shape().table_rows(), got)?;
    }
    match table.get(TABLE_COLUMNS) {
        // A column too many, be it empty.
        Some(extra) => Err(Rejection::InstanceLength {
            column: 1 + TABLE_COLUMNS,
            expected: 0,
            got: extra.len(),
        }),
        None => Ok(()),
    }
}

fn check_column(column: usize, expected: usize, got: usize) -> Result<(), Rejection> {
    if got == expected {
        return Ok(());
    }
    Err(Rejection::InstanceLength {
        column,
        expected,
        got,
    })
}

/// The proof's length.
///
/// # Errors
/// [`Rejection::ProofLength`].
pub(crate) fn check_bytes(key: &VerifyingKey, proof: &[u8]) -> Result<(), Rejection> {
    if proof.len() == key.proof_bytes() {
        return Ok(());
    }
    Err(Rejection::ProofLength {
        expected: key.proof_bytes(),
        got: proof.len(),
    })
}
