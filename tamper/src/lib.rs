//! A tamper harness for halo2 circuits.
//!
//! | piece | does |
//! |---|---|
//! | [`Image`] | replays a synthesis and keeps all it assigns: cells, selectors, copies |
//! | [`Tampered`] | the same circuit with cells forged and copies cut, for any backend: recorder, mock prover, key generation, prover |
//! | [`Judge`] | says which gates, lookups and copies a change breaks, in microseconds |
//! | [`Adversary`] | repairs what a forgery breaks, until only the constraint under attack is left |
//! | [`Live`], [`Structure`], [`unlinked`] | what nothing reads, what nothing switches on, what is equal but not linked |
//! | [`campaign`] | every cell, every copy, every constraint |
//!
//! It works with any `Circuit<F>` of one phase in the halo2-axiom line. `tests/orchard.rs` shows
//! it at work on a circuit with a value assigned again where it should have been copied.

mod adversary;
pub mod campaign;
mod cell;
mod expression;
mod image;
mod judge;
mod mock;
mod program;
mod structure;
mod tampered;

pub use adversary::{Adversary, Attack};
pub use cell::{Cell, Kind};
pub use image::{CaptureError, Image, Values};
pub use judge::{Constraint, Failure, Index, Judge};
pub use mock::mock_name;
pub use structure::{Live, Structure, rows_needed, support, unlinked};
pub use tampered::{Plan, Tampered};
