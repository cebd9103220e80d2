//! `oracle verify`: whether a snapshot may be acted upon.

use std::path::PathBuf;

use clap::Args;
use console::style;
use serde_json::{Value, json};
use zkmargin_circuits::model::Time;
use zkmargin_verifier::oracle::check;

use super::{Signable, document};
use crate::{
    error::{CliError, REJECTED},
    output::Outcome,
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin oracle verify snapshot.json --policy policy.json
  zkmargin oracle verify snapshot.json --policy policy.json --at 2026-11-20T08:00:30Z --last 48210

Checks that enough of the policy's oracles signed, that the snapshot is neither too old nor of the future, not behind \
the last one that was accepted, and that every feed keeps the policy's limit of confidence. Exit code 0 means \
authentic; 4 rejected; 2 that the policy names no oracles.

JSON: `authentic`, `reason` (null unless rejected), `signers` (empty when rejected), the policy's `threshold`, and \
what is to be `signed`.";

/// Arguments of `oracle verify`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct VerifyArgs {
    /// The snapshot file.
    snapshot: PathBuf,
    /// The policy whose oracles must have signed.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The time to hold against the snapshot's; by default now.
    #[arg(long, value_name = "TIME")]
    at: Option<Time>,
    /// The greatest sequence that was accepted before; by default none was.
    #[arg(long, value_name = "N")]
    last: Option<u64>,
}

/// Runs `oracle verify`.
pub(super) fn run(args: &VerifyArgs) -> Result<Outcome, CliError> {
    let Signable {
        market,
        attestation,
        rule,
    } = Signable::read(&args.snapshot, &args.policy)?;
    let now = args.at.unwrap_or_else(Time::now);
    let checked = check(
        &market.snapshot,
        &market.policy,
        &market.table,
        now,
        args.last,
    );
    let mut facts = json!({
        "authentic": checked.is_ok(),
        "reason": Value::Null,
        "signers": [],
        "threshold": rule.threshold,
        "signed": document(&attestation),
    });
    Ok(match checked {
        Ok(authentic) => {
            facts["signers"] = json!(authentic.signers);
            let signers = authentic.signers.iter();
            let signers: Vec<String> = signers.map(ToString::to_string).collect();
            let text = format!(
                "{}: signed by {} of the policy's oracles, {} asked for\nsnapshot  {} at {}\npolicy    {}\nsigners   {}",
                style("AUTHENTIC").green().bold(),
                signers.len(),
                rule.threshold,
                market.snapshot.sequence,
                market.snapshot.time,
                attestation.policy,
                signers.join("\n          "),
            );
            Outcome::done(text, facts)
        }
        Err(error) => {
            let reason = format!("{}: {error}", args.snapshot.display());
            facts["reason"] = json!(reason);
            Outcome {
                code: REJECTED,
                text: format!("{}: {reason}", style("REJECTED").red().bold()),
                document: facts,
            }
        }
    })
}
