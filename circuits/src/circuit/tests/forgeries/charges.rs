//! Lies about what the policy charges: each option, and each underlying.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{Scene, fr, inverse},
    moved::believe,
    places::{Cell, five},
    section::{OPTIONS, PERPETUALS},
    thief::{Drawn, Thief},
};
use crate::{engine::DROPPED_BITS, field, model::ONE, public::PublicTable};

const NO_OTHER: &str = "the other of the two numbers is never more than is due";

/// A row of charges: a slot's section, number and row.
fn option(thief: &mut Thief<'_>) -> (usize, usize, usize) {
    let section = [OPTIONS, PERPETUALS][thief.pick(2)];
    let i = thief.slot(section);
    (section, i, thief.rows.charge(section, i))
}

/// A charge, or what counts of a value, altered.
pub fn altered(thief: &mut Thief<'_>) -> Drawn {
    let (.., row) = option(thief);
    if thief.coin() {
        let error = fr(thief.error(90));
        return thief.moved((2, row), error);
    }
    let error = fr(thief.error(120)) * field::pow2(thief.pick(60) as u32);
    thief.moved((3, row), error)
}

/// A charge forgotten altogether.
pub fn forgotten(thief: &mut Thief<'_>) -> Drawn {
    let (.., row) = option(thief);
    if thief.value((2, row)) == Fr::ZERO {
        return thief.truth(thief.scene(), "nothing is charged");
    }
    thief.forged((2, row), Fr::ZERO)
}

/// The epsilon left out of what counts of a value.
pub fn epsilon_left_out(thief: &mut Thief<'_>) -> Drawn {
    let (.., row) = option(thief);
    let epsilon = thief.value((4, row - 1));
    thief.moved((3, row), -epsilon)
}

/// Another group's charges, under its own number or another's; or charges that the table does not have.
pub fn of_another_group(thief: &mut Thief<'_>) -> Drawn {
    let (section, i, row) = option(thief);
    let (portfolio, table) = (&thief.honest.witness.portfolio, &thief.honest.table);
    let cells = five(row + 1);
    if thief.pick(3) == 0 {
        let cell = cells[1 + thief.pick(4)];
        let error = fr(thief.error(20));
        return thief.moved(cell, error);
    }
    let own = thief.coin();
    let (g, other, mut charges) = if section == OPTIONS {
        let g = portfolio.options[i].group;
        let other = thief.other(g, table.options.len());
        (g, other, table.options[other].charges.row(other))
    } else {
        let g = portfolio.perpetual_options[i].group;
        let other = thief.other(g, table.perpetual_options.len());
        (g, other, table.perpetual_options[other].charges.row(other))
    };
    assert_ne!(g, other, "another group");
    if own {
        charges[0] = g as i128;
    }
    let honest: Vec<Fr> = cells.iter().map(|&cell| thief.value(cell)).collect();
    if honest
        .iter()
        .zip(&charges)
        .skip(1)
        .all(|(x, y)| *x == fr(*y))
        && own
    {
        return Drawn::Redraw;
    }
    believe(thief, &cells, &charges[..5])
}

/// Value and charge as `kept` and `nu` say.
fn follow(thief: &Thief<'_>, scene: &mut Scene, row: usize, kept: Fr, naked: Fr) {
    let value = |column, below: usize| thief.value((column, row - 1 + below));
    let net = value(0, 0) + value(1, 0);
    let (old_kept, old_naked) = (value(0, 1), value(1, 1));
    scene.forge((0, row), kept);
    scene.forge((1, row), naked);
    let counted = value(3, 1) + (kept - old_kept) * value(3, 0);
    let charge = value(2, 1) - (naked - old_naked) * value(1, 2) * net;
    scene.forge((3, row), counted);
    scene.forge((2, row), charge);
}

/// A value left out where long options count; or counted in part, or many times.
pub fn kept(thief: &mut Thief<'_>) -> Drawn {
    let (.., row) = option(thief);
    let excluded = thief.value((3, row + 1));
    let kept = if excluded == Fr::ZERO && thief.coin() {
        Fr::ZERO
    } else {
        fr(1 + thief.error(20))
    };
    if kept == Fr::ONE || (kept == Fr::ZERO && excluded == Fr::ONE) {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    let naked = thief.value((1, row));
    follow(thief, &mut scene, row, kept, naked);
    thief.settled(scene)
}

/// What is short counted many times.
pub fn naked(thief: &mut Thief<'_>) -> Drawn {
    let (.., row) = option(thief);
    let naked = fr(1 + thief.error(20));
    if naked == Fr::ONE || naked == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    follow(thief, &mut scene, row, thief.value((0, row)), naked);
    thief.settled(scene)
}

/// The other choices that a prover has: a long position's charge below zero, a debt kept off, a value that does not count.
pub fn other_choice(thief: &mut Thief<'_>) -> Drawn {
    let (.., row) = option(thief);
    let excluded = thief.value((3, row + 1)) == Fr::ONE;
    let (mut kept, mut naked) = (thief.value((0, row)), thief.value((1, row)));
    if excluded && thief.coin() {
        kept = Fr::ONE - kept;
    } else {
        naked = Fr::ONE - naked;
    }
    let mut scene = thief.scene();
    follow(thief, &mut scene, row, kept, naked);
    weaker(thief, scene)
}

fn weaker(thief: &mut Thief<'_>, scene: Scene) -> Drawn {
    match thief.if_clean(scene) {
        Drawn::Forged(scene) => Drawn::Weaker(scene, NO_OTHER),
        // The account is not under-margined by what is left.
        _ => Drawn::Redraw,
    }
}

/// A claim's first row.
fn claim(thief: &mut Thief<'_>) -> usize {
    let i = thief.pick(thief.rows.underlyings);
    thief.rows.underlying(i)
}

/// A loss's quotient off, with its remainder; net and core follow.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let (row, error) = (claim(thief) + 8, fr(thief.error(12)));
    let mut scene = thief.scene();
    scene.forge((0, row), thief.value((0, row)) + error);
    let rest = thief.value((1, row)) - error * field::pow2(DROPPED_BITS);
    scene.forge((1, row), rest);
    thief.settled(scene)
}

/// The same in the field, its remainder in range.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (row, left) = (claim(thief) + 8, fr(thief.size(119)));
    let change = thief.value((1, row)) - left;
    if change == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    let quotient = thief.value((0, row)) + change * inverse(field::pow2(DROPPED_BITS));
    scene.forge((0, row), quotient);
    scene.forge((1, row), left);
    thief.settled_anyhow(scene)
}

/// Quotient or remainder alone.
pub fn quotient_alone(thief: &mut Thief<'_>) -> Drawn {
    let row = claim(thief) + 8;
    let (cell, error) = ((thief.pick(2), row), fr(thief.error(20)));
    thief.moved(cell, error)
}

/// A third value where the prover has the choice of two: the short gamma, the charge on vega, that on net delta, the core.
pub fn third_value(thief: &mut Thief<'_>) -> Drawn {
    let (row, which) = (claim(thief), thief.pick(4));
    let (cell, bits) = [
        ((4, row + 3), 60),
        ((3, row + 3), 90),
        ((0, row + 9), 90),
        ((2, row + 9), 110),
    ][which];
    let error = fr(thief.error(bits));
    thief.moved(cell, error)
}

/// The core one unit off.
pub fn core_off(thief: &mut Thief<'_>) -> Drawn {
    let cell = (2, claim(thief) + 9);
    let unit = if thief.coin() { 1 } else { -1 };
    thief.moved(cell, fr(unit))
}

/// The rate on net delta or the asset's factor applied twice.
pub fn twice(thief: &mut Thief<'_>) -> Drawn {
    let row = claim(thief);
    let [net, core] = [thief.value((0, row + 9)), thief.value((1, row + 9))];
    let weighed = thief.value((2, row + 9)) - core;
    let other = if thief.coin() {
        weighed.double()
    } else {
        net * thief.value((1, row + 10)).square() * inverse(fr(ONE.into()))
    };
    let two = [net * fr(ONE.into()), net * thief.value((1, row + 10))];
    if two.contains(&other) {
        return Drawn::Redraw;
    }
    thief.forged((2, row + 9), core + other)
}

/// The other of two values.
pub fn other_value(thief: &mut Thief<'_>) -> Drawn {
    let (row, which) = (claim(thief), thief.pick(4));
    let value = |column, below| thief.value((column, row + below));
    let half = field::pow2(99);
    let mirrored = |q: Fr| -(q - half) - Fr::ONE;
    let mut scene = thief.scene();
    match which {
        0 => {
            // Nothing is short, or what is: then it is not negative.
            let gamma = mirrored(value(1, 3));
            let other = if value(4, 3) == Fr::ZERO {
                gamma
            } else {
                Fr::ZERO
            };
            let change = (other - value(4, 3)) * value(3, 4) * fr(256);
            scene.forge((4, row + 3), other);
            scene.forge((3, row + 3), value(3, 3) + change);
        }
        1 => {
            let vega = value(2, 3);
            let both = [vega - half, mirrored(vega)].map(|x| x * value(4, 4) * fr(256));
            let charged = value(3, 3) - value(4, 2) - value(3, 4) * value(4, 3) * fr(256);
            let other = both[0] + both[1] - charged;
            scene.forge((3, row + 3), value(3, 3) - charged + other);
        }
        2 => {
            let delta = value(2, 8);
            let both = [delta - half, mirrored(delta)].map(|x| x * value(3, 8));
            let loss = (value(0, 8) - field::pow2(129)) * fr(1024);
            let other = both[0] + both[1] - (value(0, 9) - loss);
            scene.forge((0, row + 9), loss + other);
        }
        _ => {
            let both = value(0, 9) * (fr(ONE.into()) + value(1, 10));
            let weighed = value(2, 9) - value(1, 9);
            scene.forge((2, row + 9), value(1, 9) + both - weighed);
        }
    }
    weaker(thief, scene)
}

/// What a claim's charges are made from, copied wrong: sums so far, rates, the quotient of delta.
pub fn copy_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = claim(thief);
    let cells: [(Cell, i128); 6] = [
        ((4, row + 2), 90),
        ((3, row + 4), 20),
        ((4, row + 4), 20),
        ((2, row + 8), 60),
        ((3, row + 8), 20),
        ((1, row + 9), 110),
    ];
    let (cell, bits) = cells[thief.pick(cells.len())];
    let error = fr(thief.error(bits));
    let mut scene = thief.scene();
    scene.forge(cell, thief.value(cell) + error);
    thief.settled(scene)
}

/// The volatility trigger counts more for one asset than for another.
fn factors_differ(table: &PublicTable, _: usize) -> bool {
    table
        .assets
        .iter()
        .any(|a| a.factor != table.assets[0].factor)
}

/// Another asset's factor, under its own number or another's; or a factor that the table does not have.
pub fn factor_of_another(thief: &mut Thief<'_>) -> Drawn {
    thief.under(factors_differ, |thief| {
        let row = claim(thief) + 10;
        let (own, cells) = (thief.value((0, row)), five(row));
        if thief.pick(3) == 0 {
            let error = fr(thief.size(20));
            return thief.moved((1, row), error);
        }
        let assets = &thief.honest.table.assets;
        let other = thief.pick(assets.len());
        let mut forged = assets[other].underlying_row(other);
        if thief.value((1, row)) == fr(forged[1]) {
            return Drawn::Redraw;
        }
        let hidden = thief.coin();
        if hidden {
            let number = (0..assets.len()).find(|n| fr(*n as i128) == own);
            forged[0] = number.map_or(0, |n| n as i128);
        }
        believe(thief, &cells, &forged[..5])
    })
}
