//! Polynomials of one proof, their commitments and transforms.

use std::io;

use ff::{Field, FromUniformBytes};
use group::Curve;
use halo2_proofs::{
    poly::{EvaluationDomain, commitment::ParamsProver, kzg::commitment::ParamsKZG},
    transcript::{EncodedChallenge, TranscriptWrite},
};
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine};
use rand_core::{OsRng, RngCore};
use rayon::prelude::*;

use super::{
    Error,
    msm::{FixedBases, Points},
    program::Padded,
    transform::Transform,
};
use crate::params::lagrange_points;

/// The parameters' points, as commitments multiply them.
#[derive(Debug)]
pub struct Bases {
    /// For values on the domain.
    pub lagrange: FixedBases,
    /// For coefficients.
    pub powers: FixedBases,
    /// For those of a packed polynomial that no column has.
    pub more: Points,
}

impl Bases {
    /// The multiples of parameters' points: about 5 KiB a row.
    ///
    /// # Errors
    /// The backend's, if it cannot show its points.
    pub fn new(params: &ParamsKZG<Bn256>) -> io::Result<Self> {
        let lagrange = lagrange_points(params)?;
        Ok(Self {
            lagrange: FixedBases::new(&lagrange),
            powers: FixedBases::new(params.get_g()),
            more: Points::default(),
        })
    }

    /// With the powers of tau behind those that a column needs: for keys with packed polynomials.
    #[must_use]
    pub fn with_more(mut self, powers: &[G1Affine]) -> Self {
        self.more = Points::new(powers);
        self
    }
}

/// Parameters, domain and how far a column's cells are read beyond a block.
#[derive(Clone, Copy)]
pub(super) struct Space<'a> {
    /// None where nothing is committed to.
    pub bases: Option<&'a Bases>,
    pub domain: &'a EvaluationDomain<Fr>,
    pub transform: &'a Transform,
    pub pad: usize,
}

/// A column of values with its polynomial's coefficients.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub values: Vec<Fr>,
    pub coefficients: Vec<Fr>,
}

/// Overwrites a part of the witness, or what follows from it.
pub(crate) fn wipe(values: &mut [Fr]) {
    values.fill(Fr::ZERO);
    zeroize::optimization_barrier(values);
}

impl Drop for Column {
    fn drop(&mut self) {
        wipe(&mut self.values);
        wipe(&mut self.coefficients);
    }
}

/// `count` random scalars from the system's generator.
pub(super) fn random(count: usize) -> Vec<Fr> {
    // One request: the generator is a system call away.
    let mut bytes = vec![0; 64 * count];
    OsRng.fill_bytes(&mut bytes);
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().map(Fr::from_uniform_bytes).collect()
}

impl Space<'_> {
    /// Rows of a column.
    pub(super) fn rows(&self) -> usize {
        1 << self.domain.k()
    }

    /// Coefficients of a column's polynomial.
    pub(super) fn coefficients(&self, values: &[Fr]) -> Vec<Fr> {
        self.transform.coefficients(values)
    }

    /// Values on one of the cosets that make up the extended domain.
    pub(super) fn coset(&self, coefficients: &[Fr], part: usize) -> Padded {
        self.transform.coset(coefficients, part, self.pad)
    }

    /// Cosets of a part, of many polynomials.
    pub(super) fn cosets<'c>(
        &self,
        polynomials: impl IntoIterator<Item = &'c [Fr]>,
        part: usize,
    ) -> Vec<Padded> {
        let polynomials: Vec<&[Fr]> = polynomials.into_iter().collect();
        polynomials
            .into_par_iter()
            .map(|coefficients| self.coset(coefficients, part))
            .collect()
    }

    /// Commits to columns in their order, and writes the commitments.
    pub(super) fn commit<E, T>(
        &self,
        columns: Vec<Vec<Fr>>,
        transcript: &mut T,
    ) -> Result<Vec<Column>, Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWrite<G1Affine, E>,
    {
        let (points, columns) = self.committed(columns)?;
        write_points(&points, transcript)?;
        Ok(columns)
    }

    /// Commits to columns, side by side.
    pub(super) fn committed(&self, columns: Vec<Vec<Fr>>) -> Result<(Vec<G1>, Vec<Column>), Error> {
        let bases = self.bases.ok_or(Error::Opening)?;
        Ok(columns
            .into_par_iter()
            .with_max_len(1)
            .map(|values| {
                let point = bases.lagrange.multiply_serial(&values);
                let coefficients = self.coefficients(&values);
                let column = Column {
                    values,
                    coefficients,
                };
                (point, column)
            })
            .unzip())
    }

    /// A random polynomial with its commitment: what blinds the quotient.
    pub(super) fn blinder(&self) -> Result<(Vec<Fr>, G1), Error> {
        let bases = self.bases.ok_or(Error::Opening)?;
        let blinder = random(self.rows());
        let point = bases.powers.multiply_serial(&blinder);
        Ok((blinder, point))
    }

    /// The commitment to a polynomial's coefficients, a column's or a packed polynomial's, on all threads.
    pub(super) fn commit_coefficients(&self, coefficients: &[Fr]) -> Result<G1, Error> {
        let bases = self.bases.ok_or(Error::Opening)?;
        let (column, more) = coefficients
            .split_at_checked(self.rows())
            .unwrap_or((coefficients, &[]));
        Ok(bases.powers.multiply(column) + bases.more.multiply(more))
    }

    /// The commitments to some polynomials' coefficients, side by side.
    pub(super) fn commit_pieces(&self, pieces: &[&[Fr]]) -> Result<Vec<G1>, Error> {
        let bases = self.bases.ok_or(Error::Opening)?;
        let pieces = pieces.par_iter();
        Ok(pieces.map(|p| bases.powers.multiply_serial(p)).collect())
    }
}

/// Writes points in their order.
pub(super) fn write_points<E, T>(points: &[G1], transcript: &mut T) -> Result<(), Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let mut affine = vec![G1Affine::default(); points.len()];
    G1::batch_normalize(points, &mut affine);
    for point in affine {
        transcript.write_point(point)?;
    }
    Ok(())
}
