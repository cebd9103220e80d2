//! The native integer engine: the bit-exact twin of the circuits.
//!
//! Every integer here is the content of a cell, so the circuits copy the engine's traces
//! instead of computing a second time.

pub mod exposure;
mod greeks;
pub mod linear;
pub mod option;
pub mod perpetual;
mod portfolio;
mod report;
mod terms;

pub use exposure::{Exposure, ExposureTerms, UnderlyingTrace};
pub use greeks::{Greeks, TotalGreeks, VarianceState};
pub use linear::{AssetTrace, FutureTrace, SwapTrace};
pub use perpetual::{PerpetualMarketTrace, PerpetualTrace};
pub use portfolio::{
    DROPPED_BITS, EngineError, OptionTrace, Portfolio, SCALE_BITS, Totals, UNIT_BITS, cash_unit,
    option_unit,
};
pub use report::{PositionKind, PositionReport, Report, ScenarioReport, Verdict};
pub use terms::{LiquidationTrace, TERM_BITS, Terms, ceil, floor, quantum};
