//! What the `zkmargin` command line is made of.

mod args;
mod commands;
mod error;
mod files;
mod format;
pub mod import;
mod input;
mod liquidation;
mod moved;
mod oracle_key;
mod output;
mod risk_text;
mod store;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;

use crate::{args::Arguments, error::CliError, output::Console};

/// Parses the arguments, runs the command and says how it ended; never panics on any input.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // Usage errors too are a JSON document for those who asked for one.
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    match Arguments::try_parse_from(arguments) {
        Ok(parsed) => {
            let console = Console::new(parsed.json);
            commands::run(parsed.command, &console)
                .and_then(|outcome| outcome.emit(&console))
                .unwrap_or_else(|error| error.emit(&console))
        }
        Err(error) if !error.use_stderr() => {
            // `--help` and `--version`; a reader that has gone away is no failure.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        Err(error) if wants_json => usage(&error).emit(&Console::new(true)),
        Err(error) => {
            let _ = error.print();
            ExitCode::from(error::BAD_INPUT)
        }
    }
}

/// clap's words without its own "error:".
fn usage(error: &clap::Error) -> CliError {
    let text = error.to_string();
    let text = text.trim_end();
    CliError::Usage(text.strip_prefix("error: ").unwrap_or(text).to_owned())
}
