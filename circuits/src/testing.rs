//! What unit tests of the public table and the engine share: a market of one expiry, a policy of one rule, random draws, and
//! Black-76 in 192 bits.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    math::{self, Real},
    model::{
        Asset, Discount, Expiry, ONE, Policy, Price, Rate, SECONDS_PER_YEAR, SmileNode, Snapshot,
        Symbol, Time,
    },
};

/// No rule but those given.
pub(crate) fn policy(rules: Value) -> Policy {
    let mut policy = json!({
        "version": 2, "name": "test", "scenarios": [],
        "factors": {"maintenance": "1", "initial": "1"},
        "incentive": {"base": "0", "slope": "1", "cap": "1"},
        "disclosure": {"level": "terms", "repay_tick": "1", "incentive_tick": "1"}
    });
    for (field, value) in rules.as_object().expect("an object") {
        policy[field] = value.clone();
    }
    serde_json::from_value(policy).expect("a policy")
}

/// The instant of all markets here.
pub(crate) fn now() -> Time {
    Time::from_unix(1_700_000_040).expect("a time")
}

/// One expiry's market; units of the files.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    pub forward: i64,
    pub fixed: i64,
    pub discount: i64,
    pub seconds: i64,
    /// Strikes with volatilities.
    pub smile: Vec<(i64, i64)>,
}

impl Market {
    pub(crate) fn expiry(&self) -> Expiry {
        let node = |&(strike, vol): &(i64, i64)| SmileNode {
            strike: Price::from_units(strike),
            vol: Rate::from_units(vol),
        };
        Expiry {
            asset: symbol(),
            expiry: Time::from_unix(now().unix() + self.seconds).expect("a time"),
            forward: Price::from_units(self.forward),
            forward_fixed: Price::from_units(self.fixed),
            confidence: Rate::ONE,
            discount: Discount::from_units(self.discount),
            smile: self.smile.iter().map(node).collect(),
        }
    }

    /// The market alone.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: Default::default(),
            sequence: 1,
            time: now(),
            assets: vec![Asset {
                asset: symbol(),
                spot: Price::from_units(self.forward),
                rate: Rate::ZERO,
                confidence: Rate::ONE,
                realised_vol_24h: Some(Rate::ZERO),
                liquidity: None,
                perpetual: None,
            }],
            expiries: vec![self.expiry()],
            everlasting: vec![],
            american: vec![],
            power: vec![],
            variance: vec![],
            stable: None,
            protocol: None,
            signatures: vec![],
        }
    }

    /// Years to expiry.
    pub(crate) fn years(&self) -> Real {
        math::ratio(&self.seconds.into(), &SECONDS_PER_YEAR.into())
    }

    /// Volatility x square root of time of a strike, exactly.
    pub(crate) fn v(&self, strike: i128) -> Real {
        let variance = |vol: i64| {
            let vol = real(vol);
            math::mul(&math::mul(&vol, &vol), &self.years())
        };
        let (first, last) = (self.smile[0], self.smile[self.smile.len() - 1]);
        let inside = self.smile.windows(2).find(|pair| {
            let (low, high) = (i128::from(pair[0].0), i128::from(pair[1].0));
            (low..high).contains(&strike)
        });
        let w = match inside {
            Some(pair) => {
                let (a, b) = (variance(pair[0].1), variance(pair[1].1));
                let width = pair[1].0 - pair[0].0;
                &a + (b - &a) * (strike - i128::from(pair[0].0)) / width
            }
            None if strike < first.0.into() => variance(first.1),
            None => variance(last.1),
        };
        math::sqrt(&w)
    }

    /// The strike unmoved.
    pub(crate) fn black(&self, strike: i128) -> Black {
        Black {
            forward: Real::from(self.forward) << math::BITS,
            strike: Real::from(strike) << math::BITS,
            discount: math::ratio(&self.discount.into(), &Discount::ONE.units().into()),
            v: self.v(strike),
        }
    }
}

fn symbol() -> Symbol {
    "X".parse().expect("a symbol")
}

/// A decimal of 8 places.
pub(crate) fn real(units: i64) -> Real {
    math::ratio(&units.into(), &ONE.into())
}

/// A table integer.
pub(crate) fn scaled(units: &BigInt, bits: u32) -> Real {
    units << (math::BITS - bits)
}

/// N(d): beyond 12 it is 0 or 1 to 1e-32.
fn distribution(d: &Real) -> Real {
    if d.abs() > math::one() * 12 {
        return if d.is_negative() {
            Real::zero()
        } else {
            math::one()
        };
    }
    let upper = math::normal_distribution(&d.abs());
    if d.is_negative() {
        math::one() - upper
    } else {
        upper
    }
}

/// A European option; prices in units of 1e-8 USD.
#[derive(Debug, Clone)]
pub(crate) struct Black {
    pub forward: Real,
    pub strike: Real,
    pub discount: Real,
    /// Volatility x square root of time.
    pub v: Real,
}

impl Black {
    /// `d1`; `None` at v = 0.
    fn d1(&self) -> Option<Real> {
        let moneyness = math::ln(&self.forward) - math::ln(&self.strike);
        (!self.v.is_zero()).then(|| math::div(&moneyness, &self.v) + (&self.v >> 1u32))
    }

    /// A call.
    pub(crate) fn call(&self) -> Real {
        let undiscounted = match self.d1() {
            Some(d1) => {
                math::mul(&self.forward, &distribution(&d1))
                    - math::mul(&self.strike, &distribution(&(d1 - &self.v)))
            }
            None => (&self.forward - &self.strike).max(Real::zero()),
        };
        math::mul(&self.discount, &undiscounted)
    }

    /// Calls and puts of one strike, numbers of 1e-8: by parity.
    pub(crate) fn value(&self, [calls, puts]: [i128; 2]) -> Real {
        let call = self.call();
        let put = &call - math::mul(&self.discount, &(&self.forward - &self.strike));
        (call * calls + put * puts) / ONE
    }

    /// N(d1).
    pub(crate) fn up(&self) -> Real {
        match self.d1() {
            Some(d1) => distribution(&d1),
            None if self.forward > self.strike => math::one(),
            None => Real::zero(),
        }
    }

    /// phi(d1).
    pub(crate) fn density(&self) -> Real {
        let d1 = self.d1().filter(|d1| d1.abs() < math::one() * 12);
        d1.map_or_else(Real::zero, |d1| math::normal_density(&d1))
    }
}

/// Any number of a range, its magnitude's logarithm uniform.
pub(crate) fn spread(low: i64, high: i64) -> impl Strategy<Value = i64> {
    let ln = |x: i64| (x as f64).ln();
    prop_oneof![
        8 => (ln(low)..=ln(high)).prop_map(move |x| (x.exp() as i64).clamp(low, high)),
        1 => Just(low),
        1 => Just(high),
    ]
}

prop_compose! {
    /// A legal market, mostly, with strikes around its forward and far away.
    pub(crate) fn market()(
        forward in spread(1, (1 << 50) - 1),
        fixed in prop_oneof![2 => Just(0.0), 1 => 0.0..1.0f64],
        discount in 125_000_000_000..=2_000_000_000_000i64,
        seconds in spread(1, 10_000_000_000),
        vols in prop::collection::vec(spread(10_000, 2_000_000_000), 1..4),
        at in prop::collection::vec(-3.0..3.0f64, 3),
    ) -> Market {
        let mut smile: Vec<(i64, i64)> = Vec::new();
        for (vol, at) in vols.into_iter().zip(at) {
            smile.push((near(forward, at), vol));
        }
        smile.sort_unstable();
        smile.dedup_by_key(|node| node.0);
        let fixed = ((forward as f64 * fixed) as i64).min(forward - 1);
        Market { forward, fixed, discount, seconds, smile }
    }
}

/// `price e^at`, a legal strike.
pub(crate) fn near(price: i64, at: f64) -> i64 {
    ((price as f64 * at.exp()) as i64).clamp(1, (1 << 50) - 1)
}
