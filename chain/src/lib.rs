//! zkmargin chain: proofs sent to the registry contract over JSON-RPC.
//!
//! A [`Client`] speaks with one node about one registry. A [`Call`] is tried on the node first ([`Client::ready`]), which says what it
//! would revert with, and is signed and sent only then ([`Client::send`]). Reverts are the contract's own errors, [`Revert`].

mod attestation;
mod call;
mod client;
mod error;
mod event;
mod fees;
mod node;
mod revert;

pub use call::Call;
pub use client::{Client, Ready};
pub use error::ChainError;
pub use event::{Event, Mined};
pub use revert::Revert;
pub use zkmargin_contracts::IMarginRegistry;
