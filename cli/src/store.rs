//! The key folder: parameters and keys, and which belong together.

use std::path::{Path, PathBuf};

use clap::Args;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_prover::{
    KeyFileError, Origin, Params, ProvingKey,
    keys::read_verifying_key,
    params::{MAX_K, MIN_K},
};
use zkmargin_verifier::VerifyingKey;

use crate::{error::CliError, output::Console};

/// Where parameters and keys lie.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeysArgs {
    /// Folder of parameters and keys.
    #[arg(long = "keys", value_name = "DIR", default_value = "zkmargin-keys")]
    pub(crate) folder: PathBuf,
}

/// The parameter files of a folder that are large enough, by k.
fn parameter_files(folder: &Path, k: u32) -> Result<Vec<PathBuf>, CliError> {
    let files: Vec<PathBuf> = (k.max(MIN_K)..=MAX_K)
        .map(|k| folder.join(Params::file_name(k)))
        .filter(|path| path.is_file())
        .collect();
    if files.is_empty() {
        let folder = folder.to_owned();
        return Err(CliError::NoParams { folder, k });
    }
    Ok(files)
}

/// The largest parameters of a folder.
pub(crate) fn largest_params(folder: &Path, k: u32) -> Result<Params, CliError> {
    let files = parameter_files(folder, k)?;
    let path = files.last().ok_or_else(|| CliError::NoParams {
        folder: folder.to_owned(),
        k,
    })?;
    Ok(Params::read(path)?)
}

/// The parameters that a key was made from, cut to its size; the smallest file that holds them.
fn params_of(folder: &Path, key: &VerifyingKey) -> Result<Params, CliError> {
    let k = key.k();
    for path in parameter_files(folder, k)? {
        if let Some(params) = Params::read(&path)?.cut(k)
            && params.digest() == key.params_digest()
        {
            return Ok(params);
        }
    }
    Err(CliError::OtherParams {
        path: folder.join(ProvingKey::verifying_file_name(
            key.statement(),
            key.shape(),
        )),
        folder: folder.to_owned(),
    })
}

/// The keys of a shape with their parameters, made from the folder's parameters if there are none yet.
pub(crate) fn proving_key(
    folder: &Path,
    statement: Statement,
    shape: Shape,
    console: &Console,
) -> Result<(Params, ProvingKey), CliError> {
    let read = console.spin("reading the keys", || {
        ProvingKey::read(folder, statement, shape)
    });
    match read {
        Ok(key) => Ok((params_of(folder, key.verifying())?, key)),
        Err(error) if error.is_not_found() => {
            let (params, key) = generate(folder, statement, shape, console)?;
            // Nobody said --force: a key that is there stays, and must be the same.
            key.write_missing(folder).map_err(|error| match error {
                KeyFileError::OtherKey { path } => CliError::OtherParams {
                    path,
                    folder: folder.to_owned(),
                },
                other => other.into(),
            })?;
            console.note(format_args!(
                "made the missing keys of {statement}-{shape} in {}",
                folder.display()
            ));
            Ok((params, key))
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the keys of a statement and shape from the largest parameters of a folder.
pub(crate) fn generate(
    folder: &Path,
    statement: Statement,
    shape: Shape,
    console: &Console,
) -> Result<(Params, ProvingKey), CliError> {
    let k = statement.k(shape);
    let missing = || CliError::NoParams {
        folder: folder.to_owned(),
        k,
    };
    let params = console.spin("reading the parameters", || largest_params(folder, k))?;
    let params = params.cut(k).ok_or_else(missing)?;
    let key = console.spin(format!("making the keys of {statement}-{shape}"), || {
        ProvingKey::generate(&params, statement, shape)
    })?;
    Ok((params, key))
}

/// The verifying key of a folder.
pub(crate) fn verifying_key(
    folder: &Path,
    statement: Statement,
    shape: Shape,
) -> Result<VerifyingKey, CliError> {
    let path = folder.join(ProvingKey::verifying_file_name(statement, shape));
    read_verifying_key(&path).map_err(|error| {
        if error.is_not_found() {
            CliError::NoKey {
                path,
                folder: folder.to_owned(),
                statement,
                shape,
            }
        } else {
            error.into()
        }
    })
}

/// Says loudly what parameters cannot be trusted.
pub(crate) fn warn_of(origin: &Origin, console: &Console) {
    if *origin == Origin::UnsafeDev {
        console.alarm(
            "UNSAFE development parameters: whoever made them can forge proofs. For tests only.",
        );
    } else if !origin.is_published() {
        console.alarm(
            "UNPUBLISHED parameters: nothing is known of how their secret was drawn. \
             Whoever knows it can forge proofs.",
        );
    }
}
