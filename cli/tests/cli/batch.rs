//! `prove --batch`: what becomes of each account, and what a second run does.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    keeper::{Keeper, named, outcomes},
    solvency::healthy,
    support::{edited, prove_under, sample, zkmargin},
};

/// Cash with which the small sample account is not under-margined.
const RICH: &str = "90000000";

#[test]
fn every_account_comes_to_something_and_a_bad_one_stops_no_other() {
    let keeper = Keeper::new(&["a", "c", "e"]);
    keeper.write("b", RICH);
    keeper.write("d", "much");
    // None of these is an account's.
    fs::write(keeper.accounts().join("notes.txt"), "notes").expect("written");
    fs::write(keeper.accounts().join(".hidden.json"), "{").expect("written");

    let run = keeper.run("--threads 2");
    let report = run.exits(2).says(&["d.json", "field 'cash'"]).json();
    let came = [
        ("a", "proved"),
        ("b", "false"),
        ("c", "proved"),
        ("d", "refused"),
        ("e", "proved"),
    ];
    assert_eq!(outcomes(&report), named(&came));
    for (outcome, count) in [("proved", 3), ("kept", 0), ("false", 1), ("refused", 1)] {
        assert_eq!(report[outcome], count, "{outcome}");
    }
    let [_, rich, _, bad, _] = report["accounts"].as_array().expect("list").as_slice() else {
        panic!("five accounts: {report}");
    };
    assert_eq!(rich["verdict"], "healthy");
    assert_eq!(bad["error"]["kind"], "input");
    assert_eq!(bad["error"]["exit_code"], 2);
    assert_eq!(report["threads"], 2);
    assert!(report["proofs_per_minute"].as_f64().expect("a rate") > 0.0);
    assert!(
        !report.to_string().contains("equity"),
        "not in a report of many"
    );

    let names: Vec<String> = keeper.files().into_keys().collect();
    let expected = ["a", "c", "e"]
        .iter()
        .flat_map(|name| [format!("{name}.context.json"), format!("{name}.proof.json")]);
    assert_eq!(names, expected.collect::<Vec<_>>());

    // The one that was bad is mended: nothing else is done again.
    let before = keeper.files();
    keeper.write("d", "103575");
    let report = keeper.run("").exits(0).json();
    let came = [
        ("a", "kept"),
        ("b", "false"),
        ("c", "kept"),
        ("d", "proved"),
        ("e", "kept"),
    ];
    assert_eq!(outcomes(&report), named(&came));
    let after = keeper.files();
    assert_eq!(after.len(), 8);
    assert!(before.iter().all(|(name, bytes)| after[name] == *bytes));
}

#[test]
fn a_proof_is_the_one_that_a_single_prove_makes() {
    let keeper = Keeper::new(&["a", "b"]);
    keeper.run("").exits(0);
    let context = keeper.proofs().join("a.context.json");
    keeper.verifies("a", &context);
    let single = keeper.root.path().join("single.json");
    let line = "prove {} --snapshot {} --policy {} --context {} --keys {} -o {} --shape small";
    let (account, policy) = (keeper.account("a"), sample("policy.json"));
    zkmargin(
        line,
        &[
            &account,
            &keeper.snapshot,
            &policy,
            &context,
            &keeper.keys,
            &single,
        ],
    )
    .exits(0);
    let read = |path: &Path| -> (Value, usize) {
        let bytes = fs::read(path).expect("proof");
        let mut file: Value = serde_json::from_slice(&bytes).expect("json");
        assert!(file["proof"].take().is_string());
        (file, bytes.len())
    };
    assert_eq!(read(&single), read(&keeper.proof("a")));

    // The contexts are the given one but for the nonce, which a liquidator can spend once.
    let read = |path: &Path| -> Value {
        serde_json::from_slice(&fs::read(path).expect("context")).expect("json")
    };
    let contexts =
        ["a", "b"].map(|name| read(&keeper.proofs().join(format!("{name}.context.json"))));
    let nonces: BTreeSet<u64> = contexts
        .iter()
        .filter_map(|c| c["nonce"].as_u64())
        .collect();
    assert_eq!(nonces.len(), 2, "{contexts:?}");
    for mut context in contexts {
        context["nonce"] = json!(1);
        assert_eq!(context, read(&keeper.context));
    }
}

#[test]
fn only_what_is_missing_is_proved() {
    let keeper = Keeper::new(&["a", "b", "c"]);
    keeper.run("").exits(0);
    let before = keeper.files();
    fs::remove_file(keeper.proof("b")).expect("removed");
    fs::remove_file(keeper.proofs().join("c.context.json")).expect("removed");
    let report = keeper.run("").exits(0).json();
    let came = [("a", "kept"), ("b", "proved"), ("c", "kept")];
    assert_eq!(outcomes(&report), named(&came));
    let after = keeper.files();
    assert_eq!(after.len(), before.len());
    for (name, bytes) in before {
        assert_eq!(after[&name] == bytes, name != "b.proof.json", "{name}");
    }
}

/// Neither kept as if it were the proof, nor replaced unasked.
#[test]
fn a_proof_of_something_else_is_refused_and_replaced_with_force() {
    let mut keeper = Keeper::new(&["a", "b"]);
    keeper.run("").exits(0);
    let first = keeper.files();

    // Another state of one account.
    keeper.write("a", "103574");
    let changed = keeper.run("").exits(2);
    let changed = changed.says(&["a.proof.json", "about commitment 0x", "--force"]);
    let report = changed.json();
    assert_eq!(outcomes(&report), named(&[("a", "refused"), ("b", "kept")]));
    assert_eq!(keeper.files(), first, "nothing is written");
    let report = keeper.run("--force").exits(0).json();
    assert_eq!(outcomes(&report), named(&[("a", "proved"), ("b", "kept")]));

    // Another market, another context, for all.
    let all = named(&[("a", "refused"), ("b", "refused")]);
    let usual = keeper.snapshot.clone();
    keeper.snapshot = edited(
        keeper.root.path(),
        "snapshot.json",
        "\"104380.25\"",
        "\"104380.5\"",
    );
    let run = keeper
        .run("")
        .exits(2)
        .says(&["another snapshot or policy"]);
    assert_eq!(outcomes(&run.json()), all);
    keeper.snapshot = usual;
    keeper.context = edited(
        keeper.root.path(),
        "context.json",
        "\"nonce\": 1",
        "\"nonce\": 2",
    );
    let run = keeper.run("").exits(2).says(&["bound to context 0x"]);
    assert_eq!(outcomes(&run.json()), all);
    keeper.context = sample("context.json");

    // A file that is cut short, one whose proof is none, one that is no proof at all.
    let whole = fs::read(keeper.proof("a")).expect("proof");
    let mut flipped = whole.clone();
    let digit = flipped.len() - 40;
    flipped[digit] = if flipped[digit] == b'1' { b'2' } else { b'1' };
    for (bytes, word) in [
        (&whole[..whole.len() / 2], "truncated"),
        (&flipped, "does not verify"),
        (b"{}\n", "field"),
    ] {
        fs::write(keeper.proof("a"), bytes).expect("written");
        let run = keeper.run("").exits(2).says(&["a.proof.json", word]);
        let came = [("a", "refused"), ("b", "kept")];
        assert_eq!(outcomes(&run.json()), named(&came), "{word}");
    }
    let report = keeper.run("--force").exits(0).json();
    assert_eq!(outcomes(&report), named(&[("a", "proved"), ("b", "kept")]));
    keeper.verifies("a", &keeper.proofs().join("a.context.json"));
}

#[test]
fn health_is_proved_under_the_context_as_it_is() {
    let mut keeper = Keeper::new(&["poor"]);
    keeper.statement = "solvency";
    keeper.keys = healthy().keys.clone();
    keeper.write("well", "353575");
    let report = keeper.run("").exits(0).json();
    let came = [("poor", "false"), ("well", "proved")];
    assert_eq!(outcomes(&report), named(&came));
    assert_eq!(report["accounts"][0]["verdict"], "under-margined");
    let names: Vec<String> = keeper.files().into_keys().collect();
    assert_eq!(names, ["well.proof.json"]);
    keeper.verifies("well", &keeper.context);
    let report = keeper.run("").exits(0).json();
    assert_eq!(report["kept"], 1);
}

#[test]
fn what_makes_no_batch_is_refused_before_any_work() {
    let keeper = Keeper::new(&["a"]);
    let paths = keeper.paths();
    let with = |place: usize, path: &Path| {
        let mut paths = paths.each_ref().map(PathBuf::as_path);
        paths[place] = path;
        zkmargin(&keeper.line(""), &paths)
    };
    let (empty, nowhere) = (keeper.root.path().join("empty"), Path::new("nowhere"));
    fs::create_dir(&empty).expect("folder");
    with(0, &empty)
        .exits(2)
        .says(&["--batch", "no account file"]);
    with(0, nowhere)
        .exits(2)
        .says(&["nowhere", "read the folder"]);
    with(5, &keeper.accounts())
        .exits(2)
        .says(&["the folder of the accounts"]);
    with(5, &keeper.account("a"))
        .exits(2)
        .says(&["a.json", "make the folder"]);
    let none = keeper.root.path().join("no-keys");
    with(4, &none).exits(2).says(&["holds no parameters"]);
    for more in ["--threads 0", "--threads 1025", "a.json"] {
        let run = keeper.run(more).exits(2);
        assert_eq!(run.json()["error"]["kind"], "usage", "{more}");
    }
    zkmargin(
        "prove {} --snapshot s --policy p --context c -o o --threads 2",
        &[&keeper.account("a")],
    )
    .exits(2)
    .says(&["--threads"]);
    assert!(keeper.files().is_empty());
}

/// An input is never replaced, whatever the accounts are called.
#[test]
fn an_output_is_never_an_input() {
    let mut keeper = Keeper::new(&["a"]);
    fs::create_dir(keeper.proofs()).expect("folder");
    keeper.context = keeper.proofs().join("a.context.json");
    fs::copy(sample("context.json"), &keeper.context).expect("copied");
    let before = keeper.files();
    let run = keeper.run("--force").exits(2).says(&["is an input"]);
    assert_eq!(outcomes(&run.json()), named(&[("a", "refused")]));
    assert_eq!(keeper.files(), before);
}

/// A single proof that stands where the batch would write is a stranger's: its context is another.
#[test]
fn a_single_proof_under_the_given_context_is_not_taken_for_the_batch_s() {
    let keeper = Keeper::new(&["a"]);
    fs::create_dir(keeper.proofs()).expect("folder");
    let made = prove_under(
        &sample("policy.json"),
        &keeper.account("a"),
        "small",
        &keeper.keys,
        &keeper.proof("a"),
    );
    made.exits(0);
    keeper.run("").exits(2).says(&["bound to context 0x"]);
}
