//! Degrees, which the backend would not refuse, and the circuit's size, pinned.

use std::{collections::BTreeSet, fmt::Write, path::Path};

use halo2_proofs::{
    dev::{CellValue, MockProver},
    plonk::{Circuit, ConstraintSystem},
};
use halo2curves::bn256::Fr;

use super::{
    harness::{Scene, guilty, sample, table},
    rows::Rows,
};
use crate::{
    circuit::{LiquidationCircuit, LiquidationConfig, MAX_DEGREE, Witness, sheet::constant},
    model::Account,
    shape::Shape,
    slots::Slots,
};

fn configure(shape: Shape) -> (ConstraintSystem<Fr>, LiquidationConfig) {
    let mut system = ConstraintSystem::default();
    let config = LiquidationCircuit::configure_with_params(&mut system, Some(shape));
    (system, config)
}

/// Every gate polynomial's and lookup's degree by name. `ConstraintSystem::degree` cannot be
/// used: the backend caps it, whatever the gates need.
pub fn degrees(system: &ConstraintSystem<Fr>) -> Vec<(String, usize)> {
    let gates = system.gates().iter().flat_map(|gate| {
        let degree = |p: &halo2_proofs::plonk::Expression<Fr>| (gate.name().to_owned(), p.degree());
        gate.polynomials().iter().map(degree)
    });
    let lookups = system.lookups().iter().map(|lookup| {
        let most = |list: &[halo2_proofs::plonk::Expression<Fr>]| {
            list.iter().map(|e| e.degree()).max().unwrap_or(0).max(1)
        };
        let inputs = most(lookup.input_expressions());
        let tables = most(lookup.table_expressions());
        (lookup.name().to_owned(), inputs + tables + 2)
    });
    gates.chain(lookups).collect()
}

fn too_high(system: &ConstraintSystem<Fr>) -> Vec<String> {
    let high = degrees(system).into_iter().filter(|(_, d)| *d > MAX_DEGREE);
    high.map(|(name, _)| name).collect()
}

#[test]
fn every_degree_is_within_the_backends_cap() {
    for shape in Shape::ALL {
        let (system, _) = configure(shape);
        assert_eq!(too_high(&system), Vec::<String>::new());
        assert_eq!(
            degrees(&system).iter().map(|(_, d)| *d).max(),
            Some(MAX_DEGREE)
        );
    }
}

#[test]
fn a_gate_or_lookup_of_degree_six_is_noticed() {
    let (mut system, _) = configure(Shape::Small);
    let column = system.advice_column();
    let q = system.selector();
    system.create_gate("fifth power", |meta| {
        let q = meta.query_selector(q);
        let x = meta.query_advice(column, halo2_proofs::poly::Rotation::cur());
        vec![q * x.clone() * x.clone() * x.clone() * x.clone() * x]
    });
    let fixed = system.fixed_column();
    system.lookup_any("cube", |meta| {
        let x = meta.query_advice(column, halo2_proofs::poly::Rotation::cur());
        let table = meta.query_fixed(fixed, halo2_proofs::poly::Rotation::cur());
        vec![(x.clone() * x.clone() * x + constant(1), table)]
    });
    assert_eq!(system.degree(), MAX_DEGREE, "the backend sees nothing");
    assert_eq!(too_high(&system), ["fifth power", "cube"]);
}

/// Rows of the main area and of the limb column.
fn rows_used(shape: Shape) -> (usize, usize) {
    let table = table();
    let account: Account = sample("account-small.json");
    let slots = Slots::new(&account, shape).expect("fits");
    let scenario = *guilty(&slots, &table).first().expect("under-margined");
    let witness = Witness::new(slots, &table, scenario, Fr::from(7)).expect("under-margined");
    let instance = witness.instance();
    let circuit = LiquidationCircuit::with_witness(witness);
    let prover = MockProver::run(shape.k(), &circuit, instance).expect("synthesis");
    assert_eq!(prover.verify(), Ok(()));
    let (_, config) = configure(shape);
    let switches = config.range.switches.iter().flatten();
    let limbs = switches
        .flat_map(|switches| prover.fixed_values(switches.q_limb))
        .filter(|cell| **cell == CellValue::Assigned(Fr::one()))
        .count();
    // The terms' last row starts with the shortfall, which is not zero.
    let column =
        crate::circuit::sheet::Columns::configure(&mut ConstraintSystem::default(), shape).main[0];
    let usable = &prover.advice_values(column)[..(1 << shape.k()) - 8];
    let last = usable.iter().rposition(|cell| !is_zero(cell));
    (last.expect("rows") + 1, limbs)
}

fn is_zero(cell: &halo2_proofs::dev::AdviceCellValue<Fr>) -> bool {
    match cell {
        halo2_proofs::dev::AdviceCellValue::Assigned(value) => value.evaluate() == Fr::zero(),
        halo2_proofs::dev::AdviceCellValue::Poison(_) => true,
    }
}

fn costs() -> String {
    let mut text =
        String::from("# Rewritten by ZKMARGIN_BLESS=1 cargo test -p zkmargin-circuits costs\n");
    for shape in Shape::ALL {
        let (system, _) = configure(shape);
        let (main, limbs) = rows_used(shape);
        let polynomials: usize = system.gates().iter().map(|g| g.polynomials().len()).sum();
        let degree = degrees(&system).iter().map(|(_, d)| *d).max().unwrap_or(0);
        let rotations: BTreeSet<i32> = system.advice_queries().iter().map(|(_, r)| r.0).collect();
        let mut line = |name: &str, value: usize| {
            writeln!(text, "{shape} {name} {value}").expect("a string");
        };
        line("k", shape.k() as usize);
        line("rows.main", main);
        line("rows.limb", limbs);
        line("columns.advice", system.num_advice_columns());
        line("columns.fixed", system.num_fixed_columns());
        line("columns.instance", system.num_instance_columns());
        line(
            "columns.permutation",
            system.permutation().get_columns().len(),
        );
        line("selectors", system.num_selectors());
        line("lookups", system.lookups().len());
        line("gates", system.gates().len());
        line("constraints", polynomials);
        line("degree", degree);
        line("queries.advice", system.advice_queries().len());
        line("queries.fixed", system.fixed_queries().len());
        line("queries.instance", system.instance_queries().len());
        line("rotations", rotations.len());
    }
    text
}

/// `ZKMARGIN_BLESS=1 cargo test -p zkmargin-circuits costs` rewrites the golden file.
#[test]
fn costs_are_pinned() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/costs.txt");
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

#[test]
fn the_row_map_is_the_circuits() {
    for shape in Shape::ALL {
        assert_eq!(rows_used(shape).0, Rows::of(shape).end(), "{shape}");
    }
    let scene = Scene::sample();
    assert_eq!(
        scene.instance.len(),
        configure(Shape::Small).0.num_instance_columns()
    );
}
