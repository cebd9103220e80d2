//! Accounts.

use zkmargin_circuits::model::{
    Account, CASH_BITS, Collateral, Fixed, Future, HexBytes, ONE, OptionStrike, PerpetualOption,
    PerpetualStyle, PowerPerpetual, Salt, Snapshot, VarianceKind, VarianceSwap, Version,
};

use super::{LAST, SIZE, at, fixed, list, symbol};
use crate::input::Input;

const CASH: i64 = (1 << CASH_BITS) - 1;

/// Positions mostly in markets that there are.
pub(super) fn account(input: &mut Input<'_>, snapshot: &Snapshot) -> Account {
    let asset = |input: &mut Input<'_>| match snapshot.assets.len() {
        0 => symbol(input),
        count => snapshot.assets[input.index(count)].asset,
    };
    let expiry = |input: &mut Input<'_>| match snapshot.expiries.len() {
        0 => (symbol(input), at(input.number(0, LAST))),
        count => {
            let expiry = &snapshot.expiries[input.index(count)];
            (expiry.asset, expiry.expiry)
        }
    };
    Account {
        version: Version,
        owner: HexBytes(input.padded()),
        sequence: input.number(0, (1 << 60) - 1).unsigned_abs(),
        salt: Salt::new([0; 32]),
        cash: fixed(input, -CASH, CASH),
        collateral: list(input, 4, |input| Collateral {
            asset: asset(input),
            amount: fixed(input, 0, SIZE),
        }),
        futures: list(input, 4, |input| {
            let dated = input.byte().unwrap_or(0) % 2 == 1;
            let (symbol, expiry) = expiry(input);
            Future {
                asset: if dated { symbol } else { asset(input) },
                expiry: dated.then_some(expiry),
                size: fixed(input, -SIZE, SIZE),
                entry: fixed(input, 1, SIZE),
                funding_index: if dated {
                    Fixed::ZERO
                } else {
                    fixed(input, -SIZE, SIZE)
                },
            }
        }),
        options: list(input, 8, |input| {
            let (asset, expiry) = expiry(input);
            OptionStrike {
                asset,
                expiry,
                strike: fixed(input, 1, SIZE),
                calls: fixed(input, -SIZE, SIZE),
                puts: fixed(input, -SIZE, SIZE),
            }
        }),
        perpetual_options: list(input, 4, |input| {
            let listed = &snapshot.everlasting;
            let market = (!listed.is_empty() && input.byte().unwrap_or(0) % 2 == 1)
                .then(|| &listed[input.index(listed.len())]);
            PerpetualOption {
                asset: market.map_or_else(|| asset(input), |m| m.asset),
                style: match market {
                    Some(_) => PerpetualStyle::Everlasting,
                    None => PerpetualStyle::American,
                },
                funding_days: market.map(|m| m.funding_days),
                strike: fixed(input, 1, SIZE),
                calls: fixed(input, -SIZE, SIZE),
                puts: fixed(input, -SIZE, SIZE),
            }
        }),
        power_perpetuals: list(input, 2, |input| PowerPerpetual {
            asset: asset(input),
            size: fixed(input, -SIZE, SIZE),
            entry: fixed(input, 1, i64::MAX),
        }),
        variance: list(input, 3, |input| {
            let listed = &snapshot.variance;
            let market = (!listed.is_empty()).then(|| &listed[input.index(listed.len())]);
            VarianceSwap {
                asset: market.map_or_else(|| asset(input), |m| m.asset),
                kind: match input.byte().unwrap_or(0) % 2 {
                    0 => VarianceKind::Variance,
                    _ => VarianceKind::Volatility,
                },
                start: market.map_or_else(|| at(0), |m| m.start),
                end: market.map_or_else(|| at(60), |m| m.end),
                notional: fixed(input, -SIZE, SIZE),
                strike: fixed(input, 0, 100 * ONE),
            }
        }),
    }
}
