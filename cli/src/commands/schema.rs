//! `schema`: the JSON Schemas, which are the authority on the files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use zkmargin_circuits::model::{Account, Context, Policy, Snapshot};
use zkmargin_prover::atomic::write_atomic;
use zkmargin_verifier::ProofFile;

use crate::{error::CliError, files, output::Outcome};

const AFTER_HELP: &str = "\
Examples:
  zkmargin schema account
  zkmargin schema --out schemas            writes account.schema.json and the others";

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SchemaArgs {
    /// The file that the schema is of; with --out, all of them by default.
    #[arg(value_enum, required_unless_present = "out")]
    name: Option<Name>,
    /// Write NAME.schema.json into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace schema files that exist.
    #[arg(long, requires = "out")]
    force: bool,
}

/// The files with a schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    /// The private account.
    Account,
    /// The market snapshot.
    Snapshot,
    /// The risk policy.
    Policy,
    /// Who may use a proof, where and until when.
    Context,
    /// The proof file.
    Proof,
}

impl Name {
    fn schema(self) -> Value {
        json!(match self {
            Self::Account => schemars::schema_for!(Account),
            Self::Snapshot => schemars::schema_for!(Snapshot),
            Self::Policy => schemars::schema_for!(Policy),
            Self::Context => schemars::schema_for!(Context),
            Self::Proof => schemars::schema_for!(ProofFile),
        })
    }

    fn file_name(self) -> String {
        let name = format!("{self:?}").to_lowercase();
        format!("{name}.schema.json")
    }
}

/// Runs `schema`.
pub(crate) fn run(args: &SchemaArgs) -> Result<Outcome, CliError> {
    let names = args
        .name
        .map_or_else(|| Name::value_variants().to_vec(), |name| vec![name]);
    let Some(folder) = &args.out else {
        let schema = names.first().map_or(Value::Null, |name| name.schema());
        return Ok(Outcome::done(format!("{schema:#}"), schema));
    };
    files::make_folder(folder)?;
    let paths: Vec<PathBuf> = names.iter().map(|n| folder.join(n.file_name())).collect();
    for path in &paths {
        files::refuse_existing(path, args.force)?;
    }
    for (name, path) in names.iter().zip(&paths) {
        let text = format!("{:#}\n", name.schema());
        write_atomic(path, text.as_bytes(), files::overwrite(args.force))?;
    }
    let lines: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    Ok(Outcome::done(lines.join("\n"), json!({ "files": paths })))
}
