//! Files and folders: sizes, checksums, targets that must not be overwritten.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use serde::Serialize;
use sha2::{Digest, Sha256};
use zkmargin_circuits::model::{LoadError, open_regular, read_bounded};
use zkmargin_prover::atomic::{Overwrite, check_target};

use crate::{error::CliError, format};

/// `--force` as the writers want it.
pub(crate) fn overwrite(force: bool) -> Overwrite {
    if force {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    }
}

/// Refuses a target that cannot be written, before any work is done for it.
pub(crate) fn refuse_existing(path: &Path, force: bool) -> Result<(), CliError> {
    check_target(path, overwrite(force))?;
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
    let (file, _) = open_regular(path)
        .map_err(io)?
        .ok_or_else(|| LoadError::NotAFile {
            path: path.to_owned(),
        })?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Reads a file that is at most `limit` bytes long.
pub(crate) fn bytes_of(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    Ok(read_bounded(path, limit)?)
}

/// The SHA-256 of all of a file but its last 32 bytes, and those; `None` if it is not longer than that. Whatever its
/// length, up to `limit`, it takes no memory.
pub(crate) fn checksum_of(path: &Path, limit: u64) -> Result<Option<Checksum>, CliError> {
    let io = |source| LoadError::Io {
        path: path.to_owned(),
        source,
    };
    let (mut file, size) = open_regular(path)
        .map_err(io)?
        .ok_or_else(|| LoadError::NotAFile {
            path: path.to_owned(),
        })?;
    if size > limit {
        let path = path.to_owned();
        return Err(LoadError::TooLarge { path, size, limit }.into());
    }
    let Some(content) = size.checked_sub(32) else {
        return Ok(None);
    };
    let mut hasher = Sha256::new();
    let hashed = io::copy(&mut (&mut file).take(content), &mut hasher).map_err(io)?;
    let mut stored = Vec::new();
    file.take(33).read_to_end(&mut stored).map_err(io)?;
    let matches = hashed == content && stored == hasher.finalize().as_slice();
    Ok(Some(Checksum { matches, size }))
}

/// What [`checksum_of`] found.
pub(crate) struct Checksum {
    /// The last 32 bytes are the SHA-256 of the others.
    pub(crate) matches: bool,
    /// Length of the file.
    pub(crate) size: u64,
}

/// Whether two paths name one file in one folder, whether it is there or not.
pub(crate) fn same_target(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    place(a).is_some_and(|a| place(b) == Some(a))
}

/// Refuses to write to one of the files that are read: with `--force` an account would be gone, and its salt with it.
pub(crate) fn refuse_input<'p>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'p Path>,
) -> Result<(), CliError> {
    let Ok(target) = fs::canonicalize(output) else {
        return Ok(());
    };
    for input in inputs {
        if fs::canonicalize(input).is_ok_and(|input| input == target) {
            return Err(CliError::Usage(format!(
                "{}: is an input, and would be replaced by the output",
                output.display()
            )));
        }
    }
    Ok(())
}

/// Waits until no other process holds a file that each of them would replace, and holds it until dropped.
pub(crate) fn lock(path: &Path) -> Result<fs::File, CliError> {
    let io = |source| LoadError::Io {
        path: path.to_owned(),
        source,
    };
    loop {
        let (file, _) = open_regular(path)
            .map_err(io)?
            .ok_or_else(|| LoadError::NotAFile {
                path: path.to_owned(),
            })?;
        file.lock().map_err(io)?;
        // Replaced while this one waited: the lock is then on a file that has no name any more.
        if is_at(&file, path).map_err(io)? {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &fs::File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (held, named) = (file.metadata()?, fs::metadata(path)?);
    Ok((held.dev(), held.ino()) == (named.dev(), named.ino()))
}

/// Elsewhere a file that is open is not replaced.
#[cfg(not(unix))]
fn is_at(_file: &fs::File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Indented JSON and a line feed; `path` only names the file in errors.
pub(crate) fn to_json(value: &impl Serialize, path: &Path) -> Result<Vec<u8>, CliError> {
    // Roomy: a buffer that moves as it grows would leave parts of an account behind.
    let mut bytes = Vec::with_capacity(1 << 20);
    serde_json::to_writer_pretty(&mut bytes, value).map_err(|error| CliError::Io {
        path: path.to_owned(),
        step: "encode",
        source: error.into(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
