//! Disclosed exposures as public inputs.

use crate::{
    circuit::opening::EXPOSURE_ROWS,
    engine::{ExposureTerms, Terms},
    model::{Dollars, Money, Rate, Symbol},
    public::{PublicTable, TermRules},
    shape::Shape,
};

/// Why a list of exposures cannot be what a proof discloses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisclosureError {
    /// The policy discloses exposures, the proof has none.
    #[error("the policy discloses exposures, the proof has none")]
    Missing,
    /// The policy hides exposures, the proof has some.
    #[error("the policy hides exposures, the proof has some")]
    Unexpected,
    /// The policy discloses terms, the proof has none.
    #[error("the policy discloses repay amount and incentive rate, the proof lacks them")]
    MissingTerms,
    /// The policy hides terms, the proof has some.
    #[error("the policy hides repay amount and incentive rate, the proof has them")]
    UnexpectedTerms,
    /// More underlyings than the shape sums by.
    #[error("exposures to {count} underlyings, but shape {shape} holds {capacity}")]
    Capacity {
        /// Underlyings listed.
        count: usize,
        /// The shape.
        shape: Shape,
        /// What the shape holds.
        capacity: usize,
    },
    /// An underlying that the snapshot does not have, or not in its place.
    #[error("exposure to {asset}: not in the snapshot, or not in increasing order")]
    Asset {
        /// The underlying.
        asset: Symbol,
    },
    /// A number that is not a multiple of the policy's tick.
    #[error("exposure to {asset}: {value} is not a multiple of the policy's exposure_tick")]
    Tick {
        /// The underlying.
        asset: Symbol,
        /// The number.
        value: Dollars,
    },
}

/// Repay amount and incentive rate in the header: zeros where the policy hides them.
///
/// # Errors
/// [`DisclosureError`] if the terms have what the policy hides, or lack what it discloses.
pub(super) fn amounts(terms: &Terms, rules: &TermRules) -> Result<(Money, Rate), DisclosureError> {
    match (terms.repay, terms.incentive_rate, rules.terms_shown) {
        (Some(repay), Some(rate), true) => Ok((repay, rate)),
        (None, None, false) => Ok((Money::ZERO, Rate::ZERO)),
        (_, _, true) => Err(DisclosureError::MissingTerms),
        (_, _, false) => Err(DisclosureError::UnexpectedTerms),
    }
}

/// The rows of exposures in the header: for each underlying of the shape its number, delta, gamma and vega in ticks,
/// zeros in front and where the policy hides them.
///
/// # Errors
/// [`DisclosureError`] for a list that no proof under this table can have.
pub(super) fn rows(
    shape: Shape,
    table: &PublicTable,
    list: Option<&[ExposureTerms]>,
) -> Result<Vec<[i128; EXPOSURE_ROWS]>, DisclosureError> {
    let list = match (list, table.rules.exposures_shown) {
        (Some(list), true) => list,
        (None, false) => &[],
        (None, true) => return Err(DisclosureError::Missing),
        (Some(_), false) => return Err(DisclosureError::Unexpected),
    };
    let capacity = shape.underlyings();
    let padding = capacity.checked_sub(list.len());
    let padding = padding.ok_or(DisclosureError::Capacity {
        count: list.len(),
        shape,
        capacity,
    })?;
    let mut rows = vec![[0; EXPOSURE_ROWS]; padding];
    let mut last = 0;
    for exposure in list {
        let asset = exposure.asset;
        let mut groups = table.assets.iter();
        let number = groups.position(|group| group.id == Some(asset));
        let number = number.filter(|number| *number > last);
        last = number.ok_or(DisclosureError::Asset { asset })?;
        let ticks = |value: Dollars| {
            let (units, tick) = (value.units(), table.rules.exposure_tick);
            if units % tick == 0 {
                Ok(i128::from(units / tick))
            } else {
                Err(DisclosureError::Tick { asset, value })
            }
        };
        rows.push([
            last as i128,
            ticks(exposure.delta)?,
            ticks(exposure.gamma)?,
            ticks(exposure.vega)?,
        ]);
    }
    Ok(rows)
}
