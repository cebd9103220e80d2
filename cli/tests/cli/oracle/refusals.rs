//! What is rejected, what is bad input, and that no key is shown.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};
use zkmargin_circuits::{
    model::{HexBytes, OracleSignature, Policy, Snapshot},
    public::PublicTable,
};
use zkmargin_verifier::oracle::{Attestation, OracleKey};

use super::{Desk, keygen, read};
use crate::support::{folder, sample, zkmargin};

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
    // Nobody signs it: a chain, which does not see the feeds, would take it.
    let before = fs::read(&desk.snapshot).expect("a file");
    let told = "field 'assets[0].confidence': 0.89 is below the policy's limit of 0.9";
    let error = desk.sign(0).exits(2).json()["error"].clone();
    let message = error["message"].as_str().expect("words");
    assert!(message.contains(told), "{message}");
    assert_eq!(error["kind"], "input");
    assert_eq!(fs::read(&desk.snapshot).expect("a file"), before);
    // What a program of another kind has signed, the check refuses.
    sign_unasked(&desk);
    desk.is("", told);
    snapshot["assets"][0]["confidence"] = json!("0.9");
    fs::write(&desk.snapshot, snapshot.to_string()).expect("written");
    desk.sign(0).exits(0);
    desk.is("", "");
}

/// The first oracle's signature, without a look at the feeds.
fn sign_unasked(desk: &Desk) {
    let secret: HexBytes<32> =
        serde_json::from_value(read(&desk.key(0))["secret"].clone()).expect("a secret");
    let key = OracleKey::from_bytes(&secret.0).expect("a key");
    let mut snapshot: Snapshot = serde_json::from_value(read(&desk.snapshot)).expect("a snapshot");
    let policy: Policy = serde_json::from_value(read(&desk.policy)).expect("a policy");
    let table = PublicTable::new(&snapshot, &policy).expect("a table");
    let attestation = Attestation::new(&snapshot, &policy, &table);
    snapshot.signatures.push(OracleSignature {
        policy: attestation.policy,
        signature: key.sign(&attestation).expect("signs"),
    });
    fs::write(&desk.snapshot, json!(snapshot).to_string()).expect("written");
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
