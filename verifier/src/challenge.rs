//! The public table's part in a proof's check, evaluated once at the point that the proof is opened at.
//!
//! Of an instance column the backend needs one number: its value `sum c_i L_i(x)` at the last challenge before the proof's evaluations.
//! It takes a power of omega for every row to get there, anew for each proof. A column of one row has the same value if that row
//! is
//!
//! ```text
//! sum c_i L_i(x) / L_0(x)  =  sum c_i w^i (x - 1) / (x - w^i)          w: omega, n-th root of unity
//! ```
//! so that is what it is given, of the header as of the table. What the transcript absorbs does not depend on it: the header's own
//! cells, behind the key's digest ([`Watched`]), and none of the table's ([`HeaderTranscript`]). So x is the same whatever the backend
//! is given: a first reading of the proof, which stops at its evaluations, finds it, and the second one must come by the same.

use std::{cell::Cell, io};

use ff::BatchInvert;
use halo2_proofs::{
    plonk,
    poly::Rotation,
    transcript::{EncodedChallenge, Transcript, TranscriptRead},
};
use halo2curves::bn256::{Fr, G1Affine};
use snark_verifier::system::halo2::transcript::evm::ChallengeEvm;

use crate::HeaderTranscript;

type Challenge = ChallengeEvm<G1Affine>;

/// What a reading of a proof has come by.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    last: Cell<Option<Fr>>,
    point: Cell<Option<Fr>>,
}

impl Seen {
    /// The last challenge before the first scalar of the proof: where its polynomials are opened.
    pub fn point(&self) -> Option<Fr> {
        self.point.get()
    }
}

/// The transcript of a header, whatever instance cells the backend is given; it takes note of the point.
#[derive(Debug)]
pub(crate) struct Watched<'s, S> {
    inner: HeaderTranscript<S>,
    seen: &'s Seen,
    /// The header, until it is absorbed.
    header: Option<&'s [Fr]>,
    /// Cells still to come that the backend is given.
    given: usize,
    stops: bool,
}

impl<'s, S> Watched<'s, S> {
    /// Reads on; the backend is given so many cells.
    pub fn new(stream: S, header: &'s [Fr], given: usize, seen: &'s Seen) -> Self {
        Self {
            inner: HeaderTranscript::new(stream, &[header]),
            seen,
            header: Some(header),
            given,
            stops: false,
        }
    }

    /// Ends with an error where the point is known; the backend is given no cell.
    pub fn stopping(stream: S, header: &'s [Fr], seen: &'s Seen) -> Self {
        Self {
            stops: true,
            ..Self::new(stream, header, 0, seen)
        }
    }
}

impl<S> Transcript<G1Affine, Challenge> for Watched<'_, S> {
    fn squeeze_challenge(&mut self) -> Challenge {
        let challenge = self.inner.squeeze_challenge();
        self.seen.last.set(Some(challenge.get_scalar()));
        challenge
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        // The key's digest comes first, the header behind it.
        if let Some(header) = self.header.take() {
            self.inner.common_scalar(scalar)?;
            let mut header = header.iter();
            return header.try_for_each(|cell| self.inner.common_scalar(*cell));
        }
        if self.given > 0 {
            self.given -= 1;
            return Ok(());
        }
        self.inner.common_scalar(scalar)
    }
}

impl<S: io::Read> TranscriptRead<G1Affine, Challenge> for Watched<'_, S> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        self.inner.read_point()
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        if self.seen.point.get().is_none() {
            self.seen.point.set(self.seen.last.get());
        }
        if self.stops {
            return Err(io::Error::other("the point is known"));
        }
        self.inner.read_scalar()
    }
}

/// What one row has to be for a column's value at `x`, for each of the columns; `None` at a root of unity, where no honest
/// proof is opened. `omega` is the domain's root.
pub(crate) fn one_row(omega: Fr, columns: &[&[Fr]], x: Fr) -> Option<Vec<Fr>> {
    let rows = columns.iter().map(|column| column.len()).max()?;
    let powers = std::iter::successors(Some(Fr::one()), |power| Some(power * omega));
    let powers: Vec<Fr> = powers.take(rows).collect();
    let mut weights: Vec<Fr> = powers.iter().map(|power| x - power).collect();
    if weights.contains(&Fr::zero()) {
        return None;
    }
    weights.iter_mut().batch_invert();
    for (weight, power) in weights.iter_mut().zip(&powers) {
        *weight *= power * (x - Fr::one());
    }
    let value = |column: &&[Fr]| {
        let cells = column.iter().zip(&weights);
        let cells = cells.filter(|(cell, _)| **cell != Fr::zero());
        cells.map(|(cell, weight)| cell * weight).sum()
    };
    Some(columns.iter().map(value).collect())
}

/// Whether every instance column is read at the point itself and nowhere beside it.
pub(crate) fn reads_at_point(vk: &plonk::VerifyingKey<G1Affine>) -> bool {
    let mut queries = vk.cs().instance_queries().iter();
    queries.all(|(_, rotation)| *rotation == Rotation::cur())
}

#[cfg(test)]
mod tests {
    use ff::Field;
    use halo2_proofs::poly::EvaluationDomain;
    use rand_core::OsRng;

    use super::*;

    fn random(count: usize) -> Vec<Fr> {
        (0..count).map(|_| Fr::random(OsRng)).collect()
    }

    #[test]
    fn a_column_and_its_one_row_have_the_same_value() {
        let domain = EvaluationDomain::<Fr>::new(3, 7);
        let columns = [random(1), random(100), random(0), random(128)];
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        for _ in 0..20 {
            let x = Fr::random(OsRng);
            let basis = domain.l_i_range(x, x.pow([128]), 0..128);
            let rows = one_row(domain.get_omega(), &columns, x).expect("is no root");
            for (column, row) in columns.iter().zip(rows) {
                let value: Fr = column.iter().zip(&basis).map(|(cell, l)| cell * l).sum();
                assert_eq!(row * basis[0], value);
            }
        }
    }

    #[test]
    fn at_a_root_of_unity_there_is_none() {
        let omega = EvaluationDomain::<Fr>::new(3, 7).get_omega();
        let column = random(5);
        for root in [Fr::one(), omega, omega.pow([4])] {
            assert_eq!(one_row(omega, &[&column], root), None);
        }
        assert!(one_row(omega, &[&column], omega.pow([5])).is_some());
    }
}
