//! The permutation argument: copies, as grand products over sets of columns.

use ff::{Field, PrimeField};
use halo2_proofs::poly::{LagrangeCoeff, Polynomial};
use halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::lookup::{invert, running_product};

/// Grand products of all sets, each `chunk` columns; the first starts at 1, the others where the one before ends.
pub(super) fn products(
    columns: &[&[Fr]],
    permutations: &[Polynomial<Fr, LagrangeCoeff>],
    chunk: usize,
    omega: Fr,
    [beta, gamma]: [Fr; 2],
    blinding: usize,
) -> Vec<Vec<Fr>> {
    let sets: Vec<_> = columns
        .chunks(chunk)
        .zip(permutations.chunks(chunk))
        .collect();
    let rows = columns.first().map_or(0, |column| column.len());
    let mut powers = Vec::with_capacity(rows);
    let mut power = beta;
    for _ in 0..rows {
        powers.push(power);
        power *= omega;
    }
    let fractions: Vec<Vec<Fr>> = sets
        .par_iter()
        .enumerate()
        .map(|(set, (columns, permutations))| {
            let mut fractions = vec![Fr::ONE; rows];
            for (column, permutation) in columns.iter().zip(permutations.iter()) {
                let cells = column.par_iter().zip(permutation.values());
                fractions
                    .par_iter_mut()
                    .zip(cells)
                    .for_each(|(f, (v, s))| *f *= beta * s + gamma + v);
            }
            invert(&mut fractions);
            for (j, column) in columns.iter().enumerate() {
                let delta = Fr::DELTA.pow_vartime([(set * chunk + j) as u64, 0, 0, 0]);
                let cells = column.par_iter().zip(&powers);
                fractions
                    .par_iter_mut()
                    .zip(cells)
                    .for_each(|(f, (v, x))| *f *= delta * x + gamma + v);
            }
            fractions
        })
        .collect();
    let mut first = Fr::ONE;
    let mut products = Vec::with_capacity(fractions.len());
    for fractions in fractions {
        let product = running_product(first, &fractions, blinding);
        let last = product.len() - blinding - 1;
        first = product[last];
        products.push(product);
    }
    products
}
