//! The engine on whatever the parsers accept: a typed error or a consistent value.

use zkmargin_circuits::{
    engine::{ExposureTerms, Portfolio, Report, Verdict},
    model::{Account, Policy, Snapshot},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

/// The public table, checked.
///
/// # Panics
/// If an accepted table has too many rows, or groups out of order.
pub(crate) fn table(snapshot: &Snapshot, policy: &Policy) -> Option<PublicTable> {
    let table = PublicTable::new(snapshot, policy).ok()?;
    assert!(
        table.rows().len() <= Shape::Large.table_rows(),
        "rows beyond the table"
    );
    // A position finds its market by key: two groups of one key would leave the prover a choice.
    let keys = |keys: Vec<u128>| assert!(keys.is_sorted_by(|a, b| a < b), "keys {keys:?}");
    keys(table.options.iter().map(|g| g.key).collect());
    keys(table.futures.iter().map(|g| g.key).collect());
    keys(table.assets.iter().map(|g| g.key).collect());
    Some(table)
}

/// The account laid out for a shape, checked.
///
/// # Panics
/// If slots are not in the strict order that the circuit demands, or depend on the order of the file.
pub(crate) fn slots(account: &Account, shape: Shape) -> Option<Slots> {
    let slots = Slots::new(account, shape).ok()?;
    let ordered = |keys: Vec<(u128, i128)>| {
        let held: Vec<_> = keys.iter().filter(|(key, _)| *key != 0).collect();
        assert!(held.is_sorted_by(|a, b| a < b), "slots {held:?}");
    };
    ordered(slots.options.iter().map(|s| (s.key, s.strike)).collect());
    ordered(slots.futures.iter().map(|s| (s.key, 0)).collect());
    ordered(slots.assets.iter().map(|s| (s.key, 0)).collect());

    let mut reversed = account.clone();
    reversed.collateral.reverse();
    reversed.futures.reverse();
    reversed.options.reverse();
    assert!(
        Slots::new(&reversed, shape).as_ref() == Ok(&slots),
        "order matters"
    );
    Some(slots)
}

/// Disclosed exposures, checked.
///
/// # Panics
/// If the policy hides them, one is no multiple of the tick, or underlyings are out of order.
fn exposures(list: Option<&[ExposureTerms]>, table: &PublicTable) {
    let Some(list) = list else { return };
    let rules = &table.rules;
    assert!(rules.exposures_shown, "hidden exposures");
    for e in list {
        let numbers = [e.delta, e.gamma, e.vega].map(|number| number.units());
        let multiples = numbers.iter().all(|n| n % rules.exposure_tick == 0);
        assert!(multiples, "{e:?}");
    }
    let numbers = list.iter().map(|e| {
        let mut groups = table.assets.iter();
        groups.position(|group| group.id == Some(e.asset))
    });
    let numbers: Vec<_> = numbers.collect();
    assert!(
        numbers.is_sorted_by(|a, b| a.is_some() && a < b),
        "{list:?}"
    );
}

/// Values the account in every scenario and in every shape that holds it.
///
/// # Panics
/// If totals or exposures depend on padding or exposures on the scenario, a disclosed term breaks its rule, or the report contradicts the proofs.
pub(crate) fn account(
    account: &Account,
    snapshot: &Snapshot,
    policy: &Policy,
    table: &PublicTable,
) {
    let layouts: Vec<_> = Shape::ALL
        .into_iter()
        .filter(|shape| table.fits(*shape).is_ok())
        .filter_map(|shape| slots(account, shape))
        .collect();
    let Some((slots, others)) = layouts.split_first() else {
        return;
    };
    let mut provable = false;
    let mut unmoved = None;
    for scenario in 0..table.scenarios.len() {
        let Ok(portfolio) = Portfolio::new(slots, table, scenario) else {
            return;
        };
        let disclosed = portfolio.disclosed(table);
        for other in others {
            let padded = Portfolio::new(other, table, scenario).expect("valued in another shape");
            assert_eq!(padded.totals, portfolio.totals, "padding counts");
            assert_eq!(padded.disclosed(table), disclosed, "padding is exposed");
        }
        assert_eq!(unmoved.get_or_insert_with(|| disclosed.clone()), &disclosed);
        exposures(disclosed.ok().flatten().as_deref(), table);
        if let Some(trace) = portfolio.totals.liquidation(&table.rules) {
            provable = true;
            let (rules, terms) = (&table.rules, &trace.terms);
            assert_eq!(terms.repay.is_some(), rules.terms_shown, "repay hidden");
            assert_eq!(
                terms.incentive_rate.is_some(),
                rules.terms_shown,
                "rate hidden"
            );
            let repay = terms.repay.unwrap_or_default().units();
            let rate = terms.incentive_rate.unwrap_or_default().units();
            assert!(repay >= 0 && repay % rules.repay_tick == 0, "repay {repay}");
            assert!(i128::from(repay) <= trace.shortfall, "repay {repay}");
            assert!(rate % rules.incentive_tick == 0, "rate {rate}");
            assert!((0..=rules.incentive_cap).contains(&rate), "rate {rate}");
        }
    }
    assert!(Portfolio::new(slots, table, table.scenarios.len()).is_err());
    let report = Report::new(slots, snapshot, policy, table).expect("every scenario was valued");
    assert_eq!(report.terms.is_some(), provable);
    assert_eq!(report.verdict == Verdict::UnderMargined, provable);
    assert_eq!(report.scenarios.len(), table.scenarios.len());
    // JSON has no other numbers: anything else would print as null.
    let greeks = report.greeks.iter().map(|(_, greeks)| greeks);
    for g in greeks.chain(report.positions.iter().map(|p| &p.greeks)) {
        let all = [g.delta, g.gamma, g.vega, g.theta, g.rho];
        assert!(all.iter().all(|x| x.is_finite()), "{g:?}");
    }
}
