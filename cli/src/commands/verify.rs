//! `verify`: the check of a stranger, from public files alone.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use console::style;
use serde_json::{Value, json};
use zkmargin_circuits::{
    engine::Terms,
    model::{HexBytes, Time},
};
use zkmargin_prover::keys::read_verifying_key;
use zkmargin_verifier::{
    Eligibility, MAX_PROOF_FILE_BYTES, ProofFile, ProofFileError, Rejection, Request, VerifyingKey,
    verify,
};

use crate::{
    error::{CliError, REJECTED},
    files,
    input::{self, MarketArgs},
    output::{Console, Outcome},
    risk_text,
    store::{self, KeysArgs},
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin verify proof.json --snapshot snapshot.json --policy policy.json \\
    --commitment 0x1d0c...9a --context context.json
  zkmargin verify proof.json ... --key liquidation-medium.vk --at 2026-11-20T08:05:00Z
  zkmargin verify proof.json ... --policy policy-exposures.json --json | jq .terms.exposures

The market table is rebuilt from snapshot and policy, and the commitment, context and key are the verifier's own: \
nothing is taken from the proof file on trust. Exit code 0 means eligible for liquidation, 4 rejected; a proof file \
that ends early is bad input (2), one that was altered is rejected (4).

JSON: `eligible`, `statement`, `commitment`, `terms` (null when rejected; `terms.exposures` only under a policy \
that discloses them, in USD; its `repay` and `incentive_rate` are null where the policy hides them), `reason` (null when eligible).";

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct VerifyArgs {
    /// The proof file.
    pub(crate) proof: PathBuf,
    #[command(flatten)]
    pub(crate) market: MarketArgs,
    /// The account's current commitment: 0x and 64 hex digits.
    #[arg(long, value_name = "HEX")]
    pub(crate) commitment: HexBytes<32>,
    /// Who may use the proof, where and until when.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: PathBuf,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    /// The verifying key, instead of the one in the key folder.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    pub(crate) key: Option<PathBuf>,
    /// The time to hold against the context's deadline; by default now.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<Time>,
}

/// The outcome of a check on proper input.
#[derive(Debug)]
pub(crate) enum Checked {
    /// The account is eligible; the seconds that the check took.
    Eligible(Box<(Eligibility, VerifyingKey, f64)>),
    /// The proof was rejected: the reason, and the file if it could be parsed.
    Rejected(String, Option<Box<ProofFile>>),
}

/// Reads and checks a proof.
pub(crate) fn check(args: &VerifyArgs) -> Result<Checked, CliError> {
    let market = args.market.read()?;
    let context = input::context(&args.context)?;
    // A key named by hand is input; one in the folder is chosen by the proof's own words, which it is then held to.
    let named = args.key.as_deref().map(read_verifying_key).transpose()?;
    let bytes = files::bytes_of(&args.proof, MAX_PROOF_FILE_BYTES)?;
    let file = match ProofFile::from_bytes(&bytes) {
        Ok(file) => file,
        Err(source @ ProofFileError::Truncated) => {
            let path = args.proof.clone();
            return Err(CliError::ProofFile { path, source });
        }
        Err(error) => {
            let reason = format!("{}: {error}", args.proof.display());
            return Ok(Checked::Rejected(reason, None));
        }
    };
    let key = match named {
        Some(key) => key,
        None => store::verifying_key(&args.keys.folder, file.statement, file.shape)?,
    };
    let request = Request {
        key: &key,
        snapshot: &market.snapshot,
        policy: &market.policy,
        commitment: args.commitment,
        context: &context,
        at: args.at.unwrap_or_else(Time::now),
    };
    let start = Instant::now();
    match verify(&file, &request) {
        Ok(eligibility) => {
            let seconds = start.elapsed().as_secs_f64();
            Ok(Checked::Eligible(Box::new((eligibility, key, seconds))))
        }
        Err(Rejection::Table(source)) => Err(args.market.refused(source)),
        Err(error @ Rejection::CommitmentRange(_)) => Err(CliError::Commitment(error)),
        Err(rejection) => Ok(Checked::Rejected(
            rejection.to_string(),
            Some(Box::new(file)),
        )),
    }
}

/// Terms as every command prints them: `null` where the policy hides repay amount and incentive rate.
pub(crate) fn terms_document(terms: &Terms) -> Value {
    let mut document = json!(terms);
    document["repay"] = json!(terms.repay);
    document["incentive_rate"] = json!(terms.incentive_rate);
    document
}

fn accepted(eligibility: &Eligibility, key: &VerifyingKey, seconds: f64) -> Outcome {
    let digest = format!("0x{}", hex::encode(key.digest()));
    let text = format!(
        "{} for liquidation: the account behind the commitment is under-margined\n\
         commitment  {}\nsnapshot    {} at {}\n{}\n\
         key         {digest} ({}, shape {})\nparameters  {}\nchecked in  {:.1} ms",
        style("ELIGIBLE").green().bold(),
        eligibility.commitment,
        eligibility.snapshot_sequence,
        eligibility.snapshot_time,
        risk_text::terms(&eligibility.terms),
        eligibility.statement,
        eligibility.shape,
        key.origin(),
        seconds * 1e3,
    );
    let mut document = json!(eligibility);
    document["terms"] = terms_document(&eligibility.terms);
    document["eligible"] = json!(true);
    document["reason"] = Value::Null;
    document["key"] = json!(digest);
    document["origin"] = json!(key.origin());
    document["seconds"] = json!(seconds);
    Outcome::done(text, document)
}

fn rejected(reason: &str, file: Option<&ProofFile>, args: &VerifyArgs) -> Outcome {
    Outcome {
        code: REJECTED,
        text: format!("{}: {reason}", style("REJECTED").red().bold()),
        document: json!({
            "eligible": false,
            "statement": file.map(|f| f.statement),
            "shape": file.map(|f| f.shape),
            "commitment": args.commitment,
            "terms": null,
            "reason": reason,
            "unsafe_dev_parameters": file.map(|f| f.unsafe_dev_parameters),
        }),
    }
}

/// Runs `verify`.
pub(crate) fn run(args: &VerifyArgs, console: &Console) -> Result<Outcome, CliError> {
    Ok(match check(args)? {
        Checked::Eligible(found) => {
            let (eligibility, key, seconds) = *found;
            store::warn_of(key.origin(), console);
            accepted(&eligibility, &key, seconds)
        }
        Checked::Rejected(reason, file) => rejected(&reason, file.as_deref(), args),
    })
}

/// Verification arguments for files that lie in one folder, with the time now.
pub(crate) fn in_folder(folder: &Path, commitment: HexBytes<32>, key: &str) -> VerifyArgs {
    VerifyArgs {
        proof: folder.join("proof.json"),
        market: MarketArgs {
            snapshot: folder.join("snapshot.json"),
            policy: folder.join("policy.json"),
        },
        commitment,
        context: folder.join("context.json"),
        keys: KeysArgs {
            folder: folder.to_owned(),
        },
        key: Some(folder.join(key)),
        at: None,
    }
}
