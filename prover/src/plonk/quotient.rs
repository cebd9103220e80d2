//! The quotient: every constraint, weighed with a power of y, over the vanishing polynomial.

use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    Error,
    columns::{Column, Space},
    lanes::{self, Constant, Engine, PRODUCTS, Task, WIDTH, Words, words},
    linear::{Input, Kind},
    lookup::Lookup,
    prepared::{Part, Prepared, Table},
    program::{Bound, Padded},
};

/// Lookups, or sets of the permutation, of which a sum holds the products: three each at most, of some of either kind before a sum is settled.
const SETTLED: usize = PRODUCTS / 8;
/// Rows that a thread takes at a time.
const CHUNK: usize = 256;

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
struct Weights {
    start: Constant<Fr>,
    end: Constant<Fr>,
    joints: Vec<Constant<Fr>>,
    sets: Vec<Constant<Fr>>,
    lookups: Vec<[Constant<Fr>; 5]>,
}

/// Numbers that the permutation and the lookups read in every row.
struct Numbers {
    one: Constant<Fr>,
    beta: Constant<Fr>,
    gamma: Constant<Fr>,
    /// Powers of delta, one a column of the permutation.
    deltas: Vec<Constant<Fr>>,
    /// From one block's points to the next's.
    step: Constant<Fr>,
    /// Over the vanishing polynomial, which is one number on a coset, and over the scale.
    over: Constant<Fr>,
}

impl Terms<'_> {
    /// The quotient's coefficients, in pieces as long as a column.
    pub(super) fn quotient(&self) -> Result<Vec<Vec<Fr>>, Error> {
        let (domain, prepared) = (self.space.domain, self.prepared);
        if self.space.rows() < WIDTH {
            return Err(Error::Unsupported("fewer than eight rows".into()));
        }
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
        let constants = |list: &[Fr]| list.iter().copied().map(Constant::new).collect();
        let weights = Weights {
            start: Constant::new(start),
            end: Constant::new(end),
            joints: constants(joints),
            sets: constants(products),
            lookups: lookups
                .iter()
                .map(|l: &[Fr; 5]| l.map(Constant::new))
                .collect(),
        };
        let mut bound = gates.to_vec();
        for width in &prepared.widths {
            bound.extend(compression(self.challenges.theta, *width));
        }
        let program = prepared.constraints.bind(&bound);
        let mut parts = Vec::with_capacity(prepared.parts.len());
        for (number, part) in prepared.parts.iter().enumerate() {
            let cosets = self.cosets(number, part);
            parts.push(self.part(number, &cosets, &program, &weights)?);
        }
        let pieces = domain.get_quotient_poly_degree();
        Ok(self.space.transform.pieces(parts, pieces))
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

    /// The quotient on one coset.
    fn part(
        &self,
        number: usize,
        cosets: &Cosets<'_>,
        program: &Bound<'_>,
        weights: &Weights,
    ) -> Result<Vec<Words>, Error> {
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
        let inverse = domain.t_evaluations.get(number).copied();
        let scale = lanes::scale::<Fr>();
        let inverse = inverse.ok_or(Error::Opening)?;
        let deltas = std::iter::successors(Some(Fr::ONE), |delta| Some(*delta * Fr::DELTA));
        let numbers = Numbers {
            one: Constant::new(Fr::ONE),
            beta: Constant::new(self.challenges.beta),
            gamma: Constant::new(self.challenges.gamma),
            deltas: deltas.take(permuted.len()).map(Constant::new).collect(),
            step: Constant::new(domain.get_omega().pow_vartime([WIDTH as u64, 0, 0, 0])),
            over: Constant::new(inverse * lanes::unscale::<Fr>()),
        };

        let mut values = vec![[0; 4]; self.space.rows()];
        values
            .par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, values)| {
                let start = chunk * CHUNK;
                let omega = domain.get_omega();
                let mut point = scale * shift * omega.pow_vartime([start as u64, 0, 0, 0]);
                let points = std::array::from_fn(|_| {
                    let next = point * omega;
                    words(&std::mem::replace(&mut point, next))
                });
                lanes::run(Rows {
                    cosets,
                    inputs: &inputs,
                    permuted: &permuted,
                    tables: &tables,
                    program,
                    weights,
                    numbers: &numbers,
                    chunk: self.chunk,
                    at_end: -(self.blinding as i32 + 1),
                    points,
                    start,
                    values,
                });
            });
        Ok(values)
    }
}

/// Some rows of the quotient on one coset.
struct Rows<'a> {
    cosets: &'a Cosets<'a>,
    inputs: &'a [&'a Padded],
    permuted: &'a [&'a Padded],
    tables: &'a [&'a Padded],
    program: &'a Bound<'a>,
    weights: &'a Weights,
    numbers: &'a Numbers,
    chunk: usize,
    at_end: i32,
    /// beta times the points of the first rows, scaled.
    points: [Words; WIDTH],
    start: usize,
    values: &'a mut [Words],
}

impl Task for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(mut self, engine: E) {
        let mut scratch = self.program.scratch(engine);
        let mut points = engine.load(&self.points);
        let step = engine.splat(&self.numbers.step);
        let over = engine.splat(&self.numbers.over);
        let (blocks, _) = std::mem::take(&mut self.values).as_chunks_mut::<WIDTH>();
        let mut start = self.start;
        for values in blocks {
            self.program
                .evaluate(engine, self.inputs, start, &mut scratch);
            let mut sum = engine.zero();
            engine.plus(&mut sum, scratch.outputs[0]);
            self.permutation(engine, start, points, &mut sum);
            for i in 0..self.cosets.lookups.len() {
                self.lookup(engine, i, scratch.outputs[1 + i], start, &mut sum);
                if i % SETTLED == SETTLED - 1 {
                    sum = lanes::settled(engine, sum);
                }
            }
            engine.store(engine.mul(engine.total(sum), over), values);
            points = engine.mul(points, step);
            start += WIDTH;
        }
        scratch.wipe(engine);
    }
}

impl Rows<'_> {
    /// Copies. `points` are beta times the rows' points.
    #[inline(always)]
    fn permutation<E: Engine>(
        &self,
        engine: E,
        start: usize,
        points: E::Lanes<Fr>,
        sum: &mut E::Sum<Fr>,
    ) {
        let (part, products) = (self.cosets.part, &self.cosets.products);
        let (Some(first), Some(last)) = (products.first(), products.last()) else {
            return;
        };
        let (weights, numbers) = (self.weights, self.numbers);
        let one = engine.splat(&numbers.one);
        let (beta, gamma) = (engine.splat(&numbers.beta), engine.splat(&numbers.gamma));
        let l0 = engine.load(part.first.block(start, 0));
        let l_last = engine.load(part.last.block(start, 0));
        let active = engine.load(part.active.block(start, 0));
        let z0 = engine.load(first.block(start, 0));
        let z = engine.load(last.block(start, 0));
        let begins = engine.mul(engine.sub(one, z0), engine.splat(&weights.start));
        engine.times(sum, begins, l0);
        let ends = engine.sub(engine.mul(z, z), z);
        let ends = engine.mul(ends, engine.splat(&weights.end));
        engine.times(sum, ends, l_last);
        for i in 0..products.len() - 1 {
            let before = engine.load(products[i].block(start, self.at_end));
            let after = engine.load(products[i + 1].block(start, 0));
            let joint = engine.sub(after, before);
            let joint = engine.mul(joint, engine.splat(&weights.joints[i]));
            engine.times(sum, joint, l0);
            if i % SETTLED == SETTLED - 1 {
                *sum = lanes::settled(engine, *sum);
            }
        }
        for (set, product) in products.iter().enumerate() {
            let mut left = engine.load(product.block(start, 1));
            let mut right = engine.load(product.block(start, 0));
            let from = set * self.chunk;
            let to = self.permuted.len().min(from + self.chunk);
            for i in from..to {
                let v = engine.load(self.permuted[i].block(start, 0));
                let s = engine.load(part.permutations[i].block(start, 0));
                let shifted = engine.add(v, gamma);
                let mut factor = engine.zero();
                engine.plus(&mut factor, shifted);
                engine.times(&mut factor, beta, s);
                left = engine.mul(left, engine.total(factor));
                let mut factor = engine.zero();
                engine.plus(&mut factor, shifted);
                engine.times(&mut factor, points, engine.splat(&numbers.deltas[i]));
                right = engine.mul(right, engine.total(factor));
            }
            let steps = engine.sub(left, right);
            let steps = engine.mul(steps, engine.splat(&weights.sets[set]));
            engine.times(sum, steps, active);
            if set % SETTLED == SETTLED - 1 {
                *sum = lanes::settled(engine, *sum);
            }
        }
    }

    /// A lookup, of which `compressed` are the inputs.
    #[inline(always)]
    fn lookup<E: Engine>(
        &self,
        engine: E,
        number: usize,
        compressed: E::Lanes<Fr>,
        start: usize,
        sum: &mut E::Sum<Fr>,
    ) {
        let (part, numbers) = (self.cosets.part, self.numbers);
        let [input, table, product] = &self.cosets.lookups[number];
        let one = engine.splat(&numbers.one);
        let (beta, gamma) = (engine.splat(&numbers.beta), engine.splat(&numbers.gamma));
        let a = engine.load(input.block(start, 0));
        let a_before = engine.load(input.block(start, -1));
        let s = engine.load(table.block(start, 0));
        let z = engine.load(product.block(start, 0));
        let z_next = engine.load(product.block(start, 1));
        let from = engine.load(self.tables[number].block(start, 0));
        let [starts, ends, multiplies, meets, steps] = &self.weights.lookups[number];

        let away = engine.sub(a, s);
        let left = engine.mul(z_next, engine.add(a, beta));
        let left = engine.mul(left, engine.add(s, gamma));
        let right = engine.mul(z, engine.add(compressed, beta));
        let right = engine.mul(right, engine.add(from, gamma));
        let mut whole = engine.zero();
        engine.times(
            &mut whole,
            engine.sub(left, right),
            engine.splat(multiplies),
        );
        let stays = engine.mul(away, engine.sub(a, a_before));
        engine.times(&mut whole, stays, engine.splat(steps));
        let mut begin = engine.zero();
        engine.times(&mut begin, engine.sub(one, z), engine.splat(starts));
        engine.times(&mut begin, away, engine.splat(meets));
        let end = engine.mul(engine.sub(engine.mul(z, z), z), engine.splat(ends));

        let active = engine.load(part.active.block(start, 0));
        engine.times(sum, engine.total(whole), active);
        let l0 = engine.load(part.first.block(start, 0));
        engine.times(sum, engine.total(begin), l0);
        let l_last = engine.load(part.last.block(start, 0));
        engine.times(sum, end, l_last);
    }
}
