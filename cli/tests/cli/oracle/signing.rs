//! Keys, signatures, and a market that becomes authentic.

use std::{fs, thread};

use serde_json::json;

use super::{Desk, SEQUENCE, TIME, read};
use crate::support::{sample, zkmargin};

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
