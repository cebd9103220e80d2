//! The engine's totals, which proofs show, against the report's bounds, which are computed apart from them.

use std::path::Path;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::{Charges, Equity, branches, factors, scaled};
use crate::{
    engine::{portfolio::UNIT_BITS, underlying::CORE_BITS},
    model::{Account, Policy, Snapshot, read_json},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

const ACCOUNTS: [&str; 3] = ["account", "account-small", "account-healthy"];
const POLICIES: [&str; 7] = [
    "samples/policy",
    "samples/policy-exposures",
    "policies/collateral-ratio",
    "policies/deribit-pm",
    "policies/derive-pmrm2",
    "policies/paradex-pm",
    "policies/standard",
];

fn file<T: serde::de::DeserializeOwned>(path: &str) -> T {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    read_json(&root.join(format!("{path}.json"))).expect(path)
}

/// 1e-8 USD in the report's unit: far above what cuts and roundings of sums leave.
fn hair() -> BigInt {
    scaled(&1.into(), 8, 0)
}

fn check(account: &Account, snapshot: &Snapshot, policy: &Policy, what: &str) {
    let table = PublicTable::new(snapshot, policy).expect("a table");
    let slots = Slots::new(account, Shape::Medium).expect("fits");
    let branches = branches(&slots, policy, &table).expect("branches");
    let base = &branches[0].world;
    let equity = Equity::new(base, &slots, snapshot, policy, &table);
    let [exact, above] = Charges::new(base, &slots, snapshot, policy, &table).maintenance();
    let [factor, _] = factors(snapshot, policy);
    for (number, branch) in branches.iter().enumerate() {
        let what = format!("{what} {number}");
        let totals = &branch.world.totals;
        // Equity: the proof's is the bound from above, but for a cut of 2^120.
        let proved = scaled(&totals.total_equity(), 36, UNIT_BITS);
        assert!(equity.total.below <= equity.total.exact, "{what}");
        assert!(equity.total.exact <= equity.total.above, "{what}");
        let cut = &proved - &equity.total.above;
        assert!(!cut.is_negative() && cut < hair(), "{what}: {cut}");
        // The requirement: the proof's is the bound from below, but for cuts.
        let core = &branch.core.weighted;
        assert!(
            core.below <= core.exact && core.exact <= core.above,
            "{what}"
        );
        let below = &core.below * factor + &exact * 2 - &above;
        let proved = scaled(&totals.requirement(), 40, CORE_BITS);
        let cut = below - &proved;
        assert!(
            cut < hair() * (1 + factor / 10i128.pow(16)),
            "{what}: {cut}"
        );
        let exact = (&core.exact * factor + &exact).max(BigInt::zero());
        assert!(proved <= exact, "{what}");
    }
}

#[test]
fn what_is_proved_is_the_bound_of_what_is_reported() {
    let snapshot: Snapshot = file("samples/snapshot");
    for account in ACCOUNTS {
        for policy in POLICIES {
            let what = format!("{account} {policy}");
            let account = file(&format!("samples/{account}"));
            check(&account, &snapshot, &file(policy), &what);
        }
    }
}

/// Every rule of the schema at once.
#[test]
fn the_same_under_every_rule() {
    let [account, snapshot, policy] =
        ["account", "snapshot", "policy"].map(|n| format!("fuzz-targets/fixtures/{n}"));
    check(
        &file(&account),
        &file(&snapshot),
        &file(&policy),
        "every rule",
    );
}
