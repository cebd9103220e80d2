//! Why a proof did not get to the contract.

use alloy::primitives::{Address, B256};
use zkmargin_contracts::CallError;
use zkmargin_verifier::oracle::SignatureError;

use crate::Revert;

/// Why nothing, or not everything, was done. A node is named by host and port alone: the rest of its URL can hold a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No URL of a node.
    #[error("the node's URL: {reason}")]
    Url {
        /// What is wrong with it.
        reason: String,
    },
    /// No answer.
    #[error("the node at {node} cannot be reached for {method}: {reason}")]
    Unreachable {
        /// Host and port.
        node: String,
        /// What was asked.
        method: &'static str,
        /// The system's words.
        reason: String,
    },
    /// An answer other than a result, and other than a revert.
    #[error("the node at {node} refuses {method}: {message} (code {code})")]
    Node {
        /// Host and port.
        node: String,
        /// What was asked.
        method: &'static str,
        /// The JSON-RPC error's code.
        code: i64,
        /// The node's words.
        message: String,
    },
    /// An answer that is none.
    #[error("the node at {node} answers {method} with something else: {reason}")]
    Answer {
        /// Host and port.
        node: String,
        /// What was asked.
        method: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No code at the registry's address.
    #[error("there is no contract at {0}")]
    NoContract(Address),
    /// Code at the registry's address that is another contract's.
    #[error("the contract at {0} is no registry of this version")]
    NoRegistry(Address),
    /// The contract refuses.
    #[error("the contract refuses: {0}")]
    Reverted(Revert),
    /// Sent, and in no block in time. It may still get into one.
    #[error(
        "transaction {transaction} is in no block after {seconds} s, and may still get into one"
    )]
    Pending {
        /// Its hash.
        transaction: B256,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The node did not say whether it took the transaction.
    #[error("transaction {transaction} may get into a block: {source}")]
    Unsure {
        /// Its hash.
        transaction: B256,
        /// What the node said instead, if anything.
        source: Box<Self>,
    },
    /// The transaction went through without the event that it is for: the address is no registry's.
    #[error(
        "transaction {transaction} emitted no {event} event: {registry} is no registry of this version"
    )]
    NoEvent {
        /// Its hash.
        transaction: B256,
        /// The event.
        event: &'static str,
        /// Whom it was sent to.
        registry: Address,
    },
    /// A proof that makes no call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A snapshot's signature that is nobody's.
    #[error("field 'signatures[{index}].signature': {source}")]
    Signature {
        /// Place in the snapshot's list.
        index: usize,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// The key signs no transaction.
    #[error("the key does not sign: {0}")]
    Key(String),
    /// The system gives no event loop.
    #[error("no event loop: {0}")]
    Runtime(#[from] std::io::Error),
}

impl ChainError {
    /// The contract's reason, if it was the contract that refused.
    pub const fn revert(&self) -> Option<&Revert> {
        match self {
            Self::Reverted(revert) => Some(revert),
            _ => None,
        }
    }
}
