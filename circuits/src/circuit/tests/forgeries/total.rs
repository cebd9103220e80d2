//! Lies about the totals: the options' quotient, the scenario's row, funding, the requirement.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{fr, inverse},
    sums::unit,
    thief::{Drawn, Thief},
};
use crate::{
    engine::{DROPPED_BITS, Portfolio},
    field,
    public::PublicTable,
};

/// The quotient off by some, its remainder with it.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let (row, error) = (thief.rows.total(), fr(thief.error(12)));
    let mut scene = thief.scene();
    scene.forge((1, row), thief.value((1, row)) + error);
    let rest = thief.value((2, row)) + error * field::pow2(DROPPED_BITS);
    scene.forge((2, row), rest);
    thief.settled(scene)
}

/// A quotient in the field, for a remainder in range; shortfall and requirement follow in the field.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (row, left) = (thief.rows.total(), fr(thief.size(119)));
    let change = left - thief.value((2, row));
    if change == Fr::ZERO {
        return Drawn::Redraw;
    }
    let mut scene = thief.scene();
    let quotient = thief.value((1, row)) + change * inverse(field::pow2(DROPPED_BITS));
    scene.forge((1, row), quotient);
    scene.forge((2, row), left);
    thief.settled_anyhow(scene)
}

/// The quotient or the remainder alone.
pub fn quotient_alone(thief: &mut Thief<'_>) -> Drawn {
    let cell = (1 + thief.pick(2), thief.rows.total());
    let error = fr(thief.error(40));
    thief.moved(cell, error)
}

/// One or more numbers of a milder scenario's row in the account's, its own number or the other's.
pub fn scenarios_mixed(thief: &mut Thief<'_>) -> Drawn {
    let Some(s) = thief.other_scenario() else {
        return thief.one_scenario();
    };
    let table = &thief.honest.table;
    let rows = [s, thief.scenario()].map(|s| table.scenario_row(s).expect("row"));
    let [other, own] = rows;
    let mask = 1 + thief.pick((1 << own.len()) - 2);
    let mut row = own;
    for (column, cell) in row.iter_mut().enumerate() {
        if mask >> column & 1 == 1 {
            *cell = other[column];
        }
    }
    if row == own || row == other {
        return Drawn::Redraw;
    }
    let mut forged = table.clone();
    let scenario = &mut forged.scenarios[thief.scenario()];
    (scenario.spot, scenario.factor, scenario.gross, scenario.net) =
        (row[1], row[2], row[4], row[5]);
    // What the positions lose follows the row, but for its number and class.
    let slots = thief.slots();
    let Ok(portfolio) = Portfolio::new(&slots, &forged, thief.scenario()) else {
        return Drawn::Redraw;
    };
    let mut scene = thief.scene();
    scene.witness.portfolio = portfolio;
    scene.forge_all(&thief.rows.scenario(), &row);
    thief.settled_anyhow(scene)
}

/// A scenario's number, move, factor, class or rate that is no scenario's.
pub fn scenario_altered(thief: &mut Thief<'_>) -> Drawn {
    let cells = thief.rows.scenario();
    let (column, bits) = [(1, 26), (2, 14), (3, 1), (4, 14), (5, 14)][thief.pick(5)];
    let error = thief.size(bits);
    let mut scene = thief.scene();
    scene.forge(cells[column], thief.value(cells[column]) + fr(error));
    thief.settled_anyhow(scene)
}

/// `own` that is no bit, so that the row is of another kind.
pub fn scenario_kind(thief: &mut Thief<'_>) -> Drawn {
    let [.., own] = thief.rows.scenario();
    let value = fr(1 + thief.size(5));
    let mut scene = thief.scene();
    scene.forge(own, value);
    thief.settled_anyhow(scene)
}

/// A scenario of the account that is not the one that its positions look up.
pub fn scenario_alone(thief: &mut Thief<'_>) -> Drawn {
    let Some(s) = thief.other_scenario() else {
        return thief.one_scenario();
    };
    let row = thief.honest.table.scenario_row(s).expect("row");
    let mut scene = thief.scene();
    scene.forge_all(&thief.rows.scenario(), &row);
    // The copies in the positions follow; their rows do not.
    thief.settled_anyhow(scene)
}

/// The totals' copy of the factor: another scenario's, or any.
pub fn factor_altered(thief: &mut Thief<'_>) -> Drawn {
    let cell = (1, thief.rows.total() + 1);
    if thief.coin()
        && let Some(s) = thief.other_scenario()
    {
        let factor = fr(thief.honest.table.scenarios[s].factor);
        return thief.forged(cell, factor);
    }
    let error = fr(thief.error(40));
    thief.moved(cell, error)
}

/// A requirement that the sums do not make.
pub fn requirement_altered(thief: &mut Thief<'_>) -> Drawn {
    let cell = (3, thief.rows.total() + 1);
    let error = fr(thief.error(100)) * field::pow2(thief.pick(60) as u32);
    thief.moved(cell, error)
}

/// The policy charges funding.
fn funded(table: &PublicTable, _: usize) -> bool {
    table.futures.iter().any(|group| group.funding != 0)
}

/// Funding counted twice, many times, or with the other sign.
pub fn funding_twice(thief: &mut Thief<'_>) -> Drawn {
    thief.under(funded, |thief| {
        let row = thief.rows.total();
        let (charges, funding) = (thief.value((3, row)), thief.value((4, row)));
        let times = if thief.coin() { 2 } else { 1 + thief.error(3) };
        let all = charges + funding * fr(times);
        if funding == Fr::ZERO || times == 1 || times == 0 {
            return Drawn::Redraw;
        }
        thief.forged((0, row + 1), all)
    })
}

/// Funding that would be received counted, or what would be paid left out: the other of the two.
pub fn funding_forgone(thief: &mut Thief<'_>) -> Drawn {
    thief.under(funded, |thief| {
        let row = thief.rows.total();
        let (charges, funding) = (thief.value((3, row)), thief.value((4, row)));
        if funding == Fr::ZERO {
            return Drawn::Redraw;
        }
        let other = charges.double() + funding - thief.value((0, row + 1));
        let mut scene = thief.scene();
        scene.forge((0, row + 1), other);
        match thief.if_clean(scene) {
            Drawn::Forged(scene) => Drawn::Weaker(scene, "funding received is not due"),
            _ => Drawn::Redraw,
        }
    })
}

/// The totals' copy of a sum.
pub fn copy_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.total();
    let (cell, which) = [
        ((0, row), 0),
        ((3, row), 2),
        ((4, row), 3),
        ((2, row + 1), 3),
    ][thief.pick(4)];
    let error = field::from_int(&(thief.error(60) * unit(which)));
    thief.moved(cell, error)
}
