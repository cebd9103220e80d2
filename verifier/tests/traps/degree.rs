//! The backend caps the degree that it prepares for: a gate above the cap passes key generation
//! and gives proofs that do not verify. Selectors count.

use ff::Field;
use group::prime::PrimeCurveAffine;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{
        Advice, Circuit, Column, ConstraintSystem, Constraints, Error, Expression, Selector,
        keygen_vk_custom,
    },
    poly::Rotation,
};
use halo2curves::bn256::{Fr, G1Affine, G2Affine};
use zkmargin_circuits::{
    circuit::MAX_DEGREE,
    shape::{Shape, Statement},
};
use zkmargin_prover::Params;
use zkmargin_verifier::{
    VerifyingKey,
    key::{KeyError, circuit_degree, gate_degree},
    packing::Packing,
};

/// `q (x^POWER - 1) = 0`, of degree `POWER + 1`.
#[derive(Clone, Copy)]
struct PowerCircuit<const POWER: u32>;

impl<const POWER: u32> Circuit<Fr> for PowerCircuit<POWER> {
    type Config = (Selector, Column<Advice>);
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        let (q, x) = (meta.selector(), meta.advice_column());
        meta.create_gate("x^POWER = 1", |meta| {
            let x = meta.query_advice(x, Rotation::cur());
            let power = (0..POWER).fold(Expression::Constant(Fr::ONE), |acc, _| acc * x.clone());
            let q = meta.query_selector(q);
            Constraints::with_selector(q, [power - Expression::Constant(Fr::ONE)])
        });
        (q, x)
    }

    fn synthesize(
        &self,
        (q, x): Self::Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), Error> {
        layouter.assign_region(
            || "one",
            |mut region| {
                q.enable(&mut region, 0)?;
                region.assign_advice(x, 0, Value::known(Fr::ONE));
                Ok(())
            },
        )
    }
}

/// What our guard and what the backend say of a circuit's degree.
fn degrees<const POWER: u32>() -> (usize, usize) {
    let mut meta = ConstraintSystem::default();
    PowerCircuit::<POWER>::configure(&mut meta);
    (circuit_degree(&meta), meta.degree())
}

#[test]
fn the_guard_sees_what_the_backend_caps() {
    assert_eq!(degrees::<3>(), (4, 4));
    assert_eq!(degrees::<4>(), (5, 5));
    assert_eq!(degrees::<5>(), (6, MAX_DEGREE));
    assert_eq!(degrees::<8>(), (9, MAX_DEGREE));
}

#[test]
fn a_lookup_counts_with_its_product() {
    let mut meta = ConstraintSystem::<Fr>::default();
    let (x, table) = (meta.advice_column(), meta.fixed_column());
    meta.lookup_any("x^3 in the table", |meta| {
        let x = meta.query_advice(x, Rotation::cur());
        let table = meta.query_fixed(table, Rotation::cur());
        vec![(x.clone() * x.clone() * x, table)]
    });
    assert_eq!((circuit_degree(&meta), meta.degree()), (6, MAX_DEGREE));
}

/// The answer to a key of a circuit of degree `POWER + 1`. Without compressed selectors: that
/// pass has an assertion of its own.
fn key<const POWER: u32>() -> Result<VerifyingKey, KeyError> {
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    let tau_g2 = params.s_g2();
    wrapped::<POWER>(&params, tau_g2)
}

fn wrapped<const POWER: u32>(params: &Params, tau_g2: G2Affine) -> Result<VerifyingKey, KeyError> {
    let vk = keygen_vk_custom(params.kzg(), &PowerCircuit::<POWER>, false).expect("a key");
    let packing = Packing::new(vk.cs());
    let packed = vec![G1Affine::generator(); packing.groups().len()];
    VerifyingKey::new(
        Statement::Liquidation,
        Shape::Small,
        params.origin().clone(),
        tau_g2,
        params.digest(),
        vk,
        &packed,
    )
}

#[test]
fn a_key_of_a_circuit_above_the_cap_is_refused() {
    assert!(key::<4>().is_ok());
    assert_eq!(key::<5>().err(), Some(KeyError::Degree(6)));
    assert_eq!(key::<8>().err(), Some(KeyError::Degree(9)));
}

#[test]
fn a_key_for_other_rows_or_without_a_tau_is_refused() {
    let params = Params::unsafe_dev(5).expect("parameters");
    let unsupported = KeyError::Unsupported {
        field: "k",
        value: 5,
    };
    let found = wrapped::<4>(&params, params.s_g2());
    assert_eq!(found.err(), Some(unsupported));
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    let found = wrapped::<4>(&params, G2Affine::identity());
    assert_eq!(found.err(), Some(KeyError::Point));
}

/// Asserted of every circuit's keys where they are [pinned](crate::goldens): to make them takes a while.
pub fn is_within_the_cap(key: &VerifyingKey) {
    let (circuit, vk) = ((key.statement(), key.shape()), key.backend());
    assert!(vk.cs().degree() <= MAX_DEGREE, "{circuit:?}");
    assert!(gate_degree(vk) <= MAX_DEGREE, "{circuit:?}");
    if key.statement() == Statement::Liquidation {
        assert_eq!(gate_degree(vk), MAX_DEGREE, "{circuit:?}");
        assert_eq!(vk.cs().degree(), MAX_DEGREE, "{circuit:?}");
    }
}
