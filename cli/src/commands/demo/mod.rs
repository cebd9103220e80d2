//! `demo`: the whole path on the sample files, from parameters to a stranger's check.

mod sample;

use std::{path::PathBuf, time::Instant};

use clap::Args;
use console::style;
use serde_json::{Value, json};
use zkmargin_circuits::{
    engine::Report,
    field,
    model::{HexBytes, Money, ONE},
    shape::{Shape, Statement},
};
use zkmargin_prover::{
    Params, ProvingKey,
    atomic::{Overwrite, write_atomic},
};

use self::sample::{DEPOSIT, Files, Folder};
use super::{
    prove::{self, Proved},
    verify::{self, Checked},
};
use crate::{
    error::{CliError, REFUSED},
    files, format, input,
    output::{Console, Outcome},
    risk_text, store,
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin demo
  zkmargin demo --shape small
  zkmargin demo --dir zkmargin-demo            keeps every file, to try the commands on

The folder gets private/ (the account), public/ (all that the stranger reads) and keys/.";

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DemoArgs {
    /// Capacity of the circuit: small or medium.
    #[arg(long, value_name = "small|medium|large", default_value_t = Shape::Medium)]
    shape: Shape,
    /// Work in this folder, which must be empty or new, and keep it.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep the temporary folder.
    #[arg(long)]
    keep: bool,
}

/// Runs `demo`.
pub(crate) fn run(args: &DemoArgs, console: &Console) -> Result<Outcome, CliError> {
    let shape = args.shape;
    let folder = Folder::new(args.dir.as_deref(), args.keep)?;
    let files = Files::write(folder.path(), shape)?;
    console.say(format_args!(
        "zkmargin demo, shape {shape}: a private account, a public market, one proof\n"
    ));
    let step = |number: u32, name: &str, what: &dyn std::fmt::Display| {
        console.say(format_args!("{number}/6  {name:<9} {what}"));
    };

    let start = Instant::now();
    let params = console.spin("drawing parameters", || Params::unsafe_dev(shape.k()))?;
    let params_path = files.keys.join(Params::file_name(shape.k()));
    params.write(&params_path, Overwrite::Refuse)?;
    let setup_seconds = start.elapsed().as_secs_f64();
    let k = shape.k();
    step(
        1,
        "setup",
        &format_args!("UNSAFE development parameters for 2^{k} rows, {setup_seconds:.1} s"),
    );

    let start = Instant::now();
    let (_, key) = store::generate(&files.keys, Statement::Liquidation, shape, console)?;
    key.write(&files.keys, Overwrite::Refuse)?;
    let keygen_seconds = start.elapsed().as_secs_f64();
    let vk_name = ProvingKey::verifying_file_name(Statement::Liquidation, shape);
    let vk = files.public.join(&vk_name);
    write_atomic(&vk, &key.verifying().to_bytes(), Overwrite::Refuse)?;
    let pk = files
        .keys
        .join(ProvingKey::file_name(Statement::Liquidation, shape));
    let (pk_size, vk_size) = (files::size_of(&pk), files::size_of(&vk));
    step(
        2,
        "keygen",
        &format_args!("proving key {pk_size}, verifying key {vk_size}, {keygen_seconds:.1} s"),
    );
    drop(key);

    let account = input::account(&files.account())?;
    let market_files = files.market();
    let market = market_files.read()?;
    let slots = market_files.slots(&market, &files.account(), &account, Some(shape))?;
    let commitment = HexBytes(field::to_be_bytes(&slots.commitment()));
    step(3, "commit", &commitment);

    let report = input::report(&files.account(), &slots, &market)?;
    step(4, "evaluate", &"for the account's owner only");
    console.say(format_args!("\n{}\n", risk_text::summary(&report)));
    drop((account, slots));

    let proving = files.claim_args(shape, "proof.json");
    let proved = prove::prove_to_file(&files.account(), &proving, console)?;
    let proof_bytes = proved.proof.file.proof.0.len();
    step(
        5,
        "prove",
        &format_args!("{proof_bytes} bytes, {:.1} s", proved.seconds()),
    );

    // From here on nothing but the files in public/ and the commitment is used.
    let stranger = verify::in_folder(&files.public, commitment, &vk_name);
    let verify_seconds = match verify::check(&stranger)? {
        Checked::Eligible(found) => found.2,
        Checked::Healthy(_) => return Err(CliError::Demo("the proof is one of health".into())),
        Checked::Rejected(reason, _) => return Err(CliError::Demo(reason)),
    };
    let milliseconds = verify_seconds * 1e3;
    step(
        6,
        "verify",
        &format_args!(
            "as a stranger, from public/ alone: {}, {milliseconds:.1} ms",
            style("ELIGIBLE").green().bold()
        ),
    );
    console.say(facts(&proved, shape, &market.snapshot.sequence.to_string()));

    let again = files.claim_args(shape, "refused.json");
    let refusal = match prove::prove_to_file(&files.healthy(), &again, console) {
        Err(error @ CliError::NotUnderMargined { .. }) if !again.output.exists() => error,
        Err(error) => return Err(error),
        Ok(_) => {
            return Err(CliError::Demo(
                "a healthy account was proved under-margined".into(),
            ));
        }
    };
    console.say(format_args!(
        "\nAfter a deposit of {} USD no proof exists; `zkmargin prove` answers with exit code {REFUSED}:\n  {refusal}",
        format::usd(Money::from_units(DEPOSIT * ONE))
    ));
    console.say(closing(&folder, &stranger, commitment, shape));
    let document = json!({
        "shape": shape,
        "folder": folder.kept(),
        "commitment": commitment,
        "evaluate": evaluated(&report),
        "setup_seconds": setup_seconds,
        "keygen_seconds": keygen_seconds,
        "prove_seconds": proved.seconds(),
        "verify_seconds": verify_seconds,
        "proof_bytes": proof_bytes,
        "peak_rss_bytes": prove::peak_rss_bytes(),
        "eligible": true,
        "terms": verify::terms_document(&proved.proof.file.terms()),
        "healthy_account_refused": refusal.to_string(),
        "unsafe_dev_parameters": true,
    });
    Ok(Outcome::done("", document))
}

fn evaluated(report: &Report) -> Value {
    json!({
        "equity": report.equity,
        "maintenance_margin": report.maintenance_margin,
        "verdict": report.verdict,
    })
}

/// What the proof says and what it keeps.
fn facts(proved: &Proved, shape: Shape, snapshot: &str) -> String {
    let terms = proved.proof.file.terms();
    let amounts = match (terms.repay, terms.incentive_rate) {
        (Some(repay), Some(rate)) => format!(
            "repay {} USD (the shortfall, rounded down) and incentive {}, which together bound the\n           \
             requirement; and ",
            format::usd(repay),
            format::percent(rate),
        ),
        _ => String::new(),
    };
    let holds = shape.capacity();
    format!(
        "\nProved     the account behind the commitment is under-margined at snapshot {snapshot} under the policy\n\
         Disclosed  {}for whom, where and until when\n\
         Hidden     how many positions there are (only that they fit {} strikes, {} perpetual options, {} futures,\n           \
         {} assets, {} swaps), their assets, sizes, sides, strikes, expiries and entries, the cash and the\n           \
         collateral, the scenario that breaks the account, and its owner, sequence and salt",
        amounts, holds.options, holds.perpetual_options, holds.futures, holds.assets, holds.swaps,
    )
}

/// How to go on.
fn closing(
    folder: &Folder,
    stranger: &verify::VerifyArgs,
    commitment: HexBytes<32>,
    shape: Shape,
) -> String {
    let mut text = format!(
        "\nWhoever makes development parameters can forge proofs. For real ones, download a published ceremony's file and:\n  \
         zkmargin setup --ptau powersOfTau28_hez_final_{}.ptau",
        shape.k().max(Shape::Medium.k()),
    );
    if let (Some(path), Some(key)) = (folder.kept(), &stranger.key) {
        text += &format!(
            "\n\nEvery file is in {}. Check the proof yourself:\n  zkmargin verify {} --snapshot {} --policy {} \\\n    \
             --context {} --key {} \\\n    --commitment {commitment}",
            path.display(),
            stranger.proof.display(),
            stranger.market.snapshot.display(),
            stranger.market.policy.display(),
            stranger.context.display(),
            key.display(),
        );
    }
    text
}
