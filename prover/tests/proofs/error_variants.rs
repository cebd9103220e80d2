//! Every variant of every public error of prover, verifier and importers, and of loading a file, is asserted by name in
//! some test, or excused here with the reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Variants that no test names, and why none can.
const EXCUSED: [(&str, &str); 1] = [(
    "SolidityError::Protocol",
    "snark-verifier refuses no key that keygen made",
)];

/// Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The variants of the `thiserror` enums in a source text.
fn variants(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with("#[derive(") || !line.contains("thiserror::Error") {
            continue;
        }
        let Some(head) = lines.find(|line| line.starts_with("pub ")) else {
            continue;
        };
        let Some(name) = head.strip_prefix("pub enum ") else {
            continue;
        };
        let name = name.trim_end_matches(" {");
        for line in lines.by_ref().take_while(|line| *line != "}") {
            // A variant stands at the first level of indentation and begins with a capital.
            let variant = line
                .strip_prefix("    ")
                .filter(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()));
            if let Some(variant) = variant {
                let end = variant.find(|c: char| !c.is_ascii_alphanumeric());
                let variant = &variant[..end.unwrap_or(variant.len())];
                found.push((name.to_owned(), variant.to_owned()));
            }
        }
    }
    found
}

/// The part of a source that is tests.
fn tests_of(path: &Path, text: &str) -> String {
    let is_tests = |part: std::path::Component| {
        ["tests", "tests.rs"]
            .map(Some)
            .contains(&part.as_os_str().to_str())
    };
    let in_tests = path.components().any(is_tests);
    match text.split_once("#[cfg(test)]") {
        _ if in_tests => text.to_owned(),
        Some((_, tests)) => tests.to_owned(),
        None => String::new(),
    }
}

#[test]
fn every_error_is_asserted_by_some_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut enums: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut tests = String::new();
    for member in ["circuits", "prover", "verifier", "cli"] {
        let mut paths = Vec::new();
        sources(&root.join(member).join("src"), &mut paths);
        for path in &paths {
            // Of the circuits' errors, those of reading files.
            if member == "circuits" && !path.ends_with("model/load.rs") {
                continue;
            }
            for (name, variant) in variants(&fs::read_to_string(path).expect("source")) {
                enums.entry(name).or_default().insert(variant);
            }
        }
        sources(&root.join(member).join("tests"), &mut paths);
        for path in paths.iter().filter(|path| !path.ends_with(file!())) {
            tests += &tests_of(path, &fs::read_to_string(path).expect("source"));
        }
    }
    // The search itself works.
    for name in [
        "PtauError",
        "FileError",
        "SrsError",
        "KeyError",
        "Rejection",
        "LoadError",
    ] {
        assert!(
            enums.get(name).is_some_and(|variants| variants.len() > 2),
            "{name}"
        );
    }
    let named = |name: &str, variant: &str| {
        let whole = format!("{name}::{variant}");
        let mut places = tests.match_indices(&whole);
        places.any(|(at, _)| {
            let next = tests[at + whole.len()..].chars().next();
            !next.is_some_and(|c| c.is_ascii_alphanumeric())
        })
    };
    let mut missing = Vec::new();
    for (name, variants) in &enums {
        for variant in variants {
            let excused = EXCUSED
                .iter()
                .any(|(excused, _)| *excused == format!("{name}::{variant}"));
            match (named(name, variant), excused) {
                (false, false) => missing.push(format!("{name}::{variant}")),
                (true, true) => panic!("{name}::{variant} needs no excuse any more"),
                _ => {}
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "asserted by no test");
}
