//! What the circuit can hold, checked where a file enters, with the field named.

use std::{collections::HashSet, fmt::Display, hash::Hash};

mod account;
mod charges;
mod oracle;
mod policy;
mod snapshot;
mod terms;
#[cfg(test)]
mod tests;

pub use oracle::{MAX_ORACLES, MAX_SIGNATURES};

use super::{Discount, Dollars, ONE, Price, Quantity, Rate, Time};

/// Bits of a price, a strike and the magnitude of a size, in units of 1e-8 (11.2 million).
pub const SIZE_BITS: u32 = 50;
/// Bits of the magnitude of the cash balance, in units of 1e-8 (11.5 billion).
pub const CASH_BITS: u32 = 60;
/// Most scenarios in a policy, the unmoved market not counted.
pub const MAX_SCENARIOS: usize = 40;

/// Least discount factor: below it the table's rounding of D would leave the error bound.
pub const LEAST_DISCOUNT: Discount = Discount::from_units(125_000_000_000);

/// Least volatility of perpetual options, in the files and under a scenario: with less, their exponents leave the table's
/// columns and the room left for the error of ln K.
pub const LEAST_PERPETUAL_VOL: Rate = Rate::from_units(ONE / 1000);
/// Least interest rate or dividend yield.
pub const LEAST_YEARLY_RATE: Rate = Rate::from_units(-ONE / 2);
/// Greatest interest rate or dividend yield.
pub const MOST_YEARLY_RATE: Rate = Rate::from_units(5 * ONE);
/// Shortest funding period, an hour.
pub const LEAST_FUNDING_DAYS: Rate = Rate::from_units(ONE / 24);

/// Least tick of disclosed exposures, 1 USD.
pub const LEAST_EXPOSURE_TICK: Dollars = Dollars::from_units(1);
/// Greatest tick of disclosed exposures, a billion USD.
pub const GREATEST_EXPOSURE_TICK: Dollars = Dollars::from_units(1_000_000_000);

/// Bits of a swap's start and end in minutes.
const MINUTE_BITS: u32 = 31;

/// A value that parses but that the statement cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field '{field}': {value} {rule}")]
pub struct ValueError {
    /// JSON path of the field.
    pub field: String,
    /// The value.
    pub value: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

fn refuse(field: impl Into<String>, value: impl Display, rule: &'static str) -> ValueError {
    ValueError {
        field: field.into(),
        value: value.to_string(),
        rule,
    }
}

fn check(
    ok: bool,
    field: String,
    value: impl Display,
    rule: &'static str,
) -> Result<(), ValueError> {
    if ok {
        Ok(())
    } else {
        Err(refuse(field, value, rule))
    }
}

fn price(field: String, value: Price) -> Result<(), ValueError> {
    let ok = value.units() > 0 && value.units() < 1 << SIZE_BITS;
    check(
        ok,
        field,
        value,
        "must be above 0 and below 11258999.06842624",
    )
}

fn size(field: String, value: Quantity) -> Result<(), ValueError> {
    let ok = value.units().unsigned_abs() < 1 << SIZE_BITS;
    check(
        ok,
        field,
        value,
        "must be below 11258999.06842624 in magnitude",
    )
}

/// Time 0 in a slot key stands for no expiry: a future expiring then would share the perpetual's key.
fn expiry(field: String, value: Time) -> Result<(), ValueError> {
    check(
        value.unix() > 0,
        field,
        value,
        "must be after 1970-01-01T00:00:00Z",
    )
}

fn rate(
    field: String,
    value: Rate,
    low: i64,
    high: i64,
    rule: &'static str,
) -> Result<(), ValueError> {
    check((low..=high).contains(&value.units()), field, value, rule)
}

/// Least and greatest value in units of 1e-8, and the rule that says so.
#[derive(Clone, Copy)]
struct Range(i64, i64, &'static str);

/// A fraction.
const SHARE: Range = Range(0, ONE, "must be 0 to 1");
/// An initial rate or haircut, beside its maintenance one.
fn initial(maintenance: Rate) -> Range {
    Range(
        maintenance.units(),
        ONE,
        "must be the maintenance rate to 1",
    )
}

/// The fields of one object, each within its range.
fn within(part: &str, fields: &[(&str, Rate, Range)]) -> Result<(), ValueError> {
    fields
        .iter()
        .try_for_each(|&(name, value, Range(low, high, rule))| {
            rate(format!("{part}.{name}"), value, low, high, rule)
        })
}

fn unique<K: Hash + Eq>(
    seen: &mut HashSet<K>,
    key: K,
    field: String,
    value: impl Display,
) -> Result<(), ValueError> {
    check(seen.insert(key), field, value, "appears twice")
}

fn vol(field: String, value: Rate) -> Result<(), ValueError> {
    rate(field, value, ONE / 10_000, 20 * ONE, "must be 0.0001 to 20")
}

/// A perpetual option's.
fn perpetual_vol(field: String, value: Rate) -> Result<(), ValueError> {
    rate(
        field,
        value,
        LEAST_PERPETUAL_VOL.units(),
        20 * ONE,
        "must be 0.001 to 20",
    )
}

fn yearly(field: String, value: Rate) -> Result<(), ValueError> {
    rate(
        field,
        value,
        LEAST_YEARLY_RATE.units(),
        MOST_YEARLY_RATE.units(),
        "must be -0.5 to 5",
    )
}

fn funding_days(field: String, value: Rate) -> Result<(), ValueError> {
    rate(
        field,
        value,
        LEAST_FUNDING_DAYS.units(),
        365 * ONE,
        "must be 0.04166666 to 365",
    )
}

fn discount(field: String, value: Discount) -> Result<(), ValueError> {
    check(
        value >= LEAST_DISCOUNT && value.units() <= 2 * Discount::ONE.units(),
        field,
        value,
        "must be at least 0.125 and at most 2",
    )
}

/// A swap's key holds its times in minutes.
fn minute(field: String, value: Time) -> Result<(), ValueError> {
    check(
        value.unix() % 60 == 0 && value.unix() / 60 < 1 << MINUTE_BITS,
        field,
        value,
        "must be a whole minute before the year 6053",
    )
}

fn period(field: &str, start: Time, end: Time) -> Result<(), ValueError> {
    minute(format!("{field}.start"), start)?;
    minute(format!("{field}.end"), end)?;
    check(
        end > start,
        format!("{field}.end"),
        end,
        "must be after the start",
    )
}
