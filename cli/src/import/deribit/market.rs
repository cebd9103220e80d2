//! Quotes to a snapshot.

use std::collections::{BTreeMap, btree_map::Entry};

use zkmargin_circuits::model::{
    Asset, Discount, Expiry, Money, Perpetual, Price, Rate, SmileNode, Snapshot, Symbol, Time,
    Version,
};

use super::{
    super::ImportError,
    listing::{Contract, Listed, Listing, Side},
    number::Exact,
    quotes::Quote,
    warnings::Warnings,
};

/// Quotes further than this behind the latest are reported, milliseconds.
const STALE_MILLIS: i64 = 60_000;

/// One instrument taken with its quote.
struct Row<'a> {
    name: &'a str,
    listed: Listed,
    quote: &'a Quote,
}

/// The snapshot of the instruments taken.
///
/// # Errors
/// The field of a quote that is out of range, or an asset without an index price.
pub(super) fn snapshot(
    listing: &Listing,
    quotes: &BTreeMap<String, Quote>,
    (millis, time): (i64, Time),
    sequence: u64,
    warnings: &mut Warnings,
) -> Result<Snapshot, ImportError> {
    let mut assets: BTreeMap<Symbol, Vec<Row>> = BTreeMap::new();
    let mut expiries: BTreeMap<(Symbol, Time), Vec<Row>> = BTreeMap::new();
    for (name, quote) in quotes {
        let Some(&listed) = listing.taken.get(name) else {
            if !listing.skipped.contains_key(name) {
                warnings.note(&quote.place.path, "is in no instruments file", name);
            }
            continue;
        };
        if millis.saturating_sub(quote.time) > STALE_MILLIS {
            let reason = "is quoted over a minute before the snapshot";
            warnings.note(&quote.place.path, reason, name);
        }
        let row = || Row {
            name,
            listed,
            quote,
        };
        assets.entry(listed.asset).or_default().push(row());
        if let Contract::Future(expiry) | Contract::Option(expiry, ..) = listed.contract {
            let key = (listed.asset, expiry);
            expiries.entry(key).or_default().push(row());
        }
    }
    let assets = assets
        .into_iter()
        .map(|(symbol, rows)| asset(symbol, &rows, warnings))
        .collect::<Result<_, _>>()?;
    let mut dated = Vec::new();
    for (key, rows) in expiries {
        dated.extend(expiry(key, &rows, time, warnings)?);
    }
    let snapshot = Snapshot {
        version: Version,
        sequence,
        time,
        assets,
        expiries: dated,
        everlasting: Vec::new(),
        american: Vec::new(),
        power: Vec::new(),
        variance: Vec::new(),
        stable: None,
        protocol: None,
        signatures: Vec::new(),
    };
    snapshot.validate().map_err(ImportError::Snapshot)?;
    Ok(snapshot)
}

/// Spot from the perpetual's index price, else from the furthest expiry's: an instrument about
/// to expire shows an average there.
fn asset(symbol: Symbol, rows: &[Row], warnings: &mut Warnings) -> Result<Asset, ImportError> {
    let mut perpetual = None;
    let mut best: Option<((i64, i64), &Quote, Exact)> = None;
    for row in rows {
        let until = match row.listed.contract {
            Contract::Perpetual => i64::MAX,
            Contract::Future(expiry) | Contract::Option(expiry, ..) => expiry.unix(),
        };
        let rank = (until, row.quote.time);
        if let Some(index) = row.quote.index
            && best.is_none_or(|(other, ..)| rank > other)
        {
            best = Some((rank, row.quote, index));
        }
        if row.listed.contract != Contract::Perpetual {
            continue;
        }
        let Some(mark) = row.quote.mark_price else {
            warnings.note(&row.quote.place.path, "has no mark_price", row.name);
            continue;
        };
        // The venue settles funding into the balance as it accrues: nothing is owed at the
        // snapshot, so the index starts at zero here and in the positions.
        perpetual = Some(Perpetual {
            mark: row.quote.place.price("mark_price", mark)?,
            funding_index: Money::ZERO,
            confidence: Rate::ONE,
            funding_rate: Rate::ZERO,
        });
    }
    let Some((_, quote, index)) = best else {
        // Rows are grouped under an asset that has one.
        let Some(Row { quote, .. }) = rows.first() else {
            return Err(ImportError::NoQuotes);
        };
        let rule = "is needed in one quote of the asset";
        return Err(quote.place.refuse(quote.index_field, "null".into(), rule));
    };
    Ok(Asset {
        asset: symbol,
        spot: quote.place.price(quote.index_field, index)?,
        // Only instruments that the venue does not list need one.
        rate: Rate::ZERO,
        confidence: Rate::ONE,
        realised_vol_24h: None,
        liquidity: None,
        perpetual,
    })
}

/// Forward and discount from the latest option quote, one smile node a strike; `None`, with a
/// warning, where the options give no smile.
fn expiry(
    (asset, expiry): (Symbol, Time),
    rows: &[Row],
    time: Time,
    warnings: &mut Warnings,
) -> Result<Option<Expiry>, ImportError> {
    let mut latest: Option<(&Row, Exact)> = None;
    for row in rows {
        if let (Contract::Option(..), Some(price)) =
            (row.listed.contract, row.quote.underlying_price)
            && latest.is_none_or(|(other, _)| row.quote.time > other.quote.time)
        {
            latest = Some((row, price));
        }
    }
    let Some((source, price)) = latest else {
        for row in rows {
            let reason = "is of an expiry without an option's underlying_price";
            warnings.note(&row.quote.place.path, reason, row.name);
        }
        return Ok(None);
    };
    let forward = source.quote.place.price("underlying_price", price)?;
    for row in rows {
        let (given, reason) = match row.listed.contract {
            Contract::Option(..) => (
                row.quote.underlying_price,
                "has another underlying_price than its expiry's latest quote",
            ),
            _ => (
                row.quote.mark_price,
                "has another mark_price than its expiry's underlying_price, which is used",
            ),
        };
        if given.is_some_and(|g| g.round() != Some(forward)) {
            warnings.note(&row.quote.place.path, reason, row.name);
        }
    }
    let smile = smile(rows, forward, warnings)?;
    if smile.is_empty() {
        for row in rows {
            let reason = "is of an expiry without a volatility";
            warnings.note(&row.quote.place.path, reason, row.name);
        }
        return Ok(None);
    }
    let seconds = expiry.unix() - time.unix();
    Ok(Some(Expiry {
        asset,
        expiry,
        forward,
        forward_fixed: Price::ZERO,
        confidence: Rate::ONE,
        discount: discount(source.quote, seconds)?,
        smile,
    }))
}

fn discount(quote: &Quote, seconds: i64) -> Result<Discount, ImportError> {
    let Some(rate) = quote.interest_rate else {
        return Ok(Discount::ONE);
    };
    rate.discount(seconds).ok_or_else(|| {
        let rule = "times the years to expiry must be below 0.69 in magnitude";
        quote.place.refuse("interest_rate", rate.to_string(), rule)
    })
}

/// One node a strike: where call and put differ, the out-of-the-money one.
fn smile(
    rows: &[Row],
    forward: Price,
    warnings: &mut Warnings,
) -> Result<Vec<SmileNode>, ImportError> {
    let mut nodes: BTreeMap<Price, (Rate, Side)> = BTreeMap::new();
    for row in rows {
        let Contract::Option(_, strike, side) = row.listed.contract else {
            continue;
        };
        let path = &row.quote.place.path;
        let Some(percent) = row.quote.mark_iv.filter(|iv| iv.signum() != 0) else {
            warnings.note(path, "has no mark_iv", row.name);
            continue;
        };
        let vol = percent.scaled(-2).round().filter(|v: &Rate| v.units() > 0);
        let vol = vol.ok_or_else(|| {
            let rule = "must be a percentage above 0";
            row.quote.place.refuse("mark_iv", percent.to_string(), rule)
        })?;
        match nodes.entry(strike) {
            Entry::Vacant(slot) => {
                slot.insert((vol, side));
            }
            Entry::Occupied(mut slot) => {
                if slot.get().0 != vol {
                    let reason = "has another mark_iv than its call or put; the out-of-the-money one is used";
                    warnings.note(path, reason, row.name);
                }
                if (side == Side::Call) == (strike >= forward) {
                    slot.insert((vol, side));
                }
            }
        }
    }
    let node = |(strike, (vol, _))| SmileNode { strike, vol };
    Ok(nodes.into_iter().map(node).collect())
}
