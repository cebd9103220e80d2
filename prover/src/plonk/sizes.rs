//! Circuits of few rows, and of more arguments than any statement here has: proofs that the backend's verifier takes.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{
        self, Advice, Circuit, Column, ConstraintSystem, Fixed, Selector, keygen_pk2, verify_proof,
    },
    poly::{
        Rotation,
        commitment::ParamsProver,
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::VerifierSHPLONK,
            strategy::SingleStrategy,
        },
    },
};
use halo2curves::bn256::{Bn256, Fr};
use rand_core::OsRng;
use zkmargin_verifier::HeaderTranscript;

use super::{Bases, Prepared, create_proof};

/// So many advice columns, a square in each pair of them, range lookups of the first.
#[derive(Clone, Copy)]
struct Sized {
    advice: usize,
    lookups: usize,
}

#[derive(Clone)]
struct Columns {
    advice: Vec<Column<Advice>>,
    table: Column<Fixed>,
    q: Selector,
}

impl Circuit<Fr> for Sized {
    type Config = Columns;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Option<(usize, usize)>;

    fn params(&self) -> Self::Params {
        Some((self.advice, self.lookups))
    }

    fn without_witnesses(&self) -> Self {
        *self
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, params: Self::Params) -> Columns {
        let (advice, lookups) = params.unwrap_or((2, 0));
        let columns = Columns {
            advice: (0..advice).map(|_| meta.advice_column()).collect(),
            table: meta.fixed_column(),
            q: meta.selector(),
        };
        columns.advice.iter().for_each(|c| meta.enable_equality(*c));
        meta.create_gate("squares", |meta| {
            let q = meta.query_selector(columns.q);
            let cell = |meta: &mut plonk::VirtualCells<'_, Fr>, column| {
                meta.query_advice(column, Rotation::cur())
            };
            let (pairs, _) = columns.advice.as_chunks::<2>();
            let square = |[a, b]: &[Column<Advice>; 2]| {
                let (a, b) = (cell(meta, *a), cell(meta, *b));
                q.clone() * (b - a.clone() * a)
            };
            pairs.iter().map(square).collect::<Vec<_>>()
        });
        for _ in 0..lookups {
            meta.lookup_any("small", |meta| {
                let value = meta.query_advice(columns.advice[0], Rotation::cur());
                vec![(value, meta.query_fixed(columns.table, Rotation::cur()))]
            });
        }
        columns
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Columns {
        Self::configure_with_params(meta, None)
    }

    fn synthesize(
        &self,
        columns: Columns,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), plonk::Error> {
        layouter.assign_region(
            || "squares",
            |mut region| {
                columns.q.enable(&mut region, 0)?;
                region.assign_fixed(columns.table, 0, Fr::from(3));
                for (i, column) in columns.advice.iter().enumerate() {
                    let value = Fr::from(if i % 2 == 0 { 3 } else { 9 });
                    region.assign_advice(*column, 0, Value::known(value));
                }
                Ok(())
            },
        )
    }
}

#[test]
fn the_backend_takes_proofs_of_every_size() {
    let sizes = [
        (4, 2, 0),
        (4, 4, 1),
        (5, 4, 2),
        (6, 2, 1),
        (7, 6, 2),
        // Several hundred products in a row's sum.
        (6, 2, 300),
        (6, 700, 1),
    ];
    for (k, advice, lookups) in sizes {
        let circuit = Sized { advice, lookups };
        let params = ParamsKZG::<Bn256>::setup(k, OsRng);
        let key = keygen_pk2(&params, &circuit, true).expect("keys");
        let (bases, prepared) = (Bases::new(&params), Prepared::new(&key));
        let (bases, prepared) = (bases.expect("points"), prepared.expect("a circuit"));
        let mut transcript = HeaderTranscript::new(Vec::new(), &[]);
        let made = create_proof(&bases, &key, &prepared, circuit, &[], &mut transcript);
        made.expect("a proof");
        let proof = transcript.finalize();
        let verifies = |proof: &[u8]| {
            verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
                params.verifier_params(),
                key.get_vk(),
                SingleStrategy::new(&params),
                &[&[]],
                &mut HeaderTranscript::new(proof, &[]),
            )
            .is_ok()
        };
        assert!(
            verifies(&proof),
            "2^{k} rows, {advice} columns, {lookups} lookups"
        );
        let mut altered = proof;
        if let Some(byte) = altered.last_mut() {
            *byte ^= 1;
        }
        assert!(!verifies(&altered));
    }
}

#[test]
fn rotations_as_long_as_a_column_are_refused() {
    #[derive(Clone, Copy)]
    struct Far;
    impl Circuit<Fr> for Far {
        type Config = ();
        type FloorPlanner = SimpleFloorPlanner;
        type Params = ();
        fn without_witnesses(&self) -> Self {
            *self
        }
        fn configure(meta: &mut ConstraintSystem<Fr>) {
            let column = meta.advice_column();
            meta.create_gate("far", |meta| {
                let a = meta.query_advice(column, Rotation::cur());
                vec![a.clone() * (meta.query_advice(column, Rotation(32)) - a)]
            });
        }
        fn synthesize(&self, (): (), _: impl Layouter<Fr>) -> Result<(), plonk::Error> {
            Ok(())
        }
    }
    let params = ParamsKZG::<Bn256>::setup(5, OsRng);
    let key = keygen_pk2(&params, &Far, true).expect("keys");
    let refused = Prepared::new(&key).expect_err("no column is so long");
    assert!(matches!(refused, super::Error::Unsupported(_)), "{refused}");
}
