//! Colours, lines and letters. Colours differ in lightness and lines in pattern, so that a grey print can be read.

use std::fmt::Display;

use plotters::{
    coord::{CoordTranslate, Shift},
    drawing::DrawingArea,
    element::{Circle, DashedPathElement, PathElement},
    prelude::DrawingBackend,
    style::{
        Color, FontFamily, FontStyle, IntoFont, RGBColor, TextStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::error::PlotError;

/// The built-in font first, then what a viewer of an SVG has.
pub(super) const FAMILY: &str = "Noto Sans, Open Sans, Helvetica, Arial, sans-serif";

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const GREY: RGBColor = RGBColor(95, 95, 95);
pub(super) const GRID: RGBColor = RGBColor(222, 222, 222);
pub(super) const RED: RGBColor = RGBColor(190, 30, 45);
pub(super) const BLUE: RGBColor = RGBColor(15, 70, 135);
const AMBER: RGBColor = RGBColor(200, 130, 20);

/// Opacity of an under-margined stretch, and of the shortfall in it.
pub(super) const BAND: f64 = 0.07;
pub(super) const SHORTFALL: f64 = 0.25;

/// Sizes of letters, canvas points.
pub(super) const TITLE: f64 = 84.0;
pub(super) const BODY: f64 = 56.0;

/// A kind of line; `dash` is the length of a dash and of a gap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    color: RGBColor,
    alpha: f64,
    width: u32,
    dash: Option<(i32, i32)>,
}

const fn line(color: RGBColor, alpha: f64, width: u32, dash: Option<(i32, i32)>) -> Line {
    Line {
        color,
        alpha,
        width,
        dash,
    }
}

pub(super) const EQUITY: Line = line(BLUE, 1.0, 10, None);
pub(super) const MAINTENANCE: Line = line(RED, 1.0, 8, Some((36, 16)));
pub(super) const INITIAL: Line = line(AMBER, 1.0, 6, Some((10, 14)));
pub(super) const TODAY: Line = line(INK, 1.0, 4, Some((6, 12)));
pub(super) const BREACH: Line = line(RED, 0.8, 3, None);
pub(super) const ZERO: Line = line(GREY, 1.0, 3, None);

/// Equity and requirement at the `number`th factor of volatility, from 1 on.
pub(super) fn variant(number: usize) -> [Line; 2] {
    let patterns = [(60, 20), (28, 20), (10, 24), (90, 16)];
    let dash = patterns
        .get((number + patterns.len() - 1) % patterns.len())
        .copied();
    [line(BLUE, 0.6, 5, dash), line(RED, 0.6, 5, dash)]
}

/// A failure of the library, whichever its type.
pub(super) fn drawing(error: impl Display) -> PlotError {
    PlotError::Draw(error.to_string())
}

impl Line {
    /// Draws a path on an area.
    ///
    /// # Errors
    /// [`PlotError::Draw`].
    pub(super) fn draw<DB: DrawingBackend, CT: CoordTranslate>(
        self,
        area: &DrawingArea<DB, CT>,
        path: Vec<CT::From>,
    ) -> Result<(), PlotError>
    where
        CT::From: Clone,
    {
        let style = self.color.mix(self.alpha).stroke_width(self.width);
        match self.dash {
            None => area.draw(&PathElement::new(path, style)),
            Some((on, off)) => area.draw(&DashedPathElement::new(path, on, off, style)),
        }
        .map_err(drawing)
    }
}

/// Draws the mark of a breach; filled for today's volatilities.
///
/// # Errors
/// [`PlotError::Draw`].
pub(super) fn dot<DB: DrawingBackend, CT: CoordTranslate>(
    area: &DrawingArea<DB, CT>,
    at: CT::From,
    filled: bool,
) -> Result<(), PlotError>
where
    CT::From: Clone,
{
    let inner = if filled { RED } else { WHITE };
    for (radius, color) in [(20, RED), (15, inner)] {
        let circle = Circle::new(at.clone(), radius, color.filled());
        area.draw(&circle).map_err(drawing)?;
    }
    Ok(())
}

/// Writing on the canvas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// What brings the backend's letters to the size of the other's.
    letters: f64,
    /// How much wider than the built-in font a viewer's may be.
    spare: f64,
    /// How far above the middle the backend puts small letters, as a share of their size.
    rise: f64,
}

impl Words {
    /// Takes the size for ascent and descent, 1.362 em in Noto Sans, and 1/1.24 of it for the height.
    pub(super) const BITMAP: Self = Self {
        letters: 1.0,
        spare: 1.0,
        rise: 0.1,
    };
    /// Takes the size for 1.24 em.
    pub(super) const SVG: Self = Self {
        letters: 1.24 / 1.362,
        spare: 1.2,
        rise: 0.0,
    };
}

impl Words {
    pub(super) fn style(self, size: f64, color: RGBColor, bold: bool) -> TextStyle<'static> {
        let weight = if bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let font = (FontFamily::Name(FAMILY), size * self.letters, weight).into_font();
        font.color(&color)
    }

    /// How much room a text needs.
    ///
    /// # Errors
    /// [`PlotError::Draw`].
    pub(super) fn width<DB: DrawingBackend>(
        self,
        canvas: &DrawingArea<DB, Shift>,
        text: &str,
        style: &TextStyle<'_>,
    ) -> Result<i32, PlotError> {
        let (width, _) = canvas.estimate_text_size(text, style).map_err(drawing)?;
        Ok((f64::from(width) / self.letters * self.spare) as i32)
    }

    /// How far down letters of a size belong to stand in the middle.
    pub(super) fn fall(self, size: f64) -> i32 {
        (self.rise * size).round() as i32
    }

    fn put<DB: DrawingBackend>(
        self,
        canvas: &DrawingArea<DB, Shift>,
        text: &str,
        style: TextStyle<'_>,
        (place, at): (HPos, (i32, i32)),
    ) -> Result<(), PlotError> {
        let fall = self.fall(style.font.get_size());
        let style = style.pos(Pos::new(place, VPos::Center));
        canvas
            .draw_text(text, &style, (at.0, at.1 + fall))
            .map_err(drawing)
    }

    /// Writes from a point on; the point is at half height.
    pub(super) fn left<DB: DrawingBackend>(
        self,
        canvas: &DrawingArea<DB, Shift>,
        text: &str,
        style: TextStyle<'_>,
        at: (i32, i32),
    ) -> Result<(), PlotError> {
        self.put(canvas, text, style, (HPos::Left, at))
    }

    /// Writes up to a point.
    pub(super) fn right<DB: DrawingBackend>(
        self,
        canvas: &DrawingArea<DB, Shift>,
        text: &str,
        style: TextStyle<'_>,
        at: (i32, i32),
    ) -> Result<(), PlotError> {
        self.put(canvas, text, style, (HPos::Right, at))
    }

    /// Writes around a point.
    pub(super) fn middle<DB: DrawingBackend>(
        self,
        canvas: &DrawingArea<DB, Shift>,
        text: &str,
        style: TextStyle<'_>,
        at: (i32, i32),
    ) -> Result<(), PlotError> {
        self.put(canvas, text, style, (HPos::Center, at))
    }
}
