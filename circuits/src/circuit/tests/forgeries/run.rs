//! Lies about the loss of an expiry: its sums, its end, the discount.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{fr, inverse},
    moved::run,
    section::OPTIONS,
    thief::{Drawn, Thief},
};
use crate::{engine::DROPPED_BITS, field, public::ScenarioRow};

/// P, R or Y altered, all that follows with it.
pub fn sum_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.option()).run;
    let cell = [(3, row + 1), (2, row), (2, row + 1)][thief.pick(3)];
    let error = fr(thief.error(100)) * field::pow2(thief.pick(60) as u32);
    thief.moved(cell, error)
}

/// An epsilon left out of P or R, in the sum or in its copy.
pub fn epsilon_left_out(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.position(OPTIONS)).run;
    let epsilon = thief.value((1, row + 1));
    let inflated = thief.value((4, row - 1)) * (Fr::ONE + thief.value((3, row)));
    match thief.pick(3) {
        0 => thief.moved((3, row + 1), epsilon),
        1 => thief.moved((2, row), -inflated),
        _ => {
            if thief.value((1, row + 1)) == Fr::ZERO {
                return Drawn::Redraw;
            }
            let mut scene = thief.scene();
            scene.forge((1, row + 1), Fr::ZERO);
            let sum = thief.value((3, row + 1)) + epsilon;
            scene.forge((3, row + 1), sum);
            thief.settled(scene)
        }
    }
}

/// The quotient off by some, with its remainder.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.option()).run + 2;
    let (magnitude, rest) = ((0, row), (2, row));
    let mut error = thief.error(12);
    let negative = thief.value((1, row)) == Fr::ONE;
    if thief.value(magnitude) == Fr::ZERO {
        error = error.abs();
    }
    let mut scene = thief.scene();
    scene.forge(magnitude, thief.value(magnitude) + fr(error));
    let signed = fr(if negative { -error } else { error });
    let remainder = thief.value(rest) + signed * field::pow2(DROPPED_BITS);
    scene.forge(rest, remainder);
    thief.settled(scene)
}

/// A quotient in the field, its remainder in range.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.option()).run + 2;
    let (magnitude, rest) = ((0, row), (2, row));
    let left = fr(thief.size(119));
    let change = left - thief.value(rest);
    if change == Fr::ZERO {
        return Drawn::Redraw;
    }
    let sign = Fr::ONE - thief.value((1, row)).double();
    let mut scene = thief.scene();
    let quotient = thief.value(magnitude) + sign * change * inverse(field::pow2(DROPPED_BITS));
    scene.forge(magnitude, quotient);
    scene.forge(rest, left);
    thief.settled_anyhow(scene)
}

/// Quotient, sign or remainder alone.
pub fn quotient_alone(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.option()).run + 2;
    let (column, error) = (thief.pick(3), thief.error(20));
    if column == 1 {
        let honest = thief.value((1, row));
        if thief.value((0, row)) == Fr::ZERO {
            return Drawn::Redraw;
        }
        return thief.forged((1, row), Fr::ONE - honest);
    }
    let cell = (column, row);
    thief.moved(cell, fr(error))
}

/// The sign flipped with the magnitude below zero, so that the discount is the other one; or no sign.
pub fn sign(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.option()).run + 2;
    let (magnitude, sign) = (thief.value((0, row)), thief.value((1, row)));
    let mut scene = thief.scene();
    let flag = if thief.coin() {
        Fr::ONE - sign
    } else {
        thief.field()
    };
    scene.forge((1, row), flag);
    if magnitude == Fr::ZERO && flag + sign == Fr::ONE {
        return thief.truth(scene, "a quotient of zero has no sign");
    }
    // (1 - 2 n)|q| stays.
    let factor = Fr::ONE - flag.double();
    let forged = (Fr::ONE - sign.double()) * magnitude * inverse(factor);
    scene.forge((0, row), forged);
    thief.settled(scene)
}

/// The scenario's prices count.
fn priced(row: ScenarioRow) -> bool {
    !row.own && row.factor != 0
}

/// The discount of the other sign, any factor, or any loss.
pub fn discount_altered(thief: &mut Thief<'_>) -> Drawn {
    thief.under(
        |table, s| priced(table.scenarios[s]),
        |thief| {
            let row = thief.rows.option(thief.position(OPTIONS)).run + 2;
            let [long, short] = [0, 1].map(|column| thief.value((column, row + 1)));
            let (factor, loss) = ((4, row), (4, row + 1));
            match thief.pick(3) {
                0 if long != short => {
                    let other = long + short - thief.value(factor);
                    thief.forged(factor, other)
                }
                1 => {
                    let error = fr(thief.error(38));
                    thief.moved(factor, error)
                }
                _ => {
                    let error = fr(thief.error(120)) * field::pow2(thief.pick(60) as u32);
                    thief.moved(loss, error)
                }
            }
        },
    )
}

/// A copy that a run's loss is made from: its inputs' sums, bound, f, own, discounts, share, basis move.
pub fn copy_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.option()).run;
    let cells = [
        (0, row),
        (1, row),
        (3, row),
        (4, row),
        (0, row + 1),
        (1, row + 1),
        (4, row + 1),
        (3, row + 2),
        (0, row + 3),
        (1, row + 3),
        (2, row + 3),
        (3, row + 3),
    ];
    let cell = cells[thief.pick(cells.len())];
    let flag = matches!(cell.0, 3 | 4) && cell != (3, row);
    let value = thief.value(cell);
    let error = if flag {
        Fr::ONE - value.double()
    } else {
        fr(thief.size(30))
    };
    thief.moved(cell, error)
}

/// Ends between slots that are one run's, or two runs'.
fn ends(thief: &Thief<'_>, of_one: bool) -> Vec<usize> {
    let rows = thief.rows.all("q_run_end").iter().enumerate();
    let end = if of_one { Fr::ZERO } else { Fr::ONE };
    let all = rows.filter(|(_, row)| thief.value((0, **row)) == end);
    all.map(|(i, _)| i).collect()
}

/// A run that ends early: each part takes its own discount.
pub fn ends_early(thief: &mut Thief<'_>) -> Drawn {
    let all = ends(thief, true);
    if all.is_empty() {
        return thief.truth(thief.scene(), "every slot is a run of its own");
    }
    let i = all[thief.pick(all.len())];
    end_forged(thief, i, Fr::ONE)
}

/// A run that goes on into the next expiry.
pub fn ends_late(thief: &mut Thief<'_>) -> Drawn {
    let all = ends(thief, false);
    if all.is_empty() {
        return thief.truth(thief.scene(), "all slots are one run");
    }
    let i = all[thief.pick(all.len())];
    end_forged(thief, i, Fr::ZERO)
}

/// An end that is neither 0 nor 1: a loss counted many times.
pub fn end_field(thief: &mut Thief<'_>) -> Drawn {
    let (i, end) = (
        thief.pick(thief.rows.all("q_run_end").len()),
        fr(1 + thief.size(20)),
    );
    end_forged(thief, i, end)
}

/// An end with its distance (or one in range that is not it), gap and sums.
fn end_forged(thief: &mut Thief<'_>, i: usize, end: Fr) -> Drawn {
    let row = thief.rows.at("q_run_end", i);
    let value = |column, below| thief.value((column, row - 1 + below));
    let goes_on = Fr::ONE - end;
    let gap = goes_on * (value(4, 0) - value(3, 0) - value(1, 1));
    let distance = value(1, 0) - value(0, 0) - end * fr(1000);
    let sums = [value(0, 2), value(2, 2)].map(|sum| sum * goes_on);
    let mut scene = thief.scene();
    scene.forge((0, row), end);
    scene.forge((2, row), gap);
    scene.forge((1, row + 1), sums[0]);
    scene.forge((3, row + 1), sums[1]);
    let distance = if thief.coin() { distance } else { Fr::ZERO };
    scene.forge((2, row - 1), distance);
    thief.settled(scene)
}

/// A distance, gap or sum behind a slot alone.
pub fn end_alone(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.pick(thief.rows.all("q_run_end").len());
    let row = thief.rows.at("q_run_end", i);
    let cell = [(2, row - 1), (2, row), (1, row + 1), (3, row + 1)][thief.pick(4)];
    let error = fr(thief.error(30));
    thief.moved(cell, error)
}

/// A copy that a run's end is made from.
pub fn end_copy(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.pick(thief.rows.all("q_run_end").len());
    let row = thief.rows.at("q_run_end", i);
    let cells = [
        (0, row - 1),
        (1, row - 1),
        (3, row - 1),
        (4, row - 1),
        (1, row),
        (3, row),
        (4, row),
        (0, row + 1),
        (2, row + 1),
    ];
    let cell = cells[thief.pick(cells.len())];
    let error = fr(thief.error(12));
    thief.moved(cell, error)
}

/// A slot's loss that counts its run where it does not end, or does not where it ends; the last slot, too.
pub fn counted_elsewhere(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let row = thief.rows.exposure(OPTIONS, i);
    let end = thief.value((4, row + 4));
    if thief.coin() {
        return thief.forged((4, row + 4), Fr::ONE - end);
    }
    // What the slot adds, altered itself.
    let run = thief.value((4, row + 6));
    let loss = (3, row + 6);
    let change = if end == Fr::ONE { -run } else { run };
    thief.moved(loss, change)
}

/// The run's loss of another slot, or the deltas' magnitudes, copied wrong.
pub fn loss_copy(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.exposure(OPTIONS, thief.option());
    let cell = [(4, row + 6), (3, row + 4)][thief.pick(2)];
    let error = fr(thief.error(120)) * field::pow2(thief.pick(40) as u32);
    let mut scene = thief.scene();
    scene.forge(cell, thief.value(cell) + error);
    thief.settled(scene)
}

/// Two slots of an expiry out of order, or one strike twice.
pub fn unsorted(thief: &mut Thief<'_>) -> Drawn {
    let all = thief.positions(OPTIONS);
    let pairs: Vec<usize> = all
        .into_iter()
        .filter(|&i| run(thief, i).contains(&(i + 1)))
        .collect();
    if pairs.is_empty() {
        return thief.truth(thief.scene(), "no expiry of the account has two strikes");
    }
    let (i, twice) = (pairs[thief.pick(pairs.len())], thief.coin());
    let mut slots = thief.slots();
    if twice {
        slots.options[i + 1].strike = slots.options[i].strike;
    } else {
        slots.options.swap(i, i + 1);
    }
    let table = thief.honest.table.clone();
    match thief.committed(slots, &table) {
        Some(scene) => Drawn::Forged(Box::new(scene)),
        None => Drawn::Redraw,
    }
}
