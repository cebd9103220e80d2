//! The latest quote of each instrument, from book summaries and tickers.

use std::collections::{BTreeMap, btree_map::Entry};

use zkmargin_circuits::model::Time;

use super::{
    super::ImportError,
    number::Exact,
    wire::{Place, Summary, Ticker},
};

/// A summary row or a ticker.
#[derive(Debug)]
pub(super) struct Quote {
    pub(super) place: Place,
    pub(super) time: i64,
    pub(super) mark_price: Option<Exact>,
    pub(super) mark_iv: Option<Exact>,
    pub(super) underlying_price: Option<Exact>,
    pub(super) interest_rate: Option<Exact>,
    pub(super) index: Option<Exact>,
    pub(super) index_field: &'static str,
}

/// The latest quote of each instrument; a ticker wins over a summary of the same time.
pub(super) fn quotes(
    summaries: Vec<(Place, Summary)>,
    tickers: Vec<(Place, Ticker)>,
) -> BTreeMap<String, Quote> {
    let summaries = summaries.into_iter().map(|(place, row)| {
        let quote = Quote {
            place,
            time: row.creation_timestamp,
            mark_price: row.mark_price,
            mark_iv: row.mark_iv,
            underlying_price: row.underlying_price,
            interest_rate: row.interest_rate,
            index: row.estimated_delivery_price,
            index_field: "estimated_delivery_price",
        };
        (row.instrument_name, quote)
    });
    let tickers = tickers.into_iter().map(|(place, row)| {
        let quote = Quote {
            place,
            time: row.timestamp,
            mark_price: row.mark_price,
            mark_iv: row.mark_iv,
            underlying_price: row.underlying_price,
            interest_rate: row.interest_rate,
            index: row.index_price,
            index_field: "index_price",
        };
        (row.instrument_name, quote)
    });
    let mut latest: BTreeMap<String, Quote> = BTreeMap::new();
    for (name, quote) in summaries.chain(tickers) {
        match latest.entry(name) {
            Entry::Vacant(slot) => {
                slot.insert(quote);
            }
            Entry::Occupied(mut slot) if slot.get().time <= quote.time => {
                slot.insert(quote);
            }
            Entry::Occupied(_) => {}
        }
    }
    latest
}

/// The time of the latest quote in milliseconds and as the snapshot's whole second.
///
/// # Errors
/// `NoQuotes`, or a quote's time that is no time.
pub(super) fn latest(quotes: &BTreeMap<String, Quote>) -> Result<(i64, Time), ImportError> {
    let quote = quotes.values().max_by_key(|q| q.time);
    let quote = quote.ok_or(ImportError::NoQuotes)?;
    let time = Time::from_unix(quote.time.div_euclid(1000)).ok_or_else(|| {
        let field = match quote.index_field {
            "index_price" => "timestamp",
            _ => "creation_timestamp",
        };
        let rule = "is not in milliseconds between 1970 and 9999";
        quote.place.refuse(field, quote.time.to_string(), rule)
    })?;
    Ok((quote.time, time))
}
