//! Proof bytes against instance columns: what is checked before the equations are, and the equations.

use group::{Curve, Group};
use halo2_proofs::arithmetic::best_multiexp;
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use pairing::{MillerLoopResult, MultiMillerLoop};
use zkmargin_circuits::{
    circuit::digest_row,
    public::{TABLE_COLUMNS, columns_digest, digest_scalar, used_rows},
};

use crate::{Rejection, VerifyingKey, equations::generator_g2, solidity::header_words};

/// Verifies proof bytes against instance columns: exact lengths, the table's digest in the header, then the equations.
///
/// Neither the transcript nor the equations know the columns' lengths, and trailing bytes would be ignored, so
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
    read(key, &public_inputs(columns), proof)?.check()
}

/// What the equations are given of instance columns: the header, and the table without the zero rows at its end, which
/// changes no polynomial.
pub fn public_inputs(columns: &[Vec<Fr>]) -> Vec<&[Fr]> {
    let Some((header, table)) = columns.split_first() else {
        return Vec::new();
    };
    std::iter::once(header.as_slice())
        .chain(used_rows(table))
        .collect()
}

/// The last equation of a proof, `e(F + u W', G2) = e(W', [tau]G2)`, of which the sum is not computed yet.
#[derive(Debug, Clone)]
pub(crate) struct Equation<'k> {
    key: &'k VerifyingKey,
    /// For each of the key's own points ([`VerifyingKey::own_points`]).
    of_key: Vec<Fr>,
    of_proof: Vec<(Fr, G1Affine)>,
    w_prime: G1Affine,
}

/// Reads a proof of the right length up to its last equation.
///
/// # Errors
/// [`Rejection::Proof`].
pub(crate) fn read<'k>(
    key: &'k VerifyingKey,
    columns: &[&[Fr]],
    proof: &[u8],
) -> Result<Equation<'k>, Rejection> {
    let read = key.equations().read(key, columns, proof);
    let (sum, terms) = read.ok_or(Rejection::Proof)?;
    let mut of_key = vec![sum.constant];
    // In the key's order: who is in no group, then the groups.
    for polynomial in key.alone() {
        let scalars = terms.of_key.iter().filter(|(p, _)| *p == polynomial);
        of_key.push(scalars.map(|(_, scalar)| scalar).sum());
    }
    of_key.extend(&sum.packed);
    Ok(Equation {
        key,
        of_key,
        of_proof: terms.of_proof,
        w_prime: sum.w_prime.1,
    })
}

impl<'k> Equation<'k> {
    /// The key that the proof is read with.
    pub fn key(&self) -> &'k VerifyingKey {
        self.key
    }

    /// Of this proof alone.
    ///
    /// # Errors
    /// [`Rejection::Proof`].
    pub fn check(&self) -> Result<(), Rejection> {
        match holds(&[(self, Fr::one())]) {
            true => Ok(()),
            false => Err(Rejection::Proof),
        }
    }
}

/// Whether equations of one tau hold together: their sum with these weights, one alone without. What is of a key is multiplied once.
pub(crate) fn holds(equations: &[(&Equation<'_>, Fr)]) -> bool {
    let Some((first, _)) = equations.first() else {
        return true;
    };
    let mut keys: Vec<(&VerifyingKey, Vec<Fr>)> = Vec::new();
    let (mut scalars, mut points) = (Vec::new(), Vec::new());
    let mut last = (Vec::new(), Vec::new());
    // One alone needs no weight.
    let one = [(*first, Fr::one())];
    let equations = match equations {
        [_] => &one,
        _ => equations,
    };
    for (equation, weight) in equations {
        let weighted = equation.of_key.iter().map(|scalar| scalar * weight);
        let same = |(key, _): &&mut (&VerifyingKey, _)| std::ptr::eq(*key, equation.key);
        match keys.iter_mut().find(same) {
            Some((_, sums)) => sums.iter_mut().zip(weighted).for_each(|(sum, s)| *sum += s),
            None => keys.push((equation.key, weighted.collect())),
        }
        for (scalar, point) in &equation.of_proof {
            scalars.push(scalar * weight);
            points.push(*point);
        }
        last.0.push(*weight);
        last.1.push(equation.w_prime);
    }
    for (key, sums) in keys {
        scalars.extend(sums);
        points.extend(key.points());
    }
    let left = best_multiexp(&scalars, &points);
    let right = match equations {
        [(only, _)] => only.w_prime.into(),
        _ => best_multiexp(&last.0, &last.1),
    };
    let tau_g2 = &first.key.equations().tau_g2;
    let pairs = [
        (&left.to_affine(), generator_g2()),
        (&(-right).to_affine(), tau_g2),
    ];
    Bn256::multi_miller_loop(&pairs)
        .final_exponentiation()
        .is_identity()
        .into()
}

/// Rows of a key's header column.
fn header_length(key: &VerifyingKey) -> usize {
    header_words(key.statement(), key.shape())
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
