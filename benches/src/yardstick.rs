//! The yardstick: a proof of fixed work under the same backend, transcript and opening scheme.
//!
//! k = 11; 8 advice columns, 4 fixed, 1 instance; degree 5; two lookups into a table of 1024
//! rows; nine permuted columns. All rows are used, and six advice columns hold full-size values.
//!
//! ```text
//! a0' = a0 a1 a2 a3 + c     a1' = a1 a2 a4 a5 + u     a2' = a0^4 + a3     a6, a7 in the table
//! ```

use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{
        Advice, Circuit, Column, ConstraintSystem, Error, Expression, Fixed, Instance, ProvingKey,
        create_proof, keygen_pk2, verify_proof,
    },
    poly::{
        Rotation,
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::{ProverSHPLONK, VerifierSHPLONK},
            strategy::SingleStrategy,
        },
    },
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};

/// log2 of the rows.
pub const K: u32 = 11;
const TABLE: u64 = 1024;
/// Rows at the end that blinding takes, and the last row, which has no next one.
const RESERVED: usize = 8;
const ROWS: usize = (1 << K) - RESERVED;

#[derive(Clone, Debug)]
struct Config {
    advice: [Column<Advice>; 8],
    q: Column<Fixed>,
    c: Column<Fixed>,
    u: Column<Fixed>,
    table: Column<Fixed>,
    instance: Column<Instance>,
}

/// One row of values, and the constants of its gates.
#[derive(Clone, Debug)]
struct Row {
    advice: [Fr; 8],
    constants: [Fr; 2],
}

#[derive(Clone, Debug)]
struct YardstickCircuit {
    rows: Vec<Row>,
    /// Whether the advice is known.
    witness: bool,
}

impl YardstickCircuit {
    fn random() -> Self {
        let mut rows: Vec<Row> = Vec::with_capacity(ROWS);
        for i in 0..ROWS as u64 {
            let mut advice = [(); 8].map(|()| Fr::random(OsRng));
            if let Some(Row {
                advice: [a0, a1, a2, a3, a4, a5, ..],
                constants: [c, u],
            }) = rows.last()
            {
                advice[0] = a0 * a1 * a2 * a3 + c;
                advice[1] = a1 * a2 * a4 * a5 + u;
                advice[2] = a0.square().square() + a3;
            }
            advice[6] = Fr::from(i * 7 % TABLE);
            advice[7] = Fr::from(i * i % TABLE);
            rows.push(Row {
                advice,
                constants: [(); 2].map(|()| Fr::random(OsRng)),
            });
        }
        Self {
            rows,
            witness: true,
        }
    }
}

impl Circuit<Fr> for YardstickCircuit {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            witness: false,
        }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let config = Config {
            advice: [(); 8].map(|()| meta.advice_column()),
            q: meta.fixed_column(),
            c: meta.fixed_column(),
            u: meta.fixed_column(),
            table: meta.fixed_column(),
            instance: meta.instance_column(),
        };
        for column in config.advice {
            meta.enable_equality(column);
        }
        meta.enable_equality(config.instance);
        meta.create_gate("a0', a1', a2'", |meta| {
            let [a0, a1, a2, a3, a4, a5, ..] = config
                .advice
                .map(|column| meta.query_advice(column, Rotation::cur()));
            let [next0, next1, next2, ..] = config.advice;
            let [next0, next1, next2] =
                [next0, next1, next2].map(|column| meta.query_advice(column, Rotation::next()));
            let [q, c, u] = [config.q, config.c, config.u]
                .map(|column| meta.query_fixed(column, Rotation::cur()));
            let square = a0.clone() * a0.clone();
            let on = |expression: Expression<Fr>| q.clone() * expression;
            vec![
                on(a0 * a1.clone() * a2.clone() * a3.clone() + c - next0),
                on(a1 * a2 * a4 * a5 + u - next1),
                on(square.clone() * square + a3 - next2),
            ]
        });
        for column in [config.advice[6], config.advice[7]] {
            meta.lookup_any("below 1024", |meta| {
                let value = meta.query_advice(column, Rotation::cur());
                let table = meta.query_fixed(config.table, Rotation::cur());
                vec![(value, table)]
            });
        }
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let first = layouter.assign_region(
            || "rows",
            |mut region| {
                let mut first = None;
                for (i, row) in self.rows.iter().enumerate() {
                    for (column, value) in config.advice.into_iter().zip(row.advice) {
                        let value = if self.witness {
                            Value::known(value)
                        } else {
                            Value::unknown()
                        };
                        let cell = region.assign_advice(column, i, value);
                        first = first.or(Some(cell.cell()));
                    }
                    let on = if i + 1 < self.rows.len() {
                        Fr::ONE
                    } else {
                        Fr::ZERO
                    };
                    region.assign_fixed(config.q, i, on);
                    region.assign_fixed(config.c, i, row.constants[0]);
                    region.assign_fixed(config.u, i, row.constants[1]);
                }
                for i in 0..TABLE {
                    region.assign_fixed(config.table, i as usize, Fr::from(i));
                }
                first.ok_or(Error::Synthesis)
            },
        )?;
        layouter.constrain_instance(first, config.instance, 0);
        Ok(())
    }
}

/// The yardstick with its keys.
#[derive(Debug)]
pub struct Yardstick {
    params: ParamsKZG<Bn256>,
    pk: ProvingKey<G1Affine>,
    circuit: YardstickCircuit,
}

impl Yardstick {
    /// Fresh parameters, values and keys.
    ///
    /// # Errors
    /// The backend's refusal.
    pub fn new() -> Result<Self, Error> {
        let params = ParamsKZG::setup(K, OsRng);
        let circuit = YardstickCircuit::random();
        let pk = keygen_pk2(&params, &circuit.without_witnesses(), true)?;
        Ok(Self {
            params,
            pk,
            circuit,
        })
    }

    fn instance(&self) -> Vec<Fr> {
        self.circuit
            .rows
            .first()
            .map_or(Vec::new(), |row| vec![row.advice[0]])
    }

    /// One proof.
    ///
    /// # Errors
    /// The backend's failure.
    pub fn prove(&self) -> Result<Vec<u8>, Error> {
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(Vec::new());
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &self.params,
            &self.pk,
            std::slice::from_ref(&self.circuit),
            &[&[&self.instance()]],
            OsRng,
            &mut transcript,
        )?;
        Ok(transcript.finalize())
    }

    /// Checks a proof.
    ///
    /// # Errors
    /// The backend's refusal.
    pub fn verify(&self, proof: &[u8]) -> Result<(), Error> {
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(proof);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            &self.params,
            self.pk.get_vk(),
            SingleStrategy::new(&self.params),
            &[&[&self.instance()]],
            &mut transcript,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_it_is_said_to_be() {
        let mut meta = ConstraintSystem::default();
        YardstickCircuit::configure(&mut meta);
        assert_eq!(meta.degree(), 5);
        assert_eq!(meta.num_advice_columns(), 8);
        assert_eq!(meta.num_fixed_columns(), 4);
        assert_eq!(meta.lookups().len(), 2);
        assert!(meta.blinding_factors() + 1 < RESERVED);
        let yardstick = Yardstick::new().expect("keys");
        let proof = yardstick.prove().expect("proof");
        // 24 points and 43 scalars.
        assert_eq!(proof.len(), 24 * 64 + 43 * 32);
        yardstick.verify(&proof).expect("verifies");
        let mut altered = proof;
        altered[24 * 64] ^= 1;
        assert!(yardstick.verify(&altered).is_err());
    }
}
