//! The texts inside documents: decimals, times, symbols, byte strings, names. One input, every parser.

use std::{fmt::Display, str::FromStr};

use zkmargin_circuits::{
    model::{Fixed, HexBytes, Symbol, Time},
    shape::{Shape, Statement},
};

/// Every parser on one text.
pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    decimal::<8>(text);
    decimal::<12>(text);
    if let Some(time) = reread::<Time>(text) {
        assert_eq!(Time::from_unix(time.unix()), Some(time));
        assert_eq!(time.to_string(), text, "a second spelling of a time");
    }
    if let Some(symbol) = reread::<Symbol>(text) {
        assert_eq!(symbol.to_string(), text, "a second spelling of a symbol");
        assert!((1..1 << 56).contains(&symbol.code()));
    }
    if let Some(bytes) = reread::<HexBytes<20>>(text) {
        assert_eq!(bytes.to_string(), text, "a second spelling of bytes");
    }
    if let Some(bytes) = reread::<HexBytes<32>>(text) {
        assert_eq!(bytes.to_string(), text, "a second spelling of bytes");
    }
    reread::<Shape>(text);
    reread::<Statement>(text);
}

/// Parses, prints, parses again: the same.
fn reread<T: FromStr + Display + PartialEq>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let printed = value.to_string();
    let again = printed.parse::<T>().ok();
    assert!(
        again.as_ref() == Some(&value),
        "{text:?} printed as {printed:?}"
    );
    Some(value)
}

/// A decimal against a slow reading of its digits.
fn decimal<const P: u32>(text: &str) {
    let value = reread::<Fixed<P>>(text);
    let expected = units(text, P as usize);
    // Longer texts may be refused for their length alone.
    if value.is_some() || text.len() <= 20 {
        assert_eq!(value.map(|v| i128::from(v.units())), expected, "{text:?}");
    }
}

/// The units `10^-places` of a plain decimal; `None` if it is none, or no 64-bit number of units.
fn units(text: &str, places: usize) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (digits, ""),
    };
    if whole.is_empty() || fraction.bytes().skip(places).any(|b| b != b'0') {
        return None;
    }
    let padding = std::iter::repeat(b'0');
    let fraction = fraction.bytes();
    let mut units = 0i128;
    for digit in whole
        .bytes()
        .chain(fraction.clone().chain(padding).take(places))
    {
        if !digit.is_ascii_digit() {
            return None;
        }
        units = units.checked_mul(10)?.checked_add((digit - b'0').into())?;
    }
    let signed = if text.starts_with('-') { -units } else { units };
    i64::try_from(signed).ok().map(i128::from)
}
