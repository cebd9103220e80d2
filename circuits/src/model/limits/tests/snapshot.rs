//! What a snapshot may hold for the policies that use it.

use serde_json::json;

use super::{
    super::{super::Snapshot, ValueError},
    Edit, bounds, edited, refused,
};

const SAMPLE: &str = include_str!("../../../../../samples/snapshot.json");

fn snapshot(edits: &[Edit]) -> Result<(), ValueError> {
    let snapshot: Snapshot = serde_json::from_value(edited(SAMPLE, edits)).expect("parses");
    snapshot.validate()
}

#[test]
fn numbers_stay_within_their_bounds() {
    for row in [
        ("assets[0].confidence", "0", "1"),
        ("assets[0].realised_vol_24h", "0", "100"),
        ("assets[0].perpetual.confidence", "0", "1"),
        ("assets[0].perpetual.funding_rate", "-1", "1"),
        ("expiries[0].confidence", "0", "1"),
        ("stable.price", "0.5", "2"),
        ("protocol.solvency", "0", "100"),
    ] {
        bounds(snapshot, &[], row);
    }
}

#[test]
fn liquidity_is_not_negative() {
    let field = "assets[1].liquidity";
    for value in ["0", "90000000000"] {
        assert_eq!(snapshot(&[(field, json!(value))]), Ok(()));
    }
    let edit = [(field, json!("-0.00000001"))];
    refused(snapshot, &edit, field, "must not be negative");
}

#[test]
fn a_part_of_the_forward_moves() {
    let forward = ("expiries[0].forward", json!("100000"));
    let field = "expiries[0].forward_fixed";
    bounds(snapshot, &[forward], (field, "0", "99999.99999999"));
}
