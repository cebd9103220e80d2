//! A policy, a snapshot and an asset without anything in them.

use zkmargin_circuits::model::{
    Asset, Contingencies, Disclosure, DisclosureLevel, Discount, Expiry, Factors, Incentive, Money,
    Policy, Price, Rate, Scenario, Snapshot, Symbol, Time, VolMove,
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
        long_options: Default::default(),
        contingencies: Contingencies::default(),
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
        heartbeat: None,
        oracle: None,
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
        signatures: vec![],
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

/// An expiry without a smile.
#[allow(dead_code, reason = "not every test has European options")]
pub fn expiry(asset: Symbol, expiry: Time, forward: Price, discount: Discount) -> Expiry {
    Expiry {
        asset,
        expiry,
        forward,
        forward_fixed: Price::ZERO,
        confidence: Rate::ONE,
        discount,
        smile: vec![],
    }
}
