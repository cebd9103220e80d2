//! Files are written whole or not at all, and only where they may be.

use std::fs;

use zkmargin_prover::atomic::{Access, AtomicWriteError, Overwrite, Staged, write_atomic};

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

fn staged(path: &std::path::Path, overwrite: Overwrite) -> Staged {
    Staged::new(path, b"new", overwrite, Access::Usual).unwrap()
}

/// Between the look at the target and the naming of the file another process makes one.
#[test]
fn a_file_made_in_the_meantime_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let file = staged(&path, Overwrite::Refuse);
    fs::write(&path, b"theirs").unwrap();
    let error = file.commit().unwrap_err();
    assert!(matches!(error, AtomicWriteError::Exists { path: at } if at == path));
    assert_eq!(fs::read(&path).unwrap(), b"theirs");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_made_in_the_meantime_is_not_followed() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = elsewhere.path().join("target");
    fs::write(&target, b"kept").unwrap();
    for overwrite in [Overwrite::Refuse, Overwrite::Replace] {
        let path = folder.path().join(format!("{overwrite:?}"));
        let file = staged(&path, overwrite);
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let committed = file.commit();
        match overwrite {
            Overwrite::Refuse => assert!(matches!(
                committed,
                Err(AtomicWriteError::Exists { path: at }) if at == path
            )),
            // The link itself is replaced.
            Overwrite::Replace => {
                committed.unwrap();
                assert!(fs::symlink_metadata(&path).unwrap().is_file());
            }
        }
    }
    assert_eq!(fs::read(&target).unwrap(), b"kept");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[test]
fn of_many_writers_one_wins_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let content = |i: u8| vec![i; 100_000];
    let winners: Vec<u8> = std::thread::scope(|scope| {
        let path = &path;
        let writers: Vec<_> = (0..8)
            .map(|i| {
                scope.spawn(
                    move || match write_atomic(path, &content(i), Overwrite::Refuse) {
                        Ok(()) => Some(i),
                        Err(AtomicWriteError::Exists { .. }) => None,
                        Err(other) => panic!("{other:?}"),
                    },
                )
            })
            .collect();
        writers
            .into_iter()
            .filter_map(|w| w.join().unwrap())
            .collect()
    });
    let [winner] = winners[..] else {
        panic!("{winners:?}");
    };
    assert_eq!(fs::read(&path).unwrap(), content(winner));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_staged_file_that_is_dropped_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    drop(staged(&folder.path().join("a"), Overwrite::Refuse));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn private_files_are_private_before_they_have_a_name() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let file = Staged::new(&path, b"secret", Overwrite::Refuse, Access::Owner).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let temporary = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(mode(&temporary.path()), 0o600);
    file.commit().unwrap();
    assert_eq!(mode(&path), 0o600);
}
