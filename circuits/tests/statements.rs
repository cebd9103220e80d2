//! Which statement an account has a proof of, under every preset: under-margined, healthy, or in the band between them neither.

use std::path::Path;

use halo2curves::bn256::Fr;
use num_integer::Integer;
use num_traits::ToPrimitive;
use zkmargin_circuits::{
    circuit::{SolvencyWitness, Witness, WitnessError},
    engine::{Portfolio, Solvency, quantum},
    model::{Account, Money, Policy, Snapshot, read_json},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

const PRESETS: [&str; 5] = [
    "collateral-ratio",
    "standard",
    "derive-pmrm2",
    "paradex-pm",
    "deribit-pm",
];

fn read<T: serde::de::DeserializeOwned>(path: &str) -> T {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    read_json(&root.join(path)).expect(path)
}

fn slots(account: &Account, cash: i64) -> Slots {
    let mut account = account.clone();
    account.cash = Money::from_units(cash);
    Slots::new(&account, Shape::Medium).expect("slots")
}

/// Whether there is a proof of liquidation, and of solvency.
fn proofs(slots: &Slots, table: &PublicTable) -> [bool; 2] {
    let mut numbers = 0..table.scenarios.len();
    let liquidation = numbers.any(|s| Witness::new(slots.clone(), table, s, Fr::one()).is_ok());
    let solvency = SolvencyWitness::new(slots.clone(), table, Fr::one());
    if let Err(error) = &solvency {
        assert_eq!(*error, WitnessError::NotSolvent);
    }
    [liquidation, solvency.is_ok()]
}

/// The most cash, units 1e-8 USD, with which an account is under-margined, and the least with which it is healthy.
fn band(account: &Account, table: &PublicTable) -> [i64; 2] {
    let bare = slots(account, 0);
    let worlds =
        (0..table.scenarios.len()).map(|s| Portfolio::new(&bare, table, s).expect("a world"));
    let shortfall = worlds
        .map(|w| w.totals.shortfall())
        .max()
        .expect("branches");
    let solvency = Solvency::new(&bare, table).expect("a valuation");
    let slack = solvency.slacks.iter().min().expect("branches");
    let under = shortfall.div_floor(&quantum()) - 1;
    let healthy = (-slack).div_ceil(&quantum());
    [under, healthy].map(|cash| cash.to_i64().expect("in range"))
}

#[test]
fn an_account_is_under_margined_healthy_or_in_the_band() {
    let snapshot: Snapshot = read("samples/snapshot.json");
    for account in ["samples/account.json", "samples/account-small.json"] {
        let account: Account = read(account);
        for name in PRESETS {
            let policy: Policy = read(&format!("policies/{name}.json"));
            let table = PublicTable::new(&snapshot, &policy).expect("a table");
            let [under, healthy] = band(&account, &table);
            assert!(under + 1 < healthy, "{name}: {under} {healthy}");
            println!(
                "{name}: a band of {} units of 1e-8 USD",
                healthy - under - 1
            );
            let far = 1_000_000 * 100_000_000;
            for (cash, expected) in [
                (under - far, [true, false]),
                (under, [true, false]),
                (under + 1, [false, false]),
                (healthy - 1, [false, false]),
                (healthy, [false, true]),
                (healthy + far, [false, true]),
            ] {
                let found = proofs(&slots(&account, cash), &table);
                assert_eq!(found, expected, "{name}, cash {cash}");
            }
        }
    }
}
