//! A list of exposures is the proof's own or rejected, and under a policy that hides them there is none.

use std::fs;

use serde_json::{Value, json};

use crate::{
    exposures::{POLICY, TICK, disclosed, json_of, number, stranger},
    support::{Stranger, edited, folder, sample, shared, zkmargin},
};

/// Demands a rejection with these words in its reason.
fn rejected(stranger: &Stranger, words: &str) {
    let verdict = stranger.verify("").exits(4).json();
    assert_eq!(verdict["eligible"], false);
    assert!(verdict["terms"].is_null());
    let reason = verdict["reason"].as_str().expect("a reason");
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn altered_exposures_are_rejected() {
    let folder = folder();
    let path = folder.path().join("proof.json");
    let whole = fs::read_to_string(&disclosed().0).expect("proof");
    let list = json_of(&disclosed().0)["exposures"].clone();
    let old = list.to_string();
    assert!(whole.contains(&old), "the list stands as it prints");
    let answer = |list: &Value, words: &str| {
        fs::write(&path, whole.replacen(&old, &list.to_string(), 1)).expect("written");
        let proof = path.clone();
        rejected(
            &Stranger {
                proof,
                ..stranger()
            },
            words,
        );
    };
    let with = |i: usize, field: &str, value: Value| {
        let mut list = list.clone();
        list[i][field] = value;
        list
    };
    for i in 0..3 {
        for field in ["delta", "gamma", "vega"] {
            let moved = number(&list[i][field]) + TICK;
            let moved = with(i, field, json!(moved.to_string()));
            answer(&moved, "does not verify");
        }
    }
    answer(&with(0, "delta", json!("239001")), "exposure_tick");
    answer(&with(0, "asset", json!("SOL")), "exposure to ETH");
    answer(&with(2, "asset", json!("DOGE")), "exposure to DOGE");
    answer(&with(1, "theta", json!("0")), "theta");
    answer(&with(1, "vega", Value::Null), "exposures[1].vega");
    answer(&Value::Null, "canonical");
    answer(&json!([]), "does not verify");
    answer(&json!([list[0], list[2]]), "does not verify");
    answer(&json!([list[1], list[0], list[2]]), "exposure to BTC");
    let five = [0, 0, 0, 1, 2].map(|i| list[i].clone());
    answer(&json!(five), "5 underlyings");
}

#[test]
fn any_changed_byte_of_them_is_rejected() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let whole = fs::read(&disclosed().0).expect("proof");
    let find = |marker: &str| {
        let marker = marker.as_bytes();
        let mut windows = whole.windows(marker.len());
        windows.position(|window| window == marker).expect("found")
    };
    let stranger = Stranger {
        proof: proof.clone(),
        ..stranger()
    };
    let section = find("\"exposures\"")..find("\"proof\"");
    for offset in section.clone().step_by(5) {
        let mut bytes = whole.clone();
        bytes[offset] ^= 1;
        fs::write(&proof, &bytes).expect("written");
        let verdict = stranger.verify("").exits(4).json();
        assert_eq!(verdict["eligible"], false, "byte {offset}");
    }
    // Cut behind a brace inside the list, and elsewhere.
    let braces = section.clone().filter(|&i| whole[i] == b'}');
    for end in braces.map(|i| i + 1).chain(section.step_by(37)) {
        fs::write(&proof, &whole[..end]).expect("written");
        stranger.verify("").exits(2).says(&["truncated"]);
    }
}

#[test]
fn a_proof_is_for_its_own_disclosure() {
    let hidden_under_disclosing = Stranger {
        policy: sample(POLICY),
        ..Stranger::new()
    };
    rejected(
        &hidden_under_disclosing,
        "field 'exposures': the policy discloses exposures, the proof has none",
    );
    let disclosed_under_hiding = Stranger {
        policy: sample("policy.json"),
        ..stranger()
    };
    rejected(
        &disclosed_under_hiding,
        "field 'exposures': the policy hides exposures, the proof has some",
    );
    let folder = folder();
    let policy = edited(folder.path(), POLICY, "\"1000\"", "\"500\"");
    let other_tick = Stranger {
        policy,
        ..stranger()
    };
    rejected(&other_tick, "does not verify");
    // The list of one proof on another.
    let list = json_of(&disclosed().0)["exposures"].to_string();
    let hidden = fs::read_to_string(&shared().proof).expect("proof");
    let proof = folder.path().join("grafted.json");
    let grafted = hidden.replacen(
        ",\"proof\":",
        &format!(",\"exposures\":{list},\"proof\":"),
        1,
    );
    fs::write(&proof, grafted).expect("written");
    let policy = sample(POLICY);
    let grafted = Stranger {
        proof,
        policy,
        ..Stranger::new()
    };
    rejected(&grafted, "does not verify");
}

#[test]
fn a_hiding_policy_hides_them() {
    // To the dollar, as they would be disclosed under the least tick.
    let folder = folder();
    let policy = edited(folder.path(), POLICY, "\"1000\"", "\"1\"");
    let exact = zkmargin(
        "evaluate {} --snapshot {} --policy {} --json",
        &[
            &sample("account-small.json"),
            &sample("snapshot.json"),
            &policy,
        ],
    );
    let exact = exact.exits(0);
    let list = exact.json()["terms"]["exposures"].clone();
    let list = list.as_array().expect("list");
    let fields = ["delta", "gamma", "vega"];
    let numbers: Vec<f64> = list
        .iter()
        .flat_map(|e| fields.map(|field| number(&e[field]).abs()))
        .filter(|number| *number >= 10.0 * TICK)
        .collect();
    assert!(numbers.len() >= 6, "{list:?}");
    // By itself, in whole dollars, rounded to the tick either way or not at all.
    let find = |text: &str| {
        let plain = text.replace(',', "");
        let split = plain.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        let words: Vec<&str> = split
            .map(|word| word.split('.').next().unwrap_or(word))
            .collect();
        let ticks = numbers.iter().map(|number| number / TICK);
        let ticks = ticks.flat_map(|ticks| [ticks.floor() * TICK, ticks.ceil() * TICK]);
        let mut forms = ticks
            .chain(numbers.iter().copied())
            .map(|form| form.to_string());
        forms.find(|form| words.contains(&form.as_str()))
    };
    assert!(find(&exact.stdout).is_some(), "the search itself works");
    for line in ["inspect {}", "inspect {} --json"] {
        assert!(find(&zkmargin(line, &[&disclosed().0]).stdout).is_some());
    }
    let verified = Stranger::new().verify("").exits(0);
    let inspected = zkmargin("inspect {}", &[&shared().proof]).exits(0);
    let proof = fs::read_to_string(&shared().proof).expect("proof");
    assert!(!proof.contains("exposures"));
    assert!(verified.json()["terms"].get("exposures").is_none());
    let (proved, said) = &shared().proving;
    assert!(proved["terms"].get("exposures").is_none());
    for text in [
        proof,
        verified.stdout,
        verified.stderr,
        inspected.stdout,
        proved.to_string(),
        said.clone(),
    ] {
        assert_eq!(find(&text), None, "{text}");
    }
}
