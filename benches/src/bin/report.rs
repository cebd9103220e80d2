//! A table of medians, measured interleaved in one process, as ratios to the yardstick.
//!
//! ```text
//! report [--runs N] [--json]              every circuit and the yardstick; N is 7 if not given
//! report --one SHAPE [--solvency] [--keys FOLDER]     one proof in this process, and its peak memory
//! ```
//! `RAYON_NUM_THREADS` sets the number of threads. Peak memory is measured in a process of its
//! own that reads parameters and keys from files and makes one proof.

use std::{error::Error, path::PathBuf, process::ExitCode};

use serde::Serialize;
use zkmargin_benches::{
    alone::{Alone, KeyFiles},
    machine::Machine,
    median, ms,
    statement::Sample,
    timed,
    yardstick::{self, Yardstick},
};
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_prover::{Params, Proof, ProvingKey};

/// The command line.
struct Arguments {
    runs: usize,
    json: bool,
    one: Option<Shape>,
    solvency: bool,
    keys: Option<PathBuf>,
}

impl Arguments {
    fn parse() -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self {
            runs: 7,
            json: false,
            one: None,
            solvency: false,
            keys: None,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--runs" => arguments.runs = value()?.parse()?,
                "--json" => arguments.json = true,
                "--one" => arguments.one = Some(value()?.parse()?),
                "--solvency" => arguments.solvency = true,
                "--keys" => arguments.keys = Some(value()?.into()),
                _ => return Err(format!("unknown argument '{word}'").into()),
            }
        }
        if arguments.runs == 0 {
            return Err("--runs must be above 0".into());
        }
        Ok(arguments)
    }
}

/// Medians of one circuit.
#[derive(Debug, Serialize)]
struct ShapeReport {
    statement: Statement,
    shape: Shape,
    k: u32,
    proof_bytes: usize,
    file_bytes: usize,
    keygen_ms: f64,
    /// The backend's proof.
    prove_ms: f64,
    /// Table, scenario search, witness, proof and self-check.
    total_ms: f64,
    verify_ms: f64,
    /// `prove_ms` over the yardstick's.
    prove_ratio: f64,
    total_ratio: f64,
    verify_ratio: f64,
    /// One proof with keys from files, in a process of its own.
    peak_mib: Option<f64>,
}

/// Everything that is measured.
#[derive(Debug, Serialize)]
struct Report {
    machine: Machine,
    runs: usize,
    yardstick_k: u32,
    yardstick_proof_bytes: usize,
    yardstick_prove_ms: f64,
    yardstick_verify_ms: f64,
    shapes: Vec<ShapeReport>,
}

/// A shape with its keys and what has been measured so far.
struct Subject {
    sample: Sample,
    params: Params,
    key: ProvingKey,
    keygen_ms: f64,
    warm: Proof,
    prove: Vec<f64>,
    total: Vec<f64>,
    verify: Vec<f64>,
}

impl Subject {
    fn new(sample: Sample) -> Result<Self, Box<dyn Error>> {
        let params = sample.params();
        let (key, keygen_ms) = timed(|| sample.keys(&params))?;
        let warm = sample.prove(&params, &key)?;
        Ok(Self {
            sample,
            params,
            key,
            keygen_ms,
            warm,
            prove: Vec::new(),
            total: Vec::new(),
            verify: Vec::new(),
        })
    }

    fn measure(&mut self) -> Result<(), Box<dyn Error>> {
        let (proof, total) = timed(|| self.sample.prove(&self.params, &self.key))?;
        self.prove.push(ms(proof.prove_time));
        self.total.push(total);
        let (_, verify) = timed(|| self.sample.verify(self.key.verifying(), &proof.file))?;
        self.verify.push(verify);
        Ok(())
    }
}

fn measure(runs: usize) -> Result<Report, Box<dyn Error>> {
    let yardstick = Yardstick::new()?;
    let warm = yardstick.prove()?;
    let mut subjects = Vec::new();
    let samples = Shape::ALL.map(Sample::of).into_iter();
    for sample in samples.chain([Sample::healthy(Shape::Medium)]) {
        subjects.push(Subject::new(sample)?);
    }
    let (mut prove, mut verify) = (Vec::new(), Vec::new());
    // Interleaved: a machine that drifts slows all of them down alike.
    for _ in 0..runs {
        let (proof, time) = timed(|| yardstick.prove())?;
        prove.push(time);
        verify.push(timed(|| yardstick.verify(&proof))?.1);
        for subject in &mut subjects {
            subject.measure()?;
        }
    }
    let (yardstick_prove_ms, yardstick_verify_ms) = (median(prove), median(verify));
    let mut shapes = Vec::new();
    for subject in subjects {
        let (statement, shape) = (subject.sample.statement, subject.sample.shape);
        let files = KeyFiles::write(&subject.params, &subject.key)?;
        let solvency = (statement == Statement::Solvency).then_some("--solvency");
        let one = files.prove_alone(["--one", shape.name()].into_iter().chain(solvency))?;
        let (prove_ms, total_ms) = (median(subject.prove), median(subject.total));
        let verify_ms = median(subject.verify);
        shapes.push(ShapeReport {
            statement,
            shape,
            k: statement.k(shape),
            proof_bytes: subject.key.verifying().proof_bytes(),
            file_bytes: subject.warm.file.to_bytes().len(),
            keygen_ms: subject.keygen_ms,
            prove_ms,
            total_ms,
            verify_ms,
            prove_ratio: prove_ms / yardstick_prove_ms,
            total_ratio: total_ms / yardstick_prove_ms,
            verify_ratio: verify_ms / yardstick_verify_ms,
            peak_mib: one.peak_mib,
        });
    }
    Ok(Report {
        machine: Machine::this(),
        runs,
        yardstick_k: yardstick::K,
        yardstick_proof_bytes: warm.len(),
        yardstick_prove_ms,
        yardstick_verify_ms,
        shapes,
    })
}

fn mib(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |mib| format!("{mib:.0}"))
}

fn print(report: &Report) {
    println!("{}", report.machine);
    println!(
        "medians of {} runs, interleaved; milliseconds; (ratio to the yardstick)\n",
        report.runs
    );
    println!(
        "{:<18} {:>2} {:>8} {:>15} {:>15} {:>15} {:>7} {:>9}",
        "", "k", "keygen", "prove", "with witness", "verify", "proof B", "peak MiB"
    );
    println!(
        "{:<18} {:>2} {:>8} {:>15} {:>15} {:>15} {:>7} {:>9}",
        "yardstick",
        report.yardstick_k,
        "-",
        format!("{:.0} (1.00)", report.yardstick_prove_ms),
        "-",
        format!("{:.1} (1.00)", report.yardstick_verify_ms),
        report.yardstick_proof_bytes,
        "-",
    );
    for shape in &report.shapes {
        println!(
            "{:<18} {:>2} {:>8.0} {:>15} {:>15} {:>15} {:>7} {:>9}",
            match shape.statement {
                Statement::Liquidation => shape.shape.to_string(),
                statement => format!("{statement} {}", shape.shape),
            },
            shape.k,
            shape.keygen_ms,
            format!("{:.0} ({:.2})", shape.prove_ms, shape.prove_ratio),
            format!("{:.0} ({:.2})", shape.total_ms, shape.total_ratio),
            format!("{:.1} ({:.2})", shape.verify_ms, shape.verify_ratio),
            shape.proof_bytes,
            mib(shape.peak_mib),
        );
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse()?;
    if let Some(shape) = arguments.one {
        let sample = if arguments.solvency {
            Sample::healthy(shape)
        } else {
            Sample::of(shape)
        };
        let one = Alone::prove(&sample, arguments.keys.as_deref())?;
        if arguments.json {
            println!("{}", serde_json::to_string(&one)?);
        } else {
            println!(
                "{shape}: witness {:.0} ms, proof {:.0} ms, peak memory {} MiB{}",
                one.witness_ms,
                one.prove_ms,
                mib(one.peak_mib),
                if one.keys_generated {
                    ", key generation included"
                } else {
                    ""
                },
            );
        }
        return Ok(());
    }
    let report = measure(arguments.runs)?;
    if arguments.json {
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
            eprintln!("report: {error}");
            ExitCode::FAILURE
        }
    }
}
