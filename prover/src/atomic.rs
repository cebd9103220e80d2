//! Writing a file whole or not at all.
//!
//! The bytes go to a temporary file in the target's folder, are flushed to disk, and the file is renamed into place: a
//! reader sees the old file or the new one, never a part of either, and a crash leaves at most a stray temporary file.
//!
//! The folder is the one that the path names, links on the way to it followed. In it nothing is followed: a link in the
//! target's place is refused.

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

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever the process's umask lets: on Unix 0666 less the umask.
    Usual,
    /// Its owner alone, from its first byte on: on Unix 0600.
    Owner,
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
/// The new file has [usual](Access::Usual) permissions, also when it replaces one that had others.
///
/// # Errors
/// Every variant of [`AtomicWriteError`]; the target is then as it was, unless the last step, flushing the folder, failed.
pub fn write_atomic(
    path: &Path,
    bytes: &[u8],
    overwrite: Overwrite,
) -> Result<(), AtomicWriteError> {
    Staged::new(path, bytes, overwrite, Access::Usual)?.commit()
}

/// A file that is whole on disk and has not got its name yet: several can be made before the first is named, so that a
/// full disk leaves none. Dropped, it is gone.
#[derive(Debug)]
pub struct Staged {
    temporary: tempfile::NamedTempFile,
    path: PathBuf,
    overwrite: Overwrite,
}

fn io_error(path: &Path, step: &'static str) -> impl FnOnce(io::Error) -> AtomicWriteError {
    let path = path.to_owned();
    move |source| AtomicWriteError::Io { path, step, source }
}

/// The folder that a path names a file in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Staged {
    /// Writes `bytes` to a temporary file beside `path`.
    ///
    /// # Errors
    /// Every variant of [`AtomicWriteError`].
    pub fn new(
        path: &Path,
        bytes: &[u8],
        overwrite: Overwrite,
        access: Access,
    ) -> Result<Self, AtomicWriteError> {
        check_target(path, overwrite)?;
        let mut temporary = new_file_in(folder_of(path), access)
            .map_err(io_error(path, "create a temporary file"))?;
        temporary
            .write_all(bytes)
            .map_err(io_error(path, "write"))?;
        let on_disk = temporary.as_file().sync_all();
        on_disk.map_err(io_error(path, "flush to disk"))?;
        Ok(Self {
            temporary,
            path: path.to_owned(),
            overwrite,
        })
    }

    /// Gives the file its name, in one step.
    ///
    /// # Errors
    /// [`AtomicWriteError::Exists`] if another file has got the name since, or [`AtomicWriteError::Io`].
    pub fn commit(self) -> Result<(), AtomicWriteError> {
        let Self {
            temporary,
            path,
            overwrite,
        } = self;
        // Both calls act on the name itself: a link put there since the check is replaced or refused, never followed.
        match overwrite {
            Overwrite::Replace => temporary.persist(&path),
            Overwrite::Refuse => temporary.persist_noclobber(&path),
        }
        .map_err(|failed| match failed.error.kind() {
            io::ErrorKind::AlreadyExists => AtomicWriteError::Exists { path: path.clone() },
            _ => io_error(&path, "rename into place")(failed.error),
        })?;
        sync_folder(folder_of(&path)).map_err(io_error(&path, "flush the folder to disk"))
    }
}

/// Refuses targets that are no regular file, and existing ones where asked to; for callers that want to know before they
/// begin. The writers here look by themselves.
///
/// # Errors
/// Every variant of [`AtomicWriteError`].
pub fn check_target(path: &Path, overwrite: Overwrite) -> Result<(), AtomicWriteError> {
    let path_buf = || path.to_owned();
    if path.file_name().is_none() || path.as_os_str().to_string_lossy().ends_with(['/', '\\']) {
        return Err(AtomicWriteError::NoFileName { path: path_buf() });
    }
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

/// A temporary file is readable by its owner alone unless said otherwise, and keeps its permissions with its name.
fn new_file_in(folder: &Path, access: Access) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".zkmargin-").suffix(".tmp");
    #[cfg(unix)]
    if access == Access::Usual {
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
