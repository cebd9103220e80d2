//! Expiries: bounds left out, discounts of the other sign, runs that end elsewhere, choices where there are none.

use super::harness::{COPY, EVERY_RULE, OPTIONS, RANGE, Scene, fr};

/// Places with a scenario that is no skew.
const MOVED: [usize; 2] = [0, 1];

#[test]
fn a_bound_left_out() {
    for place in MOVED {
        let scene = Scene::poor(&EVERY_RULE, place);
        for end in scene.ends() {
            let n = place * OPTIONS + end;
            let mut other = scene.clone();
            let epsilon = scene.value(scene.cell("q_fall", n, (4, -1)));
            other.add(scene.cell("q_fall", n, (2, 0)), epsilon);
            other.stopped_by(&["q_fall: R = (1 - end-) R- + Vs - es"]);
            let mut other = scene.clone();
            other.forge(scene.cell("q_fall", n, (4, -1)), fr(0));
            other.stopped_by(&["q_value: e = G (2^-33 DF + 19 2^-41 DK)"]);
        }
    }
    // Of the unmoved value, and of equity.
    let scene = Scene::poor(&EVERY_RULE, 0);
    for end in scene.ends() {
        let epsilon = scene.value(scene.cell("q_unmoved", end, (1, 0)));
        let mut other = scene.clone();
        other.add(scene.cell("q_unmoved", end, (0, 1)), -epsilon);
        other.stopped_by(&["q_unmoved: P = (1 - end-) P- + V0 + e0"]);
        let mut other = scene.clone();
        other.add(scene.cell("q_counted", end, (2, 0)), epsilon);
        other.stopped_by(&["q_counted: W = kept V0 - e0"]);
    }
}

#[test]
fn a_discount_of_the_other_sign() {
    for place in MOVED {
        let scene = Scene::poor(&EVERY_RULE, place);
        for end in scene.ends() {
            let n = place * OPTIONS + end;
            let [sign, magnitude] = [(3, 0), (4, 0)].map(|at| scene.cell("q_fall", n, at));
            let mut other = scene.clone();
            other.flip(sign);
            other.stopped_by(&["q_fall: R = 2^120 (1 - 2 n)|q| + r"]);
            other.forge(magnitude, -scene.value(magnitude));
            other.stopped_by(&[RANGE]);
            // The discounts themselves.
            let mut other = scene.clone();
            other.forge(scene.cell("q_fall", n, (2, 1)), fr(0));
            other.stopped_by(&[COPY]);
        }
    }
}

#[test]
fn a_run_that_ends_early() {
    let scene = Scene::rich(&EVERY_RULE);
    let ends = scene.ends();
    for i in (0..OPTIONS - 1).filter(|i| !ends.contains(i) && *i > 0) {
        let mut other = scene.clone();
        other.flip(scene.cell("q_next", i, (0, 1)));
        other.stopped_by(&["q_next: t = g' - g - end"]);
        other.forge(scene.cell("q_next", i, (2, 0)), -fr(1));
        other.stopped_by(&[RANGE]);
    }
    // To the prover's advantage: gains are discounted, losses in full.
    let scene = Scene::poor(&EVERY_RULE, 0);
    let gains = (1..OPTIONS - 1).filter(|i| {
        let mut other = scene.clone();
        other.flip(scene.cell("q_next", *i, (0, 1)));
        other
            .failures()
            .into_iter()
            .eq(["q_next: t = g' - g - end"])
    });
    assert!(gains.count() > 0);
}

#[test]
fn a_run_that_goes_on() {
    let scene = Scene::rich(&EVERY_RULE);
    let [first, _] = scene.ends()[..] else {
        panic!("two expiries");
    };
    let mut other = scene.clone();
    let distance = scene.cell("q_next", first, (2, 0));
    other.flip(scene.cell("q_next", first, (0, 1)));
    // The next one's strikes are lower, too.
    let late = "q_next: (1 - end) t = 0";
    other.stopped_by(&["q_next: t = g' - g - end", late, RANGE]);
    other.add(distance, fr(1));
    other.stopped_by(&[late, RANGE]);
    // The last slot, and the one before the first.
    let last = scene.cell("q_unmoved", OPTIONS - 1, (2, 1));
    let mut other = scene.clone();
    other.forge(last, fr(0));
    other.stopped_by(&[COPY]);
    let mut other = scene.clone();
    other.forge(scene.cell("q_fall", 0, (1, 0)), fr(0));
    other.stopped_by(&[COPY]);
}

/// A proof works both ways out: an expiry's choices are those of the other statement.
#[test]
fn choices_of_the_other_statement() {
    for (place, also) in [(0, Some("q_choice: f (1 - skew) = 0")), (39, None)] {
        let scene = Scene::rich(&EVERY_RULE);
        for i in [0, OPTIONS - 1] {
            let mut other = scene.clone();
            other.forge(scene.cell("q_choice", place * OPTIONS + i, (0, 0)), fr(1));
            let names: Vec<&str> = [COPY].into_iter().chain(also).collect();
            other.stopped_by(&names);
        }
    }
    // A basis move that reaches the next scenario's row.
    for (place, also) in [(0, None), (38, Some("q_choice: j skew = 0"))] {
        let mut scene = Scene::rich(&EVERY_RULE);
        let i = OPTIONS - 1;
        let worlds = &mut scene.witness.solvency.worlds;
        worlds[place].options[i] = worlds[place + 1].options[i].clone();
        scene.forge(scene.cell("q_choice", place * OPTIONS + i, (1, 0)), fr(1));
        let names: Vec<&str> = [COPY].into_iter().chain(also).collect();
        scene.stopped_by(&names);
    }
}
