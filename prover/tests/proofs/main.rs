//! Keys and proofs, and every error by name.

mod error_variants;
mod errors;
mod proof;
mod proving_key;
mod solvency;
