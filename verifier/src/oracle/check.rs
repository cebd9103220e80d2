//! Whether a snapshot may be acted upon.

use serde::Serialize;
use zkmargin_circuits::{
    model::{ConfidenceLimit, HexBytes, OracleRule, Policy, Rate, Snapshot, Time},
    public::PublicTable,
};

use super::{Attestation, SignatureError, recover};

/// A snapshot that the policy's oracles signed, fresh and in sequence. Made by [`check`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Authentic {
    /// What was signed.
    pub attestation: Attestation,
    /// Who signed, in the order of the signatures.
    pub signers: Vec<HexBytes<20>>,
}

/// Why a snapshot may not be acted upon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OracleError {
    /// The policy names no oracles.
    #[error("field 'oracle': the policy names no oracles")]
    NoRule,
    /// Fewer oracles signed than the policy asks for.
    #[error("field 'signatures': {got} of the policy's oracles signed, it asks for {threshold}")]
    TooFew {
        /// Oracles who signed under this policy.
        got: usize,
        /// The policy's threshold.
        threshold: u32,
    },
    /// Signed by somebody, or for something, else: an altered snapshot's signatures recover to strangers.
    #[error(
        "field 'signatures[{index}]': signed by {signer}, who is none of the policy's oracles, or for another snapshot"
    )]
    UnknownSigner {
        /// Place in the snapshot's list.
        index: usize,
        /// The address that the signature recovers to.
        signer: HexBytes<20>,
    },
    /// One oracle signed twice: it still is one.
    #[error("field 'signatures[{index}]': {signer} signed twice")]
    Repeated {
        /// Place of the second in the snapshot's list.
        index: usize,
        /// The oracle.
        signer: HexBytes<20>,
    },
    /// No signature at all.
    #[error("field 'signatures[{index}].signature': {source}")]
    Signature {
        /// Place in the snapshot's list.
        index: usize,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// There are signatures, and all are under other policies.
    #[error("field 'signatures': all {found} are under other policies than {policy}")]
    OtherPolicy {
        /// Signatures in the list.
        found: usize,
        /// Digest of the policy that they are needed under.
        policy: HexBytes<32>,
    },
    /// Too old.
    #[error("field 'time': the snapshot is of {time}, more than {max_age_seconds} s before {now}")]
    Stale {
        /// The snapshot's time.
        time: Time,
        /// The time of the check.
        now: Time,
        /// The policy's limit, seconds.
        max_age_seconds: u32,
    },
    /// Too far ahead of the verifier's clock.
    #[error(
        "field 'time': the snapshot is of {time}, more than {max_future_seconds} s after {now}"
    )]
    Future {
        /// The snapshot's time.
        time: Time,
        /// The time of the check.
        now: Time,
        /// The policy's limit, seconds.
        max_future_seconds: u32,
    },
    /// Behind a snapshot that was accepted before.
    #[error(
        "field 'sequence': {sequence} is out of sequence, snapshot {last} was accepted before it"
    )]
    Sequence {
        /// The snapshot's sequence.
        sequence: u64,
        /// The greatest that was accepted under the policy.
        last: u64,
    },
    /// A feed that the market itself trusts too little.
    #[error("field '{field}': {confidence} is below the policy's limit of {limit}")]
    Confidence {
        /// JSON path of the feed's confidence.
        field: String,
        /// The feed's.
        confidence: Rate,
        /// The policy's.
        limit: Rate,
    },
}

/// Checks a snapshot against its policy's oracles, the clock and what was accepted before. `table` is the public table of the
/// two; `last` the greatest sequence that was accepted under this policy, if any: the same again is in sequence, since many
/// proofs are about one snapshot.
///
/// # Errors
/// The first reason in this order: rule, signatures, time, sequence, confidence.
pub fn check(
    snapshot: &Snapshot,
    policy: &Policy,
    table: &PublicTable,
    now: Time,
    last: Option<u64>,
) -> Result<Authentic, OracleError> {
    let rule = policy.oracle.as_ref().ok_or(OracleError::NoRule)?;
    let attestation = Attestation::new(snapshot, policy, table);
    let signers = signers(snapshot, rule, &attestation)?;
    let others = signers.is_empty() && !snapshot.signatures.is_empty();
    if others {
        return Err(OracleError::OtherPolicy {
            found: snapshot.signatures.len(),
            policy: attestation.policy,
        });
    }
    // A threshold of zero is no rule: `Policy::validate` refuses it, and so does this.
    if (signers.len() as u64) < u64::from(rule.threshold.max(1)) {
        return Err(OracleError::TooFew {
            got: signers.len(),
            threshold: rule.threshold,
        });
    }
    check_time(snapshot.time, rule, now)?;
    if let Some(last) = last.filter(|last| snapshot.sequence < *last) {
        return Err(OracleError::Sequence {
            sequence: snapshot.sequence,
            last,
        });
    }
    check_confidence(snapshot, rule)?;
    Ok(Authentic {
        attestation,
        signers,
    })
}

/// The oracles of the rule who signed the attestation, in the order of the snapshot's signatures. Those under other policies
/// are passed over; every other must be a distinct oracle's.
///
/// # Errors
/// [`OracleError::Signature`], [`OracleError::UnknownSigner`], [`OracleError::Repeated`].
pub fn signers(
    snapshot: &Snapshot,
    rule: &OracleRule,
    attestation: &Attestation,
) -> Result<Vec<HexBytes<20>>, OracleError> {
    let mut found = Vec::new();
    for (index, entry) in snapshot.signatures.iter().enumerate() {
        if entry.policy != attestation.policy {
            continue;
        }
        let signer = recover(attestation, &entry.signature)
            .map_err(|source| OracleError::Signature { index, source })?;
        if !rule.signers.contains(&signer) {
            return Err(OracleError::UnknownSigner { index, signer });
        }
        if found.contains(&signer) {
            return Err(OracleError::Repeated { index, signer });
        }
        found.push(signer);
    }
    Ok(found)
}

fn check_time(time: Time, rule: &OracleRule, now: Time) -> Result<(), OracleError> {
    let (max_age_seconds, max_future_seconds) = (rule.max_age_seconds, rule.max_future_seconds);
    let ahead = time.unix() - now.unix();
    if ahead > i64::from(max_future_seconds) {
        return Err(OracleError::Future {
            time,
            now,
            max_future_seconds,
        });
    }
    if -ahead > i64::from(max_age_seconds) {
        return Err(OracleError::Stale {
            time,
            now,
            max_age_seconds,
        });
    }
    Ok(())
}

/// Whether the rule trusts every feed enough. Neither a proof nor a contract asks: for whoever signs a market or hands it on.
///
/// # Errors
/// [`OracleError::Confidence`] for the first feed that is below its limit.
pub fn check_confidence(snapshot: &Snapshot, rule: &OracleRule) -> Result<(), OracleError> {
    let mut limits = rule.min_confidence.iter();
    limits.try_for_each(|limit| check_limit(snapshot, limit))
}

/// Every feed of the asset: spot, perpetual, expiries. An asset that the snapshot does not have has none.
fn check_limit(snapshot: &Snapshot, limit: &ConfidenceLimit) -> Result<(), OracleError> {
    let assets = snapshot.assets.iter().enumerate();
    let spots = assets
        .filter(|(_, a)| a.asset == limit.asset)
        .flat_map(|(i, a)| {
            let perpetual = a.perpetual.as_ref().map(|p| p.confidence);
            let perpetual = perpetual.map(|value| (format!("assets[{i}].perpetual"), value));
            [Some((format!("assets[{i}]"), a.confidence)), perpetual]
        })
        .flatten();
    let expiries = snapshot.expiries.iter().enumerate();
    let expiries = expiries
        .filter(|(_, e)| e.asset == limit.asset)
        .map(|(i, e)| (format!("expiries[{i}]"), e.confidence));
    let below = spots
        .chain(expiries)
        .find(|(_, confidence)| *confidence < limit.confidence);
    below.map_or(Ok(()), |(part, confidence)| {
        Err(OracleError::Confidence {
            field: format!("{part}.confidence"),
            confidence,
            limit: limit.confidence,
        })
    })
}
