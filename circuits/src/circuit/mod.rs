//! The circuits: one chip a file, the statement over them, its witness.

mod assembly;
mod black76;
mod charges;
mod cut;
mod disclosure;
mod exposure;
mod exposures;
mod holding;
mod illiquidity;
mod linear;
mod linear_exposure;
mod liquidation;
mod ln;
mod lookup;
mod market;
mod moved;
mod normal;
mod opening;
mod perpetual;
mod perpetual_exposure;
mod poles;
mod range;
mod run;
mod scenario;
mod sheet;
mod smile;
mod solvency;
mod sums;
mod swap;
mod terms;
#[cfg(test)]
mod tests;
mod tick;
mod total;
mod underlying;
mod witness;

pub use disclosure::DisclosureError;
pub use liquidation::{LiquidationCircuit, LiquidationConfig};
pub use market::{market_digest, rule_words, rules_digest};
pub use opening::header_rows;
pub use solvency::{
    SOLVENCY_HEADER_ROWS, SolvencyCircuit, SolvencyConfig, SolvencyWitness, solvency_header,
    solvency_instance,
};
pub use witness::{InstanceError, Witness, WitnessError, header, instance};

/// Chips for circuits of other statements: each is configured over a [`Columns`](chips::Columns) and writes through a
/// [`Sheet`](chips::Sheet).
pub mod chips {
    pub use super::{
        ln::LnChip,
        lookup::LookupChip,
        normal::{NormalCells, NormalChip, NormalTrace},
        range::RangeChip,
        sheet::{Columns, Sheet, boolean, constant, int, pow2, signed},
    };
}

use crate::shape::Statement;

/// Row of the public table's digest in a statement's header column.
pub const fn digest_row(statement: Statement) -> usize {
    match statement {
        Statement::Solvency => solvency::DIGEST_ROW,
        Statement::Liquidation => opening::TABLE_DIGEST,
    }
}

/// Main advice columns of a lane. All lanes' come before the columns for limbs.
pub const MAIN_COLUMNS: usize = sheet::WIDTH;

/// Degree of every circuit here. The backend caps the extended domain at this degree, so a
/// gate above it would give proofs that do not verify.
pub const MAX_DEGREE: usize = 5;
