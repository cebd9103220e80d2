//! Honest proofs of the small shape, made once for all tests.

use std::{path::Path, sync::OnceLock};

use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::{instance, solvency_instance},
    field,
    model::{
        Account, Context, DisclosureLevel, Dollars, HexBytes, Money, ONE, Policy, Snapshot, Time,
        read_json,
    },
    public::PublicTable,
    shape::{Shape, Statement},
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
        let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
        let key =
            ProvingKey::generate(&params, Statement::Liquidation, Shape::Small).expect("keys");
        let mut policy: Policy = sample("policy.json");
        disclose_exposures(&mut policy);
        let (account, snapshot) = (sample("account-small.json"), sample("snapshot.json"));
        Honest::new((params, key), account, snapshot, policy)
    })
}

/// An honest proof under a policy that has every rule there is, in a market that has all that a policy can ask for; under
/// the key of the other proof.
pub fn every_rule() -> &'static Honest {
    static EVERY_RULE: OnceLock<Honest> = OnceLock::new();
    EVERY_RULE.get_or_init(|| {
        let keys = (honest().params.clone(), honest().key.clone());
        let fixture = |name: &str| format!("../fuzz-targets/fixtures/{name}.json");
        let mut policy: Policy = sample(&fixture("policy"));
        disclose_exposures(&mut policy);
        let (account, snapshot) = (sample(&fixture("account")), sample(&fixture("snapshot")));
        Honest::new(keys, account, snapshot, policy)
    })
}

/// USD that make the small sample account healthy.
const DEPOSIT: i64 = 250_000;

/// An honest proof of solvency, of an account after a deposit, under a policy that would have exposures disclosed.
pub fn healthy() -> &'static Honest {
    static HEALTHY: OnceLock<Honest> = OnceLock::new();
    HEALTHY.get_or_init(|| {
        let k = Statement::Solvency.k(Shape::Small);
        let params = Params::unsafe_dev(k).expect("parameters");
        let key = ProvingKey::generate(&params, Statement::Solvency, Shape::Small).expect("keys");
        let mut policy: Policy = sample("policy.json");
        disclose_exposures(&mut policy);
        let (mut account, snapshot): (Account, _) =
            (sample("account-small.json"), sample("snapshot.json"));
        account.cash = Money::from_units(account.cash.units() + DEPOSIT * ONE);
        Honest::new((params, key), account, snapshot, policy)
    })
}

/// The greatest level of disclosure.
fn disclose_exposures(policy: &mut Policy) {
    policy.disclosure.level = DisclosureLevel::TermsAndGreeks;
    policy.disclosure.exposure_tick = Some(Dollars::from_units(EXPOSURE_TICK));
}

impl Honest {
    /// Proves.
    pub fn new(
        (params, key): (Params, ProvingKey),
        account: Account,
        snapshot: Snapshot,
        policy: Policy,
    ) -> Self {
        let context: Context = sample("context.json");
        let proof = prove(&params, &key, &account, &snapshot, &policy, &context).expect("proof");
        let table = PublicTable::new(&snapshot, &policy).expect("table");
        let (commitment, scope) = (scalar(&proof.file.commitment), scalar(&proof.file.context));
        let shape = proof.file.shape;
        let columns = match proof.file.statement {
            Statement::Solvency => solvency_instance(shape, &table, commitment, scope),
            _ => instance(shape, &table, commitment, scope, &proof.file.terms()),
        }
        .expect("terms of the policy");
        let honest = Self {
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
    }

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
