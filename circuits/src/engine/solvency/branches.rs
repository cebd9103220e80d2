//! Where each of the policy's branches stands in a solvency proof.

use crate::{
    engine::EngineError,
    public::{PublicTable, ScenarioClass},
};

/// Places of scenarios.
pub const SCENARIOS: usize = 40;
/// The last of them, in which a gain may count as a loss.
pub const SKEWS: usize = 4;
/// The first, which have no skew.
pub const PLAIN: usize = SCENARIOS - SKEWS;

/// The branches' numbers in the public table, 0 (the unmoved market) where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branches {
    /// By place.
    pub scenarios: [usize; SCENARIOS],
    /// The delta charge.
    pub delta: usize,
    /// The basis loss.
    pub basis: usize,
    /// The basis moves, up and down.
    pub moves: [usize; 2],
}

impl Branches {
    /// Skews in the last places, in order; everything else from the first on.
    ///
    /// # Errors
    /// [`EngineError::Scenarios`] if there are too many of either.
    pub fn new(table: &PublicTable) -> Result<Self, EngineError> {
        let scenarios = table.scenarios.iter().enumerate().skip(1);
        let scenarios = scenarios.filter(|(_, row)| !row.own);
        let (skews, plain): (Vec<_>, Vec<_>) =
            scenarios.partition(|(_, row)| row.class == ScenarioClass::Skew);
        let refuse = |kind, places, count| Err(EngineError::Scenarios { kind, places, count });
        if skews.len() > SKEWS {
            return refuse("skew scenarios", SKEWS, skews.len());
        }
        let count = skews.len() + plain.len();
        if count > SCENARIOS {
            return refuse("scenarios", SCENARIOS, count);
        }
        let mut places = [0; SCENARIOS];
        let numbers = plain.iter().map(|(number, _)| *number);
        let last = skews.iter().rev().map(|(number, _)| *number);
        for (place, number) in places.iter_mut().zip(numbers) {
            *place = number;
        }
        for (place, number) in places.iter_mut().rev().zip(last) {
            *place = number;
        }
        let moves = table.basis.map_or([0; 2], |basis| [basis + 1, basis + 2]);
        Ok(Self {
            scenarios: places,
            delta: table.delta.unwrap_or_default(),
            basis: table.basis.unwrap_or_default(),
            moves,
        })
    }
}
