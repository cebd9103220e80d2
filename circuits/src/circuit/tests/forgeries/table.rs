//! Lies about the public table: rows that it does not have, rows of another kind, mixed rows.

use super::{
    super::{harness::Scene, rows::SECTIONS, terms::add_scenario},
    section,
    thief::{Drawn, Thief},
};
use crate::public::{Kind, PublicTable};

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
            match thief.pick(9) {
                0 => &mut group.base.discounted_forward,
                1 => &mut group.base.ln_forward,
                2 => &mut group.base.discount,
                3 => &mut group.short_charge,
                4 => &mut group.scenarios[s].forward.discounted_forward,
                5 => &mut group.scenarios[s].forward.ln_forward,
                6 => &mut group.scenarios[s].vol_multiplier,
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
                1 => &mut group.short_charge,
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
            match thief.pick(3) {
                0 => &mut group.price,
                1 => &mut group.charge,
                _ => &mut group.mark,
            }
        }
        section::ASSETS => &mut table.assets[portfolio.assets[i].group].value,
        section::SWAPS => {
            let group = &mut table.swaps[portfolio.swaps[i].group];
            match thief.pick(4) {
                0 => &mut group.discount,
                1 => &mut group.charge,
                2 => &mut group.prices[0],
                _ => &mut group.prices[s],
            }
        }
        _ => {
            let row = &mut table.scenarios[s];
            if thief.coin() {
                &mut row.spot
            } else {
                &mut row.factor
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
    let (s, group) = (thief.scenario(), &mut table.options[g]);
    let (moved, theirs) = (&mut group.scenarios[s], &foreign.scenarios[s]);
    let columns = [
        (
            &mut group.base.discounted_forward,
            foreign.base.discounted_forward,
        ),
        (&mut group.base.ln_forward, foreign.base.ln_forward),
        (&mut group.short_charge, foreign.short_charge),
        (
            &mut moved.forward.discounted_forward,
            theirs.forward.discounted_forward,
        ),
        (&mut moved.forward.ln_forward, theirs.forward.ln_forward),
        (&mut moved.vol_multiplier, theirs.vol_multiplier),
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
    let mut table = thief.honest.table.clone();
    let last = add_scenario(&mut table, thief.scenario());
    let slots = thief.slots();
    let scene = Scene::new(slots, &thief.honest.table, &table, last);
    Drawn::Forged(Box::new(scene))
}

/// A swap's scenario row in place of an option's, or the other way round, with the difference of the kinds in the open or
/// in a free column.
pub fn row_of_another_kind(thief: &mut Thief<'_>) -> Drawn {
    let (s, swapped, hide) = (thief.scenario(), thief.coin(), thief.coin());
    let difference = (Kind::SwapScenario.tag() - Kind::OptionScenario.tag()) << 40;
    let hidden = if hide { difference } else { 0 };
    let mut table = thief.honest.table.clone();
    let portfolio = &thief.honest.witness.portfolio;
    if swapped {
        let g = portfolio.swaps[thief.position(section::SWAPS)].group;
        let Some(option) = table.options.get(g).and_then(|o| o.scenario_row(g, s)) else {
            return Drawn::Redraw;
        };
        table.swaps[g].prices[s] = option[1] - hidden;
        let Some(mut scene) = thief.believing(&table) else {
            return Drawn::Redraw;
        };
        for (slot, _) in (0..).zip(&portfolio.swaps).filter(|(_, t)| t.group == g) {
            let row = thief.rows.swap(slot) + 3;
            scene.forge_all(&[(2, row), (3, row)], &option[2..4]);
        }
        return Drawn::Forged(Box::new(scene));
    }
    let g = portfolio.options[thief.position(section::OPTIONS)].group;
    let Some(swap) = table.swaps.get(g).and_then(|f| f.scenario_row(g, s)) else {
        return Drawn::Redraw;
    };
    let row = &mut table.options[g].scenarios[s];
    row.forward.discounted_forward = swap[1] + hidden;
    (row.forward.ln_forward, row.vol_multiplier) = (swap[2], swap[3]);
    match thief.believing(&table) {
        Some(scene) => Drawn::Forged(Box::new(scene)),
        None => Drawn::Redraw,
    }
}
