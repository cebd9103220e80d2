//! `commit`: what others see of an account.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use zkmargin_circuits::{field, model::HexBytes, shape::Shape};

use crate::{error::CliError, input, output::Outcome};

const AFTER_HELP: &str = "\
Examples:
  zkmargin commit account.json
  zkmargin commit account.json --shape small

The shape is part of the commitment: the same account has another commitment in every shape, so name the shape that \
proofs about it are made with.";

/// Arguments of `commit`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CommitArgs {
    /// The private account.
    account: PathBuf,
    /// Shape of the proofs about it; part of the commitment.
    #[arg(long, value_name = "small|medium|large", default_value_t = Shape::Medium)]
    shape: Shape,
}

/// Runs `commit`.
pub(crate) fn run(args: &CommitArgs) -> Result<Outcome, CliError> {
    let account = input::account(&args.account)?;
    let slots = input::slots(&args.account, &account, args.shape)?;
    let commitment = HexBytes(field::to_be_bytes(&slots.commitment()));
    let document = json!({ "commitment": commitment, "shape": args.shape });
    Ok(Outcome::done(commitment.to_string(), document))
}
