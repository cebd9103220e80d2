//! How far the check of a proof is from what it cannot do without: a multi-scalar multiplication of its commitments, and a pairing.

use std::{error::Error, hint::black_box, process::ExitCode};

use clap::Parser;
use ff::Field;
use group::Group;
use halo2_proofs::arithmetic::best_multiexp;
use halo2curves::{
    bn256::{Bn256, Fr, G1, G1Affine, G2Affine, G2Prepared},
    pairing::{MillerLoopResult, MultiMillerLoop},
};
use rand_core::OsRng;
use rayon::prelude::*;
use serde::Serialize;
use zkmargin_benches::{
    machine::{Machine, cpu_ns},
    markdown::{table, write_part},
    median, progress,
    statement::Sample,
    timed,
};
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_verifier::{
    Market, ProofFile, Rejection, Request, VerifyingKey, verify_batch, verify_health_batch,
};

/// Measures the check of a proof against its floor: one multi-scalar multiplication of the proof's and the key's commitments, and one
/// pairing check. Medians, interleaved in one process.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  verify
  verify --runs 51 --only medium
  verify --json | jq '.circuits[] | {name, ready_ratio}'
  verify --page docs/performance.md        writes the table into the page

RAYON_NUM_THREADS sets the number of threads.")]
struct Args {
    /// Runs, of which the medians are taken.
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Proofs of a batch. They are one proof as often: nothing in the check knows.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// One circuit: small, medium, large, solvency-medium.
    #[arg(long)]
    only: Option<String>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    json: bool,
    /// Write the table into this page, between '<!-- begin verify -->' and '<!-- end verify -->'.
    #[arg(long)]
    page: Option<std::path::PathBuf>,
}

/// Points that a check multiplies.
#[derive(Debug, Clone, Copy, Serialize)]
struct Points {
    /// Of the proof itself.
    proof: usize,
    /// Of the key: fixed columns, permutation, generator.
    key: usize,
}

impl Points {
    fn of(key: &VerifyingKey) -> Self {
        Self {
            proof: key.proof_points(),
            key: key.own_points(),
        }
    }
}

/// What a check cannot do without.
struct Floor {
    points: Points,
    scalars: Vec<Fr>,
    bases: Vec<G1Affine>,
    g2: [G2Prepared; 2],
}

impl Floor {
    fn new(key: &VerifyingKey, batch: usize) -> Self {
        let points = Points::of(key);
        let most = batch * points.proof + points.key;
        let bases = (0..most).into_par_iter().map(|_| G1::random(OsRng).into());
        let g2 = [key.tau_g2(), -G2Affine::generator()];
        Self {
            points,
            scalars: (0..most).map(|_| Fr::random(OsRng)).collect(),
            bases: bases.collect(),
            g2: g2.map(G2Prepared::from),
        }
    }

    /// Of so many proofs of one key together: the key's points are multiplied once.
    fn run(&self, proofs: usize) {
        let count = proofs * self.points.proof + self.points.key;
        let right: G1Affine = best_multiexp(&self.scalars[..count], &self.bases[..count]).into();
        let terms = [(&self.bases[0], &self.g2[0]), (&right, &self.g2[1])];
        let result = Bn256::multi_miller_loop(&terms).final_exponentiation();
        black_box(bool::from(result.is_identity()));
    }
}

/// What one check takes, milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
struct Cost {
    /// By the clock on the wall, a median.
    wall_ms: f64,
    /// Of processors, the mean of all runs: what other work on the machine changes less.
    cpu_ms: f64,
}

impl Cost {
    /// Each of so many.
    fn each(self, count: usize) -> Self {
        Self {
            wall_ms: self.wall_ms / count as f64,
            cpu_ms: self.cpu_ms / count as f64,
        }
    }

    /// Both times as ratios.
    fn over(self, floor: Self) -> Ratio {
        Ratio {
            wall: self.wall_ms / floor.wall_ms,
            cpu: self.cpu_ms / floor.cpu_ms,
        }
    }
}

/// A cost over its floor.
#[derive(Debug, Clone, Copy, Serialize)]
struct Ratio {
    wall: f64,
    cpu: f64,
}

/// A circuit with what was measured of it.
#[derive(Debug, Serialize)]
struct Measured {
    name: String,
    points: Points,
    /// Multi-scalar multiplication and pairing.
    floor: Cost,
    /// The check of a proof in a market whose table is there.
    ready: Cost,
    /// The check with the table.
    alone: Cost,
    /// One multiplication and pairing for a batch, each proof.
    batch_floor: Cost,
    /// The check of a batch, each proof.
    batch: Cost,
    ready_ratio: Ratio,
    alone_ratio: Ratio,
    /// To the floor of one proof.
    batch_ratio: Ratio,
    /// To the floor of a batch.
    batch_floor_ratio: Ratio,
}

#[derive(Debug, Serialize)]
struct Report {
    machine: Machine,
    runs: u16,
    batch: u16,
    circuits: Vec<Measured>,
}

/// A proof with what checks it.
struct Subject<'a> {
    sample: &'a Sample,
    key: &'a VerifyingKey,
    file: ProofFile,
}

impl Subject<'_> {
    fn ready(&self, market: &Market<'_>) -> Result<(), Rejection> {
        let Self { sample, key, file } = self;
        let (context, at) = (&sample.context, sample.snapshot.time);
        match sample.statement {
            Statement::Solvency => market
                .verify_health(file, key, file.commitment, context, at)
                .map(drop),
            _ => market
                .verify(file, key, file.commitment, context, at)
                .map(drop),
        }
    }

    fn batch(&self, count: usize) -> Result<(), Rejection> {
        let Self { sample, key, file } = self;
        let request = Request {
            key,
            snapshot: &sample.snapshot,
            policy: &sample.policy,
            commitment: file.commitment,
            context: &sample.context,
            at: sample.snapshot.time,
        };
        let proofs = vec![(file, request); count];
        match sample.statement {
            Statement::Solvency => verify_health_batch(&proofs)
                .into_iter()
                .try_for_each(|answer| answer.map(drop)),
            _ => verify_batch(&proofs)
                .into_iter()
                .try_for_each(|answer| answer.map(drop)),
        }
    }
}

fn measure(
    name: &str,
    sample: &Sample,
    args: &Args,
    done: impl Fn(),
) -> Result<Measured, Box<dyn Error>> {
    let params = sample.params();
    let proving = sample.keys(&params)?;
    let subject = Subject {
        sample,
        key: proving.verifying(),
        file: sample.prove(&params, &proving)?.file,
    };
    let market = Market::new(&sample.snapshot, &sample.policy)?;
    let batch = usize::from(args.batch);
    let floor = Floor::new(subject.key, batch);
    let infallible = |work: &dyn Fn()| -> Result<(), Rejection> {
        work();
        Ok(())
    };
    let ways: [&dyn Fn() -> Result<(), Rejection>; 5] = [
        &|| infallible(&|| floor.run(1)),
        &|| subject.ready(&market),
        &|| sample.verify(subject.key, &subject.file),
        &|| infallible(&|| floor.run(batch)),
        &|| subject.batch(batch),
    ];
    let mut walls: [Vec<f64>; 5] = Default::default();
    let mut cpus = [0.0; 5];
    for _ in 0..args.runs {
        for ((way, walls), cpu) in ways.iter().zip(&mut walls).zip(&mut cpus) {
            let before = cpu_ns();
            walls.push(timed(way)?.1);
            let ran = cpu_ns().zip(before).map(|(after, before)| after - before);
            *cpu += ran.map_or(f64::NAN, |ns| ns as f64 / 1e6);
        }
        done();
    }
    let cost = |way: usize| Cost {
        wall_ms: median(walls[way].clone()),
        cpu_ms: cpus[way] / f64::from(args.runs),
    };
    let [own, ready, alone] = [0, 1, 2].map(cost);
    let [batch_floor, in_batch] = [3, 4].map(|way| cost(way).each(batch));
    Ok(Measured {
        name: name.to_owned(),
        points: floor.points,
        floor: own,
        ready,
        alone,
        batch_floor,
        batch: in_batch,
        ready_ratio: ready.over(own),
        alone_ratio: alone.over(own),
        batch_ratio: in_batch.over(own),
        batch_floor_ratio: in_batch.over(batch_floor),
    })
}

fn markdown(report: &Report) -> String {
    let (runs, batch) = (report.runs, report.batch);
    let head = [
        "".to_owned(),
        "points: proof + key".to_owned(),
        "(a) floor".to_owned(),
        "(b) table there".to_owned(),
        "(c) alone".to_owned(),
        format!("(d) of {batch}, each"),
        "(b)/(a)".to_owned(),
        "(c)/(a)".to_owned(),
        "(d)/(a)".to_owned(),
        format!("floor of {batch}, each"),
        "(d)/its floor".to_owned(),
    ];
    let time = |cost: Cost| format!("{:.2} ({:.2})", cost.wall_ms, cost.cpu_ms);
    let ratio = |ratio: Ratio| format!("{:.2} ({:.2})", ratio.wall, ratio.cpu);
    let rows = report.circuits.iter().map(|m| {
        let points = format!("{} + {}", m.points.proof, m.points.key);
        let mut row = vec![m.name.clone(), points];
        row.extend([m.floor, m.ready, m.alone, m.batch].map(time));
        row.extend([m.ready_ratio, m.alone_ratio, m.batch_ratio].map(ratio));
        row.extend([time(m.batch_floor), ratio(m.batch_floor_ratio)]);
        row
    });
    let table = table(head, rows);
    format!(
        "{table}\n\n{}; milliseconds, medians of {runs} runs; in brackets the time of processors, means.\n",
        report.machine
    )
}

fn run() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let subjects = [
        ("small", Sample::of(Shape::Small)),
        ("medium", Sample::of(Shape::Medium)),
        ("large", Sample::of(Shape::Large)),
        ("solvency-medium", Sample::healthy(Shape::Medium)),
    ];
    let chosen = |name: &str| args.only.as_deref().is_none_or(|only| only == name);
    let subjects: Vec<_> = subjects.into_iter().filter(|(n, _)| chosen(n)).collect();
    if subjects.is_empty() {
        return Err("no such circuit: small, medium, large or solvency-medium".into());
    }
    let bar = progress::bar(subjects.len() * usize::from(args.runs));
    let mut circuits = Vec::new();
    for (name, sample) in &subjects {
        bar.set_message((*name).to_owned());
        circuits.push(measure(name, sample, &args, || bar.inc(1))?);
    }
    bar.finish_and_clear();
    let report = Report {
        machine: Machine::this(),
        runs: args.runs,
        batch: args.batch,
        circuits,
    };
    let text = markdown(&report);
    if let Some(page) = &args.page {
        write_part(page, "verify", &text)?;
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{text}");
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
