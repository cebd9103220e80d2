//! Perpetual options at the extremes of what the files may hold, where the golden cases do not go.

use num_traits::Signed;
use rayon::prelude::*;
use zkmargin_circuits::{
    certified::{self, float},
    engine::{option, perpetual},
    math::{self, Real},
    model::{
        Asset, Everlasting, LEAST_PERPETUAL_VOL, PerpetualAmerican, Policy, Price, Rate, Scenario,
        Snapshot, Time, VolMove,
    },
    public::{PerpetualGroup, PerpetualSide, PublicTable},
};

#[path = "support/rules.rs"]
mod rules;

/// Every combination of the extremes that the files may hold, and some between.
fn extreme_markets() -> Vec<(Market, PerpetualGroup)> {
    let spots = [1, 77, 12_345_678, 5_000_000_000_000, (1 << 50) - 1];
    let vols = [
        LEAST_PERPETUAL_VOL.units(),
        1_000_000,
        60_000_000,
        2_000_000_000,
    ];
    let rates = [-50_000_000, -1, 0, 1, 3_000_000, 500_000_000];
    let rate = Rate::from_units;
    let move_ = |spot, vol| Scenario {
        spot: rate(spot),
        vol,
        weight: Rate::ONE,
    };
    let mut policy: Policy = rules::policy();
    policy.scenarios = vec![
        move_(-99_000_000, VolMove::Down),
        move_(-99_000_000, VolMove::Up),
        move_(1, VolMove::Same),
        move_(1_000_000_000, VolMove::Down),
        move_(1_000_000_000, VolMove::Up),
    ];
    policy.vol_shock.up = rate(300_000_000);
    policy.vol_shock.down = Rate::ONE;
    let mut markets = Vec::new();
    for spot in spots {
        for interest in rates {
            for vol in vols {
                markets.extend(rates.map(|dividend| (spot, interest, vol, dividend)));
            }
        }
    }
    let groups = |(spot, interest, vol, dividend): (i64, i64, i64, i64)| {
        let asset = "X".parse().expect("symbol");
        let everlasting = [4_166_666, 100_000_000, 36_500_000_000].map(|days| Everlasting {
            asset,
            funding_days: rate(days),
            vol: rate(vol),
        });
        let snapshot = Snapshot {
            assets: vec![Asset {
                asset,
                spot: Price::from_units(spot),
                rate: rate(interest),
                perpetual: None,
            }],
            // They have no dividend.
            everlasting: if dividend == 0 {
                everlasting.into()
            } else {
                vec![]
            },
            american: vec![PerpetualAmerican {
                asset,
                vol: rate(vol),
                dividend: rate(dividend),
            }],
            ..rules::snapshot(Time::from_unix(1_700_000_000).expect("time"))
        };
        let table = PublicTable::new(&snapshot, &policy).expect("a legal market");
        let market = Market {
            spot,
            rate: interest,
            vol,
            dividend,
        };
        let groups = table.perpetual_options.into_iter().skip(1);
        groups.map(move |group| (market, group))
    };
    markets.into_par_iter().flat_map_iter(groups).collect()
}

/// No legal market has a strike that the circuit cannot price, or that no interval or two intervals hold.
#[test]
fn every_exponent_of_extreme_markets_is_within_the_tables() {
    let groups = extreme_markets();
    let (mut intervals, mut most, mut gaps, mut beyond) = (0, 0f64, 0, 0);
    for (_, group) in &groups {
        for scenario in &group.scenarios {
            gaps += usize::from(!certified::covers_every_strike(scenario));
            for interval in &scenario.intervals {
                intervals += 1;
                most = most.max(float(&certified::greatest_exponent(interval)));
                let fits = certified::fits_tables(interval);
                // The circuit's own integers, at the ends and next to them.
                let (first, last) = (interval.low.max(1), interval.high - 1);
                let mut ends = [first, first + 1, last - 1, last].into_iter();
                let priced = fits
                    && ends.all(|strike| {
                        let ln = option::ln_strike(strike).ln;
                        let (spot, discount) = (scenario.spot, group.discount);
                        let trace = perpetual::market(interval, spot, discount, strike, ln, [1, 1]);
                        !(first..=last).contains(&strike) || (8..87).contains(&trace.shift())
                    });
                beyond += usize::from(!priced);
            }
        }
    }
    println!(
        "{} groups, {intervals} intervals, exponents up to {most}; {gaps} markets with gaps, {beyond} intervals beyond",
        groups.len()
    );
    assert_eq!((gaps, beyond), (0, 0));
    assert!(groups.len() > 1_000);
}

/// The unmoved market, units 1e-8.
#[derive(Debug, Clone, Copy)]
struct Market {
    spot: i64,
    rate: i64,
    vol: i64,
    dividend: i64,
}

fn decimal(units: i64) -> Real {
    math::ratio(&units.into(), &100_000_000.into())
}

impl Market {
    /// `s^2`, and the roots `1/2 - c -+ R`, `c = (r - q)/s^2`, of `y (y - 1) s^2/2 + (r - q) y - p`.
    fn roots(&self, dividend: i64, p: &Real) -> [Real; 2] {
        let square = math::mul(&decimal(self.vol), &decimal(self.vol));
        let carry = math::div(&(decimal(self.rate) - decimal(dividend)), &square);
        let middle = (math::one() >> 1u32) - carry;
        let inner = math::mul(&middle, &middle) + math::div(&(p * 2u32), &square);
        let root = math::sqrt(&inner.max(Real::ZERO));
        [&middle - &root, middle + root]
    }

    /// The price of a call or put, units of 1e-8 USD, by the formulas of `docs/instruments.md` in their own form; `None`
    /// where they are a limit.
    fn price(&self, side: PerpetualSide, call: bool, strike: i128) -> Option<Real> {
        let [s, k] = [self.spot.into(), strike].map(|x: i128| Real::from(x) << math::BITS);
        // (a/b)^y a.
        let power = |base: &Real, over: &Real, y: &Real| {
            let exponent = math::mul(y, &(math::ln(base) - math::ln(over)));
            let least: Real = math::one() * -500;
            if exponent < least {
                Real::ZERO
            } else {
                math::exp(&exponent)
            }
        };
        match side {
            PerpetualSide::Everlasting(days) => {
                let years = decimal(days) / 365;
                let funded = decimal(self.rate) + math::div(&math::one(), &years);
                let [minus, plus] = self.roots(0, &funded);
                let carried = math::mul(&decimal(self.rate), &years);
                let parity = math::div(&math::one(), &(math::one() + &carried));
                let g = math::mul(&carried, &parity);
                let (l, other) = if s < k {
                    (&plus, &minus)
                } else {
                    (&minus, &plus)
                };
                let amplitude = math::div(&(math::one() - math::mul(other, &g)), &(&plus - &minus));
                let e = math::mul(&math::mul(&k, &amplitude), &power(&s, &k, l));
                let linear = &s - math::mul(&k, &parity);
                Some(match (s < k, call) {
                    (true, true) | (false, false) => e,
                    (true, false) => e - linear,
                    (false, true) => e + linear,
                })
            }
            _ => {
                let [minus, plus] = self.roots(self.dividend, &decimal(self.rate));
                let y = if call { plus } else { minus };
                let distance = &y - math::one();
                let least = math::one() >> 64u32;
                if distance.abs() < least || y.abs() < least {
                    return None;
                }
                let critical = math::div(&math::mul(&k, &y), &distance);
                let exercised = if call { s >= critical } else { s <= critical };
                Some(if exercised {
                    (s - k).abs()
                } else {
                    math::mul(&(&critical - k).abs(), &power(&s, &critical, &y))
                })
            }
        }
    }
}

/// In the unmoved market of every combination, at the ends of every interval and around spot, the engine's price is
/// within its bound.
#[test]
fn prices_at_the_extremes_are_within_the_stated_bound() {
    let groups = extreme_markets();
    let shares = groups.par_iter().flat_map_iter(|(market, group)| {
        let (_, side) = group.id.expect("a market");
        let scenario = &group.scenarios[0];
        let ends = scenario.intervals.iter();
        let ends = ends.flat_map(|i| [i.low, i.low + 1, i.high - 2, i.high - 1]);
        let spot = i128::from(market.spot);
        let near = [spot - 1, spot, spot + 1, spot * 99 / 100, spot * 101 / 100];
        let strikes = ends.chain(near).filter(|k| (1..1 << 50).contains(k));
        let sides: &[bool] = match side {
            PerpetualSide::AmericanCall => &[true],
            PerpetualSide::AmericanPut => &[false],
            PerpetualSide::Everlasting(_) => &[true, false],
        };
        let cases: Vec<_> = strikes
            .flat_map(|strike| sides.iter().map(move |call| (strike, *call)))
            .collect();
        cases.into_iter().filter_map(move |(strike, call)| {
            let exact = market.price(side, call, strike)?;
            let interval = group.interval(0, strike).expect("an interval");
            let sizes = if call { [1, 0] } else { [0, 1] };
            let ln = option::ln_strike(strike).ln;
            let trace =
                perpetual::market(interval, scenario.spot, group.discount, strike, ln, sizes);
            // One unit of 1e-8 of a contract: units of 1e-8 USD x 2^-132.
            let [value, bound] =
                [&trace.value, &trace.epsilon].map(|x| x << (math::BITS - option::VALUE_BITS));
            let error = (value - exact).abs();
            assert!(error <= bound, "{market:?} {side:?} {strike} {call}");
            Some(float(&math::div(&error, &bound)))
        })
    });
    let shares: Vec<f64> = shares.collect();
    let worst = shares.iter().copied().fold(0.0, f64::max);
    println!("{} prices, max error/bound {worst:.3}", shares.len());
    assert!(shares.len() > 10_000 && worst > 0.1);
}
