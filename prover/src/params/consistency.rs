//! Are these points the powers of one `tau`?
//!
//! With `P_i` the points of G1 and `Q = tau G2` the one of G2, the equations are
//!
//! ```text
//! P_0 = G1,   P_1 not in {0, G1},   P_i != G1 for i > 1
//! e(P_1, G2)              = e(G1, Q)
//! e(sum r_i P_{i+1}, G2)  = e(sum r_i P_i, Q)          i = 0 .. n-2
//! sum r_i L_i             = sum c_i P_i                c = inverse FFT of r
//! ```
//!
//! where every `r_i` is 128 bits drawn from the operating system after the points were read: a set of points that is not
//! what it should be passes with a probability of at most `2^-128` an equation.

use ff::PrimeField;
use group::cofactor::CofactorGroup;
use group::prime::PrimeCurveAffine;
use group::{Curve, Group};
use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2, G2Affine, G2Prepared};
use pairing::{MillerLoopResult, MultiMillerLoop};
use rand_core::{OsRng, RngCore};
use std::ops::Range;

use super::error::{Part, SrsError};

/// Bytes of one coefficient of a random linear combination.
const COEFFICIENT_BYTES: usize = 16;

/// `count` independent 128-bit scalars.
fn random_coefficients(count: usize) -> Result<Vec<Fr>, SrsError> {
    coefficients_from(&mut OsRng, count)
}

fn coefficients_from(source: &mut impl RngCore, count: usize) -> Result<Vec<Fr>, SrsError> {
    let mut bytes = vec![0u8; count * COEFFICIENT_BYTES];
    source
        .try_fill_bytes(&mut bytes)
        .map_err(|error| SrsError::Randomness {
            reason: error.to_string(),
        })?;
    let (chunks, _) = bytes.as_chunks::<COEFFICIENT_BYTES>();
    Ok(chunks
        .iter()
        .map(|chunk| Fr::from_u128(u128::from_le_bytes(*chunk)))
        .collect())
}

/// `e(a, G2) = e(b, q)`, as `e(a, G2) e(-b, q) = 1`.
fn pairs(a: &G1Affine, b: &G1Affine, q: &G2Prepared) -> bool {
    let g2 = G2Prepared::from(G2Affine::generator());
    Bn256::multi_miller_loop(&[(a, &g2), (&-*b, q)])
        .final_exponentiation()
        .is_identity()
        .into()
}

/// Does `P_{i+1} = tau P_i` hold for every `i` of `links`?
fn links_hold(powers: &[G1Affine], links: Range<usize>, q: &G2Prepared) -> Result<bool, SrsError> {
    let r = random_coefficients(links.len())?;
    let low: G1 = best_multiexp(&r, &powers[links.clone()]);
    let high: G1 = best_multiexp(&r, &powers[links.start + 1..links.end + 1]);
    Ok(pairs(&high.to_affine(), &low.to_affine(), q))
}

/// Checks that `powers` (at least two) are `G1, tau G1, tau^2 G1, ...` and `g2` is `[G2, tau G2]`, `tau` being neither 0
/// nor 1 nor of a small order, and `tau G2` in the subgroup.
///
/// The points are already known to be on their curves.
///
/// # Errors
/// The [`SrsError`] of the first equation that fails, with the index of the first point at fault.
pub(super) fn check_srs(powers: &[G1Affine], g2: &[G2Affine; 2]) -> Result<(), SrsError> {
    let generator = G1Affine::generator();
    let [first, tau_g1, rest @ ..] = powers else {
        return Err(SrsError::TooFewPowers {
            count: powers.len(),
        });
    };
    if *first != generator {
        return Err(SrsError::WrongGenerator {
            part: Part::G1Powers,
        });
    }
    if g2[0] != G2Affine::generator() {
        return Err(SrsError::WrongGenerator {
            part: Part::G2Powers,
        });
    }
    if bool::from(tau_g1.is_identity()) {
        return Err(SrsError::TauZero);
    }
    if *tau_g1 == generator {
        return Err(SrsError::TauOne);
    }
    for (index, power) in (2..).zip(rest) {
        if bool::from(power.is_identity()) {
            return Err(SrsError::Identity {
                part: Part::G1Powers,
                index,
            });
        }
        if *power == generator {
            return Err(SrsError::TauOfSmallOrder { order: index });
        }
    }
    check_tau_g2(&g2[1])?;

    let q = G2Prepared::from(g2[1]);
    if !pairs(tau_g1, first, &q) {
        return Err(SrsError::TauMismatch);
    }
    let links = 0..powers.len() - 1;
    if !links_hold(powers, links.clone(), &q)? {
        return Err(SrsError::NotAPower {
            index: first_broken_link(powers, links, &q)? + 1,
        });
    }
    Ok(())
}

fn check_tau_g2(tau_g2: &G2Affine) -> Result<(), SrsError> {
    let (part, index) = (Part::G2Powers, 1);
    if bool::from(tau_g2.is_identity()) {
        return Err(SrsError::Identity { part, index });
    }
    // The twist's order has other factors than the subgroup's; G1 has none.
    if !bool::from(G2::from(*tau_g2).is_torsion_free()) {
        return Err(SrsError::NotInSubgroup { part, index });
    }
    Ok(())
}

/// The first of `links` that does not hold, one of them being known not to: bisection, so that the error can say where.
fn first_broken_link(
    powers: &[G1Affine],
    links: Range<usize>,
    q: &G2Prepared,
) -> Result<usize, SrsError> {
    let Range {
        start: mut good,
        end: mut bad,
    } = links;
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if links_hold(powers, good..middle, q)? {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(good)
}

/// Checks that `lagrange` commits to values at the `2^k`-th roots of unity as `powers` commits to coefficients.
///
/// # Errors
/// [`SrsError::LagrangeMismatch`], or [`SrsError::Identity`] with the first point that is.
pub(super) fn check_lagrange(
    k: u32,
    powers: &[G1Affine],
    lagrange: &[G1Affine],
) -> Result<(), SrsError> {
    // An honest one is none: tau is no root of unity. Large sums panic at it.
    let mut points = lagrange.iter();
    if let Some(index) = points.position(|point| bool::from(point.is_identity())) {
        let part = Part::G1Lagrange;
        return Err(SrsError::Identity { part, index });
    }
    let values = random_coefficients(lagrange.len())?;
    let from_values: G1 = best_multiexp(&values, lagrange);
    let domain = EvaluationDomain::<Fr>::new(1, k);
    let coefficients = domain.lagrange_to_coeff(domain.lagrange_from_vec(values));
    let rows = powers.get(..coefficients.len()).unwrap_or(powers);
    let from_coefficients: G1 = best_multiexp(&coefficients, rows);
    if from_values == from_coefficients {
        Ok(())
    } else {
        Err(SrsError::LagrangeMismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system that has no random numbers to give.
    struct Dry;

    impl RngCore for Dry {
        fn next_u32(&mut self) -> u32 {
            0
        }

        fn next_u64(&mut self) -> u64 {
            0
        }

        fn fill_bytes(&mut self, _: &mut [u8]) {}

        fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), rand_core::Error> {
            Err(rand_core::Error::new("dry"))
        }
    }

    #[test]
    fn one_power_says_nothing_of_tau() {
        let g2 = [G2Affine::generator(); 2];
        for count in [0, 1] {
            let powers = vec![G1Affine::generator(); count];
            assert_eq!(
                check_srs(&powers, &g2),
                Err(SrsError::TooFewPowers { count })
            );
        }
    }

    /// Zeros in place of random coefficients would let every file pass.
    #[test]
    fn without_randomness_nothing_is_checked_and_nothing_accepted() {
        let reason = "dry".to_owned();
        assert_eq!(
            coefficients_from(&mut Dry, 3),
            Err(SrsError::Randomness { reason })
        );
    }
}
