//! Charges, funding, swaps, what counts towards equity.

use super::harness::{EVERY_RULE, OPTIONS, RANGE, STANDARD, Scene, fr, power};
use crate::{engine::solvency::SCENARIOS, field};

#[test]
fn a_short_that_is_not_charged() {
    let scene = Scene::short(&EVERY_RULE);
    let mut charged = 0;
    for i in 0..OPTIONS {
        let [short, net] = [(1, 0), (3, 0)].map(|at| scene.cell("q_counted", i, at));
        if scene.value(short) != fr(1) {
            continue;
        }
        charged += 1;
        let mut other = scene.clone();
        other.flip(short);
        other.stopped_by(&[RANGE]);
        other.forge(net, scene.value(net) - fr(2));
        other.stopped_by(&["q_counted: N = (1 - 2 nu)(calls + puts)"]);
        let mut other = scene.clone();
        other.forge(scene.cell("q_charged", i, (4, 1)), fr(0));
        other.stopped_by(&[
            "q_charged: H = side (G - calls - puts)/2 + strike (N - calls - puts)/2 + above G",
        ]);
    }
    assert!(charged > 0);
}

/// Long options do not count: a gain stays out, a debt stays in.
#[test]
fn what_counts_towards_equity() {
    let scene = Scene::short(&STANDARD);
    let (mut gains, mut debts) = (0, 0);
    for i in 0..OPTIONS {
        let [kept, left] = [(0, 0), (4, 0)].map(|at| scene.cell("q_counted", i, at));
        let value = scene.int(scene.cell("q_counted", i, (3, -1)));
        if value == 0.into() {
            continue;
        }
        *(if value > 0.into() {
            &mut gains
        } else {
            &mut debts
        }) += 1;
        let mut other = scene.clone();
        other.flip(kept);
        other.stopped_by(&[RANGE]);
        other.forge(left, fr(0));
        other.stopped_by(&["q_counted: t = excluded (1 - 2 kept) V0"]);
    }
    // Where they count, all do.
    let scene = Scene::short(&EVERY_RULE);
    for i in 0..OPTIONS {
        let value = scene.int(scene.cell("q_counted", i, (3, -1)));
        if value < 0.into() {
            let mut other = scene.clone();
            other.flip(scene.cell("q_counted", i, (0, 0)));
            other.stopped_by(&["q_counted: (1 - excluded)(1 - kept) = 0"]);
        }
    }
    assert!(gains > 0 && debts > 0);
}

#[test]
fn funding_that_is_not_counted() {
    let scene = Scene::short(&EVERY_RULE);
    let q = "q_funding_above";
    let mut other = scene.clone();
    other.flip(scene.cell(q, 0, (1, 0)));
    other.stopped_by(&[RANGE]);
    other.forge(scene.cell(q, 0, (2, 0)), fr(0));
    other.stopped_by(&["q_funding_above: t = (1 - 2 z) F"]);
    let mut other = scene.clone();
    other.forge(
        scene.cell(q, 0, (4, 0)),
        scene.value(scene.cell(q, 0, (3, 0))),
    );
    other.stopped_by(&["q_funding_above: C' = C + (1 - z) F"]);
}

#[test]
fn a_swap_that_loses_less() {
    for place in [0, 1] {
        let scene = Scene::poor(&EVERY_RULE, place);
        for swap in 0..2 {
            let n = swap * (SCENARIOS + 1) + 1 + place;
            let out = scene.cell("q_swap_move", n, (1, 1));
            let mut other = scene.clone();
            other.add(out, -power(190));
            other.stopped_by(&["q_swap_move: out = 2^112 (x' - 2^129)"]);
            let lost = field::from_int(&(scene.int(scene.cell("q_swap_move", n, (0, 1))) - 1));
            let mut other = Scene::rich(&EVERY_RULE);
            other.forge(scene.cell("q_swap_move", n, (0, 1)), lost);
            other.add(out, -power(112));
            other.stopped_by(&["q_swap_move: x' = 2^129 + (1 - 2 sign)|s| signed + (held + 2)|s|"]);
        }
    }
    // Its charge, of the delta branch's row.
    let scene = Scene::short(&EVERY_RULE);
    for swap in 0..2 {
        let mut other = scene.clone();
        let cell = scene.cell("q_swap_move", swap * (SCENARIOS + 1), (2, 1));
        other.add(cell, -power(60));
        other.stopped_by(&["q_swap_move: H = |s| above"]);
    }
}

#[test]
fn a_perpetual_option_that_loses_less() {
    for place in [0, 1] {
        let scene = Scene::poor(&EVERY_RULE, place);
        for i in 0..2 {
            let mut other = scene.clone();
            other.add(
                scene.cell("q_moved", i * SCENARIOS + place, (0, 0)),
                -power(190),
            );
            other.stopped_by(&["q_moved: out = es - Vs"]);
            let mut other = scene.clone();
            other.add(scene.cell("q_whole", i, (2, 0)), -power(190));
            other.stopped_by(&["q_whole: out = V0 + e0"]);
        }
    }
}

#[test]
fn equity_that_is_more() {
    let scene = Scene::short(&EVERY_RULE);
    for (cell, stop) in [
        ((1, 0), "q_equity_below: O = 2^120 (q' - 2^129) + r"),
        (
            (4, 0),
            "q_equity_below: E = 1e4 2^10 (E1 + 1e20 (q' - 2^129))",
        ),
    ] {
        let mut other = scene.clone();
        let more = if cell == (1, 0) {
            power(80)
        } else {
            power(200)
        };
        other.add(scene.cell("q_equity_below", 0, cell), more);
        other.stopped_by(&[stop]);
    }
}
