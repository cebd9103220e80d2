//! Number-theoretic transforms of a column's size, on one thread: a proof has more columns than a machine has cores.
//!
//! Decimation in time, two levels at a time (Cooley and Tukey 1965), with all roots of unity and the cosets' shifts made once a key.

use ff::Field;
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::Fr;

use super::program::Padded;

/// The roots of unity of a domain, and the shifts to its cosets.
#[derive(Debug)]
pub(super) struct Transform {
    k: u32,
    forward: Vec<Vec<Fr>>,
    inverse: Vec<Vec<Fr>>,
    divisor: Fr,
    /// Powers of each coset's shift.
    shifts: Vec<Vec<Fr>>,
}

fn powers(base: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |p| Some(*p * base))
        .take(count)
        .collect()
}

/// Level by level, the powers of a root of unity of twice the level's size.
fn levels(root: Fr, k: u32) -> Vec<Vec<Fr>> {
    let all = powers(root, 1 << k.saturating_sub(1));
    (0..k)
        .map(|level| all.iter().step_by(1 << (k - 1 - level)).copied().collect())
        .collect()
}

impl Transform {
    /// The transforms of a domain.
    pub(super) fn new(domain: &EvaluationDomain<Fr>) -> Self {
        let k = domain.k();
        let cosets = domain.extended_len() >> k;
        let shifts = powers(domain.get_extended_omega(), cosets).into_iter();
        Self {
            k,
            forward: levels(domain.get_omega(), k),
            inverse: levels(domain.get_omega_inv(), k),
            divisor: domain.ifft_divisor,
            shifts: shifts
                .map(|shift| powers(shift * domain.g_coset, 1 << k))
                .collect(),
        }
    }

    /// The coefficients of the polynomial with these values on the domain.
    pub(super) fn coefficients(&self, values: &[Fr]) -> Vec<Fr> {
        let mut coefficients = vec![Fr::ZERO; values.len()];
        for (i, value) in values.iter().enumerate() {
            coefficients[self.reversed(i)] = *value * self.divisor;
        }
        butterflies(&mut coefficients, &self.inverse);
        coefficients
    }

    /// The polynomial's values on a coset, to be read some cells beyond its ends.
    pub(super) fn coset(&self, coefficients: &[Fr], part: usize, pad: usize) -> Padded {
        Padded::filled(coefficients.len(), pad, |values| {
            let shifts = self.shifts.get(part).map_or(&[][..], Vec::as_slice);
            for (i, (c, shift)) in coefficients.iter().zip(shifts).enumerate() {
                values[self.reversed(i)] = *c * shift;
            }
            butterflies(values, &self.forward);
        })
    }

    fn reversed(&self, i: usize) -> usize {
        i.reverse_bits() >> (usize::BITS - self.k)
    }
}

/// All levels; the values stand in the order of their reversed numbers.
fn butterflies(values: &mut [Fr], levels: &[Vec<Fr>]) {
    let (pairs, first) = match levels {
        [first, rest @ ..] if levels.len() % 2 == 1 => (rest, Some(first)),
        _ => (levels, None),
    };
    if first.is_some() {
        let (twos, _) = values.as_chunks_mut::<2>();
        for [a, b] in twos {
            (*a, *b) = (*a + *b, *a - *b);
        }
    }
    let (pairs, _) = pairs.as_chunks::<2>();
    for [inner, outer] in pairs {
        let quarter = inner.len();
        let (low, high) = outer.split_at(quarter);
        for block in values.chunks_exact_mut(4 * quarter) {
            let (left, right) = block.split_at_mut(2 * quarter);
            let ((a, b), (c, d)) = (left.split_at_mut(quarter), right.split_at_mut(quarter));
            let cells = a.iter_mut().zip(b).zip(c.iter_mut().zip(d));
            let roots = inner.iter().zip(low.iter().zip(high));
            for (((a, b), (c, d)), (inner, (low, high))) in cells.zip(roots) {
                let (bi, di) = (*b * inner, *d * inner);
                let (a0, b0) = (*a + bi, *a - bi);
                let (c0, d0) = ((*c + di) * low, (*c - di) * high);
                (*a, *c) = (a0 + c0, a0 - c0);
                (*b, *d) = (b0 + d0, b0 - d0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plonk::columns::random;

    #[test]
    fn values_are_the_backends_on_every_coset() {
        for k in 1..8 {
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
                assert_eq!(padded.values(), coset.values(), "k = {k}, coset {part}");
            }
        }
    }
}
