//! What eth-account signs, this signs (`scripts/oracle` writes the vectors); and the digest by hand, from EIP-712's rules.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goldens {
    snapshot_sample: HexBytes<32>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    snapshot: HexBytes<32>,
    policy: HexBytes<32>,
    market: HexBytes<32>,
    sequence: u64,
    time: u64,
    domain: HexBytes<32>,
    digest: HexBytes<32>,
    key: HexBytes<32>,
    address: HexBytes<20>,
    signature: HexBytes<65>,
}

fn goldens() -> Goldens {
    let text = include_str!("../../../tests/goldens/attestations.json");
    serde_json::from_str(text).expect("goldens")
}

#[test]
fn digests_addresses_and_signatures_are_eth_accounts() {
    let vectors = goldens().vectors;
    assert_eq!(vectors.len(), 28);
    for v in vectors {
        let attestation = Attestation {
            snapshot: v.snapshot,
            policy: v.policy,
            market: v.market,
            sequence: v.sequence,
            time: v.time,
        };
        assert_eq!(HexBytes(Attestation::domain()), v.domain);
        assert_eq!(HexBytes(attestation.digest()), v.digest);
        let key = OracleKey::from_bytes(&v.key.0).expect("a key");
        assert_eq!(key.address(), v.address);
        assert_eq!(key.sign(&attestation), Ok(v.signature));
        assert_eq!(recover(&attestation, &v.signature), Ok(v.address));
    }
}

/// Compact JSON in the file's order, prefixed, by Python's own encoder and another Keccak.
#[test]
fn the_sample_snapshots_digest_is_of_its_compact_json() {
    let snapshot: Snapshot = sample("snapshot.json");
    assert_eq!(HexBytes(snapshot.digest()), goldens().snapshot_sample);
}

#[test]
fn the_digest_is_of_the_bytes_that_eip_712_says() {
    use sha3::{Digest, Keccak256};
    let keccak = |bytes: &[u8]| <[u8; 32]>::from(Keccak256::digest(bytes));
    let domain = [
        keccak(b"EIP712Domain(string name,string version)"),
        keccak(b"zkmargin"),
        keccak(b"1"),
    ]
    .concat();
    let kind =
        b"Attestation(bytes32 snapshot,bytes32 policy,bytes32 market,uint64 sequence,uint64 time)";
    let number = |hex: &str| hex::decode(format!("{hex:0>64}")).expect("hex");
    let body = [
        keccak(kind).to_vec(),
        vec![0x11; 32],
        vec![0x22; 32],
        vec![0x33; 32],
        number("0102030405060708"),
        number("6aff1a80"),
    ]
    .concat();
    let signed = [
        b"\x19\x01".to_vec(),
        keccak(&domain).to_vec(),
        keccak(&body).to_vec(),
    ]
    .concat();
    let attestation = Attestation {
        snapshot: HexBytes([0x11; 32]),
        policy: HexBytes([0x22; 32]),
        market: HexBytes([0x33; 32]),
        sequence: 0x0102_0304_0506_0708,
        time: 0x6aff_1a80,
    };
    assert_eq!(attestation.digest(), keccak(&signed));
}

#[test]
fn the_address_of_the_key_one_is_the_known_one() {
    let mut one = [0; 32];
    one[31] = 1;
    let key = OracleKey::from_bytes(&one).expect("a key");
    let known = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    assert_eq!(key.address().to_string(), known);
    assert!(OracleKey::from_bytes(&[0; 32]).is_none());
    assert!(OracleKey::from_bytes(&[0xff; 32]).is_none());
}
