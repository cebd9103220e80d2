//! Openings of packed polynomials: against snark-verifier's own scheme where nothing is packed, and with groups.

use ff::Field;
use group::{Curve, Group};
use halo2_proofs::plonk::{self, keygen_pk2};
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2Affine};
use snark_verifier::{
    loader::native::NativeLoader,
    pcs::{
        AccumulationDecider,
        kzg::{Bdfg21, KzgAccumulator, KzgAs, KzgDecidingKey},
    },
    system::halo2::{Config, compile, transcript::evm::EvmTranscript},
    verifier::{
        SnarkVerifier,
        plonk::{PlonkProtocol, PlonkSuccinctVerifier},
    },
};
use zkmargin_verifier::{
    HeaderTranscript,
    opening::{Packed, Terms, own_terms},
    packing::{Packing, transcript_state},
};

use super::{
    Bases, Error, Prepared, commit_groups, create_proof,
    tests::{K, Lie, TestCircuit, public},
};
use crate::Params;

type Ours = PlonkSuccinctVerifier<Packed>;
type Reference = PlonkSuccinctVerifier<KzgAs<Bn256, Bdfg21>>;
type Equation = KzgAccumulator<G1Affine, NativeLoader>;

struct Setup {
    params: Params,
    key: plonk::ProvingKey<G1Affine>,
}

impl Setup {
    fn new() -> Self {
        let params = Params::unsafe_dev(K).expect("parameters");
        let key = keygen_pk2(params.kzg(), &TestCircuit(None), true).expect("keys");
        Self { params, key }
    }

    fn packing(&self) -> Packing {
        Packing::new(self.key.get_vk().cs())
    }

    fn packed(&self) -> Vec<G1Affine> {
        commit_groups(self.params.powers(), &self.key, &self.packing()).expect("powers")
    }

    fn prove(&self, lie: Lie, packed: Option<&[G1Affine]>) -> Vec<u8> {
        let public = public();
        let public: Vec<&[Fr]> = public.iter().map(Vec::as_slice).collect();
        let mut prepared = Prepared::new(&self.key).expect("one phase");
        if let Some(packed) = packed {
            prepared = prepared.packed(&self.key, packed);
        }
        let mut transcript = HeaderTranscript::new(Vec::new(), &public);
        create_proof(
            self.params.bases().expect("points"),
            &self.key,
            &prepared,
            TestCircuit(Some(lie)),
            &public,
            &mut transcript,
        )
        .expect("nothing stops this prover");
        transcript.finalize()
    }

    /// The transcript's protocol, and the equations' one.
    fn protocols(&self) -> [PlonkProtocol<G1Affine>; 2] {
        let [header, table] = public().map(|column| column.len());
        [0, table].map(|table| {
            let config = Config::kzg().with_num_instance(vec![header, table]);
            compile(self.params.kzg(), self.key.get_vk(), config)
        })
    }

    fn deciding(&self) -> KzgDecidingKey<Bn256> {
        let points = (self.params.g1(), G2Affine::generator(), self.params.s_g2());
        points.into()
    }

    /// The last equation by our scheme.
    fn equation(&self, proof: &[u8], packing: &Packing, packed: &[G1Affine]) -> Option<Equation> {
        let [mut absorbed, evaluated] = self.protocols();
        if !packed.is_empty() {
            let state = transcript_state(self.key.get_vk(), packed);
            absorbed.transcript_initial_state = Some(state);
        }
        let [header, _] = public();
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(proof);
        let given = [header, Vec::new()];
        let read = Ours::read_proof(packing, &absorbed, &given, &mut transcript).ok()?;
        let sum = Ours::verify(packing, &evaluated, &public(), &read)
            .ok()?
            .pop()?;
        assert_eq!(sum.packed.len(), packed.len());
        let Terms { of_key, of_proof } = own_terms(&evaluated, &read, &sum).ok()?;
        let mut left = G1::generator() * sum.constant;
        for (polynomial, scalar) in of_key {
            left += evaluated.preprocessed[polynomial] * scalar;
        }
        for (scalar, point) in of_proof {
            left += point * scalar;
        }
        for (scalar, point) in sum.packed.iter().zip(packed) {
            left += *point * scalar;
        }
        Some(KzgAccumulator::new(left.to_affine(), sum.w_prime.1))
    }

    fn holds(&self, equation: Equation) -> bool {
        KzgAs::<Bn256, Bdfg21>::decide(&self.deciding(), equation).is_ok()
    }

    /// The last equation by snark-verifier's scheme.
    fn reference(&self, proof: &[u8]) -> Option<Equation> {
        let [absorbed, evaluated] = self.protocols();
        let [header, _] = public();
        let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(proof);
        let (key, given) = (self.params.g1().into(), [header, Vec::new()]);
        let read = Reference::read_proof(&key, &absorbed, &given, &mut transcript).ok()?;
        Reference::verify(&key, &evaluated, &public(), &read)
            .ok()?
            .pop()
    }
}

/// Of true proofs, of false ones, and with any word altered: the same points, and so the same answer.
#[test]
fn without_groups_the_equation_is_the_reference_s() {
    let setup = Setup::new();
    let none = Packing::default();
    let proof = setup.prove(Lie::None, None);
    let mut proofs = vec![
        (true, proof.clone()),
        (false, setup.prove(Lie::Gate, None)),
        (false, setup.prove(Lie::Copy, None)),
    ];
    for word in 0..proof.len() / 32 {
        let mut altered = proof.clone();
        altered[32 * word + 31] ^= 1;
        proofs.push((false, altered));
    }
    let mut compared = 0;
    for (is_true, proof) in proofs {
        match (setup.equation(&proof, &none, &[]), setup.reference(&proof)) {
            (Some(ours), Some(theirs)) => {
                assert_eq!((ours.lhs, ours.rhs), (theirs.lhs, theirs.rhs));
                assert_eq!(setup.holds(ours), is_true);
                compared += 1;
            }
            (None, None) => assert!(!is_true),
            _ => panic!("one of them cannot read it"),
        }
    }
    // Points off the curve are read by neither.
    assert!(compared > 30, "{compared}");
}

#[test]
fn with_groups_true_proofs_hold_and_no_others() {
    let setup = Setup::new();
    let packing = setup.packing();
    assert!(packing.groups().len() > 1);
    let packed = setup.packed();
    let holds = |proof: &[u8], packed: &[G1Affine]| {
        let equation = setup.equation(proof, &packing, packed);
        equation.is_some_and(|equation| setup.holds(equation))
    };
    let proof = setup.prove(Lie::None, Some(&packed));
    assert!(holds(&proof, &packed));
    for lie in [Lie::Gate, Lie::Copy] {
        assert!(!holds(&setup.prove(lie, Some(&packed)), &packed), "{lie:?}");
    }
    // Opened one by one is another proof.
    assert!(!holds(&setup.prove(Lie::None, None), &packed));
    for word in 0..proof.len() / 32 {
        let mut altered = proof.clone();
        altered[32 * word + 31] ^= 1;
        assert!(!holds(&altered, &packed), "word {word}");
    }
    // Groups in another order, and one that holds something else.
    let mut other = packed.clone();
    other.swap(0, 1);
    assert!(!holds(&proof, &other));
    let mut other = packed.clone();
    other[0] = (G1::from(other[0]) + G1::generator()).to_affine();
    assert!(!holds(&proof, &other));
}

/// What a group's commitment is: the sum of its members' coefficients times powers of tau, four apart.
#[test]
fn a_group_s_commitment_is_that_of_its_coefficients() {
    let setup = Setup::new();
    let packing = setup.packing();
    let powers = setup.params.powers();
    let packed = setup.packed();
    let own = setup.key.fixed_polys().iter();
    let own: Vec<&[Fr]> = own
        .chain(setup.key.permutation().polys())
        .map(|polynomial| polynomial.values())
        .collect();
    for (group, commitment) in packing.groups().iter().zip(packed) {
        let mut sum = G1::identity();
        for (k, member) in group.iter().enumerate() {
            for (j, coefficient) in own[*member].iter().enumerate() {
                if !bool::from(coefficient.is_zero()) {
                    sum += powers[4 * j + k] * coefficient;
                }
            }
        }
        assert_eq!(sum.to_affine(), commitment);
    }
}

#[test]
fn too_few_powers_are_an_error() {
    let setup = Setup::new();
    let few = commit_groups(&setup.params.powers()[1..], &setup.key, &setup.packing());
    assert!(matches!(few, Err(Error::Unsupported(_))));
    let prepared = Prepared::new(&setup.key)
        .expect("one phase")
        .packed(&setup.key, &setup.packed());
    let bases = Bases::new(setup.params.kzg()).expect("points");
    let mut transcript = HeaderTranscript::new(Vec::new(), &[]);
    let circuit = TestCircuit(Some(Lie::None));
    let made = create_proof(&bases, &setup.key, &prepared, circuit, &[], &mut transcript);
    assert!(matches!(made, Err(Error::Unsupported(_))));
}
