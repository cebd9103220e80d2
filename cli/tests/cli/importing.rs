//! `import deribit`, then a proof about what it made.

use std::{fs, path::PathBuf};

use crate::support::{Run, folder, sample, shared, zkmargin};

const OWNER: &str = "0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a";

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/deribit")
        .join(name)
}

fn import(more: &str, outputs: &[&PathBuf]) -> Run {
    let files = [
        "instruments_BTC.json",
        "instruments_ETH.json",
        "book_summary_BTC.json",
        "book_summary_ETH.json",
        "ticker_BTC-PERPETUAL.json",
        "ticker_ETH-PERPETUAL.json",
    ]
    .map(fixture);
    let paths: Vec<_> = files
        .iter()
        .chain(outputs.iter().copied())
        .map(PathBuf::as_path)
        .collect();
    zkmargin(
        &format!(
            "import deribit --instruments {{}} {{}} --summaries {{}} {{}} --tickers {{}} {{}} {more}"
        ),
        &paths,
    )
}

#[test]
fn imported_account_is_proved_and_verified() {
    let folder = folder();
    let (snapshot, account) = (
        folder.path().join("snapshot.json"),
        folder.path().join("account.json"),
    );
    let private = [
        "positions_BTC.json",
        "positions_ETH.json",
        "account_summary_BTC.json",
        "account_summary_ETH.json",
        "account_summary_USDC.json",
    ]
    .map(fixture);
    let mut outputs: Vec<&PathBuf> = private.iter().collect();
    outputs.extend([&snapshot, &account]);
    let line = format!(
        "--positions {{}} {{}} --account-summaries {{}} {{}} {{}} --owner {OWNER} --sequence 7 \
         --snapshot-out {{}} --account-out {{}} --json"
    );
    let document = import(&line, &outputs).exits(0).json();
    assert_eq!(document["snapshot"]["expiries"], 12);
    assert_eq!(document["account"]["options"], 24);
    assert_eq!(document["account"]["sequence"], 7);
    assert!(document["warnings"].is_array());
    import(&line, &outputs)
        .exits(2)
        .says(&["exists already", "--force"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&account)
            .expect("account")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "an account is for its owner alone");
    }

    let report = zkmargin(
        "evaluate {} --snapshot {} --policy {} --json",
        &[&account, &snapshot, &sample("policy.json")],
    )
    .exits(0)
    .json();
    let text = fs::read_to_string(sample("expected.json")).expect("sample");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("json");
    for field in ["equity", "maintenance_margin", "initial_margin"] {
        let number =
            |v: &serde_json::Value| v.as_str().expect("text").parse::<f64>().expect("number");
        let (got, wanted) = (
            number(&report[field]),
            number(&expected["deribit-import"][field]),
        );
        assert!(
            (got - wanted).abs() <= (wanted.abs() * 1e-4).max(1.0),
            "{field}: {got}, {wanted}"
        );
    }

    let proof = folder.path().join("proof.json");
    zkmargin(
        "prove {} --snapshot {} --policy {} --statement liquidation --shape medium --context {} --keys {} -o {}",
        &[&account, &snapshot, &sample("policy.json"), &sample("context.json"), &shared().keys, &proof],
    )
    .exits(0);
    let commitment = zkmargin("commit {}", &[&account]).exits(0).stdout;
    zkmargin(
        &format!("verify {{}} --snapshot {{}} --policy {{}} --context {{}} --keys {{}} --commitment {commitment}"),
        &[&proof, &snapshot, &sample("policy.json"), &sample("context.json"), &shared().keys],
    )
    .exits(0);
}

#[test]
fn market_alone_needs_no_owner() {
    let folder = folder();
    let snapshot = folder.path().join("snapshot.json");
    let run = import(
        "--snapshot-out {} --snapshot-sequence 5 --json",
        &[&snapshot],
    )
    .exits(0);
    let document = run.json();
    assert_eq!(document["snapshot"]["sequence"], 5);
    assert!(document["account"].is_null());
}

#[test]
fn accounts_need_an_owner_a_file_and_positions() {
    let folder = folder();
    let (snapshot, account) = (folder.path().join("s"), folder.path().join("a"));
    let positions = fixture("positions_BTC.json");
    import("--snapshot-out {} --account-out {}", &[&snapshot, &account])
        .exits(2)
        .says(&["--owner"]);
    import(
        &format!("--owner {OWNER} --snapshot-out {{}} --account-out {{}}"),
        &[&snapshot, &account],
    )
    .exits(2)
    .says(&["--positions"]);
    import("--positions {} --snapshot-out {}", &[&positions, &snapshot])
        .exits(2)
        .says(&["--account-out"]);
    let broken = folder.path().join("broken.json");
    fs::write(&broken, "{\"jsonrpc\":\"2.0\"").expect("written");
    zkmargin(
        "import deribit --instruments {} --snapshot-out {}",
        &[&broken, &snapshot],
    )
    .exits(2)
    .says(&["broken.json", "field '"]);
    assert!(!snapshot.exists() && !account.exists());
}
