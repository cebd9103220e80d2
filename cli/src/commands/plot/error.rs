//! Why no picture was made.

use std::path::PathBuf;

use zkmargin_circuits::{model::Rate, public::TableError};

use super::{
    curve::TICK,
    market::{Axis, Span},
};

/// Fewest points of a curve.
pub(crate) const MIN_POINTS: usize = 2;
/// Most points of a curve.
pub(crate) const MAX_POINTS: usize = 2001;
/// Most factors of `--vol`: more curves cannot be told apart.
pub(crate) const MAX_VOLS: usize = 4;

/// Why no picture was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlotError {
    /// The file's name says no format.
    #[error("{}: the name of a picture ends in .svg or .png", path.display())]
    Extension { path: PathBuf },
    /// Not two moves with `..` between them.
    #[error("'{text}' is no range of moves such as -0.5..0.5: {reason}")]
    Range { text: String, reason: String },
    /// A number of points outside the limits.
    #[error("--points {points}: must be {MIN_POINTS} to {MAX_POINTS}")]
    Points { points: usize },
    /// More points than ticks.
    #[error("--range {span}: too narrow for {points} points {TICK} apart")]
    Dense { span: Span, points: usize },
    /// No such asset.
    #[error("--underlying '{name}': the snapshot has no such asset; it has {known}")]
    UnknownUnderlying { name: String, known: String },
    /// An asset without options.
    #[error("--underlying '{name}': the snapshot has no volatility of it; it has those of {known}")]
    NoSmile { name: String, known: String },
    /// `--vol` where volatility is the axis already.
    #[error("--vol: goes with --axis {} only", Axis::Spot)]
    VolAxis,
    /// Too many factors.
    #[error("--vol: {count} factors, at most {MAX_VOLS} can be told apart")]
    TooManyVols { count: usize },
    /// A factor that is drawn already.
    #[error("--vol {factor}: is drawn already")]
    RepeatedVol { factor: Rate },
    /// The snapshot's limits have no room for a moved market.
    #[error(
        "--range {span}: no market can be moved by {by} (volatility times {vol_factor}): {source}"
    )]
    Refused {
        span: Span,
        by: Rate,
        vol_factor: Rate,
        source: TableError,
    },
    /// The drawing library failed.
    #[error("cannot draw the picture: {0}")]
    Draw(String),
    /// The PNG encoder failed.
    #[error("cannot encode the picture: {0}")]
    Encode(#[from] png::EncodingError),
}

impl PlotError {
    /// Whether nothing that was asked for is at fault.
    pub(crate) fn is_internal(&self) -> bool {
        matches!(self, Self::Draw(_) | Self::Encode(_))
    }
}
