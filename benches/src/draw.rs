//! What pictures have in common: letters, colours, lines. The font comes with the program, so that every machine draws the same.

use std::error::Error;

use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    style::{FontFamily, FontStyle, IntoFont, RGBColor, TextStyle, WHITE, register_font},
};

/// The built-in font first, then what a viewer has.
const FAMILY: &str = "Noto Sans, Open Sans, Helvetica, Arial, sans-serif";
/// Letters and axes.
pub const INK: RGBColor = RGBColor(34, 34, 34);
/// The mesh.
pub const GRID: RGBColor = RGBColor(222, 222, 222);
/// Okabe and Ito's palette: told apart by those who do not see red or green, too.
pub const COLORS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// Letters of a size.
pub fn words(size: f64) -> TextStyle<'static> {
    let font = (FontFamily::Name(FAMILY), size, FontStyle::Normal).into_font();
    font.color(&INK)
}

/// A canvas to draw on.
pub type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A picture as SVG, on white.
///
/// # Errors
/// The library's.
pub fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&Canvas<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<String, Box<dyn Error>> {
    register_font(FAMILY, FontStyle::Normal, notosans::REGULAR_TTF)
        .map_err(|_| "the built-in font is damaged")?;
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
    area.fill(&WHITE)?;
    draw(&area)?;
    area.present()?;
    drop(area);
    Ok(text)
}
