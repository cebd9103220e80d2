//! The circuit's size, pinned: rows and limbs that each lane takes, columns, gates, lookups, degree.

use std::{
    collections::HashMap,
    fmt::Write,
    path::Path,
    sync::{LazyLock, Mutex},
};

use halo2_proofs::{
    circuit::Value,
    plonk::{
        Advice, Any, Assigned, Assignment, Challenge, Circuit, Column, ConstraintSystem, Error,
        Fixed, FloorPlanner, Instance, Selector,
    },
};
use halo2curves::bn256::Fr;

use super::super::SolvencyCircuit;
use crate::{
    circuit::{MAX_DEGREE, tests::costs::degrees},
    shape::{Shape, Statement},
};

type Taken = Vec<(usize, usize)>;

static TAKEN: LazyLock<Mutex<HashMap<Shape, Taken>>> = LazyLock::new(Mutex::default);

/// Keeps what a synthesis took.
pub fn record(shape: Shape, taken: Taken) {
    TAKEN.lock().expect("a lock").insert(shape, taken);
}

/// Rows below which everything is assigned.
struct Rows(usize);

impl Rows {
    fn within(&self, row: usize) -> Result<(), Error> {
        (row < self.0).then_some(()).ok_or(Error::BoundsFailure)
    }
}

impl Assignment<Fr> for Rows {
    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: Column<Any>) {}

    fn exit_region(&mut self) {}

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        _: &Selector,
        row: usize,
    ) -> Result<(), Error> {
        self.within(row)
    }

    fn query_instance(&self, _: Column<Instance>, row: usize) -> Result<Value<Fr>, Error> {
        self.within(row).map(|()| Value::unknown())
    }

    fn assign_advice<'v>(
        &mut self,
        _: Column<Advice>,
        row: usize,
        _: Value<Assigned<Fr>>,
    ) -> Value<&'v Assigned<Fr>> {
        self.within(row).expect("a usable row");
        Value::unknown()
    }

    fn assign_fixed(&mut self, _: Column<Fixed>, row: usize, _: Assigned<Fr>) {
        self.within(row).expect("a usable row");
    }

    fn copy(&mut self, _: Column<Any>, left: usize, _: Column<Any>, right: usize) {
        self.within(left.max(right)).expect("usable rows");
    }

    fn fill_from_row(
        &mut self,
        _: Column<Fixed>,
        row: usize,
        _: Value<Assigned<Fr>>,
    ) -> Result<(), Error> {
        self.within(row)
    }

    fn get_challenge(&self, _: Challenge) -> Value<Fr> {
        Value::unknown()
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self, _: Option<String>) {}
}

/// What a synthesis without a witness takes of each lane: rows and limbs.
fn taken(shape: Shape) -> Taken {
    let mut system = ConstraintSystem::default();
    let config = SolvencyCircuit::configure_with_params(&mut system, Some(shape));
    let usable = (1 << Statement::Solvency.k(shape)) - (system.blinding_factors() + 1);
    let (circuit, constants) = (SolvencyCircuit::new(shape), system.constants().clone());
    <SolvencyCircuit as Circuit<Fr>>::FloorPlanner::synthesize(
        &mut Rows(usable),
        &circuit,
        config,
        constants,
    )
    .expect("the shape's rows suffice");
    TAKEN.lock().expect("a lock")[&shape].clone()
}

fn costs() -> String {
    let mut text = String::from(
        "# Rewritten by ZKMARGIN_BLESS=1 cargo test -p zkmargin-circuits solvency::tests::costs\n",
    );
    for shape in Shape::ALL {
        let mut system = ConstraintSystem::default();
        SolvencyCircuit::configure_with_params(&mut system, Some(shape));
        let polynomials: usize = system.gates().iter().map(|g| g.polynomials().len()).sum();
        let degree = degrees(&system).iter().map(|(_, d)| *d).max().unwrap_or(0);
        assert!(degree <= MAX_DEGREE, "{shape}");
        let mut line = |name: &str, value: usize| {
            writeln!(text, "{shape} {name} {value}").expect("a string");
        };
        line("k", Statement::Solvency.k(shape) as usize);
        for (lane, (rows, limbs)) in taken(shape).into_iter().enumerate() {
            line(&format!("lane{lane}.rows"), rows);
            line(&format!("lane{lane}.limbs"), limbs);
        }
        line("columns.advice", system.num_advice_columns());
        line("columns.fixed", system.num_fixed_columns());
        line("columns.instance", system.num_instance_columns());
        let permuted = system.permutation().get_columns().len();
        line("columns.permutation", permuted);
        line("selectors", system.num_selectors());
        line("lookups", system.lookups().len());
        line("gates", system.gates().len());
        line("constraints", polynomials);
        line("degree", degree);
        line("queries.advice", system.advice_queries().len());
        line("queries.fixed", system.fixed_queries().len());
        line("queries.instance", system.instance_queries().len());
    }
    text
}

/// `ZKMARGIN_BLESS=1 cargo test -p zkmargin-circuits solvency::tests::costs` rewrites the golden file.
#[test]
fn costs_are_pinned() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/solvency_costs.txt");
    let costs = costs();
    if std::env::var_os("ZKMARGIN_BLESS").is_some() {
        std::fs::write(&path, &costs).expect("writable");
    }
    let golden = std::fs::read_to_string(&path).expect("golden file");
    assert_eq!(
        costs, golden,
        "run once with ZKMARGIN_BLESS=1 if this is meant"
    );
}

/// What lanes take does not depend on the witness, and is the same every time.
#[test]
fn rows_are_the_same_with_and_without_a_witness() {
    let without = taken(Shape::Small);
    let _ = super::harness::EVERY_RULE.image.rows;
    let with = TAKEN.lock().expect("a lock")[&Shape::Small].clone();
    assert_eq!(with, without);
}
