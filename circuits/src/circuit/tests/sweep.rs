//! Every main cell of one slot of each section, of the opening and of the terms, set to -1 on
//! its own: the exact constraints, lookups and copies that stop it are pinned.
//!
//! Whatever is made from the cell follows it, so a line names all that ties the cell: removing a
//! gate's constraint, a copy, a range check or a lookup changes a line. Rewritten by
//! `ZKMARGIN_BLESS=1 cargo test --release -p zkmargin-circuits sweep`; a cell with nothing behind
//! its name is one that no chip assigns. The judge says what stops it; of every twentieth cell the mock prover says the same.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use halo2curves::bn256::Fr;
use rayon::prelude::*;

use zkmargin_tamper::{Index, Judge};

use super::{exposure_rows, forgeries::campaign::names, harness::Scene, market::NEAR, rows::Cell};

/// One verdict in so many is compared with the mock prover's, which takes twenty times as long.
const COMPARED: usize = 20;

#[test]
fn every_cell_is_tied_by_what_the_golden_file_says() {
    let scene = Scene::sample();
    let cells: Vec<(String, Cell)> = exposure_rows::sections(NEAR)
        .into_iter()
        .flat_map(|(name, first, count)| {
            (0..count).flat_map(move |row| {
                (0..5).map(move |column| (format!("{name} {row} a{column}"), (column, first + row)))
            })
        })
        .collect();
    let image = scene.image();
    let index = Index::new(&image);
    assert_eq!(Judge::new(&index).judge_all(), BTreeSet::new(), "honest");
    let one = |judge: &mut Judge<'_, '_, Fr>, (number, (name, cell)): (usize, &(String, Cell))| {
        let mut scene = scene.clone();
        scene.forge(*cell, -Fr::one());
        let failures = names(&image, &judge.judge(&image.changes(&scene.image())));
        if number.is_multiple_of(COMPARED) {
            assert_eq!(failures, scene.failures(), "{name}: judge, mock prover");
        }
        let failures: Vec<String> = failures.into_iter().collect();
        format!("{name}: {}", failures.join(" | "))
    };
    let lines: Vec<String> = cells
        .par_iter()
        .enumerate()
        .map_init(|| Judge::new(&index), one)
        .collect();
    let mut found = String::new();
    for line in lines {
        writeln!(found, "{}", line.trim_end()).expect("string");
    }

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/ties.txt");
    if std::env::var_os("ZKMARGIN_BLESS").is_some() {
        fs::write(&path, &found).expect("writable");
    }
    let pinned = fs::read_to_string(&path).expect("ties.txt");
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(found, pinned);
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
