//! The fixtures against the sample market that they were made from.

use std::path::PathBuf;

use zkmargin_circuits::model::{Account, Context, Policy, Price, Salt, Snapshot, read_json};

use super::super::{super::ImportOptions, DeribitFiles, import};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from("tests/fixtures/deribit").join(name)
}

fn files() -> DeribitFiles {
    let both = |stem: &str| {
        vec![
            fixture(&format!("{stem}_BTC.json")),
            fixture(&format!("{stem}_ETH.json")),
        ]
    };
    let mut files = DeribitFiles {
        instruments: both("instruments"),
        summaries: both("book_summary"),
        tickers: vec![
            fixture("ticker_BTC-PERPETUAL.json"),
            fixture("ticker_ETH-PERPETUAL.json"),
        ],
        positions: both("positions"),
        account_summaries: both("account_summary"),
    };
    files
        .account_summaries
        .push(fixture("account_summary_USDC.json"));
    files
}

fn options() -> ImportOptions {
    ImportOptions {
        owner: "0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a".parse().ok(),
        account_sequence: 7,
        snapshot_sequence: None,
        salt: Some(Salt::new([0; 32])),
    }
}

fn sample_snapshot() -> Snapshot {
    read_json(&PathBuf::from("../samples/snapshot.json")).expect("sample")
}

#[test]
fn snapshot_is_the_sample_market_to_the_last_digit() {
    let imported = import(&files(), &options()).expect("fixtures").snapshot;
    let sample = sample_snapshot();
    assert_eq!(imported.time, sample.time);
    assert_eq!(imported.sequence, 1_795_161_600_182);
    assert_eq!(imported.expiries, sample.expiries);
    assert_eq!(imported.expiries.len(), 12);
    let nodes: usize = imported.expiries.iter().map(|e| e.smile.len()).sum();
    assert_eq!(nodes, 312);
    let names: Vec<_> = imported
        .assets
        .iter()
        .map(|a| a.asset.to_string())
        .collect();
    assert_eq!(names, ["BTC", "ETH"]);
    for asset in &imported.assets {
        let other = sample
            .assets
            .iter()
            .find(|a| a.asset == asset.asset)
            .expect("asset");
        assert_eq!(asset.spot, other.spot);
        let mark = |a: &zkmargin_circuits::model::Asset| a.perpetual.as_ref().map(|p| p.mark);
        assert!(mark(asset).is_some());
        assert_eq!(mark(asset), mark(other));
    }
}

#[test]
fn account_is_the_one_computed_independently() {
    let imported = import(&files(), &options())
        .expect("fixtures")
        .account
        .expect("account");
    let expected: Account = read_json(&fixture("expected_account.json")).expect("expected");
    assert_eq!(imported.owner, expected.owner);
    assert_eq!(imported.sequence, expected.sequence);
    assert_eq!(imported.salt, expected.salt);
    assert_eq!(imported.cash, expected.cash);
    assert!(imported.collateral == expected.collateral);
    assert_eq!(imported.options.len(), 24);
    for option in &expected.options {
        assert!(imported.options.contains(option), "{}", option.strike);
    }
    assert_eq!(imported.options.len(), expected.options.len());
    assert_eq!(imported.futures.len(), expected.futures.len());
    // The venue's profit has nine places of a coin: a ten-thousandth of a dollar in the entry.
    let near = |a: Price, b: Price, units: u64| a.units().abs_diff(b.units()) <= units;
    for future in &expected.futures {
        let same = |f: &&zkmargin_circuits::model::Future| {
            (f.asset, f.expiry) == (future.asset, future.expiry)
        };
        let found = imported.futures.iter().find(same).expect("future");
        assert!(near(found.size, future.size, 1), "{:?}", found.size);
        assert!(near(found.entry, future.entry, 10_000), "{:?}", found.entry);
    }
    assert!(imported.futures.iter().any(|f| f.expiry.is_none()));
    assert!(imported.futures.iter().any(|f| f.expiry.is_some()));
}

#[test]
fn what_is_left_out_is_named() {
    let warnings = import(&files(), &options()).expect("fixtures").warnings;
    let path = |name: &str| fixture(name).display().to_string();
    let (instruments, summaries) = (path("instruments_BTC.json"), path("book_summary_BTC.json"));
    assert_eq!(
        warnings,
        [
            format!(
                "{summaries}: has another underlying_price than its expiry's latest quote: BTC-24SEP27-300000-C"
            ),
            format!("{summaries}: has no mark_iv: BTC-24SEP27-300000-C"),
            format!("{instruments}: has expired: BTC-20NOV26-104000-C"),
            format!("{instruments}: is neither a future nor an option: BTC-FS-25DEC26_PERP"),
            format!("{instruments}: is not active: BTC-25DEC26-250000-C"),
        ]
    );
}

#[test]
fn market_alone_has_no_account() {
    let market = DeribitFiles {
        positions: Vec::new(),
        account_summaries: Vec::new(),
        ..files()
    };
    let imported = import(&market, &ImportOptions::default()).expect("market");
    assert!(imported.account.is_none());
    assert_eq!(imported.snapshot.expiries, sample_snapshot().expiries);
}

#[test]
fn salts_are_random_below_the_modulus() {
    let random = ImportOptions {
        salt: None,
        ..options()
    };
    let salt = || {
        import(&files(), &random)
            .expect("fixtures")
            .account
            .expect("account")
            .salt
            .clone()
    };
    let (one, two) = (salt(), salt());
    assert_ne!(one, two);
    assert!(one.expose_bytes()[0] < 0x20);
}

#[test]
fn samples_are_legal_and_of_the_promised_size() {
    let sample = |name: &str| PathBuf::from("../samples").join(name);
    let snapshot = sample_snapshot();
    assert_eq!(snapshot.validate(), Ok(()));
    assert_eq!(snapshot.assets.len(), 4);
    let policy: Policy = read_json(&sample("policy.json")).expect("policy");
    assert_eq!(policy.validate(), Ok(()));
    assert_eq!(policy.scenarios.len(), 16);
    read_json::<Context>(&sample("context.json")).expect("context");
    for (name, sizes) in [
        ("account.json", (4, 4, 24)),
        ("account-healthy.json", (4, 4, 24)),
        ("account-small.json", (3, 3, 7)),
    ] {
        let account: Account = read_json(&sample(name)).expect(name);
        assert_eq!(account.validate(), Ok(()), "{name}");
        let counted = (
            account.collateral.len(),
            account.futures.len(),
            account.options.len(),
        );
        assert_eq!(counted, sizes, "{name}");
    }
}
