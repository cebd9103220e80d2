//! One honest proof of the small shape, made once for all tests.

use std::{path::Path, sync::OnceLock};

use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::instance,
    field,
    model::{Account, Context, Dollars, HexBytes, Policy, Snapshot, Time, read_json},
    public::PublicTable,
    shape::Shape,
};
use zkmargin_prover::{Params, ProvingKey, prove};
use zkmargin_verifier::{ProofFile, Rejection, Request, VerifyingKey, check_proof};

/// The honest proof with all that it was made from.
pub struct Honest {
    pub params: Params,
    pub key: ProvingKey,
    pub account: Account,
    pub snapshot: Snapshot,
    pub policy: Policy,
    pub context: Context,
    pub file: ProofFile,
    /// The instance columns.
    pub columns: Vec<Vec<Fr>>,
}

/// Tick of the disclosed exposures: 1,000 USD.
pub const EXPOSURE_TICK: i64 = 1000;

/// The honest proof.
pub fn honest() -> &'static Honest {
    static HONEST: OnceLock<Honest> = OnceLock::new();
    HONEST.get_or_init(|| {
        let (account, snapshot): (Account, Snapshot) =
            (sample("account-small.json"), sample("snapshot.json"));
        let (mut policy, context): (Policy, Context) =
            (sample("policy.json"), sample("context.json"));
        policy.disclosure.exposure_tick = Some(Dollars::from_units(EXPOSURE_TICK));
        let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
        let key = ProvingKey::generate(&params, Shape::Small).expect("keys");
        let proof = prove(&params, &key, &account, &snapshot, &policy, &context).expect("proof");
        let columns = instance(
            Shape::Small,
            &PublicTable::new(&snapshot, &policy).expect("table"),
            scalar(&proof.file.commitment),
            scalar(&proof.file.context),
            &proof.file.terms(),
        )
        .expect("terms of the policy");
        let honest = Honest {
            params,
            key,
            account,
            snapshot,
            policy,
            context,
            file: proof.file,
            columns,
        };
        assert_eq!(honest.check(&honest.columns, &honest.file.proof.0), Ok(()));
        honest
    })
}

impl Honest {
    /// The verifying key.
    pub fn verifying(&self) -> &VerifyingKey {
        self.key.verifying()
    }

    /// What the verifier knows.
    pub fn request(&self) -> Request<'_> {
        Request {
            key: self.verifying(),
            snapshot: &self.snapshot,
            policy: &self.policy,
            commitment: self.file.commitment,
            context: &self.context,
            at: self.snapshot.time,
        }
    }

    /// The raw check.
    pub fn check(&self, columns: &[Vec<Fr>], proof: &[u8]) -> Result<(), Rejection> {
        check_proof(self.verifying(), columns, proof)
    }
}

/// A file of `samples/`.
pub fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples")
        .join(name);
    read_json(&path).expect(name)
}

/// The scalar of 32 big-endian bytes.
pub fn scalar(bytes: &HexBytes<32>) -> Fr {
    field::from_be_bytes(&bytes.0).expect("a scalar")
}

/// A time.
pub fn time(unix: i64) -> Time {
    Time::from_unix(unix).expect("a time")
}
