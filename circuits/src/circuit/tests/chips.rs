//! Lies inside one option slot, each consistent with everything that follows from it.

use super::{
    harness::{COPY, RANGE, Scene, TABLE, fr, inverse},
    market::{divide, normal_from, price, reprice, revalue, revalue_under, value},
    rows,
};
use crate::{
    engine::option::{self, LnTrace, MarketTrace},
    slots::OptionSlot,
    tables::{self, D1_MAX},
};

/// Near the money, calls long and puts short.
const NEAR: usize = 2;

/// The unmoved market of slot `NEAR` with a lie in it.
fn base(lie: impl Fn(&mut MarketTrace, &OptionSlot)) -> Scene {
    let mut scene = Scene::sample();
    let slot = scene.witness.slots.options[NEAR].clone();
    lie(&mut scene.witness.portfolio.options[NEAR].base, &slot);
    scene.settle();
    scene
}

#[test]
fn the_honest_witness_is_satisfied() {
    let mut scene = Scene::sample();
    scene.stopped_by(&[]);
    scene.settle();
    scene.stopped_by(&[]);
    // The helpers of these tests agree with the engine.
    base(reprice).stopped_by(&[]);
}

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
        scene.forge_all(&cells.moved_row(), &row.expect("row"));
        if copy {
            scene.forge(cells.scenario(), fr(other as i128));
        }
        revalue_under(&mut scene, NEAR, other);
        scene.settle();
        scene.stopped_by(&[stop]);
    }
}

#[test]
fn d1_one_off() {
    for error in [-1, 1] {
        base(|t, slot| {
            let d1 = if t.negative1 { -t.d1 } else { t.d1 } + error;
            (t.d1, t.negative1) = (d1.abs(), d1 < 0);
            reprice(t, slot);
        })
        .stopped_by(&[RANGE]);
    }
}

#[test]
fn saturation_without_cause() {
    for negative in [false, true] {
        base(|t, slot| {
            (t.d1, t.negative1, t.saturated) = (D1_MAX, negative, true);
            reprice(t, slot);
        })
        .stopped_by(&[RANGE]);
    }
    // The flag without the cap: one of the two checks would be off.
    base(|t, _| {
        t.saturated = true;
        divide(t);
    })
    .stopped_by(&["q_division: sat: z1 = cap"]);
}

#[test]
fn signs_flipped() {
    base(|t, slot| {
        t.negative1 = !t.negative1;
        reprice(t, slot);
    })
    .stopped_by(&[RANGE]);
    // d2 of the honest sign, N(d1) of the other.
    base(|t, slot| {
        let honest = (t.d2, t.remainder, t.complement);
        t.negative1 = !t.negative1;
        price(t, slot);
        (t.d2, t.remainder, t.complement) = honest;
    })
    .stopped_by(&["q_division: d2 = (1 - 2 sign1) t1 - v"]);
    base(|t, slot| {
        let t2 = t.t2;
        t.negative2 = !t.negative2;
        price(t, slot);
        t.t2 = t2;
    })
    .stopped_by(&["q_value: t2 = |d2|, or -8 - d2 below -8"]);
}

#[test]
fn the_strike_leg_dropped_without_cause() {
    base(|t, slot| {
        let t2 = t.t2;
        (t.below, t.negative2) = (true, false);
        price(t, slot);
        t.t2 = t2;
        t.n2 = tables::normal(t2);
        t.p2 = t.n2;
    })
    .stopped_by(&["q_value: t2 = |d2|, or -8 - d2 below -8"]);
    // With the t2 that the gate asks for, negative: neither in range nor in the table.
    let scene = base(|t, slot| {
        (t.below, t.negative2) = (true, false);
        price(t, slot);
    });
    let failures = scene.failures();
    assert!(
        failures.contains(RANGE) && failures.contains(TABLE),
        "{failures:?}"
    );
    assert!(
        !failures.iter().any(|f| f.starts_with("q_value")),
        "{failures:?}"
    );
    base(|t, slot| {
        let t2 = t.t2;
        price(t, slot);
        (t.below, t.negative2) = (true, true);
        value(t, slot);
        t.p2 = (1 << tables::N_BITS) - t.n2;
        t.t2 = t2;
    })
    .stopped_by(&[
        "q_value: s2 and sign2 exclude each other",
        "q_value: t2 = |d2|, or -8 - d2 below -8",
    ]);
}

#[test]
fn the_neighbour_of_the_normal_row() {
    for (cheat_index, stop) in [(true, COPY), (false, TABLE)] {
        let mut scene = base(|_, _| ());
        let slot = scene.witness.slots.options[NEAR].clone();
        let trace = &mut scene.witness.portfolio.options[NEAR].base;
        let magnitude = trace.d1 << 20;
        let own = magnitude >> 30;
        let row = tables::NORMAL[own as usize + 1];
        let index = if cheat_index { own + 1 } else { own };
        // The cubic is taken at the offset from the claimed index.
        let (low, high) = (magnitude - (index << 30), (magnitude >> 20) - (index << 10));
        trace.n1 = tables::normal_cubic(&row, low, high);
        trace.p1 = if trace.negative1 {
            (1 << tables::N_BITS) - trace.n1
        } else {
            trace.n1
        };
        if !cheat_index {
            let honest = normal_from(&row, magnitude, trace.negative1);
            assert_eq!((trace.n1, trace.p1), honest);
        }
        value(trace, &slot);
        scene.forge_all(
            &rows::option(NEAR).normal1(),
            &[index, row[0], row[1], row[2], row[3]],
        );
        scene.settle();
        scene.stopped_by(&[stop]);
    }
}

#[test]
fn value_or_epsilon_altered() {
    for error in [-1, 1] {
        base(|t, _| t.value += error).stopped_by(&["q_value: V = calls U + puts (U - DF + DK)"]);
    }
    base(|t, _| t.epsilon *= 0).stopped_by(&["q_value: e = 2^-32 G (DF + DK)"]);
    base(|t, _| t.n1 += 1).stopped_by(&[
        "q_normal: N(|d|) = cubic",
        "q_normal: N(d) = N(|d|) + sign (1 - 2 N(|d|))",
    ]);
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
            t.remainder -= error << 30;
        })
        .stopped_by(&[RANGE]);
    }
    // Half the mantissa has an index below the table's.
    ln(|t| {
        (t.shift, t.mantissa) = (t.shift - 1, t.mantissa >> 1);
        let (row, power) = (tables::LN[0], tables::POWER[t.shift as usize]);
        let rest = (t.mantissa >> 20) - ((t.mantissa >> 40) << 20);
        let raw = tables::ln_quadratic(&row, rest) - power[1];
        (t.ln, t.remainder) = (raw >> 30, raw & ((1 << 30) - 1));
    })
    .stopped_by(&[TABLE]);
    // Twice the mantissa is out of range, and its index out of the table.
    let failures = ln(|t| (t.shift, t.mantissa) = (t.shift + 1, t.mantissa << 1)).failures();
    assert!(
        failures.contains(RANGE) && failures.contains(TABLE),
        "{failures:?}"
    );
}

/// `2^30 ln K + r` has a solution in the field for every r.
#[test]
fn ln_quotient_in_the_field() {
    let mut scene = Scene::sample();
    let trace = &scene.witness.portfolio.options[NEAR].ln;
    let raw = fr((trace.ln << 30) + trace.remainder);
    let quotient = (raw - fr(5)) * inverse(fr(1 << 30));
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

/// d2 = -8 has no row at |d2|; it counts as below, and has a proof.
#[test]
fn d2_of_exactly_minus_eight() {
    let honest = Scene::sample();
    let trace = &honest.witness.portfolio.options[NEAR];
    let mut table = honest.table.clone();
    let group = &mut table.options[trace.group];
    // sigma sqrt(t) = 1 and ln(F/K) = -7.5, so that d1 = -7.
    for interval in &mut group.smile {
        (interval.variance, interval.slope) = (1 << 72, 0);
    }
    group.base.ln_forward = trace.ln.ln - (15 << 51);
    let mut slots = honest.witness.slots.clone();
    slots.cash = -(1 << 50);
    let scene = Scene::new(slots, &table, &table, 0);
    let market = &scene.witness.portfolio.options[NEAR].base;
    assert_eq!((market.d2, market.below, market.t2), (-(8 << 36), true, 0));
    scene.stopped_by(&[]);
}
