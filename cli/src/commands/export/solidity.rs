//! `export solidity`: a folder that compiles to a verifier and the registry.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_contracts::SOURCES;
use zkmargin_prover::atomic::{Access, Staged};
use zkmargin_verifier::solidity::verifier_contract;

use crate::{
    error::CliError,
    files,
    output::{Console, Outcome},
    store::{self, KeysArgs},
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin export solidity --statement liquidation --shape medium -o contracts
  zkmargin export solidity --statement solvency --shape medium -o contracts
  zkmargin export solidity --shape small --keys /srv/zkmargin-keys -o contracts --json | jq -r .verifier.build

Writes the verifier contract of the verifying key in the key folder, MarginRegistry.sol and its interface, and what compiles them: \
package.json and package-lock.json with pinned packages, and compile.mjs. Several verifiers can stand in one folder: a file that is there \
already with the same content stays, and another content is refused unless --force is given. Nothing is downloaded: `npm ci` in the folder \
does that, with node 18 or later. Verifiers are compiled with the optimiser off, all else with it on.

JSON: `verifier` with `name`, `file`, `parts` (contracts of the same file that are deployed first; the constructor takes their addresses, in this \
order) and `build`, the command; `registry` with `name`, `file` and `build`; `install`, the command before them; `files`, each with `written` (false if it \
was there); `key`, the verifying key's digest.";

/// Arguments of `export solidity`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct SolidityArgs {
    /// What the proofs state.
    #[arg(long, value_name = "liquidation|solvency", default_value_t = Statement::Liquidation)]
    statement: Statement,
    /// Capacity of the circuit.
    #[arg(long, value_name = "small|medium|large", default_value_t = Shape::Medium)]
    shape: Shape,
    #[command(flatten)]
    keys: KeysArgs,
    /// The folder to write to; it is made if there is none.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Replace files that are there with another content.
    #[arg(long)]
    force: bool,
}

/// A file to write, unless it is there.
struct File<'a> {
    path: PathBuf,
    text: &'a str,
    there: bool,
}

impl<'a> File<'a> {
    fn new(folder: &Path, name: &str, text: &'a str) -> Self {
        let path = folder.join(name);
        // One that cannot be read is not the same; the writer says what is wrong with it.
        let there = fs::symlink_metadata(&path)
            .is_ok_and(|found| found.is_file() && found.len() == text.len() as u64)
            && fs::read(&path).is_ok_and(|found| found == text.as_bytes());
        Self { path, text, there }
    }
}

/// Writes what is not there: all files are whole on disk before the first gets its name.
fn write(files: &[File<'_>], force: bool) -> Result<(), CliError> {
    let missing = files.iter().filter(|file| !file.there);
    let staged: Result<Vec<Staged>, _> = missing
        .map(|file| {
            let (bytes, overwrite) = (file.text.as_bytes(), files::overwrite(force));
            Staged::new(&file.path, bytes, overwrite, Access::Usual)
        })
        .collect();
    Ok(staged?.into_iter().try_for_each(Staged::commit)?)
}

/// Runs `export solidity`.
pub(super) fn run(args: &SolidityArgs, console: &Console) -> Result<Outcome, CliError> {
    let key = store::verifying_key(&args.keys.folder, args.statement, args.shape)?;
    let contract = verifier_contract(&key).map_err(CliError::Solidity)?;
    let folder = &args.output;
    files::make_folder(folder)?;
    let verifier = format!("{}.sol", contract.name);
    let fixed = SOURCES.iter().map(|source| (source.name, source.text));
    let all = std::iter::once((verifier.as_str(), contract.source.as_str())).chain(fixed);
    let all: Vec<File<'_>> = all
        .map(|(name, text)| File::new(folder, name, text))
        .collect();
    write(&all, args.force)?;
    store::warn_of(key.origin(), console);
    let digest = format!("0x{}", hex::encode(key.digest()));
    let install = "npm ci --omit=optional";
    let build_verifier = format!("node compile.mjs --out build --plain {verifier}");
    let build_registry = "node compile.mjs --out build MarginRegistry.sol";
    let parts = match contract.parts.as_slice() {
        [] => "none".to_owned(),
        parts => parts.join(", "),
    };
    let text = format!(
        "verifier   {}\nparts      {parts}\nregistry   {}\nkey        {digest} ({}, shape {})\nparameters {}\n\
         build      cd {} && {install} && {build_verifier} && {build_registry}",
        folder.join(&verifier).display(),
        folder.join("MarginRegistry.sol").display(),
        key.statement(),
        key.shape(),
        key.origin(),
        folder.display(),
    );
    let document = json!({
        "statement": key.statement(),
        "shape": key.shape(),
        "key": digest,
        "origin": key.origin(),
        "unsafe_dev_parameters": key.is_unsafe_dev(),
        "verifier": {
            "name": contract.name,
            "file": folder.join(&verifier),
            "parts": contract.parts,
            "build": build_verifier,
        },
        "registry": {
            "name": "MarginRegistry",
            "file": folder.join("MarginRegistry.sol"),
            "build": build_registry,
        },
        "install": install,
        "files": all.iter().map(|file| json!({
            "file": file.path,
            "written": !file.there,
        })).collect::<Vec<_>>(),
    });
    Ok(Outcome::done(text, document))
}
