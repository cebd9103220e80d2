//! Nothing of the opening leaves the process that holds it, but for its owner's own report.

use std::fs;

use serde_json::Value;

use crate::support::{Stranger, edited, folder, sample, shared, zkmargin};

/// Whether the text holds the number by itself, not as a part of a longer one or of hex.
fn holds(text: &str, number: &str) -> bool {
    let outside = |c: Option<char>| !c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    text.match_indices(number).any(|(at, _)| {
        outside(text[..at].chars().next_back()) && outside(text[at + number.len()..].chars().next())
    })
}

#[test]
fn salt_and_positions_never_appear() {
    let text = fs::read_to_string(sample("account-small.json")).expect("sample");
    let account: Value = serde_json::from_str(&text).expect("json");
    let salt = account["salt"]
        .as_str()
        .expect("salt")
        .trim_start_matches("0x");
    let mut numbers = Vec::new();
    for (list, fields) in [
        ("options", ["strike", "strike"]),
        ("futures", ["entry", "size"]),
        ("collateral", ["amount", "amount"]),
    ] {
        for entry in account[list].as_array().expect("list") {
            for field in fields {
                let number = entry[field].as_str().expect("number");
                // Short numbers, such as a size of 6, are found in any report.
                if number.len() > 3 {
                    numbers.push(number.to_owned());
                }
            }
        }
    }
    assert!(
        numbers.len() > 10 && holds(&text, &numbers[0]),
        "the search itself works"
    );

    let proved = &shared().proving;
    let verified = Stranger::new().verify("").exits(0);
    let mut outputs = vec![
        fs::read_to_string(&shared().proof).expect("proof"),
        proved.0.to_string(),
        proved.1.clone(),
        verified.stdout,
        verified.stderr,
    ];
    for path in [&shared().proof, &sample("account-small.json")] {
        for line in ["inspect {}", "inspect {} --json"] {
            let run = zkmargin(line, &[path]).exits(0);
            outputs.extend([run.stdout, run.stderr]);
        }
    }
    for output in &outputs {
        assert!(!output.to_lowercase().contains(salt), "salt in {output}");
        for number in &numbers {
            assert!(!holds(output, number), "{number} in {output}");
        }
    }
}

#[test]
fn a_malformed_salt_is_not_repeated() {
    let folder = folder();
    let text = fs::read_to_string(sample("account-small.json")).expect("sample");
    let account: Value = serde_json::from_str(&text).expect("json");
    let salt = account["salt"].as_str().expect("salt");
    let digits = &salt[2..];
    let quoted = format!("\"{salt}\"");
    for (replacement, secret) in [
        (format!("\"{digits}\""), digits),
        ("1234567890123".to_owned(), "1234567890123"),
        (format!("\"0x{}\"", "f".repeat(64)), "ffffffff"),
        (
            format!("\"{}\"", salt.to_uppercase()),
            &digits.to_uppercase(),
        ),
    ] {
        let path = edited(folder.path(), "account-small.json", &quoted, &replacement);
        let run = zkmargin("commit {} --json", &[&path])
            .exits(2)
            .says(&["field 'salt'"]);
        assert!(
            !run.stderr.contains(secret) && !run.stdout.contains(secret),
            "{}",
            run.stderr
        );
    }
}
