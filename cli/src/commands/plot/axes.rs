//! Ticks that people count in, and labels side by side.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::format;

/// An axis from `low` to `high` with round ticks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
    /// What labels count in.
    unit: f64,
    ticks: Vec<f64>,
}

impl Scale {
    /// An axis with about `count` ticks: multiples of 1, 2 or 5 times a power of ten.
    pub(super) fn new((low, high): (f64, f64), count: u32, unit: f64) -> Self {
        let rough = (high - low) / f64::from(count.max(1));
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|digit| digit * power)
            .into_iter()
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(rough);
        let first = (low / step - 1e-9).ceil();
        let ticks = (0..=2 * count)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|value| *value <= high + step * 1e-9)
            .collect();
        Self {
            low,
            high,
            step,
            unit,
            ticks,
        }
    }

    /// [`Scale::new`] with as many ticks, up to ten, as `room` has letters for.
    pub(super) fn with_room(ends: (f64, f64), room: usize) -> Self {
        let scale = |count| Self::new(ends, count, 1.0);
        let fits = [10, 7, 5]
            .map(scale)
            .into_iter()
            .find(|s| s.letters() <= room);
        fits.unwrap_or_else(|| scale(3))
    }

    /// Letters of all labels, with two between any.
    fn letters(&self) -> usize {
        let labels = self
            .ticks
            .iter()
            .map(|tick| self.format_ext(tick).len() + 2);
        labels.sum()
    }

    /// How many ticks there are.
    pub(super) fn len(&self) -> usize {
        self.ticks.len()
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        (f64::from(first) + share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Scale {
    /// In units, with the decimals that tell a tick from its neighbours.
    fn format_ext(&self, value: &f64) -> String {
        let places = (-(self.step / self.unit).log10().floor()).clamp(0.0, 8.0);
        format::float(value / self.unit, places as usize)
    }
}

/// The unit that money is counted in up to `most`, and its name.
pub(super) fn money_unit(most: f64) -> (f64, &'static str) {
    match most {
        m if m >= 2e9 => (1e9, "USD billion"),
        m if m >= 2e6 => (1e6, "USD million"),
        m if m >= 2e4 => (1e3, "USD thousand"),
        _ => (1.0, "USD"),
    }
}

/// A label that wants to stand around a place, and its width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Want {
    pub(super) at: i32,
    pub(super) width: i32,
}

/// Middles of labels in one row from `left` to `right`: near what they want, in the given order of places, `gap` apart.
/// `None` if the row is too short.
pub(super) fn side_by_side(wants: &[Want], left: i32, right: i32, gap: i32) -> Option<Vec<i32>> {
    let needed: i32 = wants.iter().map(|want| want.width + gap).sum();
    if needed - gap > right - left {
        return None;
    }
    // As far left as the ones before allow, then pushed back from the right end.
    let mut starts = Vec::with_capacity(wants.len());
    let mut free = left;
    for want in wants {
        let start = (want.at - want.width / 2).max(free);
        free = start + want.width + gap;
        starts.push(start);
    }
    let mut limit = right;
    for (start, want) in starts.iter_mut().zip(wants).rev() {
        *start = (*start).min(limit - want.width);
        limit = *start - gap;
    }
    Some(
        starts
            .iter()
            .zip(wants)
            .map(|(start, want)| start + want.width / 2)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::new((52_190.0, 156_570.0), 10, 1.0);
        assert_eq!(scale.ticks.first(), Some(&60_000.0));
        assert_eq!(scale.ticks.last(), Some(&140_000.0));
        assert_eq!(scale.format_ext(&60_000.0), "60,000");
        let small = Scale::new((0.49, 0.51), 8, 1.0);
        assert_eq!(small.format_ext(&0.495), "0.495");
        assert!(small.ticks.iter().all(|v| (0.4899..0.5101).contains(v)));
        assert!((4..=8).contains(&small.len()));
        let millions = Scale::new((-1e6, 1e6), 4, 1e6);
        assert_eq!(millions.format_ext(&-500_000.0), "-0.5");
    }

    #[test]
    fn long_labels_are_fewer() {
        let (short, long) = ((0.0, 100.0), (104_380.0, 104_380.5));
        assert_eq!(Scale::with_room(short, 80).len(), 11);
        let few = Scale::with_room(long, 80);
        assert!((3..8).contains(&few.len()), "{few:?}");
        assert!(few.letters() <= 80);
    }

    #[test]
    fn ends_are_at_the_ends() {
        let scale = Scale::new((-10.0, 30.0), 4, 1.0);
        assert_eq!(scale.map(&-10.0, (100, 500)), 100);
        assert_eq!(scale.map(&0.0, (100, 500)), 200);
        assert_eq!(scale.map(&30.0, (500, 100)), 100);
    }

    #[test]
    fn labels_do_not_overlap_and_stay_inside() {
        let want = |at, width| Want { at, width };
        let wants = [want(10, 100), want(20, 100), want(990, 100), want(1000, 60)];
        let middles = side_by_side(&wants, 0, 1000, 10).expect("room");
        let mut end = -10;
        for (middle, want) in middles.iter().zip(&wants) {
            assert!(middle - want.width / 2 >= end + 10, "{middles:?}");
            end = middle + want.width / 2;
        }
        assert!(end <= 1000);
        assert_eq!(
            side_by_side(&[want(500, 100)], 0, 1000, 10),
            Some(vec![500])
        );
        assert_eq!(
            side_by_side(&[want(0, 600), want(0, 600)], 0, 1000, 10),
            None
        );
        assert_eq!(side_by_side(&[], 0, 1000, 10), Some(Vec::new()));
    }
}
