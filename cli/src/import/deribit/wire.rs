//! The venue's answers: the fields that the import reads, under the venue's names.

use std::path::{Path, PathBuf};

use serde::{Deserialize, de::DeserializeOwned};
use zkmargin_circuits::model::{Fixed, Price, Quantity, SIZE_BITS, parse_json};

use super::{super::ImportError, Read, number::Exact};

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Option<VenueError>,
}

#[derive(Deserialize)]
struct VenueError {
    code: i64,
    message: String,
}

/// A row of `public/get_instruments`.
#[derive(Deserialize)]
pub(super) struct Instrument {
    pub(super) instrument_name: String,
    pub(super) kind: String,
    pub(super) instrument_type: Option<String>,
    pub(super) base_currency: String,
    pub(super) quote_currency: String,
    pub(super) settlement_currency: Option<String>,
    pub(super) settlement_period: Option<String>,
    pub(super) expiration_timestamp: Option<i64>,
    pub(super) strike: Option<Exact>,
    pub(super) option_type: Option<String>,
    pub(super) is_active: bool,
}

/// A row of `public/get_book_summary_by_currency`.
#[derive(Deserialize)]
pub(super) struct Summary {
    pub(super) instrument_name: String,
    pub(super) mark_price: Option<Exact>,
    pub(super) mark_iv: Option<Exact>,
    pub(super) underlying_price: Option<Exact>,
    pub(super) interest_rate: Option<Exact>,
    pub(super) estimated_delivery_price: Option<Exact>,
    pub(super) creation_timestamp: i64,
}

/// The answer of `public/ticker`.
#[derive(Deserialize)]
pub(super) struct Ticker {
    pub(super) instrument_name: String,
    pub(super) mark_price: Option<Exact>,
    pub(super) mark_iv: Option<Exact>,
    pub(super) underlying_price: Option<Exact>,
    pub(super) interest_rate: Option<Exact>,
    pub(super) index_price: Option<Exact>,
    pub(super) timestamp: i64,
}

/// A row of `private/get_positions`.
#[derive(Deserialize)]
pub(super) struct Position {
    pub(super) instrument_name: String,
    pub(super) size: Exact,
    pub(super) direction: String,
    pub(super) size_currency: Option<Exact>,
    pub(super) mark_price: Option<Exact>,
    pub(super) floating_profit_loss: Option<Exact>,
}

/// The answer of `private/get_account_summary`.
#[derive(Deserialize)]
pub(super) struct AccountSummary {
    pub(super) currency: String,
    pub(super) balance: Exact,
    pub(super) futures_session_rpl: Option<Exact>,
}

/// A file and the JSON path of a row in it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) row: String,
}

impl Place {
    /// JSON path of a field of the row.
    pub(super) fn field(&self, name: &str) -> String {
        format!("{}.{name}", self.row)
    }

    /// The error of a field's value.
    pub(super) fn refuse(&self, field: &str, value: String, rule: &'static str) -> ImportError {
        ImportError::Value {
            path: self.path.clone(),
            field: self.field(field),
            value,
            rule,
        }
    }

    /// The field's value, or the error that it is missing.
    pub(super) fn need<T>(
        &self,
        field: &str,
        value: Option<T>,
        rule: &'static str,
    ) -> Result<T, ImportError> {
        value.ok_or_else(|| self.refuse(field, "null".to_owned(), rule))
    }

    /// A price, rounded to 8 places.
    pub(super) fn price(&self, field: &str, value: Exact) -> Result<Price, ImportError> {
        let legal = |p: &Price| p.units() > 0 && p.units() < 1 << SIZE_BITS;
        value.round().filter(legal).ok_or_else(|| {
            let rule = "must be above 0 and below 11258999.06842624";
            self.refuse(field, value.to_string(), rule)
        })
    }

    /// A size of at most 50 bits: what a computation gave, or the error of the field it came from.
    pub(super) fn size(
        &self,
        field: &str,
        value: Exact,
        computed: Option<Quantity>,
    ) -> Result<Quantity, ImportError> {
        let legal = |q: &Quantity| q.units().unsigned_abs() < 1 << SIZE_BITS;
        computed.filter(legal).ok_or_else(|| {
            let rule = "must be below 11258999.06842624 in magnitude";
            self.refuse(field, value.to_string(), rule)
        })
    }

    /// A decimal of `P` places, rounded.
    pub(super) fn decimal<const P: u32>(
        &self,
        field: &str,
        value: Exact,
    ) -> Result<Fixed<P>, ImportError> {
        value
            .round()
            .ok_or_else(|| self.refuse(field, value.to_string(), "is too large"))
    }
}

fn result<T: DeserializeOwned>(path: &Path, read: &Read<'_>) -> Result<T, ImportError> {
    let answer: Answer<T> = parse_json(path, &read(path)?)?;
    if let Some(VenueError { code, message }) = answer.error {
        return Err(ImportError::Venue {
            path: path.to_owned(),
            code,
            message,
        });
    }
    answer.result.ok_or_else(|| ImportError::NoResult {
        path: path.to_owned(),
    })
}

/// All rows of list answers, each with its place.
pub(super) fn rows<T: DeserializeOwned>(
    paths: &[PathBuf],
    read: &Read<'_>,
) -> Result<Vec<(Place, T)>, ImportError> {
    let mut all = Vec::new();
    for path in paths {
        for (i, row) in result::<Vec<T>>(path, read)?.into_iter().enumerate() {
            let place = Place {
                path: path.clone(),
                row: format!("result[{i}]"),
            };
            all.push((place, row));
        }
    }
    Ok(all)
}

/// The one object of each answer.
pub(super) fn objects<T: DeserializeOwned>(
    paths: &[PathBuf],
    read: &Read<'_>,
) -> Result<Vec<(Place, T)>, ImportError> {
    let one = |path: &PathBuf| {
        let place = Place {
            path: path.clone(),
            row: "result".to_owned(),
        };
        Ok((place, result(path, read)?))
    };
    paths.iter().map(one).collect()
}
