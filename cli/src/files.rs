//! Files and folders: sizes, targets that must not exist, files for their owner alone.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
};

use serde::Serialize;
use zkmargin_circuits::model::{LoadError, read_bounded};
use zkmargin_prover::atomic::{AtomicWriteError, Overwrite};

use crate::{error::CliError, format};

/// `--force` as the writers want it.
pub(crate) fn overwrite(force: bool) -> Overwrite {
    if force {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    }
}

/// Refuses a target that exists, before any work is done for it.
pub(crate) fn refuse_existing(path: &Path, force: bool) -> Result<(), CliError> {
    if !force && fs::symlink_metadata(path).is_ok() {
        let path = path.to_owned();
        return Err(AtomicWriteError::Exists { path }.into());
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|p| !p.is_dir()) {
        return Err(CliError::Usage(format!(
            "{}: the folder {} does not exist",
            path.display(),
            folder.display()
        )));
    }
    Ok(())
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), CliError> {
    fs::create_dir_all(path).map_err(|source| CliError::Io {
        path: path.to_owned(),
        step: "make the folder",
        source,
    })
}

/// The length of a file, if the system says.
pub(crate) fn length_of(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|found| found.len())
}

/// The length of a file, in words.
pub(crate) fn size_of(path: &Path) -> String {
    length_of(path).map_or_else(|| "-".to_owned(), format::bytes)
}

/// The first bytes of a file, fewer if it is shorter.
pub(crate) fn head_of(path: &Path, count: u64) -> Result<Vec<u8>, CliError> {
    let io = |source| LoadError::Io {
        path: path.to_owned(),
        source,
    };
    // Before opening: opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err(CliError::UnknownFile {
            path: path.to_owned(),
            reason: "not a regular file".to_owned(),
        });
    }
    let file = fs::File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Reads a file that is at most `limit` bytes long.
pub(crate) fn bytes_of(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    Ok(read_bounded(path, limit)?)
}

/// Writes a file that its owner alone may read, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8], force: bool) -> Result<(), CliError> {
    let io = |step| {
        move |source| CliError::Io {
            path: path.to_owned(),
            step,
            source,
        }
    };
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            let path = path.to_owned();
            return Err(AtomicWriteError::NotAFile { path }.into());
        }
        _ => refuse_existing(path, force)?,
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // A temporary file is readable by its owner alone, and stays so when it gets its name.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io("make a temporary file"))?;
    file.write_all(bytes).map_err(io("write"))?;
    file.as_file().sync_all().map_err(io("flush to disk"))?;
    let named = if force {
        file.persist(path)
    } else {
        file.persist_noclobber(path)
    };
    named.map_err(|failed| io("rename into place")(failed.error))?;
    Ok(())
}

/// Indented JSON and a line feed; `path` only names the file in errors.
pub(crate) fn to_json(value: &impl Serialize, path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| CliError::Io {
        path: path.to_owned(),
        step: "encode",
        source: error.into(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
