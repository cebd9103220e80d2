//! The public table's part in a proof's check, evaluated once at the point that the proof is opened at.
//!
//! Of an instance column the equations need one number: its value `sum c_i L_i(x)` at the last challenge before the proof's evaluations.
//! They take a power of omega for every row to get there. A column of one row has the same value if that row is
//!
//! ```text
//! sum c_i L_i(x) / L_0(x)  =  sum c_i w^i (x - 1) / (x - w^i)          w: omega, n-th root of unity
//! ```
//! so that is what they are given, of the header as of the table, here and in the contract. What the transcript absorbs does not depend
//! on it: the key's digest, the header's own cells, and none of the table's ([`HeaderTranscript`](crate::HeaderTranscript)).

use ff::BatchInvert;
use halo2_proofs::{plonk, poly::Rotation};
use halo2curves::bn256::{Fr, G1Affine};

/// What one row has to be for a column's value at `x`, for each of the columns; `None` at a root of unity, where no honest
/// proof is opened. `omega` is the domain's root.
pub(crate) fn one_row(omega: Fr, columns: &[&[Fr]], x: Fr) -> Option<Vec<Fr>> {
    let rows = columns.iter().map(|column| column.len()).max()?;
    let powers = std::iter::successors(Some(Fr::one()), |power| Some(power * omega));
    let powers: Vec<Fr> = powers.take(rows).collect();
    let mut weights: Vec<Fr> = powers.iter().map(|power| x - power).collect();
    if weights.contains(&Fr::zero()) {
        return None;
    }
    weights.iter_mut().batch_invert();
    for (weight, power) in weights.iter_mut().zip(&powers) {
        *weight *= power * (x - Fr::one());
    }
    let value = |column: &&[Fr]| {
        let cells = column.iter().zip(&weights);
        let cells = cells.filter(|(cell, _)| **cell != Fr::zero());
        cells.map(|(cell, weight)| cell * weight).sum()
    };
    Some(columns.iter().map(value).collect())
}

/// Whether every instance column is read at the point itself and nowhere beside it.
pub(crate) fn reads_at_point(vk: &plonk::VerifyingKey<G1Affine>) -> bool {
    let mut queries = vk.cs().instance_queries().iter();
    queries.all(|(_, rotation)| *rotation == Rotation::cur())
}

#[cfg(test)]
mod tests {
    use ff::Field;
    use halo2_proofs::poly::EvaluationDomain;
    use rand_core::OsRng;

    use super::*;

    fn random(count: usize) -> Vec<Fr> {
        (0..count).map(|_| Fr::random(OsRng)).collect()
    }

    #[test]
    fn a_column_and_its_one_row_have_the_same_value() {
        let domain = EvaluationDomain::<Fr>::new(3, 7);
        let columns = [random(1), random(100), random(0), random(128)];
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        for _ in 0..20 {
            let x = Fr::random(OsRng);
            let basis = domain.l_i_range(x, x.pow([128]), 0..128);
            let rows = one_row(domain.get_omega(), &columns, x).expect("is no root");
            for (column, row) in columns.iter().zip(rows) {
                let value: Fr = column.iter().zip(&basis).map(|(cell, l)| cell * l).sum();
                assert_eq!(row * basis[0], value);
            }
        }
    }

    #[test]
    fn at_a_root_of_unity_there_is_none() {
        let omega = EvaluationDomain::<Fr>::new(3, 7).get_omega();
        let column = random(5);
        for root in [Fr::one(), omega, omega.pow([4])] {
            assert_eq!(one_row(omega, &[&column], root), None);
        }
        assert!(one_row(omega, &[&column], omega.pow([5])).is_some());
    }
}
