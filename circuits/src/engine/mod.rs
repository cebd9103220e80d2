//! The native integer engine: the bit-exact twin of the circuits.
//!
//! Every integer here is the content of a cell, so the circuits copy the engine's traces
//! instead of computing a second time.

pub mod exposure;
mod greeks;
pub mod linear;
pub mod moved;
pub mod option;
pub mod perpetual;
mod portfolio;
mod report;
pub mod run;
pub mod solvency;
mod terms;
pub mod underlying;

pub use exposure::Exposure;
pub use greeks::{Greeks, TotalGreeks, VarianceState};
pub use linear::{AssetTrace, FutureTrace, SwapTrace};
pub use moved::MovedTrace;
pub use perpetual::{PerpetualMarketTrace, PerpetualTrace};
pub use portfolio::{
    DROPPED_BITS, EngineError, OptionTrace, Portfolio, SCALE_BITS, Totals, UNIT_BITS, cash_unit,
    option_unit,
};
pub use report::{
    CollateralMix, Contingencies, Contingency, Decider, PositionKind, PositionReport, Report,
    ScenarioReport, Verdict,
};
pub use run::RunTrace;
pub use solvency::Solvency;
pub use terms::{
    LiquidationTrace, TERM_BITS, Terms, ceil, charge_unit, equity_unit, floor, quantum,
};
pub use underlying::{ExposureTerms, UnderlyingTrace};
