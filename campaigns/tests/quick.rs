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
use zkmargin_circuits::shape::Statement;

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
        // Larger shapes have the same chips, only more of them.
        for (chip, copies) in r.copies_by_chip.iter().filter(|_| r.share.deep > 0) {
            writeln!(text, "  {chip}: {copies} copies").expect("a string");
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
        assert_eq!(r.single.targets, r.share.count(r.cells));
        assert!(r.single.forgeries > 5 * r.single.targets);
        assert!(r.pairs.targets > r.cells / r.share.pairs);
        if r.share.cells == 1 {
            assert_eq!(r.constraints.broken, r.constraints.total);
            assert_eq!(r.rows.broken, r.rows.total);
        }
        assert_eq!(r.rows.total, r.gate_rows + r.lookup_rows);
        let cut: usize = r.cuts.values().map(|c| c.edges).sum();
        let broken: usize = r.cuts.values().map(|c| c.broken).sum();
        assert_eq!(cut, broken);
        assert_eq!(result.mock.compared, r.share.mock);
    }
    for statement in Statement::ALL {
        let first = results.iter().find(|r| r.statement == statement);
        let SceneResult { report, real, .. } = first.expect("a scene");
        let deep = |all| report.share.deep_count(all);
        let cut = report.cuts.values().map(|c| c.edges).sum::<usize>();
        assert_eq!(cut, deep(report.copies));
        assert_eq!(report.replays.targets, deep(report.cells));
        assert!(cut > 0 && report.replays.targets > 0, "{statement}");
        assert!(real.is_some_and(|real| real.rejected > 0 && real.mutants > 0));
    }
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
