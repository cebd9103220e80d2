//! The account over a grid of spot moves and volatilities.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use zkmargin_circuits::model::{ONE, Rate};

use super::{
    labels,
    market::{Point, Subject},
    render::Format,
};
use crate::{error::CliError, format, output::Console};

/// Cells from left to right.
pub(super) const COLUMNS: usize = 25;
/// Cells from below to above; today's volatility is a third of the way.
pub(super) const ROWS: usize = 13;
/// Least and greatest factor of volatility.
pub(super) const EXTREMES: [Rate; 2] = [Rate::from_units(ONE / 2), Rate::from_units(2 * ONE)];

/// One volatility. Private.
#[derive(Serialize)]
pub(super) struct Row {
    /// What every moved volatility is multiplied by.
    pub(super) vol_factor: Rate,
    /// By spot move.
    pub(super) points: Vec<Point>,
}

/// The account over the grid. Private.
pub(super) struct Map<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) now: &'a Point,
    /// From the least volatility on.
    pub(super) rows: Vec<Row>,
}

impl<'a> Map<'a> {
    /// Evaluates the account in every cell's market.
    ///
    /// # Errors
    /// As [`Subject::at`].
    pub(super) fn trace(
        subject: &'a Subject<'a>,
        now: &'a Point,
        console: &Console,
    ) -> Result<Self, CliError> {
        let bar = console.count_bar("evaluating", (COLUMNS * ROWS) as u64);
        let [low, high] = EXTREMES.map(Rate::units);
        let step = (high - low) / (ROWS as i64 - 1);
        let mut rows = Vec::with_capacity(ROWS);
        for i in 0..ROWS as i64 {
            let vol_factor = Rate::from_units(low + step * i);
            let moves = subject.span.moves(COLUMNS);
            let at = |by| subject.at(by, vol_factor).inspect(|_| bar.inc(1));
            let points = moves.map(at).collect::<Result<_, _>>()?;
            rows.push(Row { vol_factor, points });
        }
        bar.finish_and_clear();
        Ok(Self { subject, now, rows })
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.rows.iter().flat_map(|row| &row.points)
    }

    /// The greatest magnitude of equity less requirement, USD.
    pub(super) fn most(&self) -> f64 {
        let magnitudes = self.points().map(|point| balance(point).abs());
        magnitudes.fold(1.0, f64::max)
    }

    /// The JSON document.
    pub(super) fn document(&self, file: &Path, format: Format) -> Value {
        let (snapshot, policy) = (&self.subject.market.snapshot, &self.subject.market.policy);
        json!({
            "file": file,
            "format": format,
            "policy": policy.name,
            "snapshot_time": snapshot.time,
            "snapshot_sequence": snapshot.sequence,
            "underlying": self.subject.underlying.map(|asset| asset.to_string()),
            "range": self.subject.span,
            "now": self.now,
            "map": self.rows,
        })
    }

    /// What people read.
    pub(super) fn text(&self, file: &Path) -> String {
        let span = self.subject.span;
        let short = self.points().filter(|point| point.is_short()).count();
        let worst = self
            .points()
            .min_by(|a, b| balance(a).total_cmp(&balance(b)));
        let worst = worst.map_or(0.0, balance);
        format!(
            "picture   {}. Private: it shows the account\n\
             map       {}, {} to {}; volatility x {} to {}\n\
             short     in {short} of {} markets, by {} USD at worst",
            file.display(),
            labels::what_moves(self.subject),
            format::percent(span.from),
            format::percent(span.to),
            EXTREMES[0],
            EXTREMES[1],
            COLUMNS * ROWS,
            format::float((-worst).max(0.0), 2),
        )
    }
}

/// Equity less maintenance requirement, USD.
pub(super) fn balance(point: &Point) -> f64 {
    labels::float(point.equity.units()) - labels::float(point.maintenance_margin.units())
}
