//! SHPLONK: all polynomials opened at all their points in two commitments.
//!
//! ```text
//! N_i = sum_j y^j (P_ij - R_ij)          polynomials with the same points, R_ij of low degree through their values
//! H   = sum_i v^i N_i / Z_i              Z_i vanishes at the points of set i
//! L   = sum_i v^i z_i (sum_j y^j (P_ij - R_ij(u))) - Z(u) H     z_i = Z(u) / Z_i(u)
//! ```
//! Boneh, Drake, Fisch, Gabizon, 2020/081. The sums of the P_ij are made once, for N_i and for L.

use ff::Field;
use halo2_proofs::{
    arithmetic::{
        eval_polynomial, evaluate_vanishing_polynomial, kate_division, lagrange_interpolate,
    },
    transcript::{EncodedChallenge, TranscriptWrite},
};
use halo2curves::bn256::{Fr, G1Affine};

use super::{
    Error,
    columns::{Space, write_points},
    combine,
};

/// A polynomial to be opened at a rotation of x, with its value there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'p> {
    pub polynomial: &'p [Fr],
    pub rotation: i32,
    pub value: Fr,
}

/// A polynomial with its points and values, in the order of its queries.
struct Opened<'p> {
    polynomial: &'p [Fr],
    points: Vec<(i32, Fr)>,
}

/// Polynomials that are opened at the same points.
struct Set<'p> {
    rotations: Vec<i32>,
    opened: Vec<Opened<'p>>,
}

fn sets<'p>(queries: &[Query<'p>]) -> Vec<Set<'p>> {
    let mut opened: Vec<Opened<'p>> = Vec::new();
    for query in queries {
        let point = (query.rotation, query.value);
        let known = opened
            .iter_mut()
            .find(|o| std::ptr::eq(o.polynomial, query.polynomial));
        match known {
            Some(known) => known.points.push(point),
            None => opened.push(Opened {
                polynomial: query.polynomial,
                points: vec![point],
            }),
        }
    }
    let mut sets: Vec<Set<'p>> = Vec::new();
    for mut polynomial in opened {
        polynomial
            .points
            .sort_unstable_by_key(|(rotation, _)| *rotation);
        polynomial.points.dedup_by_key(|(rotation, _)| *rotation);
        let rotations: Vec<i32> = polynomial.points.iter().map(|(r, _)| *r).collect();
        match sets.iter_mut().find(|set| set.rotations == rotations) {
            Some(set) => set.opened.push(polynomial),
            None => sets.push(Set {
                rotations,
                opened: vec![polynomial],
            }),
        }
    }
    sets
}

impl Set<'_> {
    /// `sum_j y^j P_j`.
    fn combined(&self, y: Fr) -> Vec<Fr> {
        let polynomials: Vec<&[Fr]> = self.opened.iter().map(|o| o.polynomial).collect();
        let powers = std::iter::successors(Some(Fr::ONE), |power| Some(*power * y));
        let powers: Vec<Fr> = powers.take(polynomials.len()).collect();
        combine::sum(&polynomials, &powers)
    }

    /// `sum_j y^j R_j`.
    fn low_degree(&self, y: Fr, points: &[Fr]) -> Vec<Fr> {
        let values: Vec<Fr> = (0..points.len())
            .map(|i| {
                let values = self.opened.iter().rev().map(|o| o.points[i].1);
                values.fold(Fr::ZERO, |sum, value| sum * y + value)
            })
            .collect();
        lagrange_interpolate(points, &values)
    }
}

/// Opens all polynomials.
pub(super) fn open<E, T>(
    space: &Space<'_>,
    x: Fr,
    queries: &[Query<'_>],
    transcript: &mut T,
) -> Result<(), Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let y: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let v: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let rows = space.rows();
    let at = |rotation: i32| {
        space
            .domain
            .rotate_omega(x, halo2_proofs::poly::Rotation(rotation))
    };
    let sets = sets(queries);
    let mut all: Vec<i32> = sets.iter().flat_map(|s| s.rotations.clone()).collect();
    all.sort_unstable();
    all.dedup();

    let mut quotient = vec![Fr::ZERO; rows];
    let mut combined = Vec::with_capacity(sets.len());
    let mut power = Fr::ONE;
    for set in &sets {
        let points: Vec<Fr> = set.rotations.iter().map(|r| at(*r)).collect();
        let sum = set.combined(y);
        let low = set.low_degree(y, &points);
        let mut divided = sum.clone();
        divided.iter_mut().zip(&low).for_each(|(c, r)| *c -= r);
        for point in &points {
            divided = kate_division(&divided, *point);
        }
        let cells = quotient.iter_mut().zip(&divided);
        cells.for_each(|(q, c)| *q += power * c);
        combined.push((sum, low, power));
        power *= v;
    }
    write_points(&[space.commit_coefficients(&quotient)?], transcript)?;

    let u: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let points: Vec<Fr> = all.iter().map(|r| at(*r)).collect();
    let vanishing = evaluate_vanishing_polynomial(&points, u);
    let mut last: Vec<Fr> = quotient.iter().map(|c| -(*c * vanishing)).collect();
    let mut first_scale = None;
    for (set, (sum, low, power)) in sets.iter().zip(combined) {
        let others = all.iter().filter(|r| !set.rotations.contains(r));
        let others: Vec<Fr> = others.map(|r| at(*r)).collect();
        let scale = evaluate_vanishing_polynomial(&others, u);
        first_scale.get_or_insert(scale);
        let weight = power * scale;
        let cells = last.iter_mut().zip(&sum);
        cells.for_each(|(l, c)| *l += weight * c);
        if let Some(constant) = last.first_mut() {
            *constant -= weight * eval_polynomial(&low, u);
        }
    }
    let scale = first_scale.and_then(|s| Option::<Fr>::from(s.invert()));
    let scale = scale.ok_or(Error::Opening)?;
    let mut last = kate_division(&last, u);
    last.iter_mut().for_each(|c| *c *= scale);
    last.resize(rows, Fr::ZERO);
    write_points(&[space.commit_coefficients(&last)?], transcript)
}
