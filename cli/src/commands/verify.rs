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
    model::{HeartbeatRule, HexBytes, Time},
    shape::Statement,
};
use zkmargin_prover::keys::read_verifying_key;
use zkmargin_verifier::{
    Eligibility, Health, MAX_PROOF_FILE_BYTES, ProofFile, ProofFileError, Rejection, Request,
    VerifyingKey, verify, verify_health,
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
  zkmargin verify health.json ... --statement solvency
  zkmargin verify proof.json ... --key liquidation-medium.vk --at 2026-11-20T08:05:00Z
  zkmargin verify proof.json ... --policy policy-exposures.json --json | jq .terms.exposures

The market table is rebuilt from snapshot and policy, and the commitment, context and key are the verifier's own: \
nothing is taken from the proof file on trust. Whether the policy's oracles signed the snapshot is not asked here: that is \
`zkmargin oracle verify`. Exit code 0 means eligible for liquidation or healthy, as the proof states; 4 rejected. A script that acts on exit \
code 0 names the statement that it wants with --statement: any other is then rejected. A proof file \
that ends early is bad input (2), one that was altered is rejected (4).

JSON: `eligible` (of a liquidation proof), `healthy` (of a solvency proof), `statement`, `commitment`, `terms` (null \
when rejected or healthy; `terms.exposures` only under a policy \
that discloses them, in USD; its `repay` and `incentive_rate` are null where the policy hides them), `reason` (null unless rejected); \
of a solvency proof `heartbeat`, the last seconds at which it counts under the policy's heartbeat and at which the \
account is in grace (null without one).";

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
    /// What the proof must state; by default either.
    #[arg(long, value_name = "liquidation|solvency")]
    pub(crate) statement: Option<Statement>,
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
    /// The account is healthy; the policy's heartbeat, and the seconds that the check took.
    Healthy(Box<(Health, Option<HeartbeatRule>, VerifyingKey, f64)>),
    /// The proof was rejected: the reason, and the file if it could be parsed.
    Rejected(String, Option<Box<ProofFile>>),
}

/// What a verified proof says.
enum Found {
    Eligibility(Eligibility),
    Health(Health),
}

/// Reads a proof file, or says why it is none: one that ends early is bad input, one that was altered is rejected.
pub(crate) fn read_proof(path: &Path) -> Result<Result<ProofFile, String>, CliError> {
    let bytes = files::bytes_of(path, MAX_PROOF_FILE_BYTES)?;
    match ProofFile::from_bytes(&bytes) {
        Ok(file) => Ok(Ok(file)),
        Err(source @ ProofFileError::Truncated) => {
            let path = path.to_owned();
            Err(CliError::ProofFile { path, source })
        }
        Err(error) => Ok(Err(format!("{}: {error}", path.display()))),
    }
}

/// Reads and checks a proof.
pub(crate) fn check(args: &VerifyArgs) -> Result<Checked, CliError> {
    let market = args.market.read()?;
    let context = input::context(&args.context)?;
    // A key named by hand is input; one in the folder is chosen by the proof's own words, which it is then held to.
    let named = args.key.as_deref().map(read_verifying_key).transpose()?;
    let file = match read_proof(&args.proof)? {
        Ok(file) => file,
        Err(reason) => return Ok(Checked::Rejected(reason, None)),
    };
    if let Some(expected) = args.statement
        && file.statement != expected
    {
        let proof = file.statement;
        let reason = Rejection::OtherStatement { proof, expected }.to_string();
        return Ok(Checked::Rejected(reason, Some(Box::new(file))));
    }
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
    let verified = match file.statement {
        Statement::Solvency => verify_health(&file, &request).map(Found::Health),
        _ => verify(&file, &request).map(Found::Eligibility),
    };
    let seconds = start.elapsed().as_secs_f64();
    match verified {
        Ok(Found::Eligibility(found)) => Ok(Checked::Eligible(Box::new((found, key, seconds)))),
        Ok(Found::Health(found)) => {
            let rule = market.policy.heartbeat;
            Ok(Checked::Healthy(Box::new((found, rule, key, seconds))))
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
    document["healthy"] = json!(false);
    document["reason"] = Value::Null;
    document["key"] = json!(digest);
    document["origin"] = json!(key.origin());
    document["seconds"] = json!(seconds);
    Outcome::done(text, document)
}

fn healthy(
    health: &Health,
    rule: Option<HeartbeatRule>,
    key: &VerifyingKey,
    seconds: f64,
) -> Outcome {
    let digest = format!("0x{}", hex::encode(key.digest()));
    let spans = rule.map(|rule| {
        let time = health.snapshot_time;
        (rule.healthy_until(time), rule.grace_until(time))
    });
    let heartbeat = spans.map(|(until, grace)| {
        format!("heartbeat   healthy until {until}, in grace until {grace}\n")
    });
    let text = format!(
        "{}: under every branch of the policy the account behind the commitment meets its requirement\n\
         commitment  {}\nsnapshot    {} at {}\n{}\
         key         {digest} ({}, shape {})\nparameters  {}\nchecked in  {:.1} ms",
        style("HEALTHY").green().bold(),
        health.commitment,
        health.snapshot_sequence,
        health.snapshot_time,
        heartbeat.unwrap_or_default(),
        health.statement,
        health.shape,
        key.origin(),
        seconds * 1e3,
    );
    let mut document = json!(health);
    document["eligible"] = json!(false);
    document["healthy"] = json!(true);
    document["terms"] = Value::Null;
    document["reason"] = Value::Null;
    document["heartbeat"] = json!(spans.map(|(until, grace)| json!({
        "healthy_until": until,
        "grace_until": grace,
    })));
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
            "healthy": false,
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
        Checked::Healthy(found) => {
            let (health, rule, key, seconds) = *found;
            store::warn_of(key.origin(), console);
            healthy(&health, rule, &key, seconds)
        }
        Checked::Rejected(reason, file) => rejected(&reason, file.as_deref(), args),
    })
}

/// Arguments that verify a liquidation proof with files that lie in one folder, with the time now.
pub(crate) fn in_folder(folder: &Path, commitment: HexBytes<32>, key: &str) -> VerifyArgs {
    VerifyArgs {
        proof: folder.join("proof.json"),
        market: MarketArgs {
            snapshot: folder.join("snapshot.json"),
            policy: folder.join("policy.json"),
        },
        commitment,
        context: folder.join("context.json"),
        statement: Some(Statement::Liquidation),
        keys: KeysArgs {
            folder: folder.to_owned(),
        },
        key: Some(folder.join(key)),
        at: None,
    }
}
