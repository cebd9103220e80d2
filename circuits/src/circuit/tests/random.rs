//! Random accounts of the small shape under every policy: the mock prover and the engine agree about every one of them. More
//! of them, in every shape, under the faster judge: [`accounts`](super::accounts).

use std::collections::BTreeMap;

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};
use proptest::prelude::*;

use super::{
    harness::{RANGE, Scene, sample, small, table},
    policies::MARKETS,
};
use crate::{
    circuit::Witness,
    engine::{Portfolio, quantum},
    model::Account,
    public::PublicTable,
    shape::Shape,
    slots::{AssetSlot, FutureSlot, OptionSlot, Slots, SwapSlot},
};

/// Options and perpetual options by (group, strike in cents), futures, assets and swaps by group; sizes in 1e-8.
#[derive(Debug, Clone)]
struct Book {
    options: BTreeMap<(usize, i64), (i64, i64)>,
    perpetual_options: BTreeMap<(usize, i64), (i64, i64)>,
    futures: BTreeMap<usize, (i64, i64, i64)>,
    assets: BTreeMap<usize, i64>,
    swaps: BTreeMap<usize, (i64, i64)>,
}

const SIZE: i64 = 50_000_000_000;

fn book() -> impl Strategy<Value = Book> {
    let size = || prop_oneof![Just(0), -SIZE..SIZE, -3..3i64];
    // Strikes from one cent, where ln K and d1 saturate, to a million dollars.
    let strike = || prop_oneof![1..100_000_000i64, 100_000..20_000_000i64, Just(1)];
    // A unit of a power perpetual is the square of a price.
    let notional = prop_oneof![Just(0), -1_000_000..1_000_000i64, -3..3i64];
    let table = table();
    (
        prop::collection::btree_map((1..13usize, strike()), (size(), size()), 0..9),
        prop::collection::btree_map(
            (1..table.perpetual_options.len(), strike()),
            (size(), size()),
            0..3,
        ),
        prop::collection::btree_map(1..15usize, (size(), 1..20_000_000_000_000i64, size()), 0..5),
        prop::collection::btree_map(1..5usize, 0..SIZE, 0..5),
        prop::collection::btree_map(
            1..table.swaps.len(),
            (notional, prop_oneof![Just(0), 1..SIZE]),
            0..3,
        ),
    )
        .prop_map(
            |(options, perpetual_options, futures, assets, swaps)| Book {
                options,
                perpetual_options,
                futures,
                assets,
                swaps,
            },
        )
}

/// Groups by number, of those that the table has.
fn of_table<G, V: Clone>(list: &BTreeMap<usize, V>, groups: &[G]) -> BTreeMap<usize, V> {
    let number = |g: usize| 1 + (g - 1) % (groups.len() - 1);
    list.iter().map(|(g, v)| (number(*g), v.clone())).collect()
}

/// The same of strikes.
fn strikes_of_table<G>(
    list: &BTreeMap<(usize, i64), (i64, i64)>,
    groups: &[G],
) -> BTreeMap<(usize, i64), (i64, i64)> {
    let number = |g: usize| 1 + (g - 1) % (groups.len() - 1);
    let strikes = list.iter();
    strikes
        .map(|((g, strike), v)| ((number(*g), *strike), *v))
        .collect()
}

/// The last slots of a section.
fn behind<S>(section: &mut [S], slots: impl ExactSizeIterator<Item = S>) {
    let first = section.len() - slots.len();
    section[first..]
        .iter_mut()
        .zip(slots)
        .for_each(|(place, slot)| *place = slot);
}

/// The book as slots behind the padding of an empty account.
fn slots(book: &Book, table: &PublicTable) -> Slots {
    let mut account: Account = sample("account-small.json");
    (account.options, account.futures, account.collateral) = Default::default();
    account.perpetual_options.clear();
    account.power_perpetuals.clear();
    account.variance.clear();
    let mut slots = small(&account);
    let options = strikes_of_table(&book.options, &table.options);
    let options = options
        .iter()
        .map(|((g, strike), (calls, puts))| OptionSlot {
            key: table.options[*g].key,
            strike: i128::from(*strike) * 1_000_000,
            calls: (*calls).into(),
            puts: (*puts).into(),
        });
    let futures = of_table(&book.futures, &table.futures);
    let futures = futures.iter().map(|(g, (size, entry, index))| FutureSlot {
        key: table.futures[*g].key,
        size: (*size).into(),
        entry: (*entry).into(),
        funding_index: (*index).into(),
    });
    let assets = of_table(&book.assets, &table.assets);
    let assets = assets.iter().map(|(g, amount)| AssetSlot {
        key: table.assets[*g].key,
        amount: (*amount).into(),
    });
    let perpetuals = strikes_of_table(&book.perpetual_options, &table.perpetual_options);
    let perpetuals = perpetuals.iter().map(|((g, strike), sizes)| {
        let group = &table.perpetual_options[*g];
        // An American option's group prices one side.
        let mask = group.base_row(*g)[1];
        OptionSlot {
            key: group.key,
            strike: i128::from(*strike) * 1_000_000,
            calls: if mask == 2 { 0 } else { sizes.0.into() },
            puts: if mask == 1 { 0 } else { sizes.1.into() },
        }
    });
    let swaps = of_table(&book.swaps, &table.swaps);
    let swaps = swaps.iter().map(|(g, (size, strike))| SwapSlot {
        key: table.swaps[*g].key,
        size: (*size).into(),
        strike: (*strike).into(),
    });
    behind(&mut slots.options, options);
    behind(&mut slots.perpetual_options, perpetuals);
    behind(&mut slots.futures, futures);
    behind(&mut slots.assets, assets);
    behind(&mut slots.swaps, swaps);
    slots
}

/// Shortfall and requirement in units of 1e-8 USD, rounded down as the circuit does.
fn measure(slots: &Slots, table: &PublicTable, scenario: usize) -> (BigInt, BigInt) {
    let totals = Portfolio::new(slots, table, scenario)
        .expect("markets")
        .totals;
    let floor = |x: BigInt| x.div_floor(&quantum());
    (floor(totals.shortfall()), floor(totals.requirement()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn satisfied_exactly_when_the_engine_says_so(
        book in book(),
        market in 0..MARKETS.len(),
        scenario in any::<prop::sample::Index>(),
        // The shortfall to which the cash is set, most of them at the threshold.
        wanted in prop_oneof![Just(1i64), Just(0), Just(-1), Just(2), -1_000_000_000_000..1_000_000_000_000i64],
    ) {
        let table = &MARKETS[market].table;
        prop_assume!(table.fits(Shape::Small).is_ok());
        let scenario = scenario.index(table.scenarios.len());
        let mut slots = slots(&book, table);
        let (shortfall, requirement) = measure(&slots, table, scenario);
        let cash = BigInt::from(slots.cash) + shortfall - wanted;
        prop_assume!(cash.bits() < 60 && requirement.bits() < 60);
        slots.cash = cash.to_i128().expect("60 bits");
        prop_assert_eq!(measure(&slots, table, scenario).0, BigInt::from(wanted));

        let provable = wanted >= 1 && !requirement.is_negative();
        let witness = Witness::new(slots.clone(), table, scenario, Fr::from(7));
        prop_assert_eq!(witness.is_ok(), provable);
        if provable {
            let scene = Scene::new(slots, table, table, scenario);
            prop_assert_eq!(scene.failures().into_iter().collect::<Vec<_>>(), Vec::<String>::new());
        } else {
            // The same account by a prover who forges the verdict.
            let mut debt = slots.clone();
            debt.cash = -(1 << 59);
            if let Some(mut scene) = Scene::of(debt, table, table, scenario) {
                scene.witness.slots.cash = slots.cash;
                scene.settle();
                scene.claim(slots.commitment());
                prop_assert_eq!(scene.failures().into_iter().collect::<Vec<_>>(), [RANGE]);
            }
        }
    }
}

/// A debt without positions: no requirement, so the rate is the cap.
#[test]
fn a_debt_alone_is_provable_at_the_cap() {
    let table = table();
    let empty = Book {
        options: BTreeMap::new(),
        perpetual_options: BTreeMap::new(),
        futures: BTreeMap::new(),
        assets: BTreeMap::new(),
        swaps: BTreeMap::new(),
    };
    let mut slots = slots(&empty, &table);
    slots.cash = -1;
    for scenario in [0, 1] {
        let scene = Scene::new(slots.clone(), &table, &table, scenario);
        assert!(scene.witness.terms.capped);
        assert_eq!(scene.witness.terms.requirement, 0);
        assert_eq!(scene.witness.terms.rate, table.rules.incentive_cap.into());
        scene.stopped_by(&[]);
    }
    slots.cash = 0;
    assert!(Witness::new(slots, &table, 0, Fr::from(7)).is_err());
}
