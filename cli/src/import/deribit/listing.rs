//! Which instruments the import takes, and what each of them is.

use std::collections::{BTreeMap, HashMap};

use zkmargin_circuits::model::{Price, Symbol, Time};

use super::{
    super::ImportError,
    warnings::Warnings,
    wire::{Instrument, Place},
};

/// Call or put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Call,
    Put,
}

/// What an instrument pays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contract {
    Perpetual,
    Future(Time),
    Option(Time, Price, Side),
}

/// An instrument that the snapshot can hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    pub(super) asset: Symbol,
    pub(super) contract: Contract,
    /// Settled in the base currency (inverse) rather than in dollars (linear).
    pub(super) inverse: bool,
}

/// The instruments taken, and why each of the others is not.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) taken: BTreeMap<String, Listed>,
    pub(super) skipped: HashMap<String, &'static str>,
}

/// Contracts of one asset come from one family: inverse, or linear in one quote currency.
/// Inverse sorts first.
type Family = Option<String>;

/// Sorts instruments by name into taken and skipped. `time` is the snapshot's.
///
/// # Errors
/// The field of a live instrument that is missing or out of range.
pub(super) fn list(
    instruments: &[(Place, Instrument)],
    time: Time,
    warnings: &mut Warnings,
) -> Result<Listing, ImportError> {
    let mut families: HashMap<&str, Family> = HashMap::new();
    let live: Vec<_> = instruments
        .iter()
        .map(|(place, row)| (place, row, screen(row, time)))
        .collect();
    for (_, row, screened) in &live {
        if let Ok((_, family)) = screened {
            let best = families.entry(&row.base_currency).or_insert(family.clone());
            if family < best {
                best.clone_from(family);
            }
        }
    }
    let mut listing = Listing::default();
    for (place, row, screened) in live {
        let name = &row.instrument_name;
        // Overlapping answers (one kind, all kinds) repeat an instrument.
        if listing.taken.contains_key(name) || listing.skipped.contains_key(name) {
            continue;
        }
        let reason = match screened {
            Err(reason) => reason,
            Ok((asset, family)) if families.get(row.base_currency.as_str()) == Some(&family) => {
                let listed = Listed {
                    asset,
                    contract: contract(place, row)?,
                    inverse: family.is_none(),
                };
                listing.taken.insert(name.clone(), listed);
                continue;
            }
            Ok(_) => "is of another contract family of its asset",
        };
        warnings.note(&place.path, reason, name);
        listing.skipped.insert(name.clone(), reason);
    }
    Ok(listing)
}

/// The asset and family, or why the instrument is skipped.
fn screen(row: &Instrument, time: Time) -> Result<(Symbol, Family), &'static str> {
    if !matches!(row.kind.as_str(), "future" | "option") {
        return Err("is neither a future nor an option");
    }
    if !row.is_active {
        return Err("is not active");
    }
    // A row without an expiration is reported as missing it when the contract is read.
    if row
        .expiration_timestamp
        .is_some_and(|t| t.div_euclid(1000) <= time.unix())
    {
        return Err("has expired");
    }
    let Ok(asset) = row.base_currency.parse() else {
        return Err("has a base currency that is no asset symbol");
    };
    let inverse = match row.instrument_type.as_deref() {
        Some("reversed") => true,
        Some("linear") => false,
        Some(_) => return Err("is neither reversed nor linear"),
        None => row.settlement_currency.as_ref() == Some(&row.base_currency),
    };
    match (inverse, row.quote_currency.as_str()) {
        (true, _) => Ok((asset, None)),
        (false, quote @ ("USD" | "USDC" | "USDT")) => Ok((asset, Some(quote.to_owned()))),
        (false, _) => Err("is not quoted in USD, USDC or USDT"),
    }
}

fn contract(place: &Place, row: &Instrument) -> Result<Contract, ImportError> {
    if row.kind == "future" && row.settlement_period.as_deref() == Some("perpetual") {
        return Ok(Contract::Perpetual);
    }
    let rule = "is needed for a dated instrument";
    let millis = place.need("expiration_timestamp", row.expiration_timestamp, rule)?;
    let expiry = Time::from_unix(millis.div_euclid(1000));
    let expiry = expiry
        .filter(|_| millis.rem_euclid(1000) == 0)
        .ok_or_else(|| {
            let rule = "is not a whole second before the year 10000";
            place.refuse("expiration_timestamp", millis.to_string(), rule)
        })?;
    if row.kind == "future" {
        return Ok(Contract::Future(expiry));
    }
    let strike = place.need("strike", row.strike, "is needed for an option")?;
    let side = match row.option_type.as_deref() {
        Some("call") => Side::Call,
        Some("put") => Side::Put,
        other => {
            let shown = other.unwrap_or("null").to_owned();
            return Err(place.refuse("option_type", shown, "must be call or put"));
        }
    };
    Ok(Contract::Option(
        expiry,
        place.price("strike", strike)?,
        side,
    ))
}
