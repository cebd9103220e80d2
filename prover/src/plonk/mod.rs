//! A prover for the backend's keys: the proofs of `halo2_axiom::plonk::create_proof`, from the same transcript, faster.
//!
//! What it does otherwise:
//!
//! - Fixed columns, permutations and Lagrange selectors are transformed once a key, not once a proof ([`prepared`]).
//! - Constraints are compiled into linear forms over shared products; powers of y go into coefficients, and a selector is
//!   multiplied once for all that it switches ([`program`]).
//! - A lookup's table is compressed before it is transformed: one transform for the public table instead of seven.
//! - Elements are multiplied eight at a time where the processor can ([`lanes`]).
//! - Every value is computed once, for the transcript and for the opening; the opening sums each set of polynomials once.
//! - Fixed polynomials are opened in groups ([`opening`]), which the backend's prover does not know.
//!
//! It is no part of what makes a proof sound: every proof is checked by the verifier before it leaves this crate. It is part of what keeps a witness secret, so it blinds what the backend blinds: the last rows of
//! advice, permuted and product columns, and the quotient by a random polynomial of full degree.

mod batch;
mod block;
mod columns;
mod combine;
mod double;
mod lanes;
mod linear;
mod lookup;
mod msm;
mod opening;
#[cfg(test)]
mod packed_tests;
mod permutation;
mod prepared;
mod program;
mod quotient;
#[cfg(test)]
mod sizes;
mod synthesis;
#[cfg(test)]
mod tests;
mod transform;

use std::collections::{HashMap, HashSet};

use ff::Field;
use halo2_proofs::{
    plonk::{self, Circuit},
    poly::Rotation,
    transcript::{EncodedChallenge, TranscriptWrite},
};
use halo2curves::bn256::{Fr, G1Affine};
use rayon::prelude::*;
use zkmargin_verifier::packing::PACKED;

pub use columns::Bases;
pub(crate) use columns::wipe;
use columns::{Column, Space, write_points};
use combine::Powers;
pub use lanes::arithmetic;
use lanes::{Engine, Task, WIDTH, Words};
use linear::{Kind, UnsupportedError};
use lookup::{Compressed, Lookup};
pub use msm::{FixedBases, Points};
pub use opening::commit_groups;
use opening::{Group, Query};
pub use prepared::Prepared;
use prepared::Table;
use program::{Bound, Padded};
use quotient::{Challenges, Terms, compression};

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The backend's synthesis.
    #[error("{0}")]
    Synthesis(#[from] plonk::Error),
    /// The transcript.
    #[error("transcript: {0}")]
    Transcript(#[from] std::io::Error),
    /// A lookup's input is in no row of its table.
    #[error("a lookup's input is not in its table")]
    Lookup,
    /// A challenge met a point where nothing can be opened.
    #[error("the polynomials cannot be opened")]
    Opening,
    /// A circuit that this prover cannot handle.
    #[error("unsupported circuit: {0}")]
    Unsupported(String),
}

impl From<UnsupportedError> for Error {
    fn from(error: UnsupportedError) -> Self {
        Self::Unsupported(error.to_string())
    }
}

/// Writes a proof of the circuit to the transcript: what the backend's `create_proof` would with SHPLONK. `prepared` must be the key's,
/// `bases` those of the parameters that the key was made with.
///
/// # Errors
/// [`Error`].
pub fn create_proof<C, E, T>(
    bases: &Bases,
    key: &plonk::ProvingKey<G1Affine>,
    prepared: &Prepared,
    circuit: C,
    instance: &[&[Fr]],
    transcript: &mut T,
) -> Result<(), Error>
where
    C: Circuit<Fr>,
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let (cs, domain) = (key.get_vk().cs(), key.get_vk().get_domain());
    let space = Space {
        bases: Some(bases),
        domain,
        transform: &prepared.transform,
        pad: prepared.pad,
    };
    // Multiplications panic where scalars are more than bases; fewer scalars would commit to another column.
    if [&bases.lagrange, &bases.powers].map(FixedBases::bases) != [space.rows(); 2] {
        return Err(Error::Unsupported("parameters of another size".into()));
    }
    let more = (PACKED - 1) * space.rows();
    if !prepared.packing.groups().is_empty() && bases.more.count() != more {
        return Err(Error::Unsupported("parameters with too few powers".into()));
    }
    let blinding = cs.blinding_factors();
    let chunk = cs.degree() - 2;

    // Public inputs, then advice.
    match prepared.state {
        Some(state) => transcript.common_scalar(state)?,
        None => key.get_vk().hash_into(transcript)?,
    }
    for value in instance.iter().copied().flatten() {
        transcript.common_scalar(*value)?;
    }
    let rows = space.rows();
    let advice = synthesis::advice(&circuit, cs, instance, rows, blinding + 1)?;
    let advice = space.commit(advice, transcript)?;

    // Lookups: inputs and tables, permuted.
    let theta: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let instance: Vec<Vec<Fr>> = instance
        .iter()
        .map(|column| {
            let mut values = column.to_vec();
            values.resize(rows, Fr::ZERO);
            values
        })
        .collect();
    let (compressed, table_values) = compress(&space, prepared, key, &advice, &instance, theta)?;
    let permuted = compressed.par_iter().map(|c| c.permuted(blinding + 1));
    let permuted = permuted.collect::<Result<Vec<_>, _>>()?;
    let permuted = permuted.into_iter().flatten().collect();
    let permuted = space.commit(permuted, transcript)?;

    // Grand products: of the permutation, then of the lookups.
    let beta: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let gamma: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let columns = prepared
        .permuted
        .iter()
        .filter_map(|input| match input.kind {
            Kind::Advice => Some(advice.get(input.column)?.values.as_slice()),
            Kind::Fixed => Some(key.fixed_values().get(input.column)?.values()),
            Kind::Instance => instance.get(input.column).map(Vec::as_slice),
        });
    let columns: Vec<&[Fr]> = columns.collect();
    let permutations = key.permutation().permutations();
    let omega = domain.get_omega();
    let mut products = permutation::products(
        &columns,
        permutations,
        chunk,
        omega,
        [beta, gamma],
        blinding,
    );
    let sets = products.len();
    let (pairs, _) = permuted.as_chunks::<2>();
    let lookup_products: Vec<Vec<Fr>> = compressed
        .par_iter()
        .zip(pairs)
        .map(|(c, [input, table])| c.product([&input.values, &table.values], beta, gamma, blinding))
        .collect();
    products.extend(lookup_products);
    let (blinder, products) = rayon::join(|| space.blinder(), || space.committed(products));
    let ((blinder, blinding_point), (mut points, mut products)) = (blinder?, products?);
    points.push(blinding_point);
    write_points(&points, transcript)?;
    let lookup_products = products.split_off(sets);
    let mut permuted = permuted.into_iter();
    let lookups: Vec<Lookup> = lookup_products
        .into_iter()
        .filter_map(|product| {
            Some(Lookup {
                input: permuted.next()?,
                table: permuted.next()?,
                product,
            })
        })
        .collect();

    // The quotient, in pieces as long as a column.
    let y: Fr = *transcript.squeeze_challenge_scalar::<()>();
    // Of the instance columns only those that gates read: the table's are compressed.
    let read = prepared
        .constraints
        .inputs()
        .iter()
        .chain(&prepared.permuted);
    let read: Vec<usize> = read
        .filter(|i| i.kind == Kind::Instance)
        .map(|i| i.column)
        .collect();
    let instance_polys: Vec<Vec<Fr>> = instance
        .par_iter()
        .enumerate()
        .map(|(i, values)| match read.contains(&i) {
            true => space.coefficients(values),
            false => Vec::new(),
        })
        .collect();
    let tables: Vec<Vec<Fr>> = table_values
        .par_iter()
        .map(|values| space.coefficients(values))
        .collect();
    let quotient = Terms {
        prepared,
        space,
        advice: &advice,
        instance: &instance_polys,
        products: &products,
        lookups: &lookups,
        tables: &tables,
        challenges: Challenges {
            theta,
            beta,
            gamma,
            y,
        },
        chunk,
        blinding,
    }
    .quotient()?;
    let pieces: Vec<&[Fr]> = quotient.iter().map(Vec::as_slice).collect();
    write_points(&space.commit_pieces(&pieces)?, transcript)?;

    // Values at x, and the opening of all of them.
    let x: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let xn = x.pow_vartime([space.rows() as u64, 0, 0, 0]);
    let powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |power| Some(*power * xn))
        .take(pieces.len())
        .collect();
    let folded = combine::sum(&pieces, &powers);
    let fixed_polys = key.fixed_polys();
    let advice_queries = cs
        .advice_queries()
        .iter()
        .filter_map(|(column, r)| Some((advice.get(column.index())?.coefficients.as_slice(), r.0)));
    let fixed_queries = cs
        .fixed_queries()
        .iter()
        .filter_map(|(column, r)| Some((fixed_polys.get(column.index())?.values(), r.0)));
    let advice_queries: Vec<_> = advice_queries.collect();
    let fixed_queries: Vec<_> = fixed_queries.collect();
    let sigmas: Vec<_> = key
        .permutation()
        .polys()
        .iter()
        .map(|p| (p.values(), 0))
        .collect();
    let (written, opened) = product_queries(&products, &lookups, blinding);
    let random_query = (blinder.as_slice(), 0);
    let quotient_query = (folded.as_slice(), 0);

    let queries: Vec<(&[Fr], i32)> = advice_queries
        .iter()
        .chain(&opened)
        .chain(&fixed_queries)
        .chain(&sigmas)
        .chain([&quotient_query, &random_query])
        .copied()
        .collect();
    let mut rotations: Vec<i32> = queries.iter().map(|(_, rotation)| *rotation).collect();
    rotations.sort_unstable();
    rotations.dedup();
    let powers = rotations.into_par_iter().map(|rotation| {
        let point = domain.rotate_omega(x, Rotation(rotation));
        (rotation, Powers::new(point, space.rows()))
    });
    let powers: HashMap<i32, Powers> = powers.collect();
    let queries: Option<Vec<Query<'_>>> = queries
        .into_par_iter()
        .map(|(polynomial, rotation)| {
            Some(Query {
                polynomial,
                rotation,
                value: powers.get(&rotation)?.value(polynomial),
            })
        })
        .collect();
    let queries = queries.ok_or(Error::Opening)?;
    let values: HashMap<(*const Fr, i32), Fr> = queries
        .iter()
        .map(|q| ((q.polynomial.as_ptr(), q.rotation), q.value))
        .collect();
    let order = advice_queries
        .iter()
        .chain(&fixed_queries)
        .chain([&random_query])
        .chain(&sigmas)
        .chain(&written);
    for (polynomial, rotation) in order {
        let value = values.get(&(polynomial.as_ptr(), *rotation));
        transcript.write_scalar(value.copied().ok_or(Error::Opening)?)?;
    }
    // What is in a group is opened with it; the columns' own queries are left.
    let own = fixed_polys.iter().chain(key.permutation().polys());
    let own: Vec<&[Fr]> = own.map(|polynomial| polynomial.values()).collect();
    let groups: Option<Vec<Group<'_>>> = prepared
        .packing
        .groups()
        .iter()
        .map(|members| {
            let members = members.iter().map(|member| {
                let polynomial = *own.get(*member)?;
                let value = values.get(&(polynomial.as_ptr(), 0)).copied()?;
                Some((polynomial, value))
            });
            members.collect()
        })
        .collect();
    let groups = groups.ok_or(Error::Opening)?;
    let packed = prepared.packing.groups().iter().flatten();
    let packed: HashSet<*const Fr> = packed.filter_map(|p| Some(own.get(*p)?.as_ptr())).collect();
    let mut queries = queries;
    queries.retain(|query| !packed.contains(&query.polynomial.as_ptr()));
    opening::open(&space, x, &queries, &groups, transcript)
}

type Queries<'p> = Vec<(&'p [Fr], i32)>;

/// Queries of the grand products and permuted columns: as their values are written, and as they are opened.
fn product_queries<'p>(
    products: &'p [Column],
    lookups: &'p [Lookup],
    blinding: usize,
) -> (Queries<'p>, Queries<'p>) {
    let at_end = -(blinding as i32 + 1);
    let (mut written, mut opened) = (Vec::new(), Vec::new());
    for (i, product) in products.iter().enumerate() {
        let product = product.coefficients.as_slice();
        written.extend([(product, 0), (product, 1)]);
        opened.extend([(product, 0), (product, 1)]);
        if i + 1 < products.len() {
            written.push((product, at_end));
        }
    }
    for product in products.iter().rev().skip(1) {
        opened.push((product.coefficients.as_slice(), at_end));
    }
    for lookup in lookups {
        let [input, table, product] =
            [&lookup.input, &lookup.table, &lookup.product].map(|c| c.coefficients.as_slice());
        written.extend([
            (product, 0),
            (product, 1),
            (input, 0),
            (input, -1),
            (table, 0),
        ]);
        opened.extend([
            (product, 0),
            (input, 0),
            (table, 0),
            (input, -1),
            (product, 1),
        ]);
    }
    (written, opened)
}

/// Rows that a thread compresses at a time.
const COMPRESSED: usize = 256;

/// Some rows of a program's outputs.
struct Compress<'a> {
    bound: &'a Bound<'a>,
    columns: &'a [&'a Padded],
    rows: std::ops::Range<usize>,
    count: usize,
}

impl Task for Compress<'_> {
    type Output = Vec<Vec<Words>>;

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) -> Vec<Vec<Words>> {
        let mut scratch = self.bound.scratch(engine);
        // Room for all: what is outgrown is not wiped.
        let output = || Vec::with_capacity(self.rows.len());
        let mut outputs: Vec<Vec<Words>> =
            std::iter::repeat_with(output).take(self.count).collect();
        for start in self.rows.step_by(WIDTH) {
            self.bound
                .evaluate(engine, self.columns, start, &mut scratch);
            for (output, value) in outputs.iter_mut().zip(&scratch.outputs) {
                let mut cells = [[0; 4]; WIDTH];
                engine.store(*value, &mut cells);
                output.extend_from_slice(&cells);
            }
        }
        scratch.wipe(engine);
        outputs
    }
}

/// Inputs and tables of all lookups in a column each, and the tables that are not a column already.
fn compress(
    space: &Space<'_>,
    prepared: &Prepared,
    key: &plonk::ProvingKey<G1Affine>,
    advice: &[Column],
    instance: &[Vec<Fr>],
    theta: Fr,
) -> Result<(Vec<Compressed>, Vec<Vec<Fr>>), Error> {
    let program = &prepared.compressions;
    let inputs = program.inputs().par_iter();
    let own = inputs.map(|input| {
        let values = match input.kind {
            Kind::Fixed => None,
            Kind::Advice => advice.get(input.column).map(|c| c.values.as_slice()),
            Kind::Instance => instance.get(input.column).map(Vec::as_slice),
        };
        values.map(|values| Padded::scaled(values, space.pad))
    });
    let own: Vec<Option<Padded>> = own.collect();
    let columns = program.inputs().iter().zip(&own).map(|(input, own)| {
        let fixed = || prepared.fixed.get(&input.column);
        own.as_ref().or_else(fixed)
    });
    let columns: Option<Vec<&Padded>> = columns.collect();
    let columns =
        columns.ok_or_else(|| Error::Unsupported("a lookup's column is missing".into()))?;
    let widths = prepared.widths.iter().chain(&prepared.table_widths);
    let weights: Vec<Fr> = widths
        .flat_map(|width| compression(theta, *width))
        .map(|weight| weight * lanes::unscale::<Fr>())
        .collect();
    let bound = program.bind(&weights);
    let count = prepared.widths.len() + prepared.table_widths.len();
    let starts: Vec<usize> = (0..space.rows()).step_by(COMPRESSED).collect();
    let blocks = starts.into_par_iter().map(|start| {
        lanes::run(Compress {
            bound: &bound,
            columns: &columns,
            rows: start..space.rows().min(start + COMPRESSED),
            count,
        })
    });
    let mut blocks: Vec<Vec<Vec<Words>>> = blocks.collect();
    let mut outputs: Vec<Vec<Fr>> = (0..count)
        .into_par_iter()
        .map(|i| {
            let cells = blocks.iter().filter_map(|outputs| outputs.get(i));
            let mut all: Vec<Words> = Vec::with_capacity(space.rows());
            cells.for_each(|cells| all.extend_from_slice(cells));
            let mut cells = all;
            let mut output = vec![Fr::ZERO; cells.len()];
            lanes::to_elements(&cells, &mut output);
            lanes::wipe(&mut cells);
            output
        })
        .collect();
    let cells = blocks.iter_mut().flatten();
    cells.for_each(|cells| lanes::wipe(cells));
    let tables = outputs.split_off(prepared.widths.len());
    let compressed = outputs.into_iter().zip(&prepared.tables);
    let compressed = compressed.filter_map(|(input, table)| {
        let table = match table {
            Table::Fixed(column) => key.fixed_values().get(*column)?.values(),
            Table::Compressed(number) => tables.get(*number)?,
        };
        Some(Compressed {
            input,
            table: table.to_vec(),
        })
    });
    Ok((compressed.collect(), tables))
}
