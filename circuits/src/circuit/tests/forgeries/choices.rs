//! Lies about what an expiry chooses under a scenario: a gain as a loss, a basis move.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{Scene, fr},
    inputs::{MOST, revalue_in, revalue_under},
    moved::{is_skew, reprice_at, run},
    section::OPTIONS,
    thief::{Drawn, Thief},
};
use crate::public::PublicTable;

/// A scenario that moves prices, no skew.
fn plain(table: &PublicTable, s: usize) -> bool {
    !is_skew(table, s) && !table.scenarios[s].own
}

/// A gain counted as a loss, for a whole expiry.
fn flipped(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    for j in run(thief, i) {
        scene.witness.portfolio.options[j].flipped = true;
    }
    thief.settled(scene)
}

/// A gain counted as a loss where the scenario is no skew.
pub fn flipped_outside(thief: &mut Thief<'_>) -> Drawn {
    thief.under(plain, flipped)
}

/// The same in the delta charge, which has a skew's class and values no option.
pub fn flipped_in_delta(thief: &mut Thief<'_>) -> Drawn {
    let delta = |table: &PublicTable, s: usize| table.delta == Some(s);
    thief.under(delta, flipped)
}

/// The same by another class of scenario, copied wrong.
pub fn class_of_choice(thief: &mut Thief<'_>) -> Drawn {
    thief.under(plain, |thief| {
        let i = thief.option();
        let mut scene = thief.scene();
        for j in run(thief, i) {
            scene.witness.portfolio.options[j].flipped = true;
            scene.forge((3, thief.rows.option(j).moved + 1), Fr::ONE);
            // In that class no volatility is the least.
            let moved = &mut scene.witness.portfolio.options[j].moved;
            (moved.raised, moved.gap) = (false, moved.product);
            let v = moved.product;
            // A basis move is another lie in that class.
            if v >= MOST || scene.witness.portfolio.options[j].basis != 0 {
                return Drawn::Redraw;
            }
            reprice_at(&mut scene, j, v);
        }
        thief.settled(scene)
    })
}

/// f that is neither 0 nor 1, for a whole expiry.
pub fn flipped_to(thief: &mut Thief<'_>) -> Drawn {
    thief.under(is_skew, |thief| {
        let (i, f) = (thief.option(), fr(1 + thief.error(8)));
        if f == Fr::ONE || f == Fr::ZERO {
            return Drawn::Redraw;
        }
        let mut scene = thief.scene();
        for j in run(thief, i) {
            let [flipped, _] = thief.rows.option(j).choice();
            scene.forge(flipped, f);
        }
        thief.settled(scene)
    })
}

/// Some slots of an expiry count their gain as a loss, others do not; the copies agree or not.
pub fn flipped_in_part(thief: &mut Thief<'_>) -> Drawn {
    thief.under(is_skew, |thief| {
        let runs: Vec<_> = thief.positions(OPTIONS);
        let runs: Vec<usize> = runs
            .into_iter()
            .filter(|&i| run(thief, i).len() > 1)
            .collect();
        if runs.is_empty() {
            return thief.truth(thief.scene(), "no expiry of the account has two strikes");
        }
        let (i, copies) = (runs[thief.pick(runs.len())], thief.coin());
        let mut scene = thief.scene();
        let trace = &mut scene.witness.portfolio.options[i];
        trace.flipped = !trace.flipped;
        if copies {
            let honest = fr((!trace.flipped).into());
            let ends = [i.checked_sub(1).map(|j| (j, 4)), Some((i, 3))];
            for (j, column) in ends.into_iter().flatten() {
                if let Some(row) = thief.rows.all("q_run_end").get(j) {
                    scene.forge((column, *row), honest);
                }
            }
        }
        thief.settled(scene)
    })
}

/// An expiry's basis move that its branch does not have: its market looked up, its loss as the gates make it.
fn basis(thief: &mut Thief<'_>, to: impl Fn(&mut Thief<'_>) -> i128) -> Drawn {
    let (i, j) = (thief.position(OPTIONS), to(thief));
    let mut scene = thief.scene();
    for k in run(thief, i) {
        choose(thief, &mut scene, k, j);
        let trace = &scene.witness.portfolio.options[k];
        let number = thief.scenario() as i128 + j;
        let markets = scene.table.options[trace.group].scenarios.len();
        let Some(number) = usize::try_from(number).ok().filter(|n| *n < markets) else {
            return Drawn::Redraw;
        };
        if !revalue_under(&mut scene, k, number) {
            return Drawn::Redraw;
        }
    }
    thief.settled(scene)
}

/// Slot `k`'s basis move: one that a witness can have, or a number in its cell, with the share that the gate makes of it.
fn choose(thief: &Thief<'_>, scene: &mut Scene, k: usize, j: i128) {
    let trace = &mut scene.witness.portfolio.options[k];
    if let Some(basis) = usize::try_from(j).ok().filter(|j| *j <= 2) {
        trace.basis = basis;
        return;
    }
    let share = scene.table.options[trace.group].run.share;
    let places = thief.rows.option(k);
    scene.forge(places.choice()[1], fr(j));
    if scene.table.scenarios[thief.scenario()].own {
        scene.forge((4, places.run + 2), fr(share * (j * (3 - j) / 2)));
    }
}

/// A basis move where the branch moves prices.
pub fn basis_without_basis(thief: &mut Thief<'_>) -> Drawn {
    let priced = |table: &PublicTable, s: usize| {
        !table.scenarios[s].own && s + 2 < table.options[1].scenarios.len()
    };
    thief.under(priced, |thief| {
        basis(thief, |thief| 1 + thief.pick(2) as i128)
    })
}

/// A basis move in the delta charge: behind its rows stand the basis loss's, so that what is the second move here is the
/// first one there.
pub fn basis_in_delta(thief: &mut Thief<'_>) -> Drawn {
    let both = |table: &PublicTable, s: usize| table.delta == Some(s) && table.basis == Some(s + 1);
    thief.under(both, |thief| basis(thief, |_| 2))
}

/// Another scenario's market as a basis move: j is what is between the two numbers.
pub fn basis_of_a_scenario(thief: &mut Thief<'_>) -> Drawn {
    let own = |table: &PublicTable, s: usize| table.basis == Some(s);
    thief.under(own, |thief| {
        basis(thief, |thief| {
            let s = thief.scenario();
            thief.pick(s) as i128 - s as i128
        })
    })
}

/// A third basis move: of the next group in the field, or under the number of no row.
pub fn third_basis(thief: &mut Thief<'_>) -> Drawn {
    let own = |table: &PublicTable, s: usize| table.basis == Some(s);
    thief.under(own, |thief| {
        let i = thief.position(OPTIONS);
        let own = thief.honest.witness.portfolio.options[i].group;
        let other = thief.coin().then(|| thief.other_group(own));
        let mut scene = thief.scene();
        for k in run(thief, i) {
            let cells = thief.rows.option(k).moved_row();
            let Some(other) = other else {
                let id = own as i128 * 1024 + thief.scenario() as i128 + 3;
                scene.forge(cells[0], fr(id));
                choose(thief, &mut scene, k, 3);
                continue;
            };
            let strike = scene.witness.slots.options[k].strike;
            let row = scene.table.options[other].scenario_row(other, thief.scenario(), strike);
            if !revalue_in(&mut scene, k, (other, thief.scenario())) {
                return Drawn::Redraw;
            }
            scene.forge_all(&cells, &row.expect("covered"));
            choose(thief, &mut scene, k, (other as i128 - own as i128) * 1024);
        }
        thief.settled(scene)
    })
}
