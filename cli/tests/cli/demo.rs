//! `demo`.

use crate::support::{folder, zkmargin};

#[test]
fn runs_from_anywhere_and_leaves_nothing() {
    let run = zkmargin("demo", &[]).exits(0);
    for words in [
        "ELIGIBLE",
        "Hidden",
        "exit code 3",
        "zkmargin setup --ptau",
        "UNSAFE",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(
        !run.stdout.contains('\u{1b}'),
        "no colour outside a terminal"
    );
}

#[test]
fn json_is_one_document() {
    let run = zkmargin("demo --shape small --json", &[]).exits(0);
    let document = run.json();
    assert_eq!(document["eligible"], true);
    assert_eq!(document["unsafe_dev_parameters"], true);
    assert_eq!(document["shape"], "small");
    let refusal = document["healthy_account_refused"].as_str().expect("text");
    assert!(refusal.contains("equity"), "{refusal}");
}

#[test]
fn keeps_a_named_folder_that_verifies_by_itself() {
    let root = folder();
    let dir = root.path().join("kept");
    let document = zkmargin("demo --shape small --json --dir {}", &[&dir])
        .exits(0)
        .json();
    let commitment = document["commitment"].as_str().expect("hex");
    let public = dir.join("public");
    let file = |name: &str| public.join(name);
    // The printed command, with nothing but public files.
    std::fs::remove_dir_all(dir.join("private")).expect("removed");
    std::fs::remove_dir_all(dir.join("keys")).expect("removed");
    zkmargin(
        &format!("verify {{}} --snapshot {{}} --policy {{}} --context {{}} --key {{}} --commitment {commitment}"),
        &[
            &file("proof.json"),
            &file("snapshot.json"),
            &file("policy.json"),
            &file("context.json"),
            &file("liquidation-small.vk"),
        ],
    )
    .exits(0)
    .says(&["UNSAFE development parameters"]);
    zkmargin("demo --dir {}", &[&dir])
        .exits(2)
        .says(&["is not empty"]);
}
