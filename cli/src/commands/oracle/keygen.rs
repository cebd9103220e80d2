//! `oracle keygen`: a fresh secret key.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use zkmargin_prover::atomic::{Access, Staged};
use zkmargin_verifier::oracle::OracleKey;

use crate::{error::CliError, files, oracle_key, output::Outcome};

const AFTER_HELP: &str = "\
Example:
  zkmargin oracle keygen -o oracle.key.json

The key is drawn from the system's random numbers. Its file is readable by its owner only, from its first byte on; who \
reads it can sign as the oracle. The address printed goes into the policy's oracle.signers.";

/// Arguments of `oracle keygen`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct KeygenArgs {
    /// The key file to write.
    #[arg(short, long, value_name = "KEY")]
    output: PathBuf,
    /// Replace a key that exists: it is lost then.
    #[arg(long)]
    force: bool,
}

/// Runs `oracle keygen`.
pub(super) fn run(args: &KeygenArgs) -> Result<Outcome, CliError> {
    let path = &args.output;
    files::refuse_existing(path, args.force)?;
    let key = OracleKey::random();
    let bytes = oracle_key::encode(&key, path)?;
    Staged::new(path, &bytes, files::overwrite(args.force), Access::Owner)?.commit()?;
    let text = format!("key      {}\naddress  {}", path.display(), key.address());
    let document = json!({ "key": path, "address": key.address() });
    Ok(Outcome::done(text, document))
}
