//! A market as the contract takes it.

use alloy::primitives::Bytes;
use zkmargin_circuits::{
    model::{HexBytes, Policy, Snapshot},
    public::PublicTable,
};
use zkmargin_contracts::IMarginRegistry;
use zkmargin_verifier::oracle::{Attestation, recover};

use crate::ChainError;

/// What oracles signed, as the contract's struct.
fn attestation(signed: &Attestation) -> IMarginRegistry::Attestation {
    IMarginRegistry::Attestation {
        snapshot: signed.snapshot.0.into(),
        policy: signed.policy.0.into(),
        market: signed.market.0.into(),
        sequence: signed.sequence,
        time: signed.time,
    }
}

/// The call that posts a market with the snapshot's signatures under this policy, in increasing order of their signers, as the contract wants
/// them.
///
/// # Errors
/// [`ChainError::Signature`].
pub(crate) fn post(
    snapshot: &Snapshot,
    policy: &Policy,
    table: &PublicTable,
) -> Result<IMarginRegistry::postMarketCall, ChainError> {
    let signed = Attestation::new(snapshot, policy, table);
    let mut found = Vec::new();
    for (index, entry) in snapshot.signatures.iter().enumerate() {
        if entry.policy != signed.policy {
            continue;
        }
        let signer: HexBytes<20> = recover(&signed, &entry.signature)
            .map_err(|source| ChainError::Signature { index, source })?;
        found.push((signer.0, entry.signature.0));
    }
    found.sort_unstable();
    let signatures = found.iter().map(|(_, bytes)| Bytes::copy_from_slice(bytes));
    Ok(IMarginRegistry::postMarketCall {
        market: attestation(&signed),
        signatures: signatures.collect(),
    })
}
