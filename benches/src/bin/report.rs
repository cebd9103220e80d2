//! A table of medians, measured interleaved in one process, as ratios to the yardstick.
//!
//! ```text
//! report [--runs N] [--json]              every circuit and the yardstick; N is 7 if not given
//! report --one SHAPE [--solvency] [--keys FOLDER]     one proof in this process, and its peak memory
//! ```
//! `RAYON_NUM_THREADS` sets the number of threads. Peak memory is measured in a process of its
//! own that reads parameters and keys from files and makes one proof.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use zkmargin_benches::{
    machine::{Machine, peak_kib},
    median,
    statement::Sample,
    yardstick::{self, Yardstick},
};
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_prover::{Params, Proof, ProvingKey, atomic::Overwrite};

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

/// One proof in a process of its own.
#[derive(Debug, Serialize, Deserialize)]
struct One {
    statement: Statement,
    shape: Shape,
    /// Table, scenario search and witness, ms.
    witness_ms: f64,
    /// The backend's proof, ms.
    prove_ms: f64,
    /// Peak resident memory of the process, MiB.
    peak_mib: Option<f64>,
    /// Whether the keys were generated in the process, which the peak then includes.
    keys_generated: bool,
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

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
    let start = Instant::now();
    let value = work()?;
    Ok((value, ms(start.elapsed())))
}

/// One proof in this process.
fn one(sample: &Sample, keys: Option<&Path>) -> Result<One, Box<dyn Error>> {
    let Sample {
        statement, shape, ..
    } = *sample;
    let (params, key) = match keys {
        Some(folder) => (
            Params::read(&folder.join(Params::file_name(sample.k())))?,
            ProvingKey::read(folder, statement, shape)?,
        ),
        None => {
            let params = sample.params();
            let key = sample.keys(&params)?;
            (params, key)
        }
    };
    let proof = sample.prove(&params, &key)?;
    Ok(One {
        statement,
        shape,
        witness_ms: ms(proof.witness_time),
        prove_ms: ms(proof.prove_time),
        peak_mib: peak_kib().map(|kib| kib as f64 / 1024.0),
        keys_generated: keys.is_none(),
    })
}

/// One proof in a process of its own, with keys from files.
fn one_elsewhere(
    sample: &Sample,
    params: &Params,
    key: &ProvingKey,
) -> Result<One, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    params.write(
        &folder.path().join(Params::file_name(sample.k())),
        Overwrite::Refuse,
    )?;
    key.write(folder.path(), Overwrite::Refuse)?;
    let output = Command::new(std::env::current_exe()?)
        .args(["--json", "--one", sample.shape.name(), "--keys"])
        .arg(folder.path())
        .args((sample.statement == Statement::Solvency).then_some("--solvency"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
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
        let one = one_elsewhere(&subject.sample, &subject.params, &subject.key)?;
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
        let one = one(&sample, arguments.keys.as_deref())?;
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
