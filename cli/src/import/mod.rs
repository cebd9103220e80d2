//! Importers: venues' own files to a [`Snapshot`] and an [`Account`].

use std::{fmt, path::PathBuf};

use zkmargin_circuits::model::{Account, HexBytes, LoadError, Salt, Snapshot, ValueError};

pub mod deribit;

/// What a venue's files do not say. Of owner and salt `Debug` shows nothing.
#[derive(Clone, Default)]
pub struct ImportOptions {
    /// Owner id of the account. Needed when an account is imported.
    pub owner: Option<HexBytes<20>>,
    /// Sequence of the account.
    pub account_sequence: u64,
    /// Sequence of the snapshot; by default the latest quote's time in milliseconds.
    pub snapshot_sequence: Option<u64>,
    /// Salt of the account; by default 253 random bits from the operating system.
    pub salt: Option<Salt>,
}

impl fmt::Debug for ImportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportOptions").finish_non_exhaustive()
    }
}

/// What an importer made.
#[derive(Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The market. Validated.
    pub snapshot: Snapshot,
    /// The account, if positions or balances were given. Validated.
    pub account: Option<Account>,
    /// Everything that was left out or chosen, one line for each reason and file.
    pub warnings: Vec<String>,
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file cannot be read or is not the documented answer.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file holds the venue's error answer.
    #[error("{}: field 'error': the venue answered {code}: {message}", path.display())]
    Venue {
        /// The file.
        path: PathBuf,
        /// The venue's error code.
        code: i64,
        /// The venue's message.
        message: String,
    },
    /// A file holds neither a result nor an error.
    #[error("{}: field 'result': is missing", path.display())]
    NoResult {
        /// The file.
        path: PathBuf,
    },
    /// A value that the model cannot hold or that contradicts another.
    #[error("{}: field '{field}': {value} {rule}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// JSON path of the field.
        field: String,
        /// The value, `null` if there is none.
        value: String,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// An open position in an instrument that the snapshot does not price.
    #[error("{}: field '{field}': open position in {instrument}, which {reason}", path.display())]
    NoMarketData {
        /// The file.
        path: PathBuf,
        /// JSON path of the position.
        field: String,
        /// The instrument.
        instrument: String,
        /// Why there is no price.
        reason: &'static str,
    },
    /// A balance in a currency without a spot price in the snapshot.
    #[error("{}: field '{field}': balance in {currency}, which has no spot price", path.display())]
    NoSpot {
        /// The file.
        path: PathBuf,
        /// JSON path of the currency.
        field: String,
        /// The currency.
        currency: String,
    },
    /// No quote in any file, so that the snapshot has no time.
    #[error("no quotes: give at least one book summary or ticker")]
    NoQuotes,
    /// An account without an owner id.
    #[error("an account needs an owner id")]
    NoOwner,
    /// The imported snapshot is not a legal one.
    #[error("imported snapshot: {0}")]
    Snapshot(ValueError),
    /// The imported account is not a legal one.
    #[error("imported account: {0}")]
    Account(ValueError),
    /// The operating system gave no randomness for the salt.
    #[error("no randomness for the salt: {0}")]
    Entropy(rand_core::Error),
}
