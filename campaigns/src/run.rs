//! Every campaign over every circuit.

use halo2curves::bn256::Fr;
use serde::Serialize;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_tamper::{CaptureError, Image, campaign::Effort};

use crate::{
    attack::attack,
    cross::{Mock, Real, mock, real},
    report::Report,
    scene::{Branch, Scene, SceneError, circuits},
    share::{Depth, Share},
};

/// Why a campaign could not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// No scene.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// A circuit that cannot be replayed.
    #[error("{scene}: {source}")]
    Capture {
        /// The scene.
        scene: String,
        /// What is wrong.
        source: CaptureError,
    },
    /// The backend made no keys for the cross-check.
    #[error("{scene}: no keys")]
    Keys {
        /// The scene.
        scene: String,
    },
}

/// What to run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Settings {
    /// How much of each circuit is attacked.
    pub depth: Depth,
    /// Seed of accounts and forged values.
    pub seed: u64,
    /// Random accounts of each branch of the requirement in a deep shape, besides the sample; in others of one branch, in turn.
    pub accounts: u64,
    /// Assignments that the adversary judges for one attack.
    pub budget: usize,
    /// Values that a cell is forged to in replays, by the adversary and where copies are cut.
    pub values: usize,
    /// Rows of a constraint at which its deletion is tried to be profited from.
    pub rows: usize,
}

impl Settings {
    /// For every change of the code: minutes.
    pub const QUICK: Self = Self {
        depth: Depth::Quick,
        seed: 1,
        accounts: 1,
        budget: 10,
        values: 1,
        rows: 2,
    };
    /// For the report.
    pub const FULL: Self = Self {
        depth: Depth::Full,
        seed: 1,
        accounts: 1,
        budget: 24,
        values: 2,
        rows: 6,
    };
    /// Bits from which on equal values are no coincidence.
    const BITS: u32 = 64;
    /// Syntheses with other witnesses that equal values must agree in.
    const WITNESSES: u64 = 6;
}

/// One scene's results.
#[derive(Clone, Debug, Serialize)]
pub struct SceneResult {
    /// The statement.
    pub statement: Statement,
    /// The shape.
    pub shape: Shape,
    /// The campaigns.
    pub report: Report,
    /// The judge before the mock prover.
    pub mock: Mock,
    /// Forgeries before the real verifier; the first scene of a circuit only.
    pub real: Option<Real>,
}

impl SceneResult {
    /// Everything that a person must look at.
    pub fn defects(&self) -> Vec<String> {
        let mut defects = self.report.defects.clone();
        let Mock { compared, agreed } = self.mock;
        if agreed != compared {
            defects.push(format!("mock prover agrees on {agreed} of {compared}"));
        }
        if let Some(real) = &self.real {
            let expected = Real {
                accepted: 0,
                harmless_accepted: real.harmless,
                mutants_accepted: real.mutants,
                mutants_fooled: 0,
                ..*real
            };
            if expected != *real {
                defects.push(format!("real verifier: {real:?}"));
            }
        }
        defects
    }
}

/// Runs every campaign over every circuit; `tick` gets the scene, the campaign, and how much of
/// it is done.
///
/// # Errors
/// [`RunError`].
pub fn run(
    settings: &Settings,
    tick: &(dyn Fn(&str, &str, usize, usize) + Sync),
) -> Result<Vec<SceneResult>, RunError> {
    let mut results = Vec::new();
    let effort = Effort {
        seed: settings.seed,
        budget: settings.budget,
        bits: Settings::BITS,
        values: settings.values,
        rows: settings.rows,
    };
    for (number, (statement, shape)) in circuits().enumerate() {
        let random = |seed, branch| Scene::random(statement, shape, settings.seed + seed, branch);
        let share = Share::of(settings.depth, statement, shape);
        let deep = share.deep > 0;
        // They tell which copies link what is equal.
        let others = (0..if deep { Settings::WITNESSES } else { 0 })
            .zip(Branch::of(statement).iter().cycle())
            .map(|(n, branch)| capture(&random(1000 + n, *branch)?))
            .collect::<Result<Vec<_>, _>>()?;
        let mut branches = Branch::of(statement).to_vec();
        if !deep {
            branches.rotate_left(number % Branch::of(statement).len());
            branches.truncate(1);
        }
        let mut scenes = vec![Scene::sample(statement, shape)?];
        for account in 0..settings.accounts {
            for branch in &branches {
                scenes.push(random(account, *branch)?);
            }
        }
        let random = scenes.len() - 1;
        let quick = settings.depth == Depth::Quick;
        for (number, scene) in scenes.iter().enumerate() {
            let share = match number.checked_sub(1) {
                None => share,
                Some(account) => Share {
                    first: settings.seed as usize,
                    ..share
                }
                // In the quick form they do a third of it.
                .part(account, random * if quick { 3 } else { 1 }),
            };
            let progress = |name: &str, done, total| tick(&scene.name, name, done, total);
            let (report, evidence) =
                attack(scene, &others, &share, &effort, &progress).map_err(|source| {
                    RunError::Capture {
                        scene: scene.name.clone(),
                        source,
                    }
                })?;
            progress("mock prover", 0, share.mock);
            let mock = mock(scene, &evidence, share.mock, settings.seed);
            let mut proved = None;
            if number == 0 && share.proofs > 0 {
                progress("real verifier", 0, share.proofs);
                let scene_name = || scene.name.clone();
                let result = real(scene, &evidence, share.proofs, settings.seed);
                proved = Some(result.ok_or_else(|| RunError::Keys {
                    scene: scene_name(),
                })?);
            }
            results.push(SceneResult {
                statement,
                shape,
                report,
                mock,
                real: proved,
            });
        }
    }
    Ok(results)
}

fn capture(scene: &Scene) -> Result<Image<Fr>, RunError> {
    Image::capture(&scene.circuit, scene.k(), scene.instance.clone()).map_err(|source| {
        RunError::Capture {
            scene: scene.name.clone(),
            source,
        }
    })
}
