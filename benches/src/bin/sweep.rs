//! Other layouts of a statement's circuit, measured: columns, lookup arguments, k and degree (docs/performance.md, *Layouts*).

use std::{error::Error, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use zkmargin_benches::{
    machine::Machine,
    median,
    statement::Sample,
    sweep::{
        cost::{Cost, TRANSACTION_LIMIT, WANTED},
        layout::{Choice, LANES, Layout, SIZES, candidates},
        measure::{Sizes, Source, Subject, Times},
        needs::Needs,
    },
    yardstick::Yardstick,
};
use zkmargin_circuits::{
    circuit::MAX_DEGREE,
    shape::{Shape, Statement},
};
use zkmargin_prover::plonk::Prepared;

/// Degrees that the backend can.
const DEGREES: std::ops::RangeInclusive<i64> = 4..=MAX_DEGREE as i64;

/// Proves a statement's rows, limbs and lookups in every layout that holds them, and prints the layouts by time.
///
/// Proofs of all layouts, of the circuit in use and of the yardstick take turns. RAYON_NUM_THREADS sets the number of threads. Degree 6 is
/// not tried: the backend caps the degree of a circuit at 5 unless every prover and verifier sets MAX_DEGREE in its environment.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  sweep --statement liquidation --shape medium --runs 5
  sweep --statement solvency --shape medium --runs 3 --max-k 15
  sweep --shape small --degree 4                      with products split to fit degree 4
  sweep --shape small --json | jq '.layouts[0].layout'")]
struct Args {
    /// What is proved: liquidation or solvency.
    #[arg(long, default_value = "liquidation")]
    statement: Statement,
    /// Capacity: small, medium or large.
    #[arg(long, default_value = "medium")]
    shape: Shape,
    /// Proofs of each layout.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Degree of gates and lookups.
    #[arg(long, default_value_t = MAX_DEGREE as i64, value_parser = clap::value_parser!(i64).range(DEGREES))]
    degree: i64,
    /// Largest k that is tried. Keys of all layouts are in memory at once.
    #[arg(long, default_value_t = 16)]
    max_k: u32,
    /// Every layout that holds the statement, not only the least of each k and those with a lane or a limb column more.
    #[arg(long)]
    all: bool,
    /// What the layouts are sorted by. On a machine with other work the clock says little.
    #[arg(long, value_enum, default_value = "clock")]
    by: By,
    /// Print one JSON document on stdout.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Time by the clock, as a ratio to the yardstick's.
    Clock,
    /// Time of processors, as a ratio to the yardstick's.
    Processor,
}

/// A layout with what was measured of it.
#[derive(Debug, Serialize)]
struct Measured {
    /// None for the circuit in use itself.
    layout: Option<Layout>,
    in_use: bool,
    k: u32,
    cost: Cost,
    /// Medians, milliseconds: by the clock, and of processors.
    prove_ms: f64,
    cpu_ms: f64,
    /// Medians of the times over the yardstick's of the same turn.
    ratio: f64,
    cpu_ratio: f64,
    over_transaction_limit: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    machine: Machine,
    statement: Statement,
    shape: Shape,
    runs: u32,
    needs: Needs,
    yardstick_ms: f64,
    yardstick_cpu_ms: f64,
    /// Fastest first.
    layouts: Vec<Measured>,
}

/// Median of the ratios, turn by turn.
fn ratio(times: &[f64], yardstick: &[f64]) -> f64 {
    let pairs = times.iter().zip(yardstick);
    median(pairs.map(|(time, unit)| time / unit).collect())
}

fn measure(args: &Args, bar: &ProgressBar) -> Result<Report, Box<dyn Error>> {
    let sample = match args.statement {
        Statement::Solvency => Sample::healthy(args.shape),
        _ => Sample::of(args.shape),
    };
    bar.set_message("the circuit in use");
    let source = Source::of(&sample)?;
    let mut sizes = Sizes::default();
    sizes.make(sample.k())?;
    let params = sizes.get(sample.k()).ok_or("parameters")?;
    let key = sample.keys(params)?;
    let cs = key.backend().get_vk().cs();
    let prepared = Prepared::new(key.backend())?;
    let choice = Choice {
        degree: usize::try_from(args.degree)?,
        most_k: args.max_k,
        all: args.all,
    };
    let layouts = candidates(&source.needs, &choice);
    bar.set_length(layouts.len() as u64);
    let mut subjects = Vec::with_capacity(layouts.len());
    for layout in layouts {
        bar.set_message(format!("keys: k = {}, {layout}", layout.k));
        sizes.make(layout.k)?;
        let params = sizes.get(layout.k).ok_or("parameters")?;
        let subject = Subject::new(params, cs, &source, &layout)?;
        // A layout that cannot be proved is no alternative.
        let proof = subject.prove(params, &source)?;
        subject.verify(params, &source, &proof)?;
        subjects.push((layout, subject, Times::default()));
        bar.inc(1);
    }
    let own_params = sizes.get(sample.k()).ok_or("parameters")?;
    source.prove(own_params, key.backend(), &prepared)?;
    let yardstick = Yardstick::new()?;
    yardstick.prove()?;
    let (mut unit, mut own) = (Times::default(), Times::default());
    bar.set_position(0);
    bar.set_length(u64::from(args.runs) * (subjects.len() as u64 + 1));
    for run in 1..=args.runs {
        bar.set_message(format!("turn {run}"));
        unit.measure(|| yardstick.prove())?;
        own.measure(|| source.prove(own_params, key.backend(), &prepared))?;
        bar.inc(1);
        for (layout, subject, times) in &mut subjects {
            let params = sizes.get(layout.k).ok_or("parameters")?;
            times.measure(|| subject.prove(params, &source))?;
            bar.inc(1);
        }
    }
    let in_use = Layout::in_use(&source.needs);
    let finish = |layout: Option<Layout>, k, cost: Cost, times: Times| Measured {
        in_use: layout.is_none_or(|layout| layout == in_use),
        layout,
        k,
        cost,
        ratio: ratio(&times.wall, &unit.wall),
        cpu_ratio: ratio(&times.cpu, &unit.cpu),
        prove_ms: median(times.wall),
        cpu_ms: median(times.cpu),
        over_transaction_limit: cost.gas > TRANSACTION_LIMIT,
    };
    let mut measured = vec![finish(None, sample.k(), Cost::of(cs, args.statement), own)];
    for (layout, subject, times) in subjects {
        measured.push(finish(
            Some(layout),
            layout.k,
            Cost::of(subject.cs(), args.statement),
            times,
        ));
    }
    let by = |measured: &Measured| match args.by {
        By::Clock => measured.ratio,
        By::Processor => measured.cpu_ratio,
    };
    measured.sort_by(|a, b| by(a).total_cmp(&by(b)));
    Ok(Report {
        machine: Machine::this(),
        statement: args.statement,
        shape: args.shape,
        runs: args.runs,
        needs: source.needs,
        yardstick_ms: median(unit.wall),
        yardstick_cpu_ms: median(unit.cpu),
        layouts: measured,
    })
}

fn print(report: &Report) {
    let Report {
        statement,
        shape,
        runs,
        needs,
        ..
    } = report;
    println!("{statement} {shape}; {}", report.machine);
    println!(
        "medians of {runs} proofs of each; ratios to the yardstick ({:.0} ms, {:.0} of processors), turn by turn\n",
        report.yardstick_ms, report.yardstick_cpu_ms
    );
    println!(
        "needs: {:?} main rows and {:?} lookups into tables by lane, {} limb rows in runs of {} at most, tables of {} rows\n",
        needs.main, needs.wide, needs.limbs, needs.longest, needs.table
    );
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    table.set_header([
        "layout",
        "k",
        "advice",
        "fixed",
        "lookups",
        "points",
        "multiplied",
        "proof B",
        "gas",
        "ms",
        "ratio",
        "cpu ms",
        "ratio",
        "",
    ]);
    for measured in &report.layouts {
        let Measured { layout, cost, .. } = measured;
        let mark = match (layout, measured.in_use) {
            (None, _) => "the circuit",
            (_, true) => "in use",
            _ if measured.over_transaction_limit => "above a transaction's gas",
            _ => "",
        };
        table.add_row([
            layout.map_or("circuit in use".to_owned(), |layout| layout.to_string()),
            measured.k.to_string(),
            cost.advice.to_string(),
            cost.fixed.to_string(),
            cost.lookups.to_string(),
            cost.commitments.to_string(),
            cost.multiplications.to_string(),
            cost.proof_bytes.to_string(),
            format!("{:.0}k", cost.gas / 1e3),
            format!("{:.0}", measured.prove_ms),
            format!("{:.2}", measured.ratio),
            format!("{:.0}", measured.cpu_ms),
            format!("{:.2}", measured.cpu_ratio),
            mark.to_owned(),
        ]);
    }
    for column in table.column_iter_mut().skip(1).take(12) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
    println!(
        "\nUp to {LANES} lanes, {SIZES} values of k. Wanted of a bare verification: {WANTED:.0} gas; a transaction's limit: {TRANSACTION_LIMIT:.0}. Code has no limit: it is cut into parts."
    );
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let bar = ProgressBar::new(1);
    bar.set_style(ProgressStyle::with_template(
        "{msg:48} {bar:20} {pos}/{len} {elapsed}",
    )?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let report = measure(args, &bar);
    bar.finish_and_clear();
    let report = report?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    Ok(())
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
