//! The command line as clap reads it.

use clap::{Parser, Subcommand};

use crate::commands::{
    commit::CommitArgs, demo::DemoArgs, evaluate::EvaluateArgs, export::ExportArgs,
    import::ImportArgs, inspect::InspectArgs, keygen::KeygenArgs, oracle::OracleArgs,
    plot::PlotArgs, prove::ProveArgs, schema::SchemaArgs, setup::SetupArgs, submit::SubmitArgs,
    verify::VerifyArgs,
};

const AFTER_HELP: &str = "\
Exit codes:
  0  done; for `verify`, the account is eligible for liquidation, or healthy, as the proof states; for `oracle verify`,
     the snapshot is authentic; for `submit`, the contract has accepted the proof
  1  an internal failure, such as a full disk: please report it; for `submit`, also a node that cannot be reached
  2  bad usage, or a missing, damaged or malformed input: the message names file and field
     for `prove --batch`, also where one account among others is refused
  3  refused: the account is not under-margined, or not healthy, and no file was written; no failure of a batch
  4  the proof, or the snapshot, was rejected, for `submit` by the verifier or by the contract

With --json one JSON document is printed on stdout and nothing else there; text for people, warnings and progress go to \
stderr. A failure is a document too: {\"error\": {\"kind\", \"message\", \"hint\", \"exit_code\"}}, with \"equity\" and \
\"maintenance_margin\" where the exit code is 3.

Start with:
  zkmargin demo";

/// Proves, in zero knowledge, that a private derivatives account is under-margined, or that it is healthy.
#[derive(Debug, Parser)]
#[command(name = "zkmargin", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Print one JSON document on stdout, and nothing else there.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole path on sample files: keys, proof, and verification as a stranger.
    Demo(DemoArgs),
    /// Make the parameters that keys are made from.
    Setup(SetupArgs),
    /// Make the proving and the verifying key of a statement and shape.
    Keygen(KeygenArgs),
    /// Print an account's commitment.
    Commit(CommitArgs),
    /// Print the private risk report of an account.
    Evaluate(EvaluateArgs),
    /// Draw an account's equity and requirement against spot or volatility. Private.
    Plot(PlotArgs),
    /// Prove that an account is under-margined, or healthy, revealing nothing else.
    Prove(ProveArgs),
    /// Check a proof as a stranger, from public files alone.
    Verify(VerifyArgs),
    /// Say what a file holds.
    Inspect(InspectArgs),
    /// Print or write the JSON Schemas of the files.
    Schema(SchemaArgs),
    /// Make a snapshot and an account of a venue's own files.
    Import(ImportArgs),
    /// Sign market snapshots, and check who signed them.
    Oracle(OracleArgs),
    /// Write the contracts that verify proofs on a chain.
    Export(ExportArgs),
    /// Check a proof and send it to the registry contract.
    Submit(SubmitArgs),
}
