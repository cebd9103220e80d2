//! One kind's row in another's place.

use super::{
    harness::{RANGE, Scene, TABLE, fr, guilty, sample, small, table},
    market::{normal_from, value},
    rows,
};
use crate::{
    model::Account,
    public::{Kind, OptionScenario, PublicTable, SkewInterval},
    shape::Shape,
    slots::Slots,
    tables,
};

/// The sample policy's scenario of 15 % up.
const UP: usize = 7;

/// A short perpetual with long calls above it: healthy as long as the calls count.
fn hedged(table: &PublicTable) -> Slots {
    let mut account: Account = sample("account-small.json");
    account.futures.truncate(1);
    account.options.truncate(1);
    account.collateral.clear();
    account.perpetual_options.clear();
    account.power_perpetuals.clear();
    account.variance.clear();
    account.futures[0].size = "-6.5".parse().expect("decimal");
    account.options[0].calls = "8".parse().expect("decimal");
    account.options[0].puts = "0".parse().expect("decimal");
    // A group whose number a swap's group has, too.
    let (asset, expiry) = table.options[1].id.expect("a group");
    (account.options[0].asset, account.options[0].expiry) = (asset, expiry);
    let mut slots = small(&account);
    // No richer than it must be, in steps of 1,000 USD.
    while guilty(&slots, table).is_empty() {
        slots.cash -= 100_000_000_000;
    }
    slots.cash += 100_000_000_000;
    slots
}

/// The thief's table: the options' scenario row of `group` reads as the swap's row of the same id does, with `hidden` in
/// the cell of c1.
fn disguise(table: &PublicTable, group: usize, scenario: usize, hidden: i128) -> PublicTable {
    let mut forged = table.clone();
    let swap = table.swaps[group]
        .scenario_row(group, scenario)
        .expect("row");
    let row: &mut OptionScenario = &mut forged.options[group].scenarios[scenario];
    row.forward.discounted_forward = swap[1] + hidden;
    row.forward.ln_forward = swap[2];
    // A swap's row has no multiplier: it would have no interval of strikes, either, which the packed ends stand for.
    row.intervals = vec![SkewInterval {
        low: 0,
        high: 1 << 50,
        slope: swap[3],
        offset: swap[4],
    }];
    forged
}

/// This was an exploit while c1 carried the kind: c1 is a free cell, so the prover added the
/// difference of the kinds to it, and the hedge's gain was gone.
#[test]
fn a_hedge_cannot_be_erased_with_another_kinds_row() {
    let table = table();
    let slots = hedged(&table);
    assert!(guilty(&slots, &table).is_empty(), "the account is healthy");
    let key = slots.options[7].key;
    let group = table.options.iter().position(|g| g.key == key);
    let group = group.expect("group");
    let kinds = (Kind::SwapScenario.tag() - Kind::OptionScenario.tag()) << 99;
    for hidden in [0, kinds] {
        let forged = disguise(&table, group, UP, hidden);
        let mut scene = Scene::new(slots.clone(), &table, &forged, UP);
        scene.stopped_by(&[TABLE]);
        // The swap's row to the last cell, its kind in the cell that the lookup adds the kind to.
        let swap = table.swaps[group].scenario_row(group, UP).expect("row");
        let mut cells = swap;
        cells[6] = Kind::SwapScenario.tag() - Kind::OptionScenario.tag();
        scene.forge_all(&rows::option(7).moved_row(), &cells);
        let failures = scene.failures();
        assert!(!failures.contains(TABLE), "{failures:?}");
        assert!(
            failures.contains("q_multiplied: kind boolean"),
            "{failures:?}"
        );
    }
}

/// Every wide lookup of an option that leaves a bit of its kind's cell to the prover has a gate that holds it to that bit.
#[test]
fn the_bit_beside_a_kind_is_a_bit() {
    let small = rows::Rows::of(Shape::Small);
    let perpetual = small.perpetual(1);
    let cell = |row: usize| (1, row + 1);
    let cells = [
        (rows::option(5).base_row()[6], "q_holding: alive boolean"),
        (rows::option(5).moved_row()[6], "q_multiplied: kind boolean"),
        (perpetual.base_row()[6], "q_holding: alive boolean"),
        (perpetual.interval(false)[6], "q_interval: u boolean"),
        (perpetual.interval(true)[6], "q_interval: u boolean"),
        (cell(small.future(3)), "q_future: alive boolean"),
        (cell(small.asset(3)), "q_asset: alive boolean"),
        (cell(small.swap(1)), "q_swap: alive boolean"),
        (cell(small.scenario()), "q_scenario: own boolean"),
        (
            cell(small.exposure(1, 1) + 5),
            "q_perpetual_exposure: w boolean",
        ),
    ];
    for (cell, stop) in cells {
        let mut scene = Scene::sample();
        scene.forge(cell, fr(2));
        let failures = scene.failures();
        assert!(failures.contains(stop), "{stop}: {failures:?}");
        assert!(failures.contains(TABLE), "{stop}: {failures:?}");
    }
}

#[test]
fn a_future_cannot_be_an_options_group() {
    let mut scene = Scene::sample();
    let slot = 7;
    let key = scene.witness.slots.options[slot].key;
    let mut futures = scene.table.futures.iter().enumerate();
    let (g, group) = futures.find(|(_, f)| f.key == key).expect("dated");
    let row = group.base_row(g);
    let cells = rows::option(slot).base_row();
    scene.forge_all(&cells, &row);
    let difference = Kind::FutureBase.tag() - Kind::OptionBase.tag();
    scene.forge_all(&cells[6..], &[difference]);
    assert!(scene.failures().contains("q_holding: alive boolean"));
}

/// The bit of an interval's row is a free cell, too: it takes the lookup to another kind, and must not.
#[test]
fn an_options_scenario_cannot_be_a_perpetual_options_interval() {
    let mut scene = Scene::sample();
    let slot = 1;
    let portfolio = &scene.witness.portfolio;
    let (g, s) = (portfolio.perpetual_options[slot].group, portfolio.scenario);
    let strike = scene.witness.slots.perpetual_options[slot].strike;
    let row = scene.table.options[g].scenario_row(g, s, strike);
    let row = row.expect("row");
    let cells = rows::Rows::of(Shape::Small).perpetual(slot).interval(true);
    scene.forge_all(&cells, &row);
    let difference = Kind::OptionScenario.tag() - Kind::PerpetualInterval.tag();
    scene.forge_all(&cells[6..], &[difference]);
    let failures = scene.failures();
    assert!(!failures.contains(TABLE), "{failures:?}");
    assert!(failures.contains("q_interval: u boolean"), "{failures:?}");
}

#[test]
fn normal_values_come_from_the_normal_table_only() {
    let slot = 2;
    let honest = Scene::sample();
    let d1 = honest.witness.portfolio.options[slot].base.d1;
    let index = (d1 >> 10) as usize;
    assert!(index < tables::POWER.len(), "near the money");
    let zero = [0; 4];
    let hide = |row: tables::Row, tag: i128| [row[0] + (tag << 99), row[1], row[2], row[3]];
    let difference = Kind::Power.tag() - Kind::Normal.tag();
    for row in [
        tables::POWER[index],
        hide(tables::POWER[index], difference),
        hide(zero, -Kind::Normal.tag()),
        tables::LN[index],
        zero,
    ] {
        let mut scene = honest.clone();
        let holding = scene.witness.slots.options[slot].clone();
        let trace = &mut scene.witness.portfolio.options[slot].base;
        let (unsigned, signed) = normal_from(&row, trace.d1 << 20, trace.negative1);
        (trace.n1, trace.p1) = (unsigned, signed);
        value(trace, &holding);
        let cells = rows::option(slot).normal1();
        scene.forge_all(&cells, &[index as i128, row[0], row[1], row[2], row[3]]);
        scene.settle();
        // The garbage is so large that the shortfall may be out of range, too.
        let mut failures = scene.failures();
        assert!(failures.remove(TABLE));
        failures.remove(RANGE);
        assert!(failures.is_empty(), "{failures:?}");
    }
}
