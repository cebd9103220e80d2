//! What a key's proofs are checked by, made once a key: how a proof is read, and from its values the opening.

use ff::Field;
use group::prime::PrimeCurveAffine;
use halo2_proofs::poly::Rotation as Row;
use halo2curves::bn256::{Fr, G1Affine, G2Affine, G2Prepared};
use rayon::prelude::*;
use snark_verifier::{
    loader::native::NativeLoader,
    pcs::{PolynomialCommitmentScheme, Query},
    system::halo2::{Config, compile, transcript::evm::EvmTranscript},
    util::arithmetic::Rotation,
    verifier::{
        SnarkVerifier,
        plonk::{PlonkProof, PlonkProtocol, PlonkSuccinctVerifier},
    },
};
use zkmargin_circuits::public::TABLE_COLUMNS;

use crate::{
    VerifyingKey,
    constraints::{Challenges, Constraints},
    lagrange::Basis,
    opening::{self, Packed, Sum, Terms},
    packing::transcript_state,
    solidity::header_words,
};

type Proof = PlonkProof<G1Affine, NativeLoader, Packed>;

/// The equations of a key's proofs.
#[derive(Debug)]
pub(crate) struct Equations {
    /// For reading a proof: of the public inputs the transcript absorbs the header alone.
    protocol: PlonkProtocol<G1Affine>,
    basis: Basis,
    /// `None` if the circuit has what is not evaluated here.
    constraints: Option<Constraints>,
    /// `None` if a polynomial is opened of which the proof claims nothing.
    opened: Option<Vec<Opened>>,
    /// The key's tau in G2, as a pairing wants it.
    pub tau_g2: G2Prepared,
}

/// A polynomial opened at x times a root of unity.
#[derive(Debug)]
struct Opened {
    polynomial: usize,
    rotation: Rotation,
    root: Fr,
    value: Claim,
}

/// What a proof claims for a polynomial.
#[derive(Debug, Clone, Copy)]
enum Claim {
    /// One of its values.
    Value(usize),
    /// Nothing: the quotient's follows from the others.
    Quotient,
}

/// snark-verifier's protocol of a key, for public columns of so many rows.
fn protocol(key: &VerifyingKey, rows: Vec<usize>) -> PlonkProtocol<G1Affine> {
    let config = Config::kzg().with_num_instance(rows);
    compile(key.backend_params(), key.backend(), config)
}

/// How a proof is read: of the public inputs the transcript absorbs the header alone.
pub(crate) fn absorbed(key: &VerifyingKey) -> PlonkProtocol<G1Affine> {
    let header = header_words(key.statement(), key.shape());
    let rows = std::iter::once(header).chain([0; TABLE_COLUMNS]);
    PlonkProtocol {
        transcript_initial_state: Some(transcript_state(key.backend(), key.packed())),
        ..protocol(key, rows.collect())
    }
}

/// How it is checked where each public column is given by one row.
pub(crate) fn of_one_row(key: &VerifyingKey) -> PlonkProtocol<G1Affine> {
    protocol(key, vec![1; 1 + TABLE_COLUMNS])
}

/// Whether every public column is read at the point itself and nowhere beside it.
pub(crate) fn reads_at_point(key: &VerifyingKey) -> bool {
    let mut queries = key.backend().cs().instance_queries().iter();
    queries.all(|(_, rotation)| *rotation == Row::cur())
}

impl Equations {
    pub fn new(key: &VerifyingKey) -> Self {
        let mut protocol = absorbed(key);
        // Reading a proof takes the numerator's degree and no more, and counts it each time: a power is as good.
        if let Some(query) = protocol.queries.first() {
            let factors = (0..=protocol.quotient.num_chunk()).map(|_| (*query).into());
            if let Some(power) = factors.reduce(|power, factor| power * factor) {
                protocol.quotient.numerator = power;
            }
        }
        let cs = key.backend().cs();
        let domain = &protocol.domain;
        let witnesses = protocol.num_witness.iter().sum::<usize>();
        let quotient = protocol.preprocessed.len() + protocol.num_instance.len() + witnesses;
        let opened = protocol.queries.iter().map(|query| {
            let power = u64::from(query.rotation.0.unsigned_abs());
            let root = match query.rotation.0 {
                0.. => domain.r#gen,
                _ => domain.gen_inv,
            };
            let claim = protocol.evaluations.iter().position(|one| one == query);
            let value = match claim {
                Some(claim) => Claim::Value(claim),
                None if query.poly == quotient && query.rotation == Rotation::cur() => {
                    Claim::Quotient
                }
                None => return None,
            };
            Some(Opened {
                polynomial: query.poly,
                rotation: query.rotation,
                root: root.pow_vartime([power]),
                value,
            })
        });
        let header = header_words(key.statement(), key.shape());
        Self {
            opened: opened.collect(),
            basis: Basis::new(
                domain.clone(),
                header.max(key.shape().table_rows()),
                cs.blinding_factors(),
            ),
            constraints: Constraints::new(cs),
            tau_g2: key.tau_g2().into(),
            protocol,
        }
    }

    /// The terms of a proof's last equation, of which the sum is not computed yet. `columns` are the public ones. `None` for bytes that are no proof.
    pub fn read(
        &self,
        key: &VerifyingKey,
        columns: &[&[Fr]],
        bytes: &[u8],
    ) -> Option<(Sum<G1Affine, NativeLoader>, Terms<G1Affine, NativeLoader>)> {
        let mut instances = vec![columns.first()?.to_vec()];
        instances.resize(1 + TABLE_COLUMNS, Vec::new());
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(bytes);
        let packing = key.packing();
        let proof = PlonkSuccinctVerifier::<Packed>::read_proof(
            packing,
            &self.protocol,
            &instances,
            &mut transcript,
        );
        let proof = proof.ok()?;
        let queries = self.queries(key, columns, &proof)?;
        let sum = Packed::verify(packing, &[], &proof.z, &queries, &proof.pcs).ok()?;
        let terms = opening::own_terms(&self.protocol, &proof, &sum).ok()?;
        // A contract takes no point at infinity, and no honest proof has one.
        let infinite = |(_, point): &(Fr, G1Affine)| bool::from(point.is_identity());
        (!terms.of_proof.iter().any(infinite)).then_some((sum, terms))
    }

    /// What the proof claims of each polynomial that is opened, and what must be true of the quotient.
    fn queries(
        &self,
        key: &VerifyingKey,
        columns: &[&[Fr]],
        proof: &Proof,
    ) -> Option<Vec<Query<Rotation, Fr>>> {
        if !reads_at_point(key) {
            return None;
        }
        let &[theta, beta, gamma, y] = proof.challenges.as_slice() else {
            return None;
        };
        let x = proof.z;
        let rows = columns.iter().map(|column| column.len()).max()?;
        let at_x = self.basis.at(x, rows)?;
        let cs = key.backend().cs();
        let instances = cs.instance_queries().par_iter();
        let instances: Option<Vec<Fr>> = instances
            .map(|(column, _)| Some(at_x.value(columns.get(column.index())?)))
            .collect();
        let challenges = Challenges {
            theta,
            beta,
            gamma,
            y,
            x,
        };
        let constraints = self.constraints.as_ref()?;
        let numerator =
            constraints.numerator(&instances?, &proof.evaluations, &challenges, &at_x.rows)?;
        let inverse: Option<Fr> = at_x.vanishing.invert().into();
        let quotient = numerator * inverse?;
        let queries = self.opened.as_ref()?.iter().map(|opened| {
            let value = match opened.value {
                Claim::Value(claim) => proof.evaluations.get(claim)?,
                Claim::Quotient => &quotient,
            };
            let query = Query::new(opened.polynomial, opened.rotation);
            Some(query.with_evaluation(opened.root, *value))
        });
        queries.collect()
    }
}

/// The other point of a pairing.
pub(crate) fn generator_g2() -> &'static G2Prepared {
    static GENERATOR: std::sync::LazyLock<G2Prepared> =
        std::sync::LazyLock::new(|| G2Affine::generator().into());
    &GENERATOR
}

#[cfg(test)]
mod tests {
    use ff::PrimeField;
    use group::{Curve, Group};
    use halo2curves::{CurveAffine, bn256::G1};
    use rand_core::OsRng;
    use zkmargin_circuits::shape::{Shape, Statement};
    use zkmargin_prover::{Params, ProvingKey};

    use super::*;

    type Reference = PlonkSuccinctVerifier<Packed>;

    fn key(statement: Statement, shape: Shape) -> VerifyingKey {
        let params = Params::unsafe_dev(statement.k(shape)).expect("parameters");
        let proving = ProvingKey::generate(&params, statement, shape).expect("keys");
        // Of this crate as it is tested, not of the one that the prover knows.
        VerifyingKey::from_bytes(&proving.verifying().to_bytes()).expect("its own file")
    }

    fn word(bytes: impl AsRef<[u8]>) -> Vec<u8> {
        bytes.as_ref().iter().rev().copied().collect()
    }

    /// Random points and values, as many as a proof has.
    fn random_proof(key: &VerifyingKey) -> Vec<u8> {
        let points = |count: usize| {
            let points = (0..count).flat_map(|_| {
                let point = G1::random(OsRng).to_affine();
                let coordinates = point.coordinates().expect("is not the identity");
                [
                    word(coordinates.x().to_repr()),
                    word(coordinates.y().to_repr()),
                ]
            });
            points.flatten().collect::<Vec<u8>>()
        };
        let values = (key.proof_bytes() - 64 * key.proof_points()) / 32;
        let values = (0..values).flat_map(|_| word(Fr::random(OsRng).to_repr()));
        let mut bytes = points(key.proof_points() - 2);
        bytes.extend(values);
        bytes.extend(points(2));
        bytes
    }

    fn random_columns(key: &VerifyingKey) -> Vec<Vec<Fr>> {
        let random = |rows| (0..rows).map(|_| Fr::random(OsRng)).collect();
        let header = random(header_words(key.statement(), key.shape()));
        let table = (0..TABLE_COLUMNS).map(|c| random(90 * c));
        std::iter::once(header).chain(table).collect()
    }

    /// What has no structure agrees only where both are the same polynomial: two that differ are equal with a chance below 2^-240.
    #[test]
    fn of_random_values_they_give_what_snark_verifier_s_give() {
        let keys = [
            (Statement::Liquidation, Shape::Small),
            (Statement::Liquidation, Shape::Medium),
            (Statement::Solvency, Shape::Medium),
        ];
        for (statement, shape) in keys {
            let key = key(statement, shape);
            for _ in 0..3 {
                let columns = random_columns(&key);
                let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
                let bytes = random_proof(&key);
                let (sum, terms) = key
                    .equations()
                    .read(&key, &columns, &bytes)
                    .expect("can be read");

                let mut instances = vec![columns[0].to_vec()];
                instances.resize(1 + TABLE_COLUMNS, Vec::new());
                let mut transcript =
                    EvmTranscript::<G1Affine, NativeLoader, _, _>::new(bytes.as_slice());
                let packing = key.packing();
                let proof =
                    Reference::read_proof(packing, &absorbed(&key), &instances, &mut transcript)
                        .expect("can be read");
                let domain = key.backend().get_domain();
                let n = 1 << key.k();
                let basis = domain.l_i_range(proof.z, proof.z.pow([n]), 0..n as i32);
                let rows = columns.iter().map(|column| {
                    let value: Fr = column.iter().zip(&basis).map(|(c, l)| c * l).sum();
                    vec![value * basis[0].invert().expect("is not zero")]
                });
                let rows: Vec<_> = rows.collect();
                let protocol = of_one_row(&key);
                let mut reference =
                    Reference::verify(packing, &protocol, &rows, &proof).expect("has values");
                let reference = reference.pop().expect("one sum");
                assert_eq!(sum.alone, reference.alone);
                assert_eq!(sum.packed, reference.packed);
                assert_eq!(sum.constant, reference.constant);
                assert_eq!((sum.w, sum.w_prime), (reference.w, reference.w_prime));
                let expected = opening::own_terms(&protocol, &proof, &reference);
                let expected = expected.expect("its own sum");
                assert_eq!(terms.of_key, expected.of_key);
                assert_eq!(terms.of_proof, expected.of_proof);
            }
        }
    }

    #[test]
    fn infinite_points_and_a_word_fewer_are_no_proof() {
        let key = key(Statement::Liquidation, Shape::Small);
        let columns = random_columns(&key);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let bytes = random_proof(&key);
        assert!(key.equations().read(&key, &columns, &bytes).is_some());
        for point in 0..key.proof_points() - 2 {
            let mut infinite = bytes.clone();
            infinite[64 * point..][..64].fill(0);
            assert!(key.equations().read(&key, &columns, &infinite).is_none());
        }
        for last in [64, 128] {
            let mut infinite = bytes.clone();
            infinite[bytes.len() - last..][..64].fill(0);
            assert!(key.equations().read(&key, &columns, &infinite).is_none());
        }
        let shorter = &bytes[..bytes.len() - 32];
        assert!(key.equations().read(&key, &columns, shorter).is_none());
    }
}
