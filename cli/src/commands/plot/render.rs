//! The picture as a file: SVG, or PNG. Fonts come with the program, so that a bare server draws the same.

use std::path::Path;

use plotters::{
    backend::{BitMapBackend, SVGBackend},
    drawing::IntoDrawingArea,
    style::{FontStyle, register_font},
};
use serde::Serialize;

use super::{
    draw::{Drawn, SIZE},
    error::PlotError,
    style::{FAMILY, Words, drawing},
};

/// Canvas points per point of an SVG's own size: the library places at whole points, so the canvas is finer.
const SVG_GRAIN: u32 = 4;
/// Canvas points per pixel of a PNG, each way: their mean smooths edges.
const PNG_GRAIN: u32 = 2;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// Scalable.
    Svg,
    /// 1600 x 1000 pixels.
    Png,
}

impl Format {
    /// The format that a name asks for.
    ///
    /// # Errors
    /// [`PlotError::Extension`].
    pub(super) fn of(path: &Path) -> Result<Self, PlotError> {
        let extension = path.extension().map(|e| e.to_ascii_lowercase());
        match extension.as_ref().and_then(|e| e.to_str()) {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            _ => Err(PlotError::Extension {
                path: path.to_owned(),
            }),
        }
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`PlotError::Draw`], [`PlotError::Encode`].
    pub(super) fn render(self, picture: &impl Drawn) -> Result<Vec<u8>, PlotError> {
        for (style, bytes) in [
            (FontStyle::Normal, notosans::REGULAR_TTF),
            (FontStyle::Bold, notosans::BOLD_TTF),
        ] {
            register_font(FAMILY, style, bytes)
                .map_err(|_| PlotError::Draw("the built-in font is damaged".to_owned()))?;
        }
        match self {
            Self::Svg => svg(picture),
            Self::Png => png(picture),
        }
    }
}

fn svg(picture: &impl Drawn) -> Result<Vec<u8>, PlotError> {
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
    picture.draw(&area, Words::SVG)?;
    area.present().map_err(drawing)?;
    drop(area);
    let size = |grain: u32| format!("width=\"{}\" height=\"{}\"", SIZE.0 / grain, SIZE.1 / grain);
    Ok(text.replacen(&size(1), &size(SVG_GRAIN), 1).into_bytes())
}

fn png(picture: &impl Drawn) -> Result<Vec<u8>, PlotError> {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let mut canvas = vec![u8::MAX; width * height * 3];
    let area = BitMapBackend::with_buffer(&mut canvas, SIZE).into_drawing_area();
    picture.draw(&area, Words::BITMAP)?;
    area.present().map_err(drawing)?;
    drop(area);

    let pixels = averaged(&canvas, width * 3);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIZE.0 / PNG_GRAIN, SIZE.1 / PNG_GRAIN);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// The mean of every block of canvas points, by channel; rows of `stride` bytes.
fn averaged(canvas: &[u8], stride: usize) -> Vec<u8> {
    let grain = PNG_GRAIN as usize;
    let area = (grain * grain) as u32;
    let mut pixels = Vec::with_capacity(canvas.len() / (grain * grain));
    for rows in canvas.chunks_exact(stride * grain) {
        let width = stride / 3 / grain;
        for (x, channel) in (0..width).flat_map(|x| (0..3).map(move |c| (x, c))) {
            let block = rows.chunks_exact(stride).flat_map(|row| {
                let first = x * grain * 3 + channel;
                row.iter().skip(first).step_by(3).take(grain)
            });
            let sum: u32 = block.map(|value| u32::from(*value)).sum();
            pixels.push(u8::try_from((sum + area / 2) / area).unwrap_or(u8::MAX));
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_format() {
        assert_eq!(Format::of(Path::new("a.svg")).expect("svg"), Format::Svg);
        assert_eq!(Format::of(Path::new("a.b.PNG")).expect("png"), Format::Png);
        for name in ["a", "a.pdf", "svg", ".svg", "a.svg.gz"] {
            let error = Format::of(Path::new(name)).expect_err(name);
            assert!(matches!(error, PlotError::Extension { .. }));
        }
    }

    #[test]
    fn pixels_are_means_of_blocks() {
        // Two blocks of 2 x 2 points side by side.
        let row = |a: u8, b: u8| [a, 0, 9, a, 0, 9, b, 7, 9, b, 7, 9];
        let canvas = [row(0, 8), row(255, 8)].concat();
        assert_eq!(averaged(&canvas, 12), [128, 0, 9, 8, 7, 9]);
    }
}
