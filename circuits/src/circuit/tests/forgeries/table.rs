//! Lies about the public table: rows that it does not have, rows of another kind, mixed rows.

use super::{
    super::harness::Scene,
    moved,
    places::SECTIONS,
    section, swap,
    thief::{Drawn, Thief},
};
use crate::public::{Kind, PublicTable, live};

/// A prover who believes in another table than the verifier's.
fn believing(thief: &mut Thief<'_>, forged: &PublicTable) -> Drawn {
    if *forged == thief.honest.table {
        let scene = thief.scene();
        return thief.truth(scene, "the two rows agree");
    }
    match thief.believing(forged) {
        Some(scene) => Drawn::Forged(Box::new(scene)),
        None => Drawn::Redraw,
    }
}

/// One number of one row that a position, or the totals, look up, a little off.
pub fn row_altered(thief: &mut Thief<'_>) -> Drawn {
    let (section, s) = (thief.pick(SECTIONS + 1), thief.scenario());
    let i = if section < SECTIONS {
        thief.position(section)
    } else {
        0
    };
    let mut table = thief.honest.table.clone();
    let witness = &thief.honest.witness;
    let (portfolio, slots) = (&witness.portfolio, &witness.slots);
    let cell = match section {
        section::OPTIONS => {
            let strike = slots.options[i].strike;
            let group = &mut table.options[portfolio.options[i].group];
            let number = portfolio.options[i].moved.scenario;
            let moved = &mut group.scenarios[number];
            match thief.pick(15) {
                0 => &mut group.base.discounted_forward,
                1 => &mut group.base.ln_forward,
                2 => &mut group.base.discount,
                3 => &mut group.charges.side,
                4 => &mut moved.forward.discounted_forward,
                5 => &mut moved.forward.ln_forward,
                at @ (6 | 9) => {
                    let mut intervals = moved.intervals.iter_mut();
                    let interval = intervals.find(|i| (i.low..i.high).contains(&strike));
                    let interval = interval.expect("covered");
                    if at == 6 {
                        &mut interval.offset
                    } else {
                        &mut interval.slope
                    }
                }
                10 => &mut group.charges.strike,
                11 => &mut group.charges.held,
                12 => &mut group.run.long_discount,
                13 => &mut group.run.least_v,
                14 => &mut group.run.share,
                at => {
                    let mut smile = group.smile.iter_mut();
                    let interval = smile.find(|i| (i.low..i.high).contains(&strike));
                    let interval = interval.expect("covered");
                    if at == 7 {
                        &mut interval.variance
                    } else {
                        &mut interval.slope
                    }
                }
            }
        }
        section::PERPETUALS => {
            let strike = slots.perpetual_options[i].strike;
            let group = &mut table.perpetual_options[portfolio.perpetual_options[i].group];
            let at = if thief.coin() { s } else { 0 };
            match thief.pick(5) {
                0 => &mut group.discount,
                1 => &mut group.charges.held,
                2 => &mut group.scenarios[at].spot,
                which => {
                    let mut intervals = group.scenarios[at].intervals.iter_mut();
                    let interval = intervals.find(|i| (i.low..i.high).contains(&strike));
                    let interval = interval.expect("covered");
                    if which == 3 {
                        &mut interval.offset
                    } else {
                        &mut interval.slope
                    }
                }
            }
        }
        section::FUTURES => {
            let group = &mut table.futures[portfolio.futures[i].group];
            match thief.pick(4) {
                0 => &mut group.price,
                1 => &mut group.charge,
                2 => &mut group.funding,
                _ => &mut group.mark,
            }
        }
        section::ASSETS => {
            let group = &mut table.assets[portfolio.assets[i].group];
            match thief.pick(4) {
                0 => &mut group.value,
                1 => &mut group.moving,
                2 => &mut group.full,
                _ => &mut group.illiquid,
            }
        }
        section::SWAPS => {
            let group = &mut table.swaps[portfolio.swaps[i].group];
            match thief.pick(5) {
                0 => &mut group.discount,
                1 => &mut group.charge,
                2 => &mut group.price,
                3 => &mut group.scenarios[s][0],
                _ => &mut group.scenarios[s][1],
            }
        }
        _ => {
            let row = &mut table.scenarios[s];
            match thief.pick(4) {
                0 => &mut row.spot,
                1 => &mut row.factor,
                2 => &mut row.gross,
                _ => &mut row.net,
            }
        }
    };
    // By a hundredth at most, so that the account stays in range.
    let most = 128 - (cell.unsigned_abs() / 100 + 2).leading_zeros();
    let forged = *cell + thief.error(i128::from(most) - 1);
    if forged < 0 && *cell >= 0 {
        return Drawn::Redraw;
    }
    *cell = forged;
    one_discount(&mut table);
    believing(thief, &table)
}

/// The discount factor of another group, of an option, a perpetual option, or a swap.
pub fn discount_of_another_group(thief: &mut Thief<'_>) -> Drawn {
    let mut table = thief.honest.table.clone();
    let portfolio = &thief.honest.witness.portfolio;
    match thief.pick(3) {
        0 => {
            let g = portfolio.options[thief.position(section::OPTIONS)].group;
            let other = thief.other_group(g);
            table.options[g].base.discount = table.options[other].base.discount;
        }
        1 => {
            let i = thief.position(section::PERPETUALS);
            let g = portfolio.perpetual_options[i].group;
            let other = thief.other(g, table.perpetual_options.len());
            table.perpetual_options[g].discount = table.perpetual_options[other].discount;
        }
        _ => {
            let g = portfolio.swaps[thief.position(section::SWAPS)].group;
            let other = thief.other(g, table.swaps.len());
            table.swaps[g].discount = table.swaps[other].discount;
        }
    }
    one_discount(&mut table);
    believing(thief, &table)
}

/// No scenario has a discount of its own.
fn one_discount(table: &mut PublicTable) {
    for group in &mut table.options {
        for scenario in &mut group.scenarios {
            scenario.forward.discount = group.base.discount;
        }
    }
}

/// Some columns of the own row, the others of another group's.
pub fn rows_mixed(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(0);
    let g = thief.honest.witness.portfolio.options[i].group;
    let (other, mask) = (thief.other_group(g), 1 + thief.pick(63));
    let mut table = thief.honest.table.clone();
    let foreign = table.options[other].clone();
    let s = thief.honest.witness.portfolio.options[i].moved.scenario;
    let group = &mut table.options[g];
    let (moved, theirs) = (&mut group.scenarios[s], &foreign.scenarios[s]);
    let columns = [
        (
            &mut group.base.discounted_forward,
            foreign.base.discounted_forward,
        ),
        (&mut group.base.ln_forward, foreign.base.ln_forward),
        (&mut group.charges.held, foreign.charges.held),
        (
            &mut moved.forward.discounted_forward,
            theirs.forward.discounted_forward,
        ),
        (&mut moved.forward.ln_forward, theirs.forward.ln_forward),
        (&mut moved.intervals[0].offset, theirs.intervals[0].offset),
    ];
    for (bit, (cell, value)) in columns.into_iter().enumerate() {
        if mask >> bit & 1 == 1 {
            *cell = value;
        }
    }
    believing(thief, &table)
}

/// A scenario number that the policy does not have.
pub fn scenario_that_does_not_exist(thief: &mut Thief<'_>) -> Drawn {
    let shape = thief.honest.witness.slots.shape;
    // Behind the scenarios stand the basis moves, in a table that has them.
    let roomy = |table: &PublicTable, s: usize| {
        let mut more = table.clone();
        more.basis.is_none() && {
            add_scenario(&mut more, s);
            more.fits(shape).is_ok()
        }
    };
    thief.under(roomy, |thief| {
        let mut table = thief.honest.table.clone();
        let last = add_scenario(&mut table, thief.scenario());
        match Scene::of(thief.slots(), &thief.honest.table, &table, last) {
            Some(scene) => Drawn::Forged(Box::new(scene)),
            None => Drawn::Redraw,
        }
    })
}

/// The table with one scenario more, which is that of number `s`; returns its number.
fn add_scenario(table: &mut PublicTable, s: usize) -> usize {
    table.scenarios.push(table.scenarios[s]);
    for group in &mut table.options {
        group
            .scenarios
            .push(group.scenarios[live(group.id.is_some(), s)].clone());
    }
    for group in &mut table.perpetual_options {
        group
            .scenarios
            .push(group.scenarios[live(group.id.is_some(), s)].clone());
    }
    for group in &mut table.swaps {
        group
            .scenarios
            .push(group.scenarios[live(group.id.is_some(), s)]);
    }
    table.scenarios.len() - 1
}

/// A swap's scenario row in place of an option's, or the other way round, with the difference of the kinds in the open or
/// in a free column. What follows from the row's numbers follows.
pub fn row_of_another_kind(thief: &mut Thief<'_>) -> Drawn {
    let (swapped, hide) = (thief.coin(), thief.coin());
    let difference = Kind::SwapScenario.tag() - Kind::OptionScenario.tag();
    let portfolio = &thief.honest.witness.portfolio;
    let table = &thief.honest.table;
    let foreign = |kind: Kind, g: usize, s: usize| {
        let id = g as i128 * 1024 + s as i128;
        let mut rows = table.rows().into_iter();
        rows.find(|(k, row)| *k == kind && row[0] == id)
    };
    let scene = if swapped {
        let i = thief.position(section::SWAPS);
        let g = portfolio.swaps[i].group;
        let row = foreign(Kind::OptionScenario, g, thief.scenario());
        row.map(|(_, mut row)| {
            // The last column that a swap looks up.
            row[4] -= if hide { difference << 40 } else { 0 };
            swap::under_row(thief, i, row)
        })
    } else {
        let all = thief.positions(section::OPTIONS).into_iter();
        let all = all.filter_map(|i| {
            let trace = &portfolio.options[i];
            let row = foreign(Kind::SwapScenario, trace.group, trace.moved.scenario);
            Some((i, row?.1))
        });
        let mut all: Vec<_> = all.collect();
        if all.is_empty() {
            return Drawn::Redraw;
        }
        let (i, mut row) = all.swap_remove(thief.pick(all.len()));
        row[6] += if hide { difference } else { 0 };
        moved::under_row(thief, i, row)
    };
    match scene {
        Some(scene) if swapped => thief.settled(scene),
        // A market of a swap's numbers is out of range itself.
        Some(scene) => thief.settled_anyhow(scene),
        None => Drawn::Redraw,
    }
}
