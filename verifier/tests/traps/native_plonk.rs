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
use zkmargin_circuits::{circuit::digest_row, public::TABLE_COLUMNS, shape::Statement};
use zkmargin_verifier::{Rejection, VerifyingKey};

use crate::support::honest;

type Plonk = PlonkVerifier<KzgAs<Bn256, Bdfg21>>;

/// The other verifier's protocol with the header's rows and so many of every table column.
fn protocol(key: &VerifyingKey, table: usize) -> PlonkProtocol<G1Affine> {
    let header = honest().columns[0].len();
    let rows = std::iter::once(header).chain([table; TABLE_COLUMNS]);
    let config = Config::kzg().with_num_instance(rows.collect());
    compile(key.backend_params(), key.backend(), config)
}

/// What one value in the first row of a column has to be for the column's value at `z`: the sum of c_i L_i(z) / L_0(z).
fn first_row(protocol: &PlonkProtocol<G1Affine>, column: &[Fr], z: Fr) -> Fr {
    let mut power = Fr::one();
    let mut sum = Fr::zero();
    for cell in column {
        let distance = (z - power).invert().expect("z is no root of unity");
        sum += *cell * power * (z - Fr::one()) * distance;
        power *= protocol.domain.r#gen;
    }
    sum
}

/// What the other verifier says: it absorbs the header alone, and is given the table's columns by their value at its challenge.
fn accepts(key: &VerifyingKey, columns: &[Vec<Fr>], proof: &[u8]) -> bool {
    use halo2_proofs::poly::commitment::ParamsProver;
    let params = honest().verifying().backend_params();
    let deciding: KzgDecidingKey<Bn256> =
        (params.get_g()[0], G2Affine::generator(), params.s_g2()).into();
    let header = std::iter::once(columns[0].clone());
    let absorbed: Vec<Vec<Fr>> = header
        .clone()
        .chain([const { Vec::new() }; TABLE_COLUMNS])
        .collect();
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(proof);
    let Ok(read) = Plonk::read_proof(&deciding, &protocol(key, 0), &absorbed, &mut transcript)
    else {
        return false;
    };
    let protocol = protocol(key, 1);
    let table = columns[1..]
        .iter()
        .map(|column| vec![first_row(&protocol, column, read.z)]);
    let evaluated: Vec<Vec<Fr>> = header.chain(table).collect();
    Plonk::verify(&deciding, &protocol, &evaluated, &read).is_ok()
}

#[test]
fn another_verifier_accepts_the_same_bytes() {
    let honest = honest();
    assert!(accepts(
        honest.verifying(),
        &honest.columns,
        &honest.file.proof.0
    ));
}

#[test]
fn another_verifier_refuses_another_instance() {
    let honest = honest();
    let key = honest.verifying();
    for (column, row) in [(0, 0), (0, 1), (0, 2), (0, 8), (1, 0), (7, 863)] {
        let mut columns = honest.columns.clone();
        columns[column][row] += Fr::one();
        assert!(!accepts(key, &columns, &honest.file.proof.0));
        let reason = match (column, row) {
            (0, row) if row != digest_row(Statement::Liquidation) => Rejection::Proof,
            _ => Rejection::TableDigest,
        };
        let answer = honest.check(&columns, &honest.file.proof.0);
        assert_eq!(answer, Err(reason));
    }
}

#[test]
fn both_verifiers_agree_on_every_altered_word() {
    let honest = honest();
    let key = honest.verifying();
    let proof = &honest.file.proof.0;
    (0..proof.len() / 32).into_par_iter().for_each(|word| {
        let mut altered = proof.clone();
        altered[32 * word + 31] ^= 1;
        assert!(!accepts(key, &honest.columns, &altered), "{word}");
        assert_eq!(
            honest.check(&honest.columns, &altered),
            Err(Rejection::Proof)
        );
    });
}
