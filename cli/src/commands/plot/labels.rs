//! The picture's words and numbers.

use zkmargin_circuits::model::{Money, ONE, Rate};

use super::market::{Axis, Point, Subject};
use crate::format;

/// Longest name of a policy that a line has room for.
const NAME_CHARS: usize = 40;

/// A decimal as the float that is drawn.
pub(super) fn float(units: i64) -> f64 {
    units as f64 / ONE as f64
}

/// A move with its sign, two decimals of a per cent.
pub(super) fn percent(by: Rate) -> String {
    let text = format::float(float(by.units()) * 100.0, 2);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let sign = if by > Rate::ZERO && text != "0" {
        "+"
    } else {
        ""
    };
    format!("{sign}{text} %")
}

/// A price to the places that matter at its size.
fn price(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 1000.0 => 0,
        v if v >= 10.0 => 2,
        _ => 4,
    };
    format::float(value, places)
}

/// Where a point is: its spot and move, or its move alone.
pub(super) fn place(point: &Point) -> String {
    let by = percent(point.by);
    match point.spot {
        Some(spot) => format!("{} ({by})", price(float(spot.units()))),
        None => by,
    }
}

/// The axis in a few words.
pub(super) fn what_moves(subject: &Subject<'_>) -> String {
    match (subject.axis, subject.underlying) {
        (Axis::Spot, Some(asset)) => format!("{asset} spot"),
        (Axis::Spot, None) => "all spots together".to_owned(),
        (Axis::Vol, Some(asset)) => format!("{asset} implied volatility"),
        (Axis::Vol, None) => "all implied volatilities together".to_owned(),
    }
}

/// The picture's title.
pub(super) fn title(subject: &Subject<'_>) -> String {
    format!(
        "Equity and margin requirement against {}",
        what_moves(subject)
    )
}

/// Under the title: which market and rules.
pub(super) fn origin(subject: &Subject<'_>) -> String {
    let (snapshot, policy) = (&subject.market.snapshot, &subject.market.policy);
    // A name is anyone's text; control characters are not allowed in XML.
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let mut name: String = policy.name.chars().take(NAME_CHARS).map(shown).collect();
    if policy.name.chars().count() > NAME_CHARS {
        name.push('…');
    }
    format!(
        "Snapshot {} at {}, policy {name}",
        snapshot.sequence, snapshot.time
    )
}

/// Under that: where the account stands.
pub(super) fn standing(now: &Point) -> String {
    let dollars = |value: Money| format::float(float(value.units()), 0);
    format!(
        "Today: equity {} USD, maintenance requirement {} USD, initial {} USD",
        dollars(now.equity),
        dollars(now.maintenance_margin),
        dollars(now.initial_margin),
    )
}

/// The horizontal axis.
pub(super) fn x_axis(subject: &Subject<'_>) -> String {
    let moved = what_moves(subject);
    match (subject.axis, subject.underlying) {
        (Axis::Spot, Some(_)) => format!("{moved}, USD (its forwards and perpetual move with it)"),
        (Axis::Spot, None) => "Move of every spot, forward and perpetual, %".to_owned(),
        (Axis::Vol, _) => format!("Change of {moved}, % of today's"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_have_signs_and_no_idle_zeros() {
        for (by, text) in [
            ("0.5", "+50 %"),
            ("-0.0301", "-3.01 %"),
            ("0.0000001", "0 %"),
            ("0", "0 %"),
            ("12.5", "+1,250 %"),
        ] {
            assert_eq!(percent(by.parse().expect("decimal")), text);
        }
    }

    #[test]
    fn prices_keep_their_leading_digits() {
        assert_eq!(price(104_380.25), "104,380");
        assert_eq!(price(186.72), "186.72");
        assert_eq!(price(0.9998), "0.9998");
    }
}
