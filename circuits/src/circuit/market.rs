//! One digest of all public inputs that follow from snapshot and policy: what oracles sign and a chain keeps.
//!
//! ```text
//! market digest = keccak256( keccak256(liquidation words) || keccak256(solvency words) )
//! ```
//! The words are a header column's, 32 big-endian bytes each, zero where account, context or terms stand: the liquidation
//! header's rows before its exposures, which are the same for every shape, and all of the solvency header's. Both hold the public
//! table's digest. Under a policy whose branches solvency has no places for, the second hash is 32 zero bytes.

use halo2curves::bn256::Fr;
use sha3::{Digest, Keccak256};

use super::{header, opening::FIXED_ROWS, solvency::solvency_header};
use crate::{
    engine::{ExposureTerms, Terms},
    field,
    model::{Money, Rate},
    public::PublicTable,
    shape::{Shape, Statement},
};

/// A statement's header words that follow from snapshot and policy; `None` of a policy that the statement has no places for.
pub fn rule_words(table: &PublicTable, statement: Statement) -> Option<Vec<[u8; 32]>> {
    let digest = table.digest();
    let zero = Fr::zero();
    let header = match statement {
        Statement::Solvency => solvency_header(table, digest, zero, zero).ok()?,
        Statement::Liquidation => {
            let rules = &table.rules;
            let none: Vec<ExposureTerms> = Vec::new();
            let terms = Terms {
                repay: rules.terms_shown.then_some(Money::ZERO),
                incentive_rate: rules.terms_shown.then_some(Rate::ZERO),
                exposures: rules.exposures_shown.then_some(none),
            };
            header(Shape::Small, table, digest, zero, zero, &terms).ok()?
        }
    };
    let rows = match statement {
        Statement::Solvency => header.len(),
        Statement::Liquidation => FIXED_ROWS,
    };
    Some(header.iter().take(rows).map(field::to_be_bytes).collect())
}

/// Keccak-256 of a statement's [`rule_words`]; zero if there are none.
pub fn rules_digest(table: &PublicTable, statement: Statement) -> [u8; 32] {
    let words = rule_words(table, statement);
    words.map_or([0; 32], |words| {
        Keccak256::digest(words.as_flattened()).into()
    })
}

/// The market digest.
pub fn market_digest(table: &PublicTable) -> [u8; 32] {
    let both = [Statement::Liquidation, Statement::Solvency].map(|s| rules_digest(table, s));
    Keccak256::digest(both.as_flattened()).into()
}
