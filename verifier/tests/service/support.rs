//! Proofs of the small shape, made once for all tests, and a desk at which they are handed in.

use std::{path::Path, sync::LazyLock};

use rayon::prelude::*;
use zkmargin_circuits::{
    model::{
        Account, Context, HeartbeatRule, HexBytes, Money, ONE, OracleRule, OracleSignature, Policy,
        Salt, Snapshot, Time, read_json,
    },
    public::PublicTable,
    shape::{Shape, Statement},
};
use zkmargin_prover::{Params, ProvingKey, prove};
use zkmargin_verifier::{
    Eligibility, Market, ProofFile, Rejection, Verifier, VerifyingKey,
    oracle::{Attestation, OracleKey},
    registry::{AccountId, Ledger, MemoryStore},
};

/// The account.
pub const ID: AccountId = AccountId(HexBytes([0xa1; 32]));
/// Another account, of the same positions.
pub const OTHER_ID: AccountId = AccountId(HexBytes([0xa2; 32]));
/// The greatest age and lead of a snapshot, seconds.
pub const MAX_AGE: u32 = 60;
pub const MAX_FUTURE: u32 = 5;
/// The heartbeat, seconds.
pub const PERIOD: u32 = 600;
pub const GRACE: u32 = 300;

/// Everything that was made from the sample files, and the proofs.
pub struct Made {
    pub snapshot: Snapshot,
    pub policy: Policy,
    pub context: Context,
    /// Of liquidation, of solvency.
    pub keys: [ProvingKey; 2],
    /// An honest proof.
    pub proof: ProofFile,
    /// The same statement in the same context, proved again: other bytes.
    pub again: ProofFile,
    /// The same statement for another liquidator, in whose context it is.
    pub rival: (ProofFile, Context),
    /// The same positions under another salt, in the same context.
    pub other: ProofFile,
    /// The account after a deposit, proved healthy.
    pub healthy: ProofFile,
}

pub static MADE: LazyLock<Made> = LazyLock::new(|| {
    let mut policy: Policy = sample("policy.json");
    policy.oracle = Some(OracleRule {
        signers: [1, 2, 3].map(|i| oracle(i).address()).into(),
        threshold: 2,
        max_age_seconds: MAX_AGE,
        max_future_seconds: MAX_FUTURE,
        min_confidence: vec![],
    });
    policy.heartbeat = Some(HeartbeatRule {
        period_seconds: PERIOD,
        grace_seconds: GRACE,
    });
    let snapshot: Snapshot = sample("snapshot.json");
    let context: Context = sample("context.json");
    let mut rival = context.clone();
    rival.liquidator.0[0] ^= 1;
    let made = [Statement::Liquidation, Statement::Solvency].map(|statement| {
        let params = Params::unsafe_dev(statement.k(Shape::Small)).expect("parameters");
        let key = ProvingKey::generate(&params, statement, Shape::Small).expect("keys");
        (params, key)
    });
    let account: Account = sample("account-small.json");
    let (mut other, mut rich) = (account.clone(), account.clone());
    other.salt = Salt::new([3; 32]);
    rich.cash = Money::from_units(rich.cash.units() + 250_000 * ONE);
    let tasks = [
        (&account, &context, 0),
        (&account, &context, 0),
        (&account, &rival, 0),
        (&other, &context, 0),
        (&rich, &context, 1),
    ];
    let proofs: Vec<ProofFile> = tasks
        .par_iter()
        .map(|(account, context, statement)| {
            let (params, key) = &made[*statement];
            let proof = prove(params, key, account, &snapshot, &policy, context);
            proof.expect("a true statement").file
        })
        .collect();
    let [proof, again, rival_proof, other, healthy] = proofs.try_into().expect("five");
    assert_ne!(proof.proof, again.proof, "blinding is fresh");
    Made {
        snapshot: signed(snapshot, &policy, &[1, 2]),
        rival: (rival_proof, rival),
        policy,
        context,
        keys: made.map(|(_, key)| key),
        proof,
        again,
        other,
        healthy,
    }
});

/// The i-th oracle's key.
pub fn oracle(i: u8) -> OracleKey {
    OracleKey::from_bytes(&[i; 32]).expect("a key")
}

/// The snapshot with these oracles' signatures and no others.
pub fn signed(mut snapshot: Snapshot, policy: &Policy, oracles: &[u8]) -> Snapshot {
    snapshot.signatures.clear();
    let table = PublicTable::new(&snapshot, policy).expect("a table");
    let attestation = Attestation::new(&snapshot, policy, &table);
    let entries = oracles.iter().map(|&i| OracleSignature {
        policy: attestation.policy,
        signature: oracle(i).sign(&attestation).expect("signs"),
    });
    snapshot.signatures = entries.collect();
    snapshot
}

/// A file of `samples/`.
pub fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&folder.join(name)).expect(name)
}

/// Seconds after the snapshot.
pub fn after(seconds: i64) -> Time {
    Time::from_unix(MADE.snapshot.time.unix() + seconds).expect("a time")
}

/// What is handed in, and the store that it is held against. Each test alters one thing.
pub struct Desk {
    pub verifier: Verifier,
    pub proof: ProofFile,
    pub snapshot: Snapshot,
    pub policy: Policy,
    pub context: Context,
    pub ledger: Box<dyn Ledger>,
    pub now: Time,
}

/// The keys that the verifier trusts.
pub fn trusted() -> Vec<VerifyingKey> {
    let keys = MADE.keys.iter();
    keys.map(|key| key.verifying().clone()).collect()
}

impl Desk {
    /// The honest proof's.
    pub fn new() -> Self {
        Self::with(Box::new(MemoryStore::new()))
    }

    /// The healthy account's.
    pub fn of_health() -> Self {
        let mut desk = Self::with(Box::new(MemoryStore::new()));
        desk.proof = MADE.healthy.clone();
        let sequence = 100;
        desk.ledger
            .recommit(ID, desk.proof.commitment, sequence)
            .expect("the next state");
        desk
    }

    /// The honest proof's, its account and the other one open in this store.
    pub fn with(ledger: Box<dyn Ledger>) -> Self {
        let made = &*MADE;
        let opened = after(-10);
        for (id, proof) in [(ID, &made.proof), (OTHER_ID, &made.other)] {
            ledger
                .open(id, proof.commitment, 7, &made.policy, opened)
                .expect("opened");
        }
        Self {
            verifier: Verifier::new(made.context.chain_id, made.context.verifier, trusted()),
            proof: made.proof.clone(),
            snapshot: made.snapshot.clone(),
            policy: made.policy.clone(),
            context: made.context.clone(),
            ledger,
            now: after(1),
        }
    }

    /// The snapshot altered, and signed again.
    pub fn alter_snapshot(&mut self, alter: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = self.snapshot.clone();
        alter(&mut snapshot);
        self.snapshot = signed(snapshot, &self.policy, &[1, 2]);
    }

    /// The same answer whether the market is there or not.
    pub fn check(&self) -> Result<Eligibility, Rejection> {
        let (proof, context, now) = (&self.proof, &self.context, self.now);
        let (snapshot, policy, ledger) = (&self.snapshot, &self.policy, &*self.ledger);
        let verifier = &self.verifier;
        let answer = verifier.check(proof, snapshot, policy, context, ledger, now);
        if let Ok(market) = Market::new(snapshot, policy) {
            let there = verifier.check_in(proof, &market, context, ledger, now);
            assert_eq!(there, answer);
        }
        answer
    }

    pub fn submit(&self) -> Result<zkmargin_verifier::registry::Receipt, Rejection> {
        self.verifier.submit(
            &self.proof,
            &self.snapshot,
            &self.policy,
            &self.context,
            &*self.ledger,
            self.now,
        )
    }

    /// Neither the check nor the submission passes, for this reason, and nothing is spent.
    pub fn refuses(&self, reason: Rejection) {
        assert_eq!(self.check().map(drop), Err(reason.clone()));
        assert_eq!(self.submit().map(drop), Err(reason));
    }
}
