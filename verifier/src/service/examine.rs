//! All that is checked before the proof itself.

use zkmargin_circuits::{
    model::{Context, HexBytes, Policy, Snapshot, Time},
    shape::Statement,
};

use super::Verifier;
use crate::{
    ProofFile, Rejection, VerifyingKey, oracle,
    ready::Market,
    registry::{AccountId, AccountState, Ledger, LedgerError},
};

/// What is handed in, and when.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub proof: &'a ProofFile,
    pub snapshot: &'a Snapshot,
    pub policy: &'a Policy,
    pub context: &'a Context,
    pub now: Time,
}

/// What the verifier knows of it.
pub(super) struct Found<'a> {
    pub key: &'a VerifyingKey,
    pub state: AccountState,
    /// Digest of the policy.
    policy: HexBytes<32>,
}

impl Verifier {
    pub(super) fn eligibility<'a, L: Ledger + ?Sized>(
        &'a self,
        case: &Case<'a>,
        ledger: &L,
    ) -> Result<Found<'a>, Rejection> {
        let key = self.key(case.proof, Statement::Liquidation)?;
        self.check_context(case.context, case.now)?;
        let policy = HexBytes(case.policy.digest());
        let (account, state) = standing(case.proof.commitment, policy, ledger)?;
        check_unspent(account, state.commitment, case.context, ledger)?;
        Ok(Found { key, state, policy })
    }

    pub(super) fn health<'a, L: Ledger + ?Sized>(
        &'a self,
        case: &Case<'a>,
        ledger: &L,
    ) -> Result<Found<'a>, Rejection> {
        let key = self.key(case.proof, Statement::Solvency)?;
        self.check_context(case.context, case.now)?;
        let policy = HexBytes(case.policy.digest());
        let (_, state) = standing(case.proof.commitment, policy, ledger)?;
        Ok(Found { key, state, policy })
    }

    /// The trusted key that the proof names; if none is it, one of its statement and shape, which then refuses it by name.
    fn key(&self, proof: &ProofFile, expected: Statement) -> Result<&VerifyingKey, Rejection> {
        let (statement, shape) = (proof.statement, proof.shape);
        if statement != expected {
            return Err(Rejection::OtherStatement {
                proof: statement,
                expected,
            });
        }
        let fits = |key: &&VerifyingKey| key.statement() == statement && key.shape() == shape;
        let mut fitting = self.keys.iter().filter(fits);
        let first = fitting.clone().next();
        fitting
            .find(|key| key.digest() == proof.key.0)
            .or(first)
            .ok_or(Rejection::NoKey { statement, shape })
    }

    /// For this verifier, and still in time.
    pub(super) fn check_context(&self, context: &Context, at: Time) -> Result<(), Rejection> {
        if context.chain_id != self.chain_id {
            return Err(Rejection::ChainId {
                context: context.chain_id,
                expected: self.chain_id,
            });
        }
        if context.verifier != self.id {
            return Err(Rejection::Verifier {
                context: context.verifier,
                expected: self.id,
            });
        }
        if let Some(expected) = self.liquidator.filter(|own| *own != context.liquidator) {
            return Err(Rejection::Liquidator {
                context: context.liquidator,
                expected,
            });
        }
        let deadline = context.deadline;
        if at > deadline {
            return Err(Rejection::Deadline { deadline, at });
        }
        Ok(())
    }
}

/// The account whose commitment of the day this is.
pub(super) fn current<L: Ledger + ?Sized>(
    commitment: HexBytes<32>,
    ledger: &L,
) -> Result<(AccountId, AccountState), Rejection> {
    let unknown = Rejection::UnknownCommitment(commitment);
    let Some(known) = ledger.account_of(commitment)? else {
        return Err(unknown);
    };
    let account = known.account;
    let state = ledger.account(account)?.ok_or(unknown)?;
    // Of two answers the second counts: the account may have changed between them.
    if state.commitment != commitment {
        return Err(Rejection::Ledger(LedgerError::Superseded {
            account,
            commitment,
            current: state.commitment,
        }));
    }
    Ok((account, state))
}

/// The same, under this policy.
pub(super) fn standing<L: Ledger + ?Sized>(
    commitment: HexBytes<32>,
    policy: HexBytes<32>,
    ledger: &L,
) -> Result<(AccountId, AccountState), Rejection> {
    let (account, state) = current(commitment, ledger)?;
    if state.policy != policy {
        return Err(Rejection::Ledger(LedgerError::Policy {
            account,
            claim: policy,
            expected: state.policy,
        }));
    }
    Ok((account, state))
}

/// Neither the state nor the nonce is spent yet.
fn check_unspent<L: Ledger + ?Sized>(
    account: AccountId,
    commitment: HexBytes<32>,
    context: &Context,
    ledger: &L,
) -> Result<(), Rejection> {
    if let Some(receipt) = ledger.consumed(account, commitment)? {
        return Err(Rejection::Ledger(LedgerError::Consumed {
            account,
            commitment,
            liquidator: receipt.claim.liquidator,
            nonce: receipt.claim.nonce,
            at: receipt.at,
            number: receipt.number,
        }));
    }
    let (liquidator, nonce) = (context.liquidator, context.nonce);
    if ledger.nonce_used(liquidator, nonce)? {
        return Err(Rejection::Ledger(LedgerError::NonceUsed {
            liquidator,
            nonce,
        }));
    }
    Ok(())
}

impl Found<'_> {
    /// That the policy's oracles vouch for the market, as it is now.
    pub(super) fn check_market<L: Ledger + ?Sized>(
        &self,
        market: &Market<'_>,
        now: Time,
        ledger: &L,
    ) -> Result<(), Rejection> {
        let Market {
            snapshot, policy, ..
        } = market;
        let last = ledger.last_sequence(self.policy)?;
        oracle::check(snapshot, policy, market.table(), now, last)?;
        Ok(())
    }
}
