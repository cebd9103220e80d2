//! The Lagrange basis at a point, and what public columns are there.
//!
//! Of a public column the equations need one number, its value at the challenge x:
//!
//! ```text
//! sum c_i L_i(x)        L_i(x) = (x^n - 1)/n * w^i / (x - w^i)          w: omega, n-th root of unity
//! ```
//! What the transcript absorbs does not depend on it: the key's digest, the header's own cells, and none of the table's
//! ([`HeaderTranscript`](crate::HeaderTranscript)).

use ff::Field;
use halo2curves::bn256::Fr;
use rayon::prelude::*;
use snark_verifier::util::arithmetic::{Domain, batch_invert_and_mul};

use crate::constraints::Rows;

/// Rows that share an inversion.
const CHUNK: usize = 256;

/// A circuit's rows.
#[derive(Debug)]
pub(crate) struct Basis {
    domain: Domain<Fr>,
    /// w^i for the rows that public columns can have.
    first: Vec<Fr>,
    /// w^-1, w^-2, ...: the blinding rows from the end, and the row in front of them.
    last: Vec<Fr>,
}

impl Basis {
    /// For columns of at most so many rows.
    pub fn new(domain: Domain<Fr>, rows: usize, blinding_rows: usize) -> Self {
        let powers = |base: Fr, from: Fr, count| {
            let powers = std::iter::successors(Some(from), |power| Some(power * base));
            powers.take(count).collect()
        };
        let (root, inverse) = (domain.r#gen, domain.gen_inv);
        Self {
            first: powers(root, Fr::one(), rows.max(1)),
            last: powers(inverse, inverse, blinding_rows + 1),
            domain,
        }
    }

    /// At x; `None` at a root of unity, where no honest proof is opened, and for columns of too many rows.
    pub fn at(&self, x: Fr, rows: usize) -> Option<AtPoint> {
        let vanishing = x.pow_vartime([self.domain.n as u64]) - Fr::one();
        if vanishing.is_zero_vartime() {
            return None;
        }
        // None of the differences is zero, since x is no root of unity.
        let scale = vanishing * self.domain.n_inv;
        let values = |roots: &[Fr]| {
            let mut values: Vec<Fr> = roots.iter().map(|root| x - root).collect();
            batch_invert_and_mul(&mut values, &scale);
            values
                .iter_mut()
                .zip(roots)
                .for_each(|(v, root)| *v *= root);
            values
        };
        let roots = self.first.get(..rows.max(1))?;
        let lagrange: Vec<Fr> = roots.par_chunks(CHUNK).flat_map_iter(values).collect();
        let last = values(&self.last);
        let (front, blind) = last.split_last()?;
        Some(AtPoint {
            vanishing,
            rows: Rows {
                first: *lagrange.first()?,
                last: *front,
                blind: blind.iter().sum(),
            },
            lagrange,
        })
    }
}

/// The basis at x.
#[derive(Debug)]
pub(crate) struct AtPoint {
    /// `x^n - 1`, not zero.
    pub vanishing: Fr,
    pub rows: Rows,
    lagrange: Vec<Fr>,
}

impl AtPoint {
    /// A column's value. It has at most as many rows as the basis was asked for.
    pub fn value(&self, column: &[Fr]) -> Fr {
        let cells = column.iter().zip(&self.lagrange);
        let cells = cells.filter(|(cell, _)| !cell.is_zero_vartime());
        cells.map(|(cell, value)| cell * value).sum()
    }
}

#[cfg(test)]
mod tests {
    use halo2_proofs::poly::EvaluationDomain;
    use rand_core::OsRng;

    use super::*;

    const BLINDING: usize = 5;
    const K: u32 = 10;
    const N: usize = 1 << K;

    fn random(count: usize) -> Vec<Fr> {
        (0..count).map(|_| Fr::random(OsRng)).collect()
    }

    fn basis() -> (EvaluationDomain<Fr>, Basis) {
        let domain = EvaluationDomain::<Fr>::new(3, K);
        let rows = Domain::new(K as usize, domain.get_omega());
        (domain, Basis::new(rows, N, BLINDING))
    }

    #[test]
    fn values_are_those_of_the_backend_s_basis() {
        let (domain, basis) = basis();
        let columns = [random(1), random(600), random(0), random(N)];
        for _ in 0..20 {
            let x = Fr::random(OsRng);
            let x_n = x.pow([N as u64]);
            let reference = domain.l_i_range(x, x_n, 0..N as i32);
            let last = domain.l_i_range(x, x_n, -(BLINDING as i32) - 1..0);
            let at = basis.at(x, N).expect("is no root");
            for column in &columns {
                let value: Fr = column.iter().zip(&reference).map(|(c, l)| c * l).sum();
                assert_eq!(at.value(column), value);
            }
            assert_eq!(basis.at(x, 0).expect("is no root").rows.first, reference[0]);
            assert_eq!(at.vanishing, x_n - Fr::one());
            assert_eq!(at.rows.first, reference[0]);
            assert_eq!(at.rows.last, last[0]);
            assert_eq!(at.rows.blind, last[1..].iter().sum::<Fr>());
        }
    }

    #[test]
    fn at_a_root_of_unity_there_is_none() {
        let (domain, basis) = basis();
        let omega = domain.get_omega();
        for root in [Fr::one(), omega, omega.pow([4]), omega.pow([N as u64 - 1])] {
            assert!(basis.at(root, 5).is_none());
        }
        assert!(basis.at(omega + Fr::one(), 5).is_some());
    }

    #[test]
    fn more_rows_than_it_has_are_none() {
        let (_, basis) = basis();
        let x = Fr::random(OsRng);
        assert!(basis.at(x, N).is_some());
        assert!(basis.at(x, N + 1).is_none());
    }
}
