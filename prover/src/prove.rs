//! Proofs: from an opening, a market and a context to a proof file.

use std::time::{Duration, Instant};

use halo2_proofs::{
    plonk::create_proof,
    poly::kzg::{commitment::KZGCommitmentScheme, multiopen::ProverSHPLONK},
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use rayon::prelude::*;
use snark_verifier::{loader::native::NativeLoader, system::halo2::transcript::evm::EvmTranscript};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, Witness, WitnessError},
    engine::{EngineError, Portfolio},
    field,
    model::{Account, Context, HexBytes, Policy, Snapshot, Symbol},
    public::{PublicTable, TableError},
    shape::CircuitVersion,
    slots::{SlotError, Slots},
};
use zkmargin_verifier::{ProofFile, Rejection, check_proof};

use crate::{Params, ProvingKey};

/// Why no proof was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// Snapshot and policy make no public table, or one too large for the key's shape.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The account does not fit the key's shape.
    #[error("account: {0}")]
    Slots(#[from] SlotError),
    /// A position has no market.
    #[error("account: {0}")]
    Engine(#[from] EngineError),
    /// The statement is false: no scenario breaks the account beyond its epsilon.
    #[error(
        "the account is not under-margined: no scenario brings equity + epsilon below the requirement"
    )]
    NotUnderMargined,
    /// An exposure that the policy discloses and that the circuit does not hold.
    #[error(
        "account: the exposure to {asset} is too large to be disclosed, as the policy demands (dollar delta, dollar gamma or vega)"
    )]
    Exposure {
        /// The underlying.
        asset: Symbol,
    },
    /// The parameters are not those that the key was made from.
    #[error("the parameters are not those of the proving key")]
    OtherParams,
    /// The backend failed.
    #[error("proof generation failed: {0}")]
    Backend(String),
    /// The finished proof does not verify: nothing was written.
    #[error("the finished proof failed its own check: {0}")]
    SelfCheck(Rejection),
}

/// A proof with what it took.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The proof file.
    pub file: ProofFile,
    /// Table, scenario search and witness.
    pub witness_time: Duration,
    /// The backend's proof.
    pub prove_time: Duration,
}

/// Proves the account under-margined under its worst scenario.
///
/// # Errors
/// [`ProveError::NotUnderMargined`] if the statement is false; otherwise what is wrong with the
/// input.
pub fn prove(
    params: &Params,
    key: &ProvingKey,
    account: &Account,
    snapshot: &Snapshot,
    policy: &Policy,
    context: &Context,
) -> Result<Proof, ProveError> {
    let start = Instant::now();
    let verifying = key.verifying();
    if params.digest() != verifying.params_digest() {
        return Err(ProveError::OtherParams);
    }
    let table = PublicTable::new(snapshot, policy)?;
    table.fits(verifying.shape())?;
    let slots = Slots::new(account, verifying.shape())?;
    let scenario = worst_scenario(&slots, &table)?;
    let context = context.digest();
    // The digest's top byte is zero, so it is always a field element.
    let scalar = field::from_be_bytes(&context).unwrap_or_default();
    let witness = Witness::new(slots, &table, scenario, scalar).map_err(|error| match error {
        WitnessError::Engine(error) => ProveError::Engine(error),
        WitnessError::Exposure { asset } => ProveError::Exposure { asset },
        _ => ProveError::NotUnderMargined,
    })?;
    let (terms, commitment) = (witness.terms(), witness.commitment());
    let instance = witness.instance();
    let circuit = LiquidationCircuit::with_witness(witness);
    let witness_time = start.elapsed();

    let start = Instant::now();
    let columns: Vec<&[Fr]> = instance.iter().map(Vec::as_slice).collect();
    let mut transcript = EvmTranscript::<G1Affine, NativeLoader, _, _>::new(Vec::new());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        params.kzg(),
        key.backend(),
        &[circuit],
        &[&columns],
        OsRng,
        &mut transcript,
    )
    .map_err(|error| ProveError::Backend(error.to_string()))?;
    let proof = transcript.finalize();
    let prove_time = start.elapsed();
    check_proof(verifying, &instance, &proof).map_err(ProveError::SelfCheck)?;
    Ok(Proof {
        file: ProofFile {
            kind: zkmargin_verifier::ProofKind::Proof,
            version: Default::default(),
            circuit: CircuitVersion::CURRENT,
            statement: verifying.statement(),
            shape: verifying.shape(),
            unsafe_dev_parameters: verifying.is_unsafe_dev(),
            key: HexBytes(verifying.digest()),
            table: HexBytes(table.digest()),
            commitment: HexBytes(field::to_be_bytes(&commitment)),
            context: HexBytes(context),
            repay: terms.repay,
            incentive_rate: terms.incentive_rate,
            exposures: terms.exposures,
            proof: zkmargin_verifier::ProofBytes(proof),
        },
        witness_time,
        prove_time,
    })
}

/// The scenario with the greatest provable shortfall.
fn worst_scenario(slots: &Slots, table: &PublicTable) -> Result<usize, ProveError> {
    let worlds = (0..table.scenarios.len())
        .into_par_iter()
        .map(|s| {
            let world = Portfolio::new(slots, table, s)?;
            let trace = world.totals.liquidation(&table.rules);
            Ok((trace.map(|t| t.shortfall), s, world.beyond(table)))
        })
        .collect::<Result<Vec<_>, EngineError>>()?;
    let provable = worlds
        .iter()
        .filter_map(|(shortfall, s, _)| Some(((*shortfall)?, *s)));
    let worst = provable.max().map(|(_, s)| s);
    // Where nothing is provable, an exposure without end is why, if there is one.
    let beyond = || worlds.iter().find_map(|(_, _, asset)| *asset);
    worst.ok_or_else(|| match beyond() {
        Some(asset) => ProveError::Exposure { asset },
        None => ProveError::NotUnderMargined,
    })
}
