//! What an image shows without changing anything: cells that nothing reads, gates that nothing
//! switches on, equal cells that nothing links.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ff::PrimeField;
use rayon::prelude::*;

use halo2_proofs::plonk::Expression;

use crate::{
    cell::Cell,
    expression,
    image::Image,
    judge::{Constraint, Failure},
    program::Program,
};

/// Findings about one circuit. A sound circuit has few, each with a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Assigned, but in no live gate, lookup or copy.
    pub loose: Vec<Cell>,
    /// Read by a live gate or lookup input, but never assigned: zero by accident.
    pub unassigned: Vec<Cell>,
    /// Assigned more than once.
    pub twice: Vec<Cell>,
    /// Gate polynomials and lookups that no row switches on.
    pub dead: Vec<Constraint>,
    /// Advice columns in which nothing is assigned.
    pub empty_columns: Vec<usize>,
    /// Copies that could be left out, since others tie the same cells.
    pub spare_copies: Vec<usize>,
}

/// Every (constraint, row) that depends on the prover's cells, and those cells.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Gate polynomials by row.
    pub gates: Vec<(Constraint, usize)>,
    /// Lookup inputs by row.
    pub lookups: Vec<(Constraint, usize)>,
    /// Cells that they depend on.
    pub cells: BTreeSet<Cell>,
}

impl Live {
    /// Walks every constraint at every row.
    pub fn of<F: PrimeField>(image: &Image<F>) -> Self {
        let mut live = Self::default();
        let rows: Vec<_> = (0..image.usable)
            .into_par_iter()
            .map(|row| {
                let mut found = Self::default();
                for (gate, g) in image.system.gates().iter().enumerate() {
                    for (poly, p) in g.polynomials().iter().enumerate() {
                        let cells = expression::support(image, p, row);
                        if !cells.is_empty() {
                            found.gates.push((Constraint::Gate { gate, poly }, row));
                            found.cells.extend(cells);
                        }
                    }
                }
                for (lookup, l) in image.system.lookups().iter().enumerate() {
                    let inputs = l.input_expressions().iter();
                    let cells: BTreeSet<Cell> = inputs
                        .flat_map(|input| expression::support(image, input, row))
                        .collect();
                    if !cells.is_empty() {
                        found.lookups.push((Constraint::Lookup { lookup }, row));
                        found.cells.extend(cells);
                    }
                }
                found
            })
            .collect();
        for found in rows {
            live.gates.extend(found.gates);
            live.lookups.extend(found.lookups);
            live.cells.extend(found.cells);
        }
        live
    }
}

/// The cells that a gate or a lookup's input depends on at a row.
pub fn support<F: PrimeField>(image: &Image<F>, at: &Failure) -> BTreeSet<Cell> {
    let of = |expressions: &[Expression<F>]| {
        let cells = expressions.iter();
        cells
            .flat_map(|expression| expression::support(image, expression, at.row))
            .collect()
    };
    match at.constraint {
        Constraint::Gate { gate, poly } => {
            of(&image.system.gates()[gate].polynomials()[poly..=poly])
        }
        Constraint::Lookup { lookup } => of(image.system.lookups()[lookup].input_expressions()),
        Constraint::Copy { edge } => BTreeSet::from([image.edges[edge].0, image.edges[edge].1]),
    }
}

impl Structure {
    /// Examines an image.
    pub fn of<F: PrimeField>(image: &Image<F>, live: &Live) -> Self {
        let copied: BTreeSet<Cell> = image.edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let assigned: BTreeSet<Cell> = image.assigned.iter().copied().collect();
        let tied = |cell: &&Cell| live.cells.contains(cell) || copied.contains(cell);
        let unassigned =
            |cell: &&Cell| cell.kind == crate::cell::Kind::Advice && !assigned.contains(cell);
        let used: BTreeSet<Constraint> = live
            .gates
            .iter()
            .chain(&live.lookups)
            .map(|l| l.0)
            .collect();
        let gates = image.system.gates().iter().enumerate();
        let all = gates
            .flat_map(|(gate, g)| {
                (0..g.polynomials().len()).map(move |poly| Constraint::Gate { gate, poly })
            })
            .chain((0..image.system.lookups().len()).map(|lookup| Constraint::Lookup { lookup }));
        let filled: BTreeSet<usize> = image.assigned.iter().map(|cell| cell.column).collect();
        Self {
            loose: image
                .assigned
                .iter()
                .filter(|cell| !tied(cell))
                .copied()
                .collect(),
            unassigned: live.cells.iter().filter(unassigned).copied().collect(),
            twice: image.twice.iter().copied().collect(),
            dead: all.filter(|c| !used.contains(c)).collect(),
            empty_columns: (0..image.advice.len())
                .filter(|c| !filled.contains(c))
                .collect(),
            spare_copies: spare_copies(image),
        }
    }
}

/// Copies whose cells are tied already by the copies before them.
pub(crate) fn spare_copies<F: PrimeField>(image: &Image<F>) -> Vec<usize> {
    let mut parents: HashMap<Cell, Cell> = HashMap::new();
    fn root(parents: &mut HashMap<Cell, Cell>, cell: Cell) -> Cell {
        let mut at = cell;
        while let Some(parent) = parents.get(&at).copied() {
            at = parent;
        }
        if at != cell {
            parents.insert(cell, at);
        }
        at
    }
    let mut spare = Vec::new();
    for (edge, (a, b)) in image.edges.iter().enumerate() {
        let [a, b] = [*a, *b].map(|cell| root(&mut parents, cell));
        if a == b {
            spare.push(edge);
        } else {
            parents.insert(a, b);
        }
    }
    spare
}

/// Groups of cells that hold equal values in every image and that no chain of copies links:
/// where a value was assigned again instead of copied.
///
/// The images are syntheses of one circuit with different witnesses. Values count as telling
/// when they have `bits` bits together and are not the same in every image, so that flags,
/// small numbers and constants that agree by chance are left out. Each group lists one cell of
/// every class of copies.
pub fn unlinked<F: PrimeField>(images: &[Image<F>], bits: u32) -> Vec<Vec<Cell>> {
    let Some(image) = images.first() else {
        return Vec::new();
    };
    let mut class_of: HashMap<Cell, usize> = HashMap::new();
    for (class, cells) in image.classes().into_iter().enumerate() {
        class_of.extend(cells.into_iter().map(|cell| (cell, class)));
    }
    let mut groups: BTreeMap<Vec<u8>, BTreeMap<Option<usize>, Vec<Cell>>> = BTreeMap::new();
    for cell in &image.assigned {
        let values: Vec<F> = images.iter().map(|image| image.value(*cell)).collect();
        let constant = values.iter().all(|v| *v == values[0]);
        if constant || values.iter().map(|v| expression::width(*v)).sum::<u32>() < bits {
            continue;
        }
        let key = values
            .iter()
            .flat_map(|v| v.to_repr().as_ref().to_vec())
            .collect();
        let classes = groups.entry(key).or_default();
        classes
            .entry(class_of.get(cell).copied())
            .or_default()
            .push(*cell);
    }
    groups
        .into_values()
        .map(|classes| {
            let cells = classes.into_iter().flat_map(|(class, cells)| {
                let count = if class.is_some() { 1 } else { cells.len() };
                cells.into_iter().take(count)
            });
            cells.collect::<Vec<_>>()
        })
        .filter(|cells| cells.len() > 1)
        .collect()
}

/// Do the values of a cell say which cell it is?
pub(crate) fn telling<F: PrimeField>(images: &[Image<F>], cell: Cell, bits: u32) -> bool {
    let values: Vec<F> = images.iter().map(|image| image.value(cell)).collect();
    let varied = values.windows(2).any(|pair| pair[0] != pair[1]);
    varied && values.iter().map(|v| expression::width(*v)).sum::<u32>() >= bits
}

/// The rows of a lookup's table that some row of the circuit finds, and finds nowhere else.
pub fn rows_needed<F: PrimeField>(image: &Image<F>, lookup: usize) -> BTreeSet<usize> {
    let view = expression::View::of(image);
    let argument = &image.system.lookups()[lookup];
    let [input, table] = [argument.input_expressions(), argument.table_expressions()]
        .map(|expressions| Program::all(expressions));
    let inputs: BTreeSet<Vec<u8>> = (0..image.usable).map(|row| view.key(&input, row)).collect();
    let mut holders: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for row in 0..image.usable {
        let key = view.key(&table, row);
        holders.entry(key).or_default().push(row);
    }
    holders
        .into_iter()
        .filter(|(key, rows)| rows.len() == 1 && inputs.contains(key))
        .flat_map(|(_, rows)| rows)
        .collect()
}
