//! zkmargin prover: parameters, keys, proofs.

pub mod atomic;
mod key_file;
pub mod keys;
pub mod params;
pub mod plonk;
mod prove;

pub use keys::{KeyFileError, ProvingKey};
pub use params::{Origin, Params};
pub use prove::{Proof, ProveError, Prover, prove};
