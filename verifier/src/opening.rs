//! SHPLONK with packed polynomials: what a verifier computes to hold a proof's values against its commitments.
//!
//! ```text
//! F = sum_i v^i Z_0(u)/Z_i(u) sum_j y^j (C_ij - R_ij(u)) - Z_0(u) W
//! e(F + u W', G2) = e(W', [tau]G2)
//! ```
//! The sets i are of polynomials opened at the same points; `Z_i` vanishes at them, and `R_ij` is of low degree with the claimed values
//! there (Boneh, Drake, Fisch, Gabizon, 2020/081, with everything divided by the other points' vanishing polynomial of the first set).
//! The last set is that of the [packed](crate::packing) polynomials: `Z = X^4 - x`, and R has the claimed values for its
//! coefficients. The argument does not need Z to have roots: what is shown is that Z divides C - R.
//!
//! One text for both verifiers: over numbers it is this crate's, over snark-verifier's `EvmLoader` it writes the contract.

use ff::PrimeField;
use halo2curves::CurveAffine;
use snark_verifier::{
    Error,
    loader::{LoadedScalar, Loader, ScalarLoader},
    pcs::{AccumulationScheme, PolynomialCommitmentScheme, Query},
    util::{arithmetic::Rotation, msm::Msm, transcript::TranscriptRead},
    verifier::plonk::{PlonkProof, PlonkProtocol},
};

use crate::packing::{PACKED, Packing};

/// The scheme: its key is the circuit's [`Packing`].
#[derive(Debug, Clone)]
pub struct Packed;

/// The opening's part of a proof.
#[derive(Debug, Clone)]
pub struct Opening<C: CurveAffine, L: Loader<C>> {
    y: L::LoadedScalar,
    v: L::LoadedScalar,
    w: L::LoadedEcPoint,
    u: L::LoadedScalar,
    w_prime: L::LoadedEcPoint,
}

/// The equation's left side but for `u W'`, not yet multiplied: who checks many adds them up first.
#[derive(Debug, Clone)]
pub struct Sum<C: CurveAffine, L: Loader<C>> {
    /// Of the proof's polynomials, by their number, and of the key's that are in no group.
    pub alone: Vec<(usize, L::LoadedScalar)>,
    /// Of the groups.
    pub packed: Vec<L::LoadedScalar>,
    /// Of G1's generator.
    pub constant: L::LoadedScalar,
    /// Of W.
    pub w: (L::LoadedScalar, L::LoadedEcPoint),
    /// Of W'.
    pub w_prime: (L::LoadedScalar, L::LoadedEcPoint),
}

impl<C: CurveAffine, L: Loader<C>> PolynomialCommitmentScheme<C, L> for Packed {
    type VerifyingKey = Packing;
    type Proof = Opening<C, L>;
    type Output = Sum<C, L>;

    fn read_proof<T>(
        _: &Packing,
        _: &[Query<Rotation>],
        transcript: &mut T,
    ) -> Result<Opening<C, L>, Error>
    where
        T: TranscriptRead<C, L>,
    {
        let y = transcript.squeeze_challenge();
        let v = transcript.squeeze_challenge();
        let w = transcript.read_ec_point()?;
        let u = transcript.squeeze_challenge();
        let w_prime = transcript.read_ec_point()?;
        Ok(Opening {
            y,
            v,
            w,
            u,
            w_prime,
        })
    }

    fn verify(
        packing: &Packing,
        _: &[Msm<'_, C, L>],
        x: &L::LoadedScalar,
        queries: &[Query<Rotation, L::LoadedScalar>],
        proof: &Opening<C, L>,
    ) -> Result<Sum<C, L>, Error> {
        let wrong = || Error::InvalidProtocol("queries of another circuit".to_owned());
        let loader = x.loader();
        let mut values = Vec::new();
        for group in packing.groups() {
            let value = |member: &usize| {
                let mut queries = queries.iter().filter(|query| query.poly == *member);
                let query = queries.next().filter(|query| query.shift.0 == 0);
                query.filter(|_| queries.next().is_none()).map(|q| &q.eval)
            };
            let group: Option<Vec<_>> = group.iter().map(value).collect();
            values.push(group.ok_or_else(wrong)?);
        }
        let alone = queries.iter().filter(|q| !packing.contains(q.poly));
        let sets = sets(alone);
        if sets.is_empty() {
            return Err(wrong());
        }
        let most = sets.iter().map(|set| set.polynomials.len());
        let most = most.chain([values.len()]).max().ok_or_else(wrong)?;
        let Opening {
            y,
            v,
            w,
            u,
            w_prime,
        } = proof;
        let powers = y.powers(most);
        let powers_of_v = v.powers(sets.len() + 1);

        let distances: Vec<Vec<_>> = sets.iter().map(|set| set.distances(x, u)).collect();
        let vanishing: Vec<_> = distances
            .iter()
            .map(|distances| loader.product(&distances.iter().collect::<Vec<_>>()))
            .collect();
        let first = vanishing.first().ok_or_else(wrong)?;

        // What is inverted is a value of its own: over the EVM's loader its place in memory is overwritten.
        let one = loader.load_one();
        let own = |value: &L::LoadedScalar| loader.sum_products(&[(value, &one)]);
        let mut weights: Vec<Vec<L::LoadedScalar>> = sets
            .iter()
            .zip(&distances)
            .map(|(set, distances)| set.denominators(x, distances))
            .collect();
        let mut others: Vec<_> = vanishing.iter().skip(1).map(own).collect();
        let powers_of_u = u.powers(PACKED);
        if !values.is_empty() {
            let last = powers_of_u.last().ok_or_else(wrong)?;
            others.push(loader.sum_products(&[(last, u), (&-x.clone(), &one)]));
        }
        L::batch_invert(weights.iter_mut().flatten().chain(&mut others));

        let mut sum = Sum {
            alone: Vec::new(),
            packed: Vec::new(),
            constant: loader.load_zero(),
            w: (-first.clone(), w.clone()),
            w_prime: (u.clone(), w_prime.clone()),
        };
        let scales = others.iter().map(|inverse| inverse.clone() * first);
        let scales = std::iter::once(one.clone()).chain(scales);
        let scales: Vec<_> = scales.zip(&powers_of_v).map(|(s, v)| s * v).collect();
        let mut constants = Vec::new();
        for (((set, weights), power), scale) in
            sets.iter().zip(&weights).zip(&powers_of_v).zip(&scales)
        {
            let low = set.low_degree(weights, &powers, loader);
            constants.push(low * first * power);
            let terms = set.polynomials.iter().zip(&powers);
            sum.alone
                .extend(terms.map(|(polynomial, y)| (*polynomial, scale.clone() * y)));
        }
        if let (Some(scale), false) = (scales.get(sets.len()), values.is_empty()) {
            let place = |place: usize| {
                let column = values.iter().zip(&powers);
                let column = column.filter_map(|(group, y)| Some((*group.get(place)?, y)));
                loader.sum_products(&column.collect::<Vec<_>>())
            };
            let sums: Vec<_> = (0..PACKED).map(place).collect();
            let low = loader.sum_products(&sums.iter().zip(&powers_of_u).collect::<Vec<_>>());
            constants.push(low * scale);
            let terms = values.iter().zip(&powers);
            sum.packed.extend(terms.map(|(_, y)| scale.clone() * y));
        }
        sum.constant = -loader.sum(&constants.iter().collect::<Vec<_>>());
        Ok(sum)
    }
}

/// Not a scheme that accumulates: snark-verifier asks for the traits together.
impl<C: CurveAffine, L: Loader<C>> AccumulationScheme<C, L> for Packed {
    type Accumulator = Sum<C, L>;
    type VerifyingKey = ();
    type Proof = ();

    fn read_proof<T>(_: &(), _: &[Sum<C, L>], _: &mut T) -> Result<(), Error>
    where
        T: TranscriptRead<C, L>,
    {
        Err(Error::InvalidProtocol("nothing accumulates".to_owned()))
    }

    fn verify(_: &(), _: &[Sum<C, L>], _: &()) -> Result<Sum<C, L>, Error> {
        Err(Error::InvalidProtocol("nothing accumulates".to_owned()))
    }
}

/// Polynomials that are opened at the same points.
struct Set<'q, S> {
    /// In ascending order of rotation, with the root of unity of each.
    points: Vec<(Rotation, S)>,
    polynomials: Vec<usize>,
    /// Of each polynomial, at each point.
    values: Vec<Vec<&'q S>>,
}

/// In the order of their first query, as their polynomials are.
fn sets<'q, S: Clone>(queries: impl Iterator<Item = &'q Query<Rotation, S>>) -> Vec<Set<'q, S>> {
    let mut opened: Vec<(usize, Vec<&'q Query<Rotation, S>>)> = Vec::new();
    for query in queries {
        match opened.iter_mut().find(|(poly, _)| *poly == query.poly) {
            Some((_, queries)) => queries.push(query),
            None => opened.push((query.poly, vec![query])),
        }
    }
    let mut sets: Vec<Set<'q, S>> = Vec::new();
    for (polynomial, mut queries) in opened {
        queries.sort_by_key(|query| query.shift);
        queries.dedup_by_key(|query| query.shift);
        let rotations = queries.iter().map(|query| query.shift);
        let values = queries.iter().map(|query| &query.eval).collect();
        let same = |set: &&mut Set<'_, S>| {
            let own = set.points.iter().map(|(rotation, _)| *rotation);
            own.eq(rotations.clone())
        };
        match sets.iter_mut().find(same) {
            Some(set) => {
                set.polynomials.push(polynomial);
                set.values.push(values);
            }
            None => sets.push(Set {
                points: queries
                    .iter()
                    .map(|query| (query.shift, query.loaded_shift.clone()))
                    .collect(),
                polynomials: vec![polynomial],
                values: vec![values],
            }),
        }
    }
    sets
}

impl<S> Set<'_, S> {
    /// `u - p` for each point.
    fn distances<F: PrimeField>(&self, x: &S, u: &S) -> Vec<S>
    where
        S: LoadedScalar<F>,
    {
        let points = self.points.iter().map(|(_, root)| x.clone() * root);
        points.map(|point| u.clone() - point).collect()
    }

    /// `(u - p) prod_q (p - q)` for each point p, q the others: what the barycentric weights at u are the inverses of.
    fn denominators<F: PrimeField>(&self, x: &S, distances: &[S]) -> Vec<S>
    where
        S: LoadedScalar<F>,
    {
        let loader = x.loader();
        let powers = x.powers(self.points.len());
        let power = powers.last().cloned().unwrap_or_else(|| loader.load_one());
        let points = self.points.iter().enumerate().zip(distances);
        points
            .map(|((i, (_, root)), distance)| {
                let others = self.points.iter().enumerate().filter(|(j, _)| *j != i);
                let others = others.map(|(_, (_, other))| root.clone() - other);
                let product = others.fold(loader.load_one(), |product, other| product * other);
                loader.sum_products(&[(distance, &(power.clone() * product))])
            })
            .collect()
    }

    /// `sum_j y^j R_j(u) / Z(u)`.
    fn low_degree<F: PrimeField>(&self, weights: &[S], powers: &[S], loader: &S::Loader) -> S
    where
        S: LoadedScalar<F>,
    {
        let at_points: Vec<S> = (0..weights.len())
            .map(|i| {
                let values = self.values.iter().zip(powers);
                let values = values.filter_map(|(values, y)| Some((*values.get(i)?, y)));
                loader.sum_products(&values.collect::<Vec<_>>())
            })
            .collect();
        let weighted: Vec<_> = weights.iter().zip(&at_points).collect();
        loader.sum_products(&weighted)
    }
}

/// What the equation's left side multiplies.
#[derive(Debug, Clone)]
pub struct Terms<C: CurveAffine, L: Loader<C>> {
    /// Of the key's polynomials that are in no group, by their number.
    pub of_key: Vec<(usize, L::LoadedScalar)>,
    /// Of the proof's points.
    pub of_proof: Vec<(L::LoadedScalar, L::LoadedEcPoint)>,
}

/// The points of a proof that a [`Sum`] is over.
///
/// # Errors
/// [`Error::InvalidProtocol`] for a sum of another circuit's proof.
pub fn own_terms<C: CurveAffine, L: Loader<C>>(
    protocol: &PlonkProtocol<C, L>,
    proof: &PlonkProof<C, L, Packed>,
    sum: &Sum<C, L>,
) -> Result<Terms<C, L>, Error> {
    let keys = protocol.preprocessed.len();
    let before = keys + protocol.num_instance.len();
    let quotient = before + proof.witnesses.len();
    let (mut of_key, mut of_proof) = (Vec::new(), Vec::new());
    for (polynomial, scalar) in &sum.alone {
        match *polynomial {
            p if p < keys => of_key.push((p, scalar.clone())),
            p if p == quotient => {
                let rows = proof.z.pow_const(protocol.domain.n as u64);
                let powers = rows.powers(proof.quotients.len()).into_iter();
                let pieces = powers.zip(&proof.quotients);
                of_proof.extend(pieces.map(|(power, piece)| (power * scalar, piece.clone())));
            }
            p => {
                let point = p.checked_sub(before).and_then(|w| proof.witnesses.get(w));
                let point = point.ok_or_else(|| Error::InvalidProtocol(format!("poly {p}")))?;
                of_proof.push((scalar.clone(), point.clone()));
            }
        }
    }
    of_proof.push(sum.w.clone());
    of_proof.push(sum.w_prime.clone());
    Ok(Terms { of_key, of_proof })
}
