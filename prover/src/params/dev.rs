//! Parameters whose secret is drawn here: the points straight from it.

use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::{Fr, G1, G1Affine, G2, G2Affine};
use rand_core::OsRng;
use rayon::prelude::*;

use super::power_count;
use crate::plonk::wipe;

/// What parameters for `2^k` rows consist of.
pub(super) struct Points {
    pub powers: Vec<G1Affine>,
    pub lagrange: Vec<G1Affine>,
    pub tau_g2: G2Affine,
}

/// Points that share an inversion.
const CHUNK: usize = 256;
/// Bits of a window.
const WINDOW: usize = 8;
/// Windows of a scalar.
const WINDOWS: usize = 32;

/// Draws a `tau`, neither a root of unity nor 0, and forgets it.
pub(super) fn draw(k: u32) -> Points {
    let domain = EvaluationDomain::<Fr>::new(1, k);
    let rows = 1_u64 << k;
    let (tau, vanishing) = loop {
        let tau = Fr::random(OsRng);
        let vanishing = tau.pow_vartime([rows]) - Fr::ONE;
        if !bool::from(tau.is_zero() | vanishing.is_zero()) {
            break (tau, vanishing);
        }
    };
    let generator = Generator::new();
    let powers = successive(power_count(k), tau);
    // L_i(tau) = (tau^n - 1) w^i / (n (tau - w^i))
    let scale = vanishing * Fr::from(rows).invert().unwrap_or(Fr::ZERO);
    let roots = successive(1 << k, domain.get_omega());
    let lagrange: Vec<Fr> = roots
        .par_iter()
        .map(|root| scale * root * (tau - root).invert().unwrap_or(Fr::ZERO))
        .collect();
    let points = Points {
        powers: generator.multiples(&powers),
        lagrange: generator.multiples(&lagrange),
        tau_g2: (G2::generator() * tau).to_affine(),
    };
    for mut secret in [powers, lagrange, vec![tau]] {
        wipe(&mut secret);
    }
    points
}

fn successive(count: usize, base: Fr) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |power| Some(*power * base))
        .take(count)
        .collect()
}

/// `d 2^(8 j) G1` for every byte d at every place j.
struct Generator(Vec<G1Affine>);

impl Generator {
    fn new() -> Self {
        let mut multiples = Vec::with_capacity(WINDOWS << WINDOW);
        let mut base = G1::generator();
        for _ in 0..WINDOWS {
            let mut multiple = G1::identity();
            for _ in 0..1 << WINDOW {
                multiples.push(multiple);
                multiple += base;
            }
            base = multiple;
        }
        Self(affine(&multiples))
    }

    fn multiples(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        let multiple = |scalar: &Fr| {
            let bytes = scalar.to_repr();
            let bytes = bytes.as_ref().iter().enumerate();
            let parts = bytes.filter_map(|(j, d)| self.0.get((j << WINDOW) + usize::from(*d)));
            parts.fold(G1::identity(), |sum, part| sum + part)
        };
        let chunks = scalars.par_chunks(CHUNK);
        let points = chunks.map(|chunk| affine(&chunk.iter().map(multiple).collect::<Vec<_>>()));
        points.flatten().collect()
    }
}

fn affine(points: &[G1]) -> Vec<G1Affine> {
    let mut affine = vec![G1Affine::default(); points.len()];
    G1::batch_normalize(points, &mut affine);
    affine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_the_groups() {
        let mut scalars = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(256)];
        scalars.extend((0..20).map(|_| Fr::random(OsRng)));
        let expected: Vec<G1Affine> = scalars
            .iter()
            .map(|scalar| (G1::generator() * scalar).to_affine())
            .collect();
        assert_eq!(Generator::new().multiples(&scalars), expected);
    }
}
