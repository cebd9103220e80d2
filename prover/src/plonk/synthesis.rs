//! The advice that a circuit assigns.

use ff::Field;
use halo2_proofs::{
    circuit::Value,
    plonk::{
        Advice, Any, Assigned, Assignment, Challenge, Circuit, Column, ConstraintSystem, Error,
        Fixed, FloorPlanner, Instance, Selector,
    },
};
use halo2curves::bn256::Fr;

use super::columns::random;

/// What a circuit is assigned into.
struct Sheet<'a> {
    advice: Vec<Vec<Fr>>,
    instance: &'a [&'a [Fr]],
    usable: usize,
    /// The first cell that could not be assigned.
    failed: bool,
}

/// Columns of advice, their last `unusable` rows random.
///
/// # Errors
/// The circuit's, or that a cell has no value or no place.
pub(super) fn advice<C: Circuit<Fr>>(
    circuit: &C,
    cs: &ConstraintSystem<Fr>,
    instance: &[&[Fr]],
    rows: usize,
    unusable: usize,
) -> Result<Vec<Vec<Fr>>, Error> {
    let mut own = ConstraintSystem::default();
    let config = C::configure_with_params(&mut own, circuit.params());
    let usable = rows - unusable;
    if instance.len() != cs.num_instance_columns() || instance.iter().any(|c| c.len() > usable) {
        return Err(Error::InvalidInstances);
    }
    let mut sheet = Sheet {
        advice: vec![vec![Fr::ZERO; rows]; cs.num_advice_columns()],
        instance,
        usable,
        failed: false,
    };
    C::FloorPlanner::synthesize(&mut sheet, circuit, config, cs.constants().clone())?;
    if sheet.failed {
        return Err(Error::Synthesis);
    }
    for column in &mut sheet.advice {
        column.truncate(usable);
        column.extend(random(unusable));
    }
    Ok(sheet.advice)
}

impl Assignment<Fr> for Sheet<'_> {
    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: Column<Any>) {}

    fn exit_region(&mut self) {}

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        _: &Selector,
        _: usize,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn query_instance(&self, column: Column<Instance>, row: usize) -> Result<Value<Fr>, Error> {
        let value = self.instance.get(column.index()).and_then(|c| c.get(row));
        value.map(|v| Value::known(*v)).ok_or(Error::BoundsFailure)
    }

    /// Says nothing about what the cell holds: a reference would have to outlive the sheet.
    fn assign_advice<'v>(
        &mut self,
        column: Column<Advice>,
        row: usize,
        to: Value<Assigned<Fr>>,
    ) -> Value<&'v Assigned<Fr>> {
        let usable = row < self.usable;
        let column = self.advice.get_mut(column.index());
        let cell = column.and_then(|column| column.get_mut(row));
        let mut value = None;
        to.map(|to| value = Some(to.evaluate()));
        match (cell, value) {
            (Some(cell), Some(value)) if usable => *cell = value,
            _ => self.failed = true,
        }
        Value::unknown()
    }

    fn assign_fixed(&mut self, _: Column<Fixed>, _: usize, _: Assigned<Fr>) {}

    fn copy(&mut self, _: Column<Any>, _: usize, _: Column<Any>, _: usize) {}

    fn fill_from_row(
        &mut self,
        _: Column<Fixed>,
        _: usize,
        _: Value<Assigned<Fr>>,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn get_challenge(&self, _: Challenge) -> Value<Fr> {
        Value::unknown()
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self, _: Option<String>) {}
}
