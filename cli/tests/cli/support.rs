//! Running the binary, the sample files, and one folder of keys and proofs for all tests.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

/// What a process left behind.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The document on stdout, which holds nothing else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }

    /// Demands an exit code.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Demands words on stderr.
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(
                self.stderr.contains(word),
                "no {word:?} in: {}",
                self.stderr
            );
        }
        self
    }
}

/// A line split at spaces; `{}` stands for the next path.
pub fn words(line: &str, paths: &[&Path]) -> Vec<OsString> {
    let mut paths = paths.iter();
    line.split_whitespace()
        .map(|word| match word {
            "{}" => paths
                .next()
                .expect("a path for every {}")
                .as_os_str()
                .to_owned(),
            word => word.into(),
        })
        .collect()
}

/// Runs the binary; arguments are split at spaces, `{}` stands for the next path.
pub fn zkmargin(line: &str, paths: &[&Path]) -> Run {
    zkmargin_with(line, paths, &[])
}

/// [`zkmargin`] with more in its environment.
pub fn zkmargin_with(line: &str, paths: &[&Path], environment: &[(&str, &str)]) -> Run {
    let output = assert_cmd::cargo::cargo_bin_cmd!("zkmargin")
        .args(words(line, paths))
        .envs(environment.iter().copied())
        .output()
        .expect("runs");
    Run {
        code: output.status.code().expect("not killed"),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

/// How long a refusal may take before it counts as a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// [`zkmargin`] with two threads, from a shell that sets limits first. A death by a signal, or of old age, has code -1.
#[cfg(target_os = "linux")]
pub fn zkmargin_under(limits: &str, line: &str, paths: &[&Path]) -> Run {
    let output = assert_cmd::Command::new("sh")
        .arg("-c")
        .arg(format!("{limits}; exec \"$0\" \"$@\""))
        .arg(assert_cmd::cargo::cargo_bin!("zkmargin"))
        .args(words(line, paths))
        .env("RAYON_NUM_THREADS", "2")
        .timeout(PATIENCE)
        .output()
        .expect("runs");
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A sample file.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples")
        .join(name)
}

/// A folder that goes away.
pub fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("folder")
}

/// Keys of both shapes, and the small account's proof.
pub struct Shared {
    pub keys: PathBuf,
    pub proof: PathBuf,
    pub commitment: String,
    /// What `prove` printed.
    pub proving: (Value, String),
}

/// Made once a test process.
pub fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let root = folder().keep();
        let keys = root.join("keys");
        zkmargin("setup --unsafe-dev --keys {}", &[&keys]).exits(0);
        for shape in ["small", "medium"] {
            zkmargin(&format!("keygen --shape {shape} --keys {{}}"), &[&keys]).exits(0);
        }
        let proof = root.join("proof.json");
        let run = prove("account-small.json", "small", &keys, &proof).exits(0);
        Shared {
            commitment: commitment("account-small.json", "small"),
            proving: (run.json(), run.stderr),
            keys,
            proof,
        }
    })
}

/// `commit` of a sample account.
pub fn commitment(account: &str, shape: &str) -> String {
    let run = zkmargin(&format!("commit {{}} --shape {shape}"), &[&sample(account)]).exits(0);
    run.stdout.trim().to_owned()
}

/// `prove --json` of a sample account.
pub fn prove(account: &str, shape: &str, keys: &Path, output: &Path) -> Run {
    let (policy, account) = (sample("policy.json"), sample(account));
    prove_under(&policy, &account, shape, keys, output)
}

/// `prove --json` under a policy.
pub fn prove_under(policy: &Path, account: &Path, shape: &str, keys: &Path, output: &Path) -> Run {
    zkmargin(
        &format!(
            "prove {{}} --snapshot {{}} --policy {{}} --statement liquidation --shape {shape} \
             --context {{}} --keys {{}} -o {{}} --json"
        ),
        &[
            account,
            &sample("snapshot.json"),
            policy,
            &sample("context.json"),
            keys,
            output,
        ],
    )
}

/// What a verifier holds.
pub struct Stranger {
    pub proof: PathBuf,
    pub snapshot: PathBuf,
    pub policy: PathBuf,
    pub context: PathBuf,
    pub commitment: String,
}

impl Stranger {
    /// The one for whom the shared proof is.
    pub fn new() -> Self {
        Self {
            proof: shared().proof.clone(),
            snapshot: sample("snapshot.json"),
            policy: sample("policy.json"),
            context: sample("context.json"),
            commitment: shared().commitment.clone(),
        }
    }

    /// `verify --json` with more arguments.
    pub fn verify(&self, more: &str) -> Run {
        let line = format!(
            "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {} --keys {{}} --json {more}",
            self.commitment
        );
        let paths = [
            self.proof.as_path(),
            &self.snapshot,
            &self.policy,
            &self.context,
            &shared().keys,
        ];
        zkmargin(&line, &paths)
    }
}

/// Writes a copy of a sample with one text replaced.
pub fn edited(folder: &Path, name: &str, from: &str, to: &str) -> PathBuf {
    let text = fs::read_to_string(sample(name)).expect("sample");
    assert!(text.contains(from), "{name} has no {from}");
    let path = folder.join(name);
    fs::write(&path, text.replacen(from, to, 1)).expect("written");
    path
}
