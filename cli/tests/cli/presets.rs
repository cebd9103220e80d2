//! The presets of `policies/` and the levels of disclosure, from the account to the stranger's check.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::support::{Run, Stranger, edited, folder, prove_under, sample, shared, zkmargin};

/// Every preset, the smallest shape that holds the sample market's table under it.
const PRESETS: [(&str, &str); 5] = [
    ("collateral-ratio", "small"),
    ("deribit-pm", "medium"),
    ("derive-pmrm2", "medium"),
    ("paradex-pm", "medium"),
    ("standard", "small"),
];

fn preset(name: &str) -> PathBuf {
    sample(&format!("../policies/{name}.json"))
}

fn evaluate(account: &Path, policy: &Path, more: &str) -> Run {
    zkmargin(
        &format!(
            "evaluate {{}} --snapshot {{}} --policy {{}} --no-liquidation-prices --json {more}"
        ),
        &[account, &sample("snapshot.json"), policy],
    )
}

fn units(value: &Value) -> i128 {
    let text = value.as_str().expect("a decimal");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<8}").parse().expect("a number")
}

fn decimal(units: i128) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let units = units.unsigned_abs();
    format!("{sign}{}.{:08}", units / 100_000_000, units % 100_000_000)
}

/// The small sample account with so much less cash that it falls short of a policy's requirement by some 25,000 USD.
fn short_of(policy: &Path, folder: &Path) -> PathBuf {
    let path = folder.join("account.json");
    let text = fs::read_to_string(sample("account-small.json")).expect("sample");
    let mut account: Value = serde_json::from_str(&text).expect("JSON");
    let report = evaluate(&sample("account-small.json"), policy, "").exits(0);
    let report = report.json();
    let excess = units(&report["equity"]) - units(&report["maintenance_margin"]);
    let cash = units(&account["cash"]) - excess - 25_000 * 100_000_000;
    account["cash"] = json!(decimal(cash).trim_end_matches('0').trim_end_matches('.'));
    fs::write(&path, account.to_string()).expect("written");
    path
}

/// Proves a short account under a policy and returns what `prove` and `verify` print.
fn both(policy: &Path, shape: &str, folder: &Path) -> (Value, Stranger) {
    let account = short_of(policy, folder);
    let proof = folder.join("proof.json");
    let proved = prove_under(policy, &account, shape, &shared().keys, &proof);
    let proved = proved.exits(0).json();
    let stranger = Stranger {
        proof,
        policy: policy.to_owned(),
        commitment: proved["commitment"].as_str().expect("hex").to_owned(),
        ..Stranger::new()
    };
    (proved, stranger)
}

#[test]
fn every_preset_is_proved_and_verified() {
    let files = fs::read_dir(sample("../policies")).expect("the folder");
    assert_eq!(files.count(), PRESETS.len(), "a preset is missing here");
    let root = folder();
    let mut proofs = BTreeMap::new();
    for (name, shape) in PRESETS {
        let folder = root.path().join(name);
        fs::create_dir(&folder).expect("folder");
        let policy = preset(name);
        let (proved, stranger) = both(&policy, shape, &folder);
        assert_eq!(proved["shape"], shape, "{name}");
        let verdict = stranger.verify("").exits(0).json();
        assert_eq!(verdict["eligible"], true, "{name}");
        assert_eq!(verdict["terms"], proved["terms"], "{name}");
        assert!(
            units(&verdict["terms"]["repay"]) > 20_000 * 100_000_000,
            "{name}"
        );

        // The report says the same, and has found the shape by itself.
        let report = evaluate(&folder.join("account.json"), &policy, "")
            .exits(0)
            .json();
        assert_eq!(report["shape"], shape, "{name}");
        assert_eq!(report["verdict"], "under-margined", "{name}");
        assert_eq!(report["terms"], proved["terms"], "{name}");
        assert_eq!(report["policy"], name);
        let inspected = zkmargin("inspect {} --json", &[&policy]).exits(0).json();
        assert_eq!(inspected["name"], name);
        assert_eq!(inspected["disclosure"], "terms");
        let inspected = zkmargin("inspect {} --json", &[&stranger.proof]).exits(0);
        assert_eq!(
            inspected.json()["repay"],
            proved["terms"]["repay"],
            "{name}"
        );
        proofs.insert(name, stranger);
    }
    // A proof under one policy says nothing under another.
    for (name, stranger) in proofs {
        for (other, _) in PRESETS.iter().filter(|(other, _)| *other != name) {
            let stranger = Stranger {
                proof: stranger.proof.clone(),
                policy: preset(other),
                commitment: stranger.commitment.clone(),
                ..Stranger::new()
            };
            let verdict = stranger.verify("").exits(4).json();
            let reason = verdict["reason"].as_str().expect("a reason");
            assert!(reason.contains("another snapshot or policy"), "{reason}");
        }
    }
}

#[test]
fn a_table_too_large_for_a_shape_is_named_with_one_that_holds_it() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let account = sample("account-small.json");
    let policy = preset("deribit-pm");
    let words = ["deribit-pm.json", "shape small holds 873", "--shape medium"];
    prove_under(&policy, &account, "small", &shared().keys, &proof)
        .exits(2)
        .says(&words);
    assert!(!proof.exists());
    evaluate(&account, &policy, "--shape small")
        .exits(2)
        .says(&words);
    let report = evaluate(&account, &policy, "").exits(0).json();
    assert_eq!(report["shape"], "medium", "the account alone fits small");
}

/// The sample policy at another level.
fn at_level(level: &str, folder: &Path) -> PathBuf {
    match level {
        "terms-and-greeks" => sample("policy-exposures.json"),
        _ => {
            let to = format!("\"level\": \"{level}\"");
            edited(folder, "policy.json", "\"level\": \"terms\"", &to)
        }
    }
}

#[test]
fn every_level_discloses_what_it_says() {
    let fields = ["repay", "incentive_rate", "exposures"];
    let words = ["repay ", "incentive ", "exposures "];
    for (level, shown) in [("verdict", 0), ("terms", 2), ("terms-and-greeks", 3)] {
        let folder = folder();
        let policy = at_level(level, folder.path());
        let (proved, stranger) = both(&policy, "small", folder.path());
        let verdict = stranger.verify("").exits(0).json();
        assert_eq!(verdict["terms"], proved["terms"], "{level}");
        let file = fs::read_to_string(&stranger.proof).expect("proof");
        let inspected = zkmargin("inspect {} --json", &[&stranger.proof]).exits(0);
        let inspected = inspected.json();
        let paths = [
            stranger.proof.as_path(),
            &stranger.snapshot,
            &stranger.policy,
            &stranger.context,
            &shared().keys,
        ];
        let line = format!(
            "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {} --keys {{}}",
            stranger.commitment
        );
        let text = zkmargin(&line, &paths).exits(0).stdout;
        for (i, (field, word)) in fields.iter().zip(words).enumerate() {
            let here = i < shown;
            assert_eq!(!verdict["terms"][field].is_null(), here, "{level} {field}");
            assert_eq!(!inspected[field].is_null(), here, "{level} {field}");
            assert_eq!(
                file.contains(&format!("\"{field}\"")),
                here,
                "{level} {field}"
            );
            assert_eq!(text.contains(word), here, "{level}: {text}");
        }
        assert_eq!(text.contains("hidden by the policy"), shown == 0, "{text}");
        // Null, not missing: a program that reads them need not know the level.
        for field in &fields[..2] {
            assert!(verdict["terms"].get(field).is_some(), "{level} {field}");
        }
    }
}

#[test]
fn terms_are_for_their_own_level() {
    let folder = folder();
    let rejected = |proof: &Path, policy: &Path, words: &str| {
        let stranger = Stranger {
            proof: proof.to_owned(),
            policy: policy.to_owned(),
            ..Stranger::new()
        };
        let verdict = stranger.verify("").exits(4).json();
        let reason = verdict["reason"].as_str().expect("a reason");
        assert!(reason.contains(words), "{reason}");
        assert!(verdict["terms"].is_null());
    };
    let verdict = at_level("verdict", folder.path());
    let shown = &shared().proof;
    rejected(
        shown,
        &verdict,
        "field 'repay': the policy hides repay amount",
    );
    let proof = folder.path().join("hidden.json");
    let account = sample("account-small.json");
    prove_under(&verdict, &account, "small", &shared().keys, &proof).exits(0);
    let terms = sample("policy.json");
    rejected(
        &proof,
        &terms,
        "field 'repay': the policy discloses repay amount",
    );
}
