//! Reading the input files: bounded, validated, with file and field in every refusal.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;
use zkmargin_circuits::{
    engine::Report,
    model::{
        Account, Context, LoadError, MAX_FILE_BYTES, Policy, Snapshot, ValueError, parse_json,
        read_bounded,
    },
    public::{PublicTable, TableError},
    shape::Shape,
    slots::Slots,
};

use crate::error::CliError;

/// The public market and rules.
#[derive(Debug, Args)]
pub(crate) struct MarketArgs {
    /// The market snapshot.
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot: PathBuf,
    /// The risk policy: one's own, or a preset of policies/ (standard, collateral-ratio, deribit-pm, derive-pmrm2,
    /// paradex-pm).
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
}

/// Snapshot and policy, read and validated.
#[derive(Debug)]
pub(crate) struct Market {
    pub(crate) snapshot: Snapshot,
    pub(crate) policy: Policy,
    pub(crate) table: PublicTable,
}

impl MarketArgs {
    /// Reads both files and makes their public table.
    pub(crate) fn read(&self) -> Result<Market, CliError> {
        let (snapshot, policy) = (snapshot(&self.snapshot)?, policy(&self.policy)?);
        let table = PublicTable::new(&snapshot, &policy).map_err(|e| self.refused(e))?;
        Ok(Market {
            snapshot,
            policy,
            table,
        })
    }

    /// Lays the account of a file out for a shape that holds the market's table too; without a shape for the smallest that
    /// holds both.
    pub(crate) fn slots(
        &self,
        market: &Market,
        path: &Path,
        account: &Account,
        shape: Option<Shape>,
    ) -> Result<Slots, CliError> {
        let holds = |shape| -> Result<Slots, CliError> {
            let slots = slots(path, account, shape)?;
            market.table.fits(shape).map_err(|e| self.refused(e))?;
            Ok(slots)
        };
        let mut result = holds(shape.unwrap_or(Shape::ALL[0]));
        for larger in Shape::ALL.into_iter().skip(1) {
            match &result {
                Err(error) if shape.is_none() && error.is_capacity() => result = holds(larger),
                _ => break,
            }
        }
        result
    }

    /// No public table of these two files, or none that fits.
    pub(crate) fn refused(&self, source: TableError) -> CliError {
        CliError::Table {
            snapshot: self.snapshot.clone(),
            policy: self.policy.clone(),
            source,
        }
    }
}

fn validated<T: DeserializeOwned>(
    path: &Path,
    validate: impl FnOnce(&T) -> Result<(), ValueError>,
) -> Result<T, CliError> {
    let bytes = Zeroizing::new(read_bounded(path, MAX_FILE_BYTES)?);
    let value = parse_json(path, &bytes)?;
    validate(&value).map_err(|source| CliError::Value {
        path: path.to_owned(),
        source,
    })?;
    Ok(value)
}

/// Reads an account. Neither its bytes nor its salt outlive their use.
pub(crate) fn account(path: &Path) -> Result<Account, CliError> {
    validated(path, Account::validate).map_err(|error| match error {
        // A parser repeats what it could not parse; a salt is never repeated, wherever it stands.
        CliError::Load(LoadError::Json {
            path,
            field,
            reason,
        }) => CliError::Load(LoadError::Json {
            path,
            reason: match field.as_str() {
                "salt" => "expected 0x and 64 lower-case hex digits".to_owned(),
                _ => without_long_hex(&reason),
            },
            field: without_long_hex(&field),
        }),
        other => other,
    })
}

/// Fewest digits in a row that could be a salt's. No number of an account has as many.
const LONG_HEX: usize = 24;

/// The text with every long run of hex digits hidden: a salt that was put into another field, or taken for one's name.
pub(crate) fn without_long_hex(text: &str) -> String {
    let is_hex = |c: char| c.is_ascii_hexdigit() || c == 'x';
    let mut rest = text;
    let mut shown = String::new();
    while let Some(start) = rest.find(is_hex) {
        let (before, run) = rest.split_at(start);
        let end = run.find(|c| !is_hex(c)).unwrap_or(run.len());
        shown += before;
        shown += if end < LONG_HEX {
            &run[..end]
        } else {
            "(hidden)"
        };
        rest = &run[end..];
    }
    shown + rest
}

/// Reads a snapshot.
pub(crate) fn snapshot(path: &Path) -> Result<Snapshot, CliError> {
    validated(path, Snapshot::validate)
}

/// Reads a policy.
pub(crate) fn policy(path: &Path) -> Result<Policy, CliError> {
    validated(path, Policy::validate)
}

/// Reads a context.
pub(crate) fn context(path: &Path) -> Result<Context, CliError> {
    validated(path, |_| Ok(()))
}

/// Lays an account out for a shape.
pub(crate) fn slots(path: &Path, account: &Account, shape: Shape) -> Result<Slots, CliError> {
    Slots::new(account, shape).map_err(|source| CliError::Slots {
        path: path.to_owned(),
        source,
    })
}

/// The risk report of an account that was read from `path`.
pub(crate) fn report(path: &Path, slots: &Slots, market: &Market) -> Result<Report, CliError> {
    Report::new(slots, &market.snapshot, &market.policy, &market.table).map_err(|source| {
        CliError::Engine {
            path: path.to_owned(),
            source,
        }
    })
}
