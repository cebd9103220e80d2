//! How often an account must be proved healthy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::Time;

/// Seconds, counted from the time of the snapshot that an account was last proved healthy at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatRule {
    /// How long a proof of health counts, 60 to 2,592,000.
    pub period_seconds: u32,
    /// How much longer the account is not eligible yet, 0 to 2,592,000.
    pub grace_seconds: u32,
}

impl HeartbeatRule {
    /// The last second at which a proof at a snapshot of `time` counts.
    pub fn healthy_until(self, time: Time) -> Time {
        time.plus(self.period_seconds)
    }

    /// The last second at which the account is not eligible; the next one it is.
    pub fn grace_until(self, time: Time) -> Time {
        self.healthy_until(time).plus(self.grace_seconds)
    }
}
