//! `inspect`: what a file holds, as far as others may know.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;
use zkmargin_circuits::{
    field,
    model::{HexBytes, MAX_FILE_BYTES, parse_json},
    shape::Shape,
    slots::Slots,
};
use zkmargin_prover::{
    Params,
    keys::{MAX_PROVING_KEY_BYTES, read_verifying_key},
};
use zkmargin_verifier::{MAX_PROOF_FILE_BYTES, ProofFile, VerifyingKey};

use crate::{
    error::CliError,
    files, format, input,
    output::{Console, Outcome},
    store,
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin inspect proof.json
  zkmargin inspect zkmargin-keys/liquidation-medium.vk

Knows proofs, verifying and proving keys, parameters, accounts, snapshots, policies and contexts. Of an account only \
counts and commitments are shown, never balances, positions or the salt. The digest of a proof's or key's file is not \
a check of the proof: that is `zkmargin verify`.";

const PARAMS_MAGIC: &[u8] = b"ZKMGNSRS";
const VERIFYING_MAGIC: &[u8] = zkmargin_verifier::key::MAGIC;
const PROVING_MAGIC: &[u8] = b"ZKMPKEY1";
/// Magic, the verifying key's digest.
const PROVING_HEADER: usize = 8 + 32;

/// Arguments of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct InspectArgs {
    /// The file.
    file: PathBuf,
}

/// Names and values, in the order of the report.
type Facts = Vec<(&'static str, Value)>;

/// Runs `inspect`.
pub(crate) fn run(args: &InspectArgs, console: &Console) -> Result<Outcome, CliError> {
    let path = &args.file;
    let head = files::head_of(path, 8)?;
    let facts = match head.as_slice() {
        PARAMS_MAGIC => params(path, console)?,
        VERIFYING_MAGIC => verifying(path, console)?,
        PROVING_MAGIC => proving(path, console)?,
        _ => document(path, console)?,
    };
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = facts.iter().map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        format!("{:<width$}  {value}", name.replace('_', " "))
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let map = facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Ok(Outcome::done(text, Value::Object(map.collect())))
}

fn hex32(bytes: [u8; 32]) -> Value {
    json!(HexBytes(bytes))
}

fn params(path: &Path, console: &Console) -> Result<Facts, CliError> {
    let params = console.spin("reading and checking the parameters", || Params::read(path))?;
    store::warn_of(params.origin(), console);
    Ok(vec![
        ("kind", json!("parameters")),
        ("k", json!(params.k())),
        ("origin", json!(params.origin().to_string())),
        ("unsafe_dev_parameters", json!(params.is_unsafe_dev())),
        ("digest", hex32(params.digest())),
        ("bytes", json!(files::length_of(path))),
    ])
}

fn key_facts(key: &VerifyingKey) -> Facts {
    vec![
        ("statement", json!(key.statement())),
        ("shape", json!(key.shape())),
        ("k", json!(key.k())),
        ("origin", json!(key.origin().to_string())),
        ("unsafe_dev_parameters", json!(key.is_unsafe_dev())),
        ("parameters_digest", hex32(key.params_digest())),
        ("proof_bytes", json!(key.proof_bytes())),
    ]
}

fn verifying(path: &Path, console: &Console) -> Result<Facts, CliError> {
    let key = read_verifying_key(path)?;
    store::warn_of(key.origin(), console);
    let mut facts = vec![
        ("kind", json!("verifying key")),
        ("digest", hex32(key.digest())),
    ];
    facts.extend(key_facts(&key));
    facts.push(("bytes", json!(files::length_of(path))));
    Ok(facts)
}

fn proving(path: &Path, console: &Console) -> Result<Facts, CliError> {
    let malformed = |reason: &str| CliError::UnknownFile {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let short = || malformed("truncated: not a whole proving key");
    let head = files::head_of(path, PROVING_HEADER as u64)?;
    let (_, digest) = head.split_last_chunk::<32>().ok_or_else(short)?;
    let digest = *digest;
    let found = files::checksum_of(path, MAX_PROVING_KEY_BYTES)?
        .filter(|found| head.len() == PROVING_HEADER && found.size > 32 + PROVING_HEADER as u64)
        .ok_or_else(short)?;
    if !found.matches {
        return Err(malformed("the checksum does not match the content"));
    }
    let mut facts = vec![
        ("kind", json!("proving key")),
        ("verifying_key", hex32(digest)),
        ("bytes", json!(found.size)),
    ];
    // What the key is for stands in the verifying key beside it.
    match read_verifying_key(&path.with_extension("vk")) {
        Ok(key) if key.digest() == digest => {
            store::warn_of(key.origin(), console);
            facts.extend(key_facts(&key));
        }
        _ => console
            .warn("its verifying key is not beside it, so its shape and parameters are not known"),
    }
    Ok(facts)
}

/// Fields that only one kind of file has. Nothing is kept of the others, however many there are.
#[derive(Deserialize)]
struct Marks {
    proof: Option<IgnoredAny>,
    salt: Option<IgnoredAny>,
    scenarios: Option<IgnoredAny>,
    liquidator: Option<IgnoredAny>,
    assets: Option<IgnoredAny>,
}

/// A JSON file, told by the fields that only its kind has.
fn document(path: &Path, console: &Console) -> Result<Facts, CliError> {
    let bytes = Zeroizing::new(files::bytes_of(path, MAX_FILE_BYTES)?);
    let fields: Marks = parse_json(path, &bytes)?;
    drop(bytes);
    if fields.proof.is_some() {
        proof(path, console)
    } else if fields.salt.is_some() {
        account(path, console)
    } else if fields.scenarios.is_some() {
        policy(path)
    } else if fields.liquidator.is_some() {
        context(path)
    } else if fields.assets.is_some() {
        snapshot(path)
    } else {
        Err(CliError::UnknownFile {
            path: path.to_owned(),
            reason:
                "neither a proof, a key, parameters, an account, a snapshot, a policy nor a context"
                    .to_owned(),
        })
    }
}

fn proof(path: &Path, console: &Console) -> Result<Facts, CliError> {
    let bytes = files::bytes_of(path, MAX_PROOF_FILE_BYTES)?;
    let file = ProofFile::from_bytes(&bytes).map_err(|source| CliError::ProofFile {
        path: path.to_owned(),
        source,
    })?;
    if file.unsafe_dev_parameters {
        store::warn_of(&zkmargin_prover::Origin::UnsafeDev, console);
    }
    console.note("the proof is not checked here: that is `zkmargin verify`");
    Ok(vec![
        ("kind", json!("proof")),
        ("statement", json!(file.statement)),
        ("shape", json!(file.shape)),
        ("circuit", json!(file.circuit)),
        ("commitment", json!(file.commitment)),
        ("context", json!(file.context)),
        ("table", json!(file.table)),
        ("key", json!(file.key)),
        ("repay", json!(file.repay)),
        ("incentive_rate", json!(file.incentive_rate)),
        ("exposures", json!(file.exposures)),
        ("proof_bytes", json!(file.proof.0.len())),
        ("unsafe_dev_parameters", json!(file.unsafe_dev_parameters)),
        ("sha256", hex32(Sha256::digest(&bytes).into())),
    ])
}

fn account(path: &Path, console: &Console) -> Result<Facts, CliError> {
    let account = input::account(path)?;
    console.note("private: whoever holds this file can open the account's commitment");
    let mut facts = vec![
        ("kind", json!("account")),
        ("collateral", json!(account.collateral.len())),
        ("futures", json!(account.futures.len())),
        ("options", json!(account.options.len())),
        ("perpetual_options", json!(account.perpetual_options.len())),
        ("power_perpetuals", json!(account.power_perpetuals.len())),
        ("variance", json!(account.variance.len())),
    ];
    for shape in Shape::ALL {
        let name = match shape {
            Shape::Small => "commitment_small",
            Shape::Medium => "commitment_medium",
            _ => "commitment_large",
        };
        let commitment =
            Slots::new(&account, shape).map(|slots| hex32(field::to_be_bytes(&slots.commitment())));
        facts.push((name, commitment.unwrap_or(Value::Null)));
    }
    Ok(facts)
}

fn snapshot(path: &Path) -> Result<Facts, CliError> {
    let snapshot = input::snapshot(path)?;
    let nodes: usize = snapshot.expiries.iter().map(|e| e.smile.len()).sum();
    let assets: Vec<String> = snapshot
        .assets
        .iter()
        .map(|a| a.asset.to_string())
        .collect();
    Ok(vec![
        ("kind", json!("snapshot")),
        ("sequence", json!(snapshot.sequence)),
        ("time", json!(snapshot.time)),
        ("assets", json!(assets.join(", "))),
        ("expiries", json!(snapshot.expiries.len())),
        ("smile_nodes", json!(nodes)),
        ("signatures", json!(snapshot.signatures.len())),
        ("digest", hex32(snapshot.digest())),
    ])
}

fn policy(path: &Path) -> Result<Facts, CliError> {
    let policy = input::policy(path)?;
    Ok(vec![
        ("kind", json!("policy")),
        ("name", json!(policy.name)),
        ("scenarios", json!(policy.scenarios.len())),
        ("maintenance_factor", json!(policy.factors.maintenance)),
        ("initial_factor", json!(policy.factors.initial)),
        (
            "incentive",
            json!(format!(
                "{} + {} x shortfall / requirement, at most {}",
                format::percent(policy.incentive.base),
                policy.incentive.slope,
                format::percent(policy.incentive.cap)
            )),
        ),
        ("disclosure", json!(policy.disclosure.level)),
        ("repay_tick", json!(policy.disclosure.repay_tick)),
        ("incentive_tick", json!(policy.disclosure.incentive_tick)),
        // Null where exposures are hidden.
        ("exposure_tick", json!(policy.disclosure.exposure_tick)),
        // Null where accounts need not be proved healthy.
        ("heartbeat", json!(policy.heartbeat)),
        // Null where nobody need sign a snapshot.
        ("oracle", json!(policy.oracle)),
        ("digest", hex32(policy.digest())),
    ])
}

fn context(path: &Path) -> Result<Facts, CliError> {
    let context = input::context(path)?;
    Ok(vec![
        ("kind", json!("context")),
        ("chain_id", json!(context.chain_id)),
        ("verifier", json!(context.verifier)),
        ("liquidator", json!(context.liquidator)),
        ("deadline", json!(context.deadline)),
        ("nonce", json!(context.nonce)),
        (
            "max_priority_fee_per_gas",
            json!(context.max_priority_fee_per_gas),
        ),
        ("digest", hex32(context.digest())),
    ])
}
