//! Numbers and tables for people.

use comfy_table::{Cell, CellAlignment, Table, TableComponent, presets};
use zkmargin_circuits::model::{Dollars, Fixed, Money, Rate};

/// USD with thousands separators and two decimals, ties away from zero.
pub(crate) fn usd(value: Money) -> String {
    let cents = (value.units().unsigned_abs() + 500_000) / 1_000_000;
    let sign = if value.units() < 0 && cents != 0 {
        "-"
    } else {
        ""
    };
    format!("{sign}{}.{:02}", grouped(cents / 100), cents % 100)
}

/// Whole USD with thousands separators.
pub(crate) fn dollars(value: Dollars) -> String {
    let sign = if value.units() < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(value.units().unsigned_abs()))
}

/// A float with thousands separators; `-` for what is no number.
pub(crate) fn float(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    let sign = if value < 0.0 && !zero { "-" } else { "" };
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// A rate as a percentage, exact: `-0.15` is `-15 %`.
pub(crate) fn percent(rate: Rate) -> String {
    let units = i128::from(rate.units()) * 100;
    let whole = Fixed::<8>::from_units(i64::try_from(units).unwrap_or(i64::MAX));
    format!("{whole} %")
}

/// Bytes in the unit that reads best.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

/// Inserts a comma between every three digits.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A table whose only line is under the column heads.
pub(crate) fn table(heads: impl IntoIterator<Item = Cell>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    for part in [
        TableComponent::HeaderLines,
        TableComponent::MiddleHeaderIntersections,
    ] {
        table.set_style(part, '─');
    }
    if !console::colors_enabled() {
        table.force_no_tty();
    }
    table.set_header(heads.into_iter().collect::<Vec<_>>());
    table
}

/// A cell of words.
pub(crate) fn words(text: impl ToString) -> Cell {
    Cell::new(text)
}

/// A cell of a number.
pub(crate) fn number(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().expect("decimal")
    }

    #[test]
    fn dollars_are_rounded_and_grouped() {
        for (value, text) in [
            ("0", "0.00"),
            ("-0.004", "0.00"),
            ("-0.005", "-0.01"),
            ("999.999", "1,000.00"),
            ("1234567.895", "1,234,567.90"),
            ("-92233720368.54775808", "-92,233,720,368.55"),
        ] {
            assert_eq!(usd(money(value)), text);
        }
    }

    #[test]
    fn floats_are_grouped() {
        assert_eq!(float(-1234567.891, 2), "-1,234,567.89");
        assert_eq!(float(-0.00001, 2), "0.00");
        assert_eq!(float(1500.0, 0), "1,500");
        assert_eq!(float(f64::NAN, 2), "-");
    }

    #[test]
    fn percentages_are_exact() {
        assert_eq!(percent(money("-0.15")), "-15 %");
        assert_eq!(percent(money("0.0345")), "3.45 %");
    }
}
