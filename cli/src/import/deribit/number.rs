//! JSON numbers as exact decimals.
//!
//! The venue writes prices as bare JSON numbers, sometimes with an exponent. They are read from
//! their digits; a binary float would already have changed them. Rounding, where a value has more
//! places than the model holds, is half to even and happens once, at the end.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::value::RawValue;
use zkmargin_circuits::model::{Discount, Fixed, SECONDS_PER_YEAR};

/// Most significant digits of a number: leaves room for a product in 128 bits.
const MAX_DIGITS: usize = 28;
/// Places of the exponential series: 10^-18 a term against the 10^-12 of a discount.
const SERIES: i128 = 1_000_000_000_000_000_000;

/// mantissa x 10^exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact {
    mantissa: i128,
    exponent: i32,
}

impl Exact {
    /// Zero.
    pub(super) const ZERO: Self = Self {
        mantissa: 0,
        exponent: 0,
    };

    /// The number of a JSON number's text; `None` for anything else or beyond 28 digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (digits, power) = match rest.split_once(['e', 'E']) {
            Some((digits, power)) => (digits, power.parse::<i16>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let joined = format!("{whole}{fraction}");
        if whole.is_empty() || !joined.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let significant = joined.trim_start_matches('0').trim_end_matches('0');
        let zeros = joined.len() - joined.trim_end_matches('0').len();
        if significant.is_empty() {
            return Some(Self::ZERO);
        }
        if significant.len() > MAX_DIGITS {
            return None;
        }
        let magnitude: i128 = significant.parse().ok()?;
        let places = i32::try_from(fraction.len()).ok()?;
        Some(Self {
            mantissa: if negative { -magnitude } else { magnitude },
            exponent: i32::from(power) - places + i32::try_from(zeros).ok()?,
        })
    }

    /// The exact value of a fixed-point decimal.
    pub(super) fn of<const P: u32>(value: Fixed<P>) -> Self {
        Self {
            mantissa: i128::from(value.units()),
            exponent: -(P as i32),
        }
    }

    /// -1, 0 or 1.
    pub(super) fn signum(self) -> i128 {
        self.mantissa.signum()
    }

    /// The value times 10^power.
    pub(super) fn scaled(self, power: i32) -> Self {
        Self {
            mantissa: self.mantissa,
            exponent: self.exponent.saturating_add(power),
        }
    }

    /// The value with the other sign.
    pub(super) fn negated(self) -> Self {
        Self {
            mantissa: self.mantissa.saturating_neg(),
            exponent: self.exponent,
        }
    }

    /// The exact sum, if it fits.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        match (self.mantissa, other.mantissa) {
            (0, _) => return Some(other),
            (_, 0) => return Some(self),
            _ => {}
        }
        let exponent = self.exponent.min(other.exponent);
        let align = |x: Self| {
            x.mantissa
                .checked_mul(ten(x.exponent.checked_sub(exponent)?)?)
        };
        Some(Self {
            mantissa: align(self)?.checked_add(align(other)?)?,
            exponent,
        })
    }

    /// The exact product, if it fits.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        Some(Self {
            mantissa: self.mantissa.checked_mul(other.mantissa)?,
            exponent: self.exponent.checked_add(other.exponent)?,
        })
    }

    /// The value rounded half to even at `P` places, if it fits.
    pub(super) fn round<const P: u32>(self) -> Option<Fixed<P>> {
        self.over(Self {
            mantissa: 1,
            exponent: 0,
        })
    }

    /// The quotient rounded half to even at `P` places; `None` if it does not fit or on a zero
    /// divisor.
    pub(super) fn over<const P: u32>(self, divisor: Self) -> Option<Fixed<P>> {
        let shift = self
            .exponent
            .checked_sub(divisor.exponent)?
            .checked_add(P as i32)?;
        if self.mantissa == 0 && divisor.mantissa != 0 {
            return Some(Fixed::ZERO);
        }
        let (top, bottom) = if shift >= 0 {
            (self.mantissa.checked_mul(ten(shift)?)?, divisor.mantissa)
        } else {
            let bottom = match ten(-shift) {
                Some(power) => divisor.mantissa.checked_mul(power)?,
                None => return (divisor.mantissa != 0).then_some(Fixed::ZERO),
            };
            (self.mantissa, bottom)
        };
        i64::try_from(divide(top, bottom)?)
            .ok()
            .map(Fixed::from_units)
    }

    /// exp(-rate x seconds / 365 days) of this rate, rounded to 12 places; `None` where the
    /// exponent is beyond 0.69 in magnitude (a discount outside 0.5 to 2).
    pub(super) fn discount(self, seconds: i64) -> Option<Discount> {
        let time = Self {
            mantissa: i128::from(seconds),
            exponent: 18,
        };
        let year = Self {
            mantissa: i128::from(SECONDS_PER_YEAR),
            exponent: 0,
        };
        let x = i128::from(self.times(time)?.over::<0>(year)?.units());
        if x.abs() > SERIES / 100 * 69 {
            return None;
        }
        let (mut sum, mut term) = (SERIES, SERIES);
        for n in 1..=24 {
            term = -term * x / SERIES / n;
            sum += term;
        }
        Self {
            mantissa: sum,
            exponent: -18,
        }
        .round()
    }
}

/// 10^power, if it fits.
fn ten(power: i32) -> Option<i128> {
    10i128.checked_pow(u32::try_from(power).ok()?)
}

/// Integer division rounded half to even.
fn divide(top: i128, bottom: i128) -> Option<i128> {
    let quotient = top.checked_div(bottom)?;
    let rest = top.checked_rem(bottom)?.unsigned_abs();
    let other = bottom.unsigned_abs() - rest;
    let up = rest > other || (rest == other && quotient % 2 != 0);
    let away = if (top < 0) == (bottom < 0) { 1 } else { -1 };
    quotient.checked_add(if up { away } else { 0 })
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs();
        match self.exponent {
            0 => write!(f, "{sign}{digits}"),
            places @ -30..0 => {
                let places = places.unsigned_abs() as usize;
                let padded = format!("{digits:0>width$}", width = places + 1);
                let (whole, fraction) = padded.split_at(padded.len() - places);
                write!(f, "{sign}{whole}.{fraction}")
            }
            zeros @ 1..=20 => write!(f, "{sign}{digits}{:0<width$}", "", width = zeros as usize),
            power => write!(f, "{sign}{digits}e{power}"),
        }
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get()).ok_or_else(|| {
            let shown: String = raw.get().chars().take(40).collect();
            D::Error::custom(format!("{shown} is not a number of at most 28 digits"))
        })
    }
}
