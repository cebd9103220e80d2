//! Error against bound, both logarithmic.

use std::error::Error;

use plotters::{
    chart::{ChartBuilder, SeriesLabelPosition},
    element::{Circle, PathElement},
    style::{Color, WHITE},
};
use zkmargin_benches::draw::{self, COLORS, Canvas, GRID, INK, words};

use super::cases::{Instrument, Point};

/// Most points drawn of an instrument.
pub const MOST_POINTS: usize = 400;
/// Canvas points.
const SIZE: (u32, u32) = (1600, 1100);
/// Below this an error is drawn at the lower edge; decimal exponents of USD.
const LEAST: f64 = -36.0;
const FIRST_BOUND: f64 = -33.0;
const LAST: f64 = -2.0;

/// The nearest to their bound, and every n-th of the others that are not exact.
fn sample(points: &[Point]) -> Vec<&Point> {
    let mut inexact: Vec<_> = points.iter().filter(|p| p.error > 0.0).collect();
    inexact.sort_by(|a, b| b.share.total_cmp(&a.share));
    let (nearest, others) = inexact.split_at(inexact.len().min(10));
    let step = others.len().div_ceil(MOST_POINTS - 10).max(1);
    let others = others.iter().step_by(step);
    nearest.iter().chain(others).copied().collect()
}

fn power(exponent: &f64) -> String {
    format!("1e{exponent:.0}")
}

/// The picture.
pub fn svg(instruments: &[Instrument]) -> Result<String, Box<dyn Error>> {
    draw::svg(SIZE, |area| picture(area, instruments))
}

fn picture(area: &Canvas<'_>, instruments: &[Instrument]) -> Result<(), Box<dyn Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin(30)
        .x_label_area_size(80)
        .y_label_area_size(110)
        .build_cartesian_2d(FIRST_BOUND..LAST, LEAST..LAST)?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .bold_line_style(GRID)
        .axis_style(INK.stroke_width(2))
        .x_labels(16)
        .y_labels(18)
        .x_label_formatter(&power)
        .y_label_formatter(&power)
        .label_style(words(24.0))
        .axis_desc_style(words(28.0))
        .x_desc("bound, USD")
        .y_desc("error, USD")
        .draw()?;
    for (instrument, color) in instruments.iter().zip(COLORS) {
        let points = sample(&instrument.points);
        let label = match instrument.most(|p| p.share) {
            0.0 => format!("{} (exact)", instrument.name),
            share => format!("{} ({share:.3})", instrument.name),
        };
        let place = |p: &&Point| (p.bound.log10(), p.error.log10().max(LEAST));
        chart
            .draw_series(
                points
                    .iter()
                    .map(|p| Circle::new(place(p), 4, color.mix(0.55).filled())),
            )?
            .label(label)
            .legend(move |at| Circle::new((at.0 + 12, at.1), 8, color.filled()));
    }
    let line = PathElement::new(
        vec![(FIRST_BOUND, FIRST_BOUND), (LAST, LAST)],
        INK.stroke_width(3),
    );
    chart
        .draw_series([line])?
        .label("error = bound")
        .legend(|(x, y)| PathElement::new(vec![(x, y), (x + 24, y)], INK.stroke_width(3)));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.9))
        .border_style(GRID)
        .label_font(words(26.0))
        .legend_area_size(44)
        .margin(18)
        .draw()?;
    Ok(())
}
