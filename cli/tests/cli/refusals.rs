//! Healthy accounts, and proofs that are held to what the verifier knows.

use std::fs;

use crate::support::{Stranger, commitment, edited, folder, prove, sample, shared, zkmargin};

#[test]
fn healthy_account_is_refused_with_its_numbers() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let run = prove("account-healthy.json", "medium", &shared().keys, &proof)
        .exits(3)
        .says(&[
            "not under-margined",
            "equity 1,920,296.37 USD",
            "requirement 1,132,943.12 USD",
        ]);
    let error = &run.json()["error"];
    assert_eq!(error["kind"], "not-under-margined");
    assert_eq!(error["exit_code"], 3);
    assert_eq!(error["verdict"], "healthy");
    let equity: f64 = error["equity"]
        .as_str()
        .expect("equity")
        .parse()
        .expect("number");
    assert!((equity - 1_920_296.37).abs() < 1.0);
    assert!(error["maintenance_margin"].is_string());
    assert_eq!(
        fs::read_dir(folder.path()).expect("folder").count(),
        0,
        "no file"
    );
}

/// Demands a rejection with these words in its reason.
fn rejected(stranger: &Stranger, more: &str, words: &str) {
    let run = stranger.verify(more).exits(4);
    let verdict = run.json();
    assert_eq!(verdict["eligible"], false);
    assert!(verdict["terms"].is_null());
    assert_eq!(verdict["statement"], "liquidation");
    let reason = verdict["reason"].as_str().expect("a reason");
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn another_snapshot_is_rejected() {
    let folder = folder();
    let snapshot = edited(folder.path(), "snapshot.json", "104380.25", "104380.26");
    let stranger = Stranger {
        snapshot,
        ..Stranger::new()
    };
    rejected(&stranger, "", "another snapshot or policy");
}

#[test]
fn another_policy_is_rejected() {
    let folder = folder();
    let policy = edited(folder.path(), "policy.json", "\"1.1\"", "\"1.11\"");
    let stranger = Stranger {
        policy,
        ..Stranger::new()
    };
    rejected(&stranger, "", "another snapshot or policy");
}

#[test]
fn another_commitment_is_rejected() {
    let stranger = Stranger {
        commitment: commitment("account-small.json", "medium"),
        ..Stranger::new()
    };
    rejected(&stranger, "", "is about commitment");
}

#[test]
fn another_context_is_rejected() {
    let folder = folder();
    let context = edited(
        folder.path(),
        "context.json",
        "\"nonce\": 1",
        "\"nonce\": 2",
    );
    let stranger = Stranger {
        context,
        ..Stranger::new()
    };
    rejected(&stranger, "", "is bound to context");
}

#[test]
fn a_deadline_passes() {
    let stranger = Stranger::new();
    rejected(&stranger, "--at 2100-01-01T00:00:00Z", "deadline");
    stranger.verify("--at 2099-12-31T00:00:00Z").exits(0);
}

#[test]
fn another_key_is_rejected() {
    let folder = folder();
    let keys = folder.path().join("keys");
    zkmargin("setup --unsafe-dev --k 11 --keys {}", &[&keys]).exits(0);
    zkmargin("keygen --shape small --keys {}", &[&keys]).exits(0);
    let run = zkmargin(
        &format!(
            "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {} --keys {{}}",
            shared().commitment
        ),
        &[
            &shared().proof,
            &sample("snapshot.json"),
            &sample("policy.json"),
            &sample("context.json"),
            &keys,
        ],
    );
    assert!(
        run.exits(4)
            .stdout
            .contains("REJECTED: the proof was made under key")
    );
}

#[test]
fn a_commitment_out_of_range_is_bad_input() {
    let stranger = Stranger {
        commitment: format!("0x{}", "f".repeat(64)),
        ..Stranger::new()
    };
    stranger
        .verify("")
        .exits(2)
        .says(&["--commitment", "modulus"]);
}
