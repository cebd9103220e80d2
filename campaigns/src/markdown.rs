//! The report under `docs/`.

use std::{collections::BTreeMap, fmt::Write};

use crate::{
    explained::EXPLAINED,
    report::{Copies, Deletions, Tally},
    run::{SceneResult, Settings},
};

/// The report of a run. `command`, `machine` and `seconds` say how it came about.
pub fn report(
    settings: &Settings,
    results: &[SceneResult],
    command: &str,
    machine: &str,
    date: &str,
    seconds: u64,
) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(
        &mut text, settings, results, command, machine, date, seconds,
    );
    text
}

fn write(
    text: &mut String,
    settings: &Settings,
    results: &[SceneResult],
    command: &str,
    machine: &str,
    date: &str,
    seconds: u64,
) -> std::fmt::Result {
    writeln!(text, "# Tampering with every circuit\n")?;
    writeln!(
        text,
        "Written by `{command}` on {date}, {machine}, {seconds} s; seed {}.\n\
         What each campaign does stands in [soundness.md](../soundness.md).\n",
        settings.seed
    )?;
    writeln!(text, "## What is attacked\n")?;
    writeln!(
        text,
        "| circuit and account | cells | copies | forged alone and together with copies | pairs of gate rows | replayed, repaired, copies cut |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|")?;
    for result in results {
        let r = &result.report;
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            r.scene,
            r.cells,
            r.copies,
            fraction(r.share.cells),
            fraction(r.share.pairs),
            fraction(r.share.deep)
        )?;
    }
    writeln!(text, "\n## Forged assignments\n")?;
    writeln!(
        text,
        "Targets / assignments judged / accepted with a listed reason / accepted without one.\n"
    )?;
    writeln!(
        text,
        "| circuit and account | single cells | copied cells together | pairs | replays | adversary |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|")?;
    for result in results {
        let r = &result.report;
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            r.scene,
            tally(&r.single),
            tally(&r.classes),
            tally(&r.pairs),
            tally(&r.replays),
            tally(&r.adversary),
        )?;
    }
    writeln!(text, "\nPublic inputs, one at a time:\n")?;
    writeln!(
        text,
        "| circuit and account | cells | changes | in table rows that the account does not need | accepted |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for result in results {
        let tally = &result.report.instance;
        let unread: usize = tally.explained.values().sum();
        writeln!(
            text,
            "| {} | {} | {} | {unread} | {} |",
            result.report.scene,
            tally.targets,
            tally.forgeries,
            tally.accepted.len()
        )?;
    }

    writeln!(
        text,
        "\n## Harmless changes\n\n| cell | why | seen |\n|---|---|---|"
    )?;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for result in results {
        for (place, count) in result.report.explained() {
            *seen.entry(place).or_default() += count;
        }
    }
    for entry in EXPLAINED {
        let count = seen.get(entry.place).copied().unwrap_or(0);
        writeln!(text, "| `{}` | {} | {count} |", entry.place, entry.reason)?;
    }

    writeln!(text, "\n## Copies turned into free assignments\n")?;
    writeln!(
        text,
        "| circuit and account | copies | broken by a forgery | forgery accepted once cut | left unlinked once cut | either |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|")?;
    for result in results {
        let mut sum = Copies::default();
        for chip in result.report.cuts.values() {
            add(&mut sum, chip);
        }
        writeln!(text, "| {} | {} |", result.report.scene, copies(&sum))?;
    }
    writeln!(
        text,
        "\nBy the chip that reads the copy, all accounts together:\n"
    )?;
    writeln!(
        text,
        "| chip | copies | broken by a forgery | forgery accepted once cut | left unlinked once cut | either |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|")?;
    let mut chips: BTreeMap<&str, Copies> = BTreeMap::new();
    for result in results {
        for (name, chip) in &result.report.cuts {
            add(chips.entry(name).or_default(), chip);
        }
    }
    for (name, chip) in &chips {
        writeln!(text, "| {name} | {} |", copies(chip))?;
    }

    writeln!(text, "\n## Constraints deleted\n")?;
    writeln!(
        text,
        "| circuit and account | constraints | broken | forgery accepted once deleted | constraints by row | broken | forgery breaks only this row |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|")?;
    for result in results {
        let r = &result.report;
        let counts = |d: &Deletions| format!("{} | {} | {}", d.total, d.broken, d.accepted);
        writeln!(
            text,
            "| {} | {} | {} |",
            r.scene,
            counts(&r.constraints),
            counts(&r.rows)
        )?;
    }
    let mut lasting: Vec<&String> = results
        .first()
        .map_or(Vec::new(), |r| r.report.never_alone.iter().collect());
    for result in results {
        lasting.retain(|name| result.report.never_alone.contains(name));
    }
    writeln!(
        text,
        "\nConstraints that no forgery here broke alone, in any scene: {}. Forgeries break each of them together with others; what else pins them stands in [soundness.md](../soundness.md).\n",
        lasting.len()
    )?;
    for name in lasting {
        writeln!(text, "- `{name}`")?;
    }

    writeln!(text, "\n## Cross-check\n")?;
    writeln!(
        text,
        "| circuit and account | mock prover compared / agreed | proved with the backend: forged / no proof possible / rejected / accepted | harmless / accepted | mutant circuits / accept their forgery / real circuit accepts it |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for result in results {
        let real = result.real.map_or("| |".to_owned(), |r| {
            format!(
                "{} / {} / {} / {} | {} / {} | {} / {} / {}",
                r.forged,
                r.unprovable,
                r.rejected,
                r.accepted,
                r.harmless,
                r.harmless_accepted,
                r.mutants,
                r.mutants_accepted,
                r.mutants_fooled
            )
        });
        let mock = result.mock;
        writeln!(
            text,
            "| {} | {} / {} | {real} |",
            result.report.scene, mock.compared, mock.agreed
        )?;
    }

    let defects: Vec<String> = results
        .iter()
        .flat_map(|result| {
            let scene = result.report.scene.clone();
            let defects = result.defects().into_iter();
            defects.map(move |defect| format!("- {scene}: {defect}"))
        })
        .collect();
    writeln!(text, "\n## Defects: {}\n", defects.len())?;
    for defect in defects {
        writeln!(text, "{defect}")?;
    }
    Ok(())
}

/// Every n-th, in words.
fn fraction(n: usize) -> String {
    match n {
        0 => "none".to_owned(),
        1 => "all".to_owned(),
        _ => format!("1 of {n}"),
    }
}

fn tally(tally: &Tally) -> String {
    let explained: usize = tally.explained.values().sum();
    format!(
        "{} / {} / {explained} / {}",
        tally.targets,
        tally.forgeries,
        tally.accepted.len()
    )
}

fn add(sum: &mut Copies, more: &Copies) {
    sum.edges += more.edges;
    sum.accepted += more.accepted;
    sum.unlinked += more.unlinked;
    sum.caught += more.caught;
    sum.broken += more.broken;
}

fn copies(c: &Copies) -> String {
    format!(
        "{} | {} | {} | {} | {}",
        c.edges, c.broken, c.accepted, c.unlinked, c.caught
    )
}
