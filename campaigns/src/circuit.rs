//! The circuits of every statement behind one type, so that one campaign runs over all.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner},
    plonk::{Circuit, ConstraintSystem, Error},
};
use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, LiquidationConfig, SolvencyCircuit, SolvencyConfig},
    shape::{Shape, Statement},
};

/// The circuit of some statement.
#[derive(Clone, Debug)]
pub enum AnyCircuit {
    /// Of the liquidation statement.
    Liquidation(LiquidationCircuit),
    /// Of the solvency statement.
    Solvency(SolvencyCircuit),
}

/// The chips of some statement.
#[derive(Clone, Debug)]
pub enum AnyConfig {
    /// Of the liquidation statement.
    Liquidation(Box<LiquidationConfig>),
    /// Of the solvency statement.
    Solvency(Box<SolvencyConfig>),
}

impl AnyCircuit {
    /// Lanes of main columns, which come before all others.
    pub fn lanes(&self) -> usize {
        match self {
            Self::Liquidation(_) => 1,
            Self::Solvency(_) => SolvencyCircuit::LANES,
        }
    }
}

impl Circuit<Fr> for AnyCircuit {
    type Config = AnyConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Option<(Statement, Shape)>;

    fn params(&self) -> Self::Params {
        match self {
            Self::Liquidation(circuit) => Some((Statement::Liquidation, circuit.params()?)),
            Self::Solvency(circuit) => Some((Statement::Solvency, circuit.params()?)),
        }
    }

    fn without_witnesses(&self) -> Self {
        match self {
            Self::Liquidation(circuit) => Self::Liquidation(circuit.without_witnesses()),
            Self::Solvency(circuit) => Self::Solvency(circuit.without_witnesses()),
        }
    }

    fn configure_with_params(
        meta: &mut ConstraintSystem<Fr>,
        params: Self::Params,
    ) -> Self::Config {
        let shape = params.map(|(_, shape)| shape);
        match params {
            Some((Statement::Solvency, _)) => AnyConfig::Solvency(Box::new(
                SolvencyCircuit::configure_with_params(meta, shape),
            )),
            _ => AnyConfig::Liquidation(Box::new(LiquidationCircuit::configure_with_params(
                meta, shape,
            ))),
        }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        Self::configure_with_params(meta, None)
    }

    fn synthesize(&self, config: Self::Config, layouter: impl Layouter<Fr>) -> Result<(), Error> {
        match (self, config) {
            (Self::Liquidation(circuit), AnyConfig::Liquidation(config)) => {
                circuit.synthesize(*config, layouter)
            }
            (Self::Solvency(circuit), AnyConfig::Solvency(config)) => {
                circuit.synthesize(*config, layouter)
            }
            _ => Err(Error::Synthesis),
        }
    }
}
