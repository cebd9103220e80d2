//! `prove --batch` that is killed, and the campaign of a thousand accounts.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    keeper::{Keeper, outcomes},
    support::words,
};

const POLL: Duration = Duration::from_millis(20);
/// How long a batch may be without a new proof before it counts as a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// A batch at work, killed when it is dropped.
struct Running(Child);

impl Running {
    fn start(keeper: &Keeper, more: &str) -> Self {
        let paths = keeper.paths();
        let line = words(&keeper.line(more), &paths.each_ref().map(PathBuf::as_path));
        let report = fs::File::create(keeper.root.path().join("report.json")).expect("file");
        let child = Command::new(assert_cmd::cargo::cargo_bin!("zkmargin"))
            .args(line)
            .stdout(report)
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("runs"))
    }

    /// Waits until so many proofs are there.
    fn wait_for(&mut self, keeper: &Keeper, proofs: usize) {
        let (mut last, mut found) = (Instant::now(), 0);
        while found < proofs {
            assert!(last.elapsed() < PATIENCE, "it hangs after {found} proofs");
            let ended = self.0.try_wait().expect("asked").is_some();
            let now = count(keeper);
            assert!(!ended || now >= proofs, "it ended after {now} proofs");
            if now > found {
                (last, found) = (Instant::now(), now);
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or ends now.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Proof files by now.
fn count(keeper: &Keeper) -> usize {
    let Ok(entries) = fs::read_dir(keeper.proofs()) else {
        return 0;
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.filter(|name| name.ends_with(".proof.json")).count()
}

/// `kill -9` in the middle, again and again: nothing is lost, nothing is made twice, nothing is half there.
#[test]
fn a_batch_that_is_killed_goes_on_where_it_was() {
    let names: Vec<String> = (0..12).map(|number| format!("account-{number}")).collect();
    let keeper = Keeper::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut made = Vec::new();
    for proofs in [1, 4, 6] {
        let mut running = Running::start(&keeper, "--threads 2");
        running.wait_for(&keeper, proofs);
        if proofs == 4 {
            keeper.run("").exits(2).says(&["another batch"]);
        }
        drop(running);
        let mut files = keeper.files();
        files.retain(|name, _| name.ends_with(".proof.json"));
        made.push(files);
    }
    let [first, second, third] = made.as_slice() else {
        panic!("three ends");
    };
    assert!(first.iter().all(|(name, bytes)| second[name] == *bytes));
    assert!(second.iter().all(|(name, bytes)| third[name] == *bytes));
    assert!(third.len() < names.len(), "killed in the middle");

    let report = keeper.run("").exits(0).json();
    for (name, outcome) in outcomes(&report) {
        let there = third.contains_key(&format!("{name}.proof.json"));
        // Kept is what verifies, from beginning to end.
        let expected = if there { "kept" } else { "proved" };
        assert_eq!(outcome, expected, "{name}");
    }
    let after = keeper.files();
    assert!(third.iter().all(|(name, bytes)| after[name] == *bytes));
    assert_eq!(count(&keeper), names.len());
}

/// Memory of a process: now, and at most so far, KiB.
#[cfg(target_os = "linux")]
fn memory(running: &Running) -> Option<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{}/status", running.0.id())).ok()?;
    let field = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// A thousand accounts of the small shape; `ACCOUNTS` sets another number. Prints what it measures:
///
/// ```text
/// cargo test --release -p zkmargin-cli --test cli -- --ignored a_thousand_accounts --nocapture
/// ```
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes minutes"]
fn a_thousand_accounts_in_memory_that_stays() {
    let number = std::env::var("ACCOUNTS").map_or(1000, |text| text.parse().expect("a number"));
    assert!(number > 100, "nothing can be said of fewer");
    let names: Vec<String> = (0..number).map(|number| format!("{number:06}")).collect();
    let keeper = Keeper::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut running = Running::start(&keeper, "");
    running.wait_for(&keeper, 50);
    let (mut now, early) = memory(&running).expect("at work");
    let mut peak = early;
    println!("after 50 proofs: {now} KiB, at most {early} KiB");
    let mut next = number / 10;
    while running.0.try_wait().expect("asked").is_none() {
        // Between its last line and its end a process has no memory to speak of.
        if let Some(found) = memory(&running) {
            (now, peak) = found;
        }
        let done = count(&keeper);
        if done >= next {
            println!("after {done} proofs: {now} KiB, at most {peak} KiB");
            next += number / 10;
        }
        thread::sleep(POLL * 10);
    }
    let report = fs::read(keeper.root.path().join("report.json")).expect("report");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("json");
    let growth = (peak as f64 / early as f64 - 1.0) * 100.0;
    println!(
        "{} proofs, {} refused, {} false; {:.1} proofs a minute on {} threads, {:.1} a thread; peak {} KiB, {growth:+.2} % since the first 50",
        report["proved"],
        report["refused"],
        report["false"],
        report["proofs_per_minute"].as_f64().unwrap_or(f64::NAN),
        report["threads"],
        report["proofs_per_minute_per_thread"]
            .as_f64()
            .unwrap_or(f64::NAN),
        peak
    );
    assert_eq!(report["proved"], number);
    assert_eq!(report["refused"], 0);
    assert!(growth < 5.0, "memory grew by {growth:.2} %");
}
