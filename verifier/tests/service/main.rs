//! What a service asks of a proof before it acts: every reason to refuse it, each by its own error, with real proofs; and that
//! an eligibility is spent once.

mod consumption;
mod contexts;
mod health;
mod instances;
#[expect(dead_code, reason = "its `main` is not called here")]
#[path = "../../examples/liquidator.rs"]
mod liquidator;
mod markets;
mod support;
mod watching;
