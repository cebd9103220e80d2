//! `oracle sign`: one more signature in a snapshot file.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use zkmargin_circuits::model::OracleSignature;
use zkmargin_prover::atomic::{Overwrite, check_target, write_atomic};
use zkmargin_verifier::oracle::{OracleError, check_confidence, signers};

use super::{Signable, document};
use crate::{error::CliError, files, oracle_key, output::Outcome};

const AFTER_HELP: &str = "\
Examples:
  zkmargin oracle sign snapshot.json --policy policy.json --key oracle.key.json
  zkmargin oracle sign snapshot.json --policy policy.json --key oracle.key.json --json | jq .signed

The signature is added to the file, which is replaced in one step; the other oracles' stay, also those that are being \
added at the same moment. A key that has signed already changes nothing. A snapshot with a feed below the policy's \
min_confidence is not signed: a chain does not see it. Sign what you know to be the market: what is \
signed is the snapshot, the policy, and the public table that follows from the two.

JSON: `address` of the signer, `added` (false if it was there), `signatures` under this policy by now, the policy's \
`threshold`, and what was `signed`.";

/// Arguments of `oracle sign`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SignArgs {
    /// The snapshot file, to which the signature is added.
    snapshot: PathBuf,
    /// The policy under which it is signed.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The oracle's key.
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
}

/// Runs `oracle sign`.
pub(super) fn run(args: &SignArgs) -> Result<Outcome, CliError> {
    let path = &args.snapshot;
    let refuse = |source| CliError::Oracle {
        path: path.clone(),
        source,
    };
    let key = oracle_key::read(&args.key)?;
    check_target(path, Overwrite::Replace)?;
    // From here to the end no other oracle signs this file: the later one would drop the earlier one's signature.
    let _alone = files::lock(path)?;
    let Signable {
        market,
        attestation,
        rule,
    } = Signable::read(path, &args.policy)?;
    let address = key.address();
    if !rule.signers.contains(&address) {
        return Err(CliError::NoOracle {
            path: args.key.clone(),
            policy: args.policy.clone(),
            address,
        });
    }
    // A contract takes the signers' word for it.
    check_confidence(&market.snapshot, &rule).map_err(refuse)?;
    // What is there already must be good: nobody would accept the file with it.
    let mut found = signers(&market.snapshot, &rule, &attestation).map_err(refuse)?;
    let added = !found.contains(&address);
    if added {
        let index = market.snapshot.signatures.len();
        let signature = key
            .sign(&attestation)
            .map_err(|source| refuse(OracleError::Signature { index, source }))?;
        let mut snapshot = market.snapshot.clone();
        snapshot.signatures.push(OracleSignature {
            policy: attestation.policy,
            signature,
        });
        snapshot.validate().map_err(|source| CliError::Value {
            path: path.clone(),
            source,
        })?;
        write_atomic(path, &files::to_json(&snapshot, path)?, Overwrite::Replace)?;
        found.push(address);
    }
    let (count, threshold) = (found.len(), rule.threshold);
    let text = format!(
        "{} by {address}\nsnapshot    {} at {}\npolicy      {}\nsignatures  {count}, of {threshold} that the policy asks for",
        if added { "signed" } else { "signed already" },
        attestation.sequence,
        market.snapshot.time,
        attestation.policy,
    );
    let document = json!({
        "snapshot": path,
        "address": address,
        "added": added,
        "signatures": count,
        "threshold": threshold,
        "signed": document(&attestation),
    });
    Ok(Outcome::done(text, document))
}
