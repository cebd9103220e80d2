//! The picture: header, legend, labels above, curves below.

use plotters::{
    chart::{ChartBuilder, ChartContext},
    coord::{Shift, cartesian::Cartesian2d},
    drawing::DrawingArea,
    element::{Circle, PathElement, Polygon, Rectangle},
    prelude::DrawingBackend,
    style::{Color, RGBColor},
};
use zkmargin_circuits::model::Rate;

use super::{
    axes::{Scale, Want, money_unit, side_by_side},
    curve::Curve,
    error::PlotError,
    header, labels,
    market::{Point, Subject},
    style::{self, Line, Words, drawing},
};

/// Canvas points.
pub(super) const SIZE: (u32, u32) = (3200, 2000);
/// Left and right of everything.
pub(super) const MARGIN: i32 = 70;
/// Left of the plot: tick labels and the axis's name.
pub(super) const LEFT: i32 = 300;
/// Right of the plot: half a tick label.
pub(super) const RIGHT: i32 = 120;
/// Below the plot.
pub(super) const BOTTOM: i32 = 175;
/// Letters of the body's size that stand side by side below the plot.
pub(super) const X_LETTERS: usize = 105;
/// From the legend's last row to the row of labels, and from there to the plot.
const LABELS: i32 = 115;
const LEADERS: i32 = 85;

type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<Scale, Scale>>;
pub(super) type Canvas<DB> = DrawingArea<DB, Shift>;

/// What is drawn. Private.
pub(super) struct Picture<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) now: &'a Point,
    /// Today's volatilities first.
    pub(super) curves: &'a [Curve],
}

/// A vertical mark with a label.
struct Mark {
    x: f64,
    text: String,
    color: RGBColor,
    line: Line,
}

impl Picture<'_> {
    /// Where a point stands: USD of a named spot, else the move in per cent.
    fn x(point: &Point) -> f64 {
        match point.spot {
            Some(spot) => labels::float(spot.units()),
            None => labels::float(point.by.units()) * 100.0,
        }
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }

    fn x_range(&self) -> (f64, f64) {
        bounds(self.points().map(Self::x))
    }

    /// From the least to the greatest value drawn, with some room.
    fn y_range(&self) -> (f64, f64) {
        let own = self.curves.first().into_iter();
        let initial = own
            .flat_map(|curve| &curve.points)
            .map(|p| p.initial_margin);
        let others = self.points().flat_map(|p| [p.equity, p.maintenance_margin]);
        let (low, high) = bounds(initial.chain(others).map(|m| labels::float(m.units())));
        let room = (high - low) * 0.05;
        (low - room, high + room)
    }

    /// Today and today's breaches, from left to right.
    fn marks(&self) -> Vec<Mark> {
        let breaches = self.curves.first().into_iter().flat_map(|c| &c.breaches);
        let mut marks: Vec<Mark> = breaches
            .map(|breach| Mark {
                x: Self::x(&breach.at),
                text: format!("breach {}", labels::place(&breach.at)),
                color: style::RED,
                line: style::BREACH,
            })
            .collect();
        if self.subject.span.holds(Rate::ZERO) {
            let text = match self.now.spot {
                Some(_) => format!("today {}", labels::place(self.now).replace(" (0 %)", "")),
                None => "today".to_owned(),
            };
            marks.push(Mark {
                x: Self::x(self.now),
                text,
                color: style::INK,
                line: style::TODAY,
            });
        }
        marks.sort_by(|a, b| a.x.total_cmp(&b.x));
        marks
    }
}

/// The least and the greatest, never the same.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low < high {
        (low, high)
    } else {
        (low - 1.0, low + 1.0)
    }
}

/// What can be drawn on a backend.
pub(super) trait Drawn {
    /// Draws it with the backend's letters.
    ///
    /// # Errors
    /// [`PlotError::Draw`].
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, words: Words) -> Result<(), PlotError>;
}

impl Drawn for Picture<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, words: Words) -> Result<(), PlotError> {
        draw(canvas, self, words)
    }
}

fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    picture: &Picture<'_>,
    words: Words,
) -> Result<(), PlotError> {
    canvas.fill(&plotters::style::WHITE).map_err(drawing)?;
    let title = labels::title(picture.subject);
    header::header(canvas, &title, (picture.subject, picture.now), words)?;
    let legend_end = header::legend(canvas, picture, words)?;
    let top = legend_end + LABELS + LEADERS;

    let (x, y) = (picture.x_range(), picture.y_range());
    let (unit, unit_name) = money_unit(y.0.abs().max(y.1.abs()));
    let (x_scale, y_scale) = (Scale::with_room(x, X_LETTERS), Scale::new(y, 8, unit));
    let (x_ticks, y_ticks) = (x_scale.len(), y_scale.len());
    let axis_words = words.style(style::BODY, style::INK, false);
    let mut chart = ChartBuilder::on(canvas)
        .margin_top(top)
        .margin_left(MARGIN)
        .margin_right(RIGHT)
        .x_label_area_size(BOTTOM)
        .y_label_area_size(LEFT - MARGIN)
        .build_cartesian_2d(x_scale, y_scale)
        .map_err(drawing)?;
    shade(&mut chart, picture, y)?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(style::GRID.stroke_width(2))
        .axis_style(style::INK.stroke_width(3))
        .label_style(axis_words.clone())
        .axis_desc_style(axis_words)
        .set_all_tick_mark_size(14)
        .y_label_offset(words.fall(style::BODY))
        .x_labels(x_ticks)
        .y_labels(y_ticks)
        .x_desc(labels::x_axis(picture.subject))
        .y_desc(unit_name)
        .draw()
        .map_err(drawing)?;
    let area = chart.plotting_area();
    if y.0 < 0.0 && y.1 > 0.0 {
        style::ZERO.draw(area, vec![(x.0, 0.0), (x.1, 0.0)])?;
    }
    marks(canvas, &chart, picture, words, legend_end + LABELS)?;
    curves(&chart, picture)
}

/// The stretches without enough equity, and what is short there.
fn shade<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    picture: &Picture<'_>,
    y: (f64, f64),
) -> Result<(), PlotError> {
    let area = chart.plotting_area();
    for run in picture
        .curves
        .first()
        .map(Curve::short_runs)
        .unwrap_or_default()
    {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let (from, to) = (Picture::x(first), Picture::x(last));
        let band = Rectangle::new(
            [(from, y.0), (to, y.1)],
            style::RED.mix(style::BAND).filled(),
        );
        area.draw(&band).map_err(drawing)?;
        let equity = run
            .iter()
            .map(|p| (Picture::x(p), labels::float(p.equity.units())));
        let required = run.iter().rev();
        let required =
            required.map(|p| (Picture::x(p), labels::float(p.maintenance_margin.units())));
        let outline: Vec<(f64, f64)> = equity.chain(required).collect();
        let shortfall = Polygon::new(outline, style::RED.mix(style::SHORTFALL).filled());
        area.draw(&shortfall).map_err(drawing)?;
    }
    Ok(())
}

/// Vertical lines at today and at breaches, with labels side by side above the plot.
fn marks<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    chart: &Chart<'_, DB>,
    picture: &Picture<'_>,
    words: Words,
    labels_y: i32,
) -> Result<(), PlotError> {
    let (y_range, right) = (chart.y_range(), SIZE.0 as i32 - MARGIN);
    let (bottom, top) = (y_range.start, y_range.end);
    let marks = picture.marks();
    let mut wants = Vec::with_capacity(marks.len());
    for mark in &marks {
        let style = words.style(style::BODY, mark.color, true);
        let at = chart.backend_coord(&(mark.x, top)).0;
        let width = words.width(canvas, &mark.text, &style)?;
        wants.push(Want { at, width });
        mark.line
            .draw(chart.plotting_area(), vec![(mark.x, bottom), (mark.x, top)])?;
    }
    // So many breaches that their labels have no room stay without.
    let middles = side_by_side(&wants, MARGIN, right, 50).unwrap_or_default();
    for (mark, middle) in marks.iter().zip(middles) {
        let style = words.style(style::BODY, mark.color, true);
        words.middle(canvas, &mark.text, style, (middle, labels_y))?;
        let (x, y) = chart.backend_coord(&(mark.x, top));
        let leader = vec![(middle, labels_y + 38), (x, y)];
        let thin = mark.color.mix(0.7).stroke_width(3);
        canvas
            .draw(&PathElement::new(leader, thin))
            .map_err(drawing)?;
    }
    Ok(())
}

fn curves<DB: DrawingBackend>(
    chart: &Chart<'_, DB>,
    picture: &Picture<'_>,
) -> Result<(), PlotError> {
    let area = chart.plotting_area();
    let dollars = |units: i64| labels::float(units);
    for (number, curve) in picture.curves.iter().enumerate().rev() {
        let path = |value: fn(&Point) -> i64| -> Vec<(f64, f64)> {
            let points = curve.points.iter();
            points.map(|p| (Picture::x(p), dollars(value(p)))).collect()
        };
        let [equity, required] = if number == 0 {
            style::INITIAL.draw(area, path(|p| p.initial_margin.units()))?;
            [style::EQUITY, style::MAINTENANCE]
        } else {
            style::variant(number)
        };
        required.draw(area, path(|p| p.maintenance_margin.units()))?;
        equity.draw(area, path(|p| p.equity.units()))?;
        for breach in &curve.breaches {
            let at = (Picture::x(&breach.at), dollars(breach.at.equity.units()));
            style::dot(area, at, number == 0)?;
        }
    }
    if picture.subject.span.holds(Rate::ZERO) {
        let x = Picture::x(picture.now);
        let disc = Circle::new(
            (x, dollars(picture.now.equity.units())),
            16,
            style::INK.filled(),
        );
        area.draw(&disc).map_err(drawing)?;
    }
    Ok(())
}
