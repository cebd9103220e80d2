//! Proof time and memory against one axis, both logarithmic.

use std::error::Error;

use plotters::{
    chart::{ChartBuilder, SeriesLabelPosition},
    element::{Circle, PathElement},
    style::{Color, WHITE},
};
use zkmargin_benches::draw::{COLORS, Canvas, GRID, INK, svg, words};
use zkmargin_circuits::shape::Statement;

use crate::{
    Axis,
    measure::{Cost, Outcome, Row},
};

/// Canvas points.
const SIZE: (u32, u32) = (1600, 640);

/// What a panel shows.
struct Panel {
    name: &'static str,
    value: fn(&Cost) -> Option<f64>,
}

const PANELS: [Panel; 2] = [
    Panel {
        name: "proof, yardsticks",
        value: |cost| Some(cost.prove_ratio),
    },
    Panel {
        name: "peak memory, MiB",
        value: |cost| cost.peak_mib,
    },
];

/// The picture of an axis; `None` where nothing fits.
pub fn picture(axis: Axis, rows: &[Row]) -> Result<Option<String>, Box<dyn Error>> {
    let rows: Vec<(&Row, &Cost)> = rows
        .iter()
        .filter(|row| row.axis == axis)
        .filter_map(|row| match &row.outcome {
            Outcome::Cost(cost) => Some((row, cost)),
            Outcome::DoesNotFit(_) => None,
        })
        .collect();
    if rows.is_empty() {
        return Ok(None);
    }
    svg(SIZE, |canvas| {
        let areas = canvas.split_evenly((1, PANELS.len()));
        let mut panels = PANELS.iter().zip(&areas);
        panels.try_for_each(|(panel, area)| draw(area, panel, axis, &rows))
    })
    .map(Some)
}

fn draw(
    area: &Canvas<'_>,
    panel: &Panel,
    axis: Axis,
    rows: &[(&Row, &Cost)],
) -> Result<(), Box<dyn Error>> {
    let place = |(row, cost): &(&Row, &Cost)| {
        Some(((row.value as f64).log2(), (panel.value)(cost)?.log10()))
    };
    let all: Vec<(f64, f64)> = rows.iter().filter_map(place).collect();
    let least = |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let x = (least(|p| p.0) - 0.2)..(most(|p| p.0) + 0.3);
    let y = (least(|p| p.1) - 0.3)..(most(|p| p.1) + 0.3);
    let mut chart = ChartBuilder::on(area)
        .margin(24)
        .x_label_area_size(72)
        .y_label_area_size(110)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(GRID)
        .axis_style(INK.stroke_width(2))
        .x_labels(8)
        .y_labels(8)
        .x_label_formatter(&|x| format!("{:.0}", x.exp2()))
        .y_label_formatter(&|y| number(10f64.powf(*y)))
        .label_style(words(24.0))
        .axis_desc_style(words(28.0))
        .x_desc(axis.name())
        .y_desc(panel.name)
        .draw()?;
    for (statement, color) in Statement::ALL.into_iter().zip(COLORS) {
        let of = rows.iter().filter(|(row, _)| row.statement == statement);
        let points: Vec<(f64, f64)> = of.filter_map(place).collect();
        if points.is_empty() {
            continue;
        }
        chart
            .draw_series([PathElement::new(points.clone(), color.stroke_width(4))])?
            .label(statement.name())
            .legend(move |(x, y)| {
                PathElement::new(vec![(x, y), (x + 30, y)], color.stroke_width(4))
            });
        let dots = points.into_iter();
        chart.draw_series(dots.map(|at| Circle::new(at, 7, color.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.9))
        .border_style(GRID)
        .label_font(words(26.0))
        .legend_area_size(44)
        .margin(14)
        .draw()?;
    Ok(())
}

/// With two digits, or three where there are as many before the point.
fn number(value: f64) -> String {
    match value {
        value if value >= 10.0 => format!("{value:.0}"),
        value if value >= 1.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}
