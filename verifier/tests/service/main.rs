//! What a service asks of a proof before it acts: every reason to refuse it, each by its own error, with real proofs; and that
//! an eligibility is spent once.

mod consumption;
mod contexts;
mod health;
mod instances;
mod markets;
mod support;
