//! What a policy may say of its oracles, and how many signatures a snapshot may carry.

use std::collections::HashSet;

use super::{
    super::{HexBytes, OracleRule, Snapshot},
    SHARE, ValueError, check, unique, within,
};

/// Most oracles of a policy: what a check costs is bounded by it.
pub const MAX_ORACLES: usize = 32;
/// Most signatures of a snapshot, under all policies together.
pub const MAX_SIGNATURES: usize = 256;

impl OracleRule {
    pub(super) fn validate(&self) -> Result<(), ValueError> {
        const MONTH: u32 = 30 * 86_400;
        let count = self.signers.len();
        check(
            (1..=MAX_ORACLES).contains(&count),
            "oracle.signers".into(),
            format!("{count} signers"),
            "must be 1 to 32",
        )?;
        let mut seen = HashSet::new();
        for (i, signer) in self.signers.iter().enumerate() {
            let field = || format!("oracle.signers[{i}]");
            check(
                *signer != HexBytes([0; 20]),
                field(),
                signer,
                "is nobody's address",
            )?;
            unique(&mut seen, *signer, field(), signer)?;
        }
        check(
            // At most 32 signers, so the conversion is exact.
            (1..=count as u64).contains(&u64::from(self.threshold)),
            "oracle.threshold".into(),
            self.threshold,
            "must be 1 to the number of signers",
        )?;
        check(
            (1..=MONTH).contains(&self.max_age_seconds),
            "oracle.max_age_seconds".into(),
            self.max_age_seconds,
            "must be 1 to 2592000",
        )?;
        check(
            self.max_future_seconds <= 3600,
            "oracle.max_future_seconds".into(),
            self.max_future_seconds,
            "must be 0 to 3600",
        )?;
        let mut seen = HashSet::new();
        for (i, limit) in self.min_confidence.iter().enumerate() {
            let part = format!("oracle.min_confidence[{i}]");
            within(&part, &[("confidence", limit.confidence, SHARE)])?;
            unique(&mut seen, limit.asset, format!("{part}.asset"), limit.asset)?;
        }
        Ok(())
    }
}

impl Snapshot {
    pub(super) fn validate_signatures(&self) -> Result<(), ValueError> {
        check(
            self.signatures.len() <= MAX_SIGNATURES,
            "signatures".into(),
            format!("{} signatures", self.signatures.len()),
            "must be at most 256",
        )
    }
}
