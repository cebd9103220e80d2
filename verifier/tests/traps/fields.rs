//! Every field of policy and snapshot: a proof is bound to it, or it is named here as one that no proof is about.

use std::collections::BTreeSet;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use zkmargin_circuits::{
    model::{HexBytes, Policy, Snapshot},
    public::PublicTable,
};
use zkmargin_verifier::{Rejection, Request, verify};

use crate::support::every_rule;

/// Where a field is in a proof's public inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// In the public table, so in its digest.
    Table,
    /// In the header, beside the table.
    Header,
    /// Nowhere: the initial margin, which is reported only, and what is for people.
    Unbound,
}
use Bound::{Header, Table, Unbound};

/// A field's path in JSON, another value that is allowed there, and where it is bound.
type Field = (&'static str, &'static str, Bound);

const POLICY: &[Field] = &[
    ("/name", r#""other""#, Unbound),
    ("/source/scenarios", r#""other""#, Unbound),
    ("/scenarios/0/spot", r#""-0.150001""#, Table),
    ("/scenarios/0/vol", r#""same""#, Table),
    ("/scenarios/3/vol", r#""absolute""#, Table),
    ("/scenarios/0/weight", r#""0.99999999""#, Table),
    ("/vol_shock/up", r#""0.35001""#, Table),
    ("/vol_shock/down", r#""0.25001""#, Table),
    ("/vol_shock/short_power", r#""0.301""#, Table),
    ("/vol_shock/long_power", r#""0.131""#, Table),
    // Longer than the shortest time in this market.
    ("/vol_shock/floor_seconds", "172800", Table),
    ("/vol_shock/min_vol_up", r#""0.40001""#, Table),
    ("/skew/linear/cap", r#""0.25001""#, Table),
    ("/skew/linear/slope", r#""-0.1001""#, Table),
    ("/skew/absolute/cap", r#""0.25001""#, Table),
    ("/skew/absolute/slope", r#""-0.1001""#, Table),
    // Above what the other three give.
    ("/skew/min_width", r#""5""#, Table),
    ("/skew/width_scale", r#""4.01""#, Table),
    ("/skew/vol_base", r#""0.601""#, Table),
    ("/skew/vol_slope", r#""0.01""#, Table),
    ("/discount/long/base", r#""1.021""#, Table),
    ("/discount/long/rate_multiplier", r#""1""#, Table),
    ("/discount/long/rate_add", r#""0.11""#, Table),
    ("/discount/short/base", r#""0.979""#, Table),
    ("/discount/short/rate_multiplier", r#""0.5""#, Table),
    ("/discount/short/rate_add", r#""0.11""#, Table),
    ("/basis/up", r#""0.0451""#, Table),
    ("/basis/down", r#""-0.0451""#, Table),
    ("/basis/add", r#""0.501""#, Table),
    ("/basis/per_year", r#""2.01""#, Table),
    ("/delta/net", r#""0.0201""#, Table),
    ("/delta/hedged", r#""0.0101""#, Table),
    ("/factors/maintenance", r#""1.10000001""#, Table),
    ("/factors/initial", r#""1.4""#, Unbound),
    ("/factors/peg/threshold", r#""1""#, Unbound),
    ("/factors/peg/slope", r#""5""#, Unbound),
    ("/long_options", r#""excluded""#, Table),
    (
        "/contingencies/short_option/maintenance",
        r#""0.01000001""#,
        Table,
    ),
    ("/contingencies/short_option/initial", r#""0.03""#, Unbound),
    (
        "/contingencies/short_option/initial_floor",
        r#""0.014""#,
        Unbound,
    ),
    ("/contingencies/future/on", r#""spot""#, Table),
    (
        "/contingencies/future/maintenance",
        r#""0.00600001""#,
        Table,
    ),
    ("/contingencies/future/initial", r#""0.008""#, Unbound),
    ("/contingencies/gamma/maintenance", r#""0.0011""#, Table),
    ("/contingencies/gamma/initial", r#""0.003""#, Unbound),
    ("/contingencies/vega/maintenance", r#""0.011""#, Table),
    ("/contingencies/vega/initial", r#""0.03""#, Unbound),
    ("/contingencies/confidence/threshold", r#""0.97""#, Unbound),
    ("/contingencies/confidence/margin", r#""0.5""#, Unbound),
    ("/contingencies/confidence/asset", r#""USDC""#, Unbound),
    ("/contingencies/provision/future", r#""0.00030001""#, Table),
    ("/contingencies/provision/option", r#""0.00040001""#, Table),
    ("/contingencies/provision/funding_hours", r#""8.1""#, Table),
    ("/haircuts/0/asset", r#""ETH""#, Table),
    ("/haircuts/0/maintenance", r#""0.05000001""#, Table),
    ("/haircuts/0/initial", r#""0.07""#, Unbound),
    ("/haircuts/0/moves", "false", Table),
    ("/volatility_trigger/0/asset", r#""USDC""#, Table),
    ("/volatility_trigger/0/reference", r#""0.401""#, Table),
    ("/volatility_trigger/0/factor/slope", r#""1.01""#, Table),
    ("/volatility_trigger/0/factor/cap", r#""0.05""#, Table),
    ("/volatility_trigger/0/haircut/slope", r#""0.101""#, Table),
    ("/volatility_trigger/0/haircut/cap", r#""0.005""#, Table),
    ("/incentive/base", r#""0.02000001""#, Header),
    ("/incentive/slope", r#""0.15000001""#, Header),
    ("/incentive/cap", r#""0.15999999""#, Header),
    ("/incentive/illiquidity/scale", r#""0.51""#, Table),
    ("/incentive/illiquidity/depth", r#""51000000""#, Table),
    ("/incentive/solvency/scale", r#""0.51""#, Header),
    ("/incentive/solvency/start", r#""1.11""#, Header),
    ("/incentive/solvency/limit", r#""1.01""#, Header),
    ("/disclosure/repay_tick", r#""50""#, Header),
    ("/disclosure/incentive_tick", r#""0.0005""#, Header),
    ("/disclosure/exposure_tick", r#""500""#, Header),
    // A registry holds proofs of health against the policy's digest.
    ("/heartbeat/period_seconds", "60", Unbound),
    ("/heartbeat/grace_seconds", "0", Unbound),
    // A service holds the snapshot against them, and the policy's digest against the registry's.
    (
        "/oracle/signers/0",
        r#""0x0000000000000000000000000000000000000001""#,
        Unbound,
    ),
    ("/oracle/threshold", "1", Unbound),
    ("/oracle/max_age_seconds", "61", Unbound),
    ("/oracle/max_future_seconds", "6", Unbound),
    ("/oracle/min_confidence/0/asset", r#""ETH""#, Unbound),
    ("/oracle/min_confidence/0/confidence", r#""0.6""#, Unbound),
];

const NOBODYS_POLICY: &str =
    r#""0x0000000000000000000000000000000000000000000000000000000000000000""#;
const NO_SIGNATURE: &str = concat!(
    "\"0x",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "00\""
);

const SNAPSHOT: &[Field] = &[
    // Of the snapshot's source: `verify` returns the verifier's own.
    ("/sequence", "1", Unbound),
    ("/time", r#""2026-11-20T08:00:01Z""#, Table),
    ("/assets/0/spot", r#""104380.25000001""#, Table),
    ("/assets/0/rate", r#""0.0410001""#, Table),
    ("/assets/0/confidence", r#""0.8""#, Unbound),
    ("/assets/0/realised_vol_24h", r#""0.4726""#, Table),
    // Above the policy's depth an asset is liquid, however much.
    ("/assets/0/liquidity", r#""49000000""#, Table),
    ("/assets/1/liquidity", r#""40000001""#, Table),
    ("/assets/0/perpetual/mark", r#""104412.50000001""#, Table),
    (
        "/assets/0/perpetual/funding_index",
        r#""1475.25000001""#,
        Table,
    ),
    ("/assets/0/perpetual/confidence", r#""0.5""#, Unbound),
    ("/assets/0/perpetual/funding_rate", r#""0.00010001""#, Table),
    ("/expiries/0/forward", r#""105002.66000001""#, Table),
    ("/expiries/0/forward_fixed", r#""1000.50000001""#, Table),
    ("/expiries/0/confidence", r#""0.5""#, Unbound),
    ("/expiries/0/discount", r#""0.996123456788""#, Table),
    ("/expiries/0/smile/0/strike", r#""90000.00000001""#, Table),
    ("/expiries/0/smile/0/vol", r#""0.61250001""#, Table),
    ("/everlasting/0/funding_days", r#""7.00000001""#, Table),
    ("/everlasting/0/vol", r#""0.44750001""#, Table),
    ("/american/0/vol", r#""0.44750001""#, Table),
    ("/american/0/dividend", r#""0.01000001""#, Table),
    ("/power/0/funding_days", r#""1.00000001""#, Table),
    ("/power/0/vol", r#""0.44750001""#, Table),
    ("/variance/0/start", r#""2026-10-30T08:01:00Z""#, Table),
    ("/variance/0/end", r#""2026-12-25T08:01:00Z""#, Table),
    ("/variance/0/discount", r#""0.996074""#, Table),
    ("/variance/0/realised_variance", r#""0.16892101""#, Table),
    ("/variance/0/implied_vol", r#""0.45120001""#, Table),
    ("/variance/0/fair_vol", r#""0.42930001""#, Table),
    ("/stable/price", r#""0.98500001""#, Table),
    ("/protocol/solvency", r#""1.06300001""#, Header),
    // About the rest, and checked by a service.
    ("/signatures/0/policy", NOBODYS_POLICY, Unbound),
    ("/signatures/0/signature", NO_SIGNATURE, Unbound),
];

/// Fields whose other values make another document altogether: formats, and names that everything hangs on.
const LEFT_OUT: &[&str] = &[
    "/version",
    "/contingencies/short_option/netting",
    "/disclosure/level",
    "/assets/*/asset",
    "/expiries/*/asset",
    "/expiries/*/expiry",
    "/everlasting/*/asset",
    "/american/*/asset",
    "/power/*/asset",
    "/variance/*/asset",
];

fn edited<T: Serialize + DeserializeOwned>(document: &T, (path, to, _): &Field) -> T {
    let mut json = serde_json::to_value(document).expect("printed");
    let place = json.pointer_mut(path).unwrap_or_else(|| panic!("{path}"));
    let to = serde_json::from_str(to).expect("JSON");
    assert_ne!(*place, to, "{path} is that already");
    *place = to;
    serde_json::from_value(json).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Verifies the honest proof under another market or policy.
fn check(path: &str, bound: Bound, snapshot: &Snapshot, policy: &Policy) {
    let honest = every_rule();
    let table = PublicTable::new(snapshot, policy);
    let table = table.unwrap_or_else(|error| panic!("{path}: {error}"));
    let expected = HexBytes(table.digest());
    let request = Request {
        snapshot,
        policy,
        ..honest.request()
    };
    let answer = verify(&honest.file, &request).map(drop);
    if bound != Table {
        assert_eq!(expected, honest.file.table, "{path} is in the table");
        let proof = if bound == Header {
            Err(Rejection::Proof)
        } else {
            Ok(())
        };
        assert_eq!(answer, proof, "{path}");
        return;
    }
    let proof = honest.file.table;
    assert_eq!(
        answer,
        Err(Rejection::OtherTable { proof, expected }),
        "{path}"
    );
    // A thief rewrites the digest in the file: the proof itself is bound.
    let mut file = honest.file.clone();
    file.table = expected;
    let answer = verify(&file, &request).map(drop);
    assert_eq!(answer, Err(Rejection::Proof), "{path}");
}

#[test]
fn every_field_of_the_policy_is_bound_or_in_no_proof() {
    let honest = every_rule();
    for field in POLICY {
        let policy = edited(&honest.policy, field);
        check(field.0, field.2, &honest.snapshot, &policy);
    }
    complete(&honest.policy, POLICY);
}

#[test]
fn every_field_of_the_snapshot_is_bound_or_in_no_proof() {
    let honest = every_rule();
    for field in SNAPSHOT {
        let snapshot = edited(&honest.snapshot, field);
        check(field.0, field.2, &snapshot, &honest.policy);
    }
    complete(&honest.snapshot, SNAPSHOT);
}

#[test]
fn fields_that_hang_on_others_are_bound_too() {
    let honest = every_rule();
    let mut policy = honest.policy.clone();
    policy.contingencies.short_option.netting = Default::default();
    policy.contingencies.short_option.initial_floor = None;
    check("netting", Table, &honest.snapshot, &policy);
    let mut policy = honest.policy.clone();
    policy.scenarios.swap(0, 1);
    check("order of scenarios", Table, &honest.snapshot, &policy);
    policy.scenarios.clear();
    check("no scenarios", Table, &honest.snapshot, &policy);
    let mut snapshot = honest.snapshot.clone();
    for expiry in &mut snapshot.expiries {
        expiry.asset = "USDC".parse().expect("a symbol");
    }
    check(
        "underlying of the expiries",
        Table,
        &snapshot,
        &honest.policy,
    );
}

/// Every leaf of the document is in the list, the elements of a list counting as one.
fn complete<T: Serialize>(document: &T, fields: &[Field]) {
    fn leaves(json: &Value, path: &str, found: &mut BTreeSet<String>) {
        match json {
            Value::Object(map) => {
                for (name, value) in map {
                    leaves(value, &format!("{path}/{name}"), found);
                }
            }
            Value::Array(list) => {
                for value in list {
                    leaves(value, &format!("{path}/*"), found);
                }
            }
            _ => {
                found.insert(path.to_owned());
            }
        }
    }
    let starred = |path: &str| -> String {
        let parts = path.split('/');
        let star = |part: &str| part.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty();
        let parts = parts.map(|part| if star(part) { "*" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let mut missing = BTreeSet::new();
    let document = serde_json::to_value(document).expect("printed");
    leaves(&document, "", &mut missing);
    for (path, ..) in fields {
        missing.remove(&starred(path));
    }
    missing.retain(|path| !LEFT_OUT.contains(&path.as_str()));
    assert_eq!(missing, BTreeSet::new(), "in no list of this file");
}
