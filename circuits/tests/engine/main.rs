//! Files, public table, engine and statement, on samples and presets.

mod edges;
mod instruments;
mod liquidation;
mod margins;
mod policies;
mod policy_refusals;
mod reference;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
mod terms;
