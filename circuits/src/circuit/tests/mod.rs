//! Malicious provers against the statement, on the small shape under the mock prover; [`forgeries`]
//! draws them at random in every shape.
//!
//! Two ways to cheat: traces of the witness that are forged, so that every cell that follows is
//! consistent with the lie; and a [`Plan`](zkmargin_tamper::Plan), which overwrites single cells,
//! named by [`rows`].
//! Every test names the exact constraint, lookup or copy that stops the attack.

mod account;
mod accounts;
mod bounds;
pub(super) mod costs;
mod exposure_rows;
mod exposures;
pub(super) mod forgeries;
pub(super) mod harness;
mod inputs;
mod market;
pub(super) mod policies;
mod pricing;
mod random;
mod rows;
mod run_out;
mod sweep;
mod tags;
mod terms;
