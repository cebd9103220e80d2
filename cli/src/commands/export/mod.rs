//! `export`: what other systems verify proofs with.

mod solidity;

use clap::{Args, Subcommand};

use crate::{
    error::CliError,
    output::{Console, Outcome},
};

const AFTER_HELP: &str = "\
Example:
  zkmargin export solidity --statement liquidation --shape medium -o contracts";

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    command: ExportCommand,
}

/// What is written.
#[derive(Debug, Subcommand)]
enum ExportCommand {
    /// Write the contract that verifies a key's proofs, and the registry that asks it.
    Solidity(solidity::SolidityArgs),
}

/// Runs `export`.
pub(crate) fn run(args: &ExportArgs, console: &Console) -> Result<Outcome, CliError> {
    match &args.command {
        ExportCommand::Solidity(args) => solidity::run(args, console),
    }
}
