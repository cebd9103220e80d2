//! Number-theoretic transforms of a column's size, on one thread: a proof has more columns than a machine has cores.
//!
//! ```text
//! n = 8 m     lane l takes x[8 r + l], r = 0..m
//! Y_l[s]      m-point transforms, one a lane: decimation in time, two levels at a time, no lane knows of another
//! X[s + m t]  = sum_l w_8^(l t) (w_n^(l s) Y_l[s]): eight-point transforms over the lanes
//! ```
//! Cooley and Tukey 1965; all roots of unity and the cosets' shifts are made once a key.

use ff::Field;
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    lanes::{self, Constant, Engine, PRODUCTS, Task, WIDTH, Words, element, words},
    program::Padded,
};

/// Most rows whose transforms stay within the engines' bounds, 2^k.
pub(super) const MAX_K: u32 = 23;

/// Below this size, every value is a sum over all coefficients.
const LEAST: u32 = 6;

/// The roots of unity of a domain, and the shifts to its cosets.
#[derive(Debug)]
pub(super) struct Transform {
    k: u32,
    forward: Direction,
    inverse: Direction,
    /// The cosets' shifts.
    shifts: Vec<Fr>,
    /// Powers of each coset's shift, such that the transform is scaled ([`lanes`]).
    powers: Vec<Vec<Words>>,
    /// Powers of the inverse of each coset's shift.
    back: Vec<Vec<Words>>,
}

/// Powers of a root of unity, and of its inverse.
#[derive(Debug)]
struct Direction {
    root: Fr,
    factor: Fr,
    /// Of the transforms in a lane, level by level.
    levels: Vec<Vec<Constant<Fr>>>,
    /// `factor w_n^(l s)`, eight for every s, scaled.
    twiddles: Vec<Words>,
    /// `w_8`, its square and its cube.
    eighths: [Constant<Fr>; 3],
}

fn powers(base: Fr, count: usize) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(Fr::ONE), move |p| Some(*p * base)).take(count)
}

impl Direction {
    /// Transforms of `2^k` values, times a factor.
    fn new(root: Fr, k: u32, factor: Fr) -> Self {
        let lane = k.saturating_sub(3);
        let rows = 1 << lane;
        let inner = root.pow_vartime([WIDTH as u64, 0, 0, 0]);
        let all: Vec<Fr> = powers(inner, rows / 2).collect();
        let level = |level: u32| {
            let step = 1usize << (lane - 1 - level);
            all.iter().step_by(step).copied().map(Constant::new)
        };
        let scale = factor * lanes::scale::<Fr>();
        let mut rows_twiddles = Vec::with_capacity(rows * WIDTH);
        for row in powers(root, rows) {
            rows_twiddles.extend(powers(row, WIDTH).map(|power| words(&(scale * power))));
        }
        let eighth = root.pow_vartime([rows as u64, 0, 0, 0]);
        Self {
            root,
            factor,
            levels: (0..lane).map(|l| level(l).collect()).collect(),
            twiddles: rows_twiddles,
            eighths: [eighth, eighth.square(), eighth.square() * eighth].map(Constant::new),
        }
    }

    /// Transforms `input`, every value times its shift where there are shifts.
    fn apply(&self, input: &[Words], shifts: Option<&[Words]>, output: &mut [Words]) {
        if input.len() < 1 << LEAST {
            let shift = |i: usize| shifts.map_or(Fr::ONE, |shifts| element(shifts[i]));
            let shifted = |i: usize| element::<Fr>(input[i]) * shift(i);
            for (value, point) in output.iter_mut().zip(powers(self.root, input.len())) {
                let terms = powers(point, input.len()).enumerate();
                let sum: Fr = terms.map(|(i, p)| shifted(i) * p).sum();
                *value = words(&(self.factor * sum));
            }
            return;
        }
        lanes::run(Apply {
            direction: self,
            input,
            shifts,
            output,
        });
    }
}

/// One transform.
struct Apply<'a> {
    direction: &'a Direction,
    input: &'a [Words],
    shifts: Option<&'a [Words]>,
    output: &'a mut [Words],
}

impl Task for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) {
        let Direction {
            levels,
            twiddles,
            eighths,
            ..
        } = self.direction;
        let (input, _) = self.input.as_chunks::<WIDTH>();
        let shifts = self.shifts.map(|shifts| shifts.as_chunks::<WIDTH>().0);
        let unused = usize::BITS - levels.len() as u32;
        let mut rows = Vec::with_capacity(input.len());
        for j in 0..input.len() {
            let from = j.reverse_bits() >> unused;
            let mut row = engine.load(&input[from]);
            if let Some(shifts) = shifts {
                row = engine.mul(row, engine.load(&shifts[from]));
            }
            rows.push(row);
        }
        butterflies(engine, &mut rows, levels);

        let (twiddles, _) = twiddles.as_chunks::<WIDTH>();
        let [eighth, quarter, cube] = [&eighths[0], &eighths[1], &eighths[2]];
        let [eighth, quarter, cube] = [
            engine.splat(eighth),
            engine.splat(quarter),
            engine.splat(cube),
        ];
        let count = rows.len();
        for s in (0..count).step_by(WIDTH) {
            let mut block = [rows[s]; WIDTH];
            for i in 0..WIDTH {
                block[i] = engine.mul(rows[s + i], engine.load(&twiddles[s + i]));
            }
            let c = engine.transposed(block);
            // Bounds, from 2: 4 and 6, then 10 at most, then 14 at most.
            let (a0, a1) = (engine.add(c[0], c[4]), engine.sub(c[0], c[4]));
            let (b0, b1) = (engine.add(c[2], c[6]), engine.sub(c[2], c[6]));
            let (d0, d1) = (engine.add(c[1], c[5]), engine.sub(c[1], c[5]));
            let (e0, e1) = (engine.add(c[3], c[7]), engine.sub(c[3], c[7]));
            let (b1, e1) = (engine.mul(b1, quarter), engine.mul(e1, quarter));
            let even = [
                engine.add(a0, b0),
                engine.add(a1, b1),
                engine.sub(a0, b0),
                engine.sub(a1, b1),
            ];
            let odd = [
                engine.reduce(engine.add(d0, e0)),
                engine.mul(engine.add(d1, e1), eighth),
                engine.mul(engine.sub(d0, e0), quarter),
                engine.mul(engine.sub(d1, e1), cube),
            ];
            for t in 0..4 {
                let (low, high) = (engine.add(even[t], odd[t]), engine.sub(even[t], odd[t]));
                for (value, t) in [(low, t), (high, t + 4)] {
                    let to = self.output.get_mut(count * t + s..);
                    if let Some(to) = to.and_then(|to| to.first_chunk_mut()) {
                        engine.store(value, to);
                    }
                }
            }
        }
        // A part of the witness, perhaps.
        rows.fill(engine.gathered(engine.zero()));
        zeroize::optimization_barrier(rows.as_mut_slice());
    }
}

/// Some coefficients of a piece.
struct Piece<'a> {
    parts: &'a [Vec<Words>],
    back: &'a [Vec<Words>],
    weights: &'a [Constant<Fr>],
    start: usize,
    to: &'a mut [Words],
}

impl Task for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) {
        let (blocks, _) = self.to.as_chunks_mut::<WIDTH>();
        let mut at = self.start;
        for to in blocks {
            let mut sum = engine.zero();
            for c in 0..self.parts.len() {
                if c > 0 && c % PRODUCTS == 0 {
                    sum = lanes::settled(engine, sum);
                }
                let part = self.parts[c][at..].first_chunk();
                let back = self.back[c][at..].first_chunk();
                if let (Some(part), Some(back)) = (part, back) {
                    let unshifted = engine.mul(engine.load(part), engine.load(back));
                    engine.times(&mut sum, unshifted, engine.splat(&self.weights[c]));
                }
            }
            engine.store(engine.total(sum), to);
            at += WIDTH;
        }
    }
}

/// All levels of every lane; the rows stand in the order of their reversed numbers. Two levels raise the bound by 8 at most, one alone
/// by 4, from 2 on: below [`MOST`](lanes::MOST) up to [`MAX_K`].
#[inline(always)]
fn butterflies<E: Engine>(engine: E, rows: &mut [E::Lanes<Fr>], levels: &[Vec<Constant<Fr>>]) {
    let first = levels.len() % 2;
    if first == 1 {
        let (twos, _) = rows.as_chunks_mut::<2>();
        for two in twos {
            let [a, b] = *two;
            *two = [engine.add(a, b), engine.sub(a, b)];
        }
    }
    let mut level = first;
    while level + 1 < levels.len() {
        let (inner, outer) = (&levels[level], &levels[level + 1]);
        let quarter = inner.len();
        for start in (0..rows.len()).step_by(4 * quarter) {
            for j in 0..quarter {
                let at = [0, 1, 2, 3].map(|i| start + j + i * quarter);
                let [a, b, c, d] = [rows[at[0]], rows[at[1]], rows[at[2]], rows[at[3]]];
                let root = engine.splat(&inner[j]);
                let (low, high) = (engine.splat(&outer[j]), engine.splat(&outer[j + quarter]));
                let (b, d) = (engine.mul(b, root), engine.mul(d, root));
                let (a0, b0) = (engine.add(a, b), engine.sub(a, b));
                let c0 = engine.mul(engine.add(c, d), low);
                let d0 = engine.mul(engine.sub(c, d), high);
                rows[at[0]] = engine.add(a0, c0);
                rows[at[2]] = engine.sub(a0, c0);
                rows[at[1]] = engine.add(b0, d0);
                rows[at[3]] = engine.sub(b0, d0);
            }
        }
        level += 2;
    }
}

impl Transform {
    /// The transforms of a domain.
    pub(super) fn new(domain: &EvaluationDomain<Fr>) -> Self {
        let k = domain.k();
        let cosets = domain.extended_len() >> k;
        let shifts = powers(domain.get_extended_omega(), cosets);
        let shifts: Vec<Fr> = shifts.map(|shift| shift * domain.g_coset).collect();
        let scale = lanes::scale::<Fr>();
        // In, a plain coefficient times this is a scaled one; below the least size nothing else scales.
        let factor = if k < LEAST { scale } else { scale.square() };
        let of = |shift: &Fr| {
            powers(*shift, 1 << k)
                .map(|p| words(&(factor * p)))
                .collect()
        };
        let back = |shift: &Fr| {
            let inverse = shift.invert().unwrap_or(Fr::ZERO);
            powers(inverse, 1 << k)
                .map(|p| words(&(scale * p)))
                .collect()
        };
        Self {
            k,
            forward: Direction::new(domain.get_omega(), k, Fr::ONE),
            inverse: Direction::new(domain.get_omega_inv(), k, domain.ifft_divisor),
            powers: shifts.iter().map(of).collect(),
            back: shifts.iter().map(back).collect(),
            shifts,
        }
    }

    /// The coefficients of the polynomial with these values on the domain.
    pub(super) fn coefficients(&self, values: &[Fr]) -> Vec<Fr> {
        let mut input = vec![[0; 4]; values.len()];
        lanes::to_words(values, &mut input);
        let mut output = vec![[0; 4]; values.len()];
        self.inverse.apply(&input, None, &mut output);
        let mut coefficients = vec![Fr::ZERO; values.len()];
        lanes::to_elements(&output, &mut coefficients);
        [input, output].iter_mut().for_each(|w| lanes::wipe(w));
        coefficients
    }

    /// The pieces of a polynomial, each as long as a column, from its plain values on all cosets.
    ///
    /// ```text
    /// on coset c, X^n = u_c:    sum_q u_c^q h_q = r_c, and h_q = sum_c u_c^-q r_c / cosets
    /// ```
    pub(super) fn pieces(&self, mut parts: Vec<Vec<Words>>, count: usize) -> Vec<Vec<Fr>> {
        const CHUNK: usize = 512;
        parts.par_iter_mut().for_each(|values| {
            let mut coefficients = vec![[0; 4]; values.len()];
            self.inverse.apply(values, None, &mut coefficients);
            lanes::wipe(values);
            *values = coefficients;
        });
        let cosets = Fr::from(parts.len() as u64).invert().unwrap_or(Fr::ZERO);
        let rows = [1 << self.k, 0, 0, 0];
        let shifts = self.shifts.iter().map(|shift| shift.pow_vartime(rows));
        let inverses: Vec<Fr> = shifts.filter_map(|u| u.invert().into()).collect();
        let mut pieces = Vec::with_capacity(count);
        let mut weights: Vec<Fr> = vec![cosets; inverses.len()];
        for _ in 0..count {
            let constants: Vec<_> = weights.iter().map(|w| Constant::new(*w)).collect();
            let mut piece = vec![Fr::ZERO; 1 << self.k];
            let chunks = piece.par_chunks_mut(CHUNK).enumerate();
            chunks.for_each(|(i, piece)| {
                let mut to = [[0; 4]; CHUNK];
                let to = &mut to[..piece.len()];
                lanes::run(Piece {
                    parts: &parts,
                    back: &self.back,
                    weights: &constants,
                    start: i * CHUNK,
                    to,
                });
                lanes::to_elements(to, piece);
                lanes::wipe(to);
            });
            pieces.push(piece);
            weights.iter_mut().zip(&inverses).for_each(|(w, u)| *w *= u);
        }
        parts.iter_mut().for_each(|part| lanes::wipe(part));
        pieces
    }

    /// The polynomial's values on a coset, scaled, to be read some cells beyond its ends.
    pub(super) fn coset(&self, coefficients: &[Fr], part: usize, pad: usize) -> Padded {
        Padded::filled(coefficients.len(), pad, |values| {
            let shifts = self.powers.get(part).map(Vec::as_slice);
            let mut input = vec![[0; 4]; coefficients.len()];
            lanes::to_words(coefficients, &mut input);
            self.forward.apply(&input, shifts, values);
            lanes::wipe(&mut input);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plonk::columns::random;

    /// A polynomial of more coefficients than a column, from its values on the cosets.
    #[test]
    fn pieces_are_the_coefficients() {
        for k in 3..10 {
            let domain = EvaluationDomain::<Fr>::new(5, k);
            let transform = Transform::new(&domain);
            let rows = 1 << k;
            let coefficients = random(4 * rows);
            let part = |shift: &Fr| -> Vec<Words> {
                let points = powers(domain.get_omega(), rows).map(|p| p * shift);
                let value = |x| halo2_proofs::arithmetic::eval_polynomial(&coefficients, x);
                points.map(|x| words(&value(x))).collect()
            };
            let parts = transform.shifts.iter().map(part).collect();
            let pieces = transform.pieces(parts, 4);
            assert_eq!(pieces.concat(), coefficients, "k = {k}");
        }
    }

    #[test]
    fn values_are_the_backends_on_every_coset() {
        for k in (1..12).chain([14]) {
            let domain = EvaluationDomain::<Fr>::new(5, k);
            let transform = Transform::new(&domain);
            let values = random(1 << k);
            let expected = domain.lagrange_to_coeff(domain.lagrange_from_vec(values.clone()));
            let coefficients = transform.coefficients(&values);
            assert_eq!(coefficients, expected.values(), "k = {k}");
            let cosets = domain.coeff_to_extended_parts(&expected);
            assert_eq!(cosets.len(), 4);
            for (part, coset) in cosets.iter().enumerate() {
                let padded = transform.coset(&coefficients, part, 2);
                let scaled = coset.values().iter().map(|v| *v * lanes::scale::<Fr>());
                assert_eq!(
                    padded.values(),
                    scaled.collect::<Vec<_>>(),
                    "k = {k}, coset {part}"
                );
            }
        }
    }
}
