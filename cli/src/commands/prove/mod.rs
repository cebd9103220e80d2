//! `prove`: a proof file that says one thing and hides the rest, or a folder of them.

mod batch;
mod claim;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::{Value, json};
use zkmargin_circuits::{
    engine::Terms,
    shape::{Shape, Statement},
};
use zkmargin_prover::{Origin, Proof, atomic::write_atomic, prove};
use zkmargin_verifier::ProofFile;

use crate::{
    error::CliError,
    files,
    input::{self, MarketArgs},
    output::{Console, Outcome},
    risk_text,
    store::{self, KeysArgs},
};

use self::claim::Claim;
use super::verify::terms_document;

const AFTER_HELP: &str = "\
Examples:
  zkmargin prove account.json --snapshot snapshot.json --policy policy.json \\
    --statement liquidation --shape medium --context context.json -o proof.json
  zkmargin prove account.json --snapshot snapshot.json --policy policy.json \\
    --statement solvency --shape medium --context context.json -o health.json
  zkmargin prove --batch accounts --snapshot snapshot.json --policy policy.json \\
    --statement liquidation --shape medium --context context.json -o proofs

--statement liquidation proves the account under-margined, --statement solvency that it is healthy under every \
branch of the policy. \
Of the account a liquidation proof discloses the commitment and the shape, and what the policy's disclosure.level says, and \
nothing else: nothing more (verdict), the repay amount and the incentive rate (terms), or besides dollar delta, dollar \
gamma and vega of each underlying, rounded down to disclosure.exposure_tick (terms-and-greeks); a solvency proof discloses commitment and shape alone. \
An account of which the statement is false is refused with exit code 3, and no file is written. Keys that are missing are \
made from the parameters in the key folder.

--batch proves every account NAME.json of a folder in one market, each to NAME.proof.json in the folder that -o names, one proof on each thread. Stopped \
at any moment it goes on where it was when it is run again: proofs that are there, and are the ones asked for, are kept. An account of \
which the statement is false is no failure; one that cannot be read or proved is named, the others go on, and the exit code is 2. Of liquidation each account has a nonce of its own, and \
its context stands beside its proof, in NAME.context.json: hand in both. \
docs/batch-prove.md has the report.

JSON: `seconds` is the table, the witness and the proof together, of which `witness_seconds` is all but the proof; `terms` \
is what the proof discloses (null of a solvency proof), `repay` and `incentive_rate` null where the policy hides them, with `exposures` if the \
policy discloses them; \
`key_seconds` is the reading or making of keys. `peak_rss_bytes` is the process's, null where the system does not say.";

/// Arguments of `prove`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ProveArgs {
    /// The private account.
    #[arg(required_unless_present = "batch")]
    account: Option<PathBuf>,
    /// Prove every account file *.json of a folder; -o is then the folder of the proofs.
    #[arg(long, value_name = "DIR", conflicts_with = "account")]
    batch: Option<PathBuf>,
    /// Threads of a batch, each with a proof of its own; one for each processor if not given.
    #[arg(long, value_name = "N", conflicts_with = "account", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    #[command(flatten)]
    claim: ClaimArgs,
}

/// What is proved, in which market, for whom, and where the proof goes.
#[derive(Debug, Args)]
pub(crate) struct ClaimArgs {
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
    /// The proof file to write; with --batch the folder of the proof files, made if it is not there.
    #[arg(short, long, value_name = "PROOF|DIR")]
    pub(crate) output: PathBuf,
    /// Replace a proof file that exists; in a batch one that is not the proof that is asked for.
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
pub(crate) fn prove_to_file(
    path: &Path,
    args: &ClaimArgs,
    console: &Console,
) -> Result<Proved, CliError> {
    files::refuse_existing(&args.output, args.force)?;
    let market = [&args.market.snapshot, &args.market.policy];
    let inputs = market.into_iter().chain([&args.context]);
    let inputs = inputs.map(PathBuf::as_path).chain([path]);
    files::refuse_input(&args.output, inputs)?;
    let account = input::account(path)?;
    let market = args.market.read()?;
    let slots = args
        .market
        .slots(&market, path, &account, Some(args.shape))?;
    let context = input::context(&args.context)?;
    claim::check_policy(args.statement, &args.market, &market)?;
    let claim = Claim::new(path, &slots, args.statement, (&args.market, &market))?;
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
        .map_err(|error| claim.failed(error))?;
    let overwrite = files::overwrite(args.force);
    write_atomic(&args.output, &proof.file.to_bytes(), overwrite)?;
    Ok(Proved {
        proof,
        key_time,
        origin: key.verifying().origin().clone(),
    })
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
    match (&args.account, &args.batch) {
        (Some(account), _) => run_one(account, &args.claim, console),
        (None, Some(folder)) => batch::run(folder, args.threads, &args.claim, console),
        // clap lets no other line pass.
        (None, None) => Err(CliError::Usage("an account or --batch is missing".into())),
    }
}

fn run_one(account: &Path, args: &ClaimArgs, console: &Console) -> Result<Outcome, CliError> {
    let proved = prove_to_file(account, args, console)?;
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
