//! The check itself.

use serde::Serialize;
use zkmargin_circuits::{
    engine::Terms,
    model::{Context, HexBytes, Policy, Snapshot, Time},
    shape::{Shape, Statement},
};

use crate::{
    ProofFile, Rejection, VerifyingKey,
    ready::{Market, Ready},
};

/// What the verifier knows by itself, besides the proof file.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The trusted verifying key.
    pub key: &'a VerifyingKey,
    /// The market.
    pub snapshot: &'a Snapshot,
    /// The risk rules.
    pub policy: &'a Policy,
    /// The account's current commitment.
    pub commitment: HexBytes<32>,
    /// Who may use the proof, where and until when.
    pub context: &'a Context,
    /// The time of the check, held against the context's deadline.
    pub at: Time,
}

/// The account behind the commitment may be liquidated on these terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Eligibility {
    /// What was proved.
    pub statement: Statement,
    /// The circuit's capacity.
    pub shape: Shape,
    /// The account.
    pub commitment: HexBytes<32>,
    /// Digest of the context that the proof is bound to.
    pub context: HexBytes<32>,
    /// Digest of the policy that the account is under-margined under: [`Policy::digest`].
    pub policy: HexBytes<32>,
    /// The disclosed terms.
    pub terms: Terms,
    /// Time of the market snapshot.
    pub snapshot_time: Time,
    /// Sequence of the market snapshot.
    pub snapshot_sequence: u64,
    /// The last second at which the market is not too old for the policy's oracle rule; `None` if the policy names no oracles.
    pub market_until: Option<Time>,
    /// The parameters are for development: the proof is worth nothing outside tests.
    pub unsafe_dev_parameters: bool,
}

/// The account behind the commitment is healthy: nobody may liquidate it by this snapshot. Made by [`verify_health`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// What was proved.
    pub statement: Statement,
    /// The circuit's capacity.
    pub shape: Shape,
    /// The account.
    pub commitment: HexBytes<32>,
    /// Digest of the context that the proof is bound to.
    pub context: HexBytes<32>,
    /// Digest of the policy that the account is healthy under: [`Policy::digest`].
    pub policy: HexBytes<32>,
    /// Time of the market snapshot.
    pub snapshot_time: Time,
    /// Sequence of the market snapshot.
    pub snapshot_sequence: u64,
    /// The parameters are for development: the proof is worth nothing outside tests.
    pub unsafe_dev_parameters: bool,
}

impl Eligibility {
    /// What a proof says that has passed every check.
    pub(crate) fn new(file: &ProofFile, request: &Request<'_>, ready: &Ready<'_>) -> Self {
        Self {
            statement: file.statement,
            shape: file.shape,
            commitment: file.commitment,
            context: ready.context,
            policy: ready.policy,
            terms: file.terms(),
            snapshot_time: request.snapshot.time,
            snapshot_sequence: request.snapshot.sequence,
            market_until: market_until(request),
            unsafe_dev_parameters: request.key.is_unsafe_dev(),
        }
    }
}

impl Health {
    /// What a proof says that has passed every check.
    pub(crate) fn new(file: &ProofFile, request: &Request<'_>, ready: &Ready<'_>) -> Self {
        Self {
            statement: file.statement,
            shape: file.shape,
            commitment: file.commitment,
            context: ready.context,
            policy: ready.policy,
            snapshot_time: request.snapshot.time,
            snapshot_sequence: request.snapshot.sequence,
            unsafe_dev_parameters: request.key.is_unsafe_dev(),
        }
    }
}

/// What the oracle check holds the snapshot's age against, as a time.
fn market_until(request: &Request<'_>) -> Option<Time> {
    let rule = request.policy.oracle.as_ref()?;
    Some(request.snapshot.time.plus(rule.max_age_seconds))
}

/// Checks a liquidation proof against what the verifier knows. A proof of health is refused.
///
/// # Errors
/// The first reason to reject; [`Rejection::Table`] and [`Rejection::CommitmentRange`] are about
/// the verifier's own input.
pub fn verify(file: &ProofFile, request: &Request<'_>) -> Result<Eligibility, Rejection> {
    let market = Market::new(request.snapshot, request.policy)?;
    verify_in(file, request, &market)
}

/// [`verify`] in the market of the request's snapshot and policy.
pub(crate) fn verify_in(
    file: &ProofFile,
    request: &Request<'_>,
    market: &Market<'_>,
) -> Result<Eligibility, Rejection> {
    let ready = Ready::new(file, request, Statement::Liquidation, market)?;
    ready.read()?.check()?;
    Ok(Eligibility::new(file, request, &ready))
}

/// Checks a proof of solvency against what the verifier knows. A liquidation proof is refused.
///
/// # Errors
/// As [`verify`].
pub fn verify_health(file: &ProofFile, request: &Request<'_>) -> Result<Health, Rejection> {
    let market = Market::new(request.snapshot, request.policy)?;
    verify_health_in(file, request, &market)
}

/// [`verify_health`] in the market of the request's snapshot and policy.
pub(crate) fn verify_health_in(
    file: &ProofFile,
    request: &Request<'_>,
    market: &Market<'_>,
) -> Result<Health, Rejection> {
    let ready = Ready::new(file, request, Statement::Solvency, market)?;
    ready.read()?.check()?;
    Ok(Health::new(file, request, &ready))
}

impl<'a> Market<'a> {
    /// [`verify`] of one proof more in this market.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(
        &self,
        file: &ProofFile,
        key: &VerifyingKey,
        commitment: HexBytes<32>,
        context: &Context,
        at: Time,
    ) -> Result<Eligibility, Rejection> {
        verify_in(file, &self.request(key, commitment, context, at), self)
    }

    /// [`verify_health`] of one proof more in this market.
    ///
    /// # Errors
    /// As [`verify_health`].
    pub fn verify_health(
        &self,
        file: &ProofFile,
        key: &VerifyingKey,
        commitment: HexBytes<32>,
        context: &Context,
        at: Time,
    ) -> Result<Health, Rejection> {
        verify_health_in(file, &self.request(key, commitment, context, at), self)
    }

    fn request<'r>(
        &self,
        key: &'r VerifyingKey,
        commitment: HexBytes<32>,
        context: &'r Context,
        at: Time,
    ) -> Request<'r>
    where
        'a: 'r,
    {
        Request {
            key,
            snapshot: self.snapshot,
            policy: self.policy,
            commitment,
            context,
            at,
        }
    }
}
