//! Every reason not to act on a snapshot, each by its own error.

use k256::elliptic_curve::{PrimeField, scalar::IsHigh};
use zkmargin_circuits::model::{ConfidenceLimit, ONE, Price, Rate};

use super::*;

#[test]
fn a_policy_without_oracles_trusts_nobody() {
    let mut market = Market::new().signed(&[1, 2]);
    market.policy.oracle = None;
    assert_eq!(market.check(), Err(OracleError::NoRule));
}

#[test]
fn one_signature_less_than_the_threshold_is_too_few() {
    for keys in [&[][..], &[1], &[3]] {
        let got = keys.len();
        let threshold = 2;
        assert_eq!(
            Market::new().signed(keys).check(),
            Err(OracleError::TooFew { got, threshold })
        );
    }
    // A rule that asks for none is none.
    let mut market = Market::new();
    market.policy.oracle.as_mut().expect("a rule").threshold = 0;
    let none = OracleError::TooFew {
        got: 0,
        threshold: 0,
    };
    assert_eq!(market.check(), Err(none));
}

#[test]
fn a_stranger_does_not_count() {
    let market = Market::new().signed(&[1, 2, 4]);
    let signer = key(4).address();
    let stranger = OracleError::UnknownSigner { index: 2, signer };
    assert_eq!(market.check(), Err(stranger));
}

#[test]
fn an_oracle_counts_once() {
    let market = Market::new().signed(&[1, 1]);
    let signer = key(1).address();
    assert_eq!(
        market.check(),
        Err(OracleError::Repeated { index: 1, signer })
    );
    assert_eq!(
        Market::new().signed(&[1, 2, 1]).check(),
        Err(OracleError::Repeated { index: 2, signer })
    );
}

/// One changed number, and the signatures are nobody's.
#[test]
fn an_altered_market_is_signed_by_strangers() {
    let stranger = |market: &Market| match market.check() {
        Err(OracleError::UnknownSigner { index: 0, signer }) => {
            let known = &market.policy.oracle.as_ref().expect("a rule").signers;
            assert!(!known.contains(&signer));
        }
        other => panic!("{other:?}"),
    };
    let mut market = Market::new().signed(&[1, 2]);
    let spot = &mut market.snapshot.assets[0].spot;
    *spot = Price::from_units(spot.units() + 1);
    stranger(&market);
    let mut market = Market::new().signed(&[1, 2]);
    market.snapshot.sequence += 1;
    stranger(&market);
    // The market's own, under another table: as if the rules were applied otherwise.
    let mut market = Market::new().signed(&[1, 2]);
    let mut other: Policy = sample("policy.json");
    other.scenarios.pop();
    market.table = PublicTable::new(&market.snapshot, &other).expect("a table");
    stranger(&market);
}

#[test]
fn another_policys_signatures_are_none_of_this_ones() {
    let signed = Market::new().signed(&[1, 2, 3]);
    let mut market = Market::new();
    market.policy.name.push('!');
    market.snapshot.signatures = signed.snapshot.signatures;
    let other = OracleError::OtherPolicy {
        found: 3,
        policy: HexBytes(market.policy.digest()),
    };
    assert_eq!(market.check(), Err(other));
    // Relabelled they are about something else than what was signed.
    for entry in &mut market.snapshot.signatures {
        entry.policy = HexBytes(market.policy.digest());
    }
    assert!(matches!(
        market.check(),
        Err(OracleError::UnknownSigner { index: 0, .. })
    ));
}

/// The market with one more signature, altered.
fn altered(alter: impl FnOnce(&mut [u8; 65])) -> Result<Authentic, OracleError> {
    let mut market = Market::new().signed(&[1, 2]);
    alter(&mut market.snapshot.signatures[1].signature.0);
    market.check()
}

const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

#[test]
fn a_malformed_signature_is_refused() {
    let malformed = |source| Err(OracleError::Signature { index: 1, source });
    for v in [0, 1, 26, 29, 31, 255] {
        let answer = altered(|bytes| bytes[64] = v);
        assert_eq!(answer, malformed(SignatureError::RecoveryId(v)));
    }
    let order = hex::decode(ORDER).expect("hex");
    for word in [&[0; 32][..], &order, &[0xff; 32]] {
        for at in [0, 32] {
            let answer = altered(|bytes| bytes[at..at + 32].copy_from_slice(word));
            assert_eq!(answer, malformed(SignatureError::Scalar));
        }
    }
    // r = 5 is no x coordinate of the curve.
    let answer = altered(|bytes| {
        bytes[..32].fill(0);
        bytes[31] = 5;
    });
    assert_eq!(answer, malformed(SignatureError::NoKey));
}

/// (r, n - s) with the other v is the same key's signature of the same digest: the second spelling is refused.
#[test]
fn a_high_s_is_refused() {
    let answer = altered(|bytes| {
        let mut word = [0; 32];
        word.copy_from_slice(&bytes[32..64]);
        let s = k256::Scalar::from_repr(word.into()).expect("a scalar");
        let high = -s;
        assert!(bool::from(high.is_high()));
        bytes[32..64].copy_from_slice(&high.to_repr());
        bytes[64] = 55 - bytes[64];
    });
    let source = SignatureError::HighS;
    assert_eq!(answer, Err(OracleError::Signature { index: 1, source }));
}

#[test]
fn age_counts_to_the_second() {
    let market = Market::new().signed(&[1, 2]);
    let at = market.snapshot.time;
    let (oldest, earliest) = (i64::from(MAX_AGE), i64::from(MAX_FUTURE));
    for now in [0, oldest, -earliest] {
        assert!(market.check_at(at.unix() + now, None).is_ok(), "{now}");
    }
    let now = at.unix() + oldest + 1;
    assert_eq!(
        market.check_at(now, None),
        Err(OracleError::Stale {
            time: at,
            now: time(now),
            max_age_seconds: MAX_AGE
        })
    );
    let now = at.unix() - earliest - 1;
    assert_eq!(
        market.check_at(now, None),
        Err(OracleError::Future {
            time: at,
            now: time(now),
            max_future_seconds: MAX_FUTURE
        })
    );
}

#[test]
fn sequences_do_not_fall() {
    let market = Market::new().signed(&[1, 2]);
    let (sequence, now) = (market.snapshot.sequence, market.snapshot.time.unix());
    for last in [0, sequence - 1, sequence] {
        assert!(market.check_at(now, Some(last)).is_ok(), "{last}");
    }
    for last in [sequence + 1, u64::MAX] {
        let behind = OracleError::Sequence { sequence, last };
        assert_eq!(market.check_at(now, Some(last)), Err(behind));
    }
}

/// Alters the confidence of one feed.
type Feed = (&'static str, fn(&mut Snapshot, Rate));

#[test]
fn each_feed_has_its_asset_s_limit() {
    const FEEDS: [Feed; 3] = [
        ("assets[0].confidence", |s, c| s.assets[0].confidence = c),
        ("assets[0].perpetual.confidence", |s, c| {
            s.assets[0].perpetual.as_mut().expect("one").confidence = c;
        }),
        ("expiries[0].confidence", |s, c| {
            s.expiries[0].confidence = c;
        }),
    ];
    let limit = Rate::from_units(ONE * 9 / 10);
    let below = Rate::from_units(limit.units() - 1);
    let other = |asset: &str| {
        let asset = asset.parse().expect("a symbol");
        let confidence = Rate::ONE;
        ConfidenceLimit { asset, confidence }
    };
    for (field, set) in FEEDS {
        let signed = |confidence, own: bool| {
            let mut market = Market::new();
            let asset = market.snapshot.assets[0].asset;
            assert_eq!(market.snapshot.expiries[0].asset, asset);
            let confidence_limit = ConfidenceLimit {
                asset,
                confidence: limit,
            };
            let rule = market.policy.oracle.as_mut().expect("a rule");
            // Another asset's limit, and one of an asset that is not there, are no concern of this feed.
            rule.min_confidence = vec![other("ETH"), other("NONE")];
            rule.min_confidence.extend(own.then_some(confidence_limit));
            set(&mut market.snapshot, confidence);
            market.signed(&[1, 2]).check().map(drop)
        };
        assert_eq!(signed(limit, true), Ok(()), "{field}");
        assert_eq!(signed(below, false), Ok(()), "{field}");
        let refused = OracleError::Confidence {
            field: field.into(),
            confidence: below,
            limit,
        };
        assert_eq!(signed(below, true), Err(refused));
    }
}
