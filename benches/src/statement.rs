//! Either statement on the sample accounts.

use std::path::{Path, PathBuf};

use zkmargin_circuits::{
    model::{Account, Context, Money, ONE, Policy, Snapshot, read_json},
    public::PublicTable,
    shape::{Shape, Statement},
};
use zkmargin_prover::{KeyFileError, Params, Proof, ProveError, ProvingKey, prove};
use zkmargin_verifier::{ProofFile, Rejection, Request, VerifyingKey, verify, verify_health};

/// A sample account of a shape, with market, rules and context.
#[derive(Debug)]
pub struct Sample {
    /// What is proved.
    pub statement: Statement,
    /// The capacity that the account is proved with.
    pub shape: Shape,
    /// The account.
    pub account: Account,
    /// The market.
    pub snapshot: Snapshot,
    /// The rules.
    pub policy: Policy,
    /// The context.
    pub context: Context,
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    // A benchmark without its samples has nothing to go on with.
    read_json(path).unwrap_or_else(|error| panic!("{error}"))
}

/// The presets of `policies/`, and the samples' own policy.
pub const POLICIES: [&str; 6] = [
    "samples/policy",
    "policies/collateral-ratio",
    "policies/deribit-pm",
    "policies/derive-pmrm2",
    "policies/paradex-pm",
    "policies/standard",
];

/// Cash of an account that is under-margined under any of them, USD.
const DEBT: i64 = -10_000_000;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")
}

impl Sample {
    /// The small sample account, deep in debt, under one of [`POLICIES`]; in the smallest shape that holds the market's table.
    pub fn under(policy: &str) -> Self {
        let sample = Self::of(Shape::Small);
        let path = samples().join("..").join(policy).with_extension("json");
        let mut sample = Self {
            policy: read(&path),
            ..sample
        };
        sample.account.cash = Money::from_units(DEBT * ONE);
        let table = PublicTable::new(&sample.snapshot, &sample.policy);
        let table = table.unwrap_or_else(|error| panic!("{policy}: {error}"));
        let mut shapes = Shape::ALL.into_iter();
        let holds = shapes.find(|shape| table.fits(*shape).is_ok());
        sample.shape = holds.unwrap_or(Shape::Large);
        sample
    }

    /// The sample of a shape: `account-SHAPE.json`, or `account.json` where there is none.
    pub fn of(shape: Shape) -> Self {
        let folder = samples();
        let named: PathBuf = folder.join(format!("account-{shape}.json"));
        let account = if named.exists() {
            named
        } else {
            folder.join("account.json")
        };
        Self {
            statement: Statement::Liquidation,
            shape,
            account: read(&account),
            snapshot: read(&folder.join("snapshot.json")),
            policy: read(&folder.join("policy.json")),
            context: read(&folder.join("context.json")),
        }
    }

    /// The healthy sample account under the 33 scenarios of `derive-pmrm2`, to be proved solvent.
    pub fn healthy(shape: Shape) -> Self {
        let sample = Self::of(shape);
        Self {
            statement: Statement::Solvency,
            account: read(&samples().join("account-healthy.json")),
            policy: read(&samples().join("../policies/derive-pmrm2.json")),
            ..sample
        }
    }

    /// log2 of the circuit's rows.
    pub fn k(&self) -> u32 {
        self.statement.k(self.shape)
    }

    /// Fresh development parameters for the circuit.
    ///
    /// # Panics
    /// If the shape is too large for development parameters.
    pub fn params(&self) -> Params {
        Params::unsafe_dev(self.k()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The circuit's keys.
    ///
    /// # Errors
    /// The backend's refusal.
    pub fn keys(&self, params: &Params) -> Result<ProvingKey, KeyFileError> {
        ProvingKey::generate(params, self.statement, self.shape)
    }

    /// A proof: public table, search for the worst scenario, witness, proof, self-check.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn prove(&self, params: &Params, key: &ProvingKey) -> Result<Proof, ProveError> {
        prove(
            params,
            key,
            &self.account,
            &self.snapshot,
            &self.policy,
            &self.context,
        )
    }

    /// The check by a stranger, who builds the public table anew.
    ///
    /// # Errors
    /// [`Rejection`].
    pub fn verify(&self, key: &VerifyingKey, file: &ProofFile) -> Result<(), Rejection> {
        let request = Request {
            key,
            snapshot: &self.snapshot,
            policy: &self.policy,
            commitment: file.commitment,
            context: &self.context,
            at: self.snapshot.time,
        };
        match self.statement {
            Statement::Solvency => verify_health(file, &request).map(|_| ()),
            _ => verify(file, &request).map(|_| ()),
        }
    }
}
