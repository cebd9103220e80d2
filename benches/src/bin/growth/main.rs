//! How the cost of a proof grows with an account's positions and with a policy's scenarios.

mod book;
mod draw;
mod measure;

use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

use clap::{Parser, ValueEnum};
use serde::Serialize;
use zkmargin_benches::{
    alone::Alone,
    machine::Machine,
    markdown::{table, write_part},
    progress,
    statement::Sample,
};
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_prover::atomic::{Overwrite, write_atomic};

use measure::{Outcome, Row, measure};

/// Proof time, witness time, peak memory, proof length and the time of the check against positions and against scenarios, for both
/// statements: medians, every point beside the yardstick in the same run, and memory of a process for each point.
///
/// A point takes the smallest shape that holds it. Its account, market and policy are made of the samples.
#[derive(Debug, Parser)]
#[command(after_help = "Examples:
  growth
  growth --axis scenarios --statement liquidation --runs 9
  growth --axis positions --values 8,32,128 --json
  growth --page docs/performance.md --svg docs        writes tables into the page, and pictures beside it

RAYON_NUM_THREADS sets the number of threads.")]
struct Args {
    /// Runs, of which the medians are taken.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Against this alone.
    #[arg(long, value_enum)]
    axis: Option<Axis>,
    /// Of this statement alone.
    #[arg(long)]
    statement: Option<Statement>,
    /// Other numbers of positions or scenarios; needs --axis.
    #[arg(long, value_delimiter = ',', requires = "axis", value_parser = clap::value_parser!(u16).range(1..))]
    values: Vec<u16>,
    /// Print one JSON document on stdout.
    #[arg(long)]
    json: bool,
    /// Write a picture of each axis into this folder: growth-positions.svg, growth-scenarios.svg.
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
    /// Write the tables into this page, between '<!-- begin growth -->' and '<!-- end growth -->'.
    #[arg(long)]
    page: Option<PathBuf>,
    /// One proof of a point, such as positions:64:solvency, in this process, as JSON.
    #[arg(long, hide = true, requires = "keys")]
    alone: Option<Point>,
    /// Where its keys are.
    #[arg(long, hide = true)]
    keys: Option<PathBuf>,
}

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Axis {
    Positions,
    Scenarios,
}

impl Axis {
    const ALL: [Self; 2] = [Self::Positions, Self::Scenarios];
    /// Of the axis that does not grow.
    const POSITIONS: usize = 16;
    const SCENARIOS: usize = 16;

    fn name(self) -> &'static str {
        match self {
            Self::Positions => "positions",
            Self::Scenarios => "scenarios",
        }
    }

    fn values(self) -> [usize; 8] {
        match self {
            Self::Positions => [8, 16, 32, 64, 128, 184, 256, 512],
            Self::Scenarios => [1, 2, 4, 8, 16, 24, 33, 40],
        }
    }
}

/// One place on an axis, for a statement. As text `positions:64:solvency`.
#[derive(Debug, Clone, Copy)]
struct Point {
    axis: Axis,
    value: usize,
    statement: Statement,
}

impl Point {
    fn sample(&self) -> Result<Result<Sample, String>, Box<dyn Error>> {
        let (positions, scenarios) = match self.axis {
            Axis::Positions => (self.value, Axis::SCENARIOS),
            Axis::Scenarios => (Axis::POSITIONS, self.value),
        };
        book::sample(self.statement, positions, scenarios)
    }

    fn row(&self, outcome: Outcome) -> Row {
        let Self {
            axis,
            value,
            statement,
        } = *self;
        Row {
            axis,
            value,
            statement,
            outcome,
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.axis.name(), self.value, self.statement)
    }
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let [axis, value, statement] = parts[..] else {
            return Err(format!("'{text}' is not AXIS:NUMBER:STATEMENT"));
        };
        Ok(Self {
            axis: Axis::from_str(axis, false)?,
            value: value
                .parse()
                .map_err(|error| format!("'{value}': {error}"))?,
            statement: statement
                .parse()
                .map_err(|error: <Statement as FromStr>::Err| error.to_string())?,
        })
    }
}

/// Everything that is measured.
#[derive(Debug, Serialize)]
struct Report {
    machine: Machine,
    runs: u16,
    rows: Vec<Row>,
}

impl Args {
    fn points(&self) -> Vec<Point> {
        let mut points = Vec::new();
        for axis in Axis::ALL
            .into_iter()
            .filter(|axis| self.axis.is_none_or(|one| one == *axis))
        {
            let values = match &self.values[..] {
                [] => axis.values().to_vec(),
                values => values.iter().copied().map(usize::from).collect(),
            };
            let statements = Statement::ALL.into_iter();
            for statement in statements.filter(|of| self.statement.is_none_or(|one| one == *of)) {
                points.extend(values.iter().map(|&value| Point {
                    axis,
                    value,
                    statement,
                }));
            }
        }
        points
    }
}

fn markdown(report: &Report) -> String {
    let mut text = String::new();
    for axis in Axis::ALL {
        let rows: Vec<&Row> = report.rows.iter().filter(|row| row.axis == axis).collect();
        if rows.is_empty() {
            continue;
        }
        let head = [
            axis.name(),
            "statement",
            "shape",
            "k",
            "table rows",
            "prove",
            "witness",
            "verify",
            "proof",
            "peak memory",
        ];
        text += &table(head, rows.iter().map(|row| cells(row)));
        text += "\n\n";
    }
    text += &format!(
        "{}; medians of {} runs, in brackets ratios to the yardstick beside the point: prove and witness to its proof ({}), verify to its check ({}). With the number of positions growing there are {} scenarios, with that of scenarios {} positions.\n",
        report.machine,
        report.runs,
        range(&report.rows, |cost| cost.yardstick_prove_ms),
        range(&report.rows, |cost| cost.yardstick_verify_ms),
        Axis::SCENARIOS,
        Axis::POSITIONS,
    );
    text
}

/// From the least to the greatest, milliseconds.
fn range(rows: &[Row], of: fn(&measure::Cost) -> f64) -> String {
    let costs = rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Cost(cost) => Some(of(cost)),
        Outcome::DoesNotFit(_) => None,
    });
    let (low, high) = costs.fold((f64::INFINITY, 0.0), |(low, high), x: f64| {
        (x.min(low), x.max(high))
    });
    if high == 0.0 {
        return "none".to_owned();
    }
    format!("{} to {} ms", short(low), short(high))
}

/// Milliseconds with as many digits as they are worth.
fn short(ms: f64) -> String {
    if ms < 100.0 {
        format!("{ms:.1}")
    } else {
        format!("{ms:.0}")
    }
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells = vec![row.value.to_string(), row.statement.to_string()];
    match &row.outcome {
        Outcome::Cost(cost) => {
            let time = |ms: f64, ratio: f64| format!("{} ms ({ratio:.2})", short(ms));
            cells.extend([
                cost.shape.to_string(),
                cost.k.to_string(),
                cost.table_rows.to_string(),
                time(cost.prove_ms, cost.prove_ratio),
                time(cost.witness_ms, cost.witness_ratio),
                time(cost.verify_ms, cost.verify_ratio),
                format!("{} B", cost.proof_bytes),
                cost.peak_mib
                    .map_or("-".to_owned(), |mib| format!("{mib:.0} MiB")),
            ]);
        }
        Outcome::DoesNotFit(why) => {
            let most = Shape::Large.capacity().total();
            cells.push(match row.axis {
                Axis::Positions => format!("does not fit: {most} slots at most ({why})"),
                Axis::Scenarios => format!("does not fit: {why}"),
            });
            cells.resize(10, String::new());
        }
    }
    cells
}

fn write_pictures(folder: &Path, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    for axis in Axis::ALL {
        if let Some(picture) = draw::picture(axis, rows)? {
            let path = folder.join(format!("growth-{}.svg", axis.name()));
            write_atomic(&path, picture.as_bytes(), Overwrite::Replace)?;
        }
    }
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    if let Some(point) = args.alone {
        let sample = point.sample()??;
        let alone = Alone::prove(&sample, args.keys.as_deref())?;
        println!("{}", serde_json::to_string(&alone)?);
        return Ok(());
    }
    let points = args.points();
    let bar = progress::bar(points.len());
    let rows = measure(&points, usize::from(args.runs), &bar);
    bar.finish_and_clear();
    let report = Report {
        machine: Machine::this(),
        runs: args.runs,
        rows: rows?,
    };
    let text = markdown(&report);
    if let Some(folder) = &args.svg {
        write_pictures(folder, &report.rows)?;
    }
    if let Some(page) = &args.page {
        write_part(page, "growth", &text)?;
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
