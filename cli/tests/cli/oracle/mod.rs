//! Oracles: keys, signatures by several hands in one file, and the check, each step its own process.

mod refusals;
mod signing;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, folder, sample, zkmargin};

/// The sample market under the sample policy with these oracles.
struct Desk {
    folder: TempDir,
    snapshot: PathBuf,
    policy: PathBuf,
    addresses: Vec<String>,
}

/// The sample snapshot's time, and its sequence.
const TIME: &str = "2026-11-20T08:00:00Z";
const SEQUENCE: u64 = 48211;

impl Desk {
    /// As many oracles, of whom so many must sign.
    fn new(oracles: usize, threshold: usize) -> Self {
        let folder = folder();
        let addresses = (0..oracles).map(|i| {
            let run = keygen(&folder.path().join(format!("{i}.key"))).exits(0);
            run.json()["address"].as_str().expect("address").to_owned()
        });
        let addresses: Vec<String> = addresses.collect();
        let desk = Self {
            snapshot: folder.path().join("snapshot.json"),
            policy: folder.path().join("policy.json"),
            addresses,
            folder,
        };
        fs::copy(sample("snapshot.json"), &desk.snapshot).expect("copied");
        desk.write_policy(|policy| {
            policy["oracle"] = json!({
                "signers": desk.addresses, "threshold": threshold,
                "max_age_seconds": 60, "max_future_seconds": 5,
                "min_confidence": [{"asset": "BTC", "confidence": "0.9"}],
            });
        });
        desk
    }

    /// The sample policy, altered.
    fn write_policy(&self, alter: impl FnOnce(&mut Value)) {
        let mut policy = read(&sample("policy.json"));
        alter(&mut policy);
        fs::write(&self.policy, policy.to_string()).expect("written");
    }

    fn key(&self, i: usize) -> PathBuf {
        self.folder.path().join(format!("{i}.key"))
    }

    fn sign(&self, i: usize) -> Run {
        let line = "oracle sign {} --policy {} --key {} --json";
        zkmargin(line, &[&self.snapshot, &self.policy, &self.key(i)])
    }

    fn verify(&self, more: &str) -> Run {
        let line = format!("oracle verify {{}} --policy {{}} --json {more}");
        zkmargin(&line, &[&self.snapshot, &self.policy])
    }

    /// The check is passed, or fails for a reason with these words.
    fn is(&self, more: &str, words: &str) {
        let run = self.verify(&format!("--at {TIME} {more}"));
        let code = if words.is_empty() { 0 } else { 4 };
        let facts = run.exits(code).json();
        assert_eq!(facts["authentic"], words.is_empty());
        let reason = facts["reason"].as_str().unwrap_or_default();
        assert!(reason.contains(words), "{reason}");
    }

    fn signatures(&self) -> Vec<Value> {
        let snapshot = read(&self.snapshot);
        snapshot["signatures"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("json")
}

fn keygen(path: &Path) -> Run {
    zkmargin("oracle keygen -o {} --json", &[path])
}
