//! The circuit of the solvency statement.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner},
    plonk::{Circuit, ConstraintSystem, Error},
};
use halo2curves::bn256::Fr;

use super::witness::SolvencyWitness;
use crate::{circuit::sheet::Columns, shape::Shape};

/// The chips of the statement.
#[derive(Clone, Copy, Debug)]
pub struct SolvencyConfig {
    columns: Columns,
}

/// The circuit of the solvency statement. Without a witness it serves for key generation.
#[derive(Clone, Debug)]
pub struct SolvencyCircuit {
    shape: Shape,
    witness: Option<Box<SolvencyWitness>>,
}

impl SolvencyCircuit {
    /// The circuit of a shape, without a witness.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            witness: None,
        }
    }

    /// The circuit with a witness to prove.
    pub fn with_witness(witness: SolvencyWitness) -> Self {
        Self {
            shape: witness.slots.shape,
            witness: Some(Box::new(witness)),
        }
    }
}

impl Circuit<Fr> for SolvencyCircuit {
    type Config = SolvencyConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Option<Shape>;

    fn params(&self) -> Self::Params {
        Some(self.shape)
    }

    fn without_witnesses(&self) -> Self {
        Self::new(self.shape)
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Self::Params) -> Self::Config {
        let columns = Columns::configure(meta, shape.unwrap_or(Shape::Small));
        SolvencyConfig { columns }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        Self::configure_with_params(meta, None)
    }

    fn synthesize(
        &self,
        config: Self::Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), Error> {
        let _ = (&self.witness, config.columns);
        layouter.assign_region(|| "solvency", |_| Ok(()))
    }
}
