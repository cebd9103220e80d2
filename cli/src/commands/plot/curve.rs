//! The account along an axis, and where it breaches its requirement.

use serde::Serialize;
use zkmargin_circuits::model::Rate;

use super::market::{Point, Subject};
use crate::error::CliError;

/// How closely a breach is found: the sides of it differ by at most this move.
pub(crate) const TICK: Rate = Rate::from_units(100);

/// On which side of a breach the account is under-margined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    /// At lower spot or volatility.
    Below,
    /// At higher spot or volatility.
    Above,
}

/// Where equity crosses the maintenance requirement. Private.
#[derive(Serialize)]
pub(crate) struct Breach {
    /// The under-margined point; a [`TICK`] further the account is not.
    #[serde(flatten)]
    pub(crate) at: Point,
    /// Where the account stays under-margined, seen from here.
    pub(crate) under_margined: Side,
}

/// The account along the axis. Private.
#[derive(Serialize)]
pub(crate) struct Curve {
    /// What every moved volatility is multiplied by.
    pub(crate) vol_factor: Rate,
    pub(crate) points: Vec<Point>,
    pub(crate) breaches: Vec<Breach>,
}

/// Narrows a change down: from `low` and `high` with different answers to two that are at most `tick` apart and still differ.
///
/// # Errors
/// Those of `is_short`.
fn bisect<E>(
    (mut low, mut high): (i64, i64),
    low_is_short: bool,
    tick: i64,
    mut is_short: impl FnMut(i64) -> Result<bool, E>,
) -> Result<(i64, i64), E> {
    while high.abs_diff(low) > tick.unsigned_abs().max(1) {
        let middle = low.midpoint(high);
        if is_short(middle)? == low_is_short {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok((low, high))
}

impl Curve {
    /// Evaluates the account at every move, and between any two where it changes sides. `tick` is called
    /// once a move.
    ///
    /// # Errors
    /// As [`Subject::at`].
    pub(crate) fn trace(
        subject: &Subject<'_>,
        moves: &[Rate],
        vol_factor: Rate,
        tick: impl Fn(),
    ) -> Result<Self, CliError> {
        let at = |by| subject.at(by, vol_factor);
        let points = moves
            .iter()
            .map(|by| at(*by).inspect(|_| tick()))
            .collect::<Result<Vec<_>, _>>()?;
        let mut breaches = Vec::new();
        for (low, high) in points.iter().zip(points.iter().skip(1)) {
            if low.is_short() == high.is_short() {
                continue;
            }
            let ends = (low.by.units(), high.by.units());
            let (below, above) = bisect(ends, low.is_short(), TICK.units(), |units| {
                Ok::<_, CliError>(at(Rate::from_units(units))?.is_short())
            })?;
            let (units, under_margined) = if low.is_short() {
                (below, Side::Below)
            } else {
                (above, Side::Above)
            };
            breaches.push(Breach {
                at: at(Rate::from_units(units))?,
                under_margined,
            });
        }
        Ok(Self {
            vol_factor,
            points,
            breaches,
        })
    }

    /// The stretches where the account is under-margined, each from breach to breach or to the end of the axis.
    pub(crate) fn short_runs(&self) -> Vec<Vec<&Point>> {
        let mut breaches = self.breaches.iter();
        let (mut runs, mut run) = (Vec::new(), Vec::new());
        let mut was_short = self.points.first().is_some_and(Point::is_short);
        for point in &self.points {
            if point.is_short() != was_short {
                run.extend(breaches.next().map(|breach| &breach.at));
                if was_short {
                    runs.push(std::mem::take(&mut run));
                }
                was_short = !was_short;
            }
            if was_short {
                run.push(point);
            }
        }
        if !run.is_empty() {
            runs.push(run);
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use zkmargin_circuits::{engine::Verdict, model::Money};

    use super::*;

    fn found(ends: (i64, i64), tick: i64, is_short: impl Fn(i64) -> bool) -> (i64, i64, u32) {
        let mut calls = 0;
        let low_is_short = is_short(ends.0);
        let (low, high) = bisect(ends, low_is_short, tick, |x| {
            calls += 1;
            Ok::<_, Infallible>(is_short(x))
        })
        .expect("infallible");
        assert_ne!(is_short(low), is_short(high));
        (low, high, calls)
    }

    #[test]
    fn bisection_ends_at_neighbours() {
        for threshold in [-999, -1, 0, 1, 7, 1000] {
            let below = found((-1000, 1000), 1, |x| x < threshold);
            assert_eq!((below.0, below.1), (threshold - 1, threshold));
            let above = found((-1000, 1000), 1, |x| x >= threshold);
            assert_eq!((above.0, above.1), (threshold - 1, threshold));
            assert!(below.2 <= 11, "{}", below.2);
        }
    }

    #[test]
    fn bisection_stops_at_the_tick_and_at_any_tick() {
        let (low, high, _) = found((0, 1_000_000), 100, |x| x < 123_456);
        assert!(high - low <= 100 && (low..=high).contains(&123_456));
        assert_eq!(found((3, 4), 0, |x| x < 4), (3, 4, 0));
        found((i64::MIN, i64::MAX), 1, |x| x < 0);
    }

    #[test]
    fn bisection_passes_errors_on() {
        assert_eq!(
            bisect((0, 8), true, 1, |_| Err("no market")),
            Err("no market")
        );
    }

    fn point(by: i64, equity: i64) -> Point {
        Point {
            by: Rate::from_units(by),
            spot: None,
            equity: Money::from_units(equity),
            maintenance_margin: Money::ZERO,
            initial_margin: Money::ZERO,
            verdict: Verdict::Band,
        }
    }

    /// Runs of moves for equities at 0, 10, 20, ..., with breaches at 5, 15, ... between them.
    fn runs(equities: &[i64]) -> Vec<Vec<i64>> {
        let points: Vec<Point> = (0..)
            .step_by(10)
            .zip(equities)
            .map(|(by, e)| point(by, *e))
            .collect();
        let breaches = points
            .iter()
            .zip(points.iter().skip(1))
            .filter(|(a, b)| a.is_short() != b.is_short())
            .map(|(a, _)| Breach {
                at: point(a.by.units() + 5, -1),
                under_margined: Side::Above,
            })
            .collect();
        let curve = Curve {
            vol_factor: Rate::ONE,
            points,
            breaches,
        };
        let runs = curve.short_runs();
        runs.iter()
            .map(|run| run.iter().map(|p| p.by.units()).collect())
            .collect()
    }

    #[test]
    fn runs_go_from_breach_to_breach() {
        assert_eq!(runs(&[1, 0, 1]), Vec::<Vec<i64>>::new());
        assert_eq!(runs(&[-1, -1]), [[0, 10]]);
        assert_eq!(runs(&[-1, 1, 1]), [[0, 5]]);
        assert_eq!(runs(&[1, -1, 1]), [[5, 10, 15]]);
        assert_eq!(runs(&[-1, 1, -1]), [[0, 5], [15, 20]]);
    }
}
