//! Markets at the extremes of what the files may hold, and the formulas' prices in them.

use num_traits::Signed;
use rayon::prelude::*;
use zkmargin_circuits::{
    math::{self, Real},
    model::{
        Everlasting, LEAST_PERPETUAL_VOL, PerpetualAmerican, Policy, Price, Rate, Scenario,
        Snapshot, Time, VolMove,
    },
    public::{PerpetualGroup, PerpetualSide, PublicTable},
};

use super::rules;

/// Every combination of the extremes that the files may hold, and some between.
pub fn extreme_markets() -> Vec<(Market, PerpetualGroup)> {
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
            assets: vec![rules::asset(asset, Price::from_units(spot), rate(interest))],
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

/// The unmoved market, units 1e-8.
#[derive(Debug, Clone, Copy)]
pub struct Market {
    pub spot: i64,
    rate: i64,
    vol: i64,
    dividend: i64,
}

/// A market of real spot, units of 1e-8 USD, and volatility.
#[derive(Debug, Clone)]
pub struct Point {
    pub spot: Real,
    pub vol: Real,
    pub rate: i64,
    pub dividend: i64,
}

fn decimal(units: i64) -> Real {
    math::ratio(&units.into(), &100_000_000.into())
}

impl Market {
    pub fn point(&self) -> Point {
        Point {
            spot: Real::from(self.spot) << math::BITS,
            vol: decimal(self.vol),
            rate: self.rate,
            dividend: self.dividend,
        }
    }
}

impl Point {
    /// `s^2`, and the roots `1/2 - c -+ R`, `c = (r - q)/s^2`, of `y (y - 1) s^2/2 + (r - q) y - p`.
    fn roots(&self, dividend: i64, p: &Real) -> [Real; 2] {
        let square = math::mul(&self.vol, &self.vol);
        let carry = math::div(&(decimal(self.rate) - decimal(dividend)), &square);
        let middle = (math::one() >> 1u32) - carry;
        let inner = math::mul(&middle, &middle) + math::div(&(p * 2u32), &square);
        let root = math::sqrt(&inner.max(Real::ZERO));
        [&middle - &root, middle + root]
    }

    /// The price of a call or put, units of 1e-8 USD, by the formulas of `docs/instruments.md` in their own form; `None`
    /// where they are a limit.
    pub fn price(&self, side: PerpetualSide, call: bool, strike: i128) -> Option<Real> {
        let (s, k) = (self.spot.clone(), Real::from(strike) << math::BITS);
        // scale (base / over)^y, in logarithms: a factor by itself may be too small for 192 bits.
        let power = |scale: &Real, base: &Real, over: &Real, y: &Real| {
            if !scale.is_positive() {
                return Real::ZERO;
            }
            let exponent = math::ln(scale) + math::mul(y, &(math::ln(base) - math::ln(over)));
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
                let e = power(&math::mul(&k, &amplitude), &s, &k, l);
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
                    power(&(&critical - k).abs(), &s, &critical, &y)
                })
            }
        }
    }
}

/// Strikes at the ends of every interval of the unmoved market and around spot, with the sides that have a price.
pub fn cases(market: &Market, group: &PerpetualGroup) -> Vec<(i128, bool)> {
    let ends = group.scenarios[0].intervals.iter();
    let ends = ends.flat_map(|i| [i.low, i.low + 1, i.high - 2, i.high - 1]);
    let spot = i128::from(market.spot);
    let near = [spot - 1, spot, spot + 1, spot * 99 / 100, spot * 101 / 100];
    let strikes = ends.chain(near).filter(|k| (1..1 << 50).contains(k));
    let sides: &[bool] = match group.id.map(|(_, side)| side) {
        Some(PerpetualSide::AmericanCall) => &[true],
        Some(PerpetualSide::AmericanPut) => &[false],
        _ => &[true, false],
    };
    strikes
        .flat_map(|strike| sides.iter().map(move |call| (strike, *call)))
        .collect()
}
