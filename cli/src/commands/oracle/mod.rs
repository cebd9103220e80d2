//! `oracle`: keys, signatures and checks of the markets that proofs are about.

mod keygen;
mod sign;
mod verify;

use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use zkmargin_circuits::model::OracleRule;
use zkmargin_verifier::oracle::{Attestation, OracleError};

use crate::{
    error::CliError,
    input::{Market, MarketArgs},
    output::Outcome,
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin oracle keygen -o oracle.key.json
  zkmargin oracle sign snapshot.json --policy policy.json --key oracle.key.json
  zkmargin oracle verify snapshot.json --policy policy.json

A policy's `oracle` names who may sign, how many must, and how old a snapshot may be. What is signed is EIP-712 typed \
data, which a contract recovers the same addresses from.";

/// Arguments of `oracle`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct OracleArgs {
    #[command(subcommand)]
    command: OracleCommand,
}

/// What oracles do.
#[derive(Debug, Subcommand)]
enum OracleCommand {
    /// Draw an oracle's secret key.
    Keygen(keygen::KeygenArgs),
    /// Add one's signature to a snapshot file.
    Sign(sign::SignArgs),
    /// Check a snapshot's signatures, age, sequence and confidence.
    Verify(verify::VerifyArgs),
}

/// Runs `oracle`.
pub(crate) fn run(args: &OracleArgs) -> Result<Outcome, CliError> {
    match &args.command {
        OracleCommand::Keygen(args) => keygen::run(args),
        OracleCommand::Sign(args) => sign::run(args),
        OracleCommand::Verify(args) => verify::run(args),
    }
}

/// Snapshot and policy with what is signed of them.
struct Signable {
    market: Market,
    attestation: Attestation,
    rule: OracleRule,
}

impl Signable {
    /// Reads both files; a policy without oracles is bad input.
    fn read(snapshot: &Path, policy: &Path) -> Result<Self, CliError> {
        let args = MarketArgs {
            snapshot: snapshot.to_owned(),
            policy: policy.to_owned(),
        };
        let market = args.read()?;
        let rule = market.policy.oracle.clone();
        let rule = rule.ok_or_else(|| CliError::Oracle {
            path: policy.to_owned(),
            source: OracleError::NoRule,
        })?;
        let attestation = Attestation::new(&market.snapshot, &market.policy, &market.table);
        Ok(Self {
            market,
            attestation,
            rule,
        })
    }
}

/// What is signed, with the digest of it.
fn document(attestation: &Attestation) -> Value {
    let mut document = json!(attestation);
    document["digest"] = json!(format!("0x{}", hex::encode(attestation.digest())));
    document
}
