//! The `zkmargin` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    zkmargin_cli::run(std::env::args_os())
}
