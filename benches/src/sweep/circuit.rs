//! A circuit of a layout: the statement's own rows, limbs, lookups, copies and gates on other columns. Gates are computed in every row, as
//! always, and switched on in none: those of a row would have to move with it.

use std::sync::Arc;

use halo2_proofs::{
    circuit::{Cell, Layouter, SimpleFloorPlanner, Value},
    plonk::{Circuit, ConstraintSystem, Error},
};
use halo2curves::bn256::Fr;

use super::design::{Config, Design};

/// The circuit. It is the same with and without its values.
#[derive(Debug, Clone)]
pub struct Synthetic(Arc<Design>);

impl Synthetic {
    /// Of a design.
    pub fn new(design: Design) -> Self {
        Self(Arc::new(design))
    }
}

impl Circuit<Fr> for Synthetic {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Arc<Design>;

    fn params(&self) -> Self::Params {
        self.0.clone()
    }

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, design: Self::Params) -> Config {
        design.configure(meta).0
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        Self::configure_with_params(meta, Arc::default())
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let (design, deal) = (&self.0, &self.0.deal);
        layouter.assign_region(
            || "layout",
            |mut region| {
                let mut cells: Vec<Vec<Option<Cell>>> = Vec::with_capacity(deal.advice.len());
                for (column, values) in config.columns.advice.iter().zip(&deal.advice) {
                    let own = values.iter().enumerate().map(|(row, value)| {
                        let value = Value::known((*value)?);
                        Some(region.assign_advice(*column, row, value).cell())
                    });
                    cells.push(own.collect());
                }
                for (key, column) in &config.columns.fixed {
                    for (row, value) in design.fixed.get(key).into_iter().flatten() {
                        region.assign_fixed(*column, *row, *value);
                    }
                }
                // What is looked up, where it has columns of its own.
                let apart = config.apart.iter().flat_map(|apart| &apart.columns);
                for (column, values) in apart.zip(design.inputs.iter().flatten()) {
                    for (row, value) in values.iter().enumerate() {
                        region.assign_advice(*column, row, Value::known(*value));
                    }
                }
                // Factors are as large as anything in the main columns.
                for (column, values) in config.factors.iter().zip(deal.advice.iter().cycle()) {
                    for (row, value) in values.iter().enumerate() {
                        if let Some(value) = value {
                            region.assign_advice(*column, row, Value::known(*value));
                        }
                    }
                }
                for [a, b] in &deal.copies {
                    let cell = |(column, row): &(usize, usize)| {
                        cells
                            .get(*column)
                            .and_then(|c| c.get(*row))
                            .copied()
                            .flatten()
                    };
                    let (a, b) = cell(a).zip(cell(b)).ok_or(Error::Synthesis)?;
                    region.constrain_equal(a, b);
                }
                Ok(())
            },
        )
    }
}
