//! The solvency statement: I know an opening of this commitment, and under every branch of the policy
//! equity - epsilon >= requirement.

mod circuit;
mod header;
mod witness;

pub use circuit::{SolvencyCircuit, SolvencyConfig};
pub use header::solvency_instance;
pub use witness::SolvencyWitness;
