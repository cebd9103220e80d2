//! Sums of polynomials, and their values.

use halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::lanes::{self, Constant, Engine, PRODUCTS, Task, WIDTH, Words, words};

/// Coefficients that a thread takes at a time.
const CHUNK: usize = 256;

/// `sum_i weight_i polynomial_i`, as long as the first; none is longer.
pub(super) fn sum(polynomials: &[&[Fr]], weights: &[Fr]) -> Vec<Fr> {
    let rows = polynomials.first().map_or(0, |p| p.len());
    let weights: Vec<_> = weights.iter().copied().map(Constant::new).collect();
    let mut total = vec![Fr::default(); rows];
    let chunks = total.par_chunks_mut(CHUNK).enumerate();
    chunks.for_each(|(i, chunk)| {
        let mut cells = vec![[0; 4]; CHUNK * polynomials.len()];
        for (cells, polynomial) in cells.chunks_mut(CHUNK).zip(polynomials) {
            lanes::to_words(&polynomial[polynomial.len().min(i * CHUNK)..], cells);
        }
        let mut out = [[0; 4]; CHUNK];
        lanes::run(Sum {
            cells: &cells,
            weights: &weights,
            out: &mut out,
        });
        lanes::to_elements(&out, chunk);
        lanes::wipe(&mut cells);
        lanes::wipe(&mut out);
    });
    total
}

struct Sum<'a> {
    /// A chunk of every polynomial.
    cells: &'a [Words],
    weights: &'a [Constant<Fr>],
    out: &'a mut [Words; CHUNK],
}

impl Task for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) {
        let (cells, _) = self.cells.as_chunks::<WIDTH>();
        let (out, _) = self.out.as_chunks_mut::<WIDTH>();
        let stride = CHUNK / WIDTH;
        for i in 0..stride {
            let mut sum = engine.zero();
            for j in 0..self.weights.len() {
                if j > 0 && j % PRODUCTS == 0 {
                    sum = lanes::settled(engine, sum);
                }
                let cell = engine.load(&cells[j * stride + i]);
                engine.times(&mut sum, cell, engine.splat(&self.weights[j]));
            }
            engine.store(engine.total(sum), &mut out[i]);
        }
    }
}

/// A point's powers, as many as a polynomial has coefficients.
pub(super) struct Powers(Vec<Words>);

impl Powers {
    pub(super) fn new(point: Fr, count: usize) -> Self {
        let scale = lanes::scale::<Fr>();
        let powers = std::iter::successors(Some(scale), |power| Some(*power * point));
        let powers = powers.take(count.next_multiple_of(WIDTH));
        Self(powers.map(|power| words(&power)).collect())
    }

    /// The value of a polynomial at the point, on this thread.
    pub(super) fn value(&self, coefficients: &[Fr]) -> Fr {
        let mut sum = Fr::default();
        let mut cells = [[0; 4]; WIDTH * PRODUCTS];
        for (coefficients, powers) in coefficients
            .chunks(cells.len())
            .zip(self.0.chunks(cells.len()))
        {
            // The powers end with a block.
            let cells = &mut cells[..coefficients.len().next_multiple_of(WIDTH)];
            cells[coefficients.len()..].fill([0; 4]);
            lanes::to_words(coefficients, cells);
            let mut out = [[0; 4]; WIDTH];
            lanes::run(Dot {
                factors: [cells, &powers[..cells.len()]],
                out: &mut out,
            });
            let mut parts = [Fr::default(); WIDTH];
            lanes::to_elements(&out, &mut parts);
            sum += parts.iter().sum::<Fr>();
        }
        lanes::wipe(&mut cells);
        sum
    }
}

/// A sum of products, in eight parts of [`PRODUCTS`] at most.
struct Dot<'a> {
    factors: [&'a [Words]; 2],
    out: &'a mut [Words; WIDTH],
}

impl Task for Dot<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) {
        let (a, _) = self.factors[0].as_chunks::<WIDTH>();
        let (b, _) = self.factors[1].as_chunks::<WIDTH>();
        let mut sum = engine.zero::<Fr>();
        for i in 0..a.len() {
            engine.times(&mut sum, engine.load(&a[i]), engine.load(&b[i]));
        }
        engine.store(engine.total(sum), self.out);
    }
}

#[cfg(test)]
mod tests {
    use ff::Field;
    use halo2_proofs::arithmetic::eval_polynomial;

    use super::*;
    use crate::plonk::columns::random;

    #[test]
    fn values_of_polynomials_of_any_length() {
        for length in [0, 1, 3, 4, 5, 8, 255, 2048, 2049, 5000] {
            let coefficients = random(length);
            for at in [Fr::ZERO, Fr::ONE, -Fr::ONE, random(1)[0]] {
                let expected = eval_polynomial(&coefficients, at);
                let powers = Powers::new(at, length);
                assert_eq!(powers.value(&coefficients), expected, "{length}");
            }
        }
    }

    #[test]
    fn sums_of_many_and_of_shorter_polynomials() {
        for (count, rows) in [(1, 8), (3, 300), (600, 16)] {
            let polynomials: Vec<Vec<Fr>> = (0..count).map(|i| random(rows - i % 3)).collect();
            let weights = random(count);
            let slices: Vec<&[Fr]> = polynomials.iter().map(Vec::as_slice).collect();
            let cell = |row: usize| -> Fr {
                let cells = polynomials.iter().zip(&weights);
                cells
                    .filter_map(|(p, w)| Some(*p.get(row)? * w))
                    .sum::<Fr>()
            };
            let expected: Vec<Fr> = (0..rows).map(cell).collect();
            assert_eq!(sum(&slices, &weights), expected, "{count} of {rows}");
        }
    }
}
