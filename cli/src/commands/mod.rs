//! One file a command.

pub(crate) mod commit;
pub(crate) mod demo;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod keygen;
pub(crate) mod oracle;
pub(crate) mod plot;
pub(crate) mod prove;
pub(crate) mod schema;
pub(crate) mod setup;
pub(crate) mod submit;
pub(crate) mod verify;

use crate::{
    args::Command,
    error::CliError,
    output::{Console, Outcome},
};

/// Runs one command.
pub(crate) fn run(command: Command, console: &Console) -> Result<Outcome, CliError> {
    match command {
        Command::Demo(args) => demo::run(&args, console),
        Command::Setup(args) => setup::run(&args, console),
        Command::Keygen(args) => keygen::run(&args, console),
        Command::Commit(args) => commit::run(&args),
        Command::Evaluate(args) => evaluate::run(&args, console),
        Command::Plot(args) => plot::run(&args, console),
        Command::Prove(args) => prove::run(&args, console),
        Command::Verify(args) => verify::run(&args, console),
        Command::Inspect(args) => inspect::run(&args, console),
        Command::Schema(args) => schema::run(&args),
        Command::Import(args) => import::run(&args, console),
        Command::Oracle(args) => oracle::run(&args),
        Command::Export(args) => export::run(&args, console),
        Command::Submit(args) => submit::run(&args, console),
    }
}
