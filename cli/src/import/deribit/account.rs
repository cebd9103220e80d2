//! Positions and balances to an account.

use std::collections::{BTreeMap, HashSet};

use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;
use zkmargin_circuits::model::{
    Account, Collateral, Future, Money, OptionStrike, Price, Quantity, Salt, Snapshot, Symbol,
    Time, Version,
};

use super::{
    super::{ImportError, ImportOptions},
    listing::{Contract, Listed, Listing, Side},
    number::Exact,
    wire::{AccountSummary, Place, Position},
};

/// Net sizes by (asset, expiry, strike), calls then puts.
type Strikes = BTreeMap<(Symbol, Time, Price), (Quantity, Quantity)>;

/// The account of these answers.
///
/// # Errors
/// A position without market data, a balance without a spot, or a field out of range.
pub(super) fn account(
    positions: &[(Place, Position)],
    balances: &[(Place, AccountSummary)],
    listing: &Listing,
    snapshot: &Snapshot,
    options: &ImportOptions,
) -> Result<Account, ImportError> {
    let (cash, collateral) = holdings(balances, snapshot)?;
    let (mut futures, mut strikes) = (Vec::new(), Strikes::new());
    let mut seen = HashSet::new();
    for (place, row) in positions {
        if !seen.insert(&row.instrument_name) {
            let name = row.instrument_name.clone();
            return Err(place.refuse("instrument_name", name, "appears twice"));
        }
        let sign = match row.direction.as_str() {
            "buy" => 1,
            "sell" => -1,
            "zero" => 0,
            other => {
                let rule = "must be buy, sell or zero";
                return Err(place.refuse("direction", other.to_owned(), rule));
            }
        };
        if row.size.signum() != sign {
            let rule = "must have the sign of its direction";
            return Err(place.refuse("size", row.size.to_string(), rule));
        }
        if sign == 0 {
            continue;
        }
        let listed = listing.taken.get(&row.instrument_name).ok_or_else(|| {
            let reason = listing.skipped.get(&row.instrument_name);
            unpriced(
                place,
                row,
                reason.copied().unwrap_or("is in no instruments file"),
            )
        })?;
        match listed.contract {
            Contract::Perpetual => futures.push(future(place, row, listed, None, snapshot)?),
            Contract::Future(expiry) => {
                futures.push(future(place, row, listed, Some(expiry), snapshot)?);
            }
            Contract::Option(expiry, strike, side) => {
                let priced = snapshot.expiries.iter().any(|e| {
                    (e.asset, e.expiry) == (listed.asset, expiry)
                        && e.smile.iter().any(|node| node.strike == strike)
                });
                if !priced {
                    return Err(unpriced(place, row, "has no volatility in the quotes"));
                }
                let size = place.size("size", row.size, row.size.round())?;
                let sizes = strikes.entry((listed.asset, expiry, strike)).or_default();
                let slot = match side {
                    Side::Call => &mut sizes.0,
                    Side::Put => &mut sizes.1,
                };
                if *slot != Quantity::ZERO {
                    let name = row.instrument_name.clone();
                    let rule = "is a second name of a contract held";
                    return Err(place.refuse("instrument_name", name, rule));
                }
                *slot = size;
            }
        }
    }
    futures.sort_by_key(|f| (f.asset, f.expiry));
    let strike = |((asset, expiry, strike), (calls, puts))| OptionStrike {
        asset,
        expiry,
        strike,
        calls,
        puts,
    };
    let account = Account {
        version: Version,
        owner: options.owner.ok_or(ImportError::NoOwner)?,
        sequence: options.account_sequence,
        salt: options
            .salt
            .clone()
            .map_or_else(|| random_salt(&mut OsRng), Ok)?,
        cash,
        collateral,
        futures,
        options: strikes.into_iter().map(strike).collect(),
        perpetual_options: Vec::new(),
        power_perpetuals: Vec::new(),
        variance: Vec::new(),
    };
    account.validate().map_err(ImportError::Account)?;
    Ok(account)
}

/// 253 random bits: any such integer is below the BN254 scalar modulus.
pub(super) fn random_salt(source: &mut impl RngCore) -> Result<Salt, ImportError> {
    let mut bytes = Zeroizing::new([0; 32]);
    source
        .try_fill_bytes(&mut bytes[..])
        .map_err(ImportError::Entropy)?;
    bytes[0] &= 0x1f;
    Ok(Salt::new(*bytes))
}

fn unpriced(place: &Place, row: &Position, reason: &'static str) -> ImportError {
    ImportError::NoMarketData {
        path: place.path.clone(),
        field: place.row.clone(),
        instrument: row.instrument_name.clone(),
        reason,
    }
}

/// Dollar balances as cash, coin balances as collateral.
fn holdings(
    balances: &[(Place, AccountSummary)],
    snapshot: &Snapshot,
) -> Result<(Money, Vec<Collateral>), ImportError> {
    let mut cash = Exact::ZERO;
    let mut collateral = BTreeMap::new();
    let mut seen = HashSet::new();
    for (place, row) in balances {
        let currency = &row.currency;
        if !seen.insert(currency) {
            return Err(place.refuse("currency", currency.clone(), "appears twice"));
        }
        let realised = row.futures_session_rpl.unwrap_or(Exact::ZERO);
        let too_large = || place.refuse("balance", row.balance.to_string(), "is too large");
        let total = row.balance.plus(realised).ok_or_else(too_large)?;
        if matches!(currency.as_str(), "USD" | "USDC" | "USDT") {
            cash = cash.plus(total).ok_or_else(too_large)?;
            place.decimal::<8>("balance", cash)?;
            continue;
        }
        if total.signum() < 0 {
            let rule = "must not be negative with the session's profit and loss: a debt in coin is no collateral";
            return Err(place.refuse("balance", total.to_string(), rule));
        }
        if total.signum() == 0 {
            continue;
        }
        let asset = snapshot.assets.iter().map(|a| a.asset);
        let asset = asset.clone().find(|a| a.to_string() == *currency);
        let asset = asset.ok_or_else(|| ImportError::NoSpot {
            path: place.path.clone(),
            field: place.field("currency"),
            currency: currency.clone(),
        })?;
        let amount = place.size("balance", total, total.round())?;
        collateral.insert(asset, amount);
    }
    let cash = cash.round().unwrap_or(Money::ZERO);
    let entry = |(asset, amount)| Collateral { asset, amount };
    Ok((cash, collateral.into_iter().map(entry).collect()))
}

/// The linear future with the position's value in dollars; see the [module](super).
fn future(
    place: &Place,
    row: &Position,
    listed: &Listed,
    expiry: Option<Time>,
    snapshot: &Snapshot,
) -> Result<Future, ImportError> {
    let asset = snapshot.assets.iter().find(|a| a.asset == listed.asset);
    let dated =
        |e: &&zkmargin_circuits::model::Expiry| e.asset == listed.asset && Some(e.expiry) == expiry;
    let mark = match expiry {
        None => asset.and_then(|a| a.perpetual.as_ref()).map(|p| p.mark),
        Some(_) => snapshot.expiries.iter().find(dated).map(|e| e.forward),
    };
    let (Some(asset), Some(mark)) = (asset, mark) else {
        return Err(unpriced(place, row, "has no mark in the quotes"));
    };
    let rule = "is needed for a future";
    let profit = place.need("floating_profit_loss", row.floating_profit_loss, rule)?;
    let (size, entry) = if listed.inverse {
        let coins = place.need(
            "size_currency",
            row.size_currency,
            "is needed for an inverse future",
        )?;
        // size / entry, since profit = size (1 / entry - 1 / mark).
        let coins_at_entry = coins.plus(profit);
        let spot = Exact::of(asset.spot);
        let size = coins_at_entry.and_then(|c| c.times(spot)?.over(Exact::of(mark)));
        let entry = coins_at_entry.and_then(|c| row.size.over(c));
        (place.size("size_currency", coins, size)?, entry)
    } else {
        let own = place.need("mark_price", row.mark_price, rule)?;
        let worth = own.times(row.size).and_then(|w| w.plus(profit.negated()));
        let size = place.size("size", row.size, row.size.round())?;
        (size, worth.and_then(|w| w.over(row.size)))
    };
    let entry = entry.filter(|e: &Price| e.units() > 0).ok_or_else(|| {
        let rule = "gives no entry price above 0";
        place.refuse("floating_profit_loss", profit.to_string(), rule)
    })?;
    Ok(Future {
        asset: listed.asset,
        expiry,
        size,
        entry,
        funding_index: Money::ZERO,
    })
}
