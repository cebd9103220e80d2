//! What a policy may say of its oracles; what a snapshot's digest is about.

use serde_json::{Value, json};

use super::{
    super::{
        super::{Policy, Snapshot},
        MAX_ORACLES, MAX_SIGNATURES, ValueError,
    },
    Edit, bounds, edited, refused,
};

const POLICY: &str = include_str!("../../../../../samples/policy.json");
const SNAPSHOT: &str = include_str!("../../../../../samples/snapshot.json");

fn address(i: usize) -> Value {
    json!(format!("0x{i:040x}"))
}

/// The sample policy with three oracles, two of whom must sign, and then the edits.
fn policy(edits: &[Edit]) -> Result<(), ValueError> {
    let rule = json!({
        "signers": [address(1), address(2), address(3)],
        "threshold": 2, "max_age_seconds": 60, "max_future_seconds": 5,
        "min_confidence": [
            {"asset": "BTC", "confidence": "0.9"},
            {"asset": "ETH", "confidence": "0.8"},
        ],
    });
    let all = [&[("oracle", rule)], edits].concat();
    let policy: Policy = serde_json::from_value(edited(POLICY, &all)).expect("parses");
    policy.validate()
}

fn snapshot(edits: &[Edit]) -> Snapshot {
    serde_json::from_value(edited(SNAPSHOT, edits)).expect("parses")
}

#[test]
fn oracles_are_counted_and_distinct() {
    let many = |count: usize| (1..=count).map(address).collect::<Value>();
    assert_eq!(policy(&[]), Ok(()));
    assert_eq!(policy(&[("oracle.signers", many(MAX_ORACLES))]), Ok(()));
    for count in [0, MAX_ORACLES + 1] {
        let edit = [("oracle.signers", many(count))];
        refused(policy, &edit, "oracle.signers", "must be 1 to 32");
    }
    let field = "oracle.signers[2]";
    refused(policy, &[(field, address(1))], field, "appears twice");
    refused(policy, &[(field, address(0))], field, "nobody");
}

#[test]
fn the_threshold_is_one_to_all() {
    let field = "oracle.threshold";
    for threshold in [1, 3] {
        assert_eq!(policy(&[(field, json!(threshold))]), Ok(()));
    }
    for threshold in [0, 4, u32::MAX] {
        refused(policy, &[(field, json!(threshold))], field, "must be 1 to");
    }
}

#[test]
fn spans_and_confidences_stay_within_their_bounds() {
    for (field, inside, outside) in [
        (
            "oracle.max_age_seconds",
            [1, 2_592_000],
            [0, 2_592_001, u32::MAX],
        ),
        (
            "oracle.max_future_seconds",
            [0, 3600],
            [3601, 4000, u32::MAX],
        ),
    ] {
        for value in inside {
            assert_eq!(policy(&[(field, json!(value))]), Ok(()));
        }
        for value in outside {
            refused(policy, &[(field, json!(value))], field, "must be");
        }
    }
    bounds(
        policy,
        &[],
        ("oracle.min_confidence[1].confidence", "0", "1"),
    );
    let field = "oracle.min_confidence[1].asset";
    refused(policy, &[(field, json!("BTC"))], field, "appears twice");
}

#[test]
fn signatures_are_counted() {
    let entry = json!({"policy": format!("0x{:064x}", 1), "signature": format!("0x{:0130x}", 1)});
    let with = |count| [("signatures", json!(vec![entry.clone(); count]))];
    let validate = |edits: &[Edit]| snapshot(edits).validate();
    assert_eq!(validate(&with(MAX_SIGNATURES)), Ok(()));
    let edits = with(MAX_SIGNATURES + 1);
    refused(validate, &edits, "signatures", "must be at most 256");
}

#[test]
fn a_snapshots_digest_is_of_all_but_its_signatures() {
    let plain = snapshot(&[]).digest();
    let entry = json!({"policy": format!("0x{:064x}", 1), "signature": format!("0x{:0130x}", 1)});
    assert_eq!(snapshot(&[("signatures", json!([entry]))]).digest(), plain);
    assert_eq!(
        snapshot(&[("assets[0].confidence", json!("1"))]).digest(),
        plain
    );
    let mut digests = vec![plain];
    for edit in [
        ("sequence", json!(7)),
        ("time", json!("2026-11-20T08:00:01Z")),
        ("assets[0].spot", json!("1.00000001")),
        ("assets[0].confidence", json!("0.99999999")),
        ("expiries[0].smile[0].vol", json!("0.12345678")),
        ("stable.price", json!("1")),
    ] {
        digests.push(snapshot(&[edit]).digest());
    }
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len());
}

#[test]
fn a_policys_digest_names_its_oracles() {
    let digest = |edits: &[Edit]| {
        let policy: Policy = serde_json::from_value(edited(POLICY, edits)).expect("parses");
        policy.digest()
    };
    let rule = |threshold: u32| {
        json!({"signers": [address(1), address(2)], "threshold": threshold,
               "max_age_seconds": 60, "max_future_seconds": 5})
    };
    let none = digest(&[]);
    assert_eq!(digest(&[("oracle", Value::Null)]), none);
    assert_ne!(digest(&[("oracle", rule(1))]), none);
    assert_ne!(
        digest(&[("oracle", rule(1))]),
        digest(&[("oracle", rule(2))])
    );
}
