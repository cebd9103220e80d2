//! How a batch of proofs best uses the processors: one proof after the other on all threads, or one on each thread. Either way
//! over the same accounts, interleaved in one process, medians.
//!
//! ```text
//! schedule [--runs N] [--proofs N] [--shape SHAPE] [--threads N]      5 runs of 16 small proofs if not given, a thread for each processor
//! ```

use std::{
    error::Error,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use rayon::{ThreadPool, ThreadPoolBuilder};
use zkmargin_benches::{
    machine::{Machine, cpu_ns},
    median,
    statement::Sample,
};
use zkmargin_circuits::{
    model::{Account, Salt},
    public::PublicTable,
    shape::Shape,
};
use zkmargin_prover::Prover;

/// The command line.
struct Arguments {
    runs: usize,
    proofs: usize,
    shape: Shape,
    threads: usize,
}

impl Arguments {
    fn parse() -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self {
            runs: 5,
            proofs: 16,
            shape: Shape::Small,
            threads: Machine::this().threads,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--runs" => arguments.runs = value()?.parse()?,
                "--proofs" => arguments.proofs = value()?.parse()?,
                "--shape" => arguments.shape = value()?.parse()?,
                "--threads" => arguments.threads = value()?.parse()?,
                _ => return Err(format!("unknown argument '{word}'").into()),
            }
        }
        if arguments.runs == 0 || arguments.proofs == 0 || arguments.threads == 0 {
            return Err("--runs, --proofs and --threads must be above 0".into());
        }
        Ok(arguments)
    }
}

/// The sample account under another salt for each proof.
fn accounts(sample: &Sample, count: usize) -> Vec<Account> {
    let salted = |number: usize| {
        let mut salt = [0; 32];
        salt[24..].copy_from_slice(&(number as u64).to_be_bytes());
        let mut account = sample.account.clone();
        account.salt = Salt::new(salt);
        account
    };
    (0..count).map(salted).collect()
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse()?;
    let sample = Sample::of(arguments.shape);
    let params = sample.params();
    let key = sample.keys(&params)?;
    let table = PublicTable::new(&sample.snapshot, &sample.policy)?;
    params.prepare()?;
    key.prepare()?;
    let prover = Prover::new(&params, &key, &table)?;
    let accounts = accounts(&sample, arguments.proofs);
    // A proof of a sample that cannot be made leaves nothing to measure.
    let prove = |account: &Account| {
        let proof = prover.prove(account, &sample.context);
        proof.unwrap_or_else(|error| panic!("{error}"));
    };
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build();
    let all = pool(arguments.threads)?;
    let singles = (0..arguments.threads).map(|_| pool(1));
    let singles = singles.collect::<Result<Vec<ThreadPool>, _>>()?;

    let in_turn = || all.install(|| accounts.iter().for_each(prove));
    let side_by_side = || {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for single in &singles {
                scope.spawn(|| {
                    single.install(|| {
                        while let Some(account) = accounts.get(next.fetch_add(1, Ordering::Relaxed))
                        {
                            prove(account);
                        }
                    });
                });
            }
        });
    };
    let ways: [(&str, &dyn Fn()); 2] = [
        ("one after the other, on all threads", &in_turn),
        ("one on each thread", &side_by_side),
    ];
    let mut measured = vec![(Vec::new(), Vec::new()); ways.len()];
    for _ in 0..arguments.runs {
        for ((_, way), (seconds, cpu)) in ways.iter().zip(&mut measured) {
            let (start, before) = (Instant::now(), cpu_ns());
            way();
            seconds.push(start.elapsed().as_secs_f64());
            let ran = cpu_ns().zip(before).map(|(after, before)| after - before);
            cpu.push(ran.map_or(f64::NAN, |ns| ns as f64 / 1e9));
        }
    }
    let machine = Machine {
        threads: arguments.threads,
        ..Machine::this()
    };
    println!(
        "{machine}; {} proofs of shape {}, medians of {} runs",
        arguments.proofs, arguments.shape, arguments.runs
    );
    for ((name, _), (seconds, cpu)) in ways.iter().zip(measured) {
        let (seconds, cpu) = (median(seconds), median(cpu));
        println!(
            "{name:<38} {:>7.1} proofs a minute, {:>6.3} s of processors a proof",
            arguments.proofs as f64 * 60.0 / seconds,
            cpu / arguments.proofs as f64
        );
    }
    Ok(())
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
