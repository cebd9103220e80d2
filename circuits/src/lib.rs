//! zkmargin circuits.

pub mod poseidon;
