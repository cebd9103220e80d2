//! Draws, judges and counts forgeries.

use std::collections::{BTreeMap, BTreeSet};

use halo2curves::bn256::Fr;
use rayon::prelude::*;
use zkmargin_tamper::{Constraint, Failure, Image, Index, Judge, Values};

use super::{
    super::harness::{COPY, Scene},
    lies::Lie,
    limbs, outcome,
    places::Places,
    scene,
    thief::{Drawn, Thief},
};
use crate::{circuit::Witness, shape::Shape};

/// Draws of one lie in one scene before the campaign gives up.
const DRAWS: usize = 500;

/// What became of the forgeries of one lie.
#[derive(Clone, Default)]
pub struct Tally {
    /// Dishonest ones.
    pub tried: usize,
    /// Dishonest ones that broke nothing.
    pub accepted: usize,
    /// Those that were no lie, by reason; the circuit accepted each.
    pub honest: BTreeMap<&'static str, usize>,
    /// Those of them that make less of the account than is due.
    pub weaker: usize,
    /// Everything that failed.
    pub stops: BTreeSet<String>,
    /// Verdicts compared with the mock prover's.
    pub compared: usize,
    /// Draws thrown away because something else would have stopped them too.
    pub redrawn: usize,
    /// Scenes in which no draw had terms in range, so that something else would have stopped the lie too.
    pub given_up: usize,
    /// What is wrong, in words.
    pub defects: Vec<String>,
}

impl Tally {
    fn merge(mut self, other: Self) -> Self {
        self.tried += other.tried;
        self.accepted += other.accepted;
        for (reason, count) in other.honest {
            *self.honest.entry(reason).or_default() += count;
        }
        self.weaker += other.weaker;
        self.stops.extend(other.stops);
        self.compared += other.compared;
        self.redrawn += other.redrawn;
        self.given_up += other.given_up;
        self.defects.extend(other.defects);
        self
    }
}

fn merge(a: Vec<Tally>, b: Vec<Tally>) -> Vec<Tally> {
    if a.is_empty() {
        return b;
    }
    a.into_iter().zip(b).map(|(a, b)| a.merge(b)).collect()
}

/// `count` forgeries of every lie, each round in a scene of its own; one verdict in `sample` is
/// compared with the mock prover's. In the order of [`Lie::ALL`].
pub fn run(shape: Shape, seed: u64, count: usize, sample: usize) -> Vec<Tally> {
    let none = scene::dice(seed, shape, usize::MAX, 0);
    let image = scene::honest(&mut none.clone(), shape).image();
    let (checks, places) = (limbs::checks(&image), Places::of(&image, shape));
    let rounds = (0..count).into_par_iter();
    rounds
        .map(|round| {
            let honest = scene::honest(&mut scene::dice(seed, shape, round, 0), shape);
            let values = Values::default();
            let image = honest.image_with(&values);
            let index = Index::new(&image);
            let honestly = Judge::new(&index).judge_all();
            assert_eq!(honestly, BTreeSet::new(), "honest, round {round}");
            let lies = Lie::ALL.par_iter().enumerate();
            lies.map_init(
                || Judge::new(&index),
                |judge, (number, lie)| {
                    let rng = scene::dice(seed, shape, round, 1 + number);
                    let mut trial = Trial {
                        thief: Thief::new(rng, &honest, &image, &checks, &values, &places),
                        values: &values,
                        judge,
                        compare: (round * Lie::ALL.len() + number).is_multiple_of(sample),
                        tally: Tally::default(),
                    };
                    trial.run(*lie);
                    let mut tally = trial.tally;
                    for defect in &mut tally.defects {
                        *defect = format!("{lie:?}, {shape}, seed {seed}, round {round}: {defect}");
                    }
                    tally
                },
            )
            .collect()
        })
        .reduce(Vec::new, merge)
}

struct Trial<'t, 'x, 'i> {
    thief: Thief<'t>,
    values: &'t Values<Fr>,
    judge: &'t mut Judge<'x, 'i, Fr>,
    compare: bool,
    tally: Tally,
}

impl Trial<'_, '_, '_> {
    fn run(&mut self, lie: Lie) {
        for _ in 0..DRAWS {
            self.thief.base = None;
            match lie.draw(&mut self.thief) {
                Drawn::Redraw => self.tally.redrawn += 1,
                Drawn::Honest(mut scene, reason) => return self.truth(&mut scene, reason, true),
                Drawn::Weaker(mut scene, reason) => return self.truth(&mut scene, reason, false),
                Drawn::Forged(mut scene) => return self.lie(lie, &mut scene),
            }
        }
        self.tally.given_up += 1;
    }

    /// The names of what fails.
    fn failures(&mut self, scene: &mut Scene) -> BTreeSet<String> {
        let mut image = scene.image_with(self.values);
        if outcome::publish(scene, self.thief.rows, &image) {
            image = scene.image_with(self.values);
        }
        let failures = match self.thief.base.take() {
            // Where the whole table differs an index of its own costs less than to judge all that has changed.
            Some(base) => Judge::new(&Index::new(&base)).judge(&base.changes(&image)),
            None => self.judge.judge(&self.thief.image.changes(&image)),
        };
        let names = names(&image, &failures);
        if self.compare {
            self.tally.compared += 1;
            let theirs = scene.failures();
            if theirs != names {
                let defect = format!("judge {names:?}, mock prover {theirs:?}");
                self.tally.defects.push(defect);
            }
        }
        names
    }

    fn lie(&mut self, lie: Lie, scene: &mut Scene) {
        self.tally.tried += 1;
        let failures = self.failures(scene);
        if failures.is_empty() {
            self.tally.accepted += 1;
            self.tally.defects.push("accepted".into());
        }
        for failure in &failures {
            let allowed = lie.stops().iter().any(|stop| match stop.strip_suffix('*') {
                Some(start) => failure.starts_with(start),
                None => failure == stop,
            });
            if !allowed {
                self.tally.defects.push(format!("stopped by {failure}"));
            }
        }
        self.tally.stops.extend(failures);
    }

    /// No lie: accepted, and the public inputs are those of an honest proof of the same account, or of a smaller shortfall.
    fn truth(&mut self, scene: &mut Scene, reason: &'static str, exact: bool) {
        *self.tally.honest.entry(reason).or_default() += 1;
        let failures = self.failures(scene);
        if !failures.is_empty() {
            let defect = format!("'{reason}', yet stopped by {failures:?}");
            self.tally.defects.push(defect);
        }
        let slots = scene.witness.slots.clone();
        let scenario = scene.witness.portfolio.scenario;
        let honest = Witness::new(slots, &scene.table, scenario, Fr::from(7));
        if !exact {
            self.tally.weaker += 1;
            let short = outcome::shortfall(&scene.image_with(self.values), self.thief.rows);
            if honest.is_ok_and(|witness| short > witness.terms.shortfall.into()) {
                let defect = format!("'{reason}', yet the shortfall is greater");
                self.tally.defects.push(defect);
            }
            return;
        }
        if honest.map(|witness| witness.instance()).ok().as_ref() != Some(&scene.instance) {
            let defect = format!("'{reason}', yet the public inputs are not an honest proof's");
            self.tally.defects.push(defect);
        }
    }
}

pub fn names(image: &Image<Fr>, failures: &BTreeSet<Failure>) -> BTreeSet<String> {
    let constraints: BTreeSet<Constraint> = failures.iter().map(|f| f.constraint).collect();
    let name = |constraint: Constraint| match constraint {
        Constraint::Copy { .. } => COPY.into(),
        other => other.name(image),
    };
    constraints.into_iter().map(name).collect()
}
