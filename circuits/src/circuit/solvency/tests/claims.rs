//! Underlyings: sums that are not the positions', lists that are not theirs, signs, factors.

use num_bigint::BigInt;
use num_traits::Signed;

use super::harness::{BASIS, COPY, DELTA, EVERY_RULE, RANGE, Scene, TABLE, UNDERLYINGS, fr, power};
use crate::circuit::solvency::assembly::{BASIS_LOSS, FIRST, LINEAR, SUMS, UNMOVED};

/// The claimed sum of an underlying.
fn sum(scene: &Scene, underlying: usize, number: usize) -> zkmargin_tamper::Cell {
    let place = (number % 5, 1 + (number / 5) as isize);
    scene.cell("q_listed", underlying, place)
}

/// Its gross delta.
fn gross(scene: &Scene, underlying: usize) -> zkmargin_tamper::Cell {
    scene.cell("q_listed", underlying, (3, -5))
}

/// The listed one that loses most under a branch.
fn loser(scene: &Scene, branch: usize) -> usize {
    let net = |u: &usize| -> BigInt {
        let n = branch * UNDERLYINGS + u;
        let sign = scene.int(scene.cell("q_weighed", n, (1, 0)));
        let magnitude = scene.int(scene.cell("q_weighed", n, (0, 0)));
        (BigInt::from(1) - sign * 2) * magnitude
    };
    let loser = (0..UNDERLYINGS).max_by_key(net).expect("underlyings");
    assert!(net(&loser).is_positive());
    loser
}

#[test]
fn a_sum_that_is_less() {
    for (branch, number) in [
        (0, FIRST),
        (0, UNMOVED),
        (1, FIRST + 1),
        (39, FIRST + 39),
        (BASIS, BASIS_LOSS),
    ] {
        let scene = Scene::poor(&EVERY_RULE, branch);
        let mut other = scene.clone();
        let u = loser(&scene, branch);
        other.add(sum(&scene, u, number), -power(190));
        other.stopped_by(&[COPY]);
        // By one.
        let mut other = Scene::rich(&EVERY_RULE);
        other.add(sum(&scene, u, number), -fr(1));
        other.stopped_by(&[COPY]);
    }
    let scene = Scene::poor(&EVERY_RULE, DELTA);
    let u = loser(&scene, DELTA);
    for cell in [gross(&scene, u), scene.cell("q_cut_above", u, (0, 1))] {
        let mut other = scene.clone();
        other.forge(cell, fr(0));
        other.stopped_by(&[COPY]);
    }
    let rich = Scene::rich(&EVERY_RULE);
    for column in 0..3 {
        let mut other = rich.clone();
        other.add(rich.cell("q_cut_above", u, (column, 1)), -fr(1));
        other.stopped_by(&[COPY]);
    }
    let mut other = rich.clone();
    other.add(sum(&rich, u, LINEAR), fr(1 << 10));
    other.stopped_by(&[COPY]);
}

#[test]
fn a_loss_of_another_underlying() {
    let scene = Scene::rich(&EVERY_RULE);
    for number in [UNMOVED, LINEAR, FIRST, FIRST + 39, BASIS_LOSS] {
        let mut other = scene.clone();
        let [from, to] = [2, 3].map(|u| sum(&scene, u, number));
        other.forge(from, fr(0));
        other.add(to, scene.value(from));
        other.stopped_by(&[COPY]);
    }
    // Under another branch.
    let mut other = scene.clone();
    let [from, to] = [FIRST, FIRST + 2].map(|number| sum(&scene, 3, number));
    other.forge(from, fr(0));
    other.add(to, scene.value(from));
    other.stopped_by(&[COPY]);
}

#[test]
fn an_underlying_left_out() {
    for branch in [0, 39, DELTA, BASIS] {
        let mut scene = Scene::poor(&EVERY_RULE, branch);
        let u = loser(&scene, branch);
        let listed = &mut scene.witness.solvency.base.underlyings;
        let first = listed[0].clone();
        listed.remove(u);
        listed.insert(0, first);
        scene.stopped_by(&[COPY]);
    }
}

#[test]
fn an_underlying_twice_or_out_of_order() {
    let mut scene = Scene::rich(&EVERY_RULE);
    scene.witness.solvency.base.underlyings.swap(2, 3);
    scene.stopped_by(&[RANGE]);
    let mut scene = Scene::rich(&EVERY_RULE);
    let listed = &mut scene.witness.solvency.base.underlyings;
    listed[1] = listed[2].clone();
    // Each of the two claims all that is there, or one does.
    scene.stopped_by(&[COPY, RANGE]);
    let numbers = (0..SUMS).map(|number| sum(&scene, 1, number));
    let exposures = (0..3).map(|column| scene.cell("q_cut_above", 1, (column, 1)));
    let cells: Vec<_> = numbers.chain(exposures).chain([gross(&scene, 1)]).collect();
    for cell in cells {
        scene.forge(cell, fr(0));
    }
    scene.stopped_by(&[RANGE]);
}

#[test]
fn a_loss_weighed_as_a_gain() {
    for branch in [0, 39, DELTA, BASIS] {
        let scene = Scene::poor(&EVERY_RULE, branch);
        let n = branch * UNDERLYINGS + loser(&scene, branch);
        let [sign, magnitude] = [(1, 0), (0, 0)].map(|at| scene.cell("q_weighed", n, at));
        let mut other = scene.clone();
        other.flip(sign);
        other.stopped_by(&["q_weighed: (1 - 2 z)|net| = 2^10 l + rate (t_d + 1)"]);
        other.forge(magnitude, -scene.value(magnitude));
        other.stopped_by(&[RANGE]);
        // Not at all.
        let mut other = scene.clone();
        other.forge(scene.cell("q_weighed", n, (4, 0)), fr(0));
        other.stopped_by(&["q_weighed: core' = core + |net| (factor - z (factor + 1e8))"]);
        // Rounded down, and with less of the unmoved value.
        for (cell, stop) in [
            ((0, 1), "q_branch_loss: x = 2^120 l - r"),
            ((4, 0), "q_branch_loss: x = P + X - 2^-10 move A"),
        ] {
            let mut other = scene.clone();
            let more = if cell == (4, 0) {
                power(190)
            } else {
                power(70)
            };
            other.add(scene.cell("q_branch_loss", n, cell), -more);
            other.stopped_by(&[stop]);
        }
    }
}

#[test]
fn another_assets_factor() {
    for branch in [0, 39, DELTA, BASIS] {
        let scene = Scene::poor(&EVERY_RULE, branch);
        let u = loser(&scene, branch);
        let n = branch * UNDERLYINGS + u;
        let unit = fr(100_000_000);
        let rises = scene.value(scene.cell("q_weighed", n, (2, 0))) != unit;
        assert!(rises);
        for value in [unit, fr(0)] {
            let mut other = scene.clone();
            other.forge(scene.cell("q_weighed", n, (2, 0)), value);
            other.stopped_by(&[COPY]);
            let mut other = scene.clone();
            other.forge(scene.cell("q_listed", u, (1, -1)), value);
            other.stopped_by(&[TABLE]);
        }
    }
}

#[test]
fn magnitudes_of_exposures() {
    let q = "q_magnitudes";
    let scene = Scene::poor(&EVERY_RULE, DELTA);
    let u = loser(&scene, DELTA);
    let delta = scene.cell(q, u, (2, -1));
    let mut other = scene.clone();
    other.forge(delta, fr(0));
    other.stopped_by(&["q_magnitudes: t_d = (1 - 2 z) q - z"]);
    let mut other = Scene::rich(&EVERY_RULE);
    other.add(delta, -fr(1));
    other.stopped_by(&["q_magnitudes: t_d = (1 - 2 z) q - z"]);
    let mut other = scene.clone();
    other.flip(scene.cell(q, u, (1, -1)));
    other.stopped_by(&[RANGE]);
    // Gamma and vega, which are charged under every branch.
    let (scene, mut charged) = (Scene::short(&EVERY_RULE), 0);
    for u in [2, 3] {
        for (name, sign, left) in [("t_g", (4, -1), (0, 0)), ("t_v", (2, 0), (3, 0))] {
            let [sign, left] = [sign, left].map(|at| scene.cell(q, u, at));
            let stop = format!("q_magnitudes: {name} = (1 - 2 z) q - z");
            // A long gamma is not charged.
            if name == "t_v" || scene.value(sign) == fr(1) {
                charged += 1;
                let mut other = scene.clone();
                other.forge(left, fr(0));
                other.stopped_by(&[&stop]);
            }
            let mut other = scene.clone();
            other.flip(sign);
            other.stopped_by(&[RANGE]);
        }
        let mut other = scene.clone();
        let [before, after] = [(4, 0), (2, 1)].map(|at| scene.cell(q, u, at));
        other.forge(after, scene.value(before));
        let stop = "q_magnitudes: C' = C + 2^8 (gamma rate z_g (t_g + 1) + vega rate (t_v + 1))";
        other.stopped_by(&[stop]);
    }
    assert!(charged > 2);
}
