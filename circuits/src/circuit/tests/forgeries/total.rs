//! Lies about the totals: quotients of the options' sums, the scenario's row, the requirement.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::{harness::inverse, rows},
    sums::{read, unit},
    thief::{Drawn, Thief},
};
use crate::{
    engine::{DROPPED_BITS, Portfolio, ceil, floor, option_unit, quantum},
    field,
    public::TableRow,
};

/// Quotient and remainder of the options' equity (rounded up) or loss.
fn parts(thief: &Thief<'_>, loss: bool) -> (BigInt, BigInt) {
    let totals = &thief.honest.witness.portfolio.totals;
    if loss {
        floor(&totals.option_loss)
    } else {
        ceil(&totals.option_equity)
    }
}

/// The quotient off by some, its remainder with it or not.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let (loss, error, follows) = (thief.coin(), thief.error(12), thief.coin());
    let mut scene = thief.scene();
    let mut totals = scene.witness.portfolio.totals.clone();
    let step = BigInt::from(error) << DROPPED_BITS;
    *read(&mut totals, loss.into()) += &step;
    let (_, rest) = parts(thief, loss);
    scene.settle_on(totals);
    if follows {
        let rest = if loss { rest - step } else { rest + step };
        let row = thief.rows.total() + usize::from(loss);
        scene.forge((2, row), field::from_int(&rest));
    }
    Thief::if_clean(scene)
}

/// A quotient in the field, for a remainder in range; shortfall and requirement follow in the field.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (loss, mut scene) = (thief.coin(), thief.scene());
    let rest = BigInt::from(thief.size(119));
    let (quotient, honest) = parts(thief, loss);
    if rest == honest {
        return Drawn::Redraw;
    }
    let change = field::from_int(
        &(if loss {
            &honest - &rest
        } else {
            &rest - &honest
        }),
    ) * inverse(field::pow2(DROPPED_BITS));
    let row = thief.rows.total() + usize::from(loss);
    scene.forge((1, row), field::from_int(&quotient) + change);
    scene.forge((2, row), field::from_int(&rest));
    // What it changes in W, and in W - 1e4 (E + 1e20 q).
    let totals = &thief.honest.witness.portfolio.totals;
    let weight = field::from_i128(if loss { totals.factor } else { -10_000 });
    let moved = change * field::from_int(&option_unit()) * weight;
    let per_unit = inverse(field::from_int(&quantum()));
    let terms = &scene.witness.terms;
    let shortfall = field::from_i128(terms.shortfall) + moved * per_unit;
    if moved == Fr::ZERO {
        return Thief::if_clean(scene);
    }
    let requirement = field::from_i128(terms.requirement) + moved * per_unit;
    let [cell, positive] = thief.rows.shortfall();
    scene.forge(cell, shortfall);
    scene.forge(positive, shortfall - Fr::ONE);
    if loss {
        let required = field::from_int(&totals.requirement()) + moved;
        scene.forge((4, thief.rows.total() + 3), required);
        scene.forge((4, thief.rows.terms()), requirement);
    }
    Drawn::Forged(Box::new(scene))
}

/// The offset quotient or the remainder alone.
pub fn offset_alone(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let (loss, offset, error) = (thief.coin(), thief.coin(), thief.error(40));
    let (quotient, rest) = parts(thief, loss);
    let row = thief.rows.total() + usize::from(loss);
    let (column, honest) = if offset {
        (3, quotient + (BigInt::from(1) << 129))
    } else {
        (2, rest)
    };
    scene.forge((column, row), field::from_int(&(honest + error)));
    Drawn::Forged(Box::new(scene))
}

/// The scenario's row in the totals.
fn moved_row(thief: &Thief<'_>, s: usize) -> TableRow {
    thief.honest.table.scenario_row(s).expect("row")
}

/// Another scenario's move and factor, under its own number or the account's.
pub fn another_scenario(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, s, own) = (thief.scene(), thief.other_scenario(), thief.coin());
    let (row, honest) = (moved_row(thief, s), moved_row(thief, thief.scenario()));
    let mut totals = scene.witness.portfolio.totals.clone();
    (totals.spot_move, totals.factor) = (row[1], row[2]);
    let mut cells = row;
    if own {
        cells[0] = honest[0];
    }
    let first = thief.rows.total() + 2;
    let places: [rows::Cell; 5] = std::array::from_fn(|column| (column, first));
    scene.forge_all(&places, &cells[..5]);
    scene.settle_on(totals);
    if own && cells == honest {
        return thief.truth(scene, "the two scenarios have one move and factor");
    }
    Thief::if_clean(scene)
}

/// Options and swaps under one scenario, futures and assets under another.
pub fn split_scenario(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, s) = (thief.scene(), thief.other_scenario());
    let honest = moved_row(thief, thief.scenario());
    let (slots, table) = (thief.slots(), &thief.honest.table);
    let mut portfolio = Portfolio::new(&slots, table, s).expect("markets");
    portfolio.totals.spot_move = honest[1];
    portfolio.totals.factor = honest[2];
    scene.witness.portfolio = portfolio;
    let first = thief.rows.total() + 2;
    let places: [rows::Cell; 5] = std::array::from_fn(|column| (column, first));
    scene.forge_all(&places, &honest[..5]);
    thief.settled(scene)
}

/// A move or a factor that is no scenario's.
pub fn move_or_factor(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, factor) = (thief.scene(), thief.coin());
    let mut totals = scene.witness.portfolio.totals.clone();
    let (cell, bits) = if factor {
        (&mut totals.factor, 14)
    } else {
        (&mut totals.spot_move, 26)
    };
    *cell += thief.error(bits);
    let forged = field::from_i128(*cell);
    scene.forge((if factor { 2 } else { 1 }, thief.rows.total() + 2), forged);
    scene.settle_on(totals);
    Thief::if_clean(scene)
}

/// A requirement that the sums do not make.
pub fn requirement_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let mut totals = scene.witness.portfolio.totals.clone();
    // No cell holds these totals' charges but W.
    totals.contingencies += thief.error(80);
    scene.settle_on(totals);
    Thief::if_clean(scene)
}

/// The totals' copy of a sum.
pub fn copy_altered(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, which) = (thief.scene(), thief.pick(6));
    let first = thief.rows.total();
    let cell = match which {
        0 => (0, first),
        1 => (0, first + 1),
        2 => (0, thief.rows.terms()),
        3 => (1, first + 3),
        4 => (0, first + 3),
        _ => (3, first + 3),
    };
    let mut totals = scene.witness.portfolio.totals.clone();
    let step = thief.error(60) * unit(which);
    *read(&mut totals, which) += step;
    scene.forge(cell, field::from_int(read(&mut totals, which)));
    scene.settle_on(totals);
    Thief::if_clean(scene)
}

/// A scenario of the account that is not the one that its positions and totals look up.
pub fn scenario_alone(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, s) = (thief.scene(), thief.other_scenario());
    scene.forge((3, thief.rows.opening() + 1), field::from_i128(s as i128));
    // The copies in the positions follow; their rows and the totals' do not.
    Drawn::Forged(Box::new(scene))
}
