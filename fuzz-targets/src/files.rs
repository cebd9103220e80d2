//! The small market, rules, account and context that the targets share.

use std::{path::Path, sync::LazyLock};

use serde::de::DeserializeOwned;
use zkmargin_circuits::{
    model::{Account, Context, Policy, Snapshot, parse_json},
    public::PublicTable,
};

/// An under-margined account of shape small.
pub(crate) const ACCOUNT: &[u8] = include_bytes!("../fixtures/account.json");
/// Two assets, one expiry, all that a policy can ask for.
pub(crate) const SNAPSHOT: &[u8] = include_bytes!("../fixtures/snapshot.json");
/// Every rule that there is, three scenarios and two skews.
pub(crate) const POLICY: &[u8] = include_bytes!("../fixtures/policy.json");
/// A context whose deadline is far off.
pub(crate) const CONTEXT: &[u8] = include_bytes!("../fixtures/context.json");

/// The four, parsed, and their table.
pub(crate) struct Files {
    pub(crate) account: Account,
    pub(crate) snapshot: Snapshot,
    pub(crate) policy: Policy,
    pub(crate) context: Context,
    pub(crate) table: PublicTable,
}

/// The shared files.
pub(crate) static FILES: LazyLock<Files> = LazyLock::new(|| {
    let (snapshot, policy) = (fixture(SNAPSHOT), fixture(POLICY));
    Files {
        account: fixture(ACCOUNT),
        table: PublicTable::new(&snapshot, &policy).expect("a table"),
        snapshot,
        policy,
        context: fixture(CONTEXT),
    }
});

fn fixture<T: DeserializeOwned>(bytes: &[u8]) -> T {
    parse_json(Path::new("fixture"), bytes).expect("a fixture")
}
