//! What stands above the plot: title, where the numbers come from, legend.

use plotters::{element::Rectangle, prelude::DrawingBackend, style::Color};

use super::{
    draw::{Canvas, MARGIN, Picture, SIZE},
    error::PlotError,
    labels,
    market::{Point, Subject},
    style::{self, Line, Words, drawing},
};

/// Middles of the header's lines.
const TITLE_Y: i32 = 85;
const ORIGIN_Y: i32 = 180;
const STANDING_Y: i32 = 245;
const LEGEND_Y: i32 = 345;
/// From a row of the legend to the next.
const LEGEND_ROW: i32 = 75;

/// Draws title, origin and standing.
///
/// # Errors
/// [`PlotError::Draw`].
pub(super) fn header<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    title: &str,
    (subject, now): (&Subject<'_>, &Point),
    words: Words,
) -> Result<(), PlotError> {
    let large = words.style(style::TITLE, style::INK, true);
    words.left(canvas, title, large, (MARGIN, TITLE_Y))?;
    let body = words.style(style::BODY, style::GREY, false);
    words.left(
        canvas,
        &labels::origin(subject),
        body.clone(),
        (MARGIN, ORIGIN_Y),
    )?;
    words.left(canvas, &labels::standing(now), body, (MARGIN, STANDING_Y))?;
    let right = SIZE.0 as i32 - MARGIN;
    let private = words.style(style::BODY, style::RED, true);
    words.right(
        canvas,
        "PRIVATE: shows the account",
        private,
        (right, ORIGIN_Y),
    )
}

/// One entry: what it looks like and what it is called.
enum Sample {
    Lines(Vec<Line>),
    Shade,
    Dot,
}

/// Draws the legend, as many rows as it takes, and gives the middle of the last.
///
/// # Errors
/// [`PlotError::Draw`].
pub(super) fn legend<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    picture: &Picture<'_>,
    words: Words,
) -> Result<i32, PlotError> {
    const SAMPLE: i32 = 120;
    let mut entries = vec![
        (Sample::Lines(vec![style::EQUITY]), "equity".to_owned()),
        (
            Sample::Lines(vec![style::MAINTENANCE]),
            "maintenance requirement".to_owned(),
        ),
        (
            Sample::Lines(vec![style::INITIAL]),
            "initial requirement".to_owned(),
        ),
        (Sample::Shade, "under-margined".to_owned()),
        (Sample::Dot, "breach".to_owned()),
    ];
    for (number, curve) in picture.curves.iter().enumerate().skip(1) {
        let lines = style::variant(number).to_vec();
        entries.push((
            Sample::Lines(lines),
            format!("both at volatility × {}", curve.vol_factor),
        ));
    }
    let style = words.style(style::BODY, style::INK, false);
    let (mut x, mut y) = (MARGIN, LEGEND_Y);
    for (sample, name) in entries {
        let width = SAMPLE + 25 + words.width(canvas, &name, &style)? + 60;
        if x > MARGIN && x + width > SIZE.0 as i32 {
            (x, y) = (MARGIN, y + LEGEND_ROW);
        }
        match sample {
            Sample::Lines(lines) => {
                for (line, drop) in lines.iter().zip([0, 18]) {
                    let y = y + drop - 9 * (lines.len() as i32 - 1);
                    line.draw(canvas, vec![(x, y), (x + SAMPLE, y)])?;
                }
            }
            Sample::Shade => {
                let corners = [(x, y - 24), (x + SAMPLE, y + 24)];
                for alpha in [style::BAND, style::SHORTFALL] {
                    let fill = style::RED.mix(alpha).filled();
                    canvas
                        .draw(&Rectangle::new(corners, fill))
                        .map_err(drawing)?;
                }
            }
            Sample::Dot => style::dot(canvas, (x + SAMPLE / 2, y), true)?,
        }
        words.left(canvas, &name, style.clone(), (x + SAMPLE + 25, y))?;
        x += width;
    }
    Ok(y)
}
