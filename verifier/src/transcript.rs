//! The transcript of every proof: Keccak-256 as snark-verifier's Solidity recomputes it, over the header column alone.
//!
//! The backend absorbs every instance cell, thousands of them for the public table. The header holds the table's Keccak-256 digest, so
//! that the table's own cells add nothing: they are left out, here and on a chain. That binds the table only where digest and
//! columns are held against each other, which [`check_proof`](crate::check_proof) does before anything else.
//!
//! What is absorbed first is the verifying key's digest, then the header, then (left out) the table column by column.

use std::io;

use halo2_proofs::transcript::{Transcript, TranscriptRead, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use snark_verifier::{
    loader::native::NativeLoader,
    system::halo2::transcript::evm::{ChallengeEvm, EvmTranscript},
};

/// Keccak-256 over a stream of proof bytes.
type Evm<S> = EvmTranscript<G1Affine, NativeLoader, S, Vec<u8>>;
type Challenge = ChallengeEvm<G1Affine>;

/// A transcript that leaves the public table out.
#[derive(Debug)]
pub struct HeaderTranscript<S> {
    inner: Evm<S>,
    /// Scalars still to be absorbed before the table begins.
    before: usize,
    /// Cells of the table still to be left out.
    left_out: usize,
}

impl<S> HeaderTranscript<S> {
    /// For the instance columns that the backend is given: the header, then the table.
    pub fn new(stream: S, columns: &[&[Fr]]) -> Self {
        let (header, table) = match columns {
            [] => (0, 0),
            [header, table @ ..] => (header.len(), table.iter().map(|c| c.len()).sum()),
        };
        Self {
            inner: Evm::new(stream),
            before: 1 + header,
            left_out: table,
        }
    }
}

impl HeaderTranscript<Vec<u8>> {
    /// The proof.
    pub fn finalize(self) -> Vec<u8> {
        self.inner.finalize()
    }
}

impl<S> Transcript<G1Affine, Challenge> for HeaderTranscript<S> {
    fn squeeze_challenge(&mut self) -> Challenge {
        Transcript::<G1Affine, Challenge>::squeeze_challenge(&mut self.inner)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        Transcript::<G1Affine, Challenge>::common_point(&mut self.inner, point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        if self.before == 0 && self.left_out > 0 {
            self.left_out -= 1;
            return Ok(());
        }
        self.before = self.before.saturating_sub(1);
        Transcript::<G1Affine, Challenge>::common_scalar(&mut self.inner, scalar)
    }
}

impl<S: io::Read> TranscriptRead<G1Affine, Challenge> for HeaderTranscript<S> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        TranscriptRead::<G1Affine, Challenge>::read_point(&mut self.inner)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        TranscriptRead::<G1Affine, Challenge>::read_scalar(&mut self.inner)
    }
}

impl<S: io::Write> TranscriptWrite<G1Affine, Challenge> for HeaderTranscript<S> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        TranscriptWrite::<G1Affine, Challenge>::write_point(&mut self.inner, point)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        TranscriptWrite::<G1Affine, Challenge>::write_scalar(&mut self.inner, scalar)
    }
}
