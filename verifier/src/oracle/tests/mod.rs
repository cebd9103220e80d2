//! Signed markets: golden vectors of another hand, every refusal, random bytes.

mod properties;
mod refusals;
mod vectors;

use serde_json::json;
use zkmargin_circuits::{
    circuit::market_digest,
    model::{HexBytes, OracleRule, OracleSignature, Policy, Snapshot, Time, read_json},
    public::PublicTable,
};

use super::*;

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/");
    read_json(format!("{path}{name}").as_ref()).expect("sample")
}

fn time(unix: i64) -> Time {
    Time::from_unix(unix).expect("a time")
}

/// The i-th oracle's key.
fn key(i: u8) -> OracleKey {
    OracleKey::from_bytes(&[i; 32]).expect("a key")
}

const MAX_AGE: u32 = 60;
const MAX_FUTURE: u32 = 5;

/// A market under a policy whose first three keys are its oracles, two of whom must sign.
struct Market {
    snapshot: Snapshot,
    policy: Policy,
    table: PublicTable,
}

impl Market {
    fn new() -> Self {
        let mut policy: Policy = sample("policy.json");
        policy.oracle = Some(OracleRule {
            signers: [1, 2, 3].map(|i| key(i).address()).into(),
            threshold: 2,
            max_age_seconds: MAX_AGE,
            max_future_seconds: MAX_FUTURE,
            min_confidence: vec![],
        });
        let snapshot = sample("snapshot.json");
        let table = PublicTable::new(&snapshot, &policy).expect("a table");
        let market = Self {
            snapshot,
            policy,
            table,
        };
        assert_eq!(market.policy.validate(), Ok(()));
        market
    }

    fn attestation(&self) -> Attestation {
        Attestation::new(&self.snapshot, &self.policy, &self.table)
    }

    /// The entry of a signature under the market's policy.
    fn entry(&self, signature: HexBytes<65>) -> OracleSignature {
        OracleSignature {
            policy: self.attestation().policy,
            signature,
        }
    }

    /// Signed by these keys as well.
    fn signed(mut self, keys: &[u8]) -> Self {
        for &i in keys {
            let signature = key(i).sign(&self.attestation()).expect("signs");
            let entry = self.entry(signature);
            self.snapshot.signatures.push(entry);
        }
        self
    }

    fn check_at(&self, now: i64, last: Option<u64>) -> Result<Authentic, OracleError> {
        check(&self.snapshot, &self.policy, &self.table, time(now), last)
    }

    fn check(&self) -> Result<Authentic, OracleError> {
        self.check_at(self.snapshot.time.unix(), None)
    }
}

#[test]
fn a_market_with_enough_signatures_is_authentic() {
    for (keys, count) in [(&[1, 2][..], 2), (&[3, 1], 2), (&[2, 3, 1], 3)] {
        let market = Market::new().signed(keys);
        let authentic = market.check().expect("authentic");
        assert_eq!(authentic.attestation, market.attestation());
        let signers: Vec<_> = keys.iter().map(|&i| key(i).address()).collect();
        assert_eq!(authentic.signers, signers);
        assert_eq!(signers.len(), count);
    }
}

#[test]
fn an_attestation_names_its_market() {
    let market = Market::new();
    let attestation = market.attestation();
    assert_eq!(attestation.snapshot.0, market.snapshot.digest());
    assert_eq!(attestation.policy.0, market.policy.digest());
    assert_eq!(attestation.market.0, market_digest(&market.table));
    assert_eq!(attestation.sequence, market.snapshot.sequence);
    assert_eq!(attestation.time, market.snapshot.time.unix().unsigned_abs());
    // Its own signatures are not part of it: each oracle signs the same.
    assert_eq!(Market::new().signed(&[1]).attestation(), attestation);
}

/// Signatures under other policies stand in the same file and are passed over.
#[test]
fn signatures_of_other_policies_are_passed_over() {
    let mut market = Market::new();
    market.snapshot.signatures.push(OracleSignature {
        policy: HexBytes([9; 32]),
        signature: HexBytes([0; 65]),
    });
    let market = market.signed(&[1, 2]);
    assert_eq!(market.check().map(|a| a.signers.len()), Ok(2));
}

#[test]
fn a_secret_key_is_not_shown() {
    let (shown, address) = (format!("{:?}", key(0x5a)), key(0x5a).address());
    assert_eq!(shown, format!("OracleKey(of {address})"));
    assert!(!shown.contains("5a5a5a"));
    assert_eq!(*key(0x5a).expose_bytes(), [0x5a; 32]);
    assert_ne!(OracleKey::random().address(), OracleKey::random().address());
}

#[test]
fn a_market_file_keeps_its_signatures() {
    let market = Market::new().signed(&[1, 2]);
    let text = serde_json::to_string(&market.snapshot).expect("printed");
    let read: Snapshot = serde_json::from_str(&text).expect("parses");
    assert_eq!(read, market.snapshot);
    assert_eq!(read.digest(), Market::new().snapshot.digest());
    let entry = json!(market.snapshot.signatures[0]);
    assert_eq!(entry["signature"].as_str().map(str::len), Some(132));
}
