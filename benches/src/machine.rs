//! The machine that the numbers are from.

use std::{fmt, fs, thread};

use serde::Serialize;
use zkmargin_prover::plonk::arithmetic;

/// A machine, as far as numbers depend on it.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The processor's model name.
    pub cpu: String,
    /// Processors that this process may use.
    pub cpus: usize,
    /// Threads that proofs are made with: `RAYON_NUM_THREADS`, or one a processor.
    pub threads: usize,
    /// What the prover multiplies with.
    pub arithmetic: &'static str,
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cpu,
            cpus,
            threads,
            arithmetic,
        } = self;
        write!(
            f,
            "{cpu}, {cpus} processors, {threads} threads, {arithmetic} arithmetic"
        )
    }
}

impl Machine {
    /// This machine.
    pub fn this() -> Self {
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find(|line| line.starts_with("model name"));
        let cpu = model
            .and_then(|line| line.split_once(':'))
            .map_or("unknown", |(_, name)| name.trim())
            .to_owned();
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        let threads = std::env::var("RAYON_NUM_THREADS")
            .ok()
            .and_then(|text| text.parse().ok())
            .filter(|threads| *threads > 0)
            .unwrap_or(cpus);
        Self {
            cpu,
            cpus,
            threads,
            arithmetic: arithmetic(),
        }
    }
}

/// Peak resident memory of this process so far, KiB; `None` where the system does not say.
pub fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Processor time of all threads of this process so far, ns; `None` where the system does not say. On a machine with other work it says
/// more than the clock on the wall.
pub fn cpu_ns() -> Option<u64> {
    let ran = |task: std::io::Result<fs::DirEntry>| -> Option<u64> {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    let all: Vec<u64> = tasks.filter_map(ran).collect();
    (!all.is_empty()).then(|| all.iter().sum())
}
