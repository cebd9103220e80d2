//! A policy and a snapshot without anything in them.

use zkmargin_circuits::model::{
    Contingencies, Disclosure, Factors, Incentive, Money, Policy, Rate, Scenario, Snapshot, Time,
    VolMove, VolShock,
};

/// One scenario that moves nothing, no charges.
pub fn policy() -> Policy {
    Policy {
        version: Default::default(),
        name: "golden".into(),
        scenarios: vec![Scenario {
            spot: Rate::ZERO,
            vol: VolMove::Same,
            weight: Rate::ONE,
        }],
        vol_shock: VolShock {
            up: Rate::ZERO,
            down: Rate::ZERO,
            power: Rate::ZERO,
            floor_seconds: 86_400,
        },
        factors: Factors {
            maintenance: Rate::ONE,
            initial: Rate::ONE,
        },
        contingencies: Contingencies {
            short_option: Rate::ZERO,
            future: Rate::ZERO,
        },
        haircuts: vec![],
        incentive: Incentive {
            base: Rate::ZERO,
            slope: Rate::ONE,
            cap: Rate::ONE,
        },
        disclosure: Disclosure {
            repay_tick: Money::ONE,
            incentive_tick: Rate::ONE,
            exposure_tick: None,
        },
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
    }
}
