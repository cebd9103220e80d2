//! An account of numbers that stand nowhere else, every command, every way to fail: none of them comes out.
//!
//! The convention: `evaluate` shows the account on stdout, to its owner. An error names the field at fault and may repeat
//! that field's value; nothing else does, and nothing ever shows the salt or the owner.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    canary::{Canary, SALT, Scene, nothing},
    support::{folder, sample, shared},
};

#[test]
fn commands_that_succeed_show_none() {
    let scene = Scene::new();
    scene.run_all(0, &nothing);
    assert!(scene.file("proof.json").is_file());
    scene.search_files(scene.folder.path());
    // The keys, too: what was proved with them is not in them.
    scene.search_files(&shared().keys);
    let proof = scene.file("proof.json");
    scene.run("inspect {}", &[&proof], 0, &nothing);
}

/// A report of many accounts says of each what became of it, and no more.
#[test]
fn a_batch_shows_none() {
    let scene = Scene::new();
    let (accounts, proofs) = (folder(), scene.file("proofs"));
    let [snapshot, policy, context] = ["snapshot.json", "policy.json", "context.json"].map(sample);
    fs::copy(&scene.path, accounts.path().join("own.json")).expect("copied");
    let mut rich = scene.account.clone();
    rich["cash"] = json!("90043875.1");
    fs::write(accounts.path().join("rich.json"), rich.to_string()).expect("written");
    let mut broken = scene.account.clone();
    broken["cash"] = json!(format!("0x{SALT}"));
    fs::write(accounts.path().join("broken.json"), broken.to_string()).expect("written");
    let line =
        "prove --batch {} --snapshot {} --policy {} --context {} --keys {} --shape small -o {}";
    let keys = &shared().keys;
    let paths: [&Path; 6] = [accounts.path(), &snapshot, &policy, &context, keys, &proofs];
    scene.run(line, &paths, 2, &nothing);
    assert!(proofs.join("own.proof.json").is_file());
    scene.search_files(&proofs);
}

/// Exposures are sums, rounded: no entry of the account stands in what a policy makes public of them.
#[test]
fn disclosed_exposures_show_none() {
    let scene = Scene::new();
    let [snapshot, policy, context] =
        ["snapshot.json", "policy-exposures.json", "context.json"].map(sample);
    let (own, proof) = (scene.path.as_path(), scene.file("proof.json"));
    let line =
        "prove {} --snapshot {} --policy {} --context {} --keys {} --shape small --force -o {}";
    let paths: [&Path; 6] = [own, &snapshot, &policy, &context, &shared().keys, &proof];
    scene.run(line, &paths, 0, &nothing);
    scene.run("inspect {}", &[&proof], 0, &nothing);
    scene.search_files(scene.folder.path());
}

#[test]
fn failures_around_the_account_show_none() {
    let scene = Scene::new();
    let [snapshot, policy, context] = ["snapshot.json", "policy.json", "context.json"].map(sample);
    let (broken, nowhere) = (scene.file("broken.json"), scene.file("nowhere"));
    fs::write(&broken, "{\"version\":1").expect("written");
    let keys = shared().keys.clone();
    let out = scene.file("proof.json");
    let line = "prove {} --snapshot {} --policy {} --context {} --keys {} -o {} --shape small";
    let own = scene.path.as_path();
    let good: [&Path; 6] = [own, &snapshot, &policy, &context, &keys, &out];
    for (place, bad) in [
        (1, &broken),
        (1, &nowhere),
        (1, &policy),
        (2, &broken),
        (2, &snapshot),
        (3, &broken),
        (3, &scene.path),
        (1, &scene.path),
        (2, &scene.path),
        (4, &nowhere),
        (5, &scene.file("no/folder/proof.json")),
        (5, &scene.path),
    ] {
        let mut paths = good;
        paths[place] = bad;
        scene.run(line, &paths, 2, &nothing);
    }
    // The account where another file should be.
    for line in [
        "verify {} --snapshot {} --policy {} --context {} --keys {} --commitment 0x00",
        "verify {} --snapshot {} --policy {} --context {} --key {} --commitment \
         0x0000000000000000000000000000000000000000000000000000000000000000",
        "setup --ptau {} --keys {}",
        "import deribit --instruments {} --snapshot-out {}",
    ] {
        let paths = [own, &snapshot, &policy, &context, own];
        let count = line.matches("{}").count();
        let usual = if count == 2 {
            vec![own, &*nowhere]
        } else {
            paths.to_vec()
        };
        scene.run(line, &usual, 2, &nothing);
    }
    // A market that the account's assets are not in, and a shape that it does not fit.
    let mut other = scene.account.clone();
    other["collateral"][0]["asset"] = json!("XYZ");
    scene.write(&other);
    let line = "evaluate {} --snapshot {} --policy {}";
    scene.run(line, &[&scene.path, &snapshot, &policy], 2, &nothing);
    let mut large = scene.account.clone();
    let options = large["options"].as_array_mut().expect("list");
    let mut more = options[0].clone();
    for expiry in ["2027-01-01T08:00:00Z", "2027-02-01T08:00:00Z"] {
        more["expiry"] = json!(expiry);
        options.push(more.clone());
    }
    scene.write(&large);
    scene.run("commit {} --shape small", &[&scene.path], 2, &nothing);
    // Healthy: equity and requirement are shown, the balances that make them are not.
    let mut rich = scene.account.clone();
    rich["cash"] = json!("90043875.1");
    scene.write(&rich);
    scene.run(
        "prove {} --snapshot {} --policy {} --context {} --keys {} -o {} --shape small",
        &good,
        3,
        &nothing,
    );
    scene.search_files(scene.folder.path());
}

#[test]
fn a_field_at_fault_shows_itself_alone() {
    let scene = Scene::new();
    for canary in &scene.canaries {
        let pointer = format!("/{}", canary.field.replace('[', "/").replace("].", "/"));
        let own = scene
            .account
            .pointer(&pointer)
            .and_then(Value::as_str)
            .expect("text");
        let secret = canary.field == "salt" || canary.field == "owner";
        for bad in [
            json!(format!("{own}x")),
            json!(format!(" {own}")),
            json!(own.trim_start_matches("0x").to_uppercase() + "_"),
            json!([own]),
            json!({ own: own }),
        ] {
            let mut account = scene.account.clone();
            *account.pointer_mut(&pointer).expect("field") = bad;
            scene.write(&account);
            let shown = |other: &Canary, _: bool| !secret && other.field == canary.field;
            scene.run("commit {}", &[&scene.path], 2, &shown);
        }
    }
    // The salt in every other place, and every other value's name.
    for field in [
        "cash",
        "owner",
        "sequence",
        "futures[0].entry",
        "options[0].expiry",
        "collateral[0].asset",
    ] {
        let pointer = format!("/{}", field.replace('[', "/").replace("].", "/"));
        for salt in [SALT.to_owned(), format!("0x{SALT}"), SALT.to_uppercase()] {
            let mut account = scene.account.clone();
            *account.pointer_mut(&pointer).expect("field") = json!(salt);
            account["salt"] = json!(0);
            scene.write(&account);
            scene.run("commit {}", &[&scene.path], 2, &nothing);
            let mut account = scene.account.clone();
            account[&salt] = json!(1);
            scene.write(&account);
            scene.run("commit {}", &[&scene.path], 2, &nothing);
        }
    }
    // Cut anywhere.
    let whole = scene.account.to_string();
    for end in (0..whole.len()).step_by(37) {
        fs::write(&scene.path, &whole[..end]).expect("written");
        scene.run("inspect {}", &[&scene.path], 2, &nothing);
    }
}

/// A venue's private answers: what is made of them is in the account file alone.
#[test]
fn imports_show_none() {
    let mut scene = Scene::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/deribit");
    let [instruments, summaries, balance] = [
        "instruments_BTC.json",
        "book_summary_BTC.json",
        "account_summary_BTC.json",
    ]
    .map(|name| fixtures.join(name));
    let text = fs::read_to_string(balance).expect("fixture");
    let mut answer: Value = serde_json::from_str(&text).expect("json");
    scene.canaries = vec![
        Canary::decimal("balance".to_owned(), "41.83726157"),
        Canary::decimal("profit".to_owned(), "0.71930437"),
    ];
    answer["result"]["balance"] = json!(41.837_261_57);
    answer["result"]["futures_session_rpl"] = json!(0.719_304_37);
    let own = scene.path.clone();
    fs::write(&own, answer.to_string()).expect("written");
    let (snapshot, account) = (scene.file("s.json"), scene.file("a.json"));
    let line = "import deribit --instruments {} --summaries {} --account-summaries {} --snapshot-out {} \
                --account-out {} --force --owner 0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a";
    let paths: [&Path; 5] = [&instruments, &summaries, &own, &snapshot, &account];
    scene.run(line, &paths, 0, &nothing);
    fs::remove_file(&account).expect("the one file that holds them");
    scene.search_files(scene.folder.path());
    // One thing wrong at a time, elsewhere.
    for (field, value) in [
        ("currency", json!("DOGE")),
        ("currency", json!(7)),
        ("futures_session_rpl", json!("none")),
    ] {
        let mut broken = answer.clone();
        broken["result"][field] = value;
        fs::write(&own, broken.to_string()).expect("written");
        scene.run(line, &paths, 2, &nothing);
    }
    fs::write(&own, answer.to_string()).expect("written");
    let twice = line.replace("--account-summaries {}", "--account-summaries {} {}");
    let paths: [&Path; 6] = [&instruments, &summaries, &own, &own, &snapshot, &account];
    scene.run(&twice, &paths, 2, &nothing);
    scene.search_files(scene.folder.path());
}
