//! Refusals of the prover that no other test meets.

use std::{fs, path::Path, process::Command};

use zkmargin_circuits::{
    engine::EngineError,
    model::{
        Account, Context, DisclosureLevel, Dollars, LoadError, MAX_SCENARIOS, Policy, Price,
        Snapshot, Time, read_json,
    },
    public::TableError,
    shape::{Shape, Statement},
};
use zkmargin_prover::{
    KeyFileError, Params, ProveError, ProvingKey, atomic::Overwrite, keys::read_verifying_key,
    prove,
};
use zkmargin_verifier::key::MAX_KEY_BYTES;

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

#[test]
fn accounts_without_a_market_and_markets_without_a_table() {
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    let key = ProvingKey::generate(&params, Statement::Liquidation, Shape::Small).expect("keys");
    let attempt = |alter: &dyn Fn(&mut Account, &mut Snapshot, &mut Policy)| {
        let mut account: Account = sample("account-small.json");
        let (mut snapshot, mut policy) = (sample("snapshot.json"), sample("policy.json"));
        alter(&mut account, &mut snapshot, &mut policy);
        let context: Context = sample("context.json");
        prove(&params, &key, &account, &snapshot, &policy, &context)
    };
    let unknown = attempt(&|account, _, _| {
        account.collateral[0].asset = "XYZ".parse().expect("symbol");
    });
    assert!(matches!(
        unknown,
        Err(ProveError::Engine(EngineError::NoMarket { kind: "collateral", id })) if id == "XYZ"
    ));
    let worthless = attempt(&|_, snapshot, _| snapshot.assets[0].spot = Price::ZERO);
    assert!(matches!(
        worthless,
        Err(ProveError::Table(TableError::Snapshot(error))) if error.field == "assets[0].spot"
    ));
    // Ten million straddles a second before expiry: the gamma of 20 quadrillion USD fits no disclosure, a hidden one is no
    // matter.
    let steep = |tick: Option<Dollars>| {
        attempt(&|account, snapshot, policy| {
            let expiry = &mut snapshot.expiries[0];
            expiry.expiry = Time::from_unix(snapshot.time.unix() + 1).expect("a time");
            expiry.smile.truncate(1);
            expiry.smile[0].vol = "0.1".parse().expect("a vol");
            let strike = expiry.forward;
            account.options.truncate(1);
            let option = &mut account.options[0];
            (option.asset, option.expiry, option.strike) = (expiry.asset, expiry.expiry, strike);
            option.calls = "-10000000".parse().expect("a size");
            option.puts = option.calls;
            account.futures.clear();
            account.perpetual_options.clear();
            account.power_perpetuals.clear();
            account.variance.clear();
            policy.scenarios.truncate(1);
            policy.scenarios[0].spot = "0.001".parse().expect("a move");
            policy.contingencies.short_option = Default::default();
            policy.disclosure.level = match tick {
                Some(_) => DisclosureLevel::TermsAndGreeks,
                None => DisclosureLevel::Terms,
            };
            policy.disclosure.exposure_tick = tick;
            if tick.is_some() {
                policy.disclosure.level = DisclosureLevel::TermsAndGreeks;
            }
        })
    };
    assert!(matches!(
        steep(Some(Dollars::ONE)),
        Err(ProveError::Exposure { asset }) if asset.to_string() == "BTC"
    ));
    assert!(steep(None).is_ok());
    let many = attempt(&|_, _, policy| {
        let scenario = policy.scenarios[0].clone();
        policy.scenarios.resize(MAX_SCENARIOS + 1, scenario);
    });
    assert!(matches!(
        many,
        Err(ProveError::Table(TableError::Policy(error))) if error.field == "scenarios"
    ));
    // As many as are allowed, but not in this shape with all expiries of the market.
    let large = attempt(&|_, _, policy| {
        let scenario = policy.scenarios[0].clone();
        policy.scenarios.resize(MAX_SCENARIOS, scenario);
    });
    assert!(matches!(
        large,
        Err(ProveError::Table(TableError::TooManyRows {
            shape: Shape::Small,
            ..
        }))
    ));
}

#[test]
fn key_files_that_cannot_be_read() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("key.vk");
    let load_error = || match read_verifying_key(&path) {
        Err(KeyFileError::Load(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(load_error(), LoadError::Io { path: at, .. } if at == path));
    fs::write(&path, vec![0; MAX_KEY_BYTES as usize + 1]).expect("written");
    assert!(matches!(
        load_error(),
        LoadError::TooLarge { path: at, size, limit: MAX_KEY_BYTES }
            if at == path && size == MAX_KEY_BYTES + 1
    ));
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("folder");
    assert!(matches!(load_error(), LoadError::NotAFile { path: at } if at == path));
}

#[test]
fn other_keys_are_kept() {
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    let key = ProvingKey::generate(&params, Statement::Liquidation, Shape::Small).expect("keys");
    let names = [
        ProvingKey::file_name(Statement::Liquidation, Shape::Small),
        ProvingKey::verifying_file_name(Statement::Liquidation, Shape::Small),
    ];
    for (own, other) in [(&names[0], &names[1]), (&names[1], &names[0])] {
        let folder = tempfile::tempdir().expect("folder");
        key.write(folder.path(), Overwrite::Refuse)
            .expect("written");
        // Both are there and are this key's; one is gone; the other is someone else's.
        key.write_missing(folder.path()).expect("nothing missing");
        fs::remove_file(folder.path().join(own)).expect("removed");
        key.write_missing(folder.path()).expect("completed");
        assert!(ProvingKey::read(folder.path(), Statement::Liquidation, Shape::Small).is_ok());
        fs::remove_file(folder.path().join(own)).expect("removed");
        fs::write(folder.path().join(other), "mine").expect("written");
        let refused = key.write_missing(folder.path());
        assert!(matches!(
            refused,
            Err(KeyFileError::OtherKey { path }) if path == folder.path().join(other)
        ));
        assert!(!folder.path().join(own).exists(), "no half of a key");
        assert_eq!(fs::read(folder.path().join(other)).expect("kept"), b"mine");
    }
}

/// Only does something in a process started by the test below.
#[test]
fn child_under_a_capped_degree() {
    if std::env::var("MAX_DEGREE").as_deref() == Ok("3") {
        let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
        let refused = ProvingKey::generate(&params, Statement::Liquidation, Shape::Small);
        assert!(
            matches!(refused, Err(KeyFileError::Backend(words)) if words.contains("MAX_DEGREE"))
        );
        println!("the child has been refused");
    }
}

#[test]
fn a_backend_that_is_capped_is_an_error() {
    let output = Command::new(std::env::current_exe().expect("path"))
        .args([
            "--exact",
            "errors::child_under_a_capped_degree",
            "--nocapture",
        ])
        .env("MAX_DEGREE", "3")
        .output()
        .expect("started");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("the child has been refused"),
        "{text}"
    );
}
