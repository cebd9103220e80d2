//! Whether an account's statement is true, asked before its proof is begun, and what a proof that fails means to the user.

use std::path::Path;

use zkmargin_circuits::{
    engine::{Portfolio, Report, Verdict, solvency::Branches},
    shape::Statement,
    slots::Slots,
};
use zkmargin_prover::ProveError;

use crate::{
    error::CliError,
    input::{self, Market, MarketArgs},
};

/// A statement about an account that the engine finds true.
pub(super) struct Claim<'a> {
    path: &'a Path,
    files: &'a MarketArgs,
    statement: Statement,
    report: Report,
}

/// Refuses a policy under which no account is provably healthy, whatever its verdict.
pub(super) fn check_policy(
    statement: Statement,
    files: &MarketArgs,
    market: &Market,
) -> Result<(), CliError> {
    if statement == Statement::Solvency {
        Branches::new(&market.table).map_err(|source| CliError::Policy {
            path: files.policy.clone(),
            source,
        })?;
    }
    Ok(())
}

impl<'a> Claim<'a> {
    /// Evaluates the account of a file.
    ///
    /// # Errors
    /// [`CliError::NotUnderMargined`] or [`CliError::NotHealthy`] if the statement is false.
    pub(super) fn new(
        path: &'a Path,
        slots: &Slots,
        statement: Statement,
        (files, market): (&'a MarketArgs, &Market),
    ) -> Result<Self, CliError> {
        let report = input::report(path, slots, market)?;
        let claim = Self {
            path,
            files,
            statement,
            report,
        };
        if claim.report.verdict == provable(statement) {
            return Ok(claim);
        }
        // An exposure without end keeps an account in the band.
        let beyond = Portfolio::new(slots, &market.table, 0).ok();
        let beyond = beyond.and_then(|unmoved| unmoved.beyond(&market.table));
        match beyond.filter(|_| claim.report.verdict == Verdict::Band) {
            Some(asset) => Err(claim.failed(ProveError::Exposure { asset })),
            None => Err(claim.refusal()),
        }
    }

    /// Why there is no proof.
    pub(super) fn failed(&self, error: ProveError) -> CliError {
        match error {
            ProveError::NotUnderMargined | ProveError::NotSolvent => self.refusal(),
            ProveError::Exposure { asset } => CliError::Exposure {
                path: self.path.to_owned(),
                asset,
            },
            ProveError::Table(error) => self.files.refused(error),
            error => CliError::Prove(error),
        }
    }

    fn refusal(&self) -> CliError {
        let (equity, requirement) = (self.report.equity, self.report.maintenance_margin);
        let verdict = self.report.verdict;
        match self.statement {
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
}

/// The verdict under which a statement has a proof.
fn provable(statement: Statement) -> Verdict {
    match statement {
        Statement::Solvency => Verdict::Healthy,
        _ => Verdict::UnderMargined,
    }
}
