//! What can be wrong with a list of points, whatever file it came in.

use std::fmt;

/// What is wrong with a structured reference string, whatever file it came in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SrsError {
    /// A coordinate is not below the field's modulus.
    #[error("{part}[{index}]: a coordinate is not below the modulus")]
    NonCanonical {
        /// Which points.
        part: Part,
        /// The point's place among them.
        index: usize,
    },
    /// A point is not on its curve.
    #[error("{part}[{index}] is not on the curve")]
    NotOnCurve {
        /// Which points.
        part: Part,
        /// The point's place among them.
        index: usize,
    },
    /// The point at infinity where it cannot be.
    #[error("{part}[{index}] is the point at infinity")]
    Identity {
        /// Which points.
        part: Part,
        /// The point's place among them.
        index: usize,
    },
    /// A point of the twist is outside the subgroup of prime order.
    #[error("{part}[{index}] is not in the subgroup of prime order")]
    NotInSubgroup {
        /// Which points.
        part: Part,
        /// The point's place among them.
        index: usize,
    },
    /// The first point is not the group's standard generator.
    #[error("{part}[0] is not the generator")]
    WrongGenerator {
        /// Which points.
        part: Part,
    },
    /// Fewer than two powers.
    #[error("{count} powers, too few")]
    TooFewPowers {
        /// How many.
        count: usize,
    },
    /// `tau = 0`.
    #[error("tau is 0")]
    TauZero,
    /// `tau = 1`, as in a file that nobody has contributed to.
    #[error("tau is 1: nobody has contributed to this file")]
    TauOne,
    /// `tau^order = 1`.
    #[error("tau is a root of unity of order {order}")]
    TauOfSmallOrder {
        /// The order.
        order: usize,
    },
    /// The `tau` of G1 and that of G2 differ.
    #[error("tau G1 and tau G2 have different tau")]
    TauMismatch,
    /// A point is not `tau` times the one before.
    #[error("{}[{index}] is not tau times the point before", Part::G1Powers)]
    NotAPower {
        /// The first such point.
        index: usize,
    },
    /// The points for values and those for coefficients commit to one polynomial differently.
    #[error("{} does not belong to {}", Part::G1Lagrange, Part::G1Powers)]
    LagrangeMismatch,
    /// The operating system has no random numbers to give.
    #[error("no random numbers from the operating system: {reason}")]
    Randomness {
        /// The system's words.
        reason: String,
    },
}

/// A list of points in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// `tau^i G1`.
    G1Powers,
    /// `L_i(tau) G1`.
    G1Lagrange,
    /// `tau^i G2`.
    G2Powers,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::G1Powers => "tauG1",
            Self::G1Lagrange => "lagrangeG1",
            Self::G2Powers => "tauG2",
        })
    }
}
