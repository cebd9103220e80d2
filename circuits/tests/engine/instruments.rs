//! What files may hold of perpetual options, power perpetuals and swaps, and what is refused, by name.

use crate::support::sample;
use zkmargin_circuits::{
    engine::{EngineError, Portfolio},
    model::{
        Account, Collateral, Policy, Price, Quantity, Rate, Snapshot, Time, ValueError,
        VarianceKind, VarianceSwap,
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

fn rate(text: &str) -> Rate {
    text.parse().expect("a decimal")
}

fn time(text: &str) -> Time {
    text.parse().expect("a time")
}

#[track_caller]
fn refused<T>(result: Result<T, ValueError>, field: &str, value: &str, rule: &str) {
    let error = result.err().expect("refused");
    assert_eq!((error.field.as_str(), error.value.as_str()), (field, value));
    assert!(error.rule.contains(rule), "{}", error.rule);
}

#[test]
fn accounts_outside_the_domain_are_refused_by_field() {
    type Case = (fn(&mut Account), &'static str, &'static str, &'static str);
    let cases: [Case; 9] = [
        (
            |a| a.perpetual_options[0].funding_days = None,
            "perpetual_options[0].funding_days",
            "null",
            "for everlasting options",
        ),
        (
            |a| a.perpetual_options[1].funding_days = Some(rate("7")),
            "perpetual_options[1].funding_days",
            "7",
            "for everlasting options",
        ),
        (
            |a| a.perpetual_options[0].funding_days = Some(rate("366")),
            "perpetual_options[0].funding_days",
            "366",
            "0.04166666 to 365",
        ),
        (
            |a| a.perpetual_options[0].strike = Price::ZERO,
            "perpetual_options[0].strike",
            "0",
            "above 0",
        ),
        (
            |a| {
                let again = a.perpetual_options[1].clone();
                a.perpetual_options.push(again);
            },
            "perpetual_options[2].strike",
            "3200",
            "appears twice",
        ),
        (
            |a| a.power_perpetuals[0].entry = Price::ZERO,
            "power_perpetuals[0].entry",
            "0",
            "above 0",
        ),
        (
            |a| a.variance[0].strike = rate("-0.1"),
            "variance[0].strike",
            "-0.1",
            "0 to 100",
        ),
        (
            |a| a.variance[0].end = time("2026-12-25T08:00:30Z"),
            "variance[0].end",
            "2026-12-25T08:00:30Z",
            "whole minute",
        ),
        (
            |a| a.variance[0].end = a.variance[0].start,
            "variance[0].end",
            "2026-10-30T08:00:00Z",
            "after the start",
        ),
    ];
    for (alter, field, value, rule) in cases {
        let mut account = account();
        alter(&mut account);
        refused(account.validate(), field, value, rule);
    }
}

#[test]
fn markets_outside_the_domain_are_refused_by_field() {
    type Case = (fn(&mut Snapshot), &'static str, &'static str, &'static str);
    let cases: [Case; 9] = [
        (
            |s| s.assets[0].rate = rate("-0.50000001"),
            "assets[0].rate",
            "-0.50000001",
            "-0.5 to 5",
        ),
        (
            |s| s.everlasting[0].vol = rate("0.00099999"),
            "everlasting[0].vol",
            "0.00099999",
            "0.001 to 20",
        ),
        (
            |s| s.everlasting[1] = s.everlasting[0].clone(),
            "everlasting[1].funding_days",
            "7",
            "appears twice",
        ),
        (
            |s| s.american[0].dividend = rate("5.1"),
            "american[0].dividend",
            "5.1",
            "-0.5 to 5",
        ),
        (
            |s| s.american[0].asset = "DOGE".parse().expect("a symbol"),
            "american[0].asset",
            "DOGE",
            "no spot",
        ),
        (
            |s| s.power[0].funding_days = rate("0.04"),
            "power[0].funding_days",
            "0.04",
            "0.04166666 to 365",
        ),
        (
            |s| s.variance[0].start = time("2026-11-20T08:01:00Z"),
            "variance[0].start",
            "2026-11-20T08:01:00Z",
            "after the snapshot",
        ),
        (
            |s| s.variance[0].end = time("2026-11-20T07:59:00Z"),
            "variance[0].end",
            "2026-11-20T07:59:00Z",
            "before the snapshot",
        ),
        (
            |s| s.variance[0].realised_variance = rate("-1"),
            "variance[0].realised_variance",
            "-1",
            "0 to 10000",
        ),
    ];
    for (alter, field, value, rule) in cases {
        let (mut snapshot, _) = market();
        alter(&mut snapshot);
        refused(snapshot.validate(), field, value, rule);
    }
}

/// No formula gives these a price: the table names the market instead of a number.
#[test]
fn markets_without_a_price_make_no_table() {
    let (mut snapshot, policy) = market();
    snapshot.power[0].vol = rate("7");
    assert!(matches!(
        PublicTable::new(&snapshot, &policy),
        Err(TableError::Power { asset, scenario: 0 }) if asset.to_string() == "ETH"
    ));
    let (mut snapshot, policy) = market();
    snapshot.variance[0].fair_vol = rate("0.5");
    assert!(matches!(
        PublicTable::new(&snapshot, &policy),
        Err(TableError::FairVol { fair_vol, .. }) if fair_vol == rate("0.5")
    ));
    let (snapshot, mut policy) = market();
    policy.incentive.cap = rate("0.9");
    let refused = PublicTable::new(&snapshot, &policy).err();
    assert!(matches!(
        refused,
        Some(TableError::Policy(ValueError { field, .. })) if field == "incentive.cap"
    ));
}

/// A perpetual American call needs q >= 0, a put r >= 0: outside there is no market, and the error says which.
#[test]
fn a_side_without_a_price_has_no_market() {
    let (mut snapshot, policy) = market();
    snapshot.american[0].dividend = rate("-0.01");
    for asset in &mut snapshot.assets {
        asset.rate = rate("-0.01");
    }
    let table = PublicTable::new(&snapshot, &policy).expect("a table");
    let mut account = account();
    for (calls, puts, side) in [("1", "0", "call"), ("0", "1", "put")] {
        let option = &mut account.perpetual_options[1];
        (option.calls, option.puts) = (rate(calls), rate(puts));
        let slots = Slots::new(&account, Shape::Small).expect("fits");
        assert_eq!(
            Portfolio::new(&slots, &table, 0).err(),
            Some(EngineError::NoMarket {
                kind: "perpetual option",
                id: format!("ETH (American {side})"),
            })
        );
    }
}

/// An American option with calls and puts takes two slots, one a side.
#[test]
fn both_sides_of_an_american_option_take_two_slots() {
    let mut account = account();
    account.perpetual_options[1].calls = rate("1");
    assert!(matches!(
        Slots::new(&account, Shape::Small).err(),
        Some(SlotError::Capacity {
            field: "perpetual_options",
            count: 3,
            capacity: 2,
            ..
        })
    ));
    let slots = Slots::new(&account, Shape::Medium).expect("fits");
    let held: Vec<_> = slots
        .perpetual_options
        .iter()
        .filter(|o| o.key != 0)
        .collect();
    assert_eq!(held.len(), 3);
    let american = held.iter().filter(|o| o.strike == 320_000_000_000);
    let mut sides: Vec<_> = american.map(|o| (o.calls != 0, o.puts != 0)).collect();
    sides.sort_unstable();
    assert_eq!(sides, [(false, true), (true, false)]);
}

/// A position of nothing has no slot: in a market that no snapshot has, it would stand in the way of every proof.
#[test]
fn positions_of_nothing_change_nothing() {
    let (snapshot, policy) = market();
    let table = PublicTable::new(&snapshot, &policy).expect("a table");
    let plain = Slots::new(&account(), Shape::Medium).expect("fits");
    let mut account = account();
    account.collateral.push(Collateral {
        asset: "ZZZ".parse().expect("a symbol"),
        amount: Quantity::ZERO,
    });
    let mut future = account.futures[0].clone();
    future.size = Quantity::ZERO;
    future.expiry = Some(time("2030-01-01T08:00:00Z"));
    future.funding_index = Quantity::ZERO;
    account.futures.push(future);
    let mut option = account.options[0].clone();
    option.expiry = time("2030-01-01T08:00:00Z");
    (option.calls, option.puts) = (Quantity::ZERO, Quantity::ZERO);
    account.options.push(option);
    let mut perpetual = account.perpetual_options[0].clone();
    perpetual.funding_days = Some(rate("33.3"));
    (perpetual.calls, perpetual.puts) = (Quantity::ZERO, Quantity::ZERO);
    account.perpetual_options.push(perpetual);
    account.variance.push(VarianceSwap {
        asset: "ZZZ".parse().expect("a symbol"),
        kind: VarianceKind::Volatility,
        notional: Quantity::ZERO,
        ..account.variance[0].clone()
    });
    let slots = Slots::new(&account, Shape::Medium).expect("fits");
    assert_eq!(slots.elements(), plain.elements());
    assert!(slots == plain);
    assert!(Portfolio::new(&slots, &table, 1).is_ok());
}
