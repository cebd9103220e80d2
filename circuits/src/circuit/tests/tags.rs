//! One kind's row in another's place.

use super::harness::{Forgery, context, failures, guilty, honest_instance, sample, small, table};
use crate::{
    circuit::Witness,
    model::Account,
    public::{Kind, OptionScenario, PublicTable},
    slots::Slots,
};

/// A long perpetual with long puts below it: healthy as long as the puts count.
fn hedged(table: &PublicTable) -> Slots {
    let mut account: Account = sample("account-small.json");
    account.futures.truncate(1);
    account.options.truncate(1);
    account.collateral.clear();
    account.options[0].calls = "0".parse().expect("decimal");
    account.options[0].puts = "8".parse().expect("decimal");
    let mut slots = small(&account);
    // No richer than it must be, in steps of 1,000 USD.
    while guilty(&slots, table).is_empty() {
        slots.cash -= 100_000_000_000;
    }
    slots.cash += 100_000_000_000;
    slots
}

/// The thief's table: the scenario row of `group`'s options is `row`, as a future's row of the
/// same id reads when the difference of the tags is hidden in the looked-up c1.
fn disguise(table: &PublicTable, group: usize, scenario: usize) -> PublicTable {
    let mut forged = table.clone();
    let future = table.futures[group]
        .scenario_row(group, scenario)
        .expect("row");
    let row: &mut OptionScenario = &mut forged.options[group].scenarios[scenario];
    row.forward.discounted_forward =
        future[1] + Kind::FutureScenario.tag() - Kind::OptionScenario.tag();
    row.forward.ln_forward = future[2];
    row.forward.discount = future[3];
    row.vol_multiplier = future[4];
    row.factor = future[5];
    forged
}

#[test]
fn a_hedge_cannot_be_erased_with_a_futures_row() {
    let table = table();
    let slots = hedged(&table);
    assert!(guilty(&slots, &table).is_empty(), "the account is healthy");
    let group = table
        .options
        .iter()
        .position(|g| g.key == slots.options[7].key)
        .expect("group");
    for scenario in 1..table.scenarios {
        let forged = disguise(&table, group, scenario);
        let Ok(witness) = Witness::new(slots.clone(), &forged, scenario, context()) else {
            continue;
        };
        let instance = honest_instance(&witness, &table);
        let failures = failures(&witness, &Forgery::default(), instance);
        panic!("scenario {scenario}: {failures:?}");
    }
}
