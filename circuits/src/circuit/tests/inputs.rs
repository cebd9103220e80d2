//! Lies about an option's inputs: volatility, smile, scenario, ln K. Each is consistent with
//! everything that follows from it.

use super::{
    harness::{COPY, RANGE, Scene, TABLE, fr, inverse, preset, sample, small},
    market::{NEAR, revalue, revalue_under},
    rows,
};
use crate::{
    engine::{
        moved,
        option::{self, LN_DROPPED_BITS, LnTrace},
    },
    model::{Account, Expiry, Snapshot},
    public::{PublicTable, SKEW_OFFSET_BITS, ScenarioClass, ScenarioRow, SkewInterval},
    shape::Shape,
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

/// The sample account in debt under a scenario of Derive's policy; a market without the expiries that it does not hold.
fn under(scenario: impl Fn(&ScenarioRow) -> bool) -> Scene {
    let (mut snapshot, account): (Snapshot, Account) =
        (sample("snapshot.json"), sample("account-small.json"));
    let held = |e: &Expiry| {
        account
            .options
            .iter()
            .any(|o| (o.asset, o.expiry) == (e.asset, e.expiry))
    };
    snapshot.expiries.retain(held);
    let table = PublicTable::new(&snapshot, &preset("derive-pmrm2")).expect("table");
    let mut slots = small(&account);
    slots.cash = -(1 << 50);
    let mut scenes = (0..table.scenarios.len())
        .filter(|number| scenario(&table.scenarios[*number]))
        .filter_map(|number| Scene::of(slots.clone(), &table, &table, number));
    scenes.next().expect("under-margined")
}

/// Slot `NEAR` priced at its moved volatility plus `error`.
fn at_volatility(scene: &mut Scene, error: i128) {
    let slot = scene.witness.slots.options[NEAR].clone();
    let trace = &mut scene.witness.portfolio.options[NEAR];
    let v = trace.moved.market.v + error;
    let forward = &scene.table.options[trace.group].scenarios[trace.moved.scenario].forward;
    let market = option::market(forward, slot.strike, trace.ln.ln, v, slot.calls, slot.puts);
    trace.moved.market = market;
}

#[test]
fn moved_volatility_one_off() {
    for error in [-1, 1] {
        let mut scene = Scene::sample();
        at_volatility(&mut scene, error);
        let moved = &mut scene.witness.portfolio.options[NEAR].moved;
        moved.product += error;
        moved.gap += error;
        moved.remainder -= error << SKEW_OFFSET_BITS;
        scene.settle();
        scene.stopped_by(&[RANGE]);
        // The same without the product.
        let mut scene = Scene::sample();
        at_volatility(&mut scene, error);
        scene.settle();
        scene.stopped_by(&["q_floored: vs = x + beta (m - x)"]);
    }
}

/// The least moved volatility: where it is not the greater, and where the scenario has none.
#[test]
fn the_least_volatility_without_cause() {
    let floored = |row: &ScenarioRow| row.class == ScenarioClass::Floored;
    let plain = |row: &ScenarioRow| row.class == ScenarioClass::Plain && row.factor > 0;
    let scenes = [under(floored), under(plain)];
    for (mut scene, own) in scenes.into_iter().zip([true, false]) {
        scene.stopped_by(&[]);
        let trace = &mut scene.witness.portfolio.options[NEAR];
        assert!(!trace.moved.raised);
        let least = scene.table.options[trace.group].run.least_v;
        let least = if own { least } else { 0 };
        let error = least - trace.moved.product;
        assert!(error < 0);
        trace.moved.raised = true;
        trace.moved.gap = error;
        at_volatility(&mut scene, error);
        scene.settle();
        scene.stopped_by(&[RANGE]);
    }
    // Kept off where it is the greater.
    let mut scene = under(floored);
    let group = scene.witness.portfolio.options[NEAR].group;
    let mut table = scene.table.clone();
    table.options[group].run.least_v = 7 << 37;
    let (slots, scenario) = (
        scene.witness.slots.clone(),
        scene.witness.portfolio.scenario,
    );
    scene = Scene::new(slots, &table, &table, scenario);
    scene.stopped_by(&[]);
    let moved = &mut scene.witness.portfolio.options[NEAR].moved;
    assert!(moved.raised);
    (moved.raised, moved.gap) = (false, -moved.gap);
    let error = moved.gap;
    at_volatility(&mut scene, error);
    scene.settle();
    scene.stopped_by(&[RANGE]);
}

/// Another interval of a skew's multiplier.
#[test]
fn the_neighbour_interval_of_a_skew() {
    let mut tried = 0;
    for neighbour in [-1isize, 1] {
        let mut scene = under(|row| row.class == ScenarioClass::Skew);
        let slot = scene.witness.slots.options[NEAR].clone();
        let trace = &mut scene.witness.portfolio.options[NEAR];
        let (g, s) = (trace.group, trace.moved.scenario);
        let mut group = scene.table.options[g].clone();
        let intervals = &group.scenarios[s].intervals;
        let holds = |i: &SkewInterval| (i.low..i.high).contains(&slot.strike);
        let at = intervals.iter().position(holds).expect("covered");
        let other = at.checked_add_signed(neighbour);
        let Some(other) = other.and_then(|at| intervals.get(at)).cloned() else {
            continue;
        };
        tried += 1;
        let row = group.scenario_row(g, s, other.low).expect("row");
        // As if it reached as far as the strike, so that the engine takes it.
        group.scenarios[s].intervals = vec![SkewInterval {
            low: 0,
            high: 1 << 50,
            ..other
        }];
        let (branch, sizes) = (scene.table.scenarios[s], [slot.calls, slot.puts]);
        let (v, ln) = (trace.smile.v, trace.ln.ln);
        let moved = moved::moved(&group, (s, branch), slot.strike, ln, v, sizes);
        trace.moved = moved.expect("covered");
        trace.moved.above_low = slot.strike - other.low;
        trace.moved.below_high = other.high - 1 - slot.strike;
        scene.forge_all(&rows::option(NEAR).moved_row(), &row);
        scene.settle();
        scene.stopped_by(&[RANGE]);
    }
    assert!(tried > 0, "a skew has pieces");
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
        scene.stopped_by(&[stop]);
    }
}

/// Another scenario's row for one slot, with another copy of the scenario's number, or another number of the slot's own.
/// Its neighbours of the same expiry have the true one: the run would go back, or go on where ids differ.
#[test]
fn another_scenario_for_one_slot() {
    let [row_id, number] = ["q_choice: id = 1024 g + w + j", "q_number: w = alive s"];
    for (lies, stop) in [(None, row_id), (Some(0), COPY), (Some(1), number)] {
        let mut scene = Scene::sample();
        let other = scene.witness.portfolio.scenario - 1;
        let group = scene.witness.portfolio.options[NEAR].group;
        let strike = scene.witness.slots.options[NEAR].strike;
        let row = scene.table.options[group].scenario_row(group, other, strike);
        let own = rows::option(NEAR);
        scene.forge_all(&own.moved_row(), &row.expect("row"));
        if let Some(cell) = lies {
            scene.forge(own.scenario()[cell], fr(other as i128));
        }
        revalue_under(&mut scene, NEAR, other);
        scene.settle();
        scene.stopped_by(&[stop, RANGE]);
        // The ids of the slot and of the one before, or behind.
        for (slot, apart) in [(NEAR, -1), (NEAR + 1, 1)] {
            let end = rows::Rows::of(Shape::Small).run_end(slot);
            scene.forge((2, end), fr(apart));
            scene.forge((0, end + 1), fr(0));
        }
        scene.settle();
        scene.stopped_by(&[stop, "q_run_end: (1 - end) t = 0", RANGE]);
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
