//! Every argument that names a file to read, with a hostile file in its place.

use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::support::{Run, folder, sample, shared, zkmargin, zkmargin_under};

/// Memory that a process may write to, KiB. An honest proof of the small shape needs at most half of it.
pub const MEMORY: &str = "ulimit -d 65536";
/// A length that no file here has.
pub const HUGE: u64 = 10 << 30;

/// Runs a command with a hostile file in one place.
pub type Attempt = fn(&Path) -> Run;

fn evaluate(account: &Path, snapshot: &Path, policy: &Path) -> Run {
    let line = "evaluate {} --snapshot {} --policy {} --json";
    zkmargin_under(MEMORY, line, &[account, snapshot, policy])
}

pub fn prove(account: &Path, context: &Path, keys: &Path) -> Run {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let (snapshot, policy) = (sample("snapshot.json"), sample("policy.json"));
    let run = zkmargin_under(
        MEMORY,
        "prove {} --snapshot {} --policy {} --context {} --keys {} --shape small -o {} --json",
        &[account, &snapshot, &policy, context, keys, &proof],
    );
    assert_eq!(proof.exists(), run.code == 0);
    run
}

fn verify(proof: &Path, context: &Path, key: &str, path: &Path) -> Run {
    let commitment = &shared().commitment;
    let (snapshot, policy) = (sample("snapshot.json"), sample("policy.json"));
    let line = format!(
        "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {commitment} {key} {{}} --json"
    );
    zkmargin_under(MEMORY, &line, &[proof, &snapshot, &policy, context, path])
}

pub fn small() -> PathBuf {
    sample("account-small.json")
}

pub fn context() -> PathBuf {
    sample("context.json")
}

/// Every argument that names a file to read, and the most bytes it may have.
pub const ARGUMENTS: [(&str, Attempt, u64); 26] = [
    (
        "commit",
        |x| zkmargin_under(MEMORY, "commit {} --json", &[x]),
        8 << 20,
    ),
    (
        "inspect",
        |x| zkmargin_under(MEMORY, "inspect {} --json", &[x]),
        8 << 20,
    ),
    (
        "account",
        |x| evaluate(x, &sample("snapshot.json"), &sample("policy.json")),
        8 << 20,
    ),
    (
        "snapshot",
        |x| evaluate(&small(), x, &sample("policy.json")),
        8 << 20,
    ),
    (
        "policy",
        |x| evaluate(&small(), &sample("snapshot.json"), x),
        8 << 20,
    ),
    (
        "prove account",
        |x| prove(x, &context(), &shared().keys),
        8 << 20,
    ),
    (
        "prove context",
        |x| prove(&small(), x, &shared().keys),
        8 << 20,
    ),
    (
        "verify context",
        |x| verify(&shared().proof, x, "--keys", &shared().keys),
        8 << 20,
    ),
    (
        "verify proof",
        |x| verify(x, &context(), "--keys", &shared().keys),
        64 << 10,
    ),
    (
        "verify key",
        |x| verify(&shared().proof, &context(), "--key", x),
        4 << 20,
    ),
    (
        "folder vk",
        |x| with_key("liquidation-small.vk", x, true),
        4 << 20,
    ),
    (
        "folder vk of a stranger",
        |x| with_key("liquidation-small.vk", x, false),
        4 << 20,
    ),
    (
        "folder pk",
        |x| with_key("liquidation-small.pk", x, true),
        0,
    ),
    ("folder params", |x| with_key("params-k12.bin", x, true), 0),
    (
        "setup ptau",
        |x| {
            let folder = folder();
            let line = "setup --ptau {} --allow-unpublished --keys {} --json";
            zkmargin_under(MEMORY, line, &[x, folder.path()])
        },
        0,
    ),
    ("instruments", |x| import("--instruments {}", x), 8 << 20),
    (
        "summaries",
        |x| import("--summaries {} --instruments {}", x),
        8 << 20,
    ),
    (
        "tickers",
        |x| import("--tickers {} --instruments {}", x),
        8 << 20,
    ),
    (
        "positions",
        |x| import("--positions {} --instruments {}", x),
        8 << 20,
    ),
    (
        "account summaries",
        |x| import("--account-summaries {} --instruments {}", x),
        8 << 20,
    ),
    (
        "sign snapshot",
        |x| sign(x, &sample("policy.json"), &oracle_key().1),
        8 << 20,
    ),
    (
        "sign policy",
        |x| sign(&sample("snapshot.json"), x, &oracle_key().1),
        8 << 20,
    ),
    (
        "sign key",
        |x| sign(&sample("snapshot.json"), &sample("policy.json"), x),
        4096,
    ),
    (
        "oracle verify snapshot",
        |x| oracle_verify(x, &sample("policy.json")),
        8 << 20,
    ),
    (
        "oracle verify policy",
        |x| oracle_verify(&sample("snapshot.json"), x),
        8 << 20,
    ),
    ("inspect pk", |x| inspect_as(b"ZKMPKEY1", x), 1 << 30),
];

/// Proves, or verifies, with one file of the key folder replaced by what `path` names.
fn with_key(name: &str, path: &Path, proving: bool) -> Run {
    let keys = folder();
    for file in [
        "params-k12.bin",
        "liquidation-small.vk",
        "liquidation-small.pk",
    ] {
        let own = shared().keys.join(file);
        let target = if file == name { path } else { &own };
        std::os::unix::fs::symlink(target, keys.path().join(file)).expect("linked");
    }
    if proving {
        prove(&small(), &context(), keys.path())
    } else {
        verify(&shared().proof, &context(), "--keys", keys.path())
    }
}

fn import(options: &str, path: &Path) -> Run {
    let folder = folder();
    let (snapshot, account) = (folder.path().join("s"), folder.path().join("a"));
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/deribit");
    let instruments = fixtures.join("instruments_BTC.json");
    let private = options.contains("positions") || options.contains("account");
    let mut paths: Vec<&Path> = vec![path];
    if options.contains("} --instruments") {
        paths.push(&instruments);
    }
    let mut line = format!("import deribit --json {options} --snapshot-out {{}}");
    paths.push(&snapshot);
    if private {
        line += " --owner 0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a --account-out {}";
        paths.push(&account);
    }
    let run = zkmargin_under(MEMORY, &line, &paths);
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 0);
    run
}

/// An oracle's key in a folder that goes away with it.
fn oracle_key() -> (tempfile::TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join("key");
    zkmargin("oracle keygen -o {}", &[&path]).exits(0);
    (folder, path)
}

fn sign(snapshot: &Path, policy: &Path, key: &Path) -> Run {
    let line = "oracle sign {} --policy {} --key {} --json";
    zkmargin_under(MEMORY, line, &[snapshot, policy, key])
}

fn oracle_verify(snapshot: &Path, policy: &Path) -> Run {
    zkmargin_under(
        MEMORY,
        "oracle verify {} --policy {} --json",
        &[snapshot, policy],
    )
}

/// `inspect` of the file with a magic in front, where it is one that can be written.
fn inspect_as(magic: &[u8], path: &Path) -> Run {
    if path.is_file() {
        let file = fs::OpenOptions::new().write(true).open(path).expect("open");
        file.write_at(magic, 0).expect("written");
    }
    zkmargin_under(MEMORY, "inspect {} --json", &[path])
}

pub fn sparse(path: &Path, len: u64) {
    let file = fs::File::create(path).expect("created");
    file.set_len(len).expect("sparse");
}

pub fn refused(name: &str, run: Run, words: &[&str]) {
    assert_eq!(run.code, 2, "{name}: {} {}", run.stdout, run.stderr);
    let run = run.says(words);
    assert_eq!(run.json()["error"]["exit_code"], 2, "{name}");
}
