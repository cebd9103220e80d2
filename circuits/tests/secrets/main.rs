//! Private numbers: hidden from `{:?}`, wiped by `zeroize` and when dropped.

mod wiped;

use std::{fmt::Debug, path::Path};

use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, Witness},
    engine::{Portfolio, Report},
    model::{Account, Money, Policy, Quantity, Snapshot, read_json},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

/// The small sample account with numbers that stand nowhere else, and those in units.
fn canary_account(seed: i64) -> (Account, Vec<i64>) {
    let mut account: Account = sample("account-small.json");
    let mut canaries = Vec::new();
    let mut noise = seed;
    let mut alter = |value: &mut Quantity| {
        if *value != Quantity::ZERO {
            noise = noise * 31 % 9_999_991;
            *value = Quantity::from_units(value.units() + noise);
            canaries.push(value.units());
        }
    };
    alter(&mut account.cash);
    account
        .collateral
        .iter_mut()
        .for_each(|c| alter(&mut c.amount));
    for future in &mut account.futures {
        alter(&mut future.size);
        alter(&mut future.entry);
    }
    for option in &mut account.options {
        alter(&mut option.strike);
        alter(&mut option.calls);
        alter(&mut option.puts);
    }
    for option in &mut account.perpetual_options {
        alter(&mut option.strike);
        alter(&mut option.calls);
        alter(&mut option.puts);
    }
    for power in &mut account.power_perpetuals {
        alter(&mut power.size);
        alter(&mut power.entry);
    }
    for swap in &mut account.variance {
        alter(&mut swap.notional);
        alter(&mut swap.strike);
    }
    (account, canaries)
}

fn table() -> (Snapshot, Policy, PublicTable) {
    let (snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), sample("policy.json"));
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    (snapshot, policy, table)
}

fn witness(slots: &Slots, table: &PublicTable) -> Witness {
    (0..table.scenarios.len())
        .find_map(|s| Witness::new(slots.clone(), table, s, Fr::one()).ok())
        .expect("under-margined")
}

#[test]
fn nothing_private_is_in_debug() {
    let (account, canaries) = canary_account(7_654_321);
    let (snapshot, policy, table) = table();
    let slots = Slots::new(&account, Shape::Small).expect("slots");
    let portfolio = Portfolio::new(&slots, &table, 1).expect("portfolio");
    let witness = witness(&slots, &table);
    let terms = portfolio.totals.liquidation(&table.rules);
    let report = Report::new(&slots, &snapshot, &policy, &table).expect("report");
    let option = &portfolio.options[7];
    let private: Vec<(&str, &dyn Debug)> = vec![
        ("account", &account),
        ("salt", &account.salt),
        ("collateral", &account.collateral),
        ("futures", &account.futures),
        ("options", &account.options),
        ("perpetual options", &account.perpetual_options),
        ("power perpetuals", &account.power_perpetuals),
        ("variance", &account.variance),
        ("slots", &slots),
        ("option slots", &slots.options),
        ("future slots", &slots.futures),
        ("asset slots", &slots.assets),
        ("perpetual slots", &slots.perpetual_options),
        ("swap slots", &slots.swaps),
        ("portfolio", &portfolio),
        ("totals", &portfolio.totals),
        ("option traces", &portfolio.options),
        ("underlyings", &portfolio.underlyings),
        ("moved trace", &option.moved),
        ("run trace", &option.run),
        ("exposure", &option.exposure),
        ("future traces", &portfolio.futures),
        ("asset traces", &portfolio.assets),
        ("perpetual traces", &portfolio.perpetual_options),
        ("swap traces", &portfolio.swaps),
        ("ln trace", &option.ln),
        ("smile trace", &option.smile),
        ("market trace", &option.base),
        ("terms trace", &terms),
        ("witness", &witness),
        ("report", &report),
        ("positions", &report.positions),
        ("scenarios", &report.scenarios),
    ];
    let circuit = LiquidationCircuit::with_witness(witness.clone());
    let mut texts: Vec<(&str, String)> = Vec::new();
    for (name, value) in private
        .into_iter()
        .chain([("circuit", &circuit as &dyn Debug)])
    {
        texts.push((name, format!("{value:?}")));
        texts.push((name, format!("{value:#?}")));
    }
    let salt = hex::encode(account.salt.expose_bytes());
    let owner = hex::encode(account.owner.0);
    for (name, text) in &texts {
        // Names, shapes and counts; no number of four digits.
        let digits = text.split(|c: char| !c.is_ascii_digit());
        let longest = digits.map(str::len).max();
        assert!(longest <= Some(3), "{name}: {text}");
        assert!(!text.contains(&salt) && !text.contains(&owner), "{name}");
    }
    // The search itself works: what is shown on purpose is found.
    let shown = serde_json::to_string(&account).expect("json");
    let decimal = Money::from_units(canaries[1]).to_string();
    assert!(shown.contains(&decimal) && shown.contains(&salt));
}
