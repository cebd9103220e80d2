//! Contracts written for keys. Whether they compile and verify is `chain`'s.

use std::{fs, path::Path};

use serde_json::json;

use crate::support::{Run, folder, shared, zkmargin};

fn export(output: &Path, more: &str) -> Run {
    let line = format!("export solidity --keys {{}} -o {{}} --json {more}");
    zkmargin(&line, &[&shared().keys, output])
}

#[test]
fn a_folder_holds_a_verifier_the_registry_and_what_compiles_them() {
    let folder = folder();
    let output = folder.path().join("new").join("contracts");
    let facts = export(&output, "--shape small").exits(0).json();
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts");
    for name in [
        "MarginRegistry.sol",
        "IMarginRegistry.sol",
        "package.json",
        "package-lock.json",
        "compile.mjs",
    ] {
        let expected = fs::read(contracts.join(name)).expect("there");
        assert_eq!(
            fs::read(output.join(name)).expect("written"),
            expected,
            "{name}"
        );
    }
    let verifier = &facts["verifier"];
    assert_eq!(verifier["name"], "LiquidationSmallVerifier");
    let source = output.join("LiquidationSmallVerifier.sol");
    assert_eq!(verifier["file"], json!(source));
    let source = fs::read_to_string(source).expect("written");
    for name in verifier["parts"].as_array().expect("parts") {
        let name = name.as_str().expect("a name");
        assert!(source.contains(&format!("contract {name} ")), "{name}");
    }
    assert!(source.contains("contract LiquidationSmallVerifier "));
    assert_eq!(fs::read_dir(&output).expect("a folder").count(), 6);
    assert_eq!(facts["unsafe_dev_parameters"], true);
    let key = zkmargin(
        "inspect {} --json",
        &[&shared().keys.join("liquidation-small.vk")],
    );
    assert_eq!(facts["key"], key.exits(0).json()["digest"]);
}

#[test]
fn a_second_verifier_stands_beside_the_first_and_nothing_is_overwritten_unasked() {
    let folder = folder();
    let output = folder.path();
    let first = export(output, "--shape small").exits(0).says(&["UNSAFE"]);
    let written = |run: Run| {
        let facts = run.exits(0).json();
        let files = facts["files"].as_array().expect("files").clone();
        files.iter().filter(|file| file["written"] == true).count()
    };
    assert_eq!(written(first), 6);
    assert_eq!(written(export(output, "--shape small")), 0);
    assert_eq!(written(export(output, "--shape medium")), 1);
    // A changed file stays, and so does all else.
    let registry = output.join("MarginRegistry.sol");
    fs::write(&registry, "mine").expect("written");
    fs::remove_file(output.join("compile.mjs")).expect("there");
    let run = export(output, "--shape small").exits(2);
    run.says(&["MarginRegistry.sol: exists already", "--force replaces it"]);
    assert_eq!(fs::read(&registry).expect("there"), b"mine");
    assert!(!output.join("compile.mjs").exists());
    assert_eq!(written(export(output, "--shape small --force")), 2);
    // Nothing is written through a link.
    let elsewhere = output.join("elsewhere");
    fs::rename(&registry, &elsewhere).expect("renamed");
    std::os::unix::fs::symlink(&elsewhere, &registry).expect("a link");
    export(output, "--shape small --force")
        .exits(2)
        .says(&["is a symbolic link"]);
}

#[test]
fn without_the_key_nothing_is_made() {
    let folder = folder();
    let output = folder.path().join("contracts");
    export(&output, "--shape large")
        .exits(2)
        .says(&["liquidation-large.vk: no such key file"]);
    assert!(!output.exists());
}
