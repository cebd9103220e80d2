//! Slot keys: an asset, and what of it a slot holds.

use std::fmt;

use crate::model::{Rate, Symbol, Time};

/// What a perpetual option's group prices: both sides of an everlasting option, one side of an American one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PerpetualSide {
    /// Calls and puts, with the funding period in units of 1e-8 days.
    Everlasting(i64),
    /// Calls.
    AmericanCall,
    /// Puts.
    AmericanPut,
}

impl PerpetualSide {
    /// Which sizes a slot may hold, in the circuit's code: 0 both, 1 calls only, 2 puts only (3, for padding, none).
    pub const fn mask(self) -> i128 {
        match self {
            Self::Everlasting(_) => 0,
            Self::AmericanCall => 1,
            Self::AmericanPut => 2,
        }
    }

    /// What tells the sides of one asset apart in a slot key; below 2^40.
    const fn code(self) -> u64 {
        match self {
            Self::Everlasting(units) => (1 << 38) + units.unsigned_abs(),
            Self::AmericanCall => 2 << 38,
            Self::AmericanPut => 3 << 38,
        }
    }
}

/// What a swap slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SwapKind {
    /// A power perpetual: spot squared.
    Power,
    /// A variance swap from start to end, in minutes.
    Variance(i64, i64),
    /// A volatility swap from start to end, in minutes.
    Volatility(i64, i64),
}

impl SwapKind {
    /// The strike counts by its square.
    pub const fn squared(self) -> bool {
        matches!(self, Self::Variance(..))
    }

    /// What tells the swaps of one asset apart in a slot key; below 2^64.
    const fn code(self) -> u64 {
        let (kind, start, end) = match self {
            Self::Power => (1, 0, 0),
            Self::Variance(start, end) => (2, start, end),
            Self::Volatility(start, end) => (3, start, end),
        };
        (kind << 62) + (start.unsigned_abs() << 31) + end.unsigned_abs()
    }
}

/// `symbol code 2^40 + expiry`: below 2^96.
pub fn slot_key(asset: Symbol, expiry: Option<Time>) -> u128 {
    (u128::from(asset.code()) << 40) + expiry.map_or(0, |t| t.unix().unsigned_abs().into())
}

/// `symbol code 2^40 + side`: below 2^96.
pub fn perpetual_key(asset: Symbol, side: PerpetualSide) -> u128 {
    (u128::from(asset.code()) << 40) + u128::from(side.code())
}

/// `symbol code 2^64 + kind 2^62 + start 2^31 + end`, times in minutes: below 2^120.
pub fn swap_key(asset: Symbol, kind: SwapKind) -> u128 {
    (u128::from(asset.code()) << 64) + u128::from(kind.code())
}

impl fmt::Display for PerpetualSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everlasting(units) => {
                write!(f, "everlasting, {} days", Rate::from_units(*units))
            }
            Self::AmericanCall => f.write_str("American call"),
            Self::AmericanPut => f.write_str("American put"),
        }
    }
}

impl fmt::Display for SwapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |minutes: &i64| Time::from_unix(minutes * 60).map(|t| t.to_string());
        let (kind, start, end) = match self {
            Self::Power => return f.write_str("power perpetual"),
            Self::Variance(start, end) => ("variance", start, end),
            Self::Volatility(start, end) => ("volatility", start, end),
        };
        let (start, end) = (
            time(start).unwrap_or_default(),
            time(end).unwrap_or_default(),
        );
        write!(f, "{kind} {start} to {end}")
    }
}

/// The symbol of a code.
fn symbol(code: u64) -> String {
    let bytes = code.to_be_bytes().into_iter();
    bytes.filter(|&b| b != 0).map(char::from).collect()
}

/// Asset and expiry of a [`slot_key`], for people.
pub(crate) fn describe_slot(key: u128) -> String {
    let symbol = symbol((key >> 40) as u64);
    let seconds = (key & ((1 << 40) - 1)) as i64;
    let expiry = Time::from_unix(seconds).filter(|_| seconds != 0);
    expiry.map_or_else(|| symbol.clone(), |t| format!("{symbol} {t}"))
}

/// Asset and side of a [`perpetual_key`], for people.
pub(crate) fn describe_perpetual(key: u128) -> String {
    let units = (key & ((1 << 38) - 1)) as i64;
    let side = match (key >> 38) & 3 {
        2 => PerpetualSide::AmericanCall,
        3 => PerpetualSide::AmericanPut,
        _ => PerpetualSide::Everlasting(units),
    };
    format!("{} ({side})", symbol((key >> 40) as u64))
}

/// Asset and kind of a [`swap_key`], for people.
pub(crate) fn describe_swap(key: u128) -> String {
    let minutes = |shift: u32| ((key >> shift) & ((1 << 31) - 1)) as i64;
    let kind = match (key >> 62) & 3 {
        2 => SwapKind::Variance(minutes(31), minutes(0)),
        3 => SwapKind::Volatility(minutes(31), minutes(0)),
        _ => SwapKind::Power,
    };
    format!("{} ({kind})", symbol((key >> 64) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back() {
        let asset: Symbol = "wstETH".parse().expect("a symbol");
        let time: Time = "2026-12-25T08:00:00Z".parse().expect("a time");
        assert_eq!(describe_slot(slot_key(asset, None)), "wstETH");
        let key = slot_key(asset, Some(time));
        assert_eq!(describe_slot(key), "wstETH 2026-12-25T08:00:00Z");
        for (side, text) in [
            (
                PerpetualSide::Everlasting(36_500_000_000),
                "wstETH (everlasting, 365 days)",
            ),
            (PerpetualSide::AmericanCall, "wstETH (American call)"),
            (PerpetualSide::AmericanPut, "wstETH (American put)"),
        ] {
            assert_eq!(describe_perpetual(perpetual_key(asset, side)), text);
        }
        let end = time.unix() / 60;
        for (kind, text) in [
            (SwapKind::Power, "wstETH (power perpetual)"),
            (
                SwapKind::Variance(0, end),
                "wstETH (variance 1970-01-01T00:00:00Z to 2026-12-25T08:00:00Z)",
            ),
            (
                SwapKind::Volatility(60, end),
                "wstETH (volatility 1970-01-01T01:00:00Z to 2026-12-25T08:00:00Z)",
            ),
        ] {
            assert_eq!(describe_swap(swap_key(asset, kind)), text);
        }
    }
}
