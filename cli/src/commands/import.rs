//! `import`: a venue's own files to a snapshot and an account.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;
use zkmargin_circuits::model::HexBytes;
use zkmargin_prover::atomic::{Access, Staged};

use crate::{
    error::CliError,
    files,
    import::{
        ImportOptions,
        deribit::{DeribitFiles, import},
    },
    output::{Console, Outcome},
};

const AFTER_HELP: &str = "\
Example:
  zkmargin import deribit --instruments instruments_BTC.json instruments_ETH.json \\
    --summaries book_summary_BTC.json book_summary_ETH.json --tickers ticker_BTC-PERPETUAL.json \\
    --positions positions_BTC.json --account-summaries account_summary_BTC.json \\
    --owner 0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a \\
    --snapshot-out snapshot.json --account-out account.json

The files are the venue's JSON-RPC answers as they came: public/get_instruments, \
public/get_book_summary_by_currency, public/ticker, private/get_positions, private/get_account_summary. What is left \
out or chosen is warned of. The account gets a fresh random salt, and its file is readable by its owner only: whoever \
holds it can open the commitment.";

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    venue: Venue,
}

/// The venues.
#[derive(Debug, Subcommand)]
enum Venue {
    /// Deribit's public and private JSON-RPC answers.
    Deribit(Box<DeribitArgs>),
}

/// Arguments of `import deribit`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
struct DeribitArgs {
    /// Answers of public/get_instruments.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    instruments: Vec<PathBuf>,
    /// Answers of public/get_book_summary_by_currency.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    summaries: Vec<PathBuf>,
    /// Answers of public/ticker.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    tickers: Vec<PathBuf>,
    /// Answers of private/get_positions.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    positions: Vec<PathBuf>,
    /// Answers of private/get_account_summary, one a currency.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    account_summaries: Vec<PathBuf>,
    /// Owner id of the account: 0x and 40 hex digits.
    #[arg(long, value_name = "HEX")]
    owner: Option<HexBytes<20>>,
    /// Sequence of the account; it grows with every change.
    #[arg(long, value_name = "N", default_value_t = 0)]
    sequence: u64,
    /// Sequence of the snapshot; by default the latest quote's time in milliseconds.
    #[arg(long, value_name = "N")]
    snapshot_sequence: Option<u64>,
    /// The snapshot file to write.
    #[arg(long, value_name = "FILE")]
    snapshot_out: PathBuf,
    /// The account file to write.
    #[arg(long, value_name = "FILE", requires = "owner")]
    account_out: Option<PathBuf>,
    /// Replace files that exist.
    #[arg(long)]
    force: bool,
}

/// Runs `import`.
pub(crate) fn run(args: &ImportArgs, console: &Console) -> Result<Outcome, CliError> {
    match &args.venue {
        Venue::Deribit(args) => deribit(args, console),
    }
}

fn deribit(args: &DeribitArgs, console: &Console) -> Result<Outcome, CliError> {
    let private = !(args.positions.is_empty() && args.account_summaries.is_empty());
    if args.account_out.is_some() && !private {
        return Err(CliError::Usage(
            "--account-out needs --positions or --account-summaries".to_owned(),
        ));
    }
    if private && args.account_out.is_none() {
        return Err(CliError::Usage(
            "--positions and --account-summaries make an account: name its file with --account-out"
                .to_owned(),
        ));
    }
    let inputs = [
        &args.instruments,
        &args.summaries,
        &args.tickers,
        &args.positions,
        &args.account_summaries,
    ];
    for path in [Some(&args.snapshot_out), args.account_out.as_ref()]
        .into_iter()
        .flatten()
    {
        files::refuse_existing(path, args.force)?;
        let inputs = inputs.iter().flat_map(|list| list.iter());
        files::refuse_input(path, inputs.map(PathBuf::as_path))?;
    }
    if let Some(account) = &args.account_out
        && files::same_target(account, &args.snapshot_out)
    {
        return Err(CliError::Usage(format!(
            "--snapshot-out and --account-out name one file, {}",
            account.display()
        )));
    }
    let files = DeribitFiles {
        instruments: args.instruments.clone(),
        summaries: args.summaries.clone(),
        tickers: args.tickers.clone(),
        positions: args.positions.clone(),
        account_summaries: args.account_summaries.clone(),
    };
    let options = ImportOptions {
        owner: args.owner,
        account_sequence: args.sequence,
        snapshot_sequence: args.snapshot_sequence,
        salt: None,
    };
    let imported = import(&files, &options)?;
    for warning in &imported.warnings {
        console.warn(warning);
    }
    let snapshot = &imported.snapshot;
    let nodes: usize = snapshot.expiries.iter().map(|e| e.smile.len()).sum();
    let overwrite = files::overwrite(args.force);
    // Both are on disk before either gets its name.
    let mut staged = vec![Staged::new(
        &args.snapshot_out,
        &files::to_json(snapshot, &args.snapshot_out)?,
        overwrite,
        Access::Usual,
    )?];
    if let (Some(path), Some(account)) = (&args.account_out, &imported.account) {
        let bytes = Zeroizing::new(files::to_json(account, path)?);
        staged.push(Staged::new(path, &bytes, overwrite, Access::Owner)?);
    }
    for file in staged {
        file.commit()?;
    }
    let mut text = format!(
        "snapshot  {}: {} at {}, {} assets, {} expiries, {nodes} smile nodes",
        args.snapshot_out.display(),
        snapshot.sequence,
        snapshot.time,
        snapshot.assets.len(),
        snapshot.expiries.len(),
    );
    let mut document = json!({
        "snapshot": {
            "file": args.snapshot_out,
            "sequence": snapshot.sequence,
            "time": snapshot.time,
            "assets": snapshot.assets.len(),
            "expiries": snapshot.expiries.len(),
            "smile_nodes": nodes,
        },
        "account": null,
        "warnings": imported.warnings,
    });
    if let (Some(path), Some(account)) = (&args.account_out, &imported.account) {
        text += &format!(
            "\naccount   {}: {} collateral balances, {} futures, {} option strikes. Private: keep it",
            path.display(),
            account.collateral.len(),
            account.futures.len(),
            account.options.len(),
        );
        document["account"] = json!({
            "file": path,
            "sequence": account.sequence,
            "collateral": account.collateral.len(),
            "futures": account.futures.len(),
            "options": account.options.len(),
        });
    }
    Ok(Outcome::done(text, document))
}
