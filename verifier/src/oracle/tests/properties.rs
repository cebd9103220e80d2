//! Random keys, markets and bytes.

use std::sync::LazyLock;

use proptest::{collection::vec, prelude::*};

use super::*;

static MARKET: LazyLock<Market> = LazyLock::new(Market::new);

fn attestations() -> impl Strategy<Value = Attestation> {
    (
        any::<[u8; 32]>(),
        any::<[u8; 32]>(),
        any::<[u8; 32]>(),
        any::<u64>(),
        any::<u64>(),
    )
        .prop_map(|(snapshot, policy, market, sequence, time)| Attestation {
            snapshot: HexBytes(snapshot),
            policy: HexBytes(policy),
            market: HexBytes(market),
            sequence,
            time,
        })
}

/// An attestation with one bit of one field turned.
fn turned(mut attestation: Attestation, field: usize, bit: usize) -> Attestation {
    let flip = |word: &mut HexBytes<32>| word.0[bit / 8 % 32] ^= 1 << (bit % 8);
    match field {
        0 => flip(&mut attestation.snapshot),
        1 => flip(&mut attestation.policy),
        2 => flip(&mut attestation.market),
        3 => attestation.sequence ^= 1 << (bit % 64),
        _ => attestation.time ^= 1 << (bit % 64),
    }
    attestation
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_signature_recovers_to_its_key_and_to_nothing_else(
        attestation in attestations(), secret in any::<[u8; 32]>(), field in 0usize..5, bit in 0usize..256,
    ) {
        let Some(key) = OracleKey::from_bytes(&secret) else { return Ok(()); };
        let signature = key.sign(&attestation).expect("signs");
        prop_assert_eq!(recover(&attestation, &signature), Ok(key.address()));
        let other = turned(attestation, field, bit);
        prop_assert_ne!(recover(&other, &signature), Ok(key.address()));
    }

    /// 65 bytes, of which some are a signature's: an answer, never a panic, and never the oracle's address.
    #[test]
    fn altered_signatures_are_not_the_oracles(
        attestation in attestations(), at in 0usize..65, mask in 1u8..,
    ) {
        let key = key(1);
        let mut signature = key.sign(&attestation).expect("signs");
        signature.0[at] ^= mask;
        prop_assert_ne!(recover(&attestation, &signature), Ok(key.address()));
    }

    #[test]
    fn random_bytes_are_answered(
        attestation in attestations(), head in vec(any::<u8>(), 64), v in prop_oneof![Just(27u8), Just(28), any::<u8>()],
    ) {
        let bytes: [u8; 65] = [head, vec![v]].concat().try_into().expect("65 bytes");
        if let Ok(address) = recover(&attestation, &HexBytes(bytes)) {
            prop_assert!(v == 27 || v == 28);
            prop_assert_ne!(address, key(1).address());
        }
    }

    /// Any list of keys: authentic exactly if all are the policy's, each once, and enough of them.
    #[test]
    fn authentic_is_enough_distinct_oracles(keys in vec(1u8..6, 0..6)) {
        let mut market = Market { snapshot: MARKET.snapshot.clone(), policy: MARKET.policy.clone(), table: MARKET.table.clone() };
        for &i in &keys {
            let entry = market.entry(key(i).sign(&MARKET.attestation()).expect("signs"));
            market.snapshot.signatures.push(entry);
        }
        let known = keys.iter().all(|i| (1..=3).contains(i));
        let distinct = keys.iter().enumerate().all(|(at, i)| !keys[..at].contains(i));
        prop_assert_eq!(market.check().is_ok(), known && distinct && keys.len() >= 2);
    }
}
