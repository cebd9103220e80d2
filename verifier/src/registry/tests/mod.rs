//! Every rule in both stores, the same answers from both, races of threads and processes, killed processes, files that are
//! no ledger or no more.
//!
//! The full counts of races and kills:
//! `ZKMARGIN_LEDGER_ROUNDS=100 cargo test --release -p zkmargin-verifier rounds -- --nocapture`

mod accounts;
mod children;
mod claims;
mod files;
mod kill;
mod race;
mod same_answers;
mod support;
mod values;
