//! The heat map: a cell a market, red where equity is short of the requirement, blue where it exceeds it.

use plotters::{
    chart::ChartBuilder,
    element::{Circle, PathElement, Rectangle},
    prelude::DrawingBackend,
    style::{Color, RGBColor, WHITE},
};
use zkmargin_circuits::model::{ONE, Rate};

use super::{
    axes::Scale,
    draw::{BOTTOM, Canvas, Drawn, LEFT, MARGIN, RIGHT, X_LETTERS},
    error::PlotError,
    header, labels,
    map::{Map, balance},
    style::{self, Words, drawing},
};

/// Middle of the colour scale.
const SCALE_Y: i32 = 345;
/// Steps of the colour scale, each way, and the width of one.
const SCALE_STEPS: i32 = 20;
const SCALE_STEP: i32 = 30;
/// Top of the map.
const TOP: i32 = 430;

/// White at 0, full red at -1, full blue at 1. The root keeps small shortfalls visible.
fn color(part: f64) -> RGBColor {
    let full = if part < 0.0 { style::RED } else { style::BLUE };
    let strength = part.abs().min(1.0).sqrt();
    let mix = |white: u8, full: u8| {
        (f64::from(white) + (f64::from(full) - f64::from(white)) * strength).round() as u8
    };
    RGBColor(
        mix(WHITE.0, full.0),
        mix(WHITE.1, full.1),
        mix(WHITE.2, full.2),
    )
}

impl Drawn for Map<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, words: Words) -> Result<(), PlotError> {
        canvas.fill(&WHITE).map_err(drawing)?;
        let moved = labels::what_moves(self.subject);
        let title = format!("Equity less maintenance requirement: {moved} by volatility");
        header::header(canvas, &title, (self.subject, self.now), words)?;
        self.scale(canvas, words)?;
        self.cells(canvas, words)
    }
}

impl Map<'_> {
    /// The colours and the amounts that they stand for.
    fn scale<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        words: Words,
    ) -> Result<(), PlotError> {
        let most = self.most();
        let amount = format!("{} USD", crate::format::float(most, 0));
        let body = words.style(style::BODY, style::INK, false);
        let left = format!("short {amount}");
        let start = MARGIN + words.width(canvas, &left, &body)? + 40;
        words.left(canvas, &left, body.clone(), (MARGIN, SCALE_Y))?;
        for step in -SCALE_STEPS..SCALE_STEPS {
            let x = start + (step + SCALE_STEPS) * SCALE_STEP;
            let part = (f64::from(step) + 0.5) / f64::from(SCALE_STEPS);
            let corners = [(x, SCALE_Y - 28), (x + SCALE_STEP, SCALE_Y + 28)];
            let filled = Rectangle::new(corners, color(part).filled());
            canvas.draw(&filled).map_err(drawing)?;
        }
        let end = start + 2 * SCALE_STEPS * SCALE_STEP + 40;
        let right = format!("excess {amount}");
        words.left(canvas, &right, body, (end, SCALE_Y))
    }

    fn cells<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        words: Words,
    ) -> Result<(), PlotError> {
        let span = self.subject.span;
        let percent = |by: Rate| labels::float(by.units()) * 100.0;
        let change = |factor: Rate| labels::float(factor.units() - ONE) * 100.0;
        let x = Lattice::new(span.moves(super::map::COLUMNS).map(percent));
        let y = Lattice::new(self.rows.iter().map(|row| change(row.vol_factor)));
        let x_scale = Scale::with_room(x.ends(), X_LETTERS);
        let y_scale = Scale::new(y.ends(), 8, 1.0);
        let (x_ticks, y_ticks) = (x_scale.len(), y_scale.len());
        let axis_words = words.style(style::BODY, style::INK, false);
        let mut chart = ChartBuilder::on(canvas)
            .margin_top(TOP)
            .margin_left(MARGIN)
            .margin_right(RIGHT)
            .x_label_area_size(BOTTOM)
            .y_label_area_size(LEFT - MARGIN)
            .build_cartesian_2d(x_scale, y_scale)
            .map_err(drawing)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(style::INK.stroke_width(3))
            .label_style(axis_words.clone())
            .axis_desc_style(axis_words)
            .set_all_tick_mark_size(14)
            .y_label_offset(words.fall(style::BODY))
            .x_labels(x_ticks)
            .y_labels(y_ticks)
            .x_desc(format!("Move of {}, %", labels::what_moves(self.subject)))
            .y_desc("Change of volatility, %")
            .draw()
            .map_err(drawing)?;
        let (area, most) = (chart.plotting_area(), self.most());
        for (i, row) in self.rows.iter().enumerate() {
            for (j, point) in row.points.iter().enumerate() {
                let corners = [(x.edge(j), y.edge(i)), (x.edge(j + 1), y.edge(i + 1))];
                let filled = Rectangle::new(corners, color(balance(point) / most).filled());
                area.draw(&filled).map_err(drawing)?;
            }
        }
        for path in self.border(&x, &y) {
            let line = PathElement::new(path.to_vec(), style::INK.stroke_width(6));
            area.draw(&line).map_err(drawing)?;
        }
        if span.holds(Rate::ZERO) {
            let today = Circle::new((0.0, 0.0), 16, style::INK.filled());
            area.draw(&today).map_err(drawing)?;
        }
        Ok(())
    }

    /// Sides of cells between a market where the account is short and one where it is not.
    fn border(&self, x: &Lattice, y: &Lattice) -> Vec<[(f64, f64); 2]> {
        let short = |i: usize, j: usize| {
            let row = self.rows.get(i)?;
            row.points.get(j).map(super::market::Point::is_short)
        };
        let mut sides = Vec::new();
        for i in 0..self.rows.len() {
            for j in 0..super::map::COLUMNS {
                let differs = |other: Option<bool>| other.is_some() && other != short(i, j);
                if differs(short(i, j + 1)) {
                    let right = x.edge(j + 1);
                    sides.push([(right, y.edge(i)), (right, y.edge(i + 1))]);
                }
                if differs(short(i + 1, j)) {
                    let above = y.edge(i + 1);
                    sides.push([(x.edge(j), above), (x.edge(j + 1), above)]);
                }
            }
        }
        sides
    }
}

/// Cells of one size in a row, each around its value.
struct Lattice {
    first: f64,
    step: f64,
    count: usize,
}

impl Lattice {
    /// The first and the last value decide.
    fn new(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.collect();
        let first = values.first().copied().unwrap_or_default();
        let last = values.last().copied().unwrap_or_default();
        let count = values.len();
        Self {
            first,
            step: (last - first) / (count.max(2) - 1) as f64,
            count,
        }
    }

    /// Where the `i`th cell begins.
    fn edge(&self, i: usize) -> f64 {
        self.first + self.step * (i as f64 - 0.5)
    }

    fn ends(&self) -> (f64, f64) {
        (self.edge(0), self.edge(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_red_below_and_blue_above_nothing() {
        assert_eq!(color(0.0), WHITE);
        assert_eq!(color(-1.0), style::RED);
        assert_eq!(color(2.0), style::BLUE);
        let quarter = color(-0.25);
        assert!(quarter.0 > quarter.1 && quarter.1 > style::RED.1);
    }

    #[test]
    fn cells_stand_around_their_values() {
        let lattice = Lattice::new([-0.5, 0.0, 0.5].into_iter());
        assert_eq!(lattice.ends(), (-0.75, 0.75));
        assert_eq!(lattice.edge(1), -0.25);
    }
}
