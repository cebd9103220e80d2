//! A market of few rows, as a chain wants it, and two accounts in it: parts of the samples.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::sample;

/// The one expiry that is left.
const EXPIRY: &str = "2026-12-25T08:00:00Z";

fn read(name: &str) -> Value {
    serde_json::from_slice(&fs::read(sample(name)).expect("a sample")).expect("json")
}

/// Keeps the elements of a list that are so.
fn keep(list: &mut Value, so: impl Fn(&Value) -> bool) {
    list.as_array_mut().expect("a list").retain(so);
}

fn is_bitcoin(element: &Value) -> bool {
    element["asset"] == "BTC"
}

/// The list of that name of bitcoin and the stablecoin alone.
fn keep_two(document: &mut Value, list: &str) {
    keep(&mut document[list], |element| {
        is_bitcoin(element) || element["asset"] == "USDC"
    });
}

/// A snapshot with one smile.
pub fn write_snapshot(path: &Path) {
    let mut snapshot = read("snapshot.json");
    keep_two(&mut snapshot, "assets");
    keep(&mut snapshot["expiries"], |expiry| {
        is_bitcoin(expiry) && expiry["expiry"] == EXPIRY
    });
    for list in ["everlasting", "american", "power", "variance"] {
        snapshot[list] = json!([]);
    }
    fs::write(path, snapshot.to_string()).expect("written");
}

/// The sample policy with eight scenarios, these oracles and a heartbeat.
pub fn write_policy(path: &Path, oracle: Value) {
    let mut policy = read("policy.json");
    policy["scenarios"]
        .as_array_mut()
        .expect("a list")
        .truncate(8);
    keep_two(&mut policy, "haircuts");
    policy["oracle"] = oracle;
    policy["heartbeat"] = json!({"period_seconds": 3600, "grace_seconds": 600});
    fs::write(path, policy.to_string()).expect("written");
}

/// The small sample account's positions in that market, with so much cash.
pub fn write_account(path: &Path, cash: &str) {
    let mut account = read("account-small.json");
    keep_two(&mut account, "collateral");
    let listed = |position: &Value| {
        let expiry = &position["expiry"];
        is_bitcoin(position) && (expiry.is_null() || expiry == EXPIRY)
    };
    keep(&mut account["futures"], listed);
    keep(&mut account["options"], listed);
    for list in ["perpetual_options", "power_perpetuals", "variance"] {
        account[list] = json!([]);
    }
    account["cash"] = json!(cash);
    // One salt, one account: the same salt twice would hide neither.
    if !cash.starts_with('-') {
        account["salt"] = json!(format!("0x{:064x}", 7));
    }
    fs::write(path, account.to_string()).expect("written");
}
