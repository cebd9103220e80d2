//! No legal market is refused for its exposures, and none needs more bits than [`certified::exposures`] says.

use rayon::prelude::*;
use zkmargin_circuits::{
    certified::exposures,
    math,
    model::{
        Discount, Everlasting, LEAST_PERPETUAL_VOL, PerpetualAmerican, PowerMarket, Price, Rate,
        Snapshot, Time, VarianceMarket,
    },
    public::{PERPETUAL_EXPOSURE_BITS, PublicTable, SWAP_EXPOSURE_BITS, TableError},
};

use super::{UNITS, asset, now, rules};

const SPOTS: [i64; 4] = [1, 12_345_678, 6_000_000_000_000, (1 << 50) - 1];
const PERIODS: [i64; 3] = [4_166_666, 700_000_000, 36_500_000_000];

fn bits(value: i128) -> u64 {
    (128 - value.unsigned_abs().leading_zeros()).into()
}

fn table(spot: i64, rate: i64, markets: Snapshot) -> Result<PublicTable, TableError> {
    let snapshot = Snapshot {
        assets: vec![rules::asset(
            asset(),
            Price::from_units(spot),
            Rate::from_units(rate),
        )],
        ..markets
    };
    PublicTable::new(&snapshot, &rules::policy())
}

/// Rates and dividends: the ends, next to 0, and for each volatility those where a root's distance R vanishes.
fn rates(vol: i64) -> Vec<i64> {
    let edge = -((i128::from(vol) * i128::from(vol) / 2 / i128::from(UNITS)) as i64);
    let near = [edge - 1, edge, edge + 1];
    let near = near.into_iter().filter(|rate| *rate >= -UNITS / 2);
    [-UNITS / 2, -1, 0, 1, 3_000_000, 5 * UNITS]
        .into_iter()
        .chain(near)
        .collect()
}

#[test]
fn perpetual_options_at_the_ends_of_the_files_fit() {
    let vols = [
        LEAST_PERPETUAL_VOL.units(),
        1_000_000,
        2_000_000,
        10_000_000,
        UNITS,
        20 * UNITS,
    ];
    let mut cases = Vec::new();
    for vol in vols {
        for spot in SPOTS {
            for rate in rates(vol) {
                cases.extend(
                    rates(vol)
                        .into_iter()
                        .map(|dividend| (vol, spot, rate, dividend)),
                );
            }
        }
    }
    let most = cases.par_iter().map(|&(vol, spot, rate, dividend)| {
        let units = Rate::from_units;
        let everlasting = PERIODS.map(|days| Everlasting {
            asset: asset(),
            funding_days: units(days),
            vol: units(vol),
        });
        let markets = Snapshot {
            everlasting: everlasting.into(),
            american: vec![PerpetualAmerican {
                asset: asset(),
                vol: units(vol),
                dividend: units(dividend),
            }],
            ..rules::snapshot(now())
        };
        let table = table(spot, rate, markets).expect("a legal market");
        let mut most = [0; 4];
        for row in table
            .perpetual_options
            .iter()
            .flat_map(|group| &group.exposures)
        {
            let answers = [
                row.elasticity,
                row.convexity,
                row.vega_offset,
                row.vega_slope,
            ];
            for (most, answer) in most.iter_mut().zip(answers) {
                *most = bits(answer).max(*most);
            }
        }
        most
    });
    let most = most.reduce(|| [0; 4], |a, b| std::array::from_fn(|i| a[i].max(b[i])));
    println!(
        "{} markets, bits {most:?} of {PERPETUAL_EXPOSURE_BITS:?}",
        cases.len()
    );
    let fractions = [20, 20, 40, 16];
    for (i, answer) in exposures::greatest_answers().iter().enumerate() {
        assert!(most[i] <= (answer >> (math::BITS - fractions[i])).bits());
        assert!(most[i] <= PERPETUAL_EXPOSURE_BITS[i]);
    }
}

#[test]
fn swaps_at_the_ends_of_the_files_fit() {
    let units = Rate::from_units;
    let (mut most, mut markets, mut refused) = (0, 0, 0);
    let mut measure = |table: &PublicTable| {
        for row in table.swaps.iter().map(|group| group.exposure) {
            most = [row.delta, row.gamma, row.vega]
                .map(bits)
                .into_iter()
                .fold(most, u64::max);
        }
    };
    for spot in SPOTS {
        for rate in [-UNITS / 2, 0, UNITS / 2, 5 * UNITS] {
            for vol in [10_000, UNITS / 10, UNITS, 20 * UNITS] {
                for days in PERIODS {
                    let power = vec![PowerMarket {
                        asset: asset(),
                        funding_days: units(days),
                        vol: units(vol),
                    }];
                    let snapshot = Snapshot {
                        power,
                        ..rules::snapshot(now())
                    };
                    markets += 1;
                    match table(spot, rate, snapshot) {
                        Ok(table) => measure(&table),
                        // As before exposures: the formula's own limit.
                        Err(TableError::Power { .. }) => {
                            let square = vol as f64 * vol as f64 / 1e16;
                            let grown = (rate as f64 / 1e8 + square) * days as f64 / 365e8;
                            let dear = (spot as f64 / 1e8).powi(2) / (1.0 - grown) > 8.5e13;
                            assert!(grown > 0.9 || dear, "{spot} {rate} {vol} {days}");
                            refused += 1;
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }
    }
    let at = |seconds: i64| Time::from_unix(now().unix() + seconds).expect("time");
    for (start, end) in [
        (0, 60),
        (-60, 0),
        (-60, 60),
        (-86_400 * 365 * 30, 86_400 * 365 * 30),
    ] {
        for discount in [125_000_000_000, 2_000_000_000_000] {
            for vol in [10_000, 20 * UNITS] {
                for realised in [0, 10_000 * UNITS] {
                    let variance = vec![VarianceMarket {
                        asset: asset(),
                        start: at(start),
                        end: at(end),
                        discount: Discount::from_units(discount),
                        realised_variance: units(realised),
                        implied_vol: units(vol),
                        fair_vol: Rate::ZERO,
                    }];
                    let snapshot = Snapshot {
                        variance,
                        ..rules::snapshot(now())
                    };
                    markets += 1;
                    measure(&table(1, 0, snapshot).expect("a legal market"));
                }
            }
        }
    }
    println!("{markets} markets, {refused} refused, {most} bits of {SWAP_EXPOSURE_BITS}");
    let greatest = exposures::greatest_swap_exposure() >> (math::BITS - 14);
    assert!(most <= greatest.bits() && most <= SWAP_EXPOSURE_BITS);
}
