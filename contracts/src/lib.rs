//! What `MarginRegistry` is called with: bindings of its interface, and calls made from proof files.

#[allow(missing_docs)]
mod bindings {
    alloy_sol_types::sol!("IMarginRegistry.sol");
}

mod sources;

use alloy_primitives::{Address, B256, Bytes, U256};
use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::{
        DisclosureError, InstanceError, header, header_rows, market_digest, rule_words,
        rules_digest, solvency_instance,
    },
    field,
    model::{Context, HexBytes},
    public::{PublicTable, TableError},
    shape::{Shape, Statement},
};
use zkmargin_verifier::{ProofFile, solidity};

pub use bindings::IMarginRegistry;
pub use sources::{SOURCES, Source};

/// Header words of a liquidation proof before its exposures.
const FIXED_WORDS: usize = 16;

/// Why a proof file makes no call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The public table does not fit the proof's shape.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The proof discloses other terms than the policy.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
    /// The policy has branches that a solvency proof has no places for.
    #[error("the policy has branches that a proof of solvency has no places for")]
    Branches,
}

/// The words of a statement's public inputs, and its table as bytes.
struct Inputs {
    header: Vec<[u8; 32]>,
    table: Vec<u8>,
}

fn inputs(file: &ProofFile, table: &PublicTable) -> Result<Inputs, CallError> {
    let zero = Fr::zero();
    let columns = match file.statement {
        Statement::Solvency => {
            solvency_instance(file.shape, table, zero, zero).map_err(|error| match error {
                InstanceError::Table(error) => CallError::Table(error),
                _ => CallError::Branches,
            })?
        }
        _ => {
            let first = header(file.shape, table, table.digest(), zero, zero, &file.terms())?;
            let rest = table.instance_columns(file.shape)?;
            std::iter::once(first).chain(rest).collect()
        }
    };
    let words = columns.first().map_or(0, Vec::len);
    let bytes = solidity::calldata(&columns, &[]);
    let (header, table) = bytes.split_at((32 * words).min(bytes.len()));
    let header = header.chunks_exact(32).map(|word| {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(word);
        bytes
    });
    Ok(Inputs {
        header: header.collect(),
        table: table.to_vec(),
    })
}

/// The `proof` argument: a proof file about an account that the contract knows.
///
/// # Errors
/// [`CallError`].
pub fn proof(
    file: &ProofFile,
    table: &PublicTable,
    account: HexBytes<32>,
) -> Result<IMarginRegistry::Proof, CallError> {
    let inputs = inputs(file, table)?;
    let other = match file.statement {
        Statement::Solvency => Statement::Liquidation,
        _ => Statement::Solvency,
    };
    let rules = rule_words(table, file.statement).ok_or(CallError::Branches)?;
    Ok(IMarginRegistry::Proof {
        account: account.0.into(),
        shape: file.shape.code(),
        market: market_digest(table).into(),
        rules: rules.into_iter().map(B256::from).collect(),
        otherRules: rules_digest(table, other).into(),
        table: inputs.table.into(),
        proof: Bytes::copy_from_slice(&file.proof.0),
    })
}

/// The `terms` argument: what a liquidation proof discloses.
///
/// # Errors
/// [`CallError`].
pub fn terms(file: &ProofFile, table: &PublicTable) -> Result<IMarginRegistry::Terms, CallError> {
    let inputs = inputs(file, table)?;
    let word = |row: usize| inputs.header.get(row).copied().unwrap_or_default();
    let exposures = if table.rules.exposures_shown {
        let rows = FIXED_WORDS..header_rows(file.shape);
        rows.map(|row| word(row).into()).collect()
    } else {
        Vec::new()
    };
    Ok(IMarginRegistry::Terms {
        repay: U256::from_be_bytes(word(2)),
        incentive: U256::from_be_bytes(word(3)),
        exposures,
    })
}

/// The `use` argument: the part of a context that is not chain, contract and sender.
pub fn use_of(context: &Context) -> IMarginRegistry::Use {
    IMarginRegistry::Use {
        deadline: context.deadline.unix().try_into().unwrap_or_default(),
        nonce: context.nonce,
        maxPriorityFeePerGas: context.max_priority_fee_per_gas,
    }
}

/// The sender that a context is for.
pub fn sender(context: &Context) -> Address {
    Address::from(context.liquidator.0)
}

/// Underlyings of a shape, by which the contract knows the length of exposures.
pub const fn exposure_words(shape: Shape) -> usize {
    header_rows(shape) - FIXED_WORDS
}

/// A field element as the contract's word.
pub fn word(value: &Fr) -> B256 {
    field::to_be_bytes(value).into()
}
