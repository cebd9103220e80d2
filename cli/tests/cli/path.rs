//! The whole path, each step its own process.

use serde_json::{Value, json};

use crate::support::{Stranger, commitment, folder, prove, sample, shared, zkmargin};

#[test]
fn small_account_is_proved_and_verified() {
    let (proved, stderr) = &shared().proving;
    assert_eq!(proved["k"], 11);
    assert_eq!(proved["shape"], "small");
    assert_eq!(proved["unsafe_dev_parameters"], true);
    assert_eq!(proved["commitment"], shared().commitment.as_str());
    for number in ["seconds", "witness_seconds", "proof_bytes"] {
        assert!(proved[number].as_f64().expect(number) > 0.0, "{number}");
    }
    if cfg!(target_os = "linux") {
        assert!(proved["peak_rss_bytes"].as_u64().expect("bytes") > 1 << 20);
    }
    assert!(stderr.contains("UNSAFE development parameters"));

    let run = Stranger::new().verify("").exits(0).says(&["UNSAFE"]);
    let verdict = run.json();
    assert_eq!(verdict["eligible"], true);
    assert_eq!(verdict["statement"], "liquidation");
    assert_eq!(verdict["commitment"], shared().commitment.as_str());
    assert_eq!(verdict["terms"], proved["terms"]);
    assert!(verdict["reason"].is_null());
    assert_eq!(verdict["snapshot_time"], "2026-11-20T08:00:00Z");
}

#[test]
fn medium_account_is_proved_and_verified() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let proved = prove("account.json", "medium", &shared().keys, &proof)
        .exits(0)
        .json();
    assert_eq!(proved["k"], 12);
    let stranger = Stranger {
        proof,
        commitment: commitment("account.json", "medium"),
        ..Stranger::new()
    };
    let verdict = stranger.verify("").exits(0).json();
    assert_eq!(verdict["terms"], proved["terms"]);
    let key = shared().keys.join("liquidation-medium.vk");
    zkmargin("inspect {} --json", &[&key]).exits(0);
}

#[test]
fn missing_keys_are_made_from_parameters_that_are_there() {
    let folder = folder();
    let keys = folder.path().join("keys");
    zkmargin("setup --unsafe-dev --k 11 --keys {}", &[&keys])
        .exits(0)
        .says(&["UNSAFE"]);
    let proof = folder.path().join("proof.json");
    prove("account-small.json", "small", &keys, &proof)
        .exits(0)
        .says(&["made the missing keys"]);
    assert!(keys.join("liquidation-small.vk").is_file());
    // The medium shape needs more than these parameters.
    prove(
        "account.json",
        "medium",
        &keys,
        &folder.path().join("other"),
    )
    .exits(2)
    .says(&["k = 12", "zkmargin setup --ptau"]);
}

#[test]
fn ceremony_files_are_imported() {
    let folder = folder();
    let keys = folder.path().join("keys");
    let ptau = sample("../prover/tests/fixtures/snarkjs_06.ptau");
    zkmargin("setup --ptau {} --k 4 --keys {}", &[&ptau, &keys])
        .exits(2)
        .says(&["not a published ceremony file", "--allow-unpublished"]);
    let run = zkmargin(
        "setup --ptau {} --k 4 --allow-unpublished --keys {} --json",
        &[&ptau, &keys],
    )
    .exits(0)
    .says(&["UNPUBLISHED", "too small for any shape"]);
    let document = run.json();
    assert_eq!(document["k"], 4);
    assert_eq!(document["unsafe_dev_parameters"], false);
    assert_eq!(document["origin"]["published"], false);
    assert!(keys.join("params-k04.bin").is_file());
    zkmargin(
        "setup --ptau {} --allow-unpublished --keys {}",
        &[&ptau, &keys],
    )
    .exits(2)
    .says(&["snarkjs_06.ptau", "k = 12"]);
}

#[test]
fn the_shape_is_part_of_the_commitment() {
    let (small, medium) = (
        commitment("account-small.json", "small"),
        commitment("account-small.json", "medium"),
    );
    assert_ne!(small, medium);
    assert_eq!(small.len(), 66);
    let run = zkmargin(
        "commit {} --json --shape small",
        &[&sample("account-small.json")],
    );
    assert_eq!(run.exits(0).json()["commitment"], small.as_str());
}

#[test]
fn schemas_are_printed_and_written() {
    for name in ["account", "snapshot", "policy", "context", "proof"] {
        let run = zkmargin(&format!("schema {name}"), &[]).exits(0);
        assert_eq!(run.json()["type"], "object", "{name}");
    }
    let folder = folder();
    let out = folder.path().join("schemas");
    let run = zkmargin("schema --json --out {}", &[&out]).exits(0);
    assert_eq!(run.json()["files"].as_array().expect("list").len(), 5);
    assert!(out.join("account.schema.json").is_file());
    zkmargin("schema --out {}", &[&out])
        .exits(2)
        .says(&["--force"]);
    zkmargin("schema account --out {} --force", &[&out]).exits(0);
}

#[test]
fn the_policys_schema_asks_for_what_has_no_default() {
    let policy = zkmargin("schema policy", &[]).exits(0).json();
    assert_eq!(policy["$defs"]["Version2"], json!({ "const": 2 }));
    let required = |schema: &Value| schema["required"].clone();
    assert_eq!(
        required(&policy),
        json!(["version", "name", "factors", "incentive", "disclosure"])
    );
    for (name, fields) in [
        ("Scenario", json!(["spot", "vol", "weight"])),
        ("Factors", json!(["maintenance", "initial"])),
        ("Haircut", json!(["asset", "maintenance", "initial"])),
        ("VolatilityTrigger", json!(["asset", "reference"])),
        ("Incentive", json!(["base", "slope", "cap"])),
        ("Illiquidity", json!(["scale", "depth"])),
        ("SolvencyRamp", json!(["scale", "start", "limit"])),
        (
            "Disclosure",
            json!(["level", "repay_tick", "incentive_tick"]),
        ),
    ] {
        let schema = &policy["$defs"][name];
        assert_eq!(required(schema), fields, "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
    for name in ["VolShock", "Skew", "StaticDiscount", "Basis", "DeltaCharge"] {
        let schema = &policy["$defs"][name];
        assert_eq!(required(schema), Value::Null, "{name}");
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
}

#[test]
fn schemas_know_exposures() {
    let policy = zkmargin("schema policy", &[]).exits(0).json();
    let disclosure = &policy["$defs"]["Disclosure"];
    assert!(disclosure["properties"]["exposure_tick"].is_object());
    let required = |schema: &Value| -> Vec<String> {
        serde_json::from_value(schema["required"].clone()).expect("names")
    };
    assert!(!required(disclosure).contains(&"exposure_tick".to_owned()));
    let proof = zkmargin("schema proof", &[]).exits(0).json();
    assert!(proof["properties"]["exposures"].is_object());
    assert!(!required(&proof).contains(&"exposures".to_owned()));
    let exposure = &proof["$defs"]["ExposureTerms"];
    assert_eq!(required(exposure), ["asset", "delta", "gamma", "vega"]);
    assert_eq!(exposure["additionalProperties"], false);
}
