//! `campaign`: attacks every circuit and says what came of it.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Mutex,
    time::{Duration, Instant},
};

use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use zkmargin_benches::machine::Machine;
use zkmargin_campaigns::{
    markdown,
    run::{Settings, run},
};
use zkmargin_prover::atomic::{Overwrite, write_atomic};

/// Attacks every circuit: cells, copies, constraints, public inputs.
///
/// Exits 0 if nothing was accepted that should not be, 1 otherwise, 2 if it could not run.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  campaign                              minutes, as in CI
  campaign --depth full --report docs/campaigns/tamper.md
  campaign --json | jq '.[].report.defects'")]
struct Args {
    /// How much of the work is done.
    #[arg(long, value_enum, default_value = "quick")]
    depth: DepthArg,
    /// Seed of accounts and forged values.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Random accounts of each branch of the requirement (a deep shape) or of one (other shapes), besides the sample.
    #[arg(long)]
    accounts: Option<u64>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    json: bool,
    /// Write the report to this file, over what is there.
    #[arg(long)]
    report: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DepthArg {
    Quick,
    Full,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let settings = match args.depth {
        DepthArg::Quick => Settings::QUICK,
        DepthArg::Full => Settings::FULL,
    };
    let settings = Settings {
        seed: args.seed,
        accounts: args.accounts.unwrap_or(settings.accounts),
        ..settings
    };
    let start = Instant::now();
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("{msg:60} {bar:20} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let last = Mutex::new(String::new());
    let tick = |scene: &str, name: &str, done: usize, total: usize| {
        let message = format!("{scene}: {name}");
        let mut last = last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if *last != message {
            bar.set_message(message.clone());
            *last = message;
        }
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let results = match run(&settings, &tick) {
        Ok(results) => results,
        Err(error) => {
            bar.abandon();
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    bar.finish_and_clear();
    let command = match args.depth {
        DepthArg::Quick => "cargo run --release -p zkmargin-campaigns",
        DepthArg::Full => "cargo run --release -p zkmargin-campaigns -- --depth full",
    };
    let Machine { cpu, cpus, .. } = Machine::this();
    let machine = format!("{cpu}, {cpus} processors");
    let report = markdown::report(
        &settings,
        &results,
        command,
        &machine,
        &jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        start.elapsed().as_secs(),
    );
    if let Some(path) = &args.report
        && let Err(error) = write_atomic(path, report.as_bytes(), Overwrite::Replace)
    {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    if args.json {
        match serde_json::to_string_pretty(&results) {
            Ok(json) => println!("{json}"),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        }
    } else if args.report.is_none() {
        print!("{report}");
    }
    let defects: usize = results.iter().map(|result| result.defects().len()).sum();
    if defects > 0 {
        eprintln!("{defects} defects");
        return ExitCode::from(1);
    }
    ExitCode::SUCCESS
}
