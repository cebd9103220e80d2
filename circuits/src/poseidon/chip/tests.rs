//! The chip against the native hash, and against provers that deviate in one place.

use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner},
    dev::{FailureLocation, MockProver, VerifyFailure, metadata},
    plonk::{Circuit, Instance},
};
use proptest::prelude::*;

use super::*;
use crate::poseidon::{constants::STEPS, hash4, testing::fr, trace};

type Trace = [[Fr; WIDTH]; ROWS];

const K: u32 = 7;
/// The first hash starts below row 0, so that a gate which reads an absolute row would show.
const FIRST_ROW: usize = 2;
const SOURCE_COLUMN: usize = WIDTH;

const INIT: usize = 0;
const FULL: usize = 1;
const PARTIAL: usize = 2;
const GATES: [&str; 3] = [GATE_INIT, GATE_FULL, GATE_PARTIAL];

/// `hash4(hash4(inputs), inputs_2, inputs_3, inputs_4)` as the only public input. The first hash is
/// assigned with whatever `trace` says.
#[derive(Clone, Debug)]
struct TwoHashes {
    inputs: [Fr; RATE],
    trace: Trace,
}

#[derive(Clone, Debug)]
struct TwoHashesConfig {
    poseidon: PoseidonConfig,
    source: Column<Advice>,
    digest: Column<Instance>,
}

impl Circuit<Fr> for TwoHashes {
    type Config = TwoHashesConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        let advice = std::array::from_fn(|_| meta.advice_column());
        let source = meta.advice_column();
        let fixed = std::array::from_fn(|_| meta.fixed_column());
        let digest = meta.instance_column();
        for column in advice.into_iter().chain([source]) {
            meta.enable_equality(column);
        }
        meta.enable_equality(digest);
        TwoHashesConfig {
            poseidon: PoseidonChip::configure(meta, advice, fixed),
            source,
            digest,
        }
    }

    fn synthesize(
        &self,
        config: Self::Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), Error> {
        let chip = PoseidonChip::new(config.poseidon);
        let digest = layouter.assign_region(
            || "two hashes",
            |mut region| {
                let region = &mut region;
                let inputs: [Num; RATE] = std::array::from_fn(|i| {
                    let value = Value::known(self.inputs[i]);
                    let cell = region.assign_advice(config.source, i, value).cell();
                    Num { cell, value }
                });
                let trace = Value::known(self.trace);
                let first = chip.assign_trace(region, FIRST_ROW, inputs.each_ref(), trace)?;
                let [_, b, c, d] = &inputs;
                chip.assign_hash4(region, FIRST_ROW + PoseidonChip::ROWS, [&first, b, c, d])
            },
        )?;
        layouter.constrain_instance(digest.cell, config.digest, 0);
        Ok(())
    }
}

fn inputs() -> [Fr; RATE] {
    [3, 1, 4, 1].map(Fr::from)
}

/// Verifies with the public digest that follows from the prover's own first digest, so that no
/// deviation is caught by the public input alone.
fn verify(trace: Trace) -> Result<(), Vec<VerifyFailure>> {
    let inputs = inputs();
    let [_, b, c, d] = inputs;
    let public = hash4([trace[ROWS - 1][0], b, c, d]);
    let circuit = TwoHashes { inputs, trace };
    let prover = MockProver::run(K, &circuit, vec![vec![public]]).unwrap();
    prover.verify()
}

/// An honest trace from step `from` on, given the state before it.
fn resume(trace: &mut Trace, from: usize) {
    for (i, step) in PARAMETERS.steps.iter().enumerate().skip(from) {
        let (helpers, next) = step.apply(&PARAMETERS.mds, trace[2 * i]);
        trace[2 * i + 1] = helpers;
        trace[2 * i + 2] = next;
    }
}

/// A trace that violates one equation at one step and is consistent everywhere else: helper
/// `target`, or element `target - WIDTH` of the next state, is one more than its equation says.
fn deviate(step: usize, target: usize) -> Trace {
    let mut trace = trace(inputs());
    let error = |cell: usize| Fr::from(u64::from(cell == target));
    let state = trace[2 * step];
    let (helpers, mut next) = match &PARAMETERS.steps[step] {
        Step::Full(constants) => {
            let u: [Fr; WIDTH] = std::array::from_fn(|j| state[j] + constants[j]);
            let y: [Fr; WIDTH] = std::array::from_fn(|j| u[j].square() + error(j));
            let out = std::array::from_fn(|j| y[j].square() * u[j]);
            (y, mix(&out))
        }
        Step::Partial([c1, c2, c3]) => {
            let u1 = state[0] + c1;
            let y1 = u1.square() + error(0);
            let second = mix_after_sbox(y1.square() * u1, state);
            let u2 = second[0] + c2 + error(1);
            let y2 = u2.square() + error(2);
            let third = mix_after_sbox(y2.square() * u2, second);
            let u3 = third[0] + c3 + error(3);
            let y3 = u3.square() + error(4);
            let next = mix_after_sbox(y3.square() * u3, third);
            ([y1, u2, y2, u3, y3], next)
        }
    };
    for (i, element) in next.iter_mut().enumerate() {
        *element += error(WIDTH + i);
    }
    trace[2 * step + 1] = helpers;
    trace[2 * step + 2] = next;
    resume(&mut trace, step + 1);
    trace
}

fn mix(state: &[Fr; WIDTH]) -> [Fr; WIDTH] {
    crate::poseidon::constants::mix(&PARAMETERS.mds, state)
}

fn mix_after_sbox(output: Fr, mut state: [Fr; WIDTH]) -> [Fr; WIDTH] {
    state[0] = output;
    mix(&state)
}

/// Asserts that exactly this constraint fails, at this row of the first hash, and nothing else.
fn assert_violates(trace: Trace, gate: usize, index: usize, name: &str, row: usize) {
    let failures = verify(trace).unwrap_err();
    let [
        VerifyFailure::ConstraintNotSatisfied {
            constraint,
            location,
            ..
        },
    ] = failures.as_slice()
    else {
        panic!("expected one unsatisfied constraint, got {failures:?}");
    };
    let expected = metadata::Constraint::from(((gate, GATES[gate]).into(), index, name));
    assert_eq!(*constraint, expected);
    assert_eq!(absolute_row(location), FIRST_ROW + row);
}

/// The mock prover takes a region to begin at its first fixed cell, and to hold fixed columns only.
fn absolute_row(location: &FailureLocation) -> usize {
    match location {
        FailureLocation::InRegion { offset, .. } => FIRST_ROW + 1 + offset,
        FailureLocation::OutsideRegion { row } => *row,
    }
}

const FULL_NAMES: [&str; 2 * WIDTH] = [
    "y0 = (s0 + c0)^2",
    "y1 = (s1 + c1)^2",
    "y2 = (s2 + c2)^2",
    "y3 = (s3 + c3)^2",
    "y4 = (s4 + c4)^2",
    "s'0 = sum_j M_0j y_j^2 (s_j + c_j)",
    "s'1 = sum_j M_1j y_j^2 (s_j + c_j)",
    "s'2 = sum_j M_2j y_j^2 (s_j + c_j)",
    "s'3 = sum_j M_3j y_j^2 (s_j + c_j)",
    "s'4 = sum_j M_4j y_j^2 (s_j + c_j)",
];

const PARTIAL_NAMES: [&str; 2 * WIDTH] = [
    "y1 = (s0 + c1)^2",
    "u2 = (M (out1, s1..s4))_0 + c2",
    "y2 = u2^2",
    "u3 = (M (out2, ...))_0 + c3",
    "y3 = u3^2",
    "s'0 = (M (out3, ...))_0",
    "s'1 = (M (out3, ...))_1",
    "s'2 = (M (out3, ...))_2",
    "s'3 = (M (out3, ...))_3",
    "s'4 = (M (out3, ...))_4",
];

#[test]
fn each_step_rejects_each_wrong_cell() {
    for (step, kind) in PARAMETERS.steps.iter().enumerate() {
        let (gate, names) = match kind {
            Step::Full(_) => (FULL, FULL_NAMES),
            Step::Partial(_) => (PARTIAL, PARTIAL_NAMES),
        };
        for (target, name) in names.into_iter().enumerate() {
            assert_violates(deviate(step, target), gate, target, name, 2 * step + 1);
        }
    }
}

#[test]
fn capacity_must_be_zero() {
    let mut trace = trace(inputs());
    trace[0][0] = Fr::ONE;
    resume(&mut trace, 0);
    assert_violates(trace, INIT, 0, "s0 = 0", 0);
}

#[test]
fn inputs_are_copies_of_their_sources() {
    // Only the first input: the others are read by both hashes, and a cycle of three cells reports
    // where it breaks, not which cell was meant.
    let mut others = inputs();
    others[0] += Fr::ONE;
    let failures = verify(trace(others)).unwrap_err();
    let broken: Vec<_> = failures
        .iter()
        .map(|failure| match failure {
            VerifyFailure::Permutation { column, location } => {
                (column.index(), absolute_row(location))
            }
            other => panic!("expected a permutation failure, got {other:?}"),
        })
        .collect();
    assert_eq!(broken, [(1, FIRST_ROW), (SOURCE_COLUMN, 0)]);
}

#[test]
fn each_input_is_tied() {
    for i in 0..RATE {
        let mut others = inputs();
        others[i] += Fr::ONE;
        let failures = verify(trace(others)).unwrap_err();
        let advice = |failure: &VerifyFailure| match failure {
            VerifyFailure::Permutation { column, .. } => column.index(),
            other => panic!("expected a permutation failure, got {other:?}"),
        };
        assert!(failures.iter().any(|failure| advice(failure) == 1 + i));
    }
}

#[test]
fn every_gate_stays_below_the_degree_cap() {
    // Not `meta.degree()`: the backend caps it, so it never reports more than 5.
    let mut meta = ConstraintSystem::default();
    TwoHashes::configure(&mut meta);
    let degrees: Vec<_> = meta
        .gates()
        .iter()
        .map(|gate| {
            let degrees = gate.polynomials().iter().map(Expression::degree);
            (gate.name(), degrees.max())
        })
        .collect();
    let expected = [Some(2), Some(4), Some(4)];
    assert_eq!(degrees, GATES.into_iter().zip(expected).collect::<Vec<_>>());
    assert!(meta.degree() <= 5);
}

#[test]
fn dimensions() {
    let mut meta = ConstraintSystem::default();
    TwoHashes::configure(&mut meta);
    assert_eq!(STEPS, 28);
    assert_eq!(PoseidonChip::ROWS, 57);
    assert_eq!(meta.num_selectors(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn chip_is_native(inputs in prop::array::uniform4(fr())) {
        let [_, b, c, d] = inputs;
        let public = hash4([hash4(inputs), b, c, d]);
        let circuit = TwoHashes { inputs, trace: trace(inputs) };
        let honest = MockProver::run(K, &circuit, vec![vec![public]]).unwrap();
        prop_assert_eq!(honest.verify(), Ok(()));

        // A digest off by one disagrees with its cell, and nothing else does.
        let forged = MockProver::run(K, &circuit, vec![vec![public + Fr::ONE]]).unwrap();
        let failures = forged.verify().unwrap_err();
        let permutation = |f: &VerifyFailure| matches!(f, VerifyFailure::Permutation { .. });
        prop_assert!(failures.iter().all(permutation));
    }
}
