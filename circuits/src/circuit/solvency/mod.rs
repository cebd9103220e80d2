//! The solvency statement: I know an opening of this commitment, and under every branch of the policy
//! equity - epsilon >= requirement.

mod assembly;
mod base;
mod charge;
mod circuit;
mod claim;
mod expiry;
mod header;
mod number;
mod options;
mod poles;
mod position;
mod run;
mod skew;
mod slack;
#[cfg(test)]
mod tests;
mod verdict;
mod witness;

pub use circuit::{SolvencyCircuit, SolvencyConfig};
pub(super) use header::TABLE_DIGEST as DIGEST_ROW;
pub use header::{ROWS as SOLVENCY_HEADER_ROWS, header as solvency_header, solvency_instance};
pub use witness::SolvencyWitness;
