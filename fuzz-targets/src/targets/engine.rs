//! The engine at the edges of what the model holds: input read as numbers, each at or between its field's limits.

use zkmargin_circuits::model::{
    Account, Asset, CASH_BITS, Collateral, Contingencies, Disclosure, Discount, Dollars,
    Everlasting, Expiry, Factors, Fixed, Future, GREATEST_EXPOSURE_TICK, Haircut, HexBytes,
    Incentive, LEAST_DISCOUNT, LEAST_EXPOSURE_TICK, MAX_SCENARIOS, ONE, OptionStrike, Perpetual,
    PerpetualAmerican, PerpetualOption, PerpetualStyle, Policy, PowerMarket, PowerPerpetual, Rate,
    SIZE_BITS, Salt, Scenario, SmileNode, Snapshot, Symbol, Time, VarianceKind, VarianceMarket,
    VarianceSwap, Version, VolMove, VolShock,
};

use crate::{evaluate, input::Input};

const SIZE: i64 = (1 << SIZE_BITS) - 1;
const CASH: i64 = (1 << CASH_BITS) - 1;
/// Last second of the model's times.
const LAST: i64 = 253_402_207_200;

/// A policy, a market, and an account in it.
pub(super) fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut policy = policy(&mut input);
    let snapshot = snapshot(&mut input);
    let account = account(&mut input, &snapshot);
    // Last, so that inputs from before there were exposures keep their meaning.
    policy.disclosure.exposure_tick = exposure_tick(&mut input);
    let Some(table) = evaluate::table(&snapshot, &policy) else {
        return;
    };
    evaluate::account(&account, &snapshot, &policy, &table);
}

fn fixed<const P: u32>(input: &mut Input<'_>, low: i64, high: i64) -> Fixed<P> {
    Fixed::from_units(input.number(low, high))
}

fn list<T>(
    input: &mut Input<'_>,
    most: usize,
    mut item: impl FnMut(&mut Input<'_>) -> T,
) -> Vec<T> {
    let count = usize::from(input.byte().unwrap_or(0)) % (most + 1);
    (0..count).map(|_| item(input)).collect()
}

fn policy(input: &mut Input<'_>) -> Policy {
    let mut scenarios = list(input, 6, scenario);
    // Rarely as many as there can be, and one too many.
    match input.byte() {
        Some(1) => scenarios.resize_with(MAX_SCENARIOS, || scenario(input)),
        Some(2) => scenarios.resize_with(MAX_SCENARIOS + 1, || scenario(input)),
        _ => {}
    }
    let maintenance = input.number(ONE / 10, 10 * ONE);
    let base = input.number(0, ONE);
    let slope = input.number(0, 1000 * ONE);
    Policy {
        version: Version,
        name: String::new(),
        scenarios,
        vol_shock: VolShock {
            up: fixed(input, 0, 10 * ONE),
            down: fixed(input, 0, ONE),
            power: fixed(input, 0, ONE),
            floor_seconds: input.number(3600, 34_560_000).unsigned_abs(),
        },
        factors: Factors {
            maintenance: Fixed::from_units(maintenance),
            initial: fixed(input, maintenance, 10 * ONE),
        },
        contingencies: Contingencies {
            short_option: fixed(input, 0, ONE),
            future: fixed(input, 0, ONE),
        },
        haircuts: list(input, 3, |input| Haircut {
            asset: symbol(input),
            haircut: fixed(input, 0, ONE),
        }),
        incentive: Incentive {
            base: Fixed::from_units(base),
            slope: Fixed::from_units(slope),
            cap: fixed(input, base, ONE.min(base + slope)),
        },
        disclosure: Disclosure {
            repay_tick: fixed(input, 1, 1 << SIZE_BITS),
            incentive_tick: fixed(input, 1, ONE),
            exposure_tick: None,
        },
    }
}

fn exposure_tick(input: &mut Input<'_>) -> Option<Dollars> {
    let (least, greatest) = (LEAST_EXPOSURE_TICK, GREATEST_EXPOSURE_TICK);
    // Disclosed where the input has ended.
    let shown = input.byte().unwrap_or(1) % 2 == 1;
    shown.then(|| fixed(input, least.units(), greatest.units()))
}

fn scenario(input: &mut Input<'_>) -> Scenario {
    Scenario {
        spot: fixed(input, -ONE * 99 / 100, 10 * ONE),
        vol: match input.byte().unwrap_or(0) % 3 {
            0 => VolMove::Up,
            1 => VolMove::Down,
            _ => VolMove::Same,
        },
        weight: fixed(input, 1, ONE),
    }
}

fn snapshot(input: &mut Input<'_>) -> Snapshot {
    let time = input.number(0, LAST);
    Snapshot {
        version: Version,
        sequence: 0,
        time: at(time),
        assets: list(input, 3, |input| Asset {
            asset: symbol(input),
            spot: fixed(input, 1, SIZE),
            rate: fixed(input, -ONE / 2, 5 * ONE),
            perpetual: (input.byte().unwrap_or(0) % 2 == 1).then(|| Perpetual {
                mark: fixed(input, 1, SIZE),
                funding_index: fixed(input, -SIZE, SIZE),
            }),
        }),
        expiries: list(input, 3, |input| Expiry {
            asset: symbol(input),
            expiry: at(input.number(time, LAST)),
            forward: fixed(input, 1, SIZE),
            discount: fixed(input, LEAST_DISCOUNT.units(), 2 * Discount::ONE.units()),
            smile: smile(input),
        }),
        everlasting: list(input, 2, |input| Everlasting {
            asset: symbol(input),
            funding_days: fixed(input, ONE / 24, 365 * ONE),
            vol: vol(input),
        }),
        american: list(input, 2, |input| PerpetualAmerican {
            asset: symbol(input),
            vol: vol(input),
            dividend: fixed(input, -ONE / 2, 5 * ONE),
        }),
        power: list(input, 2, |input| PowerMarket {
            asset: symbol(input),
            funding_days: fixed(input, ONE / 24, 365 * ONE),
            vol: vol(input),
        }),
        variance: list(input, 2, |input| {
            let minutes = (time / 60).min(LAST / 60 - 1);
            VarianceMarket {
                asset: symbol(input),
                start: at(input.number(0, minutes) * 60),
                end: at(input.number((minutes + 1).min(LAST / 60), LAST / 60) * 60),
                discount: fixed(input, LEAST_DISCOUNT.units(), 2 * Discount::ONE.units()),
                realised_variance: fixed(input, 0, 10_000 * ONE),
                implied_vol: vol(input),
                fair_vol: fixed(input, 0, 100 * ONE),
            }
        }),
    }
}

fn vol(input: &mut Input<'_>) -> Rate {
    fixed(input, ONE / 10_000, 20 * ONE)
}

fn smile(input: &mut Input<'_>) -> Vec<SmileNode> {
    let mut nodes = list(input, 4, |input| SmileNode {
        strike: fixed(input, 1, SIZE),
        vol: fixed(input, ONE / 10_000, 20 * ONE),
    });
    nodes.sort_by_key(|node| node.strike);
    nodes.dedup_by_key(|node| node.strike);
    nodes
}

/// Positions mostly in markets that there are.
fn account(input: &mut Input<'_>, snapshot: &Snapshot) -> Account {
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

/// One of three assets.
fn symbol(input: &mut Input<'_>) -> Symbol {
    let names = ["BTC", "USDC", "zzzzzzz"];
    names[input.index(names.len())].parse().expect("a symbol")
}

fn at(unix: i64) -> Time {
    Time::from_unix(unix).expect("within the model's times")
}
