//! `prove --batch`: every account file of a folder, in one market, to a folder of proof files.
//!
//! There is no journal. A proof file is named only when it is whole, and says of itself what it is a proof of: what is done
//! is read from the files, whenever and however the last run ended.

mod account;
mod contexts;
mod report;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use indicatif::ProgressBar;
use rayon::{ThreadPool, ThreadPoolBuilder};
use zkmargin_prover::Prover;

use self::{
    account::Batch,
    contexts::Contexts,
    report::{Record, Totals},
};
use super::{ClaimArgs, claim};
use crate::{
    error::CliError,
    files, input,
    output::{Console, Outcome},
    store,
};

/// Runs `prove --batch`.
pub(super) fn run(
    folder: &Path,
    threads: Option<u16>,
    args: &ClaimArgs,
    console: &Console,
) -> Result<Outcome, CliError> {
    let accounts = account_files(folder)?;
    let market = args.market.read()?;
    let fits = market.table.fits(args.shape);
    fits.map_err(|error| args.market.refused(error))?;
    claim::check_policy(args.statement, &args.market, &market)?;
    let contexts = Contexts::new(input::context(&args.context)?, args.statement);
    refuse_same(folder, &args.output)?;
    files::make_folder(&args.output)?;
    let _held = hold(&args.output)?;

    let threads = threads.map_or_else(rayon::current_num_threads, usize::from);
    let all = pool(threads)?;
    let start = Instant::now();
    let (statement, shape) = (args.statement, args.shape);
    let keys = all.install(|| store::proving_key(&args.keys.folder, statement, shape, console));
    let (params, key) = keys?;
    let key_time = start.elapsed();
    store::warn_of(key.verifying().origin(), console);

    let prover = Prover::new(&params, &key, &market.table).map_err(CliError::Prove)?;
    let batch = Batch {
        args,
        market: &market,
        params: &params,
        key: &key,
        prover,
        prepared: OnceLock::new(),
        contexts,
        all,
    };
    let bar = console.count_bar(
        format!("proving {statement}, shape {shape}"),
        accounts.len() as u64,
    );
    let start = Instant::now();
    let records = prove_all(&batch, &accounts, threads, &bar)?;
    bar.finish_and_clear();
    let totals = Totals {
        threads,
        key_time,
        time: start.elapsed(),
        unsafe_dev_parameters: key.verifying().is_unsafe_dev(),
    };
    Ok(report::outcome(&records, &totals, args, console))
}

/// The files `*.json` of a folder by name, as a shell lists them: none that begins with a dot.
fn account_files(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let io = |source| CliError::Io {
        path: folder.to_owned(),
        step: "read the folder",
        source,
    };
    let entries = fs::read_dir(folder).map_err(io)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    let mut names = names.collect::<Result<Vec<_>, _>>().map_err(io)?;
    names.retain(|name| {
        let path = Path::new(name);
        path.extension() == Some(OsStr::new("json")) && !name.as_encoded_bytes().starts_with(b".")
    });
    if names.is_empty() {
        return Err(CliError::Usage(format!(
            "--batch {}: holds no account file *.json",
            folder.display()
        )));
    }
    names.sort();
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// Proofs among the accounts would be taken for accounts by the next run.
fn refuse_same(folder: &Path, output: &Path) -> Result<(), CliError> {
    let place = |path| fs::canonicalize(path).ok();
    if place(output).is_some_and(|output| place(folder) == Some(output)) {
        return Err(CliError::Usage(format!(
            "-o {}: is the folder of the accounts",
            output.display()
        )));
    }
    Ok(())
}

/// Holds the folder of the proofs until dropped, or until the process ends, however it ends: a second run would make every
/// proof a second time. Where folders cannot be held each proof file still is one run's.
fn hold(output: &Path) -> Result<Option<fs::File>, CliError> {
    let Ok(folder) = fs::File::open(output) else {
        return Ok(None);
    };
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(fs::TryLockError::WouldBlock) => Err(CliError::Usage(format!(
            "-o {}: another batch is at work in this folder",
            output.display()
        ))),
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}

fn pool(threads: usize) -> Result<ThreadPool, CliError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| CliError::Usage(format!("--threads {threads}: {error}")))
}

/// Every account, each worker with one at a time and one thread, so that no thread waits for another's step of a proof; with more
/// threads if there are fewer accounts.
fn prove_all(
    batch: &Batch<'_>,
    accounts: &[PathBuf],
    threads: usize,
    bar: &ProgressBar,
) -> Result<Vec<Record>, CliError> {
    let workers = threads.min(accounts.len());
    let share = |worker| threads / workers + usize::from(worker < threads % workers);
    let pools = (0..workers).map(|worker| pool(share(worker)));
    let pools = pools.collect::<Result<Vec<_>, _>>()?;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut records = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = accounts.get(place) else {
                return Ok(records);
            };
            match batch.record(path) {
                Ok(record) => records.push((place, record)),
                Err(error) => {
                    // The others end with what they are at.
                    next.fetch_max(accounts.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
            bar.inc(1);
        }
    };
    let done = pool(workers)?.broadcast(|worker| pools[worker.index()].install(work));
    let done = done.into_iter().collect::<Result<Vec<_>, CliError>>()?;
    let mut records: Vec<(usize, Record)> = done.into_iter().flatten().collect();
    records.sort_by_key(|(place, _)| *place);
    Ok(records.into_iter().map(|(_, record)| record).collect())
}
