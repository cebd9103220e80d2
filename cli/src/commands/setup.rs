//! `setup`: the parameters that keys are made from.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use zkmargin_circuits::shape::Shape;
use zkmargin_prover::{
    Params,
    params::{MAX_K, MIN_K, PtauCheck},
};

use crate::{
    error::CliError,
    files,
    output::{Console, Outcome},
    store::{self, KeysArgs},
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin setup --ptau powersOfTau28_hez_final_14.ptau
  zkmargin setup --ptau powersOfTau28_hez_final_16.ptau --k 14   medium solvency proofs
  zkmargin setup --ptau my_ceremony.ptau --k 12 --allow-unpublished
  zkmargin setup --unsafe-dev                  development and tests only

The published powers-of-tau files are those of the perpetual powers of tau of BN254; their hashes are built in, and any \
other file is refused unless --allow-unpublished is given. For liquidation proofs shape small needs k = 11, medium k = 12, large \
k = 14; for solvency proofs 13, 14 and 16.";

/// Arguments of `setup`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SetupArgs {
    /// Import a powers-of-tau file, as snarkjs writes them.
    #[arg(long, value_name = "FILE", required_unless_present = "unsafe_dev")]
    ptau: Option<PathBuf>,
    /// Draw the secret on this machine: whoever runs this can forge proofs.
    #[arg(long, conflicts_with_all = ["ptau", "allow_unpublished"])]
    unsafe_dev: bool,
    /// Circuits of up to 2^K rows.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(i64::from(MIN_K)..=i64::from(MAX_K)))]
    k: u32,
    /// Accept a powers-of-tau file whose hash is not a published one.
    #[arg(long)]
    allow_unpublished: bool,
    #[command(flatten)]
    keys: KeysArgs,
    /// Replace a parameter file that exists.
    #[arg(long)]
    force: bool,
}

/// Runs `setup`.
pub(crate) fn run(args: &SetupArgs, console: &Console) -> Result<Outcome, CliError> {
    files::make_folder(&args.keys.folder)?;
    let path = args.keys.folder.join(Params::file_name(args.k));
    files::refuse_existing(&path, args.force)?;
    let params = match &args.ptau {
        Some(ptau) => {
            let check = if args.allow_unpublished {
                PtauCheck::AllowUnpublished
            } else {
                PtauCheck::Published
            };
            let bar = console.byte_bar("reading and hashing");
            let result = Params::from_ptau_with_progress(ptau, Some(args.k), check, &mut |at| {
                bar.set_length(at.total);
                bar.set_position(at.done);
            });
            bar.finish_and_clear();
            result?
        }
        None => console.spin("drawing parameters", || Params::unsafe_dev(args.k))?,
    };
    store::warn_of(params.origin(), console);
    console.spin("writing the parameters", || {
        params.write(&path, files::overwrite(args.force))
    })?;
    if args.k < Shape::ALL[0].k() {
        console.warn(format_args!(
            "k = {} is too small for any shape: {} needs k = {}",
            args.k,
            Shape::ALL[0],
            Shape::ALL[0].k()
        ));
    }
    let digest = format!("0x{}", hex::encode(params.digest()));
    let text = format!(
        "parameters  {} ({})\norigin      {}\ndigest      {digest}\nnext        zkmargin keygen --keys {}",
        path.display(),
        files::size_of(&path),
        params.origin(),
        args.keys.folder.display()
    );
    let document = json!({
        "file": path,
        "k": params.k(),
        "digest": digest,
        "origin": params.origin(),
        "unsafe_dev_parameters": params.is_unsafe_dev(),
    });
    Ok(Outcome::done(text, document))
}
