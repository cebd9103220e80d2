//! The same proof bytes under another verifier, `snark-verifier`'s own, from which the on-chain
//! contract is generated: one proof file serves the crate and a chain.

use halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine};
use rayon::prelude::*;
use snark_verifier::{
    loader::native::NativeLoader,
    pcs::kzg::{Bdfg21, KzgAs, KzgDecidingKey},
    system::halo2::{Config, compile, transcript::evm::EvmTranscript},
    verifier::{
        SnarkVerifier,
        plonk::{PlonkProtocol, PlonkVerifier},
    },
};
use zkmargin_verifier::{Rejection, VerifyingKey};

use crate::support::honest;

type Plonk = PlonkVerifier<KzgAs<Bn256, Bdfg21>>;

fn protocol(key: &VerifyingKey) -> PlonkProtocol<G1Affine> {
    let rows = honest().columns.iter().map(Vec::len).collect();
    let config = Config::kzg().with_num_instance(rows);
    compile(key.backend_params(), key.backend(), config)
}

/// What the other verifier says.
fn accepts(protocol: &PlonkProtocol<G1Affine>, columns: &[Vec<Fr>], proof: &[u8]) -> bool {
    use halo2_proofs::poly::commitment::ParamsProver;
    let params = honest().verifying().backend_params();
    let key: KzgDecidingKey<Bn256> =
        (params.get_g()[0], G2Affine::generator(), params.s_g2()).into();
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(proof);
    let Ok(read) = Plonk::read_proof(&key, protocol, columns, &mut transcript) else {
        return false;
    };
    Plonk::verify(&key, protocol, columns, &read).is_ok()
}

#[test]
fn another_verifier_accepts_the_same_bytes() {
    let honest = honest();
    let protocol = protocol(honest.verifying());
    assert!(accepts(&protocol, &honest.columns, &honest.file.proof.0));
}

#[test]
fn another_verifier_refuses_another_instance() {
    let honest = honest();
    let protocol = protocol(honest.verifying());
    for (column, row) in [(0, 0), (0, 1), (0, 2), (0, 8), (1, 0), (7, 863)] {
        let mut columns = honest.columns.clone();
        columns[column][row] += Fr::one();
        assert!(!accepts(&protocol, &columns, &honest.file.proof.0));
        assert_eq!(
            honest.check(&columns, &honest.file.proof.0),
            Err(Rejection::Proof)
        );
    }
}

#[test]
fn both_verifiers_agree_on_every_altered_word() {
    let honest = honest();
    let protocol = protocol(honest.verifying());
    let proof = &honest.file.proof.0;
    (0..proof.len() / 32).into_par_iter().for_each(|word| {
        let mut altered = proof.clone();
        altered[32 * word + 31] ^= 1;
        assert!(!accepts(&protocol, &honest.columns, &altered), "{word}");
        assert_eq!(
            honest.check(&honest.columns, &altered),
            Err(Rejection::Proof)
        );
    });
}
