//! What a batch saves, and where: every way of checking the same proofs, interleaved in one process, medians.
//!
//! ```text
//! batch [--runs N] [--proofs N] [--shape SHAPE]       5 runs of 64 proofs of the small shape if not given
//! ```
//! `RAYON_NUM_THREADS` sets the number of threads. Every proof is of an account of its own, all at one snapshot under one policy.

use std::{error::Error, hint::black_box, process::ExitCode, time::Instant};

use group::Group;
use halo2curves::{
    bn256::{Bn256, Fr, G1, G1Affine, G2, G2Affine, G2Prepared},
    pairing::{MillerLoopResult, MultiMillerLoop},
};
use rand_core::OsRng;
use rayon::prelude::*;
use zkmargin_benches::{
    machine::{Machine, cpu_ns},
    statement::Sample,
};
use zkmargin_circuits::{
    circuit::instance,
    field,
    model::{Context, HexBytes, Salt},
    public::PublicTable,
    shape::Shape,
};
use zkmargin_prover::{ProvingKey, prove};
use zkmargin_verifier::{ProofFile, Request, check_proof, verify, verify_batch};

/// The command line.
struct Arguments {
    runs: usize,
    proofs: u64,
    shape: Shape,
}

impl Arguments {
    fn parse() -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self {
            runs: 5,
            proofs: 64,
            shape: Shape::Small,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--runs" => arguments.runs = value()?.parse()?,
                "--proofs" => arguments.proofs = value()?.parse()?,
                "--shape" => arguments.shape = value()?.parse()?,
                _ => return Err(format!("unknown argument '{word}'").into()),
            }
        }
        if arguments.runs == 0 || arguments.proofs == 0 {
            return Err("--runs and --proofs must be above 0".into());
        }
        Ok(arguments)
    }
}

/// A proof with what checks it.
struct Checked {
    file: ProofFile,
    context: Context,
    /// The instance columns, with a table made once for all.
    columns: Vec<Vec<Fr>>,
}

/// What is measured with: proofs of accounts that differ in salt, each with a nonce of its own.
struct Proofs {
    sample: Sample,
    key: ProvingKey,
    proofs: Vec<Checked>,
}

impl Proofs {
    fn new(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let sample = Sample::of(arguments.shape);
        let params = sample.params();
        let key = sample.keys(&params)?;
        let table = PublicTable::new(&sample.snapshot, &sample.policy)?;
        let make = |number: u64| -> Result<Checked, Box<dyn Error>> {
            let mut salt = [0; 32];
            salt[24..].copy_from_slice(&number.to_be_bytes());
            let mut account = sample.account.clone();
            account.salt = Salt::new(salt);
            let context = Context {
                nonce: number,
                ..sample.context.clone()
            };
            let Sample {
                snapshot, policy, ..
            } = &sample;
            let file = prove(&params, &key, &account, snapshot, policy, &context)?.file;
            let scalar = |bytes: &HexBytes<32>| field::from_be_bytes(&bytes.0).unwrap_or_default();
            let (commitment, scope) = (scalar(&file.commitment), scalar(&file.context));
            let columns = instance(arguments.shape, &table, commitment, scope, &file.terms())?;
            Ok(Checked {
                file,
                context,
                columns,
            })
        };
        let proofs = (0..arguments.proofs).map(make).collect::<Result<_, _>>()?;
        Ok(Self {
            sample,
            key,
            proofs,
        })
    }

    /// What the verifier knows of each proof.
    fn requests<'a>(&'a self, files: &'a [ProofFile]) -> Vec<(&'a ProofFile, Request<'a>)> {
        let request = |(checked, file): (&'a Checked, &'a ProofFile)| {
            let request = Request {
                key: self.key.verifying(),
                snapshot: &self.sample.snapshot,
                policy: &self.sample.policy,
                commitment: checked.file.commitment,
                context: &checked.context,
                at: self.sample.snapshot.time,
            };
            (file, request)
        };
        self.proofs.iter().zip(files).map(request).collect()
    }

    /// The proof files; those of these places have the final point of another proof.
    fn files(&self, bad: &[usize]) -> Vec<ProofFile> {
        let files = self.proofs.iter().map(|checked| checked.file.clone());
        let mut files: Vec<_> = files.collect();
        for &place in bad {
            let other = &self.proofs[(place + 1) % self.proofs.len()].file.proof.0;
            let end = other.len() - 64;
            files[place].proof.0[end..].copy_from_slice(&other[end..]);
        }
        files
    }
}

/// One way of checking the proofs.
struct Way<'a> {
    name: String,
    /// Proofs that it checks.
    proofs: usize,
    check: Box<dyn Fn() + 'a>,
    /// By the clock on the wall, and of processors.
    ms: Vec<f64>,
    cpu_ms: Vec<f64>,
}

fn way<'a>(name: impl Into<String>, proofs: usize, check: impl Fn() + 'a) -> Way<'a> {
    Way {
        name: name.into(),
        proofs,
        check: Box::new(check),
        ms: Vec::new(),
        cpu_ms: Vec::new(),
    }
}

/// A pairing check as the backend does one: both of its points in G2 are prepared each time.
fn pairing(points: (G1Affine, G1Affine), tau: G2Affine) {
    let prepared = [G2Prepared::from(tau), G2Prepared::from(-tau)];
    let terms = [(&points.0, &prepared[0]), (&points.1, &prepared[1])];
    let result = Bn256::multi_miller_loop(&terms).final_exponentiation();
    black_box(bool::from(result.is_identity()));
}

/// Panics if the batch does not reject exactly these.
fn check_batch(requests: &[(&ProofFile, Request<'_>)], bad: &[usize]) {
    let answers = verify_batch(requests);
    let rejected = (0..answers.len()).filter(|&place| answers[place].is_err());
    assert_eq!(rejected.collect::<Vec<_>>(), bad);
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse()?;
    let proofs = Proofs::new(&arguments)?;
    let count = proofs.proofs.len();
    let verifying = proofs.key.verifying();
    let good = proofs.files(&[]);
    let requests = proofs.requests(&good);
    let alone = |(file, request): &(&ProofFile, Request<'_>)| {
        assert!(verify(file, request).is_ok());
    };
    let shared = |checked: &Checked| {
        let checked = check_proof(verifying, &checked.columns, &checked.file.proof.0);
        assert!(checked.is_ok());
    };
    let points = (G1::random(OsRng).into(), G1::random(OsRng).into());
    let tau: G2Affine = G2::random(OsRng).into();
    // One, some and all bad, spread evenly.
    let bad: Vec<Vec<usize>> = [1, count / 8, count / 2, count]
        .into_iter()
        .filter(|number| *number > 0)
        .map(|number| (0..number).map(|n| n * count / number).collect())
        .collect();
    let with_bad: Vec<_> = bad.iter().map(|bad| proofs.files(bad)).collect();
    let mut ways = vec![
        way("one by one, a table each", count, || {
            requests.iter().for_each(alone)
        }),
        way("one by one, the table shared", count, || {
            proofs.proofs.iter().for_each(shared);
        }),
        way("each in a thread, the table shared", count, || {
            proofs.proofs.par_iter().for_each(shared);
        }),
        way("a pairing alone", 1, || pairing(points, tau)),
        way("the table alone", 1, || {
            let table = PublicTable::new(&proofs.sample.snapshot, &proofs.sample.policy);
            black_box(table.map(|table| table.digest()).ok());
        }),
    ];
    let sizes = (0..)
        .map(|power| 1 << power)
        .take_while(|size| *size < count);
    for size in sizes.chain([count]) {
        let requests = &requests[..size];
        ways.push(way(format!("batch of {size}"), size, || {
            check_batch(requests, &[])
        }));
    }
    for (bad, files) in bad.iter().zip(&with_bad) {
        let requests = proofs.requests(files);
        let name = format!("batch of {count}, {} bad", bad.len());
        ways.push(way(name, count, move || check_batch(&requests, bad)));
    }
    for _ in 0..arguments.runs {
        for way in &mut ways {
            let (start, before) = (Instant::now(), cpu_ns());
            (way.check)();
            way.ms.push(start.elapsed().as_secs_f64() * 1e3);
            let ran = cpu_ns().zip(before).map(|(after, before)| after - before);
            way.cpu_ms.push(ran.map_or(f64::NAN, |ns| ns as f64 / 1e6));
        }
    }
    print(&arguments, &mut ways);
    Ok(())
}

fn print(arguments: &Arguments, ways: &mut [Way<'_>]) {
    let Arguments {
        runs,
        proofs,
        shape,
    } = arguments;
    println!(
        "{}; {proofs} proofs of shape {shape}, medians of {runs} runs",
        Machine::this()
    );
    println!(
        "{:<38} {:>9} {:>9} {:>9} {:>9}",
        "", "ms", "each", "cpu ms", "each"
    );
    for way in ways {
        let count = way.proofs as f64;
        let (ms, cpu) = (median(&mut way.ms), median(&mut way.cpu_ms));
        println!(
            "{:<38} {ms:>9.2} {:>9.3} {cpu:>9.2} {:>9.3}",
            way.name,
            ms / count,
            cpu / count
        );
    }
}

/// The middle value.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
