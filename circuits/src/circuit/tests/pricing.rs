//! Lies about one option's price, each consistent with everything that follows from it.

use super::{
    harness::{COPY, RANGE, Scene, TABLE},
    market::{NEAR, divide, normal_from, price, reprice, value},
    rows,
};
use crate::{
    engine::option::{D2_END, MarketTrace},
    slots::OptionSlot,
    tables::{self, D1_MAX, LN_BITS},
};

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
    .stopped_by(&["q_value: t2 = |d2|, or -7 - d2 below -7"]);
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
    .stopped_by(&["q_value: t2 = |d2|, or -7 - d2 below -7"]);
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
        "q_value: t2 = |d2|, or -7 - d2 below -7",
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
    base(|t, _| t.epsilon *= 0).stopped_by(&["q_value: e = G (2^-33 DF + 19 2^-41 DK)"]);
    base(|t, _| t.n1 += 1).stopped_by(&[
        "q_normal: N(|d|) = cubic",
        "q_normal: N(d) = N(|d|) + sign (1 - 2 N(|d|))",
    ]);
}

/// Slot `NEAR` at sigma sqrt(t) = 1 and another ln(F/K), units 2^-54.
fn at_moneyness(moneyness: i128) -> Scene {
    let honest = Scene::sample();
    let trace = &honest.witness.portfolio.options[NEAR];
    let mut table = honest.table.clone();
    let group = &mut table.options[trace.group];
    for interval in &mut group.smile {
        (interval.variance, interval.slope) = (1 << 74, 0);
    }
    group.base.ln_forward = trace.ln.ln + moneyness;
    let mut slots = honest.witness.slots.clone();
    slots.cash = -(1 << 50);
    Scene::new(slots, &table, &table, 0)
}

/// d2 = -7 has no row at |d2|; it counts as below, and has a proof.
#[test]
fn d2_of_exactly_minus_seven() {
    // ln(F/K) = -6.5 and v = 1, so that d1 = -6.
    let scene = at_moneyness(-(13 << (LN_BITS - 1)));
    let market = &scene.witness.portfolio.options[NEAR].base;
    assert_eq!((market.d2, market.below, market.t2), (-D2_END, true, 0));
    scene.stopped_by(&[]);
}

/// The sign of zero is free, and harmless: N(0) is exactly one half.
#[test]
fn a_negative_zero_changes_nothing() {
    for (moneyness, first) in [(-(1 << (LN_BITS - 1)), true), (1 << (LN_BITS - 1), false)] {
        let honest = at_moneyness(moneyness);
        let mut scene = honest.clone();
        let slot = scene.witness.slots.options[NEAR].clone();
        let t = &mut scene.witness.portfolio.options[NEAR].base;
        if first {
            assert_eq!(t.d1, 0);
            t.negative1 = !t.negative1;
        } else {
            assert_eq!(t.d2, 0);
            t.negative2 = !t.negative2;
        }
        price(t, &slot);
        scene.settle();
        scene.stopped_by(&[]);
        assert_eq!(scene.instance, honest.instance);
    }
}
