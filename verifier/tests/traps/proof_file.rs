//! The proof file as bytes: every byte counts, and an altered file is told from a short one.

use rayon::prelude::*;
use zkmargin_verifier::{MAX_PROOF_FILE_BYTES, ProofFile, ProofFileError, Rejection, verify};

use crate::support::honest;

fn bytes() -> Vec<u8> {
    honest().file.to_bytes()
}

fn refusal(bytes: &[u8]) -> ProofFileError {
    ProofFile::from_bytes(bytes).expect_err("refused")
}

#[test]
fn a_proof_file_round_trips() {
    assert_eq!(ProofFile::from_bytes(&bytes()), Ok(honest().file.clone()));
}

/// Of how many flipped bytes one is shown to the verifier as well: `ZKMARGIN_FLIPS`, or few. A point or scalar has 64 digits, so
/// that some of each are.
fn flips() -> usize {
    let wanted = std::env::var("ZKMARGIN_FLIPS");
    wanted.map_or(13, |n| n.parse().expect("ZKMARGIN_FLIPS is a number"))
}

/// All are verified with `ZKMARGIN_FLIPS=1`: minutes.
#[test]
fn every_byte_flipped_is_noticed_and_not_taken_for_a_short_file() {
    let (whole, every) = (bytes(), flips());
    let request = honest().request();
    let parsed: usize = (0..whole.len())
        .into_par_iter()
        .map(|at| {
            let mut parsed = 0;
            for bit in [0x01, 0x20] {
                let mut altered = whole.clone();
                altered[at] ^= bit;
                match ProofFile::from_bytes(&altered) {
                    Err(error) => assert_ne!(error, ProofFileError::Truncated, "byte {at}"),
                    Ok(file) => {
                        parsed += 1;
                        assert_ne!(file, honest().file, "byte {at}");
                        if at.is_multiple_of(every) {
                            assert!(verify(&file, &request).is_err(), "byte {at}");
                        }
                    }
                }
            }
            parsed
        })
        .sum();
    // Most of the file is hex digits, many of which are another digit after a flip.
    assert!(parsed > whole.len() / 4, "{parsed} of {}", whole.len());
}

#[test]
fn a_flip_inside_the_proof_is_a_proof_that_does_not_verify() {
    let whole = bytes();
    let start = whole.len() - 3 - 2 * honest().file.proof.0.len();
    let mut altered = whole;
    // The first coordinate's last digit.
    altered[start + 63] = if altered[start + 63] == b'0' {
        b'1'
    } else {
        b'0'
    };
    let file = ProofFile::from_bytes(&altered).expect("parses");
    assert_eq!(verify(&file, &honest().request()), Err(Rejection::Proof));
}

#[test]
fn a_file_cut_anywhere_is_truncated() {
    let whole = bytes();
    for length in 0..whole.len() {
        assert_eq!(
            refusal(&whole[..length]),
            ProofFileError::Truncated,
            "{length} bytes"
        );
    }
}

#[test]
fn a_proof_file_has_one_form() {
    let text = String::from_utf8(bytes()).expect("text");
    let kind = "\"kind\":\"zkmargin-proof\",";
    let version = "\"version\":1,";
    let amount = honest().file.repay.expect("terms");
    let repay = format!("\"repay\":\"{amount}\"");
    let whole = format!("\"repay\":\"{amount}.0\"");
    let key = format!("\"key\":\"{}\"", honest().file.key);
    for (name, altered) in [
        ("a space", text.replacen(':', ": ", 1)),
        ("a leading space", format!(" {text}")),
        ("no line feed", text.trim_end().to_owned()),
        ("two line feeds", format!("{text}\n")),
        ("a carriage return", text.replace('\n', "\r\n")),
        ("another order", {
            text.replace(&format!("{kind}{version}"), &format!("{version}{kind}"))
        }),
        ("another decimal", text.replace(&repay, &whole)),
        (
            "an escape",
            text.replace("zkmargin-proof", "zkmargin\\u002dproof"),
        ),
    ] {
        assert_ne!(altered, text, "{name}");
        let error = refusal(altered.as_bytes());
        let expected = match name {
            // Nothing in the file tells it from one that was cut there.
            "no line feed" => ProofFileError::Truncated,
            // Escaped strings are not borrowed; either way the form is refused.
            _ => ProofFileError::NotCanonical,
        };
        assert_eq!(error, expected, "{name}");
    }
    let malformed = |field: &str, altered: String| {
        assert_ne!(altered, text, "{field}");
        match refusal(altered.as_bytes()) {
            ProofFileError::Malformed { field: found, .. } => assert_eq!(found, field),
            other => panic!("{field}: {other:?}"),
        }
    };
    malformed("kind", text.replace("zkmargin-proof", "zkmargin-prooF"));
    malformed("version", text.replace(version, "\"version\":2,"));
    malformed("circuit", text.replace("\"v1\"", "\"v2\""));
    malformed("statement", text.replace("\"liquidation\"", "\"health\""));
    malformed("shape", text.replace("\"small\"", "\"huge\""));
    malformed("key", text.replace(&key, "\"key\":\"0x00\""));
    malformed("proof", text.replace("\"proof\":\"0x", "\"proof\":\""));
    malformed("repay", text.replace(&repay, "\"repay\":100"));
    malformed("extra", text.replace(kind, &format!("\"extra\":1,{kind}")));
    // A field twice is the fault of no one field.
    malformed(".", text.replace(kind, &format!("{kind}{kind}")));
}

#[test]
fn deep_or_foreign_json_is_refused() {
    let deep = format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    for foreign in ["{}\n", "null\n", "[]\n", "\n\n", deep.as_str()] {
        assert!(
            matches!(
                refusal(foreign.as_bytes()),
                ProofFileError::Malformed { .. }
            ),
            "{}",
            &foreign[..2]
        );
    }
    assert_eq!(refusal(b""), ProofFileError::Truncated);
}

#[test]
fn a_proof_file_is_within_the_size_that_is_read() {
    assert_eq!(MAX_PROOF_FILE_BYTES, 65_536);
    assert!(honest().file.to_bytes().len() as u64 <= MAX_PROOF_FILE_BYTES);
}
