//! The files: account, snapshot, policy, context. Decimals are strings, times RFC 3339 in UTC.
//!
//! Parsing refuses unknown fields; [`validate`](Account::validate) refuses values that the
//! circuit cannot hold, naming the field.

mod account;
mod context;
mod decimal;
mod limits;
mod load;
mod policy;
mod snapshot;
mod symbol;
mod time;
mod version;

pub use account::{
    Account, Collateral, Future, OptionStrike, PerpetualOption, PerpetualStyle, PowerPerpetual,
    Salt, VarianceKind, VarianceSwap,
};
pub use context::Context;
pub use decimal::{
    DecimalError, Discount, Dollars, Fixed, Money, ONE, PLACES, Price, Quantity, Rate,
};
pub use limits::{
    CASH_BITS, GREATEST_EXPOSURE_TICK, LEAST_DISCOUNT, LEAST_EXPOSURE_TICK, LEAST_FUNDING_DAYS,
    LEAST_PERPETUAL_VOL, LEAST_YEARLY_RATE, MAX_ORACLES, MAX_SCENARIOS, MAX_SIGNATURES,
    MOST_YEARLY_RATE, SIZE_BITS, ValueError,
};
pub use load::{LoadError, MAX_FILE_BYTES, open_regular, parse_json, read_bounded, read_json};
pub use policy::{
    Basis, ConfidenceCharge, ConfidenceLimit, Contingencies, DeltaCharge, Disclosure,
    DisclosureLevel, DiscountSide, Factors, FutureCharge, FuturePrice, Haircut, HeartbeatRule,
    Illiquidity, Incentive, LongOptions, Netting, OracleRule, Peg, Policy, Provision, Ramp, Rates,
    Scenario, ShortOption, Skew, SkewCap, SolvencyRamp, StaticDiscount, VolMove, VolShock,
    VolatilityTrigger,
};
pub use snapshot::{
    Asset, Everlasting, Expiry, OracleSignature, Perpetual, PerpetualAmerican, PowerMarket,
    Protocol, SmileNode, Snapshot, Stable, VarianceMarket,
};
pub use symbol::{HexBytes, HexError, MAX_SYMBOL, Symbol, SymbolError};
pub use time::{SECONDS_PER_YEAR, Time, TimeError};
pub use version::Version;
