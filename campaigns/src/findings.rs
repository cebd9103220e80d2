//! From outcomes to what a person reads.

use std::collections::{BTreeMap, BTreeSet};

use halo2curves::bn256::Fr;
use zkmargin_tamper::{
    Cell, Constraint, Image, Kind, Live, Structure,
    campaign::{self, Outcome},
    rows_needed,
};

use crate::{
    explained, idle,
    places::{Places, table_lookup},
    report::{Copies, Tally},
    scene::Scene,
};

/// What an image shows by itself.
pub(crate) fn structure(scene: &Scene, image: &Image<Fr>, live: &Live) -> Vec<String> {
    let found = Structure::of(image, live);
    let on = live.gates.iter().chain(&live.lookups);
    let on: BTreeSet<String> = on.map(|(c, _)| c.name(image)).collect();
    let cells = |what: &str, cells: &[Cell]| {
        cells
            .iter()
            .map(|cell| format!("{cell} {what}"))
            .collect::<Vec<_>>()
    };
    let mut findings = cells("is assigned, but nothing reads it", &found.loose);
    findings.extend(cells("is read, but never assigned", &found.unassigned));
    findings.extend(cells("is assigned twice", &found.twice));
    // What one lane switches on, the others have, too.
    let dead = found.dead.iter().map(|c| c.name(image));
    let dead: BTreeSet<String> = dead.filter(|name| !on.contains(name)).collect();
    let idle = |name: &String| idle::gate(scene.statement, name);
    let unlisted = dead.iter().filter(|name| !idle(name));
    findings.extend(unlisted.map(|name| format!("{name} is never on")));
    let used = on.iter().filter(|name| idle(name));
    findings.extend(used.map(|name| format!("{name} is listed as idle, but it is on")));
    let empty = found.empty_columns.iter();
    findings.extend(empty.map(|c| format!("column a{c} is empty")));
    for edge in found.spare_copies {
        let copy = Constraint::Copy { edge };
        findings.push(format!("{} ties what is tied", copy.name(image)));
    }
    findings
}

pub(crate) fn tally(image: &Image<Fr>, places: &Places, outcome: &Outcome<Fr>) -> Tally {
    let mut tally = Tally {
        targets: outcome.targets,
        forgeries: outcome.forgeries,
        ..Tally::default()
    };
    for survivor in &outcome.survivors {
        match explained::entry(image, places, survivor.cell, survivor.value) {
            Some(entry) => *tally.explained.entry(entry.place).or_default() += 1,
            None => tally.accepted.push(format!(
                "{} ({}) = {:?}, {} cells changed",
                survivor.cell,
                places.all(survivor.cell),
                survivor.value,
                survivor.changed
            )),
        }
    }
    tally
}

/// Public inputs that may differ: table rows that no lookup of this account needs.
pub(crate) fn unread(image: &Image<Fr>, outcome: &Outcome<Fr>) -> Tally {
    const UNREAD: &str = "a table row that the account does not need";
    let tables = (0..image.system.lookups().len()).filter(|lookup| table_lookup(image, *lookup));
    let needed: BTreeSet<usize> = tables
        .flat_map(|lookup| rows_needed(image, lookup))
        .collect();
    let mut tally = Tally {
        targets: outcome.targets,
        forgeries: outcome.forgeries,
        ..Tally::default()
    };
    for survivor in &outcome.survivors {
        let cell = survivor.cell;
        if cell.kind == Kind::Instance && cell.column > 0 && !needed.contains(&cell.row) {
            *tally.explained.entry(UNREAD).or_default() += 1;
        } else {
            tally
                .accepted
                .push(format!("{cell} = {:?}", survivor.value));
        }
    }
    tally
}

pub(crate) fn by_chip(
    image: &Image<Fr>,
    places: &Places,
    cuts: &[campaign::Cut<Fr>],
) -> BTreeMap<String, Copies> {
    let mut chips: BTreeMap<String, Copies> = BTreeMap::new();
    for cut in cuts {
        let chip = chips
            .entry(places.chips(image.edges[cut.edge].0))
            .or_default();
        chip.edges += 1;
        chip.accepted += usize::from(cut.accepted);
        chip.unlinked += usize::from(cut.unlinked);
        chip.caught += usize::from(cut.accepted || cut.unlinked);
        chip.broken += usize::from(cut.broken);
    }
    chips
}
