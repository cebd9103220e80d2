//! The second statement: proofs of health, what they do not pass for, and accounts that have none.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde_json::{Value, json};

use crate::support::{Run, Stranger, edited, folder, sample, shared, zkmargin};

/// Keys of the solvency statement and a proof of the small account's health, after a deposit.
pub struct Healthy {
    pub keys: PathBuf,
    account: PathBuf,
    proof: PathBuf,
    commitment: String,
    proving: Value,
}

/// Made once a test process.
pub fn healthy() -> &'static Healthy {
    static HEALTHY: OnceLock<Healthy> = OnceLock::new();
    HEALTHY.get_or_init(|| {
        let root = folder().keep();
        let keys = root.join("keys");
        zkmargin("setup --unsafe-dev --k 13 --keys {}", &[&keys]).exits(0);
        let run = zkmargin(
            "keygen --statement solvency --shape small --keys {} --json",
            &[&keys],
        );
        let made = run.exits(0).json();
        assert_eq!(made["statement"], "solvency");
        assert_eq!(made["k"], 13);
        let account = edited(&root, "account-small.json", "\"103575\"", "\"353575\"");
        let proof = root.join("health.json");
        let run = prove("solvency", &account, &keys, &proof).exits(0);
        let commit = zkmargin("commit {} --shape small", &[&account]).exits(0);
        Healthy {
            commitment: commit.stdout.trim().to_owned(),
            proving: run.json(),
            keys,
            account,
            proof,
        }
    })
}

fn prove(statement: &str, account: &Path, keys: &Path, output: &Path) -> Run {
    zkmargin(
        &format!(
            "prove {{}} --snapshot {{}} --policy {{}} --statement {statement} --shape small \
             --context {{}} --keys {{}} -o {{}} --json"
        ),
        &[
            account,
            &sample("snapshot.json"),
            &sample("policy.json"),
            &sample("context.json"),
            keys,
            output,
        ],
    )
}

/// Verifies a proof of health under a policy; `more` may name other keys.
fn verify_under(policy: &Path, proof: &Path, more: &str) -> Run {
    let line = format!(
        "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {} {more}",
        healthy().commitment
    );
    let paths = [
        proof,
        &sample("snapshot.json"),
        policy,
        &sample("context.json"),
        &healthy().keys,
    ];
    zkmargin(&line, &paths)
}

fn verify(more: &str) -> Run {
    let more = format!("--keys {{}} --json {more}");
    verify_under(&sample("policy.json"), &healthy().proof, &more)
}

/// Demands a rejection with these words in its reason.
fn rejected(run: Run, words: &str) {
    let verdict = run.exits(4).json();
    assert_eq!(verdict["eligible"], false);
    assert_eq!(verdict["healthy"], false);
    let reason = verdict["reason"].as_str().expect("a reason");
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn a_healthy_account_is_proved_and_verified() {
    let proved = &healthy().proving;
    assert_eq!(proved["statement"], "solvency");
    assert_eq!(proved["k"], 13);
    assert_eq!(proved["commitment"], healthy().commitment.as_str());
    assert!(proved["terms"].is_null());
    let text = fs::read_to_string(&healthy().proof).expect("proof");
    assert!(text.contains("\"statement\":\"solvency\""), "{text}");
    for hidden in ["repay", "incentive_rate", "exposures"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    for more in ["", "--statement solvency"] {
        let verdict = verify(more).exits(0).says(&["UNSAFE"]).json();
        assert_eq!(verdict["healthy"], true);
        assert_eq!(verdict["eligible"], false);
        assert_eq!(verdict["statement"], "solvency");
        assert_eq!(verdict["commitment"], healthy().commitment.as_str());
        assert_eq!(verdict["snapshot_time"], "2026-11-20T08:00:00Z");
        for none in ["terms", "reason", "heartbeat"] {
            assert!(verdict[none].is_null(), "{none}");
        }
    }
    let policy = sample("policy.json");
    let run = verify_under(&policy, &healthy().proof, "--keys {}").exits(0);
    assert!(run.stdout.starts_with("HEALTHY"), "{}", run.stdout);
    assert!(!run.stdout.contains("ELIGIBLE"), "{}", run.stdout);
}

#[test]
fn a_heartbeat_says_how_long_a_proof_counts() {
    let folder = folder();
    let with = |rule: &str| {
        let field = format!("\"version\": 2, \"heartbeat\": {rule}");
        edited(folder.path(), "policy.json", "\"version\": 2", &field)
    };
    let policy = with(r#"{"period_seconds": 3600, "grace_seconds": 600}"#);
    let run = verify_under(&policy, &healthy().proof, "--keys {} --json").exits(0);
    assert_eq!(
        run.json()["heartbeat"],
        json!({
            "healthy_until": "2026-11-20T09:00:00Z",
            "grace_until": "2026-11-20T09:10:00Z",
        })
    );
    let run = verify_under(&policy, &healthy().proof, "--keys {}").exits(0);
    let words = "healthy until 2026-11-20T09:00:00Z, in grace until 2026-11-20T09:10:00Z";
    assert!(run.stdout.contains(words), "{}", run.stdout);
    let facts = zkmargin("inspect {} --json", &[&policy]).exits(0).json();
    assert_eq!(facts["heartbeat"]["period_seconds"], 3600);
    for (rule, words) in [
        (
            r#"{"period_seconds": 59, "grace_seconds": 0}"#,
            "heartbeat.period_seconds",
        ),
        (
            r#"{"period_seconds": 60, "grace_seconds": 2592001}"#,
            "heartbeat.grace_seconds",
        ),
        (r#"{"period_seconds": 60}"#, "grace_seconds"),
    ] {
        let policy = with(rule);
        verify_under(&policy, &healthy().proof, "--keys {}")
            .exits(2)
            .says(&[words]);
    }
}

#[test]
fn neither_statement_passes_for_the_other() {
    rejected(
        verify("--statement liquidation"),
        "the proof states solvency, expected liquidation",
    );
    let eligible = Stranger::new();
    eligible.verify("--statement liquidation").exits(0);
    let answer = eligible.verify("--statement solvency").exits(4).json();
    let words = "the proof states liquidation, expected solvency";
    assert_eq!(answer["reason"], words);
    // A file that says another statement than it proves, against either key.
    let folder = folder();
    let path = folder.path().join("proof.json");
    let text = fs::read_to_string(&healthy().proof).expect("proof");
    let altered = text.replace("\"solvency\"", "\"liquidation\"");
    fs::write(&path, altered).expect("written");
    let key = |name: &str, keys: &Path| keys.join(name).display().to_string();
    let verify_with = |proof: &Path, key: &str| {
        let line = format!(
            "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {} --key {key} --json",
            healthy().commitment
        );
        let files = ["snapshot.json", "policy.json", "context.json"].map(sample);
        zkmargin(&line, &[proof, &files[0], &files[1], &files[2]])
    };
    let solvency = key("solvency-small.vk", &healthy().keys);
    let liquidation = key("liquidation-small.vk", &shared().keys);
    rejected(
        verify_with(&path, &solvency),
        "the proof states liquidation, the key is for solvency",
    );
    rejected(
        verify_with(&path, &liquidation),
        "the proof was made under key",
    );
    rejected(
        verify_with(&healthy().proof, &liquidation),
        "the proof states solvency, the key is for liquidation",
    );
}

#[test]
fn a_missing_key_is_asked_for_by_its_statement() {
    let more = "--keys {} --json";
    let line = format!(
        "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {} {more}",
        healthy().commitment
    );
    let files = ["snapshot.json", "policy.json", "context.json"].map(sample);
    let keys = &shared().keys;
    let paths = [&healthy().proof, &files[0], &files[1], &files[2], keys];
    zkmargin(&line, &paths.map(PathBuf::as_path))
        .exits(2)
        .says(&[
            "solvency-small.vk",
            "zkmargin keygen --statement solvency --shape small",
        ]);
    // And parameters that hold the one statement are too small for the other.
    let folder = folder();
    let output = folder.path().join("proof.json");
    let keys = folder.path().join("keys");
    zkmargin("setup --unsafe-dev --k 12 --keys {}", &[&keys]).exits(0);
    prove("solvency", &healthy().account, &keys, &output)
        .exits(2)
        .says(&["k = 13", "zkmargin setup --ptau"]);
    zkmargin(
        "keygen --statement solvency --shape small --keys {}",
        &[&keys],
    )
    .exits(2)
    .says(&["k = 13"]);
    // A key of the other statement under this one's name.
    for ending in ["pk", "vk"] {
        let from = shared().keys.join(format!("liquidation-small.{ending}"));
        fs::copy(from, keys.join(format!("solvency-small.{ending}"))).expect("copied");
    }
    prove("solvency", &healthy().account, &keys, &output)
        .exits(2)
        .says(&["a key of statement liquidation, expected solvency"]);
    assert!(!output.exists());
}

#[test]
fn an_account_that_is_not_healthy_is_refused_with_its_numbers() {
    let folder = folder();
    let output = folder.path().join("proof.json");
    let keys = &healthy().keys;
    let refused = |statement: &str, account: &Path, words: &[&str]| {
        let run = prove(statement, account, keys, &output)
            .exits(3)
            .says(words);
        assert!(!output.exists());
        run.json()["error"].clone()
    };
    let short = sample("account-small.json");
    let error = refused(
        "solvency",
        &short,
        &["the account is not healthy: equity", "requirement", "hint"],
    );
    assert_eq!(error["kind"], "not-healthy");
    assert_eq!(error["exit_code"], 3);
    assert_eq!(error["verdict"], "under-margined");
    assert!(error["equity"].is_string() && error["maintenance_margin"].is_string());
    let error = refused("liquidation", &healthy().account, &["not under-margined"]);
    assert_eq!(error["kind"], "not-under-margined");
    assert_eq!(error["verdict"], "healthy");

    // Within the error bound of the threshold no statement has a proof.
    let units = |value: &Value| -> i64 {
        let text = value.as_str().expect("a decimal");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{fraction:0<8}");
        digits.parse().expect("a number")
    };
    let missing = units(&error["maintenance_margin"]) - units(&error["equity"]);
    let cash = 353_575 * 100_000_000 + missing;
    let cash = format!("\"{}.{:08}\"", cash / 100_000_000, cash % 100_000_000);
    let at_threshold = edited(folder.path(), "account-small.json", "\"103575\"", &cash);
    for (statement, kind) in [
        ("solvency", "not-healthy"),
        ("liquidation", "not-under-margined"),
    ] {
        let error = refused(
            statement,
            &at_threshold,
            &["beyond the proof's error bound"],
        );
        assert_eq!(error["verdict"], "band");
        assert_eq!(error["kind"], kind);
    }
}

#[test]
fn a_proof_of_health_is_about_one_account_market_and_policy() {
    let folder = folder();
    let strict = edited(
        folder.path(),
        "policy.json",
        "\"maintenance\": \"1.1\"",
        "\"maintenance\": \"1.2\"",
    );
    rejected(
        verify_under(&strict, &healthy().proof, "--keys {} --json"),
        "another snapshot or policy",
    );
    let other = shared().commitment.clone();
    let line = format!(
        "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --commitment {other} --keys {{}} --json"
    );
    let files = ["snapshot.json", "policy.json", "context.json"].map(sample);
    let paths = [
        &healthy().proof,
        &files[0],
        &files[1],
        &files[2],
        &healthy().keys,
    ];
    rejected(
        zkmargin(&line, &paths.map(PathBuf::as_path)),
        "the proof is about commitment",
    );
    rejected(verify("--at 2100-01-01T00:00:00Z"), "has passed");
    // Terms that nothing proves.
    let path = folder.path().join("proof.json");
    let text = fs::read_to_string(&healthy().proof).expect("proof");
    let claimed = text.replace(
        "\"proof\":\"0x",
        "\"repay\":\"100\",\"incentive_rate\":\"0\",\"proof\":\"0x",
    );
    fs::write(&path, claimed).expect("written");
    rejected(
        verify_under(&sample("policy.json"), &path, "--keys {} --json"),
        "a proof of solvency discloses no terms",
    );
}

#[test]
fn a_policy_with_more_branches_than_a_proof_has_places_for_is_refused() {
    let folder = folder();
    let text = fs::read_to_string(sample("policy.json")).expect("sample");
    let mut rules: Value = serde_json::from_str(&text).expect("JSON");
    let skew = json!({"spot": "0", "vol": "linear", "weight": "1"});
    rules["scenarios"] = json!(vec![skew; 5]);
    let policy = folder.path().join("policy.json");
    fs::write(&policy, rules.to_string()).expect("written");
    let output = folder.path().join("proof.json");
    let line = "prove {} --snapshot {} --policy {} --statement solvency --shape small \
                --context {} --keys {} -o {}";
    let paths = [
        &healthy().account,
        &sample("snapshot.json"),
        &policy,
        &sample("context.json"),
        &healthy().keys,
        &output,
    ];
    let words = "a solvency proof holds 4 skew scenarios, and the policy has 5";
    zkmargin(line, &paths.map(PathBuf::as_path))
        .exits(2)
        .says(&["policy.json", words]);
    assert!(!output.exists());
    // Nor does a verifier hold one.
    let run = verify_under(&policy, &healthy().proof, "--keys {} --json");
    rejected(run, "another snapshot or policy");
}

#[test]
fn files_say_their_statement() {
    let vk = healthy().keys.join("solvency-small.vk");
    for (path, kind) in [
        (&healthy().proof, "proof"),
        (&vk, "verifying key"),
        (&vk.with_extension("pk"), "proving key"),
    ] {
        let facts = zkmargin("inspect {} --json", &[path]).exits(0).json();
        assert_eq!(facts["kind"], kind);
        assert_eq!(facts["statement"], "solvency", "{kind}");
        assert!(facts["k"] == 13 || kind == "proof");
    }
}
