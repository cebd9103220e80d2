//! Rows read back: nothing in them is taken on trust.

use rusqlite::{Params, Transaction, params, types::ValueRef};
use zkmargin_circuits::{
    engine::Terms,
    field,
    model::{HeartbeatRule, HexBytes, Time},
};

use super::{
    super::{AccountId, AccountState, Claim, Known, Receipt},
    StorageError, failed,
};
use crate::Heartbeat;

/// One row of one table.
struct Row<'a> {
    table: &'static str,
    row: &'a rusqlite::Row<'a>,
}

impl Row<'_> {
    fn corrupt(&self, column: &'static str, reason: impl ToString) -> StorageError {
        StorageError::Corrupt {
            table: self.table,
            column,
            reason: reason.to_string(),
        }
    }

    fn value(&self, column: &'static str) -> Result<ValueRef<'_>, StorageError> {
        let value = self.row.get_ref(column);
        value.map_err(|error| self.corrupt(column, error))
    }

    fn bytes<const N: usize>(&self, column: &'static str) -> Result<[u8; N], StorageError> {
        let value = self.value(column)?;
        let bytes = value.as_blob().ok();
        bytes.and_then(|b| b.try_into().ok()).ok_or_else(|| {
            let got = value.as_bytes().map_or(0, <[u8]>::len);
            let kind = value.data_type();
            self.corrupt(
                column,
                format_args!("expected {N} bytes, got {kind} of {got}"),
            )
        })
    }

    fn hex<const N: usize>(&self, column: &'static str) -> Result<HexBytes<N>, StorageError> {
        self.bytes(column).map(HexBytes)
    }

    /// A commitment: a field element.
    fn commitment(&self, column: &'static str) -> Result<HexBytes<32>, StorageError> {
        let bytes = self.bytes(column)?;
        match field::from_be_bytes(&bytes) {
            Some(_) => Ok(HexBytes(bytes)),
            None => Err(self.corrupt(column, "not below the BN254 scalar modulus")),
        }
    }

    fn number(&self, column: &'static str) -> Result<u64, StorageError> {
        self.bytes(column).map(u64::from_be_bytes)
    }

    fn integer(&self, column: &'static str) -> Result<i64, StorageError> {
        let value = self.value(column)?;
        value.as_i64().map_err(|error| self.corrupt(column, error))
    }

    fn count(&self, column: &'static str) -> Result<u64, StorageError> {
        let integer = self.integer(column)?;
        u64::try_from(integer)
            .map_err(|_| self.corrupt(column, format_args!("{integer} is no count")))
    }

    fn optional(&self, column: &'static str) -> Result<Option<i64>, StorageError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            _ => self.integer(column).map(Some),
        }
    }

    fn seconds(&self, column: &'static str) -> Result<Option<u32>, StorageError> {
        let small = |n: i64| {
            u32::try_from(n)
                .map_err(|_| self.corrupt(column, format_args!("{n} is no number of seconds")))
        };
        self.optional(column)?.map(small).transpose()
    }

    fn as_time(&self, column: &'static str, unix: i64) -> Result<Time, StorageError> {
        let time = Time::from_unix(unix);
        time.ok_or_else(|| self.corrupt(column, format_args!("{unix} is no time")))
    }

    fn time(&self, column: &'static str) -> Result<Time, StorageError> {
        self.as_time(column, self.integer(column)?)
    }
}

/// The first row of a query, read by `read`.
fn first<T>(
    transaction: &Transaction<'_>,
    table: &'static str,
    query: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StorageError>,
) -> Result<Option<T>, StorageError> {
    let reading = failed("read a row");
    let mut statement = transaction.prepare(query).map_err(&reading)?;
    let mut rows = statement.query(parameters).map_err(&reading)?;
    match rows.next().map_err(&reading)? {
        Some(row) => read(&Row { table, row }).map(Some),
        None => Ok(None),
    }
}

/// An account with its state of the day.
pub(super) fn account(
    transaction: &Transaction<'_>,
    id: AccountId,
) -> Result<Option<AccountState>, StorageError> {
    let query =
        "SELECT commitment, sequence FROM state WHERE account = ? ORDER BY sequence DESC LIMIT 1";
    let state = first(transaction, "state", query, params![id.0.0], |row| {
        Ok((row.commitment("commitment")?, row.number("sequence")?))
    })?;
    let query =
        "SELECT policy, opened, period_seconds, grace_seconds, proved FROM account WHERE id = ?";
    first(transaction, "account", query, params![id.0.0], |row| {
        let (commitment, sequence) =
            state.ok_or_else(|| row.corrupt("id", format_args!("account {id} has no state")))?;
        let (policy, opened) = (row.hex("policy")?, row.time("opened")?);
        let proved = row.optional("proved")?;
        let proved = proved.map(|at| row.as_time("proved", at)).transpose()?;
        let rule = match (
            row.seconds("period_seconds")?,
            row.seconds("grace_seconds")?,
        ) {
            (Some(period_seconds), Some(grace_seconds)) => Some(HeartbeatRule {
                period_seconds,
                grace_seconds,
            }),
            (None, None) if proved.is_none() => None,
            (None, None) => return Err(row.corrupt("proved", "a proof without a heartbeat")),
            _ => return Err(row.corrupt("grace_seconds", "period and grace go together")),
        };
        if proved.is_some_and(|proved| proved < opened) {
            return Err(row.corrupt("proved", "before the account's opening"));
        }
        Ok(AccountState {
            commitment,
            sequence,
            policy,
            heartbeat: rule.map(|r| Heartbeat::restore(policy, r, commitment, opened, proved)),
            opened,
        })
    })
}

/// Whose a commitment is.
pub(super) fn known(
    transaction: &Transaction<'_>,
    commitment: HexBytes<32>,
) -> Result<Option<Known>, StorageError> {
    let query = "SELECT account, sequence, NOT EXISTS (
            SELECT 1 FROM state AS later WHERE later.account = state.account AND later.sequence > state.sequence
        ) AS current FROM state WHERE commitment = ?";
    first(transaction, "state", query, params![commitment.0], |row| {
        Ok(Known {
            account: AccountId(row.hex("account")?),
            sequence: row.number("sequence")?,
            current: row.integer("current")? != 0,
        })
    })
}

/// The receipt for a state of an account.
pub(super) fn receipt(
    transaction: &Transaction<'_>,
    id: AccountId,
    commitment: HexBytes<32>,
) -> Result<Option<Receipt>, StorageError> {
    let query = "SELECT consumed.*, account, sequence FROM consumed JOIN state USING (commitment)
        WHERE account = ? AND commitment = ?";
    let parameters = params![id.0.0, commitment.0];
    first(transaction, "consumed", query, parameters, read_receipt)
}

fn read_receipt(row: &Row<'_>) -> Result<Receipt, StorageError> {
    let terms = row.value("terms")?;
    let text = terms
        .as_str()
        .map_err(|error| row.corrupt("terms", error))?;
    let terms: Terms = serde_json::from_str(text).map_err(|error| row.corrupt("terms", error))?;
    Ok(Receipt {
        number: row.count("number")?,
        claim: Claim {
            account: AccountId(row.hex("account")?),
            commitment: row.commitment("commitment")?,
            sequence: row.number("sequence")?,
            policy: row.hex("policy")?,
            snapshot_sequence: row.number("snapshot_sequence")?,
            snapshot_time: row.time("snapshot_time")?,
            market_until: row.time("market_until")?,
            context: row.hex("context")?,
            liquidator: row.hex("liquidator")?,
            nonce: row.number("nonce")?,
            deadline: row.time("deadline")?,
            terms,
        },
        at: row.time("at")?,
    })
}

/// SQLite's own check of the file, and of the tables' references.
pub(super) fn check_file(transaction: &Transaction<'_>) -> Result<(), StorageError> {
    for pragma in ["integrity_check", "foreign_key_check"] {
        let mut wrong = None;
        let each = transaction.pragma_query(None, pragma, |row| {
            let found: String = row.get(0)?;
            if found != "ok" {
                wrong = Some(format!("{pragma}: {found}"));
            }
            Ok(())
        });
        each.map_err(failed("check itself"))?;
        if let Some(reason) = wrong {
            let doing = "pass its own check";
            return Err(StorageError::Database { doing, reason });
        }
    }
    Ok(())
}

/// Every receipt can be read, and none is missing.
pub(super) fn check_receipts(transaction: &Transaction<'_>) -> Result<(), StorageError> {
    let reading = failed("read a row");
    let query = "SELECT consumed.*, account, sequence FROM consumed LEFT JOIN state USING (commitment) ORDER BY number";
    let mut statement = transaction.prepare(query).map_err(&reading)?;
    let mut rows = statement.query([]).map_err(&reading)?;
    let mut last = 0;
    while let Some(row) = rows.next().map_err(&reading)? {
        let table = "consumed";
        let row = Row { table, row };
        let receipt = read_receipt(&row)?;
        if receipt.number != last + 1 {
            let reason = format_args!("{} follows {last}", receipt.number);
            return Err(row.corrupt("number", reason));
        }
        last = receipt.number;
    }
    Ok(())
}

/// The names of all accounts.
pub(super) fn account_ids(transaction: &Transaction<'_>) -> Result<Vec<AccountId>, StorageError> {
    let reading = failed("read a row");
    let query = "SELECT id FROM account";
    let mut statement = transaction.prepare(query).map_err(&reading)?;
    let mut rows = statement.query([]).map_err(&reading)?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next().map_err(&reading)? {
        let table = "account";
        ids.push(AccountId(Row { table, row }.hex("id")?));
    }
    Ok(ids)
}

/// How many claims were spent.
pub(super) fn last_number(transaction: &Transaction<'_>) -> Result<u64, StorageError> {
    let query = "SELECT number FROM consumed ORDER BY number DESC LIMIT 1";
    let last = first(transaction, "consumed", query, [], |row| {
        row.count("number")
    })?;
    Ok(last.unwrap_or(0))
}

/// Whether a nonce is spent.
pub(super) fn nonce_used(
    transaction: &Transaction<'_>,
    liquidator: HexBytes<20>,
    nonce: u64,
) -> Result<bool, StorageError> {
    let query = "SELECT number FROM consumed WHERE liquidator = ? AND nonce = ?";
    let parameters = params![liquidator.0, nonce.to_be_bytes()];
    Ok(first(transaction, "consumed", query, parameters, |_| Ok(()))?.is_some())
}

/// The greatest sequence of the snapshots seen under a policy.
pub(super) fn last_sequence(
    transaction: &Transaction<'_>,
    policy: HexBytes<32>,
) -> Result<Option<u64>, StorageError> {
    let query = "SELECT sequence FROM snapshot WHERE policy = ?";
    first(transaction, "snapshot", query, params![policy.0], |row| {
        row.number("sequence")
    })
}
