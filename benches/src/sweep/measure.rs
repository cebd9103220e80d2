//! A layout's proofs.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    time::Instant,
};

use halo2_proofs::{
    plonk::{self, Circuit, ConstraintSystem, ProvingKey, keygen_pk2, verify_proof},
    poly::kzg::{
        commitment::KZGCommitmentScheme, multiopen::VerifierSHPLONK, strategy::SingleStrategy,
    },
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, SolvencyCircuit, SolvencyWitness, Witness, WitnessError},
    public::{PublicTable, TableError},
    shape::Statement,
    slots::{SlotError, Slots},
};
use zkmargin_prover::{
    Params,
    params::ParamsError,
    plonk::{Prepared, create_proof},
};
use zkmargin_verifier::{HeaderTranscript, public_inputs};

use super::{circuit::Synthetic, design::Design, image::Image, layout::Layout, needs::Needs};
use crate::{machine::cpu_ns, statement::Sample};

/// Why a layout was not measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The backend, or the circuit's synthesis.
    #[error("backend: {0}")]
    Backend(#[from] plonk::Error),
    /// The prover.
    #[error("prover: {0}")]
    Prover(#[from] zkmargin_prover::plonk::Error),
    /// Parameters.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// Parameters without points.
    #[error("parameters: {0}")]
    Points(#[from] std::io::Error),
    /// The sample's market has no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The sample account does not fit.
    #[error("account: {0}")]
    Slots(#[from] SlotError),
    /// The sample account's statement is false.
    #[error("account: {0}")]
    Witness(#[from] WitnessError),
    /// Rows that cannot be cut where the layout would cut them.
    #[error("{layout}, k = {k}: no room", k = layout.k)]
    NoRoom {
        /// The layout.
        layout: Layout,
    },
}

/// What every layout of a statement is made from: what the circuit in use writes for the sample account.
#[derive(Debug)]
pub struct Source {
    /// What it writes.
    pub image: Image,
    /// What that needs.
    pub needs: Needs,
    instance: Vec<Vec<Fr>>,
    circuit: InUse,
}

/// The circuit in use, with the sample account's witness. Not shown: it holds an account.
enum InUse {
    Liquidation(LiquidationCircuit),
    Solvency(SolvencyCircuit),
}

impl fmt::Debug for InUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InUse")
    }
}

impl Source {
    /// Of a sample.
    ///
    /// # Errors
    /// [`SweepError`].
    pub fn of(sample: &Sample) -> Result<Self, SweepError> {
        let table = PublicTable::new(&sample.snapshot, &sample.policy)?;
        let slots = || Slots::new(&sample.account, sample.shape);
        let context = Fr::one();
        let k = sample.k();
        let (cs, image, instance, circuit) = match sample.statement {
            Statement::Solvency => {
                let witness = SolvencyWitness::new(slots()?, &table, context)?;
                let instance = witness.instance();
                let circuit = SolvencyCircuit::with_witness(witness);
                let (cs, image) = Image::of(&circuit, k)?;
                (cs, image, instance, InUse::Solvency(circuit))
            }
            _ => {
                let mut scenarios = 0..table.scenarios.len();
                let mut witness = Witness::new(slots()?, &table, 0, context);
                // Any scenario that breaks the account.
                while let (Err(_), Some(scenario)) = (&witness, scenarios.next()) {
                    witness = Witness::new(slots()?, &table, scenario, context);
                }
                let witness = witness?;
                let instance = witness.instance();
                let circuit = LiquidationCircuit::with_witness(witness);
                let (cs, image) = Image::of(&circuit, k)?;
                (cs, image, instance, InUse::Liquidation(circuit))
            }
        };
        Ok(Self {
            needs: Needs::of(&cs, &image, k),
            image,
            instance,
            circuit,
        })
    }

    /// A proof of the circuit in use.
    ///
    /// # Errors
    /// [`SweepError`].
    pub fn prove(
        &self,
        params: &Params,
        key: &ProvingKey<G1Affine>,
        prepared: &Prepared,
    ) -> Result<Vec<u8>, SweepError> {
        let instance = &self.instance;
        match &self.circuit {
            InUse::Liquidation(circuit) => prove(params, key, prepared, circuit, instance),
            InUse::Solvency(circuit) => prove(params, key, prepared, circuit, instance),
        }
    }
}

fn prove<C: Circuit<Fr> + Clone>(
    params: &Params,
    key: &ProvingKey<G1Affine>,
    prepared: &Prepared,
    circuit: &C,
    instance: &[Vec<Fr>],
) -> Result<Vec<u8>, SweepError> {
    let columns = public_inputs(instance);
    let mut transcript = HeaderTranscript::new(Vec::new(), &columns);
    let (bases, circuit) = (params.bases()?, circuit.clone());
    create_proof(bases, key, prepared, circuit, &columns, &mut transcript)?;
    Ok(transcript.finalize())
}

/// A layout's circuit with its keys.
#[derive(Debug)]
pub struct Subject {
    circuit: Synthetic,
    key: ProvingKey<G1Affine>,
    prepared: Prepared,
}

impl Subject {
    /// Keys of a layout, from the compressed constraint system of the circuit in use.
    ///
    /// # Errors
    /// [`SweepError`].
    pub fn new(
        params: &Params,
        cs: &ConstraintSystem<Fr>,
        source: &Source,
        layout: &Layout,
    ) -> Result<Self, SweepError> {
        let design = Design::new(cs, &source.image, &source.needs, layout);
        let design = design.ok_or(SweepError::NoRoom { layout: *layout })?;
        let circuit = Synthetic::new(design);
        let key = keygen_pk2(params.kzg(), &circuit, false)?;
        Ok(Self {
            prepared: Prepared::new(&key)?,
            circuit,
            key,
        })
    }

    /// Its constraint system.
    pub fn cs(&self) -> &ConstraintSystem<Fr> {
        self.key.get_vk().cs()
    }

    /// One proof.
    ///
    /// # Errors
    /// [`SweepError`].
    pub fn prove(&self, params: &Params, source: &Source) -> Result<Vec<u8>, SweepError> {
        let instance = &source.instance;
        prove(params, &self.key, &self.prepared, &self.circuit, instance)
    }

    /// Checks a proof as the backend does.
    ///
    /// # Errors
    /// [`SweepError::Backend`].
    pub fn verify(&self, params: &Params, source: &Source, proof: &[u8]) -> Result<(), SweepError> {
        let columns = public_inputs(&source.instance);
        let mut transcript = HeaderTranscript::new(proof, &columns);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            params.kzg(),
            self.key.get_vk(),
            SingleStrategy::new(params.kzg()),
            &[&columns],
            &mut transcript,
        )?;
        Ok(())
    }
}

/// Parameters of every size that is asked for.
#[derive(Debug, Default)]
pub struct Sizes(BTreeMap<u32, Params>);

impl Sizes {
    /// Makes those of a size.
    ///
    /// # Errors
    /// [`SweepError::Params`] or [`SweepError::Points`].
    pub fn make(&mut self, k: u32) -> Result<(), SweepError> {
        if let Entry::Vacant(place) = self.0.entry(k) {
            let params = Params::unsafe_dev(k)?;
            params.prepare()?;
            place.insert(params);
        }
        Ok(())
    }

    /// Those of a size, if they were made.
    pub fn get(&self, k: u32) -> Option<&Params> {
        self.0.get(&k)
    }
}

/// Times of something, milliseconds.
#[derive(Debug, Default)]
pub struct Times {
    /// By the clock on the wall.
    pub wall: Vec<f64>,
    /// Of processors.
    pub cpu: Vec<f64>,
}

impl Times {
    /// Measures once more.
    ///
    /// # Errors
    /// What the work fails with.
    pub fn measure<T, E>(&mut self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let (start, before) = (Instant::now(), cpu_ns());
        let value = work()?;
        self.wall.push(start.elapsed().as_secs_f64() * 1e3);
        let ran = cpu_ns()
            .zip(before)
            .map(|(after, before)| after.saturating_sub(before));
        self.cpu.push(ran.map_or(f64::NAN, |ns| ns as f64 / 1e6));
        Ok(value)
    }
}
