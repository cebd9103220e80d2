//! zkmargin circuits: the model, the native integer engine and the circuits that mirror it.

pub mod field;
pub mod math;
pub mod model;
pub mod poseidon;
pub mod public;
pub mod tables;
