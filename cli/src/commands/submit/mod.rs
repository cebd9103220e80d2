//! `submit`: a proof on its way to the registry contract, checked before it leaves.

mod error;
mod inputs;
mod report;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use zkmargin_chain::{
    Call, ChainError, Client, IMarginRegistry, IMarginRegistry::IMarginRegistryErrors, Mined,
    Ready, Revert,
};
use zkmargin_circuits::model::HexBytes;

use crate::{
    error::CliError,
    input::MarketArgs,
    output::{Console, Outcome},
    store::{self, KeysArgs},
};
pub(crate) use error::SubmitError;
use inputs::Inputs;
use report::{Accepted, Refusal};

const AFTER_HELP: &str = "\
Examples:
  zkmargin submit proof.json --snapshot snapshot.json --policy policy.json --context context.json \\
    --account 0x5a9f...3a --rpc http://127.0.0.1:8545 --registry 0x7f1d...b9 --key liquidator.key.json
  zkmargin submit proof.json ... --post-market
  zkmargin submit health.json ... --json | jq .event

The proof is checked first, as `verify` does, against the commitment that the registry holds for the account; then the call is tried on \
the node; only what passes both is signed and sent. The key's address must be the context's liquidator, --registry its verifier, and the node's chain its \
chain_id: the proof is good for no other. The transaction pays at most the context's max_priority_fee_per_gas above the base fee. \
The key file is as `zkmargin oracle keygen` writes it, with mode 0600.

--post-market posts the snapshot with its oracles' signatures, in a transaction before, if its market is not on the chain yet. \
A snapshot with a feed below the policy's min_confidence is refused with it: the contract does not see that.

A liquidation proof is shown to `liquidate`, a solvency proof to `proveHealth`. Exit code 0: the contract has emitted Eligible or Healthy. \
4: the verifier or the contract refuses, with its error by name and arguments. 1: the node cannot be reached, or refuses; \
where a transaction may still get into a block, its hash is named. 2: bad input.

JSON: `accepted`; `rejected_by` (`verifier`, `contract` or null) with `reason`, and `revert` with the contract's error, `name` and `arguments`; \
`transaction` with `hash`, `block`, `gas`, `gas_price` (wei) and `fee` (wei); `market` with its `digest` and, if it was posted just now, the \
`transaction`; `event`; `terms` as in `verify`. Numbers of wei are strings.";

/// Arguments of `submit`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SubmitArgs {
    /// The proof file.
    proof: PathBuf,
    #[command(flatten)]
    market: MarketArgs,
    /// Who may use the proof, where and until when.
    #[arg(long, value_name = "FILE")]
    context: PathBuf,
    /// The account's id in the registry: 0x and 64 hex digits.
    #[arg(long, value_name = "HEX")]
    account: HexBytes<32>,
    /// The node's URL, http or https.
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// The registry contract: 0x and 40 lower-case hex digits.
    #[arg(long, value_name = "ADDRESS")]
    registry: HexBytes<20>,
    /// The liquidator's secret key, which signs the transaction.
    #[arg(long, value_name = "KEY")]
    key: PathBuf,
    /// Post the market, with the snapshot's signatures, if nobody has.
    #[arg(long)]
    post_market: bool,
    #[command(flatten)]
    keys: KeysArgs,
    /// The verifying key, instead of the one in the key folder.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    verifying_key: Option<PathBuf>,
    /// How long to wait for each transaction to get into a block.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    wait: u64,
}

/// A proof that is read, with the registry that it is for.
struct Submission<'a> {
    args: &'a SubmitArgs,
    inputs: &'a Inputs,
    client: Client,
    console: &'a Console,
    /// The transaction that posted the market, if there was one.
    posted: Option<Mined>,
}

impl Submission<'_> {
    /// Tries the call, sends it, and waits for the event.
    fn run(&mut self) -> Result<Mined, Stop> {
        let (args, inputs) = (self.args, self.inputs);
        let call = Call::show(
            &inputs.file,
            &inputs.market.table,
            args.account,
            &inputs.context,
        )?;
        let ready = match self.ready(&call) {
            Err(ChainError::Reverted(revert)) if args.post_market && self.is_unknown(&revert) => {
                self.posted = Some(self.post()?);
                self.ready(&call)?
            }
            ready => ready?,
        };
        Ok(self.send(&ready, "waiting for the proof's transaction")?)
    }

    fn post(&self) -> Result<Mined, ChainError> {
        let market = &self.inputs.market;
        let call = Call::post(&market.snapshot, &market.policy, &market.table)?;
        let ready = self.ready(&call)?;
        self.send(&ready, "waiting for the market's transaction")
    }

    fn ready(&self, call: &Call) -> Result<Ready, ChainError> {
        let context = &self.inputs.context;
        let most = context.max_priority_fee_per_gas;
        self.console.spin("trying the call on the node", || {
            self.client.ready(call, context.liquidator, most)
        })
    }

    fn send(&self, ready: &Ready, message: &str) -> Result<Mined, ChainError> {
        let patience = Duration::from_secs(self.args.wait);
        self.console.spin(message, || {
            self.client.send(ready, &self.inputs.key, patience)
        })
    }

    /// Whether the contract misses nothing but this market.
    fn is_unknown(&self, revert: &Revert) -> bool {
        let digest = self.inputs.market_digest();
        matches!(
            revert,
            Revert::Registry(IMarginRegistryErrors::UnknownMarket(IMarginRegistry::UnknownMarket { market }))
                if market.0 == digest.0
        )
    }
}

/// Why a submission ends early.
enum Stop {
    Refused(Refusal),
    Failed(CliError),
}

impl From<ChainError> for Stop {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Reverted(revert) => Self::Refused(Refusal::Contract(revert)),
            error => Self::Failed(SubmitError::from(error).into()),
        }
    }
}

impl From<SubmitError> for Stop {
    fn from(error: SubmitError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<CliError> for Stop {
    fn from(error: CliError) -> Self {
        Self::Failed(error)
    }
}

/// Reads, checks and sends; what was posted on the way is told whatever came after.
fn submit(
    args: &SubmitArgs,
    console: &Console,
    posted: &mut Option<Mined>,
) -> Result<Accepted, Stop> {
    let inputs = match Inputs::read(args)? {
        Ok(inputs) => inputs,
        Err(reason) => return Err(Stop::Refused(Refusal::Verifier(reason))),
    };
    let client = console.spin("asking the node", || {
        Client::connect(&args.rpc, args.registry)
    })?;
    inputs.check_chain(client.chain_id(), args)?;
    let state = client.account(args.account)?;
    inputs.check(&state, args)?.map_err(Stop::Refused)?;
    store::warn_of(inputs.verifying_key.origin(), console);
    let mut submission = Submission {
        args,
        inputs: &inputs,
        client,
        console,
        posted: None,
    };
    let done = submission.run();
    posted.clone_from(&submission.posted);
    let mined = done?;
    Ok(Accepted { inputs, mined })
}

/// Runs `submit`.
pub(crate) fn run(args: &SubmitArgs, console: &Console) -> Result<Outcome, CliError> {
    let mut posted = None;
    match submit(args, console, &mut posted) {
        Ok(accepted) => Ok(report::accepted(&accepted, args, posted.as_ref())),
        Err(Stop::Refused(refusal)) => Ok(report::refused(&refusal, args, posted.as_ref())),
        Err(Stop::Failed(error)) => {
            if let Some(posted) = posted {
                let transaction = posted.transaction;
                console.warn(format_args!("the market was posted, in {transaction}"));
            }
            Err(error)
        }
    }
}
