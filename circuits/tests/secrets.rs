//! Private numbers: hidden from `{:?}`, wiped by `zeroize` and when dropped.

use std::{
    fmt::Debug,
    fs::File,
    mem::{size_of, size_of_val},
    path::Path,
};

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use zeroize::{Zeroize, ZeroizeOnDrop};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, Witness},
    engine::{
        AssetTrace, FutureTrace, LiquidationTrace, OptionTrace, PerpetualMarketTrace,
        PerpetualTrace, Portfolio, Report, SwapTrace, Totals,
        option::{LnTrace, MarketTrace, SmileTrace},
    },
    field,
    model::{
        Account, Collateral, Future, Money, OptionStrike, PerpetualOption, Policy, PowerPerpetual,
        Quantity, Salt, Snapshot, VarianceSwap, read_json,
    },
    public::PublicTable,
    shape::Shape,
    slots::{AssetSlot, FutureSlot, OptionSlot, Slots, SwapSlot},
};

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

/// The small sample account with numbers that stand nowhere else, and those in units.
fn canary_account(seed: i64) -> (Account, Vec<i64>) {
    let mut account: Account = sample("account-small.json");
    let mut canaries = Vec::new();
    let mut noise = seed;
    let mut alter = |value: &mut Quantity| {
        if *value != Quantity::ZERO {
            noise = noise * 31 % 9_999_991;
            *value = Quantity::from_units(value.units() + noise);
            canaries.push(value.units());
        }
    };
    alter(&mut account.cash);
    account
        .collateral
        .iter_mut()
        .for_each(|c| alter(&mut c.amount));
    for future in &mut account.futures {
        alter(&mut future.size);
        alter(&mut future.entry);
    }
    for option in &mut account.options {
        alter(&mut option.strike);
        alter(&mut option.calls);
        alter(&mut option.puts);
    }
    for option in &mut account.perpetual_options {
        alter(&mut option.strike);
        alter(&mut option.calls);
        alter(&mut option.puts);
    }
    for power in &mut account.power_perpetuals {
        alter(&mut power.size);
        alter(&mut power.entry);
    }
    for swap in &mut account.variance {
        alter(&mut swap.notional);
        alter(&mut swap.strike);
    }
    (account, canaries)
}

fn table() -> (Snapshot, Policy, PublicTable) {
    let (snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), sample("policy.json"));
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    (snapshot, policy, table)
}

fn witness(slots: &Slots, table: &PublicTable) -> Witness {
    (0..table.scenarios.len())
        .find_map(|s| Witness::new(slots.clone(), table, s, Fr::one()).ok())
        .expect("under-margined")
}

#[test]
fn nothing_private_is_in_debug() {
    let (account, canaries) = canary_account(7_654_321);
    let (snapshot, policy, table) = table();
    let slots = Slots::new(&account, Shape::Small).expect("slots");
    let portfolio = Portfolio::new(&slots, &table, 1).expect("portfolio");
    let witness = witness(&slots, &table);
    let terms = portfolio.totals.liquidation(&table.rules);
    let report = Report::new(&slots, &snapshot, &policy, &table).expect("report");
    let option = &portfolio.options[7];
    let private: Vec<(&str, &dyn Debug)> = vec![
        ("account", &account),
        ("salt", &account.salt),
        ("collateral", &account.collateral),
        ("futures", &account.futures),
        ("options", &account.options),
        ("perpetual options", &account.perpetual_options),
        ("power perpetuals", &account.power_perpetuals),
        ("variance", &account.variance),
        ("slots", &slots),
        ("option slots", &slots.options),
        ("future slots", &slots.futures),
        ("asset slots", &slots.assets),
        ("perpetual slots", &slots.perpetual_options),
        ("swap slots", &slots.swaps),
        ("portfolio", &portfolio),
        ("totals", &portfolio.totals),
        ("option traces", &portfolio.options),
        ("future traces", &portfolio.futures),
        ("asset traces", &portfolio.assets),
        ("perpetual traces", &portfolio.perpetual_options),
        ("swap traces", &portfolio.swaps),
        ("ln trace", &option.ln),
        ("smile trace", &option.smile),
        ("market trace", &option.base),
        ("terms trace", &terms),
        ("witness", &witness),
        ("report", &report),
        ("positions", &report.positions),
        ("scenarios", &report.scenarios),
    ];
    let circuit = LiquidationCircuit::with_witness(witness.clone());
    let mut texts: Vec<(&str, String)> = Vec::new();
    for (name, value) in private
        .into_iter()
        .chain([("circuit", &circuit as &dyn Debug)])
    {
        texts.push((name, format!("{value:?}")));
        texts.push((name, format!("{value:#?}")));
    }
    let salt = hex::encode(account.salt.expose_bytes());
    let owner = hex::encode(account.owner.0);
    for (name, text) in &texts {
        // Names, shapes and counts; no number of four digits.
        let digits = text.split(|c: char| !c.is_ascii_digit());
        let longest = digits.map(str::len).max();
        assert!(longest <= Some(3), "{name}: {text}");
        assert!(!text.contains(&salt) && !text.contains(&owner), "{name}");
    }
    // The search itself works: what is shown on purpose is found.
    let shown = serde_json::to_string(&account).expect("json");
    let decimal = Money::from_units(canaries[1]).to_string();
    assert!(shown.contains(&decimal) && shown.contains(&salt));
}

fn wiped_on_drop<T: ZeroizeOnDrop>() {}

#[test]
fn everything_private_is_wiped_on_drop() {
    wiped_on_drop::<Salt>();
    wiped_on_drop::<Account>();
    wiped_on_drop::<Collateral>();
    wiped_on_drop::<Future>();
    wiped_on_drop::<OptionStrike>();
    wiped_on_drop::<PerpetualOption>();
    wiped_on_drop::<PowerPerpetual>();
    wiped_on_drop::<VarianceSwap>();
    wiped_on_drop::<Slots>();
    wiped_on_drop::<OptionSlot>();
    wiped_on_drop::<FutureSlot>();
    wiped_on_drop::<AssetSlot>();
    wiped_on_drop::<SwapSlot>();
    wiped_on_drop::<LnTrace>();
    wiped_on_drop::<SmileTrace>();
    wiped_on_drop::<MarketTrace>();
    wiped_on_drop::<OptionTrace>();
    wiped_on_drop::<AssetTrace>();
    wiped_on_drop::<SwapTrace>();
    wiped_on_drop::<PerpetualTrace>();
    wiped_on_drop::<PerpetualMarketTrace>();
    wiped_on_drop::<FutureTrace>();
    wiped_on_drop::<Totals>();
    wiped_on_drop::<LiquidationTrace>();
    wiped_on_drop::<Witness>();
}

#[test]
fn zeroize_leaves_zeros() {
    let (mut account, _) = canary_account(6_543_217);
    let (_, _, table) = table();
    let mut slots = Slots::new(&account, Shape::Small).expect("slots");
    let mut portfolio = Portfolio::new(&slots, &table, 1).expect("portfolio");

    account.zeroize();
    assert_eq!(account.salt.expose_bytes(), &[0; 32]);
    assert_eq!((account.cash, account.sequence), (Money::ZERO, 0));
    assert!(
        account.options.is_empty() && account.futures.is_empty() && account.collateral.is_empty()
    );
    assert!(account.perpetual_options.is_empty() && account.variance.is_empty());
    assert!(account.power_perpetuals.is_empty());

    slots.zeroize();
    assert_eq!((slots.salt, slots.owner), (Fr::zero(), Fr::zero()));
    assert_eq!((slots.cash, slots.sequence), (0, 0));
    let zero = |o: &OptionSlot| (o.key, o.strike, o.calls, o.puts) == (0, 0, 0, 0);
    assert!(slots.options.iter().all(zero));
    let zero = |f: &FutureSlot| (f.key, f.size, f.entry, f.funding_index) == (0, 0, 0, 0);
    assert!(slots.futures.iter().all(zero));
    assert!(slots.assets.iter().all(|a| (a.key, a.amount) == (0, 0)));
    let zero = |s: &SwapSlot| (s.key, s.size, s.strike) == (0, 0, 0);
    assert!(slots.swaps.iter().all(zero));

    portfolio.zeroize();
    let nothing = BigInt::default();
    assert_eq!(portfolio.totals.equity, nothing);
    assert_eq!(portfolio.totals.core, nothing);
    for option in &portfolio.options {
        assert_eq!((option.base.d1, option.ln.ln, option.smile.v), (0, 0, 0));
        for number in [
            &option.charge,
            &option.loss,
            &option.base.value,
            &option.moved.market.epsilon,
            &option.run.loss,
        ] {
            assert_eq!(number, &nothing);
        }
    }
    assert!(
        portfolio
            .assets
            .iter()
            .all(|a| a.value == nothing && a.loss == nothing)
    );
}

/// What lies in this process's memory.
#[cfg(target_os = "linux")]
fn peek(memory: &File, address: usize, bytes: &mut [u8]) {
    use std::os::unix::fs::FileExt;
    memory.read_exact_at(bytes, address as u64).expect("mapped");
}

/// How many of the numbers stand in the bytes, as the low half of an integer of 16 bytes or as one of 8.
fn found(bytes: &[u8], canaries: &[i64]) -> usize {
    let stands = |canary: &&i64| {
        let form = canary.to_le_bytes();
        bytes.windows(8).any(|window| window == form)
    };
    canaries.iter().filter(stands).count()
}

/// The places of a dropped account's lists, a slots' and a salt's box hold none of it any more. The allocator writes a
/// little into what it takes back, but not all of it.
#[cfg(target_os = "linux")]
#[test]
fn dropped_memory_holds_nothing() {
    let memory = File::open("/proc/self/mem").expect("own memory");
    let (account, canaries) = canary_account(5_432_176);
    let slots = Slots::new(&account, Shape::Small).expect("slots");
    let account = Box::new(account);
    let salt = *account.salt.expose_bytes();
    let whole = size_of_val(&*account);
    let places = [
        (&raw const *account as usize, whole),
        (
            account.options.as_ptr() as usize,
            size_of_val(account.options.as_slice()),
        ),
        (
            account.futures.as_ptr() as usize,
            size_of_val(account.futures.as_slice()),
        ),
        (
            slots.options.as_ptr() as usize,
            size_of_val(slots.options.as_slice()),
        ),
        (
            slots.futures.as_ptr() as usize,
            size_of_val(slots.futures.as_slice()),
        ),
        (
            slots.assets.as_ptr() as usize,
            size_of_val(slots.assets.as_slice()),
        ),
        (
            slots.perpetual_options.as_ptr() as usize,
            size_of_val(slots.perpetual_options.as_slice()),
        ),
        (
            slots.swaps.as_ptr() as usize,
            size_of_val(slots.swaps.as_slice()),
        ),
    ];
    // Nothing is allocated between the drop and the look.
    let mut after = vec![0; places.iter().map(|(_, len)| len).sum()];
    let mut before = after.clone();
    let look = |bytes: &mut [u8]| {
        let mut at = 0;
        for (address, len) in places {
            peek(&memory, address, &mut bytes[at..at + len]);
            at += len;
        }
    };
    look(&mut before);
    drop((account, slots));
    look(&mut after);
    assert_eq!(
        found(&before, &canaries),
        canaries.len(),
        "the search itself works"
    );
    assert!(before.windows(32).any(|window| window == salt));
    assert_eq!(found(&after, &canaries), 0);
    assert!(!after.windows(16).any(|window| window == &salt[16..]));
    assert!(size_of::<Fr>() == 32 && field::from_be_bytes(&salt).is_some());
}
