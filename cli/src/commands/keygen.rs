//! `keygen`: the proving and the verifying key of a shape.

use std::time::Instant;

use clap::Args;
use serde_json::json;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_prover::ProvingKey;

use crate::{
    error::CliError,
    files,
    output::{Console, Outcome},
    store::{self, KeysArgs},
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin keygen --shape medium
  zkmargin keygen --shape small --keys /srv/zkmargin-keys
  zkmargin keygen --statement solvency --shape small

The solvency statement's circuits are larger: small needs parameters of k = 13, medium k = 14, large k = 16. Keys are made \
from the largest parameters in the folder. The same parameters give the same keys on every machine: a \
verifier who makes the key from a published ceremony's file need not trust anyone else's.";

/// Arguments of `keygen`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct KeygenArgs {
    /// Capacity: small (8 option strikes, 2 perpetual options, 4 futures, 4 assets, 2 swaps), medium (32, 8, 8, 8, 4) or
    /// large (128, 16, 16, 16, 8).
    #[arg(long, value_name = "small|medium|large", default_value_t = Shape::Medium)]
    shape: Shape,
    /// What the proofs state.
    #[arg(long, value_name = "liquidation|solvency", default_value_t = Statement::Liquidation)]
    statement: Statement,
    #[command(flatten)]
    keys: KeysArgs,
    /// Replace keys that exist.
    #[arg(long)]
    force: bool,
}

/// Runs `keygen`.
pub(crate) fn run(args: &KeygenArgs, console: &Console) -> Result<Outcome, CliError> {
    let folder = &args.keys.folder;
    let pk = folder.join(ProvingKey::file_name(args.statement, args.shape));
    let vk = folder.join(ProvingKey::verifying_file_name(args.statement, args.shape));
    // Without the folder there are no parameters, which is the better thing to say.
    if folder.is_dir() {
        files::refuse_existing(&pk, args.force)?;
        files::refuse_existing(&vk, args.force)?;
    }
    let start = Instant::now();
    let (params, key) = store::generate(folder, args.statement, args.shape, console)?;
    key.write(folder, files::overwrite(args.force))?;
    let seconds = start.elapsed().as_secs_f64();
    store::warn_of(params.origin(), console);
    let verifying = key.verifying();
    let digest = format!("0x{}", hex::encode(verifying.digest()));
    let text = format!(
        "proving key    {} ({})\nverifying key  {} ({})\ndigest         {digest}\nparameters     {}\n\
         proofs         {} of shape {}, {} bytes each\ntime           {seconds:.1} s",
        pk.display(),
        files::size_of(&pk),
        vk.display(),
        files::size_of(&vk),
        verifying.origin(),
        verifying.statement(),
        verifying.shape(),
        verifying.proof_bytes(),
    );
    let document = json!({
        "statement": verifying.statement(),
        "shape": verifying.shape(),
        "k": verifying.k(),
        "proving_key": pk,
        "verifying_key": vk,
        "digest": digest,
        "origin": verifying.origin(),
        "unsafe_dev_parameters": verifying.is_unsafe_dev(),
        "proof_bytes": verifying.proof_bytes(),
        "seconds": seconds,
    });
    Ok(Outcome::done(text, document))
}
