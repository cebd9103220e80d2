//! Every way a command can fail, with its exit code and what to do about it.

mod hint;

use std::{path::PathBuf, process::ExitCode};

use serde_json::{Value, json};
use zkmargin_circuits::{
    engine::{EngineError, Verdict},
    model::{HexBytes, LoadError, Money, Symbol, ValueError},
    public::TableError,
    shape::{Shape, Statement},
    slots::SlotError,
};
use zkmargin_prover::{KeyFileError, ProveError, atomic::AtomicWriteError, params::ParamsError};
use zkmargin_verifier::{ProofFileError, Rejection, oracle::OracleError, solidity::SolidityError};

use crate::{
    commands::{plot::PlotError, submit::SubmitError},
    format,
    import::ImportError,
    oracle_key::KeyError,
    output::Console,
};

/// Exit code of an internal failure.
pub(crate) const INTERNAL: u8 = 1;
/// Exit code of bad usage or bad input.
pub(crate) const BAD_INPUT: u8 = 2;
/// Exit code of a statement that is false.
pub(crate) const REFUSED: u8 = 3;
/// Exit code of a rejected proof.
pub(crate) const REJECTED: u8 = 4;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The arguments make no sense.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be read or parsed.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file holds a value that the statement cannot.
    #[error("{}: {source}", path.display())]
    Value { path: PathBuf, source: ValueError },
    /// An account does not fit a shape.
    #[error("{}: {source}", path.display())]
    Slots { path: PathBuf, source: SlotError },
    /// An account cannot be valued at a snapshot.
    #[error("{}: {source}", path.display())]
    Engine { path: PathBuf, source: EngineError },
    /// A statement has no proof under a policy.
    #[error("{}: {source}", path.display())]
    Policy { path: PathBuf, source: EngineError },
    /// Snapshot and policy make no public table, or one too large for a shape.
    #[error("{} under {}: {source}", snapshot.display(), policy.display())]
    Table {
        snapshot: PathBuf,
        policy: PathBuf,
        source: TableError,
    },
    /// A file is none of the project's.
    #[error("{}: field '.': {reason}", path.display())]
    UnknownFile { path: PathBuf, reason: String },
    /// A proof file ends early.
    #[error("{}: {source}", path.display())]
    ProofFile {
        path: PathBuf,
        source: ProofFileError,
    },
    /// Where a batch would write a proof, another one stands.
    #[error("{}: exists already, and is not the proof that is asked for: {source}", path.display())]
    OtherProof {
        path: PathBuf,
        source: Box<Rejection>,
    },
    /// A key file cannot be made, read or written.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// Parameters cannot be made, imported, read or written.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// The operating system refused something else than a plain read or write.
    #[error("{}: cannot {step}: {source}", path.display())]
    Io {
        path: PathBuf,
        step: &'static str,
        source: std::io::Error,
    },
    /// An importer failed.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// No picture can be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// No parameters that are large enough.
    #[error("{}: holds no parameters of k = {k} or more", folder.display())]
    NoParams { folder: PathBuf, k: u32 },
    /// No keys for a shape.
    #[error("{}: no such key file", path.display())]
    NoKey {
        path: PathBuf,
        folder: PathBuf,
        statement: Statement,
        shape: Shape,
    },
    /// Key and parameters in one folder do not belong together.
    #[error("{}: was made from parameters that are not in {}", path.display(), folder.display())]
    OtherParams { path: PathBuf, folder: PathBuf },
    /// An oracle's key file is at fault.
    #[error(transparent)]
    OracleKey(#[from] KeyError),
    /// A file is nothing that oracles can work with.
    #[error("{}: {source}", path.display())]
    Oracle { path: PathBuf, source: OracleError },
    /// A key that the policy does not name.
    #[error("{}: {address} is none of the oracles of {}", path.display(), policy.display())]
    NoOracle {
        path: PathBuf,
        policy: PathBuf,
        address: HexBytes<20>,
    },
    /// No contract for a key.
    #[error(transparent)]
    Solidity(SolidityError),
    /// Nothing, or not everything, was done on a chain.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The verifier's own commitment is at fault.
    #[error("--commitment: {0}")]
    Commitment(Rejection),
    /// The statement is false.
    #[error(
        "the account is not under-margined{}: equity {} USD, maintenance requirement {} USD",
        if *verdict == Verdict::Band { " beyond the proof's error bound" } else { "" },
        format::usd(*equity),
        format::usd(*requirement)
    )]
    NotUnderMargined {
        equity: Money,
        requirement: Money,
        verdict: Verdict,
    },
    /// The statement is false.
    #[error(
        "the account is not healthy{}: equity {} USD, maintenance requirement {} USD",
        if *verdict == Verdict::UnderMargined { "" } else { " beyond the proof's error bound" },
        format::usd(*equity),
        format::usd(*requirement)
    )]
    NotHealthy {
        equity: Money,
        requirement: Money,
        verdict: Verdict,
    },
    /// An exposure that a proof does not hold.
    #[error("{}: the exposure to {asset} is too large for a proof (dollar delta, dollar gamma or vega)", path.display())]
    Exposure { path: PathBuf, asset: Symbol },
    /// The backend failed.
    #[error(transparent)]
    Prove(ProveError),
    /// The demonstration went wrong.
    #[error("the demonstration failed: {0}")]
    Demo(String),
    /// The report cannot be printed.
    #[error("cannot print the result: {0}")]
    Output(std::io::Error),
}

impl CliError {
    /// Whether a larger shape might hold what this one does not.
    pub(crate) fn is_capacity(&self) -> bool {
        let slots = |source: &SlotError| {
            matches!(
                source,
                SlotError::Capacity { .. } | SlotError::Underlyings { .. }
            )
        };
        match self {
            Self::Slots { source, .. } => slots(source),
            Self::Table { source, .. } => matches!(source, TableError::TooManyRows { .. }),
            _ => false,
        }
    }

    /// The error's name in JSON.
    fn kind(&self) -> &'static str {
        match self {
            Self::Usage(_) => "usage",
            Self::NotUnderMargined { .. } => "not-under-margined",
            Self::NotHealthy { .. } => "not-healthy",
            Self::NoParams { .. } => "missing-parameters",
            Self::NoKey { .. } => "missing-key",
            Self::Prove(_) | Self::Demo(_) | Self::Output(_) | Self::Solidity(_) => "internal",
            Self::Submit(error) => error.kind(),
            Self::Plot(error) if error.is_internal() => "internal",
            Self::Plot(PlotError::Refused { .. }) => "input",
            Self::Plot(_) => "usage",
            _ if self.is_failed_write() => "internal",
            _ => "input",
        }
    }

    /// The exit code of a command that ends with it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NotUnderMargined { .. } | Self::NotHealthy { .. } => REFUSED,
            Self::Prove(_)
            | Self::Demo(_)
            | Self::Output(_)
            | Self::Solidity(_)
            | Self::Key(KeyFileError::Backend(_)) => INTERNAL,
            Self::Submit(error) if error.kind() != "input" => INTERNAL,
            Self::Plot(error) if error.is_internal() => INTERNAL,
            _ if self.is_failed_write() => INTERNAL,
            _ => BAD_INPUT,
        }
    }

    /// Whether a file that could be begun could not be finished, as on a full disk.
    fn is_failed_write(&self) -> bool {
        let write = match self {
            Self::Write(error)
            | Self::Key(KeyFileError::Write(error))
            | Self::Params(ParamsError::Write(error)) => error,
            _ => return false,
        };
        matches!(
            write,
            AtomicWriteError::Io {
                step: "write" | "flush to disk" | "flush the folder to disk",
                ..
            }
        )
    }

    /// The error as programs are told it.
    pub(crate) fn document(&self) -> Value {
        let mut document = json!({
            "kind": self.kind(),
            "message": self.to_string(),
            "hint": self.hint(),
            "exit_code": self.exit_code(),
        });
        if let Self::NotUnderMargined {
            equity,
            requirement,
            verdict,
        }
        | Self::NotHealthy {
            equity,
            requirement,
            verdict,
        } = self
        {
            document["equity"] = json!(equity);
            document["maintenance_margin"] = json!(requirement);
            document["verdict"] = json!(verdict);
        }
        json!({ "error": document })
    }

    /// Tells people on stderr and programs on stdout.
    pub(crate) fn emit(&self, console: &Console) -> ExitCode {
        console.failure(&self.to_string(), self.hint().as_deref());
        // A failure to report a failure has nowhere to go.
        let _ = console.document(&self.document());
        ExitCode::from(self.exit_code())
    }
}
