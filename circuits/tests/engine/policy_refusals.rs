//! What the public table refuses of a policy in a market, on both sides of the bound.

use crate::support::sample;
use serde_json::json;
use zkmargin_circuits::{
    model::{Policy, Price, Rate, Snapshot, Time, VolMove},
    public::{PublicTable, TableError},
};

fn market() -> (Snapshot, Policy) {
    (sample("snapshot.json"), sample("policy.json"))
}

/// The sample with one expiry, `seconds` from now.
fn one_expiry(seconds: i64) -> Snapshot {
    let (mut snapshot, _) = market();
    snapshot.expiries.truncate(1);
    let unix = snapshot.time.unix() + seconds;
    snapshot.expiries[0].expiry = Time::from_unix(unix).expect("a time");
    snapshot
}

/// Nothing but what `edit` sets.
fn bare(edit: impl FnOnce(&mut Policy)) -> Policy {
    let (_, mut policy) = market();
    policy.scenarios.clear();
    edit(&mut policy);
    policy
}

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

fn refusal(snapshot: &Snapshot, policy: &Policy) -> Option<TableError> {
    PublicTable::new(snapshot, policy).err()
}

/// Edits a snapshot.
type Edit = fn(&mut Snapshot);

#[test]
fn what_a_rule_needs_is_in_the_snapshot() {
    let (whole, mut policy) = market();
    policy.volatility_trigger =
        serde_json::from_value(json!([{"asset": "ETH", "reference": "1"}])).expect("a trigger");
    policy.incentive.illiquidity =
        serde_json::from_value(json!({"scale": "1", "depth": "1"})).expect("a rule");
    policy.incentive.solvency =
        serde_json::from_value(json!({"scale": "1", "start": "2", "limit": "1"})).expect("a rule");
    assert_eq!(refusal(&whole, &policy), None);
    let cases: [(&str, &str, Edit); 3] = [
        ("volatility_trigger", "assets[1].realised_vol_24h", |s| {
            s.assets[1].realised_vol_24h = None;
        }),
        ("incentive.illiquidity", "assets[3].liquidity", |s| {
            s.assets[3].liquidity = None;
        }),
        ("incentive.solvency", "protocol.solvency", |s| {
            s.protocol = None;
        }),
    ];
    for (rule, field, remove) in cases {
        let mut snapshot = whole.clone();
        remove(&mut snapshot);
        let missing = TableError::Missing {
            rule,
            field: field.into(),
        };
        assert_eq!(refusal(&snapshot, &policy), Some(missing));
        // Whoever does not ask for it does not miss it.
        assert_eq!(refusal(&snapshot, &bare(|_| {})), None);
    }
    // No trigger on Bitcoin.
    let mut snapshot = whole;
    snapshot.assets[0].realised_vol_24h = None;
    assert_eq!(refusal(&snapshot, &policy), None);
}

#[test]
fn a_skews_cap_is_within_0_and_99_hundredths() {
    // A year: the cap is `cap` + `slope`.
    let snapshot = one_expiry(365 * 86_400);
    let skew = TableError::Skew {
        asset: snapshot.expiries[0].asset,
        expiry: snapshot.expiries[0].expiry,
    };
    for vol in [VolMove::Linear, VolMove::Absolute] {
        let with = |cap: &str, slope: &str| {
            let policy = bare(|policy| {
                policy.scenarios = market().1.scenarios[..1].to_vec();
                policy.scenarios[0].spot = Rate::ZERO;
                policy.scenarios[0].vol = vol;
                let kind = match vol {
                    VolMove::Linear => &mut policy.skew.linear,
                    _ => &mut policy.skew.absolute,
                };
                (kind.cap, kind.slope) = (rate(cap), rate(slope));
            });
            refusal(&snapshot, &policy)
        };
        for (cap, slope) in [("0.5", "0.49"), ("0.5", "-0.5"), ("-0.5", "0.5")] {
            assert_eq!(with(cap, slope), None, "{cap} {slope}");
        }
        for (cap, slope) in [("0.5", "0.49000001"), ("0.5", "-0.50000001")] {
            assert_eq!(with(cap, slope).as_ref(), Some(&skew), "{cap} {slope}");
        }
    }
    // Without a skew scenario nobody asks.
    let unused = bare(|policy| policy.skew.linear.cap = rate("10"));
    assert_eq!(refusal(&snapshot, &unused), None);
}

/// Below the smallest forward no strike but 0 is left.
#[test]
fn the_smallest_forward_has_skews() {
    let mut snapshot = one_expiry(365 * 86_400);
    snapshot.expiries[0].forward = Price::from_units(1);
    for vol in [VolMove::Linear, VolMove::Absolute] {
        let policy = bare(|policy| {
            policy.scenarios = market().1.scenarios[..1].to_vec();
            policy.scenarios[0].spot = Rate::ZERO;
            policy.scenarios[0].vol = vol;
            policy.skew.linear.cap = rate("0.25");
            policy.skew.absolute.cap = rate("0.25");
        });
        assert_eq!(refusal(&snapshot, &policy), None);
    }
}

#[test]
fn a_static_discount_is_at_most_2_and_a_share_at_most_8() {
    let refused = |snapshot: &Snapshot, policy: &Policy| {
        let error = TableError::StaticDiscount {
            asset: snapshot.expiries[0].asset,
            expiry: snapshot.expiries[0].expiry,
        };
        match refusal(snapshot, policy) {
            None => false,
            found => {
                assert_eq!(found, Some(error));
                true
            }
        }
    };
    let mut snapshot = one_expiry(365 * 86_400);
    snapshot.expiries[0].discount = "2".parse().expect("a discount");
    let long = |base| {
        bare(|policy| {
            policy.discount.long.base = rate(base);
            policy.discount.long.rate_multiplier = Rate::ONE;
        })
    };
    assert!(!refused(&snapshot, &long("1")));
    assert!(refused(&snapshot, &long("1.00000001")));

    // A debt's is never above 1/D.
    let short = |add| {
        bare(|policy| {
            policy.discount.short.base = rate("2");
            policy.discount.short.rate_add = rate(add);
        })
    };
    for (discount, add, expected) in [
        ("0.5", "2", false),
        ("0.4", "0", false),
        ("0.4", "0.00000001", true),
    ] {
        snapshot.expiries[0].discount = discount.parse().expect("a discount");
        assert_eq!(
            refused(&snapshot, &short(add)),
            expected,
            "{discount} {add}"
        );
    }

    let basis = bare(|policy| {
        policy.basis.add = rate("4");
        policy.basis.per_year = rate("4");
    });
    assert!(!refused(&one_expiry(365 * 86_400), &basis));
    assert!(refused(&one_expiry(365 * 86_400 + 1), &basis));
}

/// The files' last times are 8,000 years off: what decays until then is 0, and divides nothing.
#[test]
fn a_discount_of_thousands_of_years_is_one_over_d() {
    let snapshot = one_expiry(250_000_000_000);
    let policy = bare(|policy| policy.discount.short.rate_add = rate("2"));
    let table = PublicTable::new(&snapshot, &policy);
    // Its volatility is too much for such a time, in every case.
    assert!(matches!(table, Err(TableError::Volatility { .. })));
}

/// Below the smallest spot no strike but 0 is left, which no option has.
#[test]
fn the_smallest_spot_has_charges() {
    let (mut snapshot, _) = market();
    for asset in &mut snapshot.assets {
        asset.spot = Price::from_units(1);
    }
    let policy = bare(|policy| {
        policy.contingencies.gamma.initial = Rate::ONE;
        policy.contingencies.gamma.maintenance = Rate::ONE;
    });
    snapshot.expiries.clear();
    let american = &mut snapshot.american[0];
    american.vol = rate("5.39055384");
    american.dividend = rate("5");
    assert_eq!(refusal(&snapshot, &policy), None);
}

#[test]
fn charges_on_exposures_need_room_for_their_error() {
    // Volatility x root of a second: 2^-17 lies between these.
    let with = |vol: &str, policy: &Policy| {
        let mut snapshot = one_expiry(1);
        let expiry = &mut snapshot.expiries[0];
        expiry.smile.truncate(1);
        expiry.smile[0].strike = Price::ONE;
        expiry.smile[0].vol = rate(vol);
        let market = format!("{} {}", expiry.asset, expiry.expiry);
        refusal(&snapshot, policy)
            .map(|error| assert_eq!(error, TableError::ExposureCharge { market }))
    };
    let charges: [fn(&mut Policy); 3] = [
        |policy| policy.contingencies.gamma.maintenance = Rate::from_units(1),
        |policy| policy.contingencies.vega.maintenance = Rate::from_units(1),
        |policy| policy.delta.net = Rate::from_units(1),
    ];
    for charge in charges {
        let policy = bare(|policy| {
            charge(policy);
            // No lower than its maintenance rate.
            policy.contingencies.gamma.initial = policy.contingencies.gamma.maintenance;
            policy.contingencies.vega.initial = policy.contingencies.vega.maintenance;
        });
        assert_eq!(with("0.0428", &policy), Some(()));
        assert_eq!(with("0.0429", &policy), None);
    }
    assert_eq!(with("0.0428", &bare(|_| {})), None);
}
