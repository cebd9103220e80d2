//! The judge's verdicts before the mock prover and before the real verifier.

use std::collections::BTreeSet;

use halo2_proofs::{
    dev::MockProver,
    plonk::{Circuit, create_proof, keygen_pk2, verify_proof},
    poly::kzg::{
        commitment::{KZGCommitmentScheme, ParamsKZG},
        multiopen::{ProverSHPLONK, VerifierSHPLONK},
        strategy::SingleStrategy,
    },
    transcript::{
        Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer,
    },
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_chacha::ChaCha8Rng;
use rand_core::{OsRng, RngCore, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;
use zkmargin_tamper::{
    Cell, Constraint, Failure, Image, Index, Judge, Plan, Tampered, campaign::forged_values,
    mock_name,
};

use crate::{attack::Evidence, circuit::AnyCircuit, scene::Scene};

/// Judge against mock prover.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Mock {
    /// Forgeries that both looked at.
    pub compared: usize,
    /// Same gates, same lookups, copies broken or not.
    pub agreed: usize,
}

/// Forgeries before the real verifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Real {
    /// Forged assignments that the backend was asked to prove.
    pub forged: usize,
    /// No proof came out: a lookup has no row to point at.
    pub unprovable: usize,
    /// A proof came out and was rejected.
    pub rejected: usize,
    /// A proof came out and was accepted: a defect.
    pub accepted: usize,
    /// Explained cells changed; their proofs must be accepted.
    pub harmless: usize,
    /// Of these, accepted.
    pub harmless_accepted: usize,
    /// Copies cut out of the circuit, with the forgery that the judge lets through.
    pub mutants: usize,
    /// Of these, accepted by the verifier of the mutant circuit.
    pub mutants_accepted: usize,
    /// Of these, accepted by the verifier of the circuit as it is: a defect.
    pub mutants_fooled: usize,
}

/// Random forged assignments: one to three cells each.
fn sample(image: &Image<Fr>, count: usize, seed: u64) -> Vec<Vec<(Cell, Fr)>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let pick = |rng: &mut ChaCha8Rng, count: usize| (rng.next_u64() % count as u64) as usize;
    (0..count)
        .map(|_| {
            let cells = 1 + pick(&mut rng, 3);
            (0..cells)
                .map(|_| {
                    let cell = image.assigned[pick(&mut rng, image.assigned.len())];
                    let values = forged_values(image.value(cell), cell, seed);
                    (cell, values[pick(&mut rng, values.len())])
                })
                .collect()
        })
        .collect()
}

fn forged(scene: &Scene, plan: Plan<Fr>) -> Tampered<AnyCircuit, Fr> {
    Tampered {
        circuit: scene.circuit.clone(),
        plan,
    }
}

/// What fails, by name; every copy by the same one.
fn names(image: &Image<Fr>, failures: &BTreeSet<Failure>) -> BTreeSet<String> {
    let name = |failure: &Failure| match failure.constraint {
        Constraint::Copy { .. } => "copy".to_owned(),
        constraint => constraint.name(image),
    };
    failures.iter().map(name).collect()
}

/// Compares `count` verdicts with the mock prover's.
pub fn mock(scene: &Scene, evidence: &Evidence, count: usize, seed: u64) -> Mock {
    let image = &evidence.image;
    let index = Index::new(image);
    let agreed = sample(image, count, seed)
        .par_iter()
        .map_init(
            || Judge::new(&index),
            |judge, changes| {
                let ours = names(image, &judge.judge(changes));
                let circuit = forged(scene, Plan::exactly(image, changes));
                let run = MockProver::run(scene.k(), &circuit, scene.instance.clone());
                let theirs: Option<BTreeSet<String>> = run.ok().map(|prover| {
                    let failures = prover.verify().err().unwrap_or_default();
                    failures.iter().map(mock_name).collect()
                });
                usize::from(theirs == Some(ours))
            },
        )
        .sum();
    Mock {
        compared: count,
        agreed,
    }
}

type Key = halo2_proofs::plonk::ProvingKey<G1Affine>;

/// A proof of whatever the circuit assigns, or none.
fn prove<C: Circuit<Fr>>(
    params: &ParamsKZG<Bn256>,
    key: &Key,
    circuit: C,
    instance: &[Vec<Fr>],
) -> Option<Vec<u8>> {
    let columns: Vec<&[Fr]> = instance.iter().map(Vec::as_slice).collect();
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        params,
        key,
        &[circuit],
        &[&columns],
        OsRng,
        &mut transcript,
    )
    .ok()
    .map(|()| transcript.finalize())
}

fn accepts(params: &ParamsKZG<Bn256>, key: &Key, instance: &[Vec<Fr>], proof: &[u8]) -> bool {
    let columns: Vec<&[Fr]> = instance.iter().map(Vec::as_slice).collect();
    let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof);
    verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        params,
        key.get_vk(),
        SingleStrategy::new(params),
        &[&columns],
        &mut transcript,
    )
    .is_ok()
}

/// Proves forged assignments with the real backend and shows them to the real verifier.
///
/// `None` if the backend refuses to make keys.
pub fn real(scene: &Scene, evidence: &Evidence, count: usize, seed: u64) -> Option<Real> {
    let image = &evidence.image;
    let params = zkmargin_prover::Params::unsafe_dev(scene.k()).ok()?;
    let params = params.kzg();
    let key = keygen_pk2(params, &scene.circuit.without_witnesses(), true).ok()?;
    let mut real = Real::default();
    let index = Index::new(image);
    let mut judge = Judge::new(&index);
    let forgeries = sample(image, 2 * count, seed ^ 0x5eed);
    let broken = |changes: &&Vec<_>| !judge.judge(changes).is_empty();
    for changes in forgeries.iter().filter(broken).take(count) {
        real.forged += 1;
        let circuit = forged(scene, Plan::exactly(image, changes));
        match prove(params, &key, circuit, &scene.instance) {
            None => real.unprovable += 1,
            Some(proof) if accepts(params, &key, &scene.instance, &proof) => real.accepted += 1,
            Some(_) => real.rejected += 1,
        }
    }
    for changes in evidence.harmless.iter().take(count) {
        real.harmless += 1;
        let circuit = forged(scene, Plan::exactly(image, changes));
        let proof = prove(params, &key, circuit, &scene.instance);
        let accepted = proof.is_some_and(|proof| accepts(params, &key, &scene.instance, &proof));
        real.harmless_accepted += usize::from(accepted);
    }
    let accepted: Vec<_> = evidence.cuts.iter().filter(|cut| cut.accepted).collect();
    let step = (accepted.len() / count.max(1)).max(1);
    for cut in accepted.into_iter().step_by(step).take(count) {
        real.mutants += 1;
        let mut plan = Plan::exactly(image, &cut.forged);
        plan.cut.insert(image.edges[cut.edge]);
        let mutant = forged(scene, plan);
        let mutant_key = keygen_pk2(params, &mutant, true).ok()?;
        let proof = prove(params, &mutant_key, mutant.clone(), &scene.instance);
        let proof = proof.is_some_and(|p| accepts(params, &mutant_key, &scene.instance, &p));
        real.mutants_accepted += usize::from(proof);
        let proof = prove(params, &key, mutant, &scene.instance);
        let proof = proof.is_some_and(|p| accepts(params, &key, &scene.instance, &p));
        real.mutants_fooled += usize::from(proof);
    }
    Some(real)
}
