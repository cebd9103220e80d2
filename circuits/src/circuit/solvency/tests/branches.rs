//! Branches left out, or priced in another's market.

use num_bigint::BigInt;
use zkmargin_tamper::Cell;

use super::harness::{BASIS, COPY, DELTA, EVERY_RULE, OPTIONS, Scene, fr, power};
use crate::{
    circuit::solvency::header::{BASIS as BASIS_ROW, DELTA as DELTA_ROW, FIRST_SCENARIO},
    engine::solvency::SCENARIOS,
};

const INSTANCE: &str = "q_instance: a0 = header";
const ID: &str = "q_choice: id = 1024 g + w + j";

/// The prover reads a scenario's place as if the policy had another there.
fn reads(place: usize, number: usize) -> Scene {
    let mut scene = Scene::poor(&EVERY_RULE, place);
    let solvency = &mut scene.witness.solvency;
    let mut scenarios = solvency.branches.scenarios.iter();
    let other = scenarios.position(|n| *n == number).expect("a place");
    solvency.branches.scenarios[place] = number;
    solvency.worlds[place] = solvency.worlds[other].clone();
    scene
}

#[test]
fn a_scenario_left_out() {
    assert!(Scene::poor(&EVERY_RULE, 0).is_the_verifiers());
    // For the unmoved market, and for another scenario again.
    for (place, number) in [(0, 0), (1, 0), (0, 2), (39, 0), (38, 4)] {
        let mut scene = reads(place, number);
        scene.stopped_by(&[COPY]);
        scene.forge(Cell::advice(0, FIRST_SCENARIO + place), fr(number as i128));
        scene.stopped_by(&[INSTANCE]);
        // The numbers are the verifier's, not the prover's.
        scene.publish(FIRST_SCENARIO + place, fr(number as i128));
        scene.stopped_by(&[]);
        assert!(!scene.is_the_verifiers());
    }
}

#[test]
fn a_delta_charge_or_basis_loss_left_out() {
    for (branch, row) in [(DELTA, DELTA_ROW), (BASIS, BASIS_ROW)] {
        let mut scene = Scene::poor(&EVERY_RULE, branch);
        let solvency = &mut scene.witness.solvency;
        if branch == DELTA {
            solvency.branches.delta = 0;
            let futures = solvency.base.futures.iter_mut();
            futures.for_each(|future| future.loss = BigInt::ZERO);
        } else {
            solvency.branches.basis = 0;
        }
        scene.stopped_by(&[COPY]);
        scene.forge(Cell::advice(0, row), fr(0));
        scene.stopped_by(&[INSTANCE]);
        scene.publish(row, fr(0));
        scene.stopped_by(&[]);
        assert!(!scene.is_the_verifiers());
    }
}

#[test]
fn options_at_a_milder_scenarios_prices() {
    for place in [38, 39] {
        let mut scene = Scene::poor(&EVERY_RULE, place);
        let solvency = &mut scene.witness.solvency;
        // The unmoved market's rows.
        let unmoved = solvency.worlds[2].options.clone();
        solvency.worlds[place].options = unmoved;
        scene.stopped_by(&[ID]);
        // The number of each slot's market, too.
        let (call, column) = (place / 4, place % 4 + 1);
        for i in 0..OPTIONS {
            let number = scene.cell("q_branch_numbers", i * 11 + call, (column, 1));
            scene.forge(number, fr(0));
        }
        let name = ["w'' = alive s''", "w''' = alive s'''"][place - 38];
        scene.stopped_by(&[&format!("q_branch_numbers: {name}")]);
    }
}

#[test]
fn perpetual_options_at_a_milder_scenarios_prices() {
    let mut gains = 0;
    for place in [0, 1] {
        for (poor, mut scene) in both(place) {
            let worlds = &mut scene.witness.solvency.worlds;
            worlds[place].perpetual_options = worlds[2].perpetual_options.clone();
            worlds[place].scenario = 0;
            gains += stopped(&scene, poor, "q_interval: row id = 1024 g + c");
        }
    }
    assert!(gains > 0);
}

#[test]
fn a_swap_at_a_milder_scenarios_prices() {
    let mut gains = 0;
    for place in [0, 1] {
        for swap in 0..2 {
            for (poor, mut scene) in both(place) {
                let number = 2 - place;
                let n = swap * (SCENARIOS + 1) + 1 + place;
                let group = scene.witness.solvency.base.swaps[swap].group;
                let row = scene.witness.table.swaps[group].scenario_row(group, number);
                for (column, value) in row.expect("a row").iter().take(5).enumerate() {
                    scene.forge(scene.cell("q_swap_move", n, (column, -1)), fr(*value));
                }
                gains += stopped(&scene, poor, "q_swap_move: id = 1024 g + alive s");
                scene.forge(scene.cell("q_swap_move", n, (2, 0)), fr(number as i128));
                gains += stopped(&scene, poor, COPY);
            }
        }
    }
    assert!(gains > 0);
}

/// A healthy account, and one short of health under a branch.
fn both(branch: usize) -> [(bool, Scene); 2] {
    let poor = Scene::poor(&EVERY_RULE, branch);
    [(false, Scene::rich(&EVERY_RULE)), (true, poor)]
}

/// Nothing but `name` stops a healthy account; whether nothing else stops a poor one, which is so if the lie is to its
/// advantage.
fn stopped(scene: &Scene, poor: bool, name: &str) -> usize {
    let failures = scene.failures();
    let alone = failures.iter().eq([name]);
    if poor {
        assert!(failures.contains(name), "{failures:?}");
    } else {
        assert!(alone, "{failures:?}");
    }
    usize::from(poor && alone)
}

#[test]
fn a_branchs_core_factor_charges_or_equity_of_another() {
    for branch in [0, 39, DELTA, BASIS] {
        let scene = Scene::poor(&EVERY_RULE, branch);
        let cell = |b: usize, column| scene.cell("q_slack", b + 1, (column, 0));
        let cores = (0..=BASIS).map(|b| scene.int(cell(b, 3)));
        let least = cores.min().expect("branches");
        let richer = scene.value(cell(branch, 0)) + power(200);
        let lies = [
            (3, crate::field::from_int(&least)),
            (2, fr(0)),
            (1, fr(0)),
            (0, richer),
        ];
        for (column, value) in lies {
            let mut scene = scene.clone();
            scene.forge(cell(branch, column), value);
            scene.stopped_by(&[COPY]);
        }
        let mut other = scene.clone();
        other.forge(cell(branch, 4), fr(0));
        other.stopped_by(&["q_slack: slack = E - factor core - 1e16 2^22 C"]);
    }
}
