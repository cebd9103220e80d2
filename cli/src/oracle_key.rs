//! An oracle's key file: one secret, readable by its owner alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};
use zkmargin_circuits::model::{HexBytes, LoadError, Version, parse_json, read_bounded};
use zkmargin_verifier::oracle::OracleKey;

use crate::{error::CliError, files, input};

/// Largest key file.
const MAX_KEY_BYTES: u64 = 4096;

/// The constant in a key file's `kind`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Kind {
    /// The only kind.
    #[serde(rename = "zkmargin-oracle-key")]
    OracleKey,
}

/// The secret's big-endian bytes. No `Debug`: it is never shown.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct Secret(HexBytes<32>);

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    kind: Kind,
    version: Version<1>,
    /// Of the secret's public key.
    address: HexBytes<20>,
    secret: Secret,
}

/// Why a file is no oracle's key. What stands in the file is never repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum KeyError {
    /// Others may read or write the file.
    #[error("{}: has mode {mode:04o}: others than its owner may read or write it", path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Zero, or not below the curve's order.
    #[error("{}: field 'secret': is no secret key of secp256k1", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
    },
    /// The two fields do not belong together.
    #[error("{}: field 'address': {found} is not the secret's, {expected}", path.display())]
    Address {
        /// The file.
        path: PathBuf,
        /// What the file says.
        found: HexBytes<20>,
        /// The secret's own.
        expected: HexBytes<20>,
    },
}

/// The file's bytes, wiped when dropped.
pub(crate) fn encode(key: &OracleKey, path: &Path) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let file = KeyFile {
        kind: Kind::OracleKey,
        version: Version,
        address: key.address(),
        secret: Secret(HexBytes(*key.expose_bytes())),
    };
    files::to_json(&file, path).map(Zeroizing::new)
}

/// Reads a key file; one that others than its owner can read is refused.
pub(crate) fn read(path: &Path) -> Result<OracleKey, CliError> {
    let bytes = Zeroizing::new(read_bounded(path, MAX_KEY_BYTES)?);
    check_mode(path)?;
    let file: KeyFile = parse_json(path, &bytes).map_err(hidden)?;
    let path = || path.to_owned();
    let key = OracleKey::from_bytes(&file.secret.0.0).ok_or(KeyError::Secret { path: path() })?;
    if file.address != key.address() {
        return Err(KeyError::Address {
            path: path(),
            found: file.address,
            expected: key.address(),
        }
        .into());
    }
    Ok(key)
}

/// A parser repeats what it could not parse, and the secret may stand anywhere.
fn hidden(error: LoadError) -> LoadError {
    match error {
        LoadError::Json {
            path,
            field,
            reason,
        } => LoadError::Json {
            path,
            field: input::without_long_hex(&field),
            reason: input::without_long_hex(&reason),
        },
        other => other,
    }
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), CliError> {
    use std::os::unix::fs::PermissionsExt;
    let found = fs::metadata(path).map_err(|source| CliError::Io {
        path: path.to_owned(),
        step: "look at its permissions",
        source,
    })?;
    let mode = found.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        let path = path.to_owned();
        return Err(KeyError::Mode { path, mode }.into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(path: &Path) -> Result<(), CliError> {
    fs::metadata(path).map(drop).map_err(|source| CliError::Io {
        path: path.to_owned(),
        step: "look at its permissions",
        source,
    })
}
