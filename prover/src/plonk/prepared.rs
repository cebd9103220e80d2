//! What all proofs of a key share: programs, and everything fixed on the cosets of the extended domain.

use std::collections::BTreeMap;

use halo2_proofs::{
    plonk::{Any, Column, Expression, ProvingKey},
    poly::{Coeff, Polynomial, Rotation},
};
use halo2curves::bn256::{Fr, G1Affine};
use zkmargin_verifier::packing::{Packing, transcript_state};

use super::{
    Error,
    columns::Space,
    linear::{Input, Kind},
    program::{Padded, Program},
    transform::{MAX_K, Transform},
};

/// Where a lookup's table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// A fixed column.
    Fixed(usize),
    /// One of the tables that a proof compresses.
    Compressed(usize),
}

/// What is fixed, on one coset.
#[derive(Debug)]
pub(super) struct Part {
    pub fixed: BTreeMap<usize, Padded>,
    pub permutations: Vec<Padded>,
    pub first: Padded,
    pub last: Padded,
    pub active: Padded,
}

/// What all proofs of a key share: 128 bytes a row for each fixed or permuted column.
#[derive(Debug)]
pub struct Prepared {
    /// Output 0: the gates. The others: the lookups' inputs.
    pub(super) constraints: Program,
    /// The lookups' inputs, then the tables that have to be compressed.
    pub(super) compressions: Program,
    pub(super) gates: usize,
    /// Expressions of each lookup.
    pub(super) widths: Vec<usize>,
    pub(super) tables: Vec<Table>,
    /// Expressions of each table that is compressed.
    pub(super) table_widths: Vec<usize>,
    pub(super) permuted: Vec<Input>,
    /// Fixed columns that the compressions read.
    pub(super) fixed: BTreeMap<usize, Padded>,
    pub(super) parts: Vec<Part>,
    pub(super) transform: Transform,
    /// Cells that a column is read beyond a block.
    pub(super) pad: usize,
    /// What is opened in groups; none of it for proofs that the backend's own verifier checks.
    pub(super) packing: Packing,
    /// What the transcript begins with then.
    pub(super) state: Option<Fr>,
}

/// A column in the words of a program.
pub(super) fn input(column: &Column<Any>) -> Input {
    let kind = match column.column_type() {
        Any::Advice(_) => Kind::Advice,
        Any::Fixed => Kind::Fixed,
        Any::Instance => Kind::Instance,
    };
    Input {
        kind,
        column: column.index(),
    }
}

/// The fixed column that an expression is.
fn fixed_column(table: &[Expression<Fr>]) -> Option<usize> {
    match table {
        [Expression::Fixed(query)] if query.rotation() == Rotation::cur() => {
            Some(query.column_index())
        }
        _ => None,
    }
}

impl Prepared {
    /// Compiles a key's constraints and transforms its columns.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for constraints with challenges.
    pub fn new(key: &ProvingKey<G1Affine>) -> Result<Self, Error> {
        let (cs, domain) = (key.get_vk().cs(), key.get_vk().get_domain());
        if cs.num_challenges() > 0 {
            return Err(Error::Unsupported("more than one phase".into()));
        }
        let gates = cs.gates().iter().flat_map(|gate| gate.polynomials());
        let gates: Vec<Expression<Fr>> = gates.cloned().collect();
        let lookups = cs.lookups();
        let inputs = lookups.iter().map(|l| l.input_expressions().clone());
        let inputs: Vec<Vec<Expression<Fr>>> = inputs.collect();

        let mut compressed: Vec<Vec<Expression<Fr>>> = Vec::new();
        let mut tables = Vec::new();
        for lookup in lookups {
            let table = lookup.table_expressions();
            let name = |e: &[Expression<Fr>]| format!("{e:?}");
            let known = compressed.iter().position(|c| name(c) == name(table));
            tables.push(match (fixed_column(table), known) {
                (Some(column), _) => Table::Fixed(column),
                (None, Some(number)) => Table::Compressed(number),
                (None, None) => {
                    if table.iter().any(|e| e.degree() > 1) {
                        return Err(Error::Unsupported(format!(
                            "the table of '{}' is not linear",
                            lookup.name()
                        )));
                    }
                    compressed.push(table.clone());
                    Table::Compressed(compressed.len() - 1)
                }
            });
        }
        let widths = inputs.iter().map(Vec::len).collect();
        let table_widths = compressed.iter().map(Vec::len).collect();
        let outputs: Vec<_> = inputs.iter().cloned().chain(compressed).collect();
        let compressions = Program::new(&outputs)?;
        let outputs: Vec<_> = std::iter::once(gates.clone()).chain(inputs).collect();
        let constraints = Program::new(&outputs)?;

        let columns = cs.permutation().get_columns();
        let permuted: Vec<Input> = columns.iter().map(input).collect();
        // The permutation reads as far back as blinding reaches.
        let pad = cs.blinding_factors() + 1;
        let queries = [
            cs.advice_queries()
                .iter()
                .map(|(_, r)| r.0)
                .collect::<Vec<_>>(),
            cs.fixed_queries().iter().map(|(_, r)| r.0).collect(),
            cs.instance_queries().iter().map(|(_, r)| r.0).collect(),
        ];
        let furthest = queries.iter().flatten().map(|r| r.unsigned_abs() as usize);
        let pad = furthest.fold(pad, usize::max);
        if pad >= 1 << domain.k() || domain.k() > MAX_K {
            return Err(Error::Unsupported(format!(
                "2^{} rows, {pad} of them read at a time",
                domain.k()
            )));
        }

        let fixed_of = |list: &[Input]| -> Vec<usize> {
            let fixed = list.iter().filter(|i| i.kind == Kind::Fixed);
            fixed.map(|i| i.column).collect()
        };
        let mut read = fixed_of(constraints.inputs());
        read.extend(fixed_of(&permuted));
        read.extend(tables.iter().filter_map(|table| match table {
            Table::Fixed(column) => Some(*column),
            Table::Compressed(_) => None,
        }));
        read.sort_unstable();
        read.dedup();
        let lagrange = fixed_of(compressions.inputs()).into_iter();
        let fixed = lagrange
            .filter_map(|c| Some((c, Padded::scaled(key.fixed_values().get(c)?.values(), pad))))
            .collect();

        let transform = Transform::new(domain);
        let space = Space {
            bases: None,
            domain,
            transform: &transform,
            pad,
        };
        let count = domain.extended_len() >> domain.k();
        let polynomials = key.fixed_polys();
        let values = |p: &Polynomial<Fr, Coeff>| p.values().to_vec();
        let parts = (0..count)
            .map(|part| {
                let list = read.iter().filter_map(|c| Some((*c, polynomials.get(*c)?)));
                let list: Vec<_> = list.collect();
                let cosets = space.cosets(list.iter().map(|(_, p)| p.values()), part);
                let permutations = key.permutation().polys().iter().map(|p| p.values());
                Part {
                    fixed: list.iter().map(|(c, _)| *c).zip(cosets).collect(),
                    permutations: space.cosets(permutations, part),
                    first: space.coset(&values(key.l0()), part),
                    last: space.coset(&values(key.l_last()), part),
                    active: space.coset(&values(key.l_active_row()), part),
                }
            })
            .collect();
        Ok(Self {
            constraints,
            compressions,
            gates: gates.len(),
            widths,
            tables,
            table_widths,
            permuted,
            fixed,
            parts,
            transform,
            pad,
            packing: Packing::default(),
            state: None,
        })
    }

    /// With the key's fixed polynomials opened in groups, which have these commitments: for proofs that this project's verifiers check. The parameters must have
    /// [`Bases::with_more`](super::Bases::with_more).
    #[must_use]
    pub fn packed(mut self, key: &ProvingKey<G1Affine>, packed: &[G1Affine]) -> Self {
        self.packing = Packing::new(key.get_vk().cs());
        self.state = Some(transcript_state(key.get_vk(), packed));
        self
    }
}
