//! What a stranger may hand to the verifier, one trap a module: every test names the exact
//! refusal.

mod batch;
mod check_proof;
mod degree;
mod fields;
mod goldens;
mod health;
mod key_file;
mod levels;
mod proof_file;
mod queries;
mod support;
mod verify;
