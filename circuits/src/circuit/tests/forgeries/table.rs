//! Lies about the public table: rows that it does not have, rows of another kind, mixed rows.

use super::{
    super::{harness::Scene, rows::Cell},
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

/// One number of one row that a position looks up, a little off.
pub fn row_altered(thief: &mut Thief<'_>) -> Drawn {
    let (section, s) = (thief.pick(3), thief.scenario());
    let i = thief.position(section);
    let mut table = thief.honest.table.clone();
    let portfolio = &thief.honest.witness.portfolio;
    let strike = |i: usize| thief.honest.witness.slots.options[i].strike;
    let cell = match section {
        0 => {
            let (strike, group) = (strike(i), &mut table.options[portfolio.options[i].group]);
            match thief.pick(11) {
                0 => &mut group.base.discounted_forward,
                1 => &mut group.base.ln_forward,
                2 => &mut group.base.discount,
                3 => &mut group.short_charge,
                4 => &mut group.scenarios[s].forward.discounted_forward,
                5 => &mut group.scenarios[s].forward.ln_forward,
                6 => &mut group.scenarios[s].forward.discount,
                7 => &mut group.scenarios[s].vol_multiplier,
                8 => &mut group.scenarios[s].factor,
                at => {
                    let mut smile = group.smile.iter_mut();
                    let interval = smile.find(|i| (i.low..i.high).contains(&strike));
                    let interval = interval.expect("covered");
                    if at == 9 {
                        &mut interval.variance
                    } else {
                        &mut interval.slope
                    }
                }
            }
        }
        1 => {
            let group = &mut table.futures[portfolio.futures[i].linear.group];
            match thief.pick(4) {
                0 => &mut group.price,
                1 => &mut group.charge,
                2 => &mut group.scenarios[s].loss,
                _ => &mut group.scenarios[s].factor,
            }
        }
        _ => {
            let group = &mut table.assets[portfolio.assets[i].group];
            match thief.pick(3) {
                0 => &mut group.value,
                1 => &mut group.scenarios[s].loss,
                _ => &mut group.scenarios[s].factor,
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
    believing(thief, &table)
}

/// The discount factor of another expiry, in the unmoved market, in the scenario, or in both.
pub fn discount_of_another_expiry(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(0);
    let g = thief.honest.witness.portfolio.options[i].group;
    let other = thief.other_group(g);
    let (s, which) = (thief.scenario(), 1 + thief.pick(3));
    let mut table = thief.honest.table.clone();
    let foreign = table.options[other].clone();
    let group = &mut table.options[g];
    if which & 1 != 0 {
        group.base.discount = foreign.base.discount;
    }
    if which & 2 != 0 {
        group.scenarios[s].forward.discount = foreign.scenarios[s].forward.discount;
    }
    believing(thief, &table)
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
    let (s, last) = (thief.scenario(), table.scenarios);
    table.scenarios += 1;
    for group in &mut table.options {
        group.scenarios.push(group.scenarios[s].clone());
    }
    for group in &mut table.futures {
        group.scenarios.push(group.scenarios[s].clone());
    }
    for group in &mut table.assets {
        group.scenarios.push(group.scenarios[s].clone());
    }
    let slots = thief.slots();
    let scene = Scene::new(slots, &thief.honest.table, &table, last);
    Drawn::Forged(Box::new(scene))
}

/// A future's scenario row in place of an option's, with the difference of the kinds in the open,
/// in the free column c1, or in the bit that is added to the kind.
pub fn row_of_another_kind(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(0);
    let (g, s) = (
        thief.honest.witness.portfolio.options[i].group,
        thief.scenario(),
    );
    let mut table = thief.honest.table.clone();
    let Some(future) = table.futures.get(g).and_then(|f| f.scenario_row(g, s)) else {
        return Drawn::Redraw;
    };
    let difference = Kind::FutureScenario.tag() - Kind::OptionScenario.tag();
    let hide = thief.pick(3);
    let row = &mut table.options[g].scenarios[s];
    row.forward.discounted_forward = future[1] + if hide == 1 { difference << 40 } else { 0 };
    row.forward.ln_forward = future[2];
    row.forward.discount = future[3];
    (row.vol_multiplier, row.factor) = (future[4], future[5]);
    let Some(mut scene) = thief.believing(&table) else {
        return Drawn::Redraw;
    };
    if hide == 2 {
        let options = thief.honest.witness.portfolio.options.iter().enumerate();
        for (slot, _) in options.filter(|(_, trace)| trace.group == g) {
            let cells: [Cell; 7] = thief.rows.option(slot).moved_row();
            scene.forge_all(&cells[6..], &[difference]);
        }
    }
    Drawn::Forged(Box::new(scene))
}
