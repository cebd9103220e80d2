//! A policy and a snapshot without anything in them.

use zkmargin_circuits::model::{
    Asset, Disclosure, DisclosureLevel, Factors, Incentive, LongOptions, Money, Policy, Price,
    Rate, Scenario, Snapshot, Symbol, Time, VolMove,
};

/// One scenario that moves nothing, no charges.
pub fn policy() -> Policy {
    Policy {
        version: Default::default(),
        name: "golden".into(),
        source: Default::default(),
        scenarios: vec![Scenario {
            spot: Rate::ZERO,
            vol: VolMove::Same,
            weight: Rate::ONE,
        }],
        vol_shock: Default::default(),
        skew: Default::default(),
        discount: Default::default(),
        basis: Default::default(),
        delta: Default::default(),
        factors: Factors {
            maintenance: Rate::ONE,
            initial: Rate::ONE,
            peg: Default::default(),
        },
        long_options: LongOptions::Counted,
        contingencies: Default::default(),
        haircuts: vec![],
        volatility_trigger: vec![],
        incentive: Incentive {
            base: Rate::ZERO,
            slope: Rate::ONE,
            cap: Rate::ONE,
            illiquidity: None,
            solvency: None,
        },
        disclosure: Disclosure {
            level: DisclosureLevel::Terms,
            repay_tick: Money::ONE,
            incentive_tick: Rate::ONE,
            exposure_tick: None,
        },
    }
}

/// An asset without a perpetual.
pub fn asset(asset: Symbol, spot: Price, rate: Rate) -> Asset {
    Asset {
        asset,
        spot,
        rate,
        confidence: Rate::ONE,
        realised_vol_24h: None,
        liquidity: None,
        perpetual: None,
    }
}

/// A snapshot of no market.
pub fn snapshot(time: Time) -> Snapshot {
    Snapshot {
        version: Default::default(),
        sequence: 1,
        time,
        assets: vec![],
        expiries: vec![],
        everlasting: vec![],
        american: vec![],
        power: vec![],
        variance: vec![],
        stable: None,
        protocol: None,
    }
}
