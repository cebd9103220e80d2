//! Where words go: the report and the JSON document to stdout, everything else to stderr.

use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use console::Style;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::error::CliError;

/// How long a step may take before its spinner shows.
const TICK: Duration = Duration::from_millis(100);

/// The two streams, and whether stdout belongs to a JSON document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    json: bool,
}

/// What a command came to. No `Debug`: a risk report can be in it.
pub(crate) struct Outcome {
    /// Exit code.
    pub(crate) code: u8,
    /// The report for people, without its last line feed.
    pub(crate) text: String,
    /// The document for programs.
    pub(crate) document: Value,
}

impl Outcome {
    /// A success.
    pub(crate) fn done(text: impl Into<String>, document: Value) -> Self {
        Self {
            code: 0,
            text: text.into(),
            document,
        }
    }

    /// Prints the report or the document.
    ///
    /// # Errors
    /// [`CliError::Output`] if stdout takes no more, its reader being still there.
    pub(crate) fn emit(self, console: &Console) -> Result<ExitCode, CliError> {
        if console.json {
            console.document(&self.document)?;
        } else if !self.text.is_empty() {
            write_out(&self.text)?;
        }
        Ok(ExitCode::from(self.code))
    }
}

impl Console {
    /// A console; with `json`, stdout is for the document alone.
    pub(crate) fn new(json: bool) -> Self {
        if json {
            // A report that grows step by step then goes to stderr.
            console::set_colors_enabled(console::colors_enabled_stderr());
        }
        Self { json }
    }

    /// A line of a report that grows step by step.
    pub(crate) fn say(&self, line: impl Display) {
        if self.json {
            note(line);
        } else {
            // The reader may have gone away; the work goes on.
            let _ = write_out(&line.to_string());
        }
    }

    /// A remark on stderr.
    pub(crate) fn note(&self, line: impl Display) {
        note(line);
    }

    /// A warning on stderr.
    pub(crate) fn warn(&self, line: impl Display) {
        let label = Style::new()
            .for_stderr()
            .yellow()
            .bold()
            .apply_to("warning:");
        note(format_args!("{label} {line}"));
    }

    /// A warning that nobody should miss.
    pub(crate) fn alarm(&self, line: impl Display) {
        let style = Style::new().for_stderr().red().bold();
        let bar = style.apply_to("!!!");
        note(format_args!("{bar} {} {bar}", style.apply_to(line)));
    }

    /// A failure on stderr.
    pub(crate) fn failure(&self, message: &str, hint: Option<&str>) {
        let label = Style::new().for_stderr().red().bold().apply_to("error:");
        note(format_args!("{label} {message}"));
        if let Some(hint) = hint {
            self.hint(hint);
        }
    }

    /// What to do about a failure, on stderr.
    pub(crate) fn hint(&self, hint: &str) {
        let label = Style::new().for_stderr().cyan().bold().apply_to("hint:");
        note(format_args!("{label} {hint}"));
    }

    /// Prints the document, with `--json`.
    ///
    /// # Errors
    /// [`CliError::Output`].
    pub(crate) fn document(&self, document: &Value) -> Result<(), CliError> {
        if !self.json {
            return Ok(());
        }
        write_out(&format!("{document:#}"))
    }

    /// Runs a step with a spinner, shown on a terminal only and gone afterwards.
    pub(crate) fn spin<T>(&self, message: impl Into<String>, step: impl FnOnce() -> T) -> T {
        let bar = ProgressBar::new_spinner().with_message(message.into());
        bar.enable_steady_tick(TICK);
        let result = step();
        bar.finish_and_clear();
        result
    }

    /// A bar over steps, shown on a terminal only.
    pub(crate) fn count_bar(&self, message: impl Into<String>, count: u64) -> ProgressBar {
        let template = "{msg} {bar:32} {pos}/{len} {eta}";
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(count)
            .with_style(style)
            .with_message(message.into())
    }

    /// A bar over bytes, shown on a terminal only.
    pub(crate) fn byte_bar(&self, message: impl Into<String>) -> ProgressBar {
        let template = "{msg} {bar:32} {bytes}/{total_bytes} {eta}";
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(0)
            .with_style(style)
            .with_message(message.into())
    }
}

fn note(line: impl Display) {
    // Nothing can be said about a stderr that is gone.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// One write with a line feed. A reader that has gone away, as `head` does, is no failure.
fn write_out(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}
