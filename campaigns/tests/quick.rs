//! The quick campaign over every circuit, as CI runs it.
//!
//! What the circuits are made of is pinned beside it: a copy, a gate or a lookup lost or gained
//! is a line of the golden file. `ZKMARGIN_BLESS=1 cargo test --release -p zkmargin-campaigns`
//! rewrites it.

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use zkmargin_campaigns::{
    explained::EXPLAINED,
    run::{SceneResult, Settings, run},
    scene::circuits,
};

/// No more cells may be harmless than a person can keep in mind.
const MOST_EXPLAINED: usize = 20;

fn counts(results: &[SceneResult]) -> String {
    let mut text = String::new();
    for result in results {
        let r = &result.report;
        writeln!(
            text,
            "{}: {} cells, {} copies, {} gate rows, {} lookup rows",
            r.scene, r.cells, r.copies, r.gate_rows, r.lookup_rows
        )
        .expect("a string");
        for (chip, copies) in &r.cuts {
            writeln!(text, "  {chip}: {} copies", copies.edges).expect("a string");
        }
    }
    text
}

#[test]
fn nothing_is_accepted_that_is_not_explained() {
    let results = run(&Settings::QUICK, &|_, _, _, _| {}).expect("campaign");
    let attacked: BTreeSet<_> = results
        .iter()
        .map(|r| (r.statement.code(), r.shape.code()))
        .collect();
    let all: BTreeSet<_> = circuits()
        .map(|(s, shape)| (s.code(), shape.code()))
        .collect();
    assert_eq!(attacked, all, "every circuit");

    for result in &results {
        assert_eq!(
            result.defects(),
            Vec::<String>::new(),
            "{}",
            result.report.scene
        );
        let r = &result.report;
        // A campaign that tries nothing finds nothing.
        assert_eq!(r.single.targets, r.cells);
        assert!(r.single.forgeries > 5 * r.cells);
        assert!(r.pairs.targets > r.cells);
        assert_eq!(r.constraints.broken, r.constraints.total);
        assert_eq!(r.rows.broken, r.rows.total);
        assert_eq!(r.rows.total, r.gate_rows + r.lookup_rows);
        let cut: usize = r.cuts.values().map(|c| c.edges).sum();
        let broken: usize = r.cuts.values().map(|c| c.broken).sum();
        assert_eq!(cut, broken);
        assert!(result.mock.compared > 0);
    }
    let deep = &results[0].report;
    assert_eq!(
        deep.cuts.values().map(|c| c.edges).sum::<usize>(),
        deep.copies
    );
    assert_eq!(deep.replays.targets, deep.cells);
    assert!(
        results[0]
            .real
            .is_some_and(|real| real.rejected > 0 && real.mutants > 0)
    );
    // A reason that nothing needs any more would hide the next defect.
    for entry in EXPLAINED {
        let here = |(place, _): (&str, usize)| place == entry.place;
        let seen = |r: &SceneResult| r.report.explained().any(here);
        assert!(
            results.iter().any(seen),
            "{} is harmless no more",
            entry.place
        );
    }
    assert!(EXPLAINED.len() <= MOST_EXPLAINED);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/counts.txt");
    let found = counts(&results);
    if std::env::var_os("ZKMARGIN_BLESS").is_some() {
        fs::write(&path, &found).expect("writable");
    }
    let pinned = fs::read_to_string(&path).expect("counts.txt");
    assert_eq!(found, pinned, "bless if this is meant");
}
