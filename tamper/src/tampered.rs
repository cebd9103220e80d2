//! A circuit with a dishonest hand on its assignments.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    marker::PhantomData,
};

use ff::{Field, PrimeField};
use halo2_proofs::{
    circuit::{
        self, AssignedCell, Layouter, Region, Table, Value,
        layouter::{RegionLayouter, SyncDeps},
    },
    plonk::{
        Advice, Any, Assigned, Challenge, Circuit, Column, ConstraintSystem, Error, Fixed,
        Instance, Selector,
    },
};

use crate::{cell::Cell, image::Image};

/// What is done to a synthesis.
#[derive(Clone, Debug, Default)]
pub struct Plan<F> {
    /// Advice cells that get another value. Whatever the circuit computes from the value that it
    /// reads back from the cell follows.
    pub values: BTreeMap<Cell, F>,
    /// Copy constraints that are left out, by their two cells in the order of the call: a copy
    /// becomes a free assignment.
    pub cut: BTreeSet<(Cell, Cell)>,
}

impl<F> Plan<F> {
    /// One cell with another value.
    pub fn forging(cell: Cell, value: F) -> Self {
        Self {
            values: BTreeMap::from([(cell, value)]),
            cut: BTreeSet::new(),
        }
    }

    /// Exactly this assignment: the image's, with these changes and nothing that follows from
    /// them.
    pub fn exactly(image: &Image<F>, changes: &[(Cell, F)]) -> Self
    where
        F: PrimeField,
    {
        let assigned = image
            .assigned
            .iter()
            .map(|cell| (*cell, image.value(*cell)));
        let mut values: BTreeMap<Cell, F> = assigned.collect();
        values.extend(changes.iter().copied());
        Self {
            values,
            cut: BTreeSet::new(),
        }
    }

    /// One copy that is a free assignment.
    pub fn cutting(edge: (Cell, Cell)) -> Self {
        Self {
            values: BTreeMap::new(),
            cut: BTreeSet::from([edge]),
        }
    }
}

/// A circuit that is synthesised as `plan` says: by the recorder, the mock prover, key
/// generation or the real prover.
#[derive(Clone, Debug)]
pub struct Tampered<C, F> {
    /// The honest circuit.
    pub circuit: C,
    /// What is done to it.
    pub plan: Plan<F>,
}

impl<C: Circuit<F>, F: Field> Circuit<F> for Tampered<C, F> {
    type Config = C::Config;
    type FloorPlanner = C::FloorPlanner;
    type Params = C::Params;

    fn params(&self) -> Self::Params {
        self.circuit.params()
    }

    fn without_witnesses(&self) -> Self {
        Self {
            circuit: self.circuit.without_witnesses(),
            plan: self.plan.clone(),
        }
    }

    fn configure_with_params(meta: &mut ConstraintSystem<F>, params: Self::Params) -> Self::Config {
        C::configure_with_params(meta, params)
    }

    fn configure(meta: &mut ConstraintSystem<F>) -> Self::Config {
        C::configure(meta)
    }

    fn synthesize(&self, config: Self::Config, layouter: impl Layouter<F>) -> Result<(), Error> {
        let layouter = TamperLayouter {
            inner: layouter,
            plan: &self.plan,
            field: PhantomData,
        };
        self.circuit.synthesize(config, layouter)
    }
}

struct TamperLayouter<'p, L, F> {
    inner: L,
    plan: &'p Plan<F>,
    field: PhantomData<F>,
}

impl<L: Layouter<F>, F: Field> Layouter<F> for TamperLayouter<'_, L, F> {
    type Root = Self;

    fn assign_region<A, AR, N, NR>(&mut self, name: N, assignment: A) -> Result<AR, Error>
    where
        A: FnOnce(Region<'_, F>) -> Result<AR, Error>,
        N: Fn() -> NR,
        NR: Into<String>,
    {
        let plan = self.plan;
        self.inner.assign_region(name, |region| {
            let mut region = TamperRegion { region, plan };
            let region: &mut dyn RegionLayouter<F> = &mut region;
            assignment(region.into())
        })
    }

    fn assign_table<A, N, NR>(&mut self, name: N, assignment: A) -> Result<(), Error>
    where
        A: FnMut(Table<'_, F>) -> Result<(), Error>,
        N: Fn() -> NR,
        NR: Into<String>,
    {
        self.inner.assign_table(name, assignment)
    }

    fn constrain_instance(&mut self, cell: circuit::Cell, column: Column<Instance>, row: usize) {
        let edge = (Cell::from(cell), Cell::instance(column.index(), row));
        if !self.plan.cut.contains(&edge) {
            self.inner.constrain_instance(cell, column, row);
        }
    }

    fn next_phase(&mut self) {
        self.inner.next_phase();
    }

    fn get_challenge(&self, challenge: Challenge) -> Value<F> {
        self.inner.get_challenge(challenge)
    }

    fn get_root(&mut self) -> &mut Self::Root {
        self
    }

    fn push_namespace<NR, N>(&mut self, name: N)
    where
        NR: Into<String>,
        N: FnOnce() -> NR,
    {
        self.inner.push_namespace(name);
    }

    fn pop_namespace(&mut self, gadget_name: Option<String>) {
        self.inner.pop_namespace(gadget_name);
    }
}

struct TamperRegion<'p, 'r, F: Field> {
    region: Region<'r, F>,
    plan: &'p Plan<F>,
}

impl<F: Field> fmt::Debug for TamperRegion<'_, '_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TamperRegion").finish_non_exhaustive()
    }
}

impl<F: Field> RegionLayouter<F> for TamperRegion<'_, '_, F>
where
    Self: SyncDeps,
{
    fn enable_selector<'v>(
        &'v mut self,
        _: &'v (dyn Fn() -> String + 'v),
        selector: &Selector,
        offset: usize,
    ) -> Result<(), Error> {
        selector.enable(&mut self.region, offset)
    }

    fn name_column<'v>(
        &'v mut self,
        annotation: &'v (dyn Fn() -> String + 'v),
        column: Column<Any>,
    ) {
        self.region.name_column(annotation, column);
    }

    fn assign_advice<'v>(
        &mut self,
        column: Column<Advice>,
        offset: usize,
        to: Value<Assigned<F>>,
    ) -> AssignedCell<&'v Assigned<F>, F> {
        let forged = self.plan.values.get(&Cell::advice(column.index(), offset));
        // Without a witness there is nothing to forge.
        let to = to.map(|honest| forged.map_or(honest, |forged| Assigned::Trivial(*forged)));
        self.region.assign_advice(column, offset, to)
    }

    fn assign_advice_from_constant<'v>(
        &'v mut self,
        _: &'v (dyn Fn() -> String + 'v),
        column: Column<Advice>,
        offset: usize,
        constant: Assigned<F>,
    ) -> Result<circuit::Cell, Error> {
        let cell = self
            .assign_advice(column, offset, Value::known(constant))
            .cell();
        self.region.constrain_constant(cell, constant)?;
        Ok(cell)
    }

    fn assign_advice_from_instance<'v>(
        &mut self,
        _: &'v (dyn Fn() -> String + 'v),
        instance: Column<Instance>,
        row: usize,
        advice: Column<Advice>,
        offset: usize,
    ) -> Result<(circuit::Cell, Value<F>), Error> {
        let assigned =
            self.region
                .assign_advice_from_instance(|| "", instance, row, advice, offset)?;
        // The inner region has made the copy already; the forged value goes on top of it.
        let value = assigned.value().map(|v| Assigned::Trivial(*v));
        let cell = self.assign_advice(advice, offset, value);
        Ok((cell.cell(), cell.value().map(|v| v.evaluate())))
    }

    fn instance_value(&mut self, column: Column<Instance>, row: usize) -> Result<Value<F>, Error> {
        self.region.instance_value(column, row)
    }

    fn assign_fixed(
        &mut self,
        column: Column<Fixed>,
        offset: usize,
        to: Assigned<F>,
    ) -> circuit::Cell {
        self.region.assign_fixed(column, offset, to)
    }

    fn constrain_constant(
        &mut self,
        cell: circuit::Cell,
        constant: Assigned<F>,
    ) -> Result<(), Error> {
        self.region.constrain_constant(cell, constant)
    }

    fn constrain_equal(&mut self, left: circuit::Cell, right: circuit::Cell) {
        if !self.plan.cut.contains(&(left.into(), right.into())) {
            self.region.constrain_equal(left, right);
        }
    }

    fn get_challenge(&self, challenge: Challenge) -> Value<F> {
        self.region.get_challenge(challenge)
    }

    fn next_phase(&mut self) {
        self.region.next_phase();
    }
}
