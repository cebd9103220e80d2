//! zkmargin verifier: checks a proof file as a stranger would, from public files alone.
//!
//! It rebuilds the public table from snapshot and policy, takes nothing from the proof file on
//! trust, and answers an [`Eligibility`] ([`verify`]) or a [`Health`] ([`verify_health`]), or a typed [`Rejection`]. A
//! proof of one statement is never taken for the other.

mod backend;
pub mod batch;
mod constraints;
mod equations;
pub mod heartbeat;
pub mod key;
mod lagrange;
pub mod opening;
pub mod oracle;
pub mod packing;
mod proof;
mod ready;
pub mod registry;
mod rejection;
mod service;
pub mod solidity;
pub mod srs;
mod transcript;
mod verify;

pub use backend::{check_proof, public_inputs};
pub use batch::{verify_batch, verify_health_batch};
pub use heartbeat::{Heartbeat, HeartbeatError, Liveness};
pub use key::VerifyingKey;
pub use proof::{MAX_PROOF_FILE_BYTES, ProofBytes, ProofFile, ProofFileError, ProofKind};
pub use ready::Market;
pub use rejection::Rejection;
pub use service::{Costs, Verifier};
pub use transcript::HeaderTranscript;
pub use verify::{Eligibility, Health, Request, verify, verify_health};
