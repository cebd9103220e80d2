//! The contracts on an EVM in this process, compiled by the pinned compiler: `npm ci` in `contracts/` brings it.
//!
//! Ignored where nobody asked for them, since they need node: `contracts/test.sh` installs the compiler and runs them.

mod chain;
mod market;
mod registry;
mod solc;
mod verifier;
