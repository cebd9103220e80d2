//! The worse of two: of a fall and a rise in a skew, of two basis moves.

use super::harness::{BASIS, COPY, EVERY_RULE, OPTIONS, RANGE, Scene, fr};
use crate::engine::solvency::PLAIN;

const SKEW: [usize; 2] = [38, 39];

#[test]
fn the_better_of_fall_and_rise() {
    for place in SKEW {
        let scene = Scene::poor(&EVERY_RULE, place);
        for end in scene.ends() {
            let n = (place - PLAIN) * OPTIONS + end;
            let mut other = scene.clone();
            other.flip(scene.cell("q_worse", n, (3, 0)));
            other.stopped_by(&[RANGE]);
            other.forge(scene.cell("q_worse", n, (2, 1)), fr(0));
            other.stopped_by(&["q_worse: t = k (1 - 2 c)(X - Y)"]);
        }
    }
}

#[test]
fn a_skew_that_is_none() {
    for place in SKEW {
        // A fall is one, skew or not.
        let scene = Scene::reversed(&EVERY_RULE, place);
        let mut other = scene.clone();
        other.forge(scene.cell("q_skew", place, (1, 0)), fr(0));
        other.stopped_by(&["q_skew: k = class (2 - class)"]);
        let mut other = scene.clone();
        for i in 0..OPTIONS {
            let n = (place - PLAIN) * OPTIONS + i;
            other.forge(scene.cell("q_worse", n, (4, 0)), fr(0));
        }
        other.stopped_by(&[COPY]);
    }
}

#[test]
fn a_skews_bound_left_out() {
    let mut rising = 0;
    for (place, scene) in SKEW.into_iter().flat_map(|place| {
        let scenes = [Scene::poor, Scene::reversed].map(|scene| scene(&EVERY_RULE, place));
        scenes.map(|scene| (place, scene))
    }) {
        for end in scene.ends() {
            let n = (place - PLAIN) * OPTIONS + end;
            let epsilon = scene.value(scene.cell("q_skew_sums", n, (4, -1)));
            let rises = scene.value(scene.cell("q_worse", n, (3, 0))) == fr(1);
            rising += usize::from(rises);
            let mut other = scene.clone();
            if rises {
                other.add(scene.cell("q_skew_sums", n, (4, 0)), -epsilon);
                other.stopped_by(&["q_skew_sums: S = (1 - end-) S- + Vs + (1 + i) es"]);
                let mut other = scene.clone();
                let unmoved = scene.value(scene.cell("q_unmoved", end, (1, 0)));
                other.add(scene.cell("q_unmoved", end, (1, 1)), unmoved);
                other.stopped_by(&["q_unmoved: M = (1 - end-) M- + V0 - e0"]);
            } else {
                other.add(scene.cell("q_skew_sums", n, (0, 1)), epsilon);
                other.stopped_by(&["q_skew_sums: R = (1 - end-) R- + Vs - (1 + i) es"]);
            }
            // What a skew adds to a bound.
            let mut other = scene.clone();
            other.add(
                scene.cell("q_choice", place * OPTIONS + end, (4, 0)),
                -fr(1),
            );
            other.stopped_by(&["q_choice: i' = i skew"]);
            let mut other = scene.clone();
            other.add(scene.cell("q_skew_sums", n, (3, 0)), -fr(1));
            other.stopped_by(&[COPY]);
        }
    }
    assert!((1..8).contains(&rising));
}

#[test]
fn a_skews_discount_of_the_other_sign() {
    let scene = Scene::rich(&EVERY_RULE);
    for place in SKEW {
        for end in scene.ends() {
            let n = (place - PLAIN) * OPTIONS + end;
            for (gate, sign, magnitude, stop) in [
                ("q_skew_low", (1, 0), (2, 0), "R = 2^120 (1 - 2 n) q + r"),
                ("q_skew_high", (3, 0), (4, 0), "S + s = 2^120 (1 - 2 m) p"),
            ] {
                let [sign, magnitude] = [sign, magnitude].map(|at| scene.cell(gate, n, at));
                let mut other = scene.clone();
                other.flip(sign);
                other.stopped_by(&[&format!("{gate}: {stop}")]);
                other.forge(magnitude, -scene.value(magnitude));
                other.stopped_by(&[RANGE]);
            }
        }
    }
}

#[test]
fn the_better_basis_move_or_none() {
    let scene = Scene::poor(&EVERY_RULE, BASIS);
    for end in scene.ends() {
        let choice = scene.cell("q_basis_loss", end, (2, 0));
        let moves = [0, 1].map(|j| scene.value(scene.cell("q_basis_loss", end, (j, 0))));
        assert_ne!(moves[0], moves[1]);
        let mut other = scene.clone();
        other.flip(choice);
        other.stopped_by(&[RANGE]);
        other.forge(scene.cell("q_basis_loss", end, (3, 0)), fr(0));
        other.stopped_by(&["q_basis_loss: t = (1 - 2 c)(g - g')"]);
        // No loss by the worse.
        let n = 2 * end + usize::from(scene.value(choice) == fr(1));
        let [sign, magnitude] = [(3, 0), (4, 0)].map(|at| scene.cell("q_basis", n, at));
        let mut other = scene.clone();
        other.forge(scene.cell("q_basis", n, (2, 1)), fr(0));
        other.stopped_by(&["q_basis: g = n |q|"]);
        let mut other = scene.clone();
        other.flip(sign);
        other.stopped_by(&["q_basis: R - P = 2^120 (1 - 2 n)|q| + r"]);
        other.forge(magnitude, -scene.value(magnitude));
        other.stopped_by(&[RANGE]);
        let mut other = scene.clone();
        other.forge(scene.cell("q_basis_loss", end, (4, 0)), fr(0));
        other.stopped_by(&[COPY]);
        let mut other = scene.clone();
        let epsilon = scene.value(scene.cell("q_basis", n, (4, -1)));
        other.add(scene.cell("q_basis", n, (2, 0)), epsilon);
        other.stopped_by(&["q_basis: R = (1 - end-) R- + Vs - es"]);
    }
    // The same move twice.
    for (worse, column, name) in [(0, 1, "w = alive s"), (1, 2, "w' = alive s'")] {
        let mut scene = Scene::rich(&EVERY_RULE);
        let [up, down] = &mut scene.witness.solvency.moves;
        if worse == 0 {
            up.clone_from(down);
        } else {
            down.clone_from(up);
        }
        let number = scene.witness.solvency.branches.moves[1 - worse];
        scene.stopped_by(&["q_choice: id = 1024 g + w + j"]);
        for i in 0..OPTIONS {
            let cell = scene.cell("q_branch_numbers", i * 11 + 10, (column, 1));
            // Padding's stays.
            if scene.value(cell) != fr(0) {
                scene.forge(cell, fr(number as i128));
            }
        }
        scene.stopped_by(&[&format!("q_branch_numbers: {name}")]);
    }
}
