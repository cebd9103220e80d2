//! Times: RFC 3339 in UTC, whole seconds, in one spelling.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroize;

/// Seconds of the year that turns time into volatility time (365 days).
pub const SECONDS_PER_YEAR: u64 = 365 * 86_400;

/// The last second of the year 9999 that the time library knows.
const LAST: i64 = 253_402_207_200;

/// A whole second since 1970-01-01T00:00:00Z, from 0 to the end of the year 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
pub struct Time(i64);

/// Not an RFC 3339 time in UTC with whole seconds, from 1970 on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an RFC 3339 time in UTC with whole seconds, such as 2026-12-25T08:00:00Z")]
pub struct TimeError(String);

impl Time {
    /// The time `seconds` after the epoch; `None` outside 1970..=9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        (0..=LAST).contains(&seconds).then_some(Self(seconds))
    }

    /// So many seconds later, at most the last time there is.
    pub fn plus(self, seconds: u32) -> Self {
        Self((self.0 + i64::from(seconds)).min(LAST))
    }

    /// The current time.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_second().max(0))
    }

    /// Seconds since the epoch, below 2^38.
    pub const fn unix(self) -> i64 {
        self.0
    }
}

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let error = || TimeError(text.chars().take(40).collect());
        let stamp: jiff::Timestamp = text.parse().map_err(|_| error())?;
        // The parser also reads other notations, and the leap second as the second before it.
        Self::from_unix(stamp.as_second())
            .filter(|time| time.to_string() == text)
            .ok_or_else(error)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}s after 1970", self.0),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
            "description": "RFC 3339 in UTC, whole seconds, such as 2026-12-25T08:00:00Z",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_no_further_than_the_last() {
        let last = Time::from_unix(LAST).expect("the last");
        assert_eq!(Time::from_unix(LAST - 1).map(|t| t.plus(1)), Some(last));
        assert_eq!(last.plus(u32::MAX), last);
        assert_eq!(Time::from_unix(LAST + 1), None);
    }

    #[test]
    fn round_trips_and_refuses_every_other_spelling() {
        let text = "2026-12-25T08:00:00Z";
        let time: Time = text.parse().expect("valid");
        assert_eq!(time.unix(), 1_798_185_600);
        assert_eq!(time.to_string(), text);
        for bad in [
            "2026-12-25T08:00:00.5Z",
            "2026-12-25T08:00:00+01:00",
            "1969-12-31T23:59:59Z",
            "soon",
            // Other spellings of a time that has one.
            "2026-12-25T08:00:00.0Z",
            "2026-12-25t08:00:00z",
            "2026-12-25 08:00:00Z",
            "2026-12-25T08:00Z",
            "2026-12-25T08Z",
            "20261225T080000Z",
            "+002026-12-25T08:00:00Z",
            "2016-12-31T23:59:60Z",
        ] {
            assert_eq!(bad.parse::<Time>(), Err(TimeError(bad.to_owned())));
        }
    }
}
