//! zkmargin circuits: the model, the native integer engine and the circuits that mirror it.

pub mod certified;
pub mod circuit;
pub mod engine;
pub mod field;
pub mod math;
pub mod model;
pub mod poseidon;
pub mod public;
mod secret;
pub mod shape;
pub mod slots;
pub mod tables;
#[cfg(test)]
mod testing;
