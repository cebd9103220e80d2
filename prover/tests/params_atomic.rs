//! Files are written whole or not at all, and only where they may be.

use std::fs;

use zkmargin_prover::atomic::{AtomicWriteError, Overwrite, write_atomic};

#[test]
fn writes_and_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    write_atomic(&path, b"one", Overwrite::Refuse).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one");
    let error = write_atomic(&path, b"two", Overwrite::Refuse).unwrap_err();
    assert!(matches!(error, AtomicWriteError::Exists { path: at } if at == path));
    assert_eq!(fs::read(&path).unwrap(), b"one");
    write_atomic(&path, b"two", Overwrite::Replace).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    // No temporary file is left.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn symlinks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("target");
    fs::write(&target, b"kept").unwrap();
    for (name, to) in [
        ("link", target.clone()),
        ("dangling", folder.path().join("nowhere")),
    ] {
        let link = folder.path().join(name);
        std::os::unix::fs::symlink(&to, &link).unwrap();
        for overwrite in [Overwrite::Refuse, Overwrite::Replace] {
            let error = write_atomic(&link, b"new", overwrite).unwrap_err();
            assert!(matches!(error, AtomicWriteError::Symlink { path } if path == link));
        }
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
    assert_eq!(fs::read(&target).unwrap(), b"kept");
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn targets_that_are_no_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = write_atomic(folder.path(), b"x", Overwrite::Replace).unwrap_err();
    assert!(matches!(error, AtomicWriteError::NotAFile { .. }));
    for name in ["..", "a/", ""] {
        let path = if name.is_empty() {
            name.into()
        } else {
            folder.path().join(name)
        };
        let error = write_atomic(&path, b"x", Overwrite::Replace).unwrap_err();
        assert!(
            matches!(error, AtomicWriteError::NoFileName { .. }),
            "{error:?}"
        );
    }
    let nowhere = folder.path().join("missing/file");
    let error = write_atomic(&nowhere, b"x", Overwrite::Refuse).unwrap_err();
    assert!(matches!(
        error,
        AtomicWriteError::Io { step: "create a temporary file", source, .. }
            if source.kind() == std::io::ErrorKind::NotFound
    ));
}

#[cfg(unix)]
#[test]
fn new_files_have_the_usual_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (ours, usual) = (folder.path().join("ours"), folder.path().join("usual"));
    write_atomic(&ours, b"", Overwrite::Refuse).unwrap();
    fs::write(&usual, b"").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&ours), mode(&usual));
}
