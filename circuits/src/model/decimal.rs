//! Exact decimals: an integer count of `10^-PLACES`, written as a string in JSON.
//!
//! No binary float touches a value that reaches a proof, so these types parse and print
//! digits only. Prices, quantities and money all have [`PLACES`] places.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::DefaultIsZeroes;

/// Decimal places of prices, quantities, money and rates.
pub const PLACES: u32 = 8;
/// Units per 1.0: `10^PLACES`.
pub const ONE: i64 = 100_000_000;

/// A decimal with `P` places, held as an integer of units `10^-P`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fixed<const P: u32>(i64);

/// USD per unit of an asset, 8 places.
pub type Price = Fixed<PLACES>;
/// Signed units of an asset or contract, 8 places.
pub type Quantity = Fixed<PLACES>;
/// Signed USD, 8 places.
pub type Money = Fixed<PLACES>;
/// Signed whole USD.
pub type Dollars = Fixed<0>;
/// A dimensionless rate, volatility, shock or weight, 8 places (0.01 is one per cent).
pub type Rate = Fixed<PLACES>;
/// A discount factor, 12 places.
pub type Discount = Fixed<12>;

/// Why a decimal string was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalError {
    /// Not of the form `-?digits[.digits]`.
    #[error("'{0}' is not a decimal number such as \"-12.5\"")]
    Syntax(String),
    /// More fraction digits than the field holds.
    #[error("'{value}' has more than {places} decimal places")]
    Places {
        /// The refused text.
        value: String,
        /// The most places allowed.
        places: u32,
    },
    /// Outside the 64-bit range of units.
    #[error("'{0}' is too large")]
    Range(String),
}

// `Zeroize`: balances and positions are decimals.
impl<const P: u32> DefaultIsZeroes for Fixed<P> {}

impl<const P: u32> Fixed<P> {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(10i64.pow(P));

    /// The decimal of `units * 10^-P`.
    pub const fn from_units(units: i64) -> Self {
        Self(units)
    }

    /// The integer number of units `10^-P`.
    pub const fn units(self) -> i64 {
        self.0
    }
}

impl<const P: u32> FromStr for Fixed<P> {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let syntax = || DecimalError::Syntax(text.chars().take(40).collect());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((w, f)) if !f.is_empty() => (w, f),
            Some(_) => return Err(syntax()),
            None => (digits, ""),
        };
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(syntax());
        }
        let too_long = || DecimalError::Range(text.chars().take(40).collect());
        if whole.len() > 20 {
            return Err(too_long());
        }
        let significant = fraction.trim_end_matches('0');
        if significant.len() > P as usize {
            return Err(DecimalError::Places {
                value: text.chars().take(40).collect(),
                places: P,
            });
        }
        let padded = format!("{whole}{significant:0<width$}", width = P as usize);
        let magnitude: i128 = padded.parse().map_err(|_| too_long())?;
        let signed = if negative { -magnitude } else { magnitude };
        i64::try_from(signed).map(Self).map_err(|_| too_long())
    }
}

impl<const P: u32> fmt::Display for Fixed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let one = 10u64.pow(P);
        let (whole, part) = (self.0.unsigned_abs() / one, self.0.unsigned_abs() % one);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{part:0>width$}", width = P as usize);
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl<const P: u32> fmt::Debug for Fixed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const P: u32> Serialize for Fixed<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const P: u32> Deserialize<'de> for Fixed<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<const P: u32> JsonSchema for Fixed<P> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Decimal{P}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": format!("A decimal with at most {P} places, as a string"),
            "pattern": format!("^-?[0-9]{{1,20}}(\\.[0-9]{{1,{P}}}0*)?$"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_is_not_a_plain_decimal() {
        for text in [
            "", "-", "1.", ".5", "1e3", "+1", "0x1", "1_000", " 1", "NaN",
        ] {
            assert_eq!(
                text.parse::<Price>(),
                Err(DecimalError::Syntax(text.to_owned())),
                "{text}"
            );
        }
        assert!(matches!(
            "0.123456789".parse::<Price>(),
            Err(DecimalError::Places { places: 8, .. })
        ));
        assert_eq!(
            "92233720368.54775808".parse::<Price>(),
            Err(DecimalError::Range("92233720368.54775808".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn prints_and_parses_every_value(units in any::<i64>()) {
            let value = Price::from_units(units);
            prop_assert_eq!(value.to_string().parse::<Price>(), Ok(value));
        }
    }
}
