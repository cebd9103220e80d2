//! All campaigns over one scene.

use std::collections::{BTreeMap, BTreeSet};

use halo2curves::bn256::Fr;
use zkmargin_tamper::{
    CaptureError, Cell, Constraint, Failure, Image, Index, Judge, Live,
    campaign::{self, Effort, Outcome, Replay},
};

use crate::{
    explained,
    findings::{self, by_chip, structure, unread},
    places::Places,
    report::{Deletions, Report},
    scene::Scene,
    share::Share,
};

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

/// Attacks as much of a scene as `share` says. `others` are images of the same circuit with other witnesses.
///
/// # Errors
/// [`CaptureError`].
pub fn attack(
    scene: &Scene,
    others: &[Image<Fr>],
    share: &Share,
    effort: &Effort,
    tick: &(dyn Fn(&str, usize, usize) + Sync),
) -> Result<(Report, Evidence), CaptureError> {
    let k = scene.k();
    let image = Image::capture(&scene.circuit, k, scene.instance.clone())?;
    let index = Index::new(&image);
    let live = Live::of(&image);
    let places = Places::of(&image, &live, scene.circuit.lanes());
    let mut defects: Vec<String> = Judge::new(&index)
        .judge_all()
        .into_iter()
        .map(|f| format!("the honest witness breaks {}", f.constraint.name(&image)))
        .collect();
    let structure = structure(scene, &image, &live);
    let silent = || ();
    let seed = effort.seed;

    tick("single cells", 0, 1);
    let cells: Vec<Cell> = share.cells(&image.assigned);
    let single = campaign::cells(&image, &index, &cells, seed, &silent);
    tick("copied cells", 0, 1);
    let classes = campaign::classes(&image, &index, share.cells, seed, &silent);
    tick("pairs", 0, 1);
    let mut pairs = campaign::pairs(&image, &index, &live, share.pairs, &silent);
    if share.cells == 1 {
        // What a sample of the pairs has left in peace: some constraints only two cells together break.
        let heard = [&single, &classes, &pairs].map(|o| &o.coverage.broken_at);
        let quiet = |(constraint, row): &(Constraint, usize)| {
            let (constraint, row) = (*constraint, *row);
            let failure = Failure { constraint, row };
            !heard.iter().any(|heard| heard.contains(&failure))
        };
        let rest = Live {
            gates: live.gates.iter().copied().filter(quiet).collect(),
            lookups: live.lookups.iter().copied().filter(quiet).collect(),
            ..Live::default()
        };
        pairs = pairs.merge(campaign::pairs(&image, &index, &rest, 1, &silent));
    }
    tick("public inputs", 0, 1);
    let public: Vec<Cell> = (0..image.instance.len())
        .flat_map(|c| (0..image.instance_rows[c]).map(move |row| Cell::instance(c, row)))
        .collect();
    let public = share.cells(&public);
    let public = campaign::cells(&image, &index, &public, seed, &silent);

    let forged = |cell: &Cell| {
        let values = effort.forged(&image, *cell).into_iter();
        values.map(|value| (*cell, value)).collect::<Vec<_>>()
    };
    let assigned: &[Cell] = &share.deep(&image.assigned);
    let targets: Vec<_> = assigned.iter().flat_map(forged).collect();
    let replay = Replay::new(scene.circuit.clone(), k, scene.instance.clone());
    let counter = Counter::new("replays", targets.len(), tick);
    let replays = campaign::replays(&replay, &image, &index, &targets, &|| counter.tick())?;
    let counter = Counter::new("adversary", assigned.len(), tick);
    let adversary = campaign::adversary(&image, &index, assigned, effort, &|| counter.tick());
    let edges: Vec<usize> = (0..image.edges.len()).collect();
    let edges = share.deep(&edges);
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
    // Lanes have the same constraints: what is known of one's need not be tried for the others'.
    let names = |found: &BTreeSet<Constraint>| -> BTreeSet<String> {
        found.iter().map(|c| c.name(&image)).collect()
    };
    let mut known = names(&coverage.alone);
    let rest: Vec<_> = by_constraint
        .iter()
        .filter(|(c, _)| share.deep > 0 && known.insert(c.name(&image)))
        .map(|(c, rows)| (*c, rows.clone()))
        .collect();
    let counter = Counter::new("constraints deleted", rest.len(), tick);
    let passing: BTreeSet<Constraint> =
        campaign::deletions(&image, &index, &rest, effort, &|| counter.tick())
            .into_iter()
            .chain(coverage.alone.iter().copied())
            .collect();
    let passing = names(&passing);
    let all: BTreeSet<Constraint> = by_constraint.keys().copied().collect();
    let passes = |c: &Constraint| passing.contains(&c.name(&image));
    let all_rows: BTreeSet<Failure> = by_constraint
        .iter()
        .flat_map(|(constraint, rows)| {
            rows.iter().map(|row| Failure {
                constraint: *constraint,
                row: *row,
            })
        })
        .collect();

    let tally = |outcome: &Outcome<Fr>| findings::tally(&image, &places, outcome);
    let mut copies_by_chip: BTreeMap<String, usize> = BTreeMap::new();
    for (cell, _) in &image.edges {
        *copies_by_chip.entry(places.chips(*cell)).or_default() += 1;
    }
    let report = Report {
        scene: scene.name.clone(),
        share: *share,
        cells: image.assigned.len(),
        copies: image.edges.len(),
        copies_by_chip,
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
            accepted: all.iter().filter(|c| passes(c)).count(),
        },
        rows: Deletions {
            total: all_rows.len(),
            broken: all_rows.intersection(&coverage.broken_at).count(),
            accepted: all_rows.intersection(&coverage.alone_at).count(),
        },
        never_alone: names(&all).difference(&passing).cloned().collect(),
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
    // Of a sample of the cells, most constraints hear nothing.
    let unheard = all_rows.difference(&coverage.broken_at);
    for failure in unheard.filter(|_| share.cells == 1) {
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
