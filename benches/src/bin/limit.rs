//! How far each proof is from what its multi-scalar multiplications and transforms alone would take.
//!
//! ```text
//! limit [--runs N] [--only NAME] [--json]      NAME: small, medium, large, solvency-medium
//! ```
//! One multi-scalar multiplication and one transform of the circuit's size are measured in the same process and thread pool, between
//! proofs, and multiplied by how many of them the proof needs.

use std::{error::Error, process::ExitCode, time::Instant};

use ff::Field;
use halo2_proofs::{
    arithmetic::best_multiexp, plonk::ConstraintSystem, poly::commitment::ParamsProver,
};
use halo2curves::bn256::Fr;
use rand_core::OsRng;
use rayon::prelude::*;
use serde::Serialize;
use zkmargin_benches::{machine::Machine, median, statement::Sample};
use zkmargin_circuits::shape::Shape;
use zkmargin_prover::{Params, ProvingKey};
use zkmargin_verifier::packing::PACKED;

/// What a proof cannot do without.
#[derive(Debug, Clone, Copy, Serialize)]
struct Work {
    /// Commitments to columns of values of any size: advice, grand products, permuted rows of wide lookups, quotient, blinding, the two
    /// openings, each as long as four.
    full: usize,
    /// Commitments to permuted columns of range checks, whose values have ten bits.
    small: usize,
    /// Transforms of the circuit's size: one a column and one a column and coset.
    transforms: usize,
    /// Inverse transforms of the extended domain.
    extended: usize,
}

impl Work {
    fn of(cs: &ConstraintSystem<Fr>, cosets: usize) -> Self {
        let lookups = cs.lookups();
        let narrow = lookups.iter().filter(|l| l.input_expressions().len() == 1);
        let narrow = narrow.count();
        let chunk = cs.degree() - 2;
        let sets = cs.permutation().get_columns().len().div_ceil(chunk);
        let advice = cs.num_advice_columns();
        // The table that all wide lookups share is compressed before it is transformed.
        let tables = usize::from(narrow < lookups.len());
        // The others are the table's.
        let width = lookups.iter().map(|l| l.input_expressions().len()).max();
        let instance = cs.num_instance_columns() - width.unwrap_or(0);
        let committed = advice + 3 * lookups.len() + sets;
        Self {
            // A polynomial with groups in it is as long as that many columns.
            full: committed - 2 * narrow + 1 + (cs.degree() - 1) + 2 * PACKED,
            small: 2 * narrow,
            transforms: (committed + tables + instance) * (1 + cosets),
            extended: 1,
        }
    }
}

/// A circuit with what was measured of it, milliseconds.
#[derive(Debug, Serialize)]
struct Limit {
    name: String,
    k: u32,
    work: Work,
    multiplication_ms: f64,
    small_multiplication_ms: f64,
    transform_ms: f64,
    extended_transform_ms: f64,
    limit_ms: f64,
    prove_ms: f64,
    ratio: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    machine: Machine,
    runs: usize,
    circuits: Vec<Limit>,
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Time of one, where as many run side by side as there are threads: as they do in a proof.
fn side_by_side(work: impl Fn() + Sync) -> f64 {
    let count = 2 * rayon::current_num_threads();
    let start = Instant::now();
    (0..count).into_par_iter().for_each(|_| work());
    ms(start) / count as f64
}

fn measure(name: &str, sample: &Sample, runs: usize) -> Result<Limit, Box<dyn Error>> {
    let params: Params = sample.params();
    let key: ProvingKey = sample.keys(&params)?;
    let vk = key.backend().get_vk();
    let domain = vk.get_domain();
    let (n, cosets) = (1 << domain.k(), domain.extended_len() >> domain.k());
    let work = Work::of(vk.cs(), cosets);
    let full: Vec<Fr> = (0..n).map(|_| Fr::random(OsRng)).collect();
    let small: Vec<Fr> = (0..n as u64).map(|i| Fr::from(i * i % 1024)).collect();
    let bases = params.kzg().get_g();
    sample.prove(&params, &key)?;
    let mut samples: [Vec<f64>; 5] = Default::default();
    for _ in 0..runs {
        let proof = sample.prove(&params, &key)?;
        let times = [
            proof.prove_time.as_secs_f64() * 1e3,
            side_by_side(|| {
                std::hint::black_box(best_multiexp(&full, bases));
            }),
            side_by_side(|| {
                std::hint::black_box(best_multiexp(&small, bases));
            }),
            side_by_side(|| {
                let values = domain.lagrange_from_vec(full.clone());
                std::hint::black_box(domain.lagrange_to_coeff(values));
            }),
            side_by_side(|| {
                let parts = (0..cosets).map(|_| domain.lagrange_from_vec(full.clone()));
                let values = domain.extended_from_lagrange_vec(parts.collect());
                std::hint::black_box(domain.extended_to_coeff(values));
            }),
        ];
        samples.iter_mut().zip(times).for_each(|(s, t)| s.push(t));
    }
    let [prove, multiplication, small, transform, extended] = samples.map(median);
    let limit = work.full as f64 * multiplication
        + work.small as f64 * small
        + work.transforms as f64 * transform
        + work.extended as f64 * extended;
    Ok(Limit {
        name: name.to_owned(),
        k: domain.k(),
        work,
        multiplication_ms: multiplication,
        small_multiplication_ms: small,
        transform_ms: transform,
        extended_transform_ms: extended,
        limit_ms: limit,
        prove_ms: prove,
        ratio: prove / limit,
    })
}

fn print(report: &Report) {
    println!("{}", report.machine);
    println!("medians of {} runs; milliseconds\n", report.runs);
    println!(
        "{:<16} {:>2} {:>14} {:>14} {:>15} {:>8} {:>8} {:>6}",
        "", "k", "full x ms", "10-bit x ms", "transforms x ms", "limit", "prove", "ratio"
    );
    for circuit in &report.circuits {
        let Work {
            full,
            small,
            transforms,
            ..
        } = circuit.work;
        println!(
            "{:<16} {:>2} {:>14} {:>14} {:>15} {:>8.0} {:>8.0} {:>6.2}",
            circuit.name,
            circuit.k,
            format!("{full} x {:.1}", circuit.multiplication_ms),
            format!("{small} x {:.1}", circuit.small_multiplication_ms),
            format!("{transforms} x {:.2}", circuit.transform_ms),
            circuit.limit_ms,
            circuit.prove_ms,
            circuit.ratio,
        );
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut runs, mut only, mut json) = (5, None, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--runs" => runs = value()?.parse()?,
            "--only" => only = Some(value()?),
            "--json" => json = true,
            _ => return Err(format!("unknown argument '{word}'").into()),
        }
    }
    if runs == 0 {
        return Err("--runs must be above 0".into());
    }
    let subjects = [
        ("small", Sample::of(Shape::Small)),
        ("medium", Sample::of(Shape::Medium)),
        ("large", Sample::of(Shape::Large)),
        ("solvency-medium", Sample::healthy(Shape::Medium)),
    ];
    let mut circuits = Vec::new();
    for (name, sample) in subjects {
        if only.as_deref().is_none_or(|only| only == name) {
            circuits.push(measure(name, &sample, runs)?);
        }
    }
    if circuits.is_empty() {
        return Err("no such circuit: small, medium, large or solvency-medium".into());
    }
    let report = Report {
        machine: Machine::this(),
        runs,
        circuits,
    };
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
