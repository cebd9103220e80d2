//! All campaigns over one scene.

use std::collections::{BTreeMap, BTreeSet};

use halo2curves::bn256::Fr;
use serde::Serialize;
use zkmargin_tamper::{
    CaptureError, Cell, Constraint, Failure, Image, Index, Judge, Kind, Live, Structure,
    campaign::{self, Effort, Outcome, Replay},
    rows_needed,
};

use crate::{explained, places::Places, scene::Scene};

/// Number of the lookup that reads the public table.
const TABLE_LOOKUP: usize = 0;

/// Targets, forged assignments, and the places where a change turned out harmless.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// Cells or classes of copied cells.
    pub targets: usize,
    /// Assignments judged.
    pub forgeries: usize,
    /// Accepted and explained, by place.
    pub explained: BTreeMap<&'static str, usize>,
    /// Accepted and not explained: defects.
    pub accepted: Vec<String>,
}

/// Copies of one chip.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Copies {
    /// Copies into cells of this chip.
    pub edges: usize,
    /// Cut, a forgery is accepted.
    pub accepted: usize,
    /// Cut, equal values are left that nothing links.
    pub unlinked: usize,
    /// Either of the two.
    pub caught: usize,
    /// In the broken set of some forgery.
    pub broken: usize,
}

/// Constraints, or constraints by row.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Deletions {
    /// How many there are.
    pub total: usize,
    /// Broken by some forgery.
    pub broken: usize,
    /// Deleted, some forgery is accepted.
    pub accepted: usize,
}

/// What the campaigns found about one scene.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The scene.
    pub scene: String,
    /// Advice cells assigned.
    pub cells: usize,
    /// Copy constraints.
    pub copies: usize,
    /// Gate polynomials by row.
    pub gate_rows: usize,
    /// Lookups by row.
    pub lookup_rows: usize,
    /// Structural findings: none in a clean circuit.
    pub structure: Vec<String>,
    /// Each cell on its own.
    pub single: Tally,
    /// Copied cells together.
    pub classes: Tally,
    /// Two cells of one gate together.
    pub pairs: Tally,
    /// Each instance cell on its own; accepted ones are table rows that the account never reads.
    pub instance: Tally,
    /// Each cell with all that is computed from it.
    pub replays: Tally,
    /// Each cell, with repairs.
    pub adversary: Tally,
    /// Copies cut, by chip.
    pub cuts: BTreeMap<String, Copies>,
    /// Gate polynomials and lookups deleted.
    pub constraints: Deletions,
    /// The same, a single row of them.
    pub rows: Deletions,
    /// Constraints whose deletion no forgery of this campaign profits from.
    pub never_alone: Vec<String>,
    /// Everything that a person must look at.
    pub defects: Vec<String>,
}

impl Report {
    /// Harmless changes by place: of a cell alone, or of a cell and its copies.
    pub fn explained(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let tallies = [&self.single, &self.classes].into_iter();
        tallies.flat_map(|tally| tally.explained.iter().map(|(place, n)| (*place, *n)))
    }
}

/// What a campaign leaves for the cross-check.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The honest synthesis.
    pub image: Image<Fr>,
    /// Every copy cut.
    pub cuts: Vec<campaign::Cut<Fr>>,
    /// Explained changes, one of each kind.
    pub harmless: Vec<Vec<(Cell, Fr)>>,
}

/// Attacks a scene. `others` are images of the same circuit with other witnesses. Only `deep`
/// attacks replay, repair, cut and delete; the others change the one synthesis.
///
/// # Errors
/// [`CaptureError`].
pub fn attack(
    scene: &Scene,
    others: &[Image<Fr>],
    deep: bool,
    effort: &Effort,
    tick: &(dyn Fn(&str, usize, usize) + Sync),
) -> Result<(Report, Evidence), CaptureError> {
    let k = scene.k();
    let image = Image::capture(&scene.circuit, k, scene.instance.clone())?;
    let index = Index::new(&image);
    let live = Live::of(&image);
    let places = Places::of(&image, &live);
    let mut defects: Vec<String> = Judge::new(&index)
        .judge_all()
        .into_iter()
        .map(|f| format!("the honest witness breaks {}", f.constraint.name(&image)))
        .collect();
    let structure = structure(&image, &live);
    let silent = || ();
    let seed = effort.seed;

    tick("single cells", 0, 1);
    let single = campaign::cells(&image, &index, &image.assigned, seed, &silent);
    tick("copied cells", 0, 1);
    let classes = campaign::classes(&image, &index, seed, &silent);
    tick("pairs", 0, 1);
    let pairs = campaign::pairs(&image, &index, &live, &silent);
    tick("public inputs", 0, 1);
    let public: Vec<Cell> = (0..image.instance.len())
        .flat_map(|c| (0..image.instance_rows[c]).map(move |row| Cell::instance(c, row)))
        .collect();
    let public = campaign::cells(&image, &index, &public, seed, &silent);

    let forged = |cell: &Cell| {
        let values = effort.forged(&image, *cell).into_iter();
        values.map(|value| (*cell, value)).collect::<Vec<_>>()
    };
    let assigned: &[Cell] = if deep { &image.assigned } else { &[] };
    let targets: Vec<_> = assigned.iter().flat_map(forged).collect();
    let replay = Replay::new(scene.circuit.clone(), k, scene.instance.clone());
    let counter = Counter::new("replays", targets.len(), tick);
    let replays = campaign::replays(&replay, &image, &index, &targets, &|| counter.tick())?;
    let counter = Counter::new("adversary", assigned.len(), tick);
    let adversary = campaign::adversary(&image, &index, assigned, effort, &|| counter.tick());
    let edges: Vec<usize> = (0..if deep { image.edges.len() } else { 0 }).collect();
    let counter = Counter::new("copies cut", edges.len(), tick);
    let cuts = campaign::cuts(&replay, &image, &index, others, &edges, effort, &|| {
        counter.tick();
    })?;

    let coverage = [&single, &classes, &pairs, &replays, &adversary]
        .into_iter()
        .fold(campaign::Coverage::default(), |sum, outcome| {
            sum.merge(outcome.coverage.clone())
        });
    let mut by_constraint: BTreeMap<Constraint, Vec<usize>> = BTreeMap::new();
    for (constraint, row) in live.gates.iter().chain(&live.lookups) {
        by_constraint.entry(*constraint).or_default().push(*row);
    }
    let rest: Vec<_> = by_constraint
        .iter()
        .filter(|(c, _)| deep && !coverage.alone.contains(c))
        .map(|(c, rows)| (*c, rows.clone()))
        .collect();
    let counter = Counter::new("constraints deleted", rest.len(), tick);
    let passing: BTreeSet<Constraint> =
        campaign::deletions(&image, &index, &rest, effort, &|| counter.tick())
            .into_iter()
            .chain(coverage.alone.iter().copied())
            .collect();
    let all: BTreeSet<Constraint> = by_constraint.keys().copied().collect();
    let all_rows: BTreeSet<Failure> = by_constraint
        .iter()
        .flat_map(|(constraint, rows)| {
            rows.iter().map(|row| Failure {
                constraint: *constraint,
                row: *row,
            })
        })
        .collect();

    let tally = |outcome: &Outcome<Fr>| tally(&image, &places, outcome);
    let report = Report {
        scene: scene.name.clone(),
        cells: image.assigned.len(),
        copies: image.edges.len(),
        gate_rows: live.gates.len(),
        lookup_rows: live.lookups.len(),
        single: tally(&single),
        classes: tally(&classes),
        pairs: tally(&pairs),
        instance: unread(&image, &public),
        replays: tally(&replays),
        adversary: tally(&adversary),
        cuts: by_chip(&image, &places, &cuts),
        constraints: Deletions {
            total: all.len(),
            broken: all.intersection(&coverage.broken).count(),
            accepted: all.intersection(&passing).count(),
        },
        rows: Deletions {
            total: all_rows.len(),
            broken: all_rows.intersection(&coverage.broken_at).count(),
            accepted: all_rows.intersection(&coverage.alone_at).count(),
        },
        never_alone: all.difference(&passing).map(|c| c.name(&image)).collect(),
        structure: structure.clone(),
        defects: Vec::new(),
    };
    defects.extend(structure);
    for (name, tally) in [
        ("single cell", &report.single),
        ("copied cells", &report.classes),
        ("pair", &report.pairs),
        ("public input", &report.instance),
        ("replay", &report.replays),
        ("adversary", &report.adversary),
    ] {
        defects.extend(
            tally
                .accepted
                .iter()
                .map(|at| format!("{name}: {at} accepted")),
        );
    }
    for failure in all_rows.difference(&coverage.broken_at) {
        let name = failure.constraint.name(&image);
        defects.push(format!("nothing breaks {name} at row {}", failure.row));
    }
    for cut in cuts.iter().filter(|cut| !cut.broken) {
        let copy = Constraint::Copy { edge: cut.edge };
        defects.push(format!("nothing breaks {}", copy.name(&image)));
    }
    // One of each kind of explained change.
    let mut harmless: BTreeMap<&str, Vec<(Cell, Fr)>> = BTreeMap::new();
    for survivor in &single.survivors {
        if let Some(entry) = explained::entry(&image, &places, survivor.cell, survivor.value) {
            let change = vec![(survivor.cell, survivor.value)];
            harmless.entry(entry.place).or_insert(change);
        }
    }
    let harmless = harmless.into_values().collect();
    let report = Report { defects, ..report };
    Ok((
        report,
        Evidence {
            image,
            cuts,
            harmless,
        },
    ))
}

struct Counter<'t> {
    name: &'static str,
    total: usize,
    done: std::sync::atomic::AtomicUsize,
    tick: &'t (dyn Fn(&str, usize, usize) + Sync),
}

impl<'t> Counter<'t> {
    fn new(
        name: &'static str,
        total: usize,
        tick: &'t (dyn Fn(&str, usize, usize) + Sync),
    ) -> Self {
        tick(name, 0, total);
        Self {
            name,
            total,
            done: Default::default(),
            tick,
        }
    }

    fn tick(&self) {
        let done = self.done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (self.tick)(self.name, done + 1, self.total);
    }
}

/// What an image shows by itself.
fn structure(image: &Image<Fr>, live: &Live) -> Vec<String> {
    let found = Structure::of(image, live);
    let cells = |what: &str, cells: &[Cell]| {
        cells
            .iter()
            .map(|cell| format!("{cell} {what}"))
            .collect::<Vec<_>>()
    };
    let mut findings = cells("is assigned, but nothing reads it", &found.loose);
    findings.extend(cells("is read, but never assigned", &found.unassigned));
    findings.extend(cells("is assigned twice", &found.twice));
    let dead = found
        .dead
        .iter()
        .map(|c| format!("{} is never on", c.name(image)));
    findings.extend(dead);
    let empty = found
        .empty_columns
        .iter()
        .map(|c| format!("column a{c} is empty"));
    findings.extend(empty);
    for edge in found.spare_copies {
        let copy = Constraint::Copy { edge };
        findings.push(format!("{} ties what is tied", copy.name(image)));
    }
    findings
}

fn tally(image: &Image<Fr>, places: &Places, outcome: &Outcome<Fr>) -> Tally {
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
fn unread(image: &Image<Fr>, outcome: &Outcome<Fr>) -> Tally {
    const UNREAD: &str = "a table row that the account does not need";
    let needed = rows_needed(image, TABLE_LOOKUP);
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

fn by_chip(
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
