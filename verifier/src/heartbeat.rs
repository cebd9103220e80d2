//! Heartbeat mode: an account that stops proving its health becomes eligible for liquidation.
//!
//! A registry keeps one [`Heartbeat`] an account. Its clock starts when the account is opened and is set, by a verified
//! proof of solvency, to the time of the *snapshot* that the proof is about: an old market's proof buys no more time than is
//! left of it. With the policy's period and grace, at `now`:
//!
//! ```text
//! proved:        |------ Healthy ------|------ InGrace ------|-- Eligible -->
//!             snapshot           + period          + period + grace
//! never proved:  |----------------- InGrace -----------------|-- Eligible -->
//!              opened
//! ```
//! The last second of a span belongs to it. What is bound to a proof that counts: the account's commitment of the day, the
//! policy, by its digest, and the snapshot's time; verifying it has bound key, market and context before.

use serde::{Deserialize, Serialize};
use zkmargin_circuits::model::{HeartbeatRule, HexBytes, Policy, Time};

use crate::Health;

/// What a registry knows of an account in heartbeat mode. Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    policy: HexBytes<32>,
    rule: HeartbeatRule,
    commitment: HexBytes<32>,
    opened: Time,
    proved: Option<Time>,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub enum Liveness {
    /// Proved healthy within the period.
    Healthy {
        /// The last second of it.
        until: Time,
    },
    /// Not proved healthy within the period, or never yet, and not eligible.
    InGrace {
        /// The last second of it.
        until: Time,
    },
    /// Not proved healthy within period and grace: eligible for liquidation.
    Eligible {
        /// The first second of it.
        since: Time,
    },
}

/// Why a proof of health does not count, or an account's standing is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeartbeatError {
    /// The policy knows no heartbeat.
    #[error("the policy has no heartbeat")]
    NoRule,
    /// Proved under other rules.
    #[error("the proof was verified under policy {proof}, the account is under {expected}")]
    OtherPolicy {
        /// Digest of the proof's policy.
        proof: HexBytes<32>,
        /// Digest of the account's.
        expected: HexBytes<32>,
    },
    /// About another account, or another state of it.
    #[error("the proof is about commitment {proof}, not {expected}")]
    OtherCommitment {
        /// The proof's.
        proof: HexBytes<32>,
        /// The account's.
        expected: HexBytes<32>,
    },
    /// The proof's snapshot is not of the past.
    #[error("the proof's snapshot is of {snapshot}, later than {now}")]
    Future {
        /// The snapshot's time.
        snapshot: Time,
        /// The time of the check.
        now: Time,
    },
    /// The proof's snapshot is older than what is known already.
    #[error(
        "the proof's snapshot is of {snapshot}, before the account's last sign of life at {last}"
    )]
    Earlier {
        /// The snapshot's time.
        snapshot: Time,
        /// The last proof's snapshot, or the account's opening.
        last: Time,
    },
    /// The caller's clock is behind the account's.
    #[error("the time {now} is before the account's last sign of life at {last}")]
    Clock {
        /// The caller's time.
        now: Time,
        /// The last proof's snapshot, or the account's opening.
        last: Time,
    },
}

impl Heartbeat {
    /// An account that is new to a policy, at its opening or when its rules change: what was proved before does not count.
    ///
    /// # Errors
    /// [`HeartbeatError::NoRule`].
    pub fn open(
        policy: &Policy,
        commitment: HexBytes<32>,
        opened: Time,
    ) -> Result<Self, HeartbeatError> {
        Ok(Self {
            policy: HexBytes(policy.digest()),
            rule: policy.heartbeat.ok_or(HeartbeatError::NoRule)?,
            commitment,
            opened,
            proved: None,
        })
    }

    /// What a registry wrote down of an account.
    #[cfg(feature = "sqlite")]
    pub(crate) fn restore(
        policy: HexBytes<32>,
        rule: HeartbeatRule,
        commitment: HexBytes<32>,
        opened: Time,
        proved: Option<Time>,
    ) -> Self {
        Self {
            policy,
            rule,
            commitment,
            opened,
            proved,
        }
    }

    /// The policy's period and grace.
    pub fn rule(&self) -> HeartbeatRule {
        self.rule
    }

    /// The last proof's snapshot, if there was one.
    pub fn proved(&self) -> Option<Time> {
        self.proved
    }

    /// The account's commitment after a change of the account. The clock goes on: otherwise an account could live on changes.
    pub fn recommit(&mut self, commitment: HexBytes<32>) {
        self.commitment = commitment;
    }

    /// The account's commitment.
    pub fn commitment(&self) -> HexBytes<32> {
        self.commitment
    }

    /// The last proof's snapshot, or the account's opening.
    pub fn last(&self) -> Time {
        self.proved.unwrap_or(self.opened)
    }

    /// Takes a proof of health that was verified. The same proof again changes nothing.
    ///
    /// # Errors
    /// [`HeartbeatError`] if it does not count; nothing changes then.
    pub fn beat(&mut self, health: &Health, now: Time) -> Result<Liveness, HeartbeatError> {
        if health.policy != self.policy {
            return Err(HeartbeatError::OtherPolicy {
                proof: health.policy,
                expected: self.policy,
            });
        }
        if health.commitment != self.commitment {
            return Err(HeartbeatError::OtherCommitment {
                proof: health.commitment,
                expected: self.commitment,
            });
        }
        let (snapshot, last) = (health.snapshot_time, self.last());
        if snapshot > now {
            return Err(HeartbeatError::Future { snapshot, now });
        }
        if snapshot < last {
            return Err(HeartbeatError::Earlier { snapshot, last });
        }
        self.proved = Some(snapshot);
        self.status(now)
    }

    /// Where the account stands.
    ///
    /// # Errors
    /// [`HeartbeatError::Clock`] if `now` is before what is known already.
    pub fn status(&self, now: Time) -> Result<Liveness, HeartbeatError> {
        let last = self.last();
        if now < last {
            return Err(HeartbeatError::Clock { now, last });
        }
        let healthy = self.proved.map(|time| self.rule.healthy_until(time));
        let grace = self.rule.grace_until(last);
        Ok(match healthy {
            Some(until) if now <= until => Liveness::Healthy { until },
            _ if now <= grace => Liveness::InGrace { until: grace },
            _ => Liveness::Eligible {
                since: grace.plus(1),
            },
        })
    }
}

#[cfg(test)]
mod tests;
