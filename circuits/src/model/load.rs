//! Reading files with a size bound, and JSON with the path of the offending field.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

/// Largest JSON file that is read.
pub const MAX_FILE_BYTES: u64 = 8 << 20;

/// Why a file could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is larger than its kind can be.
    #[error("{}: larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file is not the expected JSON document.
    #[error("{}: field '{field}': {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// JSON path of the field, `.` for the whole document.
        field: String,
        /// What is wrong with it, with line and column.
        reason: String,
    },
}

/// Reads at most `limit` bytes; a larger file is refused before it is read whole.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, LoadError> {
    let io = |source| LoadError::Io {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.is_dir() {
        return Err(io(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(LoadError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// Parses one JSON document; `path` only names it in errors.
pub fn parse_json<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, LoadError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| LoadError::Json {
        path: path.to_owned(),
        field: error.path().to_string(),
        reason: error.inner().to_string(),
    })?;
    json.end().map_err(|error| LoadError::Json {
        path: path.to_owned(),
        field: ".".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(value)
}

/// Reads and parses a JSON file of at most [`MAX_FILE_BYTES`].
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, LoadError> {
    parse_json(path, &read_bounded(path, MAX_FILE_BYTES)?)
}
