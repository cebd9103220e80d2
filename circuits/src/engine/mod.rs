//! The native integer engine: the bit-exact twin of the circuits.
//!
//! Every integer here is the content of a cell, so the circuits copy the engine's traces
//! instead of computing a second time.

mod greeks;
pub mod option;
mod portfolio;
mod report;
mod terms;

pub use greeks::Greeks;
pub use portfolio::{
    EngineError, FutureTrace, LinearTrace, OptionTrace, Portfolio, SCALE_BITS, Totals,
};
pub use report::{PositionKind, PositionReport, Report, ScenarioReport, Verdict};
pub use terms::{LiquidationTrace, TERM_BITS, Terms, quantum};
