//! Reading files with a size bound, and JSON with the path of the offending field.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Largest JSON file that is read. The largest that are known, a venue's list of instruments, have less than 1 MiB.
pub const MAX_FILE_BYTES: u64 = 8 << 20;
/// Most characters of a parser's words that an error repeats: a file's own text can be in them.
const MAX_WORDS: usize = 300;

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
    /// Not a regular file: it has no length, and reading it may never end.
    #[error("{}: is a directory, a pipe or a device, not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file is larger than its kind can be.
    #[error("{}: {size} bytes, larger than the limit of {limit}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length in bytes; of a file that grew while it was read, what had been seen of it.
        size: u64,
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

/// Opens a regular file for reading; gives it with its length, or `None` for anything else.
///
/// What was opened is what is looked at, so that nothing can be put in its place between the two; and the opening does
/// not wait for the writer of a pipe.
///
/// # Errors
/// The system's.
pub fn open_regular(path: &Path) -> io::Result<Option<(File, u64)>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path)?;
    let found = file.metadata()?;
    Ok(found.is_file().then_some((file, found.len())))
}

/// Reads a regular file of at most `limit` bytes; a larger one is refused by its length, before it is read.
///
/// # Errors
/// [`LoadError::Io`], [`LoadError::NotAFile`], [`LoadError::TooLarge`].
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, LoadError> {
    let io = |source| LoadError::Io {
        path: path.to_owned(),
        source,
    };
    let too_large = |size| LoadError::TooLarge {
        path: path.to_owned(),
        size,
        limit,
    };
    let opened = open_regular(path).map_err(io)?;
    let (file, len) = opened.ok_or_else(|| LoadError::NotAFile {
        path: path.to_owned(),
    })?;
    if len > limit {
        return Err(too_large(len));
    }
    // Enough from the start: a buffer that moves as it grows would leave copies of its content behind.
    let mut bytes = Vec::with_capacity(len.saturating_add(1).try_into().unwrap_or_default());
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io)?;
    // It grew since its length was taken.
    match bytes.len() as u64 {
        size if size > limit => Err(too_large(size)),
        _ => Ok(bytes),
    }
}

/// Parses one JSON object; `path` only names it in errors.
///
/// # Errors
/// [`LoadError::Json`].
pub fn parse_json<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, LoadError> {
    let refuse = |field: &dyn ToString, reason: &dyn ToString| LoadError::Json {
        path: path.to_owned(),
        field: shortened(field.to_string()),
        reason: shortened(reason.to_string()),
    };
    // Serde takes a list of a structure's values for the structure; the schemas do not.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(refuse(&'.', &"expected an object, found a list"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| refuse(error.path(), error.inner()))?;
    json.end().map_err(|error| refuse(&'.', &error))?;
    Ok(value)
}

fn shortened(words: String) -> String {
    match words.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}...", &words[..end]),
        None => words,
    }
}

/// Reads and parses a JSON file of at most [`MAX_FILE_BYTES`].
///
/// # Errors
/// [`LoadError`].
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, LoadError> {
    // An account's or a position's file among others: no buffer outlives its use.
    let bytes = Zeroizing::new(read_bounded(path, MAX_FILE_BYTES)?);
    parse_json(path, &bytes)
}
