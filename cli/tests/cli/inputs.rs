//! Missing, empty, oversized, truncated and malformed files: exit code 2, with file and field.

use std::{fs, path::Path};

use crate::support::{Stranger, edited, folder, prove, sample, shared, zkmargin};

fn evaluate(account: &Path, snapshot: &Path, policy: &Path) -> crate::support::Run {
    zkmargin(
        "evaluate {} --snapshot {} --policy {} --json",
        &[account, snapshot, policy],
    )
}

/// Runs `evaluate` with one file replaced and demands a refusal that names it.
fn refused(name: &str, path: &Path, words: &[&str]) {
    let pick = |kind: &str, usual: &str| {
        if name == kind {
            path.to_owned()
        } else {
            sample(usual)
        }
    };
    let run = evaluate(
        &pick("account", "account-small.json"),
        &pick("snapshot", "snapshot.json"),
        &pick("policy", "policy.json"),
    )
    .exits(2)
    .says(&[&path.display().to_string()])
    .says(words);
    let error = &run.json()["error"];
    assert_eq!(error["kind"], "input");
    assert_eq!(error["exit_code"], 2);
}

#[test]
fn broken_files_are_named() {
    let folder = folder();
    let path = folder.path().join("broken.json");
    for (kind, usual) in [
        ("account", "account-small.json"),
        ("snapshot", "snapshot.json"),
        ("policy", "policy.json"),
    ] {
        refused(kind, &folder.path().join("missing"), &["No such file"]);
        refused(kind, folder.path(), &["directory"]);
        let whole = fs::read(sample(usual)).expect("sample");
        for (content, words) in [
            (Vec::new(), "field '.'"),
            (whole[..whole.len() / 2].to_vec(), "field '"),
            (whole[..whole.len() - 2].to_vec(), "field '"),
            ([whole.as_slice(), b"{}"].concat(), "field '.'"),
            (vec![b' '; (8 << 20) + 1], "larger than"),
            (b"\xff\xfe".to_vec(), "field '.'"),
            (b"[]".to_vec(), "field '"),
            (b"{\"version\": 9}".to_vec(), "field 'version'"),
            (vec![b'['; 1 << 20], "field '"),
        ] {
            fs::write(&path, content).expect("written");
            refused(kind, &path, &[words]);
        }
    }
}

#[test]
fn wrong_values_are_named_by_field() {
    let folder = folder();
    for (kind, name, from, to, words) in [
        (
            "account",
            "account-small.json",
            "\"0.95\"",
            "\"-0.95\"",
            "field 'collateral[0].amount'",
        ),
        (
            "account",
            "account-small.json",
            "\"103575\"",
            "103575",
            "field 'cash'",
        ),
        (
            "account",
            "account-small.json",
            "\"cash\"",
            "\"cahs\"",
            "cahs",
        ),
        (
            "account",
            "account-small.json",
            "\"0.95\"",
            "\"1e5\"",
            "field 'collateral[0].amount'",
        ),
        (
            "snapshot",
            "snapshot.json",
            "\"104380.25\"",
            "\"0\"",
            "field 'assets[0].spot'",
        ),
        (
            "snapshot",
            "snapshot.json",
            "\"104380.25\"",
            "null",
            "field 'assets[0].spot'",
        ),
        (
            "policy",
            "policy.json",
            "\"-0.15\"",
            "\"-1\"",
            "field 'scenarios[0].spot'",
        ),
        (
            "policy",
            "policy.json",
            "\"up\"",
            "\"sideways\"",
            "field 'scenarios[0].vol'",
        ),
        (
            "policy",
            "policy.json",
            "\"version\": 2",
            "\"version\": 1",
            "version 1 is not supported, expected 2",
        ),
        (
            "policy",
            "policy.json",
            "\"netting\": \"none\"",
            "\"netting\": \"some\"",
            "field 'contingencies.short_option.netting'",
        ),
        (
            "policy",
            "policy.json",
            "\"initial\": \"0.08\"",
            "\"initial\": \"0.07\"",
            "field 'haircuts[1].initial'",
        ),
        (
            "policy",
            "policy-exposures.json",
            "\"level\": \"terms-and-greeks\"",
            "\"level\": \"terms\"",
            "field 'disclosure.exposure_tick'",
        ),
        (
            "snapshot",
            "snapshot.json",
            "\"confidence\": \"0.96\"",
            "\"confidence\": \"1.01\"",
            "field 'assets[2].confidence'",
        ),
    ] {
        let path = edited(folder.path(), name, from, to);
        refused(kind, &path, &[words]);
    }
}

#[test]
fn an_account_without_a_market_or_too_large_for_a_shape_is_named() {
    let folder = folder();
    let path = edited(folder.path(), "account-small.json", "\"BTC\"", "\"XYZ\"");
    refused("account", &path, &["XYZ"]);
    zkmargin("commit {} --shape small", &[&sample("account.json")])
        .exits(2)
        .says(&["account.json", "field 'options'", "24", "--shape medium"]);
}

#[test]
fn broken_contexts_and_proofs_are_named() {
    let folder = folder();
    let context = edited(folder.path(), "context.json", "\"nonce\"", "\"once\"");
    Stranger {
        context,
        ..Stranger::new()
    }
    .verify("")
    .exits(2)
    .says(&["context.json", "once"]);

    let whole = fs::read(&shared().proof).expect("proof");
    let proof = folder.path().join("proof.json");
    let stranger = Stranger {
        proof: proof.clone(),
        ..Stranger::new()
    };
    for length in [0, 1, 100, whole.len() / 2, whole.len() - 2, whole.len() - 1] {
        fs::write(&proof, &whole[..length]).expect("written");
        stranger
            .verify("")
            .exits(2)
            .says(&["proof.json", "field '.'", "truncated"]);
    }
    fs::write(&proof, vec![b'{'; (64 << 10) + 1]).expect("written");
    stranger
        .verify("")
        .exits(2)
        .says(&["proof.json", "larger than"]);
    fs::remove_file(&proof).expect("removed");
    stranger.verify("").exits(2).says(&["proof.json"]);
}

#[test]
fn existing_files_are_kept_without_force() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    fs::write(&proof, "mine").expect("written");
    prove("account-small.json", "small", &shared().keys, &proof)
        .exits(2)
        .says(&["proof.json", "exists already", "--force"]);
    assert_eq!(fs::read(&proof).expect("kept"), b"mine");
    zkmargin("setup --unsafe-dev --keys {}", &[&shared().keys])
        .exits(2)
        .says(&["params-k12.bin", "--force"]);
    zkmargin("keygen --shape small --keys {}", &[&shared().keys])
        .exits(2)
        .says(&["liquidation-small.pk", "--force"]);
    let nowhere = folder.path().join("no/such/folder/proof.json");
    prove("account-small.json", "small", &shared().keys, &nowhere)
        .exits(2)
        .says(&["does not exist"]);
}

#[test]
fn force_replaces() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    fs::write(&proof, "old").expect("written");
    let run = zkmargin(
        "prove {} --snapshot {} --policy {} --shape small --context {} --keys {} -o {} --force",
        &[
            &sample("account-small.json"),
            &sample("snapshot.json"),
            &sample("policy.json"),
            &sample("context.json"),
            &shared().keys,
            &proof,
        ],
    )
    .exits(0);
    assert!(run.stdout.contains("repay"), "{}", run.stdout);
    Stranger {
        proof,
        ..Stranger::new()
    }
    .verify("")
    .exits(0);
}
