//! Exposures: disclosed exactly where the policy says so, and the ones that the report's sensitivities make.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde_json::{Value, json};

use crate::support::{
    Run, Stranger, commitment, edited, folder, prove_under, sample, shared, zkmargin,
};

/// The policy that discloses.
pub const POLICY: &str = "policy-exposures.json";
/// Its tick, USD.
pub const TICK: f64 = 1000.0;

/// The small account's proof under the policy that discloses, and what `prove` printed.
pub fn disclosed() -> &'static (PathBuf, Value) {
    static DISCLOSED: OnceLock<(PathBuf, Value)> = OnceLock::new();
    DISCLOSED.get_or_init(|| {
        let proof = folder().keep().join("proof.json");
        let run = prove_small(&sample(POLICY), &proof).exits(0);
        (proof, run.json())
    })
}

fn prove_small(policy: &Path, output: &Path) -> Run {
    let keys = &shared().keys;
    prove_under(policy, &sample("account-small.json"), "small", keys, output)
}

/// Who verifies that proof, under that policy.
pub fn stranger() -> Stranger {
    Stranger {
        proof: disclosed().0.clone(),
        policy: sample(POLICY),
        ..Stranger::new()
    }
}

fn evaluate(account: &Path, snapshot: &Path, policy: &str, more: &str) -> Run {
    zkmargin(
        &format!("evaluate {{}} --snapshot {{}} --policy {{}} --no-liquidation-prices {more}"),
        &[account, snapshot, &sample(policy)],
    )
}

fn report(account: &str, policy: &str) -> Value {
    let snapshot = sample("snapshot.json");
    evaluate(&sample(account), &snapshot, policy, "--json")
        .exits(0)
        .json()
}

pub fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("file")).expect("json")
}

pub fn number(value: &Value) -> f64 {
    let text = value.as_str().expect("a decimal");
    text.parse().expect("a number")
}

#[test]
fn every_command_says_the_same() {
    let (proof, proved) = disclosed();
    let exposures = &proved["terms"]["exposures"];
    let assets = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("list").iter();
        list.map(|e| e["asset"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(assets(exposures), ["BTC", "ETH", "USDC"]);
    let evaluated = report("account-small.json", POLICY);
    assert_eq!(evaluated["terms"], proved["terms"]);
    assert_eq!(&json_of(proof)["exposures"], exposures);
    let verdict = stranger().verify("").exits(0).json();
    assert_eq!(verdict["terms"], proved["terms"]);
    let inspected = zkmargin("inspect {} --json", &[proof]).exits(0).json();
    assert_eq!(&inspected["exposures"], exposures);
    let policy = zkmargin("inspect {} --json", &[&sample(POLICY)]).exits(0);
    assert_eq!(policy.json()["exposure_tick"], "1000");
}

#[test]
fn they_are_the_sensitivities_rounded_down() {
    let snapshot = json_of(&sample("snapshot.json"));
    // What a position's sensitivities are by: a mark, a forward, a spot.
    let mut prices = BTreeMap::new();
    let mut spots = BTreeMap::new();
    for asset in snapshot["assets"].as_array().expect("list") {
        let name = asset["asset"].as_str().expect("text");
        spots.insert(name, number(&asset["spot"]));
        if asset["perpetual"].is_object() {
            prices.insert(
                format!("{name}-PERPETUAL"),
                number(&asset["perpetual"]["mark"]),
            );
        }
    }
    for expiry in snapshot["expiries"].as_array().expect("list") {
        let [asset, date] = ["asset", "expiry"].map(|field| expiry[field].as_str().expect("text"));
        prices.insert(
            format!("{asset}-{}", &date[..10]),
            number(&expiry["forward"]),
        );
    }
    for account in ["account-small.json", "account.json"] {
        let report = report(account, POLICY);
        let mut sums: BTreeMap<&str, [f64; 3]> = BTreeMap::new();
        for position in report["positions"].as_array().expect("list") {
            let [asset, key] = ["asset", "key"].map(|f| position[f].as_str().expect("text"));
            let mut market = prices.iter();
            let market = market.find(|(market, _)| key.starts_with(market.as_str()));
            let price = market.map_or(spots[asset], |(_, price)| *price);
            let [delta, gamma, vega] =
                ["delta", "gamma", "vega"].map(|f| position[f].as_f64().expect("number"));
            let sum = sums.entry(asset).or_default();
            // Collateral has a loss, and no exposure.
            if position["kind"] == "collateral" {
                continue;
            }
            // The report's vega is per point.
            for (sum, part) in
                sum.iter_mut()
                    .zip([price * delta, price * price * gamma, 100.0 * vega])
            {
                *sum += part;
            }
        }
        let list = report["terms"]["exposures"].as_array().expect("list");
        assert_eq!(list.len(), sums.len());
        for exposure in list {
            let asset = exposure["asset"].as_str().expect("text");
            for (field, sum) in ["delta", "gamma", "vega"].iter().zip(sums[asset]) {
                let stated = number(&exposure[*field]);
                assert_eq!(stated % TICK, 0.0, "{asset} {field}");
                // A dollar for what the numbers' rounding may make of a sum at a tick's edge.
                let left = sum - stated;
                assert!((-1.0..TICK + 1.0).contains(&left), "{asset} {field} {left}");
            }
        }
    }
}

#[test]
fn people_see_them_where_they_are_disclosed() {
    let heads = ["dollar delta", "dollar gamma", "vega per 1.00", "USD"];
    let row = ["ETH", "-875,000", "-1,842,000", "-76,000"];
    let line = |words: [&str; 4], text: &str| {
        let mut lines = text.lines();
        let line = lines.find(|line| words.iter().all(|word| line.contains(word)));
        line.unwrap_or_else(|| panic!("no {words:?} in {text}"))
            .to_owned()
    };
    let folder = folder();
    let (account, snapshot) = (sample("account-small.json"), sample("snapshot.json"));
    let (context, keys) = (sample("context.json"), &shared().keys);
    let texts = |policy: &str, proof: &Path| {
        let prove = zkmargin(
            "prove {} --snapshot {} --policy {} --context {} --keys {} --shape small -o {}",
            &[
                &account,
                &snapshot,
                &sample(policy),
                &context,
                keys,
                &folder.path().join(policy),
            ],
        );
        let verify = zkmargin(
            &format!(
                "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --keys {{}} --commitment {}",
                shared().commitment
            ),
            &[proof, &snapshot, &sample(policy), &context, keys],
        );
        [evaluate(&account, &snapshot, policy, ""), prove, verify].map(|run| run.exits(0).stdout)
    };
    for text in texts(POLICY, &disclosed().0) {
        let (heads, row) = (line(heads, &text), line(row, &text));
        // Each number ends where its head does.
        for (head, number) in [
            ("dollar delta", "-875,000"),
            ("dollar gamma", "-1,842,000"),
            ("vega per 1.00", "-76,000"),
        ] {
            let end = |line: &str, word: &str| line.find(word).expect("found") + word.len();
            assert_eq!(end(&heads, head), end(&row, number), "{text}");
        }
    }
    for text in texts("policy.json", &shared().proof) {
        assert!(!text.to_lowercase().contains("exposure"), "{text}");
        assert!(!text.contains("dollar"), "{text}");
    }
}

#[test]
fn ticks_out_of_range_are_named() {
    let folder = folder();
    for (tick, words) in [
        ("\"0\"", "0"),
        ("\"0.99999999\"", "0.99999999"),
        ("\"-1000\"", "-1000"),
        ("\"1000000000.00000001\"", "1000000000.00000001"),
        ("\"2500.5\"", "2500.5"),
        ("\"much\"", "much"),
        ("1000", "1000"),
    ] {
        let policy = edited(folder.path(), POLICY, "\"1000\"", tick);
        let run = zkmargin(
            "evaluate {} --snapshot {} --policy {} --json",
            &[
                &sample("account-small.json"),
                &sample("snapshot.json"),
                &policy,
            ],
        );
        run.exits(2)
            .says(&[POLICY, "field 'disclosure.exposure_tick'", words]);
    }
    for tick in ["\"1\"", "\"1000000000\"", "\"2500\""] {
        let policy = edited(folder.path(), POLICY, "\"1000\"", tick);
        let line = "evaluate {} --snapshot {} --policy {} --json";
        let (account, snapshot) = (sample("account-small.json"), sample("snapshot.json"));
        let run = zkmargin(line, &[&account, &snapshot, &policy]).exits(0);
        assert!(run.json()["terms"]["exposures"].is_array(), "{tick}");
    }
}

#[test]
fn an_account_with_too_many_underlyings_is_named() {
    let folder = folder();
    let [account, snapshot] =
        ["account.json", "snapshot.json"].map(|name| folder.path().join(name));
    let mut held = json_of(&sample("account-small.json"));
    let mut market = json_of(&sample("snapshot.json"));
    // Five underlyings, in fewer slots of each kind than the small shape has.
    for asset in ["ADA", "XRP"] {
        market["assets"].as_array_mut().expect("list").push(json!({
            "asset": asset, "spot": "0.5", "perpetual": {"mark": "0.5", "funding_index": "0"}
        }));
    }
    let more = json!({"asset": "XRP", "expiry": null, "size": "1000", "entry": "0.5"});
    held["futures"].as_array_mut().expect("list").push(more);
    let more = json!({"asset": "ADA", "amount": "1000"});
    held["collateral"].as_array_mut().expect("list").push(more);
    fs::write(&account, held.to_string()).expect("written");
    fs::write(&snapshot, market.to_string()).expect("written");

    let words = [
        "account.json",
        "5 underlyings",
        "shape small holds 4",
        "--shape medium",
    ];
    let run = zkmargin("commit {} --shape small", &[&account]);
    run.exits(2).says(&words);
    let run = evaluate(&account, &snapshot, POLICY, "--shape small");
    run.exits(2).says(&words);
    let proof = folder.path().join("proof.json");
    let keys = &shared().keys;
    let run = prove_under(&sample(POLICY), &account, "small", keys, &proof);
    run.exits(2).says(&words);
    assert!(!proof.exists());
    // The next shape holds them.
    let run = evaluate(&account, &snapshot, POLICY, "--json").exits(0);
    assert_eq!(run.json()["shape"], "medium");
}

/// Ten million straddles a second before expiry, at the money: a dollar gamma of 20 quadrillion.
#[test]
fn an_exposure_too_large_to_be_disclosed_is_bad_input() {
    let folder = folder();
    let (proof, keys) = (folder.path().join("proof.json"), &shared().keys);
    let write = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, document.to_string()).expect("written");
        path
    };
    let mut snapshot = json_of(&sample("snapshot.json"));
    let mut account = json_of(&sample("account-small.json"));
    let mut policy = json_of(&sample(POLICY));
    let expiry = &mut snapshot["expiries"][0];
    expiry["expiry"] = json!("2026-11-20T08:00:01Z");
    expiry["smile"] = json!([{"strike": expiry["forward"], "vol": "0.1"}]);
    for list in [
        "futures",
        "perpetual_options",
        "power_perpetuals",
        "variance",
    ] {
        account[list] = json!([]);
    }
    account["options"] = json!([{
        "asset": expiry["asset"],
        "expiry": expiry["expiry"],
        "strike": expiry["forward"],
        "calls": "-10000000",
        "puts": "-10000000",
    }]);
    policy["scenarios"] = json!([{"spot": "0.001", "vol": "same", "weight": "1"}]);
    policy["contingencies"]["short_option"] = json!({});
    let (account, snapshot) = (
        write("account.json", &account),
        write("snapshot.json", &snapshot),
    );
    let prove = |policy: &Path| {
        zkmargin(
            "prove {} --snapshot {} --policy {} --shape small --context {} --keys {} -o {} --json",
            &[
                &account,
                &snapshot,
                policy,
                &sample("context.json"),
                keys,
                &proof,
            ],
        )
    };
    let run = prove(&write("showing.json", &policy)).exits(2);
    assert_eq!(run.json()["error"]["kind"], "input");
    run.says(&["account.json", "BTC", "dollar gamma"]);
    assert!(!proof.exists());
    // Hidden, it stands in nobody's way.
    policy["disclosure"]["level"] = json!("terms");
    policy["disclosure"]["exposure_tick"] = Value::Null;
    prove(&write("hiding.json", &policy)).exits(0);
}

#[test]
fn the_medium_account_discloses_four() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let (keys, account) = (&shared().keys, sample("account.json"));
    let proved = prove_under(&sample(POLICY), &account, "medium", keys, &proof);
    let terms = proved.exits(0).json()["terms"].clone();
    assert_eq!(terms["exposures"].as_array().expect("list").len(), 4);
    let stranger = Stranger {
        proof,
        policy: sample(POLICY),
        commitment: commitment("account.json", "medium"),
        ..Stranger::new()
    };
    assert_eq!(stranger.verify("").exits(0).json()["terms"], terms);
}
