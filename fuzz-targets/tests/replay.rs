//! The committed corpora through the targets' bodies, on the toolchain that everything else is built with.

use std::{fs, path::Path};

use zkmargin_fuzz_targets::{TARGETS, seeds::seeds, target};

#[test]
fn every_corpus_file_keeps_every_property() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for target in TARGETS {
        (target.prepare)();
        let folder = corpora.join(target.name);
        let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for file in files {
            let path = file.expect("a folder's entry").path();
            // Shown by the test's output if the body panics.
            println!("{}", path.display());
            (target.run)(&fs::read(&path).expect("a file"));
        }
    }
}

#[test]
fn every_seed_keeps_every_property() {
    for seed in seeds() {
        println!("{} {}", seed.target, seed.name);
        (target(seed.target).run)(&seed.bytes);
    }
}
