//! A moved market, and the account in it: the snapshot's own numbers scaled, then the report of `evaluate`.

use std::{fmt, path::Path, str::FromStr};

use clap::ValueEnum;
use serde::Serialize;
use zkmargin_circuits::{
    engine::Verdict,
    model::{Money, ONE, Price, Rate, Snapshot, Symbol},
    public::PublicTable,
    slots::Slots,
};

use super::error::PlotError;
use crate::{
    error::CliError,
    input::{self, Market},
    moved::moved,
};

/// What is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Axis {
    /// Spot, forwards and perpetual marks.
    Spot,
    /// Every volatility of the smiles.
    Vol,
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Spot => "spot",
            Self::Vol => "vol",
        })
    }
}

/// From one move to a greater one; -0.1 is ten per cent down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Span {
    pub(crate) from: Rate,
    pub(crate) to: Rate,
}

impl Span {
    /// `points` moves at equal distances, both ends among them.
    pub(crate) fn moves(self, points: usize) -> impl Iterator<Item = Rate> {
        let (from, to) = (i128::from(self.from.units()), i128::from(self.to.units()));
        let last = points.saturating_sub(1).max(1) as i128;
        (0..=last).map(move |i| {
            // Between two 64-bit numbers.
            let units = from + (to - from) * i / last;
            Rate::from_units(i64::try_from(units).unwrap_or(i64::MAX))
        })
    }

    /// Whether a move is within.
    pub(crate) fn holds(self, by: Rate) -> bool {
        (self.from..=self.to).contains(&by)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl FromStr for Span {
    type Err = PlotError;

    fn from_str(text: &str) -> Result<Self, PlotError> {
        let refuse = |reason: &dyn fmt::Display| PlotError::Range {
            text: text.chars().take(40).collect(),
            reason: reason.to_string(),
        };
        let (from, to) = text
            .split_once("..")
            .ok_or_else(|| refuse(&"there is no '..'"))?;
        let decimal = |part: &str| part.parse().map_err(|error| refuse(&error));
        let (from, to): (Rate, Rate) = (decimal(from)?, decimal(to)?);
        if from >= to {
            return Err(refuse(&"the first move must be below the second"));
        }
        Ok(Self { from, to })
    }
}

/// The account in one moved market. Private.
#[derive(Clone, Serialize)]
pub(crate) struct Point {
    /// The move of the axis.
    #[serde(rename = "move")]
    pub(crate) by: Rate,
    /// The underlying's spot, USD, where one is named and moved.
    pub(crate) spot: Option<Price>,
    pub(crate) equity: Money,
    pub(crate) maintenance_margin: Money,
    pub(crate) initial_margin: Money,
    pub(crate) verdict: Verdict,
}

impl Point {
    /// Whether equity is below the maintenance requirement.
    pub(crate) fn is_short(&self) -> bool {
        self.equity < self.maintenance_margin
    }
}

/// An account and the market that it is moved in.
pub(crate) struct Subject<'a> {
    /// Where the account came from, for errors.
    pub(crate) path: &'a Path,
    pub(crate) slots: &'a Slots,
    pub(crate) market: &'a Market,
    pub(crate) axis: Axis,
    /// The asset that is moved; all of them without one.
    pub(crate) underlying: Option<Symbol>,
    pub(crate) span: Span,
}

impl Subject<'_> {
    /// The factor of a move: 1 + move.
    fn factor(by: Rate) -> Rate {
        Rate::from_units(ONE.saturating_add(by.units()))
    }

    /// The snapshot with the axis moved, and every moved volatility multiplied on top of that.
    fn snapshot(&self, by: Rate, vol_factor: Rate) -> Snapshot {
        let (spot, vol) = match self.axis {
            Axis::Spot => (Self::factor(by), vol_factor),
            Axis::Vol => (Rate::ONE, Self::factor(by)),
        };
        moved(&self.market.snapshot, self.underlying, spot, vol)
    }

    /// The moved market with its public table.
    ///
    /// # Errors
    /// [`PlotError::Refused`] if a number leaves the snapshot's limits.
    pub(crate) fn moved(&self, by: Rate, vol_factor: Rate) -> Result<Market, PlotError> {
        let snapshot = self.snapshot(by, vol_factor);
        let policy = self.market.policy.clone();
        let table = PublicTable::new(&snapshot, &policy).map_err(|source| PlotError::Refused {
            span: self.span,
            by,
            vol_factor,
            source,
        })?;
        Ok(Market {
            snapshot,
            policy,
            table,
        })
    }

    /// The account in a moved market.
    ///
    /// # Errors
    /// [`PlotError::Refused`], or as `evaluate`.
    pub(crate) fn at(&self, by: Rate, vol_factor: Rate) -> Result<Point, CliError> {
        let market = self.moved(by, vol_factor)?;
        let report = input::report(self.path, self.slots, &market)?;
        let spot = self
            .underlying
            .filter(|_| self.axis == Axis::Spot)
            .and_then(|moved| market.snapshot.assets.iter().find(|a| a.asset == moved))
            .map(|asset| asset.spot);
        Ok(Point {
            by,
            spot,
            equity: report.equity,
            maintenance_margin: report.maintenance_margin,
            initial_margin: report.initial_margin,
            verdict: report.verdict,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Rate {
        text.parse().expect("decimal")
    }

    #[test]
    fn spans_are_two_moves_in_order() {
        let span: Span = "-0.5..0.25".parse().expect("span");
        assert_eq!((span.from, span.to), (decimal("-0.5"), decimal("0.25")));
        for (text, reason) in [
            ("-0.5", "no '..'"),
            ("0.5..-0.5", "below"),
            ("0..0", "below"),
            ("..0.5", "''"),
            ("-50%..50%", "'-50%'"),
            ("nan..1", "'nan'"),
        ] {
            let error = text.parse::<Span>().expect_err(text);
            assert!(matches!(error, PlotError::Range { .. }));
            assert!(error.to_string().contains(reason), "{error}");
        }
    }

    #[test]
    fn moves_reach_both_ends() {
        let span: Span = "-0.1..0.2".parse().expect("span");
        let moves: Vec<String> = span.moves(4).map(|by| by.to_string()).collect();
        assert_eq!(moves, ["-0.1", "0", "0.1", "0.2"]);
        let ends: Vec<Rate> = span.moves(2).collect();
        assert_eq!(ends, [span.from, span.to]);
        let whole = Span {
            from: Rate::from_units(i64::MIN),
            to: Rate::from_units(i64::MAX),
        };
        assert_eq!(whole.moves(3).last(), Some(whole.to));
    }
}
