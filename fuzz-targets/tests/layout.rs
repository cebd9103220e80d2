//! One list of targets: a binary, a corpus and a seed for each, and nothing beyond.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use zkmargin_fuzz_targets::{TARGETS, seeds::seeds};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn listed() -> BTreeSet<String> {
    TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn no_name_is_listed_twice() {
    assert_eq!(listed().len(), TARGETS.len());
}

#[test]
fn every_target_has_a_binary_that_runs_it() {
    let binaries = entries(&fuzz().join("fuzz_targets"));
    assert_eq!(
        binaries
            .iter()
            .map(|path| stem(path))
            .collect::<BTreeSet<_>>(),
        listed()
    );
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("a manifest");
    for path in binaries {
        let name = stem(&path);
        let source = fs::read_to_string(&path).expect("a source");
        assert_eq!(
            source.trim_end(),
            format!("#![no_main]\nfuzz::fuzz!(\"{name}\");"),
            "{name}"
        );
        let declared = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(
            manifest.contains(&declared),
            "{name} is not in fuzz/Cargo.toml"
        );
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

#[test]
fn every_target_has_a_corpus() {
    let folders = entries(&fuzz().join("corpus"));
    assert_eq!(
        folders
            .iter()
            .map(|path| stem(path))
            .collect::<BTreeSet<_>>(),
        listed()
    );
    for folder in folders {
        assert!(!entries(&folder).is_empty(), "{}", folder.display());
    }
}

#[test]
fn every_target_has_a_seed() {
    assert_eq!(
        seeds()
            .iter()
            .map(|seed| seed.target.to_owned())
            .collect::<BTreeSet<_>>(),
        listed()
    );
}
