//! What the engine and the public table refuse, to the last unit on both sides of the bound.

use crate::support::sample;
use zkmargin_circuits::{
    engine::{EngineError, Portfolio},
    model::{
        Account, Collateral, Future, OptionStrike, Policy, Price, Quantity, Rate, Snapshot, Time,
    },
    public::{PublicTable, TableError},
    shape::Shape,
    slots::{SlotError, Slots},
};

fn market() -> (Snapshot, Policy) {
    (sample("snapshot.json"), sample("policy.json"))
}

fn account() -> Account {
    sample("account-small.json")
}

fn time(unix: i64) -> Time {
    Time::from_unix(unix).expect("a time")
}

/// The refusal of the sample account under a snapshot, scenario 0.
fn no_market(account: &Account, snapshot: &Snapshot) -> (&'static str, String) {
    let table = PublicTable::new(snapshot, &sample("policy.json")).expect("table");
    let slots = Slots::new(account, Shape::Small).expect("fits");
    match Portfolio::new(&slots, &table, 0) {
        Err(EngineError::NoMarket { kind, id }) => (kind, id),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_position_without_a_market_is_named() {
    let (mut snapshot, _) = market();
    let mut account = account();
    account.collateral[0].asset = "SOL".parse().expect("a symbol");
    snapshot.assets.retain(|a| a.asset.to_string() != "SOL");
    assert_eq!(
        no_market(&account, &snapshot),
        ("collateral", "SOL".to_owned())
    );

    let eth = snapshot
        .assets
        .iter_mut()
        .find(|a| a.asset.to_string() == "ETH");
    eth.expect("ETH").perpetual = None;
    assert_eq!(no_market(&account, &snapshot), ("future", "ETH".to_owned()));

    let expiry = account.futures[2].expiry.expect("dated");
    snapshot
        .expiries
        .retain(|e| e.expiry != expiry || e.asset.to_string() != "BTC");
    let dated = "BTC 2026-12-25T08:00:00Z".to_owned();
    assert_eq!(no_market(&account, &snapshot), ("option", dated.clone()));
    account.options.clear();
    account
        .futures
        .retain(|f| f.expiry.is_some() && f.asset.to_string() == "BTC");
    assert_eq!(no_market(&account, &snapshot), ("future", dated));
}

#[test]
fn the_last_scenario_exists_and_the_next_does_not() {
    let (snapshot, policy) = market();
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    let slots = Slots::new(&account(), Shape::Small).expect("fits");
    let count = policy.scenarios.len() + 1;
    assert!(Portfolio::new(&slots, &table, count - 1).is_ok());
    for number in [count, count + 1] {
        let error = Portfolio::new(&slots, &table, number).err();
        assert_eq!(error, Some(EngineError::NoScenario { number, count }));
    }
}

#[test]
fn an_account_fills_its_shape_and_no_more() {
    let account = account();
    let (option, future, asset) = (
        &account.options[0],
        &account.futures[2],
        &account.collateral[0],
    );
    let list = |field: &str, count: usize| {
        let mut account = account.clone();
        let numbers = 1..=count as i64;
        match field {
            "options" => {
                let strike = |i| OptionStrike {
                    strike: Price::from_units(i),
                    ..option.clone()
                };
                account.options = numbers.map(strike).collect();
            }
            "futures" => {
                let expiry = |i| Future {
                    expiry: Some(time(i)),
                    ..future.clone()
                };
                account.futures = numbers.map(expiry).collect();
            }
            _ => {
                let symbol = |i| Collateral {
                    asset: format!("A{i}").parse().expect("a symbol"),
                    ..asset.clone()
                };
                account.collateral = numbers.map(symbol).collect();
            }
        }
        account
    };
    for shape in Shape::ALL {
        let holds = shape.capacity();
        for (field, capacity) in [
            ("options", holds.options),
            ("futures", holds.futures),
            ("collateral", holds.assets),
        ] {
            // As many collateral assets as fit are, with the positions' own, too many underlyings.
            let full = Slots::new(&list(field, capacity), shape);
            assert_eq!(full.is_ok(), field != "collateral", "{field}");
            let count = capacity + 1;
            assert_eq!(
                Slots::new(&list(field, count), shape).err(),
                Some(SlotError::Capacity {
                    field,
                    count,
                    shape,
                    capacity,
                })
            );
        }
    }
}

#[test]
fn an_account_fills_its_underlyings_and_no_more() {
    let sample = account();
    let holding = |count: usize| {
        let mut account = sample.clone();
        let asset = |i: usize| Collateral {
            asset: format!("A{i}").parse().expect("a symbol"),
            ..sample.collateral[0].clone()
        };
        account.options.clear();
        account.perpetual_options.clear();
        account.power_perpetuals.clear();
        account.variance.clear();
        account.collateral = (0..count.min(3)).map(asset).collect();
        let future = |i: usize| Future {
            asset: format!("A{i}").parse().expect("a symbol"),
            expiry: None,
            ..sample.futures[0].clone()
        };
        account.futures = (3..count).map(future).collect();
        // A position of nothing counts for none.
        account.futures.push(Future {
            asset: "NIL".parse().expect("a symbol"),
            size: Quantity::ZERO,
            ..sample.futures[0].clone()
        });
        account
    };
    for shape in Shape::ALL {
        let capacity = shape.underlyings();
        assert!(Slots::new(&holding(capacity), shape).is_ok(), "{shape}");
        let count = capacity + 1;
        assert_eq!(
            Slots::new(&holding(count), shape).err(),
            Some(SlotError::Underlyings {
                count,
                shape,
                capacity
            })
        );
    }
}

/// The sample with one expiry, `seconds` from now, of these nodes (strike, volatility).
fn one_expiry(seconds: i64, nodes: &[(i64, i64)]) -> Snapshot {
    let (mut snapshot, _) = market();
    snapshot.expiries.truncate(1);
    let expiry = &mut snapshot.expiries[0];
    expiry.expiry = time(snapshot.time.unix() + seconds);
    let node = expiry.smile[0].clone();
    expiry.smile = nodes
        .iter()
        .map(|&(strike, vol)| {
            let mut node = node.clone();
            node.strike = Price::from_units(strike);
            node.vol = Rate::from_units(vol);
            node
        })
        .collect();
    snapshot
}

/// Scenarios that move nothing but volatility, up by `up` at any expiry.
fn up(up: i64) -> Policy {
    let (_, mut policy) = market();
    policy.scenarios.truncate(1);
    policy.vol_shock.up = Rate::from_units(up);
    policy.vol_shock.short_power = Rate::ZERO;
    policy.vol_shock.long_power = Rate::ZERO;
    policy
}

#[test]
fn volatility_times_root_of_time_stays_below_8() {
    // The root of the variance, rounded down, is 8 - 2^-37: the first that is refused.
    let (seconds, vol) = (20_184_757, 999_957_467);
    let refused = |vol, policy: &Policy| {
        let snapshot = one_expiry(seconds, &[(100, vol)]);
        let (asset, expiry) = (snapshot.expiries[0].asset, snapshot.expiries[0].expiry);
        match PublicTable::new(&snapshot, policy) {
            Err(TableError::Volatility {
                asset: a,
                expiry: e,
                scenario,
            }) => {
                assert_eq!((a, e), (asset, expiry));
                Some(scenario)
            }
            other => other.map(|_| None).expect("table"),
        }
    };
    assert_eq!(refused(vol, &up(0)), Some(0));
    assert_eq!(refused(vol - 1, &up(0)), None);
    // Under the scenario only.
    assert_eq!(refused(vol / 2, &up(100_000_000)), None);
    assert_eq!(refused(vol / 2, &up(100_000_100)), Some(1));
}

#[test]
fn volatility_is_multiplied_by_4_at_most() {
    let (snapshot, _) = market();
    assert!(PublicTable::new(&snapshot, &up(300_000_000)).is_ok());
    let first = snapshot.expiries.iter().min_by_key(|e| (e.asset, e.expiry));
    let first = first.expect("expiries");
    assert_eq!(
        PublicTable::new(&snapshot, &up(300_000_001)).err(),
        Some(TableError::VolMultiplier {
            market: format!("{} {}", first.asset, first.expiry),
            scenario: 1,
        })
    );
}

#[test]
fn nodes_are_as_far_apart_as_interpolation_bears() {
    // An hour at the least volatility.
    let (low, widest) = (100, 601_473_024);
    let (_, policy) = market();
    let table = |width: i64, vols: [i64; 2]| {
        let snapshot = one_expiry(3600, &[(low, vols[0]), (low + width, vols[1])]);
        PublicTable::new(&snapshot, &policy).err()
    };
    for vols in [[10_000, 20_000], [20_000, 10_000]] {
        assert_eq!(table(widest, vols), None);
        assert!(matches!(
            table(widest + 1, vols),
            Some(TableError::NodeGap { low: l, high, .. })
                if (l.units(), high.units()) == (low, low + widest + 1)
        ));
    }
    // Nothing to interpolate.
    assert_eq!(table(widest + 1, [10_000, 10_000]), None);
}
