//! The calls that this crate makes.

use alloy::primitives::Bytes;
use alloy_sol_types::SolCall;
use zkmargin_circuits::{
    model::{Context, HexBytes, Policy, Snapshot},
    public::PublicTable,
    shape::Statement,
};
use zkmargin_contracts::{IMarginRegistry, proof, terms, use_of};
use zkmargin_verifier::ProofFile;

use crate::{ChainError, attestation};

/// A call of the registry, and the event without which it has done nothing.
#[derive(Debug, Clone)]
pub struct Call {
    pub(crate) data: Bytes,
    pub(crate) event: Option<&'static str>,
}

impl Call {
    /// Shows a proof about an account: `liquidate`, or of a solvency proof `proveHealth`. `table` is the public table of snapshot and policy
    /// that the proof is about.
    ///
    /// # Errors
    /// [`ChainError::Call`].
    pub fn show(
        file: &ProofFile,
        table: &PublicTable,
        account: HexBytes<32>,
        context: &Context,
    ) -> Result<Self, ChainError> {
        let (proof, use_) = (proof(file, table, account)?, use_of(context));
        Ok(match file.statement {
            Statement::Solvency => Self {
                data: IMarginRegistry::proveHealthCall { proof, r#use: use_ }
                    .abi_encode()
                    .into(),
                event: Some("Healthy"),
            },
            _ => Self {
                data: IMarginRegistry::liquidateCall {
                    proof,
                    terms: terms(file, table)?,
                    r#use: use_,
                }
                .abi_encode()
                .into(),
                event: Some("Eligible"),
            },
        })
    }

    /// Posts a market with the signatures that the snapshot has under this policy.
    ///
    /// # Errors
    /// [`ChainError::Signature`].
    pub fn post(
        snapshot: &Snapshot,
        policy: &Policy,
        table: &PublicTable,
    ) -> Result<Self, ChainError> {
        Ok(Self {
            data: attestation::post(snapshot, policy, table)?
                .abi_encode()
                .into(),
            // None if another has posted it a moment before: that is as good.
            event: None,
        })
    }
}
