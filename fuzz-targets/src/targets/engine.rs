//! The engine at the edges of what the model holds: input read as numbers, each at or between its field's limits.

mod positions;
mod rules;

use std::collections::BTreeMap;

use zkmargin_circuits::model::{
    Asset, Contingencies, Disclosure, DisclosureLevel, Discount, Everlasting, Expiry, Factors,
    Fixed, FutureCharge, Haircut, Incentive, LEAST_DISCOUNT, LongOptions, MAX_SCENARIOS, Netting,
    ONE, Perpetual, PerpetualAmerican, Policy, PowerMarket, Rate, SIZE_BITS, Scenario, ShortOption,
    SmileNode, Snapshot, Symbol, Time, VarianceMarket, Version, VolMove, VolShock,
};

use crate::{evaluate, input::Input};

const SIZE: i64 = (1 << SIZE_BITS) - 1;
/// Last second of the model's times.
const LAST: i64 = 253_402_207_200;

/// A policy, a market, and an account in it.
pub(super) fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut policy = policy(&mut input);
    let mut snapshot = snapshot(&mut input);
    let account = positions::account(&mut input, &snapshot);
    rules::disclose(&mut input, &mut policy.disclosure);
    rules::policy(&mut input, &mut policy);
    rules::snapshot(&mut input, &mut snapshot);
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
        source: BTreeMap::new(),
        scenarios,
        vol_shock: VolShock {
            up: fixed(input, 0, 10 * ONE),
            down: fixed(input, 0, ONE),
            short_power: fixed(input, 0, ONE),
            floor_seconds: input.number(3600, 34_560_000).unsigned_abs(),
            ..VolShock::default()
        },
        skew: Default::default(),
        discount: Default::default(),
        basis: Default::default(),
        delta: Default::default(),
        factors: Factors {
            maintenance: Fixed::from_units(maintenance),
            initial: fixed(input, maintenance, 10 * ONE),
            peg: Default::default(),
        },
        long_options: LongOptions::Counted,
        contingencies: contingencies(input),
        haircuts: list(input, 3, |input| {
            let asset = symbol(input);
            let rate = fixed(input, 0, ONE);
            Haircut {
                asset,
                maintenance: rate,
                initial: rate,
                moves: false,
            }
        }),
        volatility_trigger: vec![],
        incentive: Incentive {
            base: Fixed::from_units(base),
            slope: Fixed::from_units(slope),
            cap: fixed(input, base, ONE.min(base + slope)),
            illiquidity: None,
            solvency: None,
        },
        disclosure: Disclosure {
            level: DisclosureLevel::Terms,
            repay_tick: fixed(input, 1, 1 << SIZE_BITS),
            incentive_tick: fixed(input, 1, ONE),
            exposure_tick: None,
        },
        heartbeat: None,
        oracle: None,
    }
}

fn contingencies(input: &mut Input<'_>) -> Contingencies {
    let (short, future) = (fixed(input, 0, ONE), fixed(input, 0, ONE));
    Contingencies {
        short_option: ShortOption {
            netting: Netting::None,
            maintenance: short,
            initial: short,
            initial_floor: None,
        },
        future: FutureCharge {
            maintenance: future,
            initial: future,
            ..FutureCharge::default()
        },
        ..Contingencies::default()
    }
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
            confidence: Rate::ONE,
            realised_vol_24h: None,
            liquidity: None,
            perpetual: (input.byte().unwrap_or(0) % 2 == 1).then(|| Perpetual {
                mark: fixed(input, 1, SIZE),
                funding_index: fixed(input, -SIZE, SIZE),
                confidence: Rate::ONE,
                funding_rate: Rate::ZERO,
            }),
        }),
        expiries: list(input, 3, |input| Expiry {
            asset: symbol(input),
            expiry: at(input.number(time, LAST)),
            forward: fixed(input, 1, SIZE),
            forward_fixed: Fixed::ZERO,
            confidence: Rate::ONE,
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
        stable: None,
        protocol: None,
        signatures: vec![],
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

/// One of three assets.
fn symbol(input: &mut Input<'_>) -> Symbol {
    let names = ["BTC", "USDC", "zzzzzzz"];
    names[input.index(names.len())].parse().expect("a symbol")
}

fn at(unix: i64) -> Time {
    Time::from_unix(unix).expect("within the model's times")
}
