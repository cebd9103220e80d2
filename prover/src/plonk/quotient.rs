//! The quotient: every constraint, weighed with a power of y, over the vanishing polynomial.

use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    Error,
    columns::{Column, Space},
    linear::{Input, Kind},
    lookup::Lookup,
    prepared::{Part, Prepared, Table},
    program::{BLOCK, Block, Bound, Padded},
};

/// What the constraints are about.
pub(super) struct Terms<'a> {
    pub prepared: &'a Prepared,
    pub space: Space<'a>,
    pub advice: &'a [Column],
    /// Coefficients of the instance columns.
    pub instance: &'a [Vec<Fr>],
    pub products: &'a [Column],
    pub lookups: &'a [Lookup],
    /// Coefficients of the compressed tables.
    pub tables: &'a [Vec<Fr>],
    pub challenges: Challenges,
    /// Columns of a set of the permutation.
    pub chunk: usize,
    pub blinding: usize,
}

/// The verifier's challenges.
#[derive(Debug, Clone, Copy)]
pub(super) struct Challenges {
    pub theta: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub y: Fr,
}

/// Powers of theta for the expressions of a lookup: the first is multiplied most often.
pub(super) fn compression(theta: Fr, width: usize) -> Vec<Fr> {
    let mut powers = falling(theta, width);
    powers.truncate(width);
    powers
}

/// `base^(count - 1), ..., base, 1`.
fn falling(base: Fr, count: usize) -> Vec<Fr> {
    let mut powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |p| Some(*p * base))
        .take(count)
        .collect();
    powers.reverse();
    powers
}

/// Columns of one proof on one coset.
struct Cosets<'a> {
    part: &'a Part,
    own: Vec<(Input, Padded)>,
    products: Vec<Padded>,
    /// Input, table, product of each lookup.
    lookups: Vec<[Padded; 3]>,
    tables: Vec<Padded>,
}

impl Cosets<'_> {
    fn get(&self, input: &Input) -> Result<&Padded, Error> {
        let found = match input.kind {
            Kind::Fixed => self.part.fixed.get(&input.column),
            _ => self.own.iter().find(|(i, _)| i == input).map(|(_, p)| p),
        };
        found.ok_or_else(|| Error::Unsupported(format!("no column {input:?}")))
    }
}

/// The weights that follow the gates', in the verifier's order.
struct Weights<'a> {
    start: Fr,
    end: Fr,
    joints: &'a [Fr],
    sets: &'a [Fr],
    lookups: &'a [[Fr; 5]],
}

impl Terms<'_> {
    /// Coefficients of the quotient.
    pub(super) fn quotient(&self) -> Result<Vec<Fr>, Error> {
        let (domain, prepared) = (self.space.domain, self.prepared);
        let sets = self.products.len();
        let permutation = if sets == 0 { 0 } else { 2 * sets + 1 };
        let powers = falling(
            self.challenges.y,
            prepared.gates + permutation + 5 * self.lookups.len(),
        );
        let (gates, rest) = powers.split_at(prepared.gates);
        let (permutation, lookups) = rest.split_at(permutation);
        let (lookups, _) = lookups.as_chunks();
        let (start, end, joints, products) = match permutation {
            [start, end, rest @ ..] => {
                let (joints, products) = rest.split_at(sets - 1);
                (*start, *end, joints, products)
            }
            _ => Default::default(),
        };
        let weights = Weights {
            start,
            end,
            joints,
            sets: products,
            lookups,
        };
        let mut bound = gates.to_vec();
        for width in &prepared.widths {
            bound.extend(compression(self.challenges.theta, *width));
        }
        let program = prepared.constraints.bind(&bound);
        let mut parts = Vec::with_capacity(prepared.parts.len());
        for (number, part) in prepared.parts.iter().enumerate() {
            let cosets = self.cosets(number, part);
            let mut values = self.part(number, &cosets, &program, &weights)?;
            // The vanishing polynomial is one number on a coset.
            let inverse = domain.t_evaluations.get(number).copied();
            let inverse = inverse.ok_or(Error::Opening)?;
            values.par_iter_mut().for_each(|v| *v *= inverse);
            parts.push(domain.lagrange_from_vec(values));
        }
        let extended = domain.extended_from_lagrange_vec(parts);
        Ok(domain.extended_to_coeff(extended))
    }

    fn cosets<'p>(&self, number: usize, part: &'p Part) -> Cosets<'p> {
        let inputs = self.prepared.constraints.inputs().iter();
        let mut own: Vec<Input> = inputs
            .chain(&self.prepared.permuted)
            .filter(|i| i.kind != Kind::Fixed)
            .copied()
            .collect();
        own.sort_unstable();
        own.dedup();
        let own_polynomials = own.iter().filter_map(|i| match i.kind {
            Kind::Advice => Some(self.advice.get(i.column)?.coefficients.as_slice()),
            _ => Some(self.instance.get(i.column)?.as_slice()),
        });
        let lookups = self.lookups.iter().flat_map(|l| {
            [&l.input, &l.table, &l.product].map(|column| column.coefficients.as_slice())
        });
        let products = self.products.iter().map(|p| p.coefficients.as_slice());
        let tables = self.tables.iter().map(Vec::as_slice);
        let all = own_polynomials.chain(lookups).chain(products).chain(tables);
        let mut all = self.space.cosets(all, number).into_iter();
        let own: Vec<_> = own.into_iter().zip(all.by_ref()).collect();
        let mut lookup = || Some([all.next()?, all.next()?, all.next()?]);
        let lookups = self.lookups.iter().filter_map(|_| lookup()).collect();
        let products = all.by_ref().take(self.products.len()).collect();
        Cosets {
            part,
            own,
            lookups,
            products,
            tables: all.collect(),
        }
    }

    /// The sum of all constraints on one coset.
    fn part(
        &self,
        number: usize,
        cosets: &Cosets<'_>,
        program: &Bound<'_>,
        weights: &Weights<'_>,
    ) -> Result<Vec<Fr>, Error> {
        let prepared = self.prepared;
        let inputs = prepared.constraints.inputs().iter();
        let inputs = inputs.map(|i| cosets.get(i));
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        let permuted = prepared.permuted.iter().map(|i| cosets.get(i));
        let permuted = permuted.collect::<Result<Vec<_>, _>>()?;
        let tables = prepared.tables.iter().map(|table| match table {
            Table::Fixed(column) => cosets.part.fixed.get(column),
            Table::Compressed(number) => cosets.tables.get(*number),
        });
        let tables: Option<Vec<&Padded>> = tables.collect();
        let tables = tables.ok_or_else(|| Error::Unsupported("a table is missing".into()))?;
        let domain = self.space.domain;
        let shift = domain
            .get_extended_omega()
            .pow_vartime([number as u64, 0, 0, 0]);
        let shift = shift * domain.g_coset * self.challenges.beta;

        let mut values = vec![Fr::ZERO; self.space.rows()];
        let scratch = || {
            let outputs = vec![[Fr::ZERO; BLOCK]; 1 + self.lookups.len()];
            (prepared.constraints.scratch(), outputs)
        };
        values
            .par_chunks_mut(BLOCK)
            .enumerate()
            .with_min_len(4)
            .for_each_init(scratch, |(registers, outputs), (block, values)| {
                let start = block * BLOCK;
                program.evaluate(&inputs, start, registers, outputs);
                let mut outputs = outputs.iter();
                let mut sum = outputs.next().copied().unwrap_or([Fr::ZERO; BLOCK]);
                let x = shift * domain.get_omega().pow_vartime([start as u64, 0, 0, 0]);
                self.permutation(cosets, &permuted, weights, start, x, &mut sum);
                for (((lookup, table), input), weights) in cosets
                    .lookups
                    .iter()
                    .zip(&tables)
                    .zip(outputs)
                    .zip(weights.lookups)
                {
                    let table = table.block(start, 0);
                    self.lookup(
                        cosets.part,
                        lookup,
                        [input, table],
                        weights,
                        start,
                        &mut sum,
                    );
                }
                values.copy_from_slice(&sum);
            });
        Ok(values)
    }

    /// Copies. `x` is beta times the first row's point.
    fn permutation(
        &self,
        cosets: &Cosets<'_>,
        columns: &[&Padded],
        weights: &Weights<'_>,
        start: usize,
        x: Fr,
        sum: &mut Block,
    ) {
        let (Some(first), Some(last)) = (cosets.products.first(), cosets.products.last()) else {
            return;
        };
        let part = cosets.part;
        let Challenges { beta, gamma, .. } = self.challenges;
        let at_end = -(self.blinding as i32 + 1);
        let [l0, l_last, active] =
            [&part.first, &part.last, &part.active].map(|column| column.block(start, 0));
        let (z0, z) = (first.block(start, 0), last.block(start, 0));
        for (j, sum) in sum.iter_mut().enumerate() {
            *sum += weights.start * (Fr::ONE - z0[j]) * l0[j];
            *sum += weights.end * (z[j].square() - z[j]) * l_last[j];
        }
        let joints = cosets.products.iter().zip(cosets.products.iter().skip(1));
        for ((before, after), weight) in joints.zip(weights.joints) {
            let (before, after) = (before.block(start, at_end), after.block(start, 0));
            for (j, sum) in sum.iter_mut().enumerate() {
                *sum += *weight * (after[j] - before[j]) * l0[j];
            }
        }
        let omega = self.space.domain.get_omega();
        let mut points = [x; BLOCK];
        let mut point = x;
        for p in &mut points {
            *p = point;
            point *= omega;
        }
        let mut delta = Fr::ONE;
        let sets = columns
            .chunks(self.chunk)
            .zip(part.permutations.chunks(self.chunk));
        for ((set, product), weight) in sets.zip(&cosets.products).zip(weights.sets) {
            let mut left: Block = [Fr::ZERO; BLOCK];
            let mut right: Block = [Fr::ZERO; BLOCK];
            left.copy_from_slice(product.block(start, 1));
            right.copy_from_slice(product.block(start, 0));
            for (column, permutation) in set.0.iter().zip(set.1) {
                let (v, s) = (column.block(start, 0), permutation.block(start, 0));
                for j in 0..BLOCK {
                    let shifted = v[j] + gamma;
                    left[j] *= shifted + beta * s[j];
                    right[j] *= shifted + delta * points[j];
                }
                delta *= Fr::DELTA;
            }
            for (j, sum) in sum.iter_mut().enumerate() {
                *sum += *weight * (left[j] - right[j]) * active[j];
            }
        }
    }

    fn lookup(
        &self,
        part: &Part,
        [input, table, product]: &[Padded; 3],
        [compressed_input, compressed_table]: [&[Fr]; 2],
        weights: &[Fr; 5],
        start: usize,
        sum: &mut Block,
    ) {
        let Challenges { beta, gamma, .. } = self.challenges;
        let [l0, l_last, active] =
            [&part.first, &part.last, &part.active].map(|column| column.block(start, 0));
        let (a, a_before) = (input.block(start, 0), input.block(start, -1));
        let s = table.block(start, 0);
        let (z, z_next) = (product.block(start, 0), product.block(start, 1));
        let [starts, ends, multiplies, meets, steps] = weights;
        for (j, sum) in sum.iter_mut().enumerate() {
            let away = a[j] - s[j];
            let left = z_next[j] * (a[j] + beta) * (s[j] + gamma);
            let right = z[j] * (compressed_input[j] + beta) * (compressed_table[j] + gamma);
            let whole = *multiplies * (left - right) + *steps * away * (a[j] - a_before[j]);
            let begin = *starts * (Fr::ONE - z[j]) + *meets * away;
            *sum += whole * active[j] + begin * l0[j] + *ends * (z[j].square() - z[j]) * l_last[j];
        }
    }
}
