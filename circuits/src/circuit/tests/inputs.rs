//! Lies about an option's inputs: volatility, smile, scenario, ln K. Each is consistent with
//! everything that follows from it.

use super::{
    harness::{COPY, RANGE, Scene, TABLE, fr, inverse},
    market::{NEAR, revalue, revalue_under},
    rows,
};
use crate::{
    engine::option::{self, LN_DROPPED_BITS, LnTrace},
    tables,
};

#[test]
fn root_one_off() {
    for error in [-1, 1] {
        let mut scene = Scene::sample();
        let smile = &mut scene.witness.portfolio.options[NEAR].smile;
        smile.remainder += (smile.v * smile.v) << 10;
        smile.v += error;
        smile.remainder -= (smile.v * smile.v) << 10;
        smile.complement = ((2 * smile.v + 1) << 10) - 1 - smile.remainder;
        revalue(&mut scene, NEAR);
        scene.settle();
        scene.stopped_by(&[RANGE]);
    }
}

#[test]
fn moved_volatility_one_off() {
    for error in [-1, 1] {
        let mut scene = Scene::sample();
        let slot = scene.witness.slots.options[NEAR].clone();
        let trace = &mut scene.witness.portfolio.options[NEAR];
        let v = trace.moved.v + error;
        trace.multiplier_remainder -= error << 40;
        let group = &scene.table.options[trace.group];
        let forward = &group.scenarios[scene.witness.portfolio.scenario].forward;
        trace.moved = option::market(forward, slot.strike, trace.ln.ln, v, slot.calls, slot.puts);
        scene.settle();
        scene.stopped_by(&[RANGE]);
    }
}

#[test]
fn the_neighbour_interval_of_the_smile() {
    for neighbour in [-1, 1] {
        let mut scene = Scene::sample();
        let strike = scene.witness.slots.options[NEAR].strike;
        let trace = &mut scene.witness.portfolio.options[NEAR];
        let smile = &scene.table.options[trace.group].smile;
        let at = smile.iter().position(|i| (i.low..i.high).contains(&strike));
        let interval = &smile[at.expect("covered").wrapping_add_signed(neighbour)];
        trace.smile = option::smile(interval, strike);
        let node = [
            trace.group as i128,
            interval.low,
            interval.variance,
            interval.slope,
            interval.high,
        ];
        scene.forge_all(&rows::option(NEAR).node(), &node);
        revalue(&mut scene, NEAR);
        scene.settle();
        scene.stopped_by(&[RANGE]);
    }
}

#[test]
fn another_expirys_smile() {
    for (own_index, stop) in [(true, TABLE), (false, COPY)] {
        let mut scene = Scene::sample();
        let strike = scene.witness.slots.options[NEAR].strike;
        let trace = &mut scene.witness.portfolio.options[NEAR];
        let other = trace.group + 1;
        let node = scene.table.options[other].smile_row(other, strike);
        let node = node.expect("covered");
        let smile = option::group_smile(&scene.table.options[other], strike);
        trace.smile = smile.expect("covered");
        let mut cells = node[..5].to_vec();
        if own_index {
            cells[0] = trace.group as i128;
        }
        scene.forge_all(&rows::option(NEAR).node(), &cells);
        revalue(&mut scene, NEAR);
        scene.settle();
        // With the other's index, `order` lies as well: it is made of the cell.
        if own_index {
            scene.stopped_by(&[stop]);
        } else {
            scene.stopped_by(&[stop, "q_smile: order = 2^50 g + K"]);
        }
    }
}

#[test]
fn another_scenario_for_one_slot() {
    for (copy, stop) in [(false, "q_moved: row id = 1024 g + s"), (true, COPY)] {
        let mut scene = Scene::sample();
        let other = scene.witness.portfolio.scenario - 1;
        let group = scene.witness.portfolio.options[NEAR].group;
        let row = scene.table.options[group].scenario_row(group, other);
        let cells = rows::option(NEAR);
        scene.forge_all(&cells.moved_row(), &row.expect("row")[..5]);
        if copy {
            scene.forge(cells.scenario(), fr(other as i128));
        }
        revalue_under(&mut scene, NEAR, other);
        scene.settle();
        scene.stopped_by(&[stop]);
    }
}

/// Slot `NEAR` with a lie about ln K.
fn ln(lie: impl Fn(&mut LnTrace)) -> Scene {
    let mut scene = Scene::sample();
    lie(&mut scene.witness.portfolio.options[NEAR].ln);
    revalue(&mut scene, NEAR);
    scene.settle();
    scene
}

#[test]
fn ln_quotient_or_shift_off_by_one() {
    for error in [-1, 1] {
        ln(|t| {
            t.ln += error;
            t.remainder -= error << LN_DROPPED_BITS;
        })
        .stopped_by(&[RANGE]);
    }
    // Half the mantissa has an index below the table's; the chip writes zeros for its row.
    let failures = ln(|t| {
        (t.shift, t.mantissa) = (t.shift - 1, t.mantissa >> 1);
        let power = tables::power(t.shift).expect("a shift");
        t.set_raw(tables::ln_cubic(&[0; 4], t.rest()) - power[0]);
    })
    .failures();
    assert!(failures.contains(TABLE), "{failures:?}");
    // Twice the mantissa has an index above it.
    let failures = ln(|t| (t.shift, t.mantissa) = (t.shift + 1, t.mantissa << 1)).failures();
    assert!(failures.contains(TABLE), "{failures:?}");
}

/// `2^50 ln K + r` has a solution in the field for every r.
#[test]
fn ln_quotient_in_the_field() {
    let mut scene = Scene::sample();
    let trace = &scene.witness.portfolio.options[NEAR].ln;
    let raw = fr((trace.ln << LN_DROPPED_BITS) + trace.remainder);
    let quotient = (raw - fr(5)) * inverse(fr(1 << LN_DROPPED_BITS));
    let cells = rows::option(NEAR);
    scene.forge(cells.ln(), quotient);
    scene.forge(cells.ln_remainder(), fr(5));
    let failures = scene.failures();
    assert!(failures.contains(RANGE), "{failures:?}");
    assert!(
        !failures.iter().any(|f| f.starts_with("q_ln")),
        "{failures:?}"
    );
}
