//! The verifier contract of one verifying key: snark-verifier's Solidity, with the public table as calldata.
//!
//! What snark-verifier writes takes every instance cell as an unrolled word: thousands for a table, more than a contract may hold.
//! The transcript absorbs the header alone ([`HeaderTranscript`](crate::HeaderTranscript)), so the table is needed in one place: the values
//! of the columns at the challenge z. A loop computes them, for as many rows as the calldata brings. Calldata, all words of 32 bytes, big-endian:
//!
//! ```text
//! header column | proof | table: 7 columns of n rows each, one after the other
//! ```
//! The value of a column c at z is sum c_i L_i(z), and L_i(z) = L_0(z) w^i (z - 1)/(z - w^i). The generated code is told that each
//! column has one row, which it multiplies by L_0(z): that row is the sum of c_i w^i (z - 1)/(z - w^i).
//!
//! What is added to snark-verifier's text: header, proof and table words below their modulus, where it reduces them; calldata of an exact
//! length; the keccak256 of the table held against the header's digest, its first byte zero. Success returns a 1, failure reverts with
//! nothing. A caller must cap the gas: a precompile burns all that it is given where a point is not on the curve.

mod contracts;
mod fold;
mod split;
mod statement;
mod table;
mod text;

use std::rc::Rc;

use halo2_proofs::poly::commitment::ParamsProver;
use halo2curves::bn256::{Bn256, Fq, Fr, G1Affine, G2Affine};
use snark_verifier::{
    loader::{EcPointLoader, evm::EvmLoader},
    pcs::{
        AccumulationDecider,
        kzg::{Bdfg21, KzgAccumulator, KzgAs, KzgDecidingKey},
    },
    system::halo2::transcript::evm::EvmTranscript,
    verifier::{SnarkVerifier, plonk::PlonkSuccinctVerifier},
};
use zkmargin_circuits::{
    circuit::{SOLVENCY_HEADER_ROWS, digest_row, header_rows},
    public::TABLE_COLUMNS,
    shape::{Shape, Statement},
};

use crate::{VerifyingKey, equations, opening};

pub use table::calldata;

type Plonk = PlonkSuccinctVerifier<opening::Packed>;
type Loader = Rc<EvmLoader>;

/// Why there is no contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SolidityError {
    /// The generator's text is not as this version of it writes it.
    #[error("the generated Solidity has {found} of {pattern}, expected {expected}")]
    Text {
        /// What was looked for.
        pattern: &'static str,
        /// How often it is there.
        found: usize,
        /// How often it should be.
        expected: usize,
    },
    /// A statement reads memory that no statement before it writes.
    #[error("the generated Solidity reads memory at {address:#x}, which nothing has written")]
    Unwritten {
        /// The address.
        address: usize,
    },
    /// A statement reads or writes no whole words.
    #[error("the generated Solidity uses memory at {address:#x} other than by whole words")]
    Unaligned {
        /// The address.
        address: usize,
    },
    /// The generator refused the key.
    #[error("no verifier for this key: {0}")]
    Protocol(String),
}

/// Rows of a statement's header column, as many as the contract's first words of calldata.
pub const fn header_words(statement: Statement, shape: Shape) -> usize {
    match statement {
        Statement::Solvency => SOLVENCY_HEADER_ROWS,
        _ => header_rows(shape),
    }
}

/// The contract's name: `LiquidationSmallVerifier` and so on.
pub fn contract_name(statement: Statement, shape: Shape) -> String {
    let title = |word: String| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    format!(
        "{}{}Verifier",
        title(statement.to_string()),
        title(shape.to_string())
    )
}

/// A verifier in Solidity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The verifier's name. Its constructor takes the parts' addresses, in order, if there are parts.
    pub name: String,
    /// The names of its parts: contracts of their own, without constructor arguments, in the same source.
    pub parts: Vec<String>,
    /// The source.
    pub source: String,
}

/// The Solidity source of a key's verifier contract. Compile it with the optimiser off: the text is one block of assembly that keeps
/// its values in memory.
///
/// # Errors
/// [`SolidityError`].
pub fn verifier_contract(key: &VerifyingKey) -> Result<Contract, SolidityError> {
    let header = header_words(key.statement(), key.shape());
    let params = key.backend_params();
    let deciding: KzgDecidingKey<Bn256> =
        (params.get_g()[0], G2Affine::generator(), params.s_g2()).into();
    if !equations::reads_at_point(key) {
        let reason = "a public input is read beside its row".to_owned();
        return Err(SolidityError::Protocol(reason));
    }
    let failed = |error| SolidityError::Protocol(format!("{error:?}"));
    let packing = key.packing();
    let [absorbed, evaluated] = [equations::absorbed(key), equations::of_one_row(key)];

    let loader = EvmLoader::new::<Fq, Fr>();
    let generator = absorbed.domain.r#gen;
    let absorbed = absorbed.loaded(&loader);
    let mut transcript = EvmTranscript::<G1Affine, Loader, _, _>::new(&loader);
    let instances = transcript.load_instances(absorbed.num_instance.clone());
    let proof =
        Plonk::read_proof(packing, &absorbed, &instances, &mut transcript).map_err(failed)?;
    // A copy of z, then a place for each column's one row, marked by where they are read from: no calldata is that long.
    loader.dup_scalar(&proof.z);
    let marks =
        (0..1 + TABLE_COLUMNS).map(|c| vec![loader.calldataload_scalar(text::MARK + 32 * c)]);
    let instances: Vec<_> = marks.collect();
    let evaluated = evaluated.loaded(&loader);
    let mut sums = Plonk::verify(packing, &evaluated, &instances, &proof).map_err(failed)?;
    let none = || SolidityError::Protocol("nothing to check".to_owned());
    let sum = sums.pop().ok_or_else(none)?;
    let opening::Terms { of_key, of_proof } =
        opening::own_terms(&evaluated, &proof, &sum).map_err(failed)?;
    let of_key = of_key
        .into_iter()
        .map(|(polynomial, scalar)| (scalar, evaluated.preprocessed[polynomial].clone()));
    let constant = |point: &G1Affine| loader.ec_point_load_const(point);
    let packed = key.packed().iter().map(constant);
    let packed = sum.packed.iter().cloned().zip(packed);
    let generator_term = (sum.constant.clone(), constant(&params.get_g()[0]));
    let terms = of_proof.into_iter().chain(of_key).chain(packed);
    let terms: Vec<_> = terms.chain([generator_term]).collect();
    let terms: Vec<_> = terms
        .iter()
        .map(|(scalar, point)| (scalar, point))
        .collect();
    let left = <Loader as EcPointLoader<G1Affine>>::multi_scalar_multiplication(&terms);
    let equation = KzgAccumulator::<G1Affine, Loader>::new(left, sum.w_prime.1);
    KzgAs::<Bn256, Bdfg21>::decide(&deciding, equation).map_err(failed)?;
    text::finish(
        &loader.solidity_code(),
        &text::Layout {
            name: contract_name(key.statement(), key.shape()),
            header,
            digest: digest_row(key.statement()),
            proof: key.proof_bytes(),
            generator,
            rows: key.shape().table_rows(),
        },
    )
}
