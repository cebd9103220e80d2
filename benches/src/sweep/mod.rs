//! Other layouts of the statements' circuits, and what proofs of them cost: how the columns in use were chosen, to be repeated.
//!
//! ```text
//! needs    rows by lane, limbs, tables        of a statement's shape, from a synthesis
//! layout   lanes, limb columns, k, degree     those that hold the needs
//! deal     the rows on other columns          with their values, lookups and copies
//! design   gates and lookups there
//! circuit  all of it as a circuit, proved with the project's prover
//! ```

pub mod circuit;
pub mod cost;
mod deal;
pub mod design;
pub mod image;
pub mod layout;
mod lower;
pub mod measure;
pub mod needs;
mod replay;
#[cfg(test)]
mod tests;
