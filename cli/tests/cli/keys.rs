//! Missing, damaged and mismatched keys and parameters.

use std::{fs, path::Path};

use crate::support::{folder, prove, sample, shared, zkmargin};

#[test]
fn missing_keys_come_with_the_commands_that_make_them() {
    let folder = folder();
    let keys = folder.path().join("keys");
    let proof = folder.path().join("proof.json");
    let with_folder = format!("--keys {}", keys.display());
    prove("account-small.json", "small", &keys, &proof)
        .exits(2)
        .says(&[
            "zkmargin setup --ptau powersOfTau28_hez_final_12.ptau",
            "zkmargin setup --unsafe-dev",
            &with_folder,
        ]);
    let run = zkmargin("keygen --keys {} --json", &[&keys]).exits(2);
    let error = &run.json()["error"];
    assert_eq!(error["kind"], "missing-parameters");
    assert!(
        error["hint"]
            .as_str()
            .expect("hint")
            .contains("zkmargin setup")
    );
    zkmargin(
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
    )
    .exits(2)
    .says(&[
        "liquidation-small.vk",
        "zkmargin keygen",
        "--shape small",
        &with_folder,
    ]);
}

#[test]
fn damaged_keys_and_parameters_are_named() {
    let folder = folder();
    for name in [
        "params-k12.bin",
        "liquidation-small.vk",
        "liquidation-small.pk",
    ] {
        let keys = folder.path().join(format!("without-{name}"));
        fs::create_dir(&keys).expect("folder");
        for file in [
            "params-k12.bin",
            "liquidation-small.vk",
            "liquidation-small.pk",
        ] {
            let mut bytes = fs::read(shared().keys.join(file)).expect("key");
            if file == name {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            fs::write(keys.join(file), bytes).expect("written");
        }
        let proof = folder.path().join("proof.json");
        prove("account-small.json", "small", &keys, &proof)
            .exits(2)
            .says(&[name]);
        assert!(!proof.exists());
    }
}

#[test]
fn keys_and_parameters_that_do_not_match_are_named() {
    let folder = folder();
    let keys = folder.path().join("keys");
    let proof = folder.path().join("proof.json");
    zkmargin("setup --unsafe-dev --k 11 --keys {}", &[&keys]).exits(0);
    for file in ["liquidation-small.vk", "liquidation-small.pk"] {
        fs::copy(shared().keys.join(file), keys.join(file)).expect("copied");
    }
    let attempt = || prove("account-small.json", "small", &keys, &proof);
    attempt()
        .exits(2)
        .says(&["liquidation-small.vk", "zkmargin keygen --force"]);
    // Without a proving key one is made, but never one for another verifying key.
    fs::remove_file(keys.join("liquidation-small.pk")).expect("removed");
    attempt().exits(2).says(&["liquidation-small.vk"]);
    fs::remove_file(keys.join("params-k11.bin")).expect("removed");
    attempt().exits(2).says(&["zkmargin setup"]);
    assert!(!proof.exists());
    // The right parameters make the same keys again.
    fs::copy(
        shared().keys.join("params-k12.bin"),
        keys.join("params-k12.bin"),
    )
    .expect("copied");
    attempt().exits(0).says(&["made the missing keys"]);
    let read = |path: &Path| fs::read(path.join("liquidation-small.vk")).expect("key");
    assert_eq!(read(&keys), read(&shared().keys));
}
