//! The statement of `benches/peers`, proved with this project's chips and prover: 32 option positions behind a commitment lose so much from
//! the base to the shocked market that cash less the loss is below a threshold.
//!
//! k = 11; six advice columns; two lookups, one into the function tables and one for ranges; degree 5.

mod circuit;
mod leg;
mod position;
mod price;
mod witness;

pub use circuit::{BookCircuit, K};
pub use witness::{Book, BookError};

use ff::Field;
use halo2_proofs::{
    plonk::{self, ProvingKey, keygen_pk2, verify_proof},
    poly::{
        commitment::ParamsProver as _,
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::VerifierSHPLONK,
            strategy::SingleStrategy,
        },
    },
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};
use zkmargin_prover::plonk::{Bases, Error, Prepared, create_proof};

/// Positions.
pub const SLOTS: usize = 32;

/// Parameters and keys of the circuit.
#[derive(Debug)]
pub struct BookKeys {
    params: ParamsKZG<Bn256>,
    bases: Bases,
    key: ProvingKey<G1Affine>,
    prepared: Prepared,
}

impl BookKeys {
    /// Fresh parameters, and keys of the circuit.
    ///
    /// # Errors
    /// The backend's refusal.
    pub fn new() -> Result<Self, Error> {
        let params = ParamsKZG::setup(K, OsRng);
        let key = keygen_pk2(&params, &BookCircuit::empty(), true)?;
        Ok(Self {
            bases: Bases::new(&params)?,
            prepared: Prepared::new(&key)?,
            params,
            key,
        })
    }

    /// One proof.
    ///
    /// # Errors
    /// The prover's.
    pub fn prove(&self, book: &Book) -> Result<Vec<u8>, Error> {
        let instance = book.instance();
        let columns: Vec<&[Fr]> = instance.iter().map(Vec::as_slice).collect();
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(Vec::new());
        let circuit = BookCircuit::with_book(book.clone());
        create_proof(
            &self.bases,
            &self.key,
            &self.prepared,
            circuit,
            &columns,
            &mut transcript,
        )?;
        Ok(transcript.finalize())
    }

    /// Checks a proof of that book's public inputs.
    ///
    /// # Errors
    /// The backend's refusal.
    pub fn verify(&self, book: &Book, proof: &[u8]) -> Result<(), plonk::Error> {
        let instance = book.instance();
        let columns: Vec<&[Fr]> = instance.iter().map(Vec::as_slice).collect();
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(proof);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            self.params.verifier_params(),
            self.key.get_vk(),
            SingleStrategy::new(&self.params),
            &[&columns],
            &mut transcript,
        )
    }

    /// Bytes of the verifying and of the proving key as the backend writes them.
    pub fn key_bytes(&self) -> [usize; 2] {
        let format = halo2_proofs::SerdeFormat::RawBytes;
        [
            self.key.get_vk().to_bytes(format).len(),
            self.key.to_bytes(format).len(),
        ]
    }
}

/// Zero, as padding.
const ZERO: Fr = Fr::ZERO;

#[cfg(test)]
mod tests;
