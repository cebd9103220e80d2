//! Honest exposures: what the circuit discloses is what the engine says, at the ends of what there can be.

use ff::Field;
use halo2curves::bn256::Fr;
use zkmargin_tamper::Cell;

use super::{
    forgeries::scene::{below, dice, funded, slots},
    harness::{RANGE, Scene, fr, sample, table_showing},
    rows::Rows,
};
use crate::{
    circuit::{
        Witness, WitnessError, instance,
        opening::{EXPOSURE_ROWS, FIXED_ROWS},
        underlying::UnderlyingChip,
    },
    engine::{ExposureTerms, Portfolio, exposure::density},
    field,
    model::{
        Account, Asset, Collateral, DisclosureLevel, Dollars, Future, Policy, Snapshot, Symbol,
    },
    public::PublicTable,
    shape::Shape,
    slots::Slots,
    tables::{D1_BITS, NORMAL_ROWS, V_BITS},
};

/// Shortfall to which an account's cash is set, units 1e-8 USD.
const SHORT: i128 = 1 << 40;

/// The sample policy, exposures disclosed in ticks of so many USD.
fn showing(tick: &str) -> Policy {
    let mut policy: Policy = sample("policy.json");
    policy.disclosure.level = DisclosureLevel::TermsAndGreeks;
    policy.disclosure.exposure_tick = Some(usd(tick));
    policy
}

fn usd(text: &str) -> Dollars {
    text.parse().expect("decimal")
}

/// The sample account of a shape without its positions.
fn empty() -> Account {
    let mut account: Account = sample("account-small.json");
    account.options.clear();
    account.perpetual_options.clear();
    account.power_perpetuals.clear();
    account.variance.clear();
    account.futures.clear();
    account.collateral.clear();
    account
}

/// An account that is under-margined in the unmoved market.
fn short(slots: Slots, table: &PublicTable) -> Option<Scene> {
    funded(slots, table, table, 0, SHORT)
}

/// What the circuit computes for the public rows of exposures, underlying by underlying.
fn computed(scene: &Scene) -> Vec<[Fr; EXPOSURE_ROWS]> {
    let (image, rows) = (scene.image(), Rows::of(scene.witness.slots.shape));
    let value = |(column, row)| image.value(Cell::advice(column, row));
    let of = |i: usize| {
        let [delta, gamma, vega] = [0, 1, 2].map(|number| value(rows.cut(i, number)[5]));
        [value((1, rows.number(i))), delta, gamma, vega]
    };
    (0..rows.underlyings).map(of).collect()
}

/// The circuit accepts, and computes the engine's buckets; these.
#[track_caller]
fn agrees(scene: &Scene) -> Vec<[i128; EXPOSURE_ROWS]> {
    scene.stopped_by(&[]);
    let portfolio = &scene.witness.portfolio;
    let engine = portfolio.underlyings.iter().map(|trace| {
        let bucket = |i: usize| i128::try_from(&trace.cuts[i].bucket).expect("narrow");
        [trace.underlying as i128, bucket(0), bucket(1), bucket(2)]
    });
    let engine: Vec<_> = engine.collect();
    let expected: Vec<_> = engine.iter().map(|row| row.map(fr)).collect();
    assert_eq!(computed(scene), expected);
    assert_eq!(scene.instance[0][FIXED_ROWS..], expected.concat());
    engine
}

#[test]
fn random_accounts_agree_at_either_end_of_ticks() {
    for (tick, shape, accounts) in [
        ("1", Shape::Small, 6),
        ("1", Shape::Medium, 2),
        ("1000000000", Shape::Small, 4),
        ("1000000000", Shape::Large, 1),
    ] {
        let table = table_showing(Some(usd(tick)));
        let mut rng = dice(5, shape, 0, 0);
        let mut seen = Vec::new();
        for _ in 0..accounts {
            let scene = loop {
                let slots = slots(&mut rng, &table, shape, 1);
                let scenario = below(&mut rng, table.scenarios.len() as i128) as usize;
                if let Some(scene) = funded(slots, &table, &table, scenario, SHORT) {
                    break scene;
                }
            };
            seen.extend(agrees(&scene));
        }
        let numbers: Vec<i128> = seen.iter().flat_map(|row| row[1..].to_vec()).collect();
        // Rounded down, also below zero.
        assert!(numbers.iter().any(|n| *n < 0), "{tick} {shape}");
        assert!(numbers.iter().any(|n| *n >= 0) && (tick != "1" || numbers.iter().any(|n| *n > 0)));
    }
}

#[test]
fn padding_alone_has_no_exposures() {
    let table = table_showing(Some(usd("1")));
    for shape in [Shape::Small, Shape::Medium] {
        let slots = Slots::new(&empty(), shape).expect("fits");
        let scene = short(slots, &table).expect("in debt");
        assert!(agrees(&scene).iter().all(|row| *row == [0; EXPOSURE_ROWS]));
        assert_eq!(scene.witness.terms().exposures, Some(Vec::new()));
    }
}

#[test]
fn one_underlying_stands_in_the_last_claim() {
    let table = table_showing(Some(usd("1")));
    let mut account: Account = sample("account-small.json");
    let btc: Symbol = "BTC".parse().expect("symbol");
    account.options.retain(|o| o.asset == btc);
    account.perpetual_options.retain(|o| o.asset == btc);
    account.futures.retain(|f| f.asset == btc);
    account.collateral.retain(|c| c.asset == btc);
    account.power_perpetuals.retain(|p| p.asset == btc);
    account.variance.retain(|v| v.asset == btc);
    let slots = Slots::new(&account, Shape::Small).expect("fits");
    let rows = agrees(&short(slots, &table).expect("in debt"));
    let (last, padding) = rows.split_last().expect("rows");
    assert!(padding.iter().all(|row| *row == [0; EXPOSURE_ROWS]));
    assert_eq!(table.assets[last[0] as usize].id, Some(btc));
    assert!(last[1..].iter().all(|number| *number != 0), "{last:?}");
}

/// A market with as many assets as a shape has claims, and an account that holds a future and a balance of each.
fn every_asset(shape: Shape) -> (PublicTable, Slots) {
    let mut snapshot: Snapshot = sample("snapshot.json");
    let mut policy = showing("1");
    // Rows of the table for the assets.
    snapshot.expiries.clear();
    let mut account = empty();
    let perpetual = snapshot.assets.iter().find_map(|a| a.perpetual.clone());
    while snapshot.assets.len() < shape.underlyings() {
        let name = format!("X{:02}", snapshot.assets.len());
        let asset: Symbol = name.parse().expect("symbol");
        let mut haircut = policy.haircuts[0].clone();
        haircut.asset = asset;
        policy.haircuts.push(haircut);
        let last = snapshot.assets[2].clone();
        snapshot.assets.push(Asset { asset, ..last });
    }
    for asset in &mut snapshot.assets {
        asset.perpetual = asset.perpetual.clone().or(perpetual.clone());
    }
    let amount = |i: usize| format!("{}", 3 + i);
    account.collateral = (0..)
        .zip(&snapshot.assets)
        .map(|(i, asset)| Collateral {
            asset: asset.asset,
            amount: amount(i).parse().expect("decimal"),
        })
        .collect();
    let of_sample: Account = sample("account-small.json");
    let futures = (0..).zip(&snapshot.assets).map(|(i, asset)| Future {
        asset: asset.asset,
        expiry: None,
        size: amount(i).parse().expect("decimal"),
        ..of_sample.futures[0].clone()
    });
    account.futures = futures.collect();
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    (table, Slots::new(&account, shape).expect("fits"))
}

#[test]
fn every_claim_in_use() {
    for shape in Shape::ALL {
        let (table, slots) = every_asset(shape);
        let rows = agrees(&short(slots.clone(), &table).expect("in debt"));
        let numbers: Vec<i128> = rows.iter().map(|row| row[0]).collect();
        let all: Vec<i128> = (1..=shape.underlyings() as i128).collect();
        assert_eq!(numbers, all);
        assert!(rows.iter().all(|row| row[1] > 0 && row[2..] == [0, 0]));
        // Collateral has no exposure: what moves is listed all the same.
        let mut slots = slots;
        slots.futures.iter_mut().for_each(|future| future.size = 0);
        let rows = agrees(&short(slots, &table).expect("in debt"));
        let numbers: Vec<i128> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(numbers, all);
        assert!(rows.iter().all(|row| row[1..] == [0; 3]));
    }
}

/// Collateral that does not move adds nothing under any scenario, and is not listed: it would tell what is held.
#[test]
fn collateral_that_does_not_move_is_not_listed() {
    let mut policy = showing("1");
    policy
        .haircuts
        .iter_mut()
        .for_each(|haircut| haircut.moves = false);
    let table = PublicTable::new(&sample("snapshot.json"), &policy).expect("table");
    let mut account: Account = sample("account-small.json");
    let btc: Symbol = "BTC".parse().expect("symbol");
    account.options.retain(|o| o.asset == btc);
    account.perpetual_options.clear();
    account.power_perpetuals.clear();
    account.variance.clear();
    account.futures.retain(|f| f.asset == btc);
    assert!(account.collateral.iter().any(|c| c.asset != btc));
    let slots = Slots::new(&account, Shape::Small).expect("fits");
    let rows = agrees(&short(slots, &table).expect("in debt"));
    assert_eq!(rows.iter().filter(|row| row[0] != 0).count(), 1);
}

/// The sample market `seconds` before its first expiry.
fn before_expiry(seconds: i64, tick: &str) -> PublicTable {
    let (mut snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), showing(tick));
    let first = snapshot.expiries.iter().map(|e| e.expiry).min();
    let first = first.expect("expiries");
    // Nodes that near to expiry are too far apart.
    for expiry in snapshot.expiries.iter_mut().filter(|_| seconds == 1) {
        expiry.smile.truncate(1);
    }
    snapshot.time = crate::model::Time::from_unix(first.unix() - seconds).expect("time");
    PublicTable::new(&snapshot, &policy).expect("table")
}

/// Options of the first expiry: calls and puts at each strike, relative to the forward in units of 1e-8 USD.
fn expiring(table: &PublicTable, strikes: &[(i128, i128, i128)]) -> Slots {
    let mut slots = Slots::new(&empty(), Shape::Small).expect("fits");
    let group = &table.options[1];
    let forward = group.base.discounted_forward / group.base.discount;
    let first = slots.options.len() - strikes.len();
    for (slot, (above, calls, puts)) in slots.options[first..].iter_mut().zip(strikes) {
        slot.key = group.key;
        slot.strike = forward + above;
        (slot.calls, slot.puts) = (calls * 100_000_000, puts * 100_000_000);
    }
    slots
}

#[test]
fn at_expiry_there_is_delta_alone() {
    let table = before_expiry(0, "1");
    let strikes = [
        (-1_000_000_000, 3, -5),
        (0, 2, 1),
        (1, 7, -2),
        (1_000_000_000, -4, 6),
    ];
    let scene = short(expiring(&table, &strikes), &table).expect("in debt");
    let rows = agrees(&scene);
    let last = rows.last().expect("rows");
    assert_eq!(last[2..], [0, 0]);
    assert_ne!(last[1], 0);

    let (rows, image) = (Rows::of(Shape::Small), scene.image());
    for i in 4..8 {
        let row = rows.exposure(0, i);
        let [v, quotient, expired] = [(0, row + 1), (3, row + 2), (3, row + 1)]
            .map(|(c, r)| image.value(Cell::advice(c, r)));
        assert_eq!([v, quotient, expired], [Fr::ZERO, Fr::ZERO, Fr::ONE]);
        // Any gamma, by a quotient that is none.
        let mut forged = scene.clone();
        forged.forge((3, row + 2), fr(1 << 40));
        forged.settle();
        forged.stopped_by(&["q_quotient: z Q = 0"]);
        // The same, where time is said to be left.
        let phi = image.value(Cell::advice(4, row + 2)) * field::pow2(14);
        for (cell, value) in [
            ((3, row + 1), Fr::ZERO),
            ((1, row + 1), phi),
            ((2, row + 1), -Fr::ONE - phi),
        ] {
            forged.forge(cell, value);
        }
        forged.settle();
        forged.stopped_by(&[RANGE]);
    }
}

#[test]
fn a_minute_before_expiry_gamma_is_great() {
    let table = before_expiry(60, "1");
    let scene = short(expiring(&table, &[(0, 1, 1)]), &table).expect("in debt");
    let rows = agrees(&scene);
    assert!(rows.last().is_some_and(|row| row[2] > 10_000_000));
}

/// No proof of an account whose exposure is beyond the circuit's numbers, where it is disclosed.
#[test]
fn an_exposure_too_large_to_be_disclosed_has_no_witness() {
    let table = before_expiry(1, "1000");
    let strikes = [-1, 0, 1].map(|above| (above, 11_000_000, 11_000_000));
    let mut slots = expiring(&table, &strikes);
    slots.cash = -(1 << 59);
    let asset = table.assets[table.options[1].underlying].id.expect("asset");
    let witness = Witness::new(slots.clone(), &table, 0, Fr::from(7));
    assert_eq!(witness.err(), Some(WitnessError::Exposure { asset }));
    // Nothing else is in its way: where exposures are neither disclosed nor charged there is a proof.
    let mut hidden = table;
    hidden.rules.exposures_shown = false;
    hidden.rules.exposures_used = false;
    Scene::new(slots.clone(), &hidden, &hidden, 0).stopped_by(&[]);
    // Where they are charged there is none, either.
    hidden.rules.exposures_used = true;
    hidden.rules.gamma_rate = 1;
    let witness = Witness::new(slots, &hidden, 0, Fr::from(7));
    assert_eq!(witness.err(), Some(WitnessError::Exposure { asset }));
}

/// The cubic's slope is a density on every row of N and at every offset that it is computed at.
#[test]
fn the_density_is_never_negative() {
    let step = 1 << (V_BITS - D1_BITS);
    for high in 0..(NORMAL_ROWS as i128) << 10 {
        let d = high << 20;
        assert_eq!(d % step, 0);
        let phi = density(d / step);
        assert!((0..1 << 50).contains(&phi), "{phi} at {d}");
    }
}

/// Of an underlying without exposure a proof may say so, or not: either is true.
#[test]
fn an_underlying_without_exposure_may_be_listed() {
    let table = table_showing(Some(usd("1000")));
    let mut account: Account = sample("account-small.json");
    let sol: Symbol = "SOL".parse().expect("symbol");
    account.collateral.retain(|c| c.asset != sol);
    account.futures.retain(|f| f.asset != sol);
    let slots = Slots::new(&account, Shape::Small).expect("fits");
    let mut scene = short(slots, &table).expect("in debt");
    let number = table
        .assets
        .iter()
        .position(|a| a.id == Some(sol))
        .expect("listed");
    let held: Vec<usize> = scene
        .witness
        .portfolio
        .underlyings
        .iter()
        .map(|u| u.underlying)
        .collect();
    assert!(held[0] == 0 && !held.contains(&number), "{held:?}");
    // In its place among the others.
    let at = held.iter().rposition(|u| *u < number).expect("padding");
    let mut numbers = held.clone();
    numbers[..=at].rotate_left(1);
    numbers[at] = number;
    let rows = Rows::of(Shape::Small);
    for (i, number) in numbers.iter().enumerate() {
        let row = table.assets[*number].underlying_row(*number);
        let looked_up = rows.underlying(i) + UnderlyingChip::ROWS - 1;
        scene.forge((0, rows.claim_pole(i)), fr(row[0]));
        scene.forge_all(&[(0, looked_up), (1, looked_up)], &row[..2]);
    }
    scene.settle();
    scene.stopped_by(&[]);

    // What the verifier expects of terms that list it.
    let mut terms = scene.witness.terms();
    let list = terms.exposures.as_mut().expect("disclosed");
    let zero = Dollars::ZERO;
    let nothing = ExposureTerms {
        asset: sol,
        delta: zero,
        gamma: zero,
        vega: zero,
    };
    let place = numbers[..at].iter().filter(|number| **number > 0).count();
    list.insert(place, nothing);
    let commitment = scene.witness.commitment();
    let expected = instance(Shape::Small, &table, commitment, Fr::from(7), &terms);
    assert_eq!(expected.as_ref(), Ok(&scene.instance));
    let honest = Portfolio::new(&scene.witness.slots, &table, 0).expect("markets");
    assert_ne!(honest.disclosed(&table), Ok(terms.exposures));
}
