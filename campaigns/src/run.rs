//! Every campaign over every circuit.

use halo2curves::bn256::Fr;
use serde::Serialize;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_tamper::{CaptureError, Image, campaign::Effort};

use crate::{
    attack::{Report, attack},
    cross::{Mock, Real, mock, real},
    scene::{Branch, Scene, SceneError, circuits},
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
    /// Replay, repair, cut and delete in so many shapes, the smallest first: shapes repeat the same chips.
    pub deep_shapes: usize,
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
    /// Verdicts a scene that are compared with the mock prover's.
    pub mock: usize,
    /// Forgeries a circuit that are really proved, for each of three kinds.
    pub proofs: usize,
}

impl Settings {
    /// For every change of the code: minutes.
    pub const QUICK: Self = Self {
        deep_shapes: 1,
        seed: 1,
        accounts: 1,
        budget: 10,
        values: 1,
        rows: 2,
        mock: 60,
        proofs: 4,
    };
    /// For the report.
    pub const FULL: Self = Self {
        deep_shapes: 2,
        seed: 1,
        accounts: 1,
        budget: 24,
        values: 2,
        rows: 6,
        mock: 300,
        proofs: 12,
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
        let others = (0..Settings::WITNESSES)
            .zip(Branch::of(statement).iter().cycle())
            .map(|(n, branch)| capture(&random(1000 + n, *branch)?))
            .collect::<Result<Vec<_>, _>>()?;
        let deep = Shape::ALL
            .iter()
            .take(settings.deep_shapes)
            .any(|s| *s == shape);
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
        for (number, scene) in scenes.iter().enumerate() {
            let progress = |name: &str, done, total| tick(&scene.name, name, done, total);
            let (report, evidence) =
                attack(scene, &others, deep, &effort, &progress).map_err(|source| {
                    RunError::Capture {
                        scene: scene.name.clone(),
                        source,
                    }
                })?;
            progress("mock prover", 0, settings.mock);
            let mock = mock(scene, &evidence, settings.mock, settings.seed);
            let mut proved = None;
            if number == 0 {
                progress("real verifier", 0, settings.proofs);
                let scene_name = || scene.name.clone();
                let result = real(scene, &evidence, settings.proofs, settings.seed);
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
