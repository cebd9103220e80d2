//! Proofs sent to the registry contract on a chain.
