//! Writing a file whole or not at all.
//!
//! The bytes go to a temporary file in the target's folder, are flushed to disk, and the file is renamed into place: a
//! reader sees the old file or the new one, never a part of either, and a crash leaves at most a stray temporary file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What to do about a file that already stands at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Refuse with [`AtomicWriteError::Exists`].
    Refuse,
    /// Replace it in one step. A symlink or a folder is refused all the same.
    Replace,
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AtomicWriteError {
    /// The path ends in `..` or `/`, or is empty.
    #[error("{}: names no file", path.display())]
    NoFileName {
        /// The target.
        path: PathBuf,
    },
    /// The target exists and [`Overwrite::Refuse`] was asked for.
    #[error("{}: exists already", path.display())]
    Exists {
        /// The target.
        path: PathBuf,
    },
    /// The target is a symbolic link, dangling or not.
    #[error("{}: is a symbolic link, which is never written through or replaced", path.display())]
    Symlink {
        /// The target.
        path: PathBuf,
    },
    /// The target is a folder, a device or a pipe.
    #[error("{}: is not a regular file", path.display())]
    NotAFile {
        /// The target.
        path: PathBuf,
    },
    /// The operating system refused a step.
    #[error("{}: cannot {step}: {source}", path.display())]
    Io {
        /// The target.
        path: PathBuf,
        /// What was being done.
        step: &'static str,
        /// The system's error.
        source: io::Error,
    },
}

/// Writes `bytes` to `path` whole or not at all.
///
/// The new file gets the permissions that the process's umask gives a new file (on Unix 0666 less the umask), also when it
/// replaces one that had others.
///
/// # Errors
/// Every variant of [`AtomicWriteError`]; the target is then as it was, unless the last step, flushing the folder, failed.
pub fn write_atomic(
    path: &Path,
    bytes: &[u8],
    overwrite: Overwrite,
) -> Result<(), AtomicWriteError> {
    let io_error = |step: &'static str| {
        move |source: io::Error| AtomicWriteError::Io {
            path: path.to_owned(),
            step,
            source,
        }
    };
    if path.file_name().is_none() || path.as_os_str().to_string_lossy().ends_with(['/', '\\']) {
        return Err(AtomicWriteError::NoFileName {
            path: path.to_owned(),
        });
    }
    check_target(path, overwrite)?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };

    let mut temporary = new_file_in(folder).map_err(io_error("create a temporary file"))?;
    temporary.write_all(bytes).map_err(io_error("write"))?;
    temporary
        .as_file()
        .sync_all()
        .map_err(io_error("flush to disk"))?;
    // Both calls act on the name itself: a link put there since the check above is replaced or refused, never followed.
    match overwrite {
        Overwrite::Replace => temporary.persist(path),
        Overwrite::Refuse => temporary.persist_noclobber(path),
    }
    .map_err(|failed| match failed.error.kind() {
        io::ErrorKind::AlreadyExists => AtomicWriteError::Exists {
            path: path.to_owned(),
        },
        _ => io_error("rename into place")(failed.error),
    })?;
    sync_folder(folder).map_err(io_error("flush the folder to disk"))
}

/// Refuses targets that are no regular file, and existing ones where asked to.
fn check_target(path: &Path, overwrite: Overwrite) -> Result<(), AtomicWriteError> {
    let path_buf = || path.to_owned();
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(AtomicWriteError::Io {
            path: path_buf(),
            step: "look at the target",
            source,
        }),
        Ok(found) if found.is_symlink() => Err(AtomicWriteError::Symlink { path: path_buf() }),
        Ok(found) if !found.is_file() => Err(AtomicWriteError::NotAFile { path: path_buf() }),
        Ok(_) if overwrite == Overwrite::Refuse => {
            Err(AtomicWriteError::Exists { path: path_buf() })
        }
        Ok(_) => Ok(()),
    }
}

fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".zkmargin-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// A rename is on disk only once its folder is. Elsewhere than on Unix a folder cannot be opened for that.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
