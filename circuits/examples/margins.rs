//! The engine's margins of many accounts, for comparison with other implementations of the policy.
//!
//! ```text
//! cargo run --release --example margins < markets.jsonl > margins.jsonl
//! ```
//! Reads lines of `{"snapshot": .., "policy": .., "accounts": [..]}`, the documents of `docs/files.md`, and writes for each
//! account a line: its report, or `{"error": ".."}`. A market without a public table gives its error once an account.

use std::{error::Error, io};

use serde::Deserialize;
use serde_json::{Value, json};
use zkmargin_circuits::{
    engine::Report,
    model::{Account, Policy, Snapshot},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

#[derive(Deserialize)]
struct Market {
    snapshot: Snapshot,
    policy: Policy,
    accounts: Vec<Account>,
}

fn evaluate(
    account: &Account,
    market: &Market,
    table: &PublicTable,
) -> Result<Value, Box<dyn Error>> {
    let fits = Shape::ALL
        .into_iter()
        .find_map(|s| Slots::new(account, s).ok());
    let slots = match fits {
        Some(slots) => slots,
        None => Slots::new(account, Shape::Large)?,
    };
    let report = Report::new(&slots, &market.snapshot, &market.policy, table)?;
    Ok(serde_json::to_value(report)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lines() {
        let market: Market = serde_json::from_str(&line?)?;
        let table = PublicTable::new(&market.snapshot, &market.policy);
        for account in &market.accounts {
            let report = match &table {
                Ok(table) => evaluate(account, &market, table),
                Err(error) => Err(error.clone().into()),
            };
            let line = report.unwrap_or_else(|error| json!({ "error": error.to_string() }));
            println!("{line}");
        }
    }
    Ok(())
}
