//! What is there stays: no overwriting without `--force`, no writing through links, nothing half-written.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use crate::support::{Run, folder, prove, sample, shared, zkmargin, zkmargin_under};

/// Runs a command that writes the file of this name in a folder, with more arguments.
type Writer = (&'static str, fn(&Path, &str) -> Run);

/// Every command that writes, by a file that it writes.
const WRITERS: [Writer; 10] = [
    ("params-k01.bin", |folder, more| {
        zkmargin(
            &format!("setup --unsafe-dev --k 1 --keys {{}} {more}"),
            &[folder],
        )
    }),
    ("liquidation-small.pk", keygen),
    ("liquidation-small.vk", keygen),
    ("proof.json", |folder, more| {
        let line = "prove {} --snapshot {} --policy {} --context {} --keys {} --shape small -o {}";
        zkmargin(
            &format!("{line} {more}"),
            &[
                &sample("account-small.json"),
                &sample("snapshot.json"),
                &sample("policy.json"),
                &sample("context.json"),
                &shared().keys,
                &folder.join("proof.json"),
            ],
        )
    }),
    ("plot.svg", |folder, more| plot(folder, "plot.svg", more)),
    ("plot.png", |folder, more| plot(folder, "plot.png", more)),
    ("account.schema.json", |folder, more| {
        zkmargin(&format!("schema account --out {{}} {more}"), &[folder])
    }),
    ("oracle.key.json", |folder, more| {
        zkmargin(
            &format!("oracle keygen -o {{}} {more}"),
            &[&folder.join("oracle.key.json")],
        )
    }),
    ("snapshot.json", import),
    ("account.json", import),
];

fn keygen(folder: &Path, more: &str) -> Run {
    let params = folder.join("params-k12.bin");
    if !params.exists() {
        fs::copy(shared().keys.join("params-k12.bin"), params).expect("copied");
    }
    zkmargin(
        &format!("keygen --shape small --keys {{}} {more}"),
        &[folder],
    )
}

fn plot(folder: &Path, name: &str, more: &str) -> Run {
    let line = "plot {} --snapshot {} --policy {} --points 2 -o {}";
    zkmargin(
        &format!("{line} {more}"),
        &[
            &sample("account-small.json"),
            &sample("snapshot.json"),
            &sample("policy.json"),
            &folder.join(name),
        ],
    )
}

fn deribit(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/deribit")
        .join(name)
}

const IMPORT: &str = "import deribit --instruments {} --summaries {} --account-summaries {} \
    --owner 0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a --snapshot-out {} --account-out {}";

fn import(folder: &Path, more: &str) -> Run {
    let (snapshot, account) = (folder.join("snapshot.json"), folder.join("account.json"));
    import_to(&snapshot, &account, more)
}

fn import_to(snapshot: &Path, account: &Path, more: &str) -> Run {
    zkmargin(
        &format!("{IMPORT} {more}"),
        &[
            &deribit("instruments_BTC.json"),
            &deribit("book_summary_BTC.json"),
            &deribit("account_summary_BTC.json"),
            snapshot,
            account,
        ],
    )
}

/// Names in a folder, the parameters left out.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .filter(|name| name != "params-k12.bin")
        .collect();
    names.sort();
    names
}

#[test]
fn files_are_kept_without_force_and_replaced_with_it() {
    for (name, write) in WRITERS {
        let folder = folder();
        let path = folder.path().join(name);
        fs::write(&path, "mine").expect("written");
        write(folder.path(), "")
            .exits(2)
            .says(&[name, "exists already", "--force"]);
        assert_eq!(fs::read(&path).expect("kept"), b"mine", "{name}");
        assert_eq!(names(folder.path()), [name], "nothing else is written");
        write(folder.path(), "--force").exits(0);
        assert_ne!(fs::read(&path).expect("replaced"), b"mine", "{name}");
    }
}

#[test]
fn links_are_not_followed_with_or_without_force() {
    for (name, write) in WRITERS {
        let (folder, elsewhere) = (folder(), folder());
        let (path, target) = (folder.path().join(name), elsewhere.path().join("target"));
        for target_exists in [true, false] {
            if target_exists {
                fs::write(&target, "mine").expect("written");
            } else {
                fs::remove_file(&target).expect("removed");
            }
            let _ = fs::remove_file(&path);
            symlink(&target, &path).expect("linked");
            for more in ["", "--force"] {
                write(folder.path(), more)
                    .exits(2)
                    .says(&[name, "symbolic link"]);
            }
            assert!(fs::symlink_metadata(&path).expect("there").is_symlink());
            assert_eq!(target.exists(), target_exists, "{name}");
            assert_eq!(names(folder.path()), [name]);
        }
        assert_eq!(names(elsewhere.path()), [""; 0]);
    }
}

/// The folder is the one that its path names; a link to it is another name.
#[test]
fn a_link_to_the_folder_is_the_folder() {
    for (name, write) in WRITERS {
        let (root, other) = (folder(), folder());
        let link = root.path().join("link");
        symlink(other.path(), &link).expect("linked");
        write(&link, "").exits(0);
        assert!(other.path().join(name).is_file(), "{name}");
        assert_eq!(names(root.path()), ["link"]);
    }
}

#[test]
fn folders_pipes_and_devices_are_no_targets() {
    for (name, write) in WRITERS {
        let folder = folder();
        let path = folder.path().join(name);
        fs::create_dir(&path).expect("folder");
        for more in ["", "--force"] {
            write(folder.path(), more)
                .exits(2)
                .says(&[name, "regular file"]);
        }
        fs::remove_dir(&path).expect("still empty");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("mkfifo").success());
        for more in ["", "--force"] {
            write(folder.path(), more)
                .exits(2)
                .says(&[name, "regular file"]);
        }
    }
    prove(
        "account-small.json",
        "small",
        &shared().keys,
        Path::new("/dev/full"),
    )
    .exits(2)
    .says(&["/dev/full", "regular file"]);
}

/// A full disk, as seen through a limit on the length of files: an internal failure, and nothing is left.
#[test]
fn what_cannot_be_written_whole_is_not_written() {
    // 512 bytes: less than anything that is written here. Without the trap the signal would end the process.
    let limits = "trap '' XFSZ; ulimit -f 1";
    let root = folder();
    let full = |folder: &Path, line: &str, paths: &[&Path], kept: &[&str]| {
        let run = zkmargin_under(limits, &format!("{line} --json"), paths);
        assert_eq!(run.code, 1, "{line}: {}", run.stderr);
        assert_eq!(run.json()["error"]["kind"], "internal", "{line}");
        assert_eq!(names(folder), kept, "{line}");
    };
    let keys = root.path().join("keys");
    fs::create_dir(&keys).expect("folder");
    full(&keys, "setup --unsafe-dev --k 6 --keys {}", &[&keys], &[]);
    fs::copy(
        shared().keys.join("params-k12.bin"),
        keys.join("params-k12.bin"),
    )
    .expect("copied");
    full(&keys, "keygen --shape small --keys {}", &[&keys], &[]);
    fs::write(keys.join("liquidation-small.pk"), "mine").expect("written");
    let (pk, forced) = (
        ["liquidation-small.pk"],
        "keygen --shape small --force --keys {}",
    );
    full(&keys, forced, &[&keys], &pk);
    assert_eq!(fs::read(keys.join(pk[0])).expect("kept"), b"mine");

    let out = root.path().join("out");
    fs::create_dir(&out).expect("folder");
    full(&out, "schema account --out {}", &[&out], &[]);
    let proof = out.join("proof.json");
    full(
        &out,
        "prove {} --snapshot {} --policy {} --context {} --keys {} --shape small -o {}",
        &[
            &sample("account-small.json"),
            &sample("snapshot.json"),
            &sample("policy.json"),
            &sample("context.json"),
            &shared().keys,
            &proof,
        ],
        &[],
    );
    let (snapshot, account) = (out.join("snapshot.json"), out.join("account.json"));
    let files = [
        "instruments_BTC.json",
        "book_summary_BTC.json",
        "account_summary_BTC.json",
    ];
    let [a, b, c] = files.map(deribit);
    full(&out, IMPORT, &[&a, &b, &c, &snapshot, &account], &[]);
}

#[test]
fn an_output_is_never_an_input() {
    let folder = folder();
    let account = folder.path().join("account.json");
    fs::copy(sample("account-small.json"), &account).expect("copied");
    let before = fs::read(&account).expect("account");
    let link = folder.path().join("folder");
    symlink(folder.path(), &link).expect("linked");
    for output in [account.clone(), link.join("account.json")] {
        zkmargin(
            "prove {} --snapshot {} --policy {} --context {} --keys {} --shape small -o {} --force",
            &[
                &account,
                &sample("snapshot.json"),
                &sample("policy.json"),
                &sample("context.json"),
                &shared().keys,
                &output,
            ],
        )
        .exits(2)
        .says(&["is an input"]);
        assert!(fs::read(&account).expect("kept") == before);
    }
    let out = folder.path().join("out.json");
    for other in [out.clone(), link.join("out.json")] {
        for more in ["", "--force"] {
            import_to(&out, &other, more)
                .exits(2)
                .says(&["name one file"]);
            assert!(!out.exists());
        }
    }
}

/// Keys that `prove` makes on its way are not forced.
#[test]
fn prove_replaces_no_key() {
    for (present, absent) in [
        ("liquidation-small.pk", "liquidation-small.vk"),
        ("liquidation-small.vk", "liquidation-small.pk"),
    ] {
        let folder = folder();
        let (keys, proof) = (folder.path().join("keys"), folder.path().join("proof.json"));
        fs::create_dir(&keys).expect("folder");
        let copy =
            |name: &str| fs::copy(shared().keys.join(name), keys.join(name)).expect("copied");
        copy("params-k12.bin");
        copy(present);
        // The right one is completed.
        prove("account-small.json", "small", &keys, &proof).exits(0);
        assert!(keys.join(absent).is_file());

        // Another one, whatever it is, is kept.
        fs::remove_file(keys.join(absent)).expect("removed");
        fs::write(keys.join(present), "mine").expect("written");
        let other = folder.path().join("other.json");
        prove("account-small.json", "small", &keys, &other)
            .exits(2)
            .says(&[present]);
        assert_eq!(fs::read(keys.join(present)).expect("kept"), b"mine");
        assert!(!other.exists());
    }
}

#[test]
fn private_files_are_for_their_owner() {
    let mode = |path: &Path| fs::metadata(path).expect("file").permissions().mode() & 0o777;
    let folder = folder();
    let account = folder.path().join("account.json");
    import(folder.path(), "").exits(0);
    assert_eq!(mode(&account), 0o600);
    // Also where one that all could read is replaced, and whatever the umask.
    fs::set_permissions(&account, fs::Permissions::from_mode(0o666)).expect("set");
    import(folder.path(), "--force").exits(0);
    assert_eq!(mode(&account), 0o600);

    for name in ["plot.svg", "plot.png"] {
        plot(folder.path(), name, "").exits(0);
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }

    let demo = folder.path().join("demo");
    let run = zkmargin_under("umask 0", "demo --shape small --dir {}", &[&demo]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for name in ["account.json", "account-after-deposit.json"] {
        assert_eq!(mode(&demo.join("private").join(name)), 0o600, "{name}");
    }
    assert_eq!(
        mode(&demo.join("public/proof.json")),
        0o666,
        "as the umask says"
    );
}
