//! Proofs: from an opening, a market and a context to a proof file.

use std::time::{Duration, Instant};

use halo2_proofs::plonk::Circuit;
use halo2curves::bn256::Fr;
use rayon::prelude::*;
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, SolvencyCircuit, SolvencyWitness, Witness, WitnessError},
    engine::{EngineError, Portfolio, Terms},
    field,
    model::{Account, Context, HexBytes, Policy, Snapshot, Symbol},
    public::{PublicTable, TableError},
    shape::{CircuitVersion, Statement},
    slots::{SlotError, Slots},
};
use zkmargin_verifier::{
    HeaderTranscript, ProofBytes, ProofFile, ProofKind, Rejection, check_proof, public_inputs,
};

use crate::{Params, ProvingKey, plonk::create_proof};

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
    /// The statement is false, or within the error bound of being so: some branch of the policy asks for more than the account has.
    #[error(
        "the account is not healthy: under some branch of the policy equity - epsilon is below the requirement"
    )]
    NotSolvent,
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

/// A true statement: its public inputs, and a circuit with its witness.
struct Claim<C> {
    circuit: C,
    instance: Vec<Vec<Fr>>,
    commitment: Fr,
    /// None of them beside a proof of solvency.
    terms: Terms,
}

/// Proves the key's statement: that the account is under-margined, under its worst scenario, or that it is healthy under
/// every branch of the policy. For many accounts in one market see [`Prover`].
///
/// # Errors
/// [`ProveError::NotUnderMargined`] or [`ProveError::NotSolvent`] if the statement is false; otherwise what is wrong with
/// the input.
pub fn prove(
    params: &Params,
    key: &ProvingKey,
    account: &Account,
    snapshot: &Snapshot,
    policy: &Policy,
    context: &Context,
) -> Result<Proof, ProveError> {
    let start = Instant::now();
    let table = PublicTable::new(snapshot, policy)?;
    Prover::new(params, key, &table)?.prove_since(start, account, context)
}

/// What the proofs of many accounts in one market share: parameters, key and public table. Any number of threads may prove
/// with it at once; [`Params::prepare`] and [`ProvingKey::prepare`] before they begin spare each of them that work.
#[derive(Clone, Copy)]
pub struct Prover<'a> {
    params: &'a Params,
    key: &'a ProvingKey,
    table: &'a PublicTable,
}

impl<'a> Prover<'a> {
    /// Brings them together.
    ///
    /// # Errors
    /// [`ProveError::OtherParams`], or [`ProveError::Table`] if the table is too large for the key's shape.
    pub fn new(
        params: &'a Params,
        key: &'a ProvingKey,
        table: &'a PublicTable,
    ) -> Result<Self, ProveError> {
        let verifying = key.verifying();
        if params.digest() != verifying.params_digest() {
            return Err(ProveError::OtherParams);
        }
        table.fits(verifying.shape())?;
        Ok(Self { params, key, table })
    }

    /// What [`prove`] does, with the table that is there.
    ///
    /// # Errors
    /// As [`prove`].
    pub fn prove(&self, account: &Account, context: &Context) -> Result<Proof, ProveError> {
        self.prove_since(Instant::now(), account, context)
    }

    fn prove_since(
        &self,
        start: Instant,
        account: &Account,
        context: &Context,
    ) -> Result<Proof, ProveError> {
        let verifying = self.key.verifying();
        let slots = Slots::new(account, verifying.shape())?;
        let task = Task {
            prover: self,
            context: context.digest(),
            start,
        };
        // The digest's top byte is zero, so it is always a field element.
        let scalar = field::from_be_bytes(&task.context).unwrap_or_default();
        match verifying.statement() {
            Statement::Liquidation => task.prove(liquidation(slots, self.table, scalar)?),
            Statement::Solvency => task.prove(solvency(slots, self.table, scalar)?),
            other => Err(ProveError::Backend(format!(
                "no circuit for statement {other}"
            ))),
        }
    }
}

fn liquidation(
    slots: Slots,
    table: &PublicTable,
    context: Fr,
) -> Result<Claim<LiquidationCircuit>, ProveError> {
    let scenario = worst_scenario(&slots, table)?;
    let witness = Witness::new(slots, table, scenario, context)
        .map_err(|error| refusal(error, ProveError::NotUnderMargined))?;
    Ok(Claim {
        instance: witness.instance(),
        commitment: witness.commitment(),
        terms: witness.terms(),
        circuit: LiquidationCircuit::with_witness(witness),
    })
}

fn solvency(
    slots: Slots,
    table: &PublicTable,
    context: Fr,
) -> Result<Claim<SolvencyCircuit>, ProveError> {
    let witness = SolvencyWitness::new(slots, table, context)
        .map_err(|error| refusal(error, ProveError::NotSolvent))?;
    Ok(Claim {
        instance: witness.instance(),
        commitment: witness.commitment(),
        terms: Terms {
            repay: None,
            incentive_rate: None,
            exposures: None,
        },
        circuit: SolvencyCircuit::with_witness(witness),
    })
}

/// Why there is no witness; `otherwise` where the statement is false.
fn refusal(error: WitnessError, otherwise: ProveError) -> ProveError {
    match error {
        WitnessError::Engine(error) => ProveError::Engine(error),
        WitnessError::Exposure { asset } => ProveError::Exposure { asset },
        _ => otherwise,
    }
}

/// What every statement's proof is made with.
struct Task<'a> {
    prover: &'a Prover<'a>,
    /// The context's digest.
    context: [u8; 32],
    start: Instant,
}

impl Task<'_> {
    /// The backend's proof, checked, as a file.
    fn prove<C: Circuit<Fr>>(&self, claim: Claim<C>) -> Result<Proof, ProveError> {
        let witness_time = self.start.elapsed();
        let start = Instant::now();
        let Claim {
            circuit,
            instance,
            commitment,
            terms,
        } = claim;
        let Prover { params, key, table } = *self.prover;
        let columns = public_inputs(&instance);
        let mut transcript = HeaderTranscript::new(Vec::new(), &columns);
        create_proof(
            params
                .bases()
                .map_err(|error| ProveError::Backend(error.to_string()))?,
            key.backend(),
            key.prepared()?,
            circuit,
            &columns,
            &mut transcript,
        )
        .map_err(|error| ProveError::Backend(error.to_string()))?;
        let proof = transcript.finalize();
        let prove_time = start.elapsed();
        let verifying = key.verifying();
        check_proof(verifying, &instance, &proof).map_err(ProveError::SelfCheck)?;
        Ok(Proof {
            file: ProofFile {
                kind: ProofKind::Proof,
                version: Default::default(),
                circuit: CircuitVersion::CURRENT,
                statement: verifying.statement(),
                shape: verifying.shape(),
                unsafe_dev_parameters: verifying.is_unsafe_dev(),
                key: HexBytes(verifying.digest()),
                table: HexBytes(table.digest()),
                commitment: HexBytes(field::to_be_bytes(&commitment)),
                context: HexBytes(self.context),
                repay: terms.repay,
                incentive_rate: terms.incentive_rate,
                exposures: terms.exposures,
                proof: ProofBytes(proof),
            },
            witness_time,
            prove_time,
        })
    }
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
