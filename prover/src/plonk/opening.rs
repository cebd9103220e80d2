//! SHPLONK: all polynomials opened at all their points in two commitments.
//!
//! ```text
//! N_i = sum_j y^j (P_ij - R_ij)          polynomials with the same points, R_ij of low degree through their values
//! H   = sum_i v^i N_i / Z_i              Z_i vanishes at the points of set i
//! L   = sum_i v^i z_i (sum_j y^j (P_ij - R_ij(u))) - Z(u) H     z_i = Z(u) / Z_i(u)
//! ```
//! Boneh, Drake, Fisch, Gabizon, 2020/081. The sums of the P_ij are made once, for N_i and for L.
//!
//! Polynomials in groups ([`packing`](zkmargin_verifier::packing)) are the last set: `P(X) = sum_k X^k F_k(X^4)`, `R(X) = sum_k X^k F_k(x)`,
//! `Z = X^4 - x`. Each place k is divided by itself: `(F_k(Y) - F_k(x)) / (Y - x)`.

use ff::Field;
use group::Curve;
use halo2_proofs::{
    arithmetic::{
        eval_polynomial, evaluate_vanishing_polynomial, kate_division, lagrange_interpolate,
    },
    plonk::ProvingKey,
    transcript::{EncodedChallenge, TranscriptWrite},
};
use halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;
use zkmargin_verifier::packing::{PACKED, Packing};

use super::{
    Error,
    columns::{Space, wipe, write_points},
    combine,
    msm::Points,
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

/// Polynomials that are opened at x together, each with its value there.
pub(super) type Group<'p> = Vec<(&'p [Fr], Fr)>;

/// All groups together: `sum_g y^g P_g` and `sum_g y^g R_g`.
struct Packed {
    /// `sum_g y^g F_gk` for each place k.
    places: Vec<Vec<Fr>>,
    /// `sum_g y^g F_gk(x)` for each place k.
    values: Vec<Fr>,
}

impl Packed {
    fn new(groups: &[Group<'_>], y: Fr) -> Self {
        let powers = std::iter::successors(Some(Fr::ONE), |power| Some(*power * y));
        let powers: Vec<Fr> = powers.take(groups.len()).collect();
        let place = |k: usize| {
            let members = groups.iter().zip(&powers);
            let members = members.filter_map(|(group, power)| Some((group.get(k)?, power)));
            let mut sum = Fr::ZERO;
            let (mut polynomials, mut weights) = (Vec::new(), Vec::new());
            for ((polynomial, value), power) in members {
                sum += *power * value;
                polynomials.push(*polynomial);
                weights.push(*power);
            }
            (combine::sum(&polynomials, &weights), sum)
        };
        let (places, values) = (0..PACKED).map(place).unzip();
        Self { places, values }
    }

    /// The quotient by `X^4 - x`, place by place.
    fn divided(&self, x: Fr) -> Vec<Vec<Fr>> {
        let places = self.places.par_iter().zip(&self.values);
        places
            .map(|(place, value)| {
                let mut place = place.clone();
                let Some(constant) = place.first_mut() else {
                    return Vec::new();
                };
                *constant -= value;
                kate_division(&place, x)
            })
            .collect()
    }

    fn value(&self, u: Fr) -> Fr {
        eval_polynomial(&self.values, u)
    }
}

/// Adds a weighted polynomial that is given by its places.
fn add_places(sum: &mut [Fr], places: &[Vec<Fr>], weight: Fr) {
    let blocks = sum.par_chunks_mut(PACKED).enumerate();
    blocks.for_each(|(i, block)| {
        for (cell, place) in block.iter_mut().zip(places) {
            if let Some(coefficient) = place.get(i) {
                *cell += weight * coefficient;
            }
        }
    });
}

/// Opens all polynomials.
pub(super) fn open<E, T>(
    space: &Space<'_>,
    x: Fr,
    queries: &[Query<'_>],
    groups: &[Group<'_>],
    transcript: &mut T,
) -> Result<(), Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    let y: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let v: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let at = |rotation: i32| {
        space
            .domain
            .rotate_omega(x, halo2_proofs::poly::Rotation(rotation))
    };
    let sets = sets(queries);
    let packed = (!groups.is_empty()).then(|| Packed::new(groups, y));
    let length = space.rows() * packed.as_ref().map_or(1, |_| PACKED);

    let mut quotient = vec![Fr::ZERO; length];
    let mut combined = Vec::with_capacity(sets.len());
    let mut power = Fr::ONE;
    for set in &sets {
        let points: Vec<Fr> = set.rotations.iter().map(|r| at(*r)).collect();
        let sum = set.combined(y);
        let low = set.low_degree(y, &points);
        let mut divided = sum.clone();
        divided.iter_mut().zip(&low).for_each(|(c, r)| *c -= r);
        for point in &points {
            let next = kate_division(&divided, *point);
            wipe(&mut divided);
            divided = next;
        }
        let cells = quotient.iter_mut().zip(&divided);
        cells.for_each(|(q, c)| *q += power * c);
        wipe(&mut divided);
        combined.push((points, sum, low, power));
        power *= v;
    }
    if let Some(packed) = &packed {
        add_places(&mut quotient, &packed.divided(x), power);
    }
    write_points(&[space.commit_coefficients(&quotient)?], transcript)?;

    // Divided by what vanishes at the points of all sets but the first, as the verifier does.
    let u: Fr = *transcript.squeeze_challenge_scalar::<()>();
    let vanishing = |points: &[Fr]| evaluate_vanishing_polynomial(points, u);
    let first = combined.first().map(|(points, ..)| vanishing(points));
    let first = first.ok_or(Error::Opening)?;
    let scale = |vanishing: Fr| Option::<Fr>::from(vanishing.invert()).map(|i| i * first);
    let mut last = quotient;
    last.par_iter_mut().for_each(|c| *c *= -first);
    let mut constant = Fr::ZERO;
    for (points, mut sum, low, power) in combined {
        let weight = power * scale(vanishing(&points)).ok_or(Error::Opening)?;
        let cells = last.iter_mut().zip(&sum);
        cells.for_each(|(l, c)| *l += weight * c);
        constant += weight * eval_polynomial(&low, u);
        // Of a set of one column it is that column.
        wipe(&mut sum);
    }
    if let Some(packed) = &packed {
        let vanishing = u.pow_vartime([PACKED as u64]) - x;
        let weight = power * scale(vanishing).ok_or(Error::Opening)?;
        add_places(&mut last, &packed.places, weight);
        constant += weight * packed.value(u);
    }
    if let Some(first) = last.first_mut() {
        *first -= constant;
    }
    let mut divided = kate_division(&last, u);
    wipe(&mut last);
    divided.resize(length, Fr::ZERO);
    write_points(&[space.commit_coefficients(&divided)?], transcript)
}

/// The commitments to a key's groups, with parameters of as many powers of tau.
///
/// # Errors
/// [`Error::Opening`] if the packing is another circuit's, [`Error::Unsupported`] if there are too few powers.
pub fn commit_groups(
    powers: &[G1Affine],
    key: &ProvingKey<G1Affine>,
    packing: &Packing,
) -> Result<Vec<G1Affine>, Error> {
    let rows = 1 << key.get_vk().get_domain().k();
    let powers = powers.get(..PACKED * rows);
    let powers = powers.ok_or_else(|| Error::Unsupported("too few powers".into()))?;
    let points = Points::new(powers);
    let own = key.fixed_polys().iter().chain(key.permutation().polys());
    let own: Vec<&[Fr]> = own.map(|polynomial| polynomial.values()).collect();
    let commitments: Option<Vec<G1>> = packing
        .groups()
        .iter()
        .map(|group| {
            let members = group.iter().map(|member| Some(own.get(*member)?.to_vec()));
            let members: Option<Vec<Vec<Fr>>> = members.collect();
            let mut packed = vec![Fr::ZERO; PACKED * rows];
            add_places(&mut packed, &members?, Fr::ONE);
            Some(points.multiply(&packed))
        })
        .collect();
    let commitments = commitments.ok_or(Error::Opening)?;
    let mut affine = vec![G1Affine::default(); commitments.len()];
    G1::batch_normalize(&commitments, &mut affine);
    Ok(affine)
}
