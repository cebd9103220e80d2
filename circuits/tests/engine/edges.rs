//! Files at the edges of what the model and the public table hold.

use std::time::{Duration, Instant};

use crate::support::sample;
use zkmargin_circuits::{
    engine::{EngineError, Portfolio},
    model::{
        Account, Asset, Discount, Expiry, LEAST_DISCOUNT, MAX_SCENARIOS, PerpetualAmerican, Policy,
        Price, Rate, SmileNode, Snapshot, Time, ValueError,
    },
    public::{PublicTable, TableError},
    shape::Shape,
    slots::Slots,
};

fn refusal(field: &str) -> Result<(), ValueError> {
    Err(ValueError {
        field: field.to_owned(),
        value: "1970-01-01T00:00:00Z".to_owned(),
        rule: "must be after 1970-01-01T00:00:00Z",
    })
}

/// A future of time 0 would have the perpetual's slot key, and an account with both no proof.
#[test]
fn no_expiry_is_at_time_zero() {
    let (zero, one) = (Time::from_unix(0), Time::from_unix(1));
    let (zero, one) = (zero.expect("a time"), one.expect("a time"));
    let mut account: Account = sample("account-small.json");
    account.futures[2].expiry = Some(zero);
    assert_eq!(account.validate(), refusal("futures[2].expiry"));
    account.futures[2].expiry = Some(one);
    assert_eq!(account.validate(), Ok(()));
    account.options[1].expiry = zero;
    assert_eq!(account.validate(), refusal("options[1].expiry"));

    let mut snapshot: Snapshot = sample("snapshot.json");
    snapshot.time = zero;
    snapshot.variance.clear();
    snapshot.expiries[3].expiry = zero;
    assert_eq!(snapshot.validate(), refusal("expiries[3].expiry"));
    snapshot.expiries[3].expiry = one;
    assert_eq!(snapshot.validate(), Ok(()));
}

/// The sample's first expiry alone, with so many nodes.
fn smile_of(nodes: usize) -> Snapshot {
    let mut snapshot: Snapshot = sample("snapshot.json");
    snapshot.expiries.truncate(1);
    let smile = &mut snapshot.expiries[0].smile;
    smile.clear();
    smile.extend((1..).take(nodes).map(|i| SmileNode {
        strike: Price::from_units(100_000_000_000 * i),
        vol: Rate::from_units(50_000_000),
    }));
    snapshot
}

#[test]
fn a_table_is_full_at_exactly_its_rows() {
    let policy: Policy = sample("policy.json");
    let whole = PublicTable::new(&sample("snapshot.json"), &policy).expect("a table");
    assert_eq!(
        whole.fits(Shape::Small),
        Ok(()),
        "the sample fits every shape"
    );
    let used = PublicTable::new(&smile_of(1), &policy).expect("a table");
    for shape in Shape::ALL {
        let most = 1 + shape.table_rows() - used.rows().len();
        let full = PublicTable::new(&smile_of(most), &policy).expect("a table");
        assert_eq!(full.rows().len(), shape.table_rows());
        assert_eq!(full.fits(shape), Ok(()));
        let columns = full.instance_columns(shape).expect("it fits");
        assert!(columns.iter().all(|c| c.len() == shape.table_rows()));
        let rows = shape.table_rows() + 1;
        let error = TableError::TooManyRows { rows, shape };
        let over = PublicTable::new(&smile_of(most + 1), &policy);
        if shape == Shape::Large {
            // No shape holds it: it is no table at all.
            assert_eq!(over, Err(error));
            continue;
        }
        let over = over.expect("a table");
        assert_eq!(over.fits(shape), Err(error.clone()));
        assert_eq!(over.instance_columns(shape), Err(error.clone()));
        let slots = Slots::new(&sample("account-small.json"), shape).expect("fits");
        let refused = Portfolio::new(&slots, &over, 0).err();
        assert_eq!(refused, Some(EngineError::Table(error)));
    }
}

/// Too many rows, seen before anything is computed.
fn refused_at_once(snapshot: &Snapshot, policy: &Policy) {
    let start = Instant::now();
    let table = PublicTable::new(snapshot, policy);
    assert!(matches!(table, Err(TableError::TooManyRows { .. })));
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

/// As many expiries as a snapshot file of 8 MiB can list: seen to be too many before they are priced.
#[test]
fn a_table_too_large_is_refused_before_it_is_computed() {
    let mut policy: Policy = sample("policy.json");
    let scenario = policy.scenarios[0].clone();
    policy.scenarios.resize(MAX_SCENARIOS, scenario);
    let mut snapshot = smile_of(1);
    let first = snapshot.expiries[0].clone();
    let expiry = |second| Expiry {
        expiry: Time::from_unix(first.expiry.unix() + second).expect("a time"),
        ..first.clone()
    };
    snapshot.expiries = (0..50_000).map(expiry).collect();
    refused_at_once(&snapshot, &policy);
}

/// As many perpetual American options as assets: their rows are counted before a logarithm is taken.
#[test]
fn american_options_are_counted_before_they_are_priced() {
    let (mut snapshot, policy): (Snapshot, Policy) =
        (sample("snapshot.json"), sample("policy.json"));
    let (asset, american) = (snapshot.assets[2].clone(), snapshot.american[0].clone());
    for i in 0..500 {
        let symbol = format!("X{i}").parse().expect("a symbol");
        snapshot.assets.push(Asset {
            asset: symbol,
            ..asset.clone()
        });
        snapshot.american.push(PerpetualAmerican {
            asset: symbol,
            ..american.clone()
        });
    }
    refused_at_once(&snapshot, &policy);
}

/// Below these the table's rounding of D and of D F would leave the certified bound.
#[test]
fn discounts_and_moved_forwards_below_the_bound_are_refused() {
    let mut policy: Policy = sample("policy.json");
    let mut snapshot = smile_of(1);
    snapshot.expiries[0].discount = LEAST_DISCOUNT;
    assert_eq!(snapshot.validate(), Ok(()));
    snapshot.expiries[0].discount = Discount::from_units(LEAST_DISCOUNT.units() - 1);
    let refused = ValueError {
        field: "expiries[0].discount".to_owned(),
        value: "0.124999999999".to_owned(),
        rule: "must be at least 0.125 and at most 2",
    };
    assert_eq!(snapshot.validate(), Err(refused));

    let mut snapshot = smile_of(1);
    policy.scenarios.truncate(1);
    policy.scenarios[0].spot = Rate::from_units(-99_000_000);
    let (asset, expiry) = (snapshot.expiries[0].asset, snapshot.expiries[0].expiry);
    snapshot.expiries[0].forward = Price::from_units(100);
    assert!(PublicTable::new(&snapshot, &policy).is_ok());
    snapshot.expiries[0].forward = Price::from_units(99);
    let scenario = 1;
    let refused = TableError::Forward {
        asset,
        expiry,
        scenario,
    };
    assert_eq!(PublicTable::new(&snapshot, &policy), Err(refused));
}
