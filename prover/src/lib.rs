//! zkmargin prover.

pub mod atomic;
pub mod params;
