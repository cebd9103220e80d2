//! What a batch came to.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use zkmargin_circuits::{engine::Verdict, shape::Statement};

use crate::{
    commands::prove::{ClaimArgs, peak_rss_bytes},
    error::{BAD_INPUT, CliError},
    format,
    output::{Console, Outcome},
};

/// What became of an account.
pub(super) enum Came {
    /// A proof was made and written.
    Proved,
    /// The proof was there.
    Kept,
    /// The statement is false, or too near to it for a proof.
    False(Verdict),
    /// The account, or a file in its proof's place, is at fault.
    Refused(CliError),
}

/// One account.
pub(super) struct Record {
    /// The account file's name without `.json`.
    pub(super) name: String,
    /// The proof file, whether it is there or not.
    pub(super) file: PathBuf,
    pub(super) came: Came,
    /// From reading the account to the proof on disk.
    pub(super) seconds: f64,
}

/// What is not of one account.
pub(super) struct Totals {
    pub(super) threads: usize,
    /// Reading or making the keys, and what all proofs share.
    pub(super) key_time: Duration,
    /// All accounts.
    pub(super) time: Duration,
    pub(super) unsafe_dev_parameters: bool,
}

impl Record {
    fn outcome(&self) -> &'static str {
        match self.came {
            Came::Proved => "proved",
            Came::Kept => "kept",
            Came::False(_) => "false",
            Came::Refused(_) => "refused",
        }
    }

    fn document(&self) -> Value {
        let (file, verdict, error) = match &self.came {
            Came::Proved | Came::Kept => (Some(&self.file), None, None),
            Came::False(verdict) => (None, Some(verdict), None),
            Came::Refused(error) => (None, None, Some(error)),
        };
        json!({
            "name": self.name,
            "outcome": self.outcome(),
            "file": file.map(|file| file.to_string_lossy()),
            "verdict": verdict,
            "error": error.map(|error| error.document()["error"].take()),
            "seconds": self.seconds,
        })
    }
}

/// How many accounts came to what.
struct Counts([(&'static str, usize); 4]);

impl Counts {
    fn new(records: &[Record]) -> Self {
        Self(["proved", "kept", "false", "refused"].map(|outcome| {
            let of = records.iter().filter(|record| record.outcome() == outcome);
            (outcome, of.count())
        }))
    }

    fn of(&self, outcome: &str) -> usize {
        let found = self.0.iter().find(|(name, _)| *name == outcome);
        found.map_or(0, |(_, count)| *count)
    }
}

/// The report. Every refusal goes to stderr, with what can be done about it said once.
pub(super) fn outcome(
    records: &[Record],
    totals: &Totals,
    args: &ClaimArgs,
    console: &Console,
) -> Outcome {
    let mut hints = BTreeSet::new();
    for record in records {
        if let Came::Refused(error) = &record.came {
            console.failure(&error.to_string(), None);
            hints.extend(error.hint());
        }
    }
    for hint in hints {
        console.hint(&hint);
    }
    let counts = Counts::new(records);
    Outcome {
        code: if counts.of("refused") > 0 {
            BAD_INPUT
        } else {
            0
        },
        text: text(records, &counts, totals, args),
        document: document(records, &counts, totals, args),
    }
}

/// Proofs a minute; `None` where none was made.
fn rate(counts: &Counts, totals: &Totals) -> Option<f64> {
    let proved = counts.of("proved");
    (proved > 0).then(|| proved as f64 * 60.0 / totals.time.as_secs_f64())
}

fn document(records: &[Record], counts: &Counts, totals: &Totals, args: &ClaimArgs) -> Value {
    let rate = rate(counts, totals);
    let mut document = json!({
        "folder": args.output.to_string_lossy(),
        "statement": args.statement,
        "shape": args.shape,
        "accounts": records.iter().map(Record::document).collect::<Vec<_>>(),
        "threads": totals.threads,
        "seconds": totals.time.as_secs_f64(),
        "key_seconds": totals.key_time.as_secs_f64(),
        "proofs_per_minute": rate,
        "proofs_per_minute_per_thread": rate.map(|rate| rate / totals.threads as f64),
        "peak_rss_bytes": peak_rss_bytes(),
        "unsafe_dev_parameters": totals.unsafe_dev_parameters,
    });
    for (outcome, count) in counts.0 {
        document[outcome] = json!(count);
    }
    document
}

fn text(records: &[Record], counts: &Counts, totals: &Totals, args: &ClaimArgs) -> String {
    let mut table = format::table([
        format::words("account"),
        format::words("outcome"),
        format::number("seconds"),
    ]);
    for record in records {
        let outcome = match record.came {
            Came::False(Verdict::Band) => "false: within the error bound",
            Came::False(_) if args.statement == Statement::Solvency => "false: not healthy",
            Came::False(_) => "false: not under-margined",
            _ => record.outcome(),
        };
        table.add_row([
            format::words(&record.name),
            format::words(outcome),
            format::number(format_args!("{:.2}", record.seconds)),
        ]);
    }
    let numbers = counts
        .0
        .map(|(outcome, count)| format!("{count} {outcome}"));
    let mut lines = vec![
        table.to_string(),
        String::new(),
        format!("accounts  {} ({})", records.len(), numbers.join(", ")),
        format!("proofs    {}", args.output.display()),
        format!(
            "time      {:.2} s on {} threads, {:.2} s for the keys",
            totals.time.as_secs_f64(),
            totals.threads,
            totals.key_time.as_secs_f64()
        ),
    ];
    if let Some(rate) = rate(counts, totals) {
        let each = rate / totals.threads as f64;
        lines.push(format!(
            "rate      {rate:.1} proofs a minute, {each:.1} a thread"
        ));
    }
    if let Some(peak) = peak_rss_bytes() {
        lines.push(format!("memory    {} at most", format::bytes(peak)));
    }
    lines.join("\n")
}
