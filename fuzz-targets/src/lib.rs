//! What the fuzz targets check: one function a target, from bytes to a panic where a property is broken.
//!
//! The targets of `fuzz/` call these under libFuzzer; `tests/replay.rs` runs the committed corpora through them on the
//! stable toolchain. A body never returns an error: whatever a parser refuses is a pass, whatever it accepts has to
//! keep its promises. `docs/campaigns/fuzz.md` says what each target asserts.

mod documents;
mod edits;
mod evaluate;
mod files;
mod honest;
mod input;
pub mod seeds;
mod targets;

pub use targets::{TARGETS, Target, target};
