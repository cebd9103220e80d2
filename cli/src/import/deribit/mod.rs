//! Deribit's public and private JSON-RPC answers, saved to files, to a snapshot and an account.
//!
//! Field names and meanings are those of <https://docs.deribit.com>. Numbers are read from their
//! digits, never through a binary float, and rounded half to even where they have more places
//! than the model: 8 for prices, sizes, balances and volatilities, 12 for discounts.
//!
//! # Market
//!
//! | model | from |
//! |---|---|
//! | instruments | `public/get_instruments`: active, unexpired futures and options |
//! | contract family | per asset the inverse contracts if there are any, else the linear ones of one quote currency (USD before USDC before USDT), since an asset has one perpetual and one smile an expiry |
//! | time | the latest quote, down to the whole second |
//! | quote | the latest of `public/get_book_summary_by_currency` rows and `public/ticker` answers |
//! | spot | the index: a ticker's `index_price`, a summary's `estimated_delivery_price`, of the perpetual, else of the furthest expiry |
//! | perpetual mark | `mark_price`; the funding index is 0, see below |
//! | forward | `underlying_price` of the expiry's latest option quote. Also the mark of the dated future |
//! | discount | exp(-`interest_rate` x years of 365 days), 1 without a rate |
//! | what only some policies need | nothing: confidence 1, no fixed part of a forward, funding rate 0; realised volatility and liquidity left out, so that a policy with such a rule refuses the snapshot |
//! | smile node | `mark_iv` / 100; call and put of a strike are one node, the out-of-the-money one if they differ |
//!
//! # Account
//!
//! The venue's identity equity = `balance` + `futures_session_rpl` + `futures_session_upl` +
//! `options_value`, per currency, decides what is counted where:
//!
//! - **Balances**: `balance` + `futures_session_rpl`. USD, USDC and USDT become cash one to one,
//!   coins collateral. Stablecoins thus carry no haircut. A negative coin balance is refused. Open
//!   orders, fee balances and reserves are not counted.
//! - **Options**: sizes in coin, net per strike. The premium left the balance when it was traded,
//!   so there is no entry price.
//! - **Futures**: the balance already holds all profit up to the last daily settlement, so
//!   `average_price`, the entry of the whole trade, would count it twice. What is open is
//!   `floating_profit_loss` since the settlement (or since the trade, if later), and the entry E is
//!   the price that gives it: inverse, of U = `size` USD, 1/E = (`size_currency` +
//!   `floating_profit_loss`) / U; linear, E = `mark_price` - `floating_profit_loss` / `size`.
//! - **Inverse futures** pay U (1/E - 1/M) coins of I dollars, M the mark and I the index. When
//!   both move by a factor, that is linear in it: U (I/M) (M/E - 1). So the linear future of size
//!   U I / (E M) and entry E has the same value in every scenario that moves them together, which
//!   all of the policy do; a change of the basis M/I is not represented. The size differs from
//!   `size_currency` = U/M by the profit held in coin.
//! - **Funding** is paid into the session's realised profit as it accrues, so none is outstanding.
//!
//! Whatever is left out, or chosen between answers that differ, is in the warnings. An open
//! position that the snapshot cannot price is an error.

use std::path::{Path, PathBuf};

use zkmargin_circuits::model::{LoadError, MAX_FILE_BYTES, read_bounded};

use self::warnings::Warnings;
use super::{ImportError, ImportOptions, Imported};

mod account;
mod listing;
mod market;
mod number;
mod quotes;
#[cfg(test)]
mod tests;
mod warnings;
mod wire;

/// Gives the bytes of the answer that goes by a path.
pub type Read<'r> = dyn Fn(&Path) -> Result<Vec<u8>, LoadError> + 'r;

/// Saved answers, any number of files each.
#[derive(Debug, Clone, Default)]
pub struct DeribitFiles {
    /// `public/get_instruments`.
    pub instruments: Vec<PathBuf>,
    /// `public/get_book_summary_by_currency`, by kind or for all kinds.
    pub summaries: Vec<PathBuf>,
    /// `public/ticker`, beside or instead of summaries.
    pub tickers: Vec<PathBuf>,
    /// `private/get_positions`.
    pub positions: Vec<PathBuf>,
    /// `private/get_account_summary`, one a currency.
    pub account_summaries: Vec<PathBuf>,
}

/// Reads the answers and makes the snapshot and, if positions or balances are given, the account.
///
/// # Errors
/// [`ImportError`], naming the file, the field and the value.
pub fn import(files: &DeribitFiles, options: &ImportOptions) -> Result<Imported, ImportError> {
    import_with(files, options, &|path| read_bounded(path, MAX_FILE_BYTES))
}

/// [`import`] of answers that need not lie on disk: `read` gives the bytes behind a path, which otherwise only names
/// the answer in errors and warnings.
///
/// # Errors
/// [`ImportError`], naming the file, the field and the value.
pub fn import_with(
    files: &DeribitFiles,
    options: &ImportOptions,
    read: &Read<'_>,
) -> Result<Imported, ImportError> {
    let instruments = wire::rows(&files.instruments, read)?;
    let quotes = quotes::quotes(
        wire::rows(&files.summaries, read)?,
        wire::objects(&files.tickers, read)?,
    );
    let positions = wire::rows(&files.positions, read)?;
    let balances = wire::objects(&files.account_summaries, read)?;

    let (millis, time) = quotes::latest(&quotes)?;
    let mut warnings = Warnings::default();
    let listing = listing::list(&instruments, time, &mut warnings)?;
    for (place, row) in &instruments {
        let name = &row.instrument_name;
        if listing.taken.contains_key(name) && !quotes.contains_key(name) {
            warnings.note(&place.path, "has no quote", name);
        }
    }
    let sequence = options.snapshot_sequence.unwrap_or(millis.unsigned_abs());
    let at = (millis, time);
    let snapshot = market::snapshot(&listing, &quotes, at, sequence, &mut warnings)?;
    let account = if files.positions.is_empty() && files.account_summaries.is_empty() {
        None
    } else {
        Some(account::account(
            &positions, &balances, &listing, &snapshot, options,
        )?)
    };
    Ok(Imported {
        snapshot,
        account,
        warnings: warnings.lines(),
    })
}
