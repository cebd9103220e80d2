//! `prove`: a proof file that says one thing and hides the rest.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};
use zkmargin_circuits::{
    engine::{Portfolio, Report, Terms, Verdict, solvency::Branches},
    shape::{Shape, Statement},
};
use zkmargin_prover::{Origin, Proof, ProveError, atomic::write_atomic, prove};
use zkmargin_verifier::ProofFile;

use crate::{
    error::CliError,
    files,
    input::{self, MarketArgs},
    output::{Console, Outcome},
    risk_text,
    store::{self, KeysArgs},
};

use super::verify::terms_document;

const AFTER_HELP: &str = "\
Examples:
  zkmargin prove account.json --snapshot snapshot.json --policy policy.json \\
    --statement liquidation --shape medium --context context.json -o proof.json
  zkmargin prove account.json --snapshot snapshot.json --policy policy.json \\
    --statement solvency --shape medium --context context.json -o health.json

--statement liquidation proves the account under-margined, --statement solvency that it is healthy under every \
branch of the policy. \
Of the account a liquidation proof discloses the commitment and the shape, and what the policy's disclosure.level says, and \
nothing else: nothing more (verdict), the repay amount and the incentive rate (terms), or besides dollar delta, dollar \
gamma and vega of each underlying, rounded down to disclosure.exposure_tick (terms-and-greeks); a solvency proof discloses commitment and shape alone. \
An account of which the statement is false is refused with exit code 3, and no file is written. Keys that are missing are \
made from the parameters in the key folder.

JSON: `seconds` is the table, the witness and the proof together, of which `witness_seconds` is all but the proof; `terms` \
is what the proof discloses (null of a solvency proof), `repay` and `incentive_rate` null where the policy hides them, with `exposures` if the \
policy discloses them; \
`key_seconds` is the reading or making of keys. `peak_rss_bytes` is the process's, null where the system does not say.";

/// Arguments of `prove`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ProveArgs {
    /// The private account.
    pub(crate) account: PathBuf,
    #[command(flatten)]
    pub(crate) market: MarketArgs,
    /// What to prove.
    #[arg(long, value_name = "liquidation|solvency", default_value_t = Statement::Liquidation)]
    pub(crate) statement: Statement,
    /// Capacity of the circuit; part of the commitment.
    #[arg(long, value_name = "small|medium|large", default_value_t = Shape::Medium)]
    pub(crate) shape: Shape,
    /// Who may use the proof, where and until when.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: PathBuf,
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    /// The proof file to write.
    #[arg(short, long, value_name = "PROOF")]
    pub(crate) output: PathBuf,
    /// Replace a proof file that exists.
    #[arg(long)]
    pub(crate) force: bool,
}

/// A proof that was written, and what it took.
#[derive(Debug)]
pub(crate) struct Proved {
    pub(crate) proof: Proof,
    key_time: Duration,
    origin: Origin,
}

impl Proved {
    /// Table, witness and proof.
    pub(crate) fn seconds(&self) -> f64 {
        (self.proof.witness_time + self.proof.prove_time).as_secs_f64()
    }
}

/// Evaluates, proves, and writes the file; nothing is written unless the statement is true.
pub(crate) fn prove_to_file(args: &ProveArgs, console: &Console) -> Result<Proved, CliError> {
    files::refuse_existing(&args.output, args.force)?;
    let market = [&args.market.snapshot, &args.market.policy];
    let inputs = market.into_iter().chain([&args.account, &args.context]);
    files::refuse_input(&args.output, inputs.map(PathBuf::as_path))?;
    let account = input::account(&args.account)?;
    let market = args.market.read()?;
    let slots = args
        .market
        .slots(&market, &args.account, &account, Some(args.shape))?;
    let context = input::context(&args.context)?;
    let report = input::report(&args.account, &slots, &market)?;
    if args.statement == Statement::Solvency {
        // Before its verdict: under such a policy no account is provably healthy.
        Branches::new(&market.table).map_err(|source| CliError::Policy {
            path: args.market.policy.clone(),
            source,
        })?;
    }
    let refusal = || refusal(args.statement, &report);
    if report.verdict != provable(args.statement) {
        // An exposure without end keeps an account in the band.
        let beyond = Portfolio::new(&slots, &market.table, 0).ok();
        let beyond = beyond.and_then(|unmoved| unmoved.beyond(&market.table));
        return Err(match beyond.filter(|_| report.verdict == Verdict::Band) {
            Some(asset) => CliError::Exposure {
                path: args.account.clone(),
                asset,
            },
            None => refusal(),
        });
    }
    let start = Instant::now();
    let (params, key) = store::proving_key(&args.keys.folder, args.statement, args.shape, console)?;
    let key_time = start.elapsed();
    let proof = console
        .spin(
            format!("proving {}, shape {}", args.statement, args.shape),
            || {
                let (snapshot, policy) = (&market.snapshot, &market.policy);
                prove(&params, &key, &account, snapshot, policy, &context)
            },
        )
        .map_err(|error| match error {
            ProveError::NotUnderMargined | ProveError::NotSolvent => refusal(),
            ProveError::Exposure { asset } => CliError::Exposure {
                path: args.account.clone(),
                asset,
            },
            ProveError::Table(error) => args.market.refused(error),
            error => CliError::Prove(error),
        })?;
    let overwrite = files::overwrite(args.force);
    write_atomic(&args.output, &proof.file.to_bytes(), overwrite)?;
    Ok(Proved {
        proof,
        key_time,
        origin: key.verifying().origin().clone(),
    })
}

/// The verdict under which a statement has a proof.
fn provable(statement: Statement) -> Verdict {
    match statement {
        Statement::Solvency => Verdict::Healthy,
        _ => Verdict::UnderMargined,
    }
}

fn refusal(statement: Statement, report: &Report) -> CliError {
    let (equity, requirement) = (report.equity, report.maintenance_margin);
    let verdict = report.verdict;
    match statement {
        Statement::Solvency => CliError::NotHealthy {
            equity,
            requirement,
            verdict,
        },
        _ => CliError::NotUnderMargined {
            equity,
            requirement,
            verdict,
        },
    }
}

/// The terms that a proof file discloses; a proof of solvency has none.
fn terms_of(file: &ProofFile) -> Option<Terms> {
    (file.statement != Statement::Solvency).then(|| file.terms())
}

fn document(proved: &Proved, output: &Path) -> Value {
    let file = &proved.proof.file;
    json!({
        "file": output,
        "statement": file.statement,
        "shape": file.shape,
        "commitment": file.commitment,
        "context": file.context,
        "terms": terms_of(file).map(|terms| terms_document(&terms)),
        "k": file.statement.k(file.shape),
        "proof_bytes": file.proof.0.len(),
        "seconds": proved.seconds(),
        "witness_seconds": proved.proof.witness_time.as_secs_f64(),
        "key_seconds": proved.key_time.as_secs_f64(),
        "peak_rss_bytes": peak_rss_bytes(),
        "unsafe_dev_parameters": file.unsafe_dev_parameters,
    })
}

/// Runs `prove`.
pub(crate) fn run(args: &ProveArgs, console: &Console) -> Result<Outcome, CliError> {
    let proved = prove_to_file(args, console)?;
    store::warn_of(&proved.origin, console);
    let file = &proved.proof.file;
    let (states, terms) = match terms_of(file) {
        Some(terms) => ("is under-margined", risk_text::terms(&terms) + "\n"),
        None => ("is healthy under every branch of the policy", String::new()),
    };
    let text = format!(
        "proof       {} ({} bytes of proof)\nstates      the account {states} ({}, shape {})\n\
         commitment  {}\n{terms}time        {:.2} s ({:.2} s of it witness)",
        args.output.display(),
        file.proof.0.len(),
        file.statement,
        file.shape,
        file.commitment,
        proved.seconds(),
        proved.proof.witness_time.as_secs_f64(),
    );
    Ok(Outcome::done(text, document(&proved, &args.output)))
}

/// The most memory that this process has held, where the system says so.
pub(crate) fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
