//! Which circuit: statement, shape (capacity) and version.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a proof states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Statement {
    /// There is a scenario under which equity + epsilon < requirement.
    Liquidation,
    /// Under every scenario equity - epsilon >= requirement.
    Solvency,
}

/// The capacity of a circuit. Unused slots are padding that cannot change a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Shape {
    /// 8 option strikes, 2 perpetual options, 4 futures, 4 assets, 2 swaps.
    Small,
    /// 32 option strikes, 8 perpetual options, 8 futures, 8 assets, 4 swaps.
    Medium,
    /// 128 option strikes, 16 perpetual options, 16 futures, 16 assets, 8 swaps.
    Large,
}

/// The version of the constraint system, bound into keys and proofs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CircuitVersion {
    /// The first.
    V1,
}

/// Slots by section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Option strikes.
    pub options: usize,
    /// Perpetual options; an American one with calls and puts takes two.
    pub perpetual_options: usize,
    /// Perpetual and dated futures.
    pub futures: usize,
    /// Collateral assets.
    pub assets: usize,
    /// Power perpetuals, variance and volatility swaps.
    pub swaps: usize,
}

impl Capacity {
    /// Slots of all sections.
    pub const fn total(self) -> usize {
        self.options + self.perpetual_options + self.futures + self.assets + self.swaps
    }
}

impl Shape {
    /// Every shape, smallest first.
    pub const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// Slots by section.
    pub const fn capacity(self) -> Capacity {
        match self {
            Self::Small => Capacity {
                options: 8,
                perpetual_options: 2,
                futures: 4,
                assets: 4,
                swaps: 2,
            },
            Self::Medium => Capacity {
                options: 32,
                perpetual_options: 8,
                futures: 8,
                assets: 8,
                swaps: 4,
            },
            Self::Large => Capacity {
                options: 128,
                perpetual_options: 16,
                futures: 16,
                assets: 16,
                swaps: 8,
            },
        }
    }

    /// Underlyings that an account's positions may have.
    pub const fn underlyings(self) -> usize {
        match self {
            Self::Small => 4,
            Self::Medium => 8,
            Self::Large => 16,
        }
    }

    /// Rows of the public table that a circuit looks up in; its function tables stand below.
    pub const fn table_rows(self) -> usize {
        match self {
            Self::Small => 873,
            Self::Medium => 2880,
            Self::Large => 8192,
        }
    }

    /// log2 of the liquidation circuit's rows; of any statement's: [`Statement::k`].
    pub const fn k(self) -> u32 {
        match self {
            Self::Small => 11,
            Self::Medium => 12,
            Self::Large => 14,
        }
    }

    /// Columns of the circuit for range checks.
    pub const fn limb_columns(self) -> usize {
        2
    }

    /// The shape's code in keys, proofs and commitments.
    pub const fn code(self) -> u8 {
        match self {
            Self::Small => 1,
            Self::Medium => 2,
            Self::Large => 3,
        }
    }

    /// The shape's name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

impl Statement {
    /// Every statement.
    pub const ALL: [Self; 2] = [Self::Liquidation, Self::Solvency];

    /// The statement's code in keys and proofs.
    pub const fn code(self) -> u8 {
        match self {
            Self::Liquidation => 1,
            Self::Solvency => 2,
        }
    }

    /// The statement's name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Liquidation => "liquidation",
            Self::Solvency => "solvency",
        }
    }

    /// log2 of the rows of the statement's circuit.
    pub const fn k(self, shape: Shape) -> u32 {
        match (self, shape) {
            (Self::Liquidation, _) => shape.k(),
            (Self::Solvency, Shape::Small) => 13,
            (Self::Solvency, Shape::Medium) => 14,
            (Self::Solvency, Shape::Large) => 16,
        }
    }
}

impl CircuitVersion {
    /// The version that this library proves and verifies.
    pub const CURRENT: Self = Self::V1;

    /// The version's number in keys and proofs.
    pub const fn code(self) -> u8 {
        match self {
            Self::V1 => 1,
        }
    }
}

/// Not the name of a known shape or statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{value}' is not one of {known}")]
pub struct UnknownName {
    value: String,
    known: &'static str,
}

impl FromStr for Shape {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName {
            value: text.to_owned(),
            known: "small, medium, large",
        };
        Self::ALL
            .into_iter()
            .find(|s| s.name() == text)
            .ok_or_else(unknown)
    }
}

impl FromStr for Statement {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName {
            value: text.to_owned(),
            known: "liquidation, solvency",
        };
        Self::ALL
            .into_iter()
            .find(|s| s.name() == text)
            .ok_or_else(unknown)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
