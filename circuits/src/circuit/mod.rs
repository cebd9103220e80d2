//! The circuits: one chip a file, the statement over them, its witness.

mod assembly;
mod black76;
mod holding;
mod linear;
mod liquidation;
mod ln;
mod lookup;
mod moved;
mod normal;
mod opening;
mod perpetual;
mod range;
mod sheet;
mod smile;
mod sums;
mod swap;
mod terms;
#[cfg(test)]
mod tests;
mod total;
mod witness;

pub use liquidation::{LiquidationCircuit, LiquidationConfig};
pub use opening::HEADER_ROWS;
pub use witness::{Witness, WitnessError, instance, with_header};

/// Degree of every circuit here. The backend caps the extended domain at this degree, so a
/// gate above it would give proofs that do not verify.
pub const MAX_DEGREE: usize = 5;
