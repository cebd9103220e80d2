//! zkmargin verifier: checks a proof file as a stranger would, from public files alone.
//!
//! It rebuilds the public table from snapshot and policy, takes nothing from the proof file on
//! trust, and answers an [`Eligibility`] or a typed [`Rejection`].

pub mod key;
mod proof;
pub mod srs;
mod verify;

pub use key::VerifyingKey;
pub use proof::{MAX_PROOF_FILE_BYTES, ProofBytes, ProofFile, ProofFileError, ProofKind};
pub use verify::{Eligibility, Rejection, Request, check_proof, verify};
