//! Oracles: keys, signatures by several hands in one file, and the check, each step its own process.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
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

#[test]
fn a_market_becomes_authentic_with_the_last_signature_that_is_needed() {
    let desk = Desk::new(3, 2);
    desk.is("", "0 of the policy's oracles signed, it asks for 2");
    let run = desk.sign(2).exits(0).json();
    assert_eq!(run["added"], true);
    assert_eq!(
        (&run["signatures"], &run["threshold"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(run["address"], json!(desk.addresses[2]));
    assert_eq!(run["signed"]["sequence"], SEQUENCE);
    desk.is("", "1 of the policy's oracles signed, it asks for 2");
    desk.sign(0).exits(0);
    desk.is("", "");
    let facts = desk.verify(&format!("--at {TIME}")).exits(0).json();
    assert_eq!(
        facts["signers"],
        json!([desk.addresses[2], desk.addresses[0]])
    );
    assert_eq!(facts["signed"], run["signed"]);
    // Nothing else in the file has changed.
    let mut signed = read(&desk.snapshot);
    signed
        .as_object_mut()
        .expect("an object")
        .remove("signatures");
    assert_eq!(signed, read(&sample("snapshot.json")));
    // What is signed, every other command takes as before.
    let facts = zkmargin("inspect {} --json", &[&desk.snapshot])
        .exits(0)
        .json();
    assert_eq!(facts["signatures"], 2);
    assert_eq!(facts["digest"], run["signed"]["snapshot"]);
    let facts = zkmargin("inspect {} --json", &[&desk.policy])
        .exits(0)
        .json();
    assert_eq!(facts["digest"], run["signed"]["policy"]);
    assert_eq!(facts["oracle"]["threshold"], 2);
    let text = zkmargin(
        &format!("oracle verify {{}} --policy {{}} --at {TIME}"),
        &[&desk.snapshot, &desk.policy],
    );
    assert!(text.exits(0).stdout.contains("AUTHENTIC"));
}

#[test]
fn a_second_signature_by_one_key_changes_nothing() {
    let desk = Desk::new(2, 2);
    desk.sign(0).exits(0);
    let before = fs::read(&desk.snapshot).expect("a file");
    let run = desk.sign(0).exits(0).json();
    assert_eq!(
        (&run["added"], &run["signatures"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(fs::read(&desk.snapshot).expect("a file"), before);
    // Put there twice by hand it is refused.
    let mut snapshot = read(&desk.snapshot);
    let entry = snapshot["signatures"][0].clone();
    snapshot["signatures"]
        .as_array_mut()
        .expect("a list")
        .push(entry);
    fs::write(&desk.snapshot, snapshot.to_string()).expect("written");
    desk.is("", "signed twice");
}

#[test]
fn oracles_who_sign_at_once_drop_none() {
    let desk = Desk::new(12, 12);
    thread::scope(|scope| {
        for i in 0..12 {
            let desk = &desk;
            scope.spawn(move || desk.sign(i).exits(0));
        }
    });
    assert_eq!(desk.signatures().len(), 12);
    desk.is("", "");
    let entries = fs::read_dir(desk.folder.path()).expect("folder");
    assert_eq!(entries.count(), 12 + 2, "nothing stays behind");
}

#[test]
fn every_reason_is_told() {
    let desk = Desk::new(3, 2);
    desk.sign(0).exits(0);
    desk.sign(1).exits(0);
    desk.is("--last 48211", "");
    desk.is("--last 48212", "field 'sequence': 48211 is out of sequence");
    let at = |time: &str, words: &str| {
        let facts = desk.verify(&format!("--at {time}")).exits(4).json();
        let reason = facts["reason"].as_str().expect("a reason").to_owned();
        assert!(reason.contains(words), "{reason}");
        assert_eq!(facts["signers"], json!([]));
    };
    desk.verify("--at 2026-11-20T08:01:00Z").exits(0);
    at("2026-11-20T08:01:01Z", "more than 60 s before");
    desk.verify("--at 2026-11-20T07:59:55Z").exits(0);
    at("2026-11-20T07:59:54Z", "more than 5 s after");
    // By default the time is now, and the sample is not.
    desk.verify("").exits(4);

    let signed = read(&desk.snapshot);
    let with = |alter: &dyn Fn(&mut Value), words: &str| {
        let mut snapshot = signed.clone();
        alter(&mut snapshot);
        fs::write(&desk.snapshot, snapshot.to_string()).expect("written");
        desk.is("", words);
    };
    let entry = |field: &'static str, value: Value| {
        move |s: &mut Value| s["signatures"][1][field] = value.clone()
    };
    with(
        &|s| s["sequence"] = json!(48212),
        "who is none of the policy's oracles",
    );
    with(
        &entry("signature", json!(format!("0x{:0130x}", 27))),
        "field 'signatures[1].signature': r or s",
    );
    with(
        &entry("policy", json!(format!("0x{:064x}", 1))),
        "1 of the policy's oracles signed",
    );
    let none = |s: &mut Value| {
        for entry in s["signatures"].as_array_mut().expect("a list") {
            entry["policy"] = json!(format!("0x{:064x}", 1));
        }
    };
    with(&none, "all 2 are under other policies");
    with(&|_| {}, "");
}

#[test]
fn a_feed_below_its_limit_is_told() {
    let desk = Desk::new(1, 1);
    let mut snapshot = read(&desk.snapshot);
    snapshot["assets"][0]["confidence"] = json!("0.89");
    fs::write(&desk.snapshot, snapshot.to_string()).expect("written");
    desk.sign(0).exits(0);
    desk.is(
        "",
        "field 'assets[0].confidence': 0.89 is below the policy's limit of 0.9",
    );
}

/// Exit code 2: there is nothing to check or to sign, and no file changes.
#[test]
fn bad_input_is_no_rejection() {
    let desk = Desk::new(2, 1);
    let stranger = desk.folder.path().join("stranger");
    keygen(&stranger).exits(0);
    fs::rename(&stranger, desk.key(0)).expect("renamed");
    let before = fs::read(&desk.snapshot).expect("a file");
    desk.sign(0).exits(2).says(&[]);
    let run = desk.sign(0).exits(2).json();
    let message = run["error"]["message"].as_str().expect("words").to_owned();
    assert!(message.contains("is none of the oracles of"), "{message}");
    desk.write_policy(|_| {});
    for run in [desk.sign(1), desk.verify("")] {
        let run = run.exits(2).json();
        let message = run["error"]["message"].as_str().expect("words").to_owned();
        assert!(message.contains("field 'oracle'"), "{message}");
    }
    for (threshold, field) in [(0, "oracle.threshold"), (3, "oracle.threshold")] {
        desk.write_policy(|policy| {
            policy["oracle"] = json!({
                "signers": desk.addresses, "threshold": threshold,
                "max_age_seconds": 60, "max_future_seconds": 5,
            });
        });
        let run = desk.verify("").exits(2).json();
        assert!(run.to_string().contains(field), "{run}");
    }
    assert_eq!(fs::read(&desk.snapshot).expect("a file"), before);
}

/// A snapshot that was changed after it was signed is not signed on: nobody would accept it.
#[test]
fn a_changed_snapshot_is_not_signed_on() {
    let desk = Desk::new(2, 2);
    desk.sign(0).exits(0);
    let mut snapshot = read(&desk.snapshot);
    snapshot["assets"][0]["spot"] = json!("1");
    fs::write(&desk.snapshot, snapshot.to_string()).expect("written");
    let run = desk.sign(1).exits(2).json();
    let error = run["error"].to_string();
    assert!(
        error.contains("signatures[0]") && error.contains("remove them"),
        "{error}"
    );
    assert_eq!(desk.signatures().len(), 1);
}

#[test]
fn keys_are_for_their_owner_alone_and_never_shown() {
    let folder = folder();
    let path = folder.path().join("oracle.key.json");
    let run = keygen(&path).exits(0);
    let mode = fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let key = read(&path);
    let secret = key["secret"].as_str().expect("a secret")[2..].to_owned();
    assert_eq!(secret.len(), 64);
    assert!(!run.stdout.contains(&secret) && !run.stderr.contains(&secret));
    // Not replaced unasked.
    keygen(&path).exits(2);
    assert_eq!(read(&path), key);

    let desk = Desk::new(1, 1);
    let refused = |edit: &dyn Fn(&mut Value), words: &str| {
        let mut file = read(&path);
        edit(&mut file);
        let target = desk.key(0);
        fs::write(&target, file.to_string()).expect("written");
        let run = desk.sign(0).exits(2);
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        assert!(!run.stdout.contains(&secret) && !run.stderr.contains(&secret));
    };
    refused(&|_| {}, "is none of the oracles of");
    refused(
        &|k| k["address"] = json!(format!("0x{:040x}", 1)),
        "field 'address'",
    );
    refused(
        &|k| k["secret"] = json!(format!("0x{:064x}", 0)),
        "field 'secret'",
    );
    refused(&|k| k["kind"] = k["secret"].clone(), "field 'kind'");
    refused(&|k| k["address"] = k["secret"].clone(), "field 'address'");
    refused(&|k| k["version"] = k["secret"].clone(), "field 'version'");
    refused(&|k| k["secret"] = json!(&secret), "field 'secret'");
    refused(&|k| k[&secret] = json!(1), "unknown field");
    // Whoever can read it can sign: ssh refuses such a key too.
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        let line = "oracle sign {} --policy {} --key {}";
        zkmargin(line, &[&desk.snapshot, &desk.policy, &path])
            .exits(2)
            .says(&["others than its owner", "chmod 600"]);
    }
}

#[test]
fn a_snapshot_behind_a_link_is_not_replaced() {
    let desk = Desk::new(1, 1);
    let target = desk.folder.path().join("target.json");
    fs::rename(&desk.snapshot, &target).expect("renamed");
    std::os::unix::fs::symlink(&target, &desk.snapshot).expect("linked");
    desk.sign(0).exits(2);
    assert_eq!(read(&target), read(&sample("snapshot.json")));
}

#[test]
fn the_examples_are_in_the_help() {
    for command in ["keygen", "sign", "verify"] {
        let help = zkmargin(&format!("oracle {command} --help"), &[])
            .exits(0)
            .stdout;
        let example = format!("zkmargin oracle {command} ");
        assert!(
            help.contains("Example") && help.contains(&example),
            "{help}"
        );
    }
    for line in [
        "oracle",
        "oracle sign",
        "oracle sign s --policy p",
        "oracle keygen",
        "oracle verify s",
    ] {
        zkmargin(line, &[]).exits(2);
    }
}
