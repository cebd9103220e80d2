//! Verifying key files from a stranger: nothing in them is believed, allocated by or panicked
//! over.

use std::ops::Range;

use ff::{Field, PrimeField};
use group::prime::PrimeCurveAffine;
use halo2curves::{
    CurveAffine,
    bn256::{Fq, Fq2, G1Affine, G2Affine},
    serde::SerdeObject,
};
use rand_core::OsRng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use zkmargin_circuits::{
    model::HexBytes,
    shape::{Shape, Statement},
};
use zkmargin_prover::Params;
use zkmargin_verifier::{
    Rejection, Request, VerifyingKey,
    key::{KeyError, MAX_KEY_BYTES, configured},
    packing::{PACKED, Packing},
    srs::{Origin, ceremony, g2_bytes},
    verify,
};

use crate::support::honest;

const ORIGIN: Range<usize> = 12..80;
const TAU_G2: Range<usize> = 80..208;
const PARAMS_DIGEST: Range<usize> = 208..240;
/// The backend's version, k, flag and number of fixed columns.
const BODY: usize = 240;
const FIXED_COUNT: Range<usize> = BODY + 6..BODY + 10;
const POINTS: usize = BODY + 10;

fn bytes() -> Vec<u8> {
    honest().verifying().to_bytes()
}

/// Altered bytes under a checksum that fits them.
fn remade(alter: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = bytes();
    let content = bytes.len() - 32;
    alter(&mut bytes[..content]);
    let checksum = Sha256::digest(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum);
    bytes
}

fn refusal(bytes: &[u8]) -> KeyError {
    match VerifyingKey::from_bytes(bytes) {
        Ok(_) => panic!("accepted"),
        Err(error) => error,
    }
}

/// The answer to a key with other bytes in one place and the checksum remade.
fn refusal_with(at: Range<usize>, value: &[u8]) -> KeyError {
    refusal(&remade(|bytes| bytes[at].copy_from_slice(value)))
}

fn malformed(what: &str) -> KeyError {
    KeyError::Body(what.to_owned())
}

/// Commitments to fixed columns and permutations.
fn own_points() -> usize {
    let vk = honest().verifying().backend();
    vk.fixed_commitments().len() + vk.permutation().commitments().len()
}

/// First byte after the points: the selectors, one bit a row.
fn selectors() -> Range<usize> {
    POINTS + 64 * own_points()..packed().start
}

/// The commitments to groups.
fn packed() -> Range<usize> {
    let end = bytes().len() - 32;
    end - 64 * honest().verifying().packed().len()..end
}

/// How many groups there are with so many fixed columns, selectors among them.
fn groups(fixed: usize) -> usize {
    let meta = configured(Statement::Liquidation, Shape::Small).expect("a circuit");
    let selectors = fixed.saturating_sub(meta.num_fixed_columns());
    (Packing::new(&meta).members() + selectors).div_ceil(PACKED)
}

#[test]
fn a_key_round_trips() {
    let key = VerifyingKey::from_bytes(&bytes()).expect("a key");
    let own = honest().verifying();
    assert_eq!(key.to_bytes(), bytes());
    assert_eq!(key.digest(), own.digest());
    assert_eq!(key.params_digest(), own.params_digest());
    assert_eq!(key.origin(), own.origin());
    assert_eq!(key.proof_bytes(), own.proof_bytes());
    let request = Request {
        key: &key,
        ..honest().request()
    };
    assert!(verify(&honest().file, &request).is_ok());
    assert!(bytes().len() as u64 <= MAX_KEY_BYTES);
}

#[test]
fn the_header_names_exactly_this_circuit() {
    for byte in 0..8 {
        assert_eq!(refusal(&remade(|b| b[byte] ^= 1)), KeyError::Magic);
    }
    let unsupported = |field, value| KeyError::Unsupported { field, value };
    for value in [0, 2, 255] {
        assert_eq!(
            refusal_with(8..9, &[value]),
            unsupported("circuit version", value)
        );
    }
    for value in [0, 3, 255] {
        assert_eq!(
            refusal_with(9..10, &[value]),
            unsupported("statement", value)
        );
    }
    for value in [0, 4, 255] {
        assert_eq!(refusal_with(10..11, &[value]), unsupported("shape", value));
    }
    for k in [0, 10, 12, 28, 64, 255] {
        assert_eq!(refusal_with(11..12, &[k]), unsupported("k", k));
    }
    // The other statement, with this one's k and with its own: the body's k still disagrees.
    let (code, k) = (
        Statement::Solvency.code(),
        Statement::Solvency.k(Shape::Small),
    );
    assert_eq!(refusal_with(9..10, &[code]), unsupported("k", 11));
    assert_eq!(
        refusal_with(9..12, &[code, Shape::Small.code(), k as u8]),
        malformed("version, k or column count")
    );
    // Another shape with its own k: the body's k still disagrees.
    let medium = Shape::Medium;
    assert_eq!(
        refusal_with(10..12, &[medium.code(), medium.k() as u8]),
        malformed("version, k or column count")
    );
}

#[test]
fn the_backend_allocates_by_nothing_that_a_file_says() {
    // Its k and its number of columns would be 2^255 rows and 2^32 columns.
    for at in BODY..BODY + 6 {
        assert_eq!(
            refusal(&remade(|bytes| bytes[at] ^= 0xff)),
            malformed("version, k or column count"),
            "byte {at}"
        );
    }
    for count in [257, 1 << 16, u32::MAX] {
        assert_eq!(
            refusal_with(FIXED_COUNT, &count.to_le_bytes()),
            malformed("version, k or column count")
        );
    }
    let own = honest().verifying().backend().fixed_commitments().len();
    for count in [0, own - 1, own + 1, 256] {
        let expected = bytes().len() - 64 * (own + groups(own)) + 64 * (count + groups(count));
        assert_eq!(
            refusal_with(FIXED_COUNT, &(count as u32).to_le_bytes()),
            KeyError::Length {
                expected,
                got: bytes().len(),
            }
        );
    }
    // As many points as claimed, all of them good, but not the circuit's number.
    let mut longer = bytes();
    longer.truncate(longer.len() - 32);
    longer[FIXED_COUNT].copy_from_slice(&(own as u32 + 1).to_le_bytes());
    let point = G1Affine::generator().to_raw_bytes();
    longer.splice(POINTS..POINTS, point.clone());
    (groups(own)..groups(own + 1)).for_each(|_| longer.extend(&point));
    let checksum = Sha256::digest(&longer);
    longer.extend(checksum);
    assert_eq!(
        refusal(&longer),
        malformed("selectors and column count disagree")
    );
}

/// Peak resident memory of this process, MiB.
#[cfg(target_os = "linux")]
fn peak_mib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("status");
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.and_then(|kib| kib.parse::<usize>().ok()).expect("KiB") / 1024
}

#[test]
#[cfg(target_os = "linux")]
fn hostile_headers_cost_no_memory() {
    for at in (BODY..BODY + 10).chain([10, 11]) {
        for value in [0x00, 0x7f, 0xff] {
            let _ = VerifyingKey::from_bytes(&remade(|bytes| bytes[at] = value));
        }
    }
    // The other tests of this process prove at the same time and stay below this as well.
    assert!(peak_mib() < 1536, "{} MiB", peak_mib());
}

#[test]
fn a_key_has_its_exact_length() {
    let whole = bytes();
    let expected = whole.len();
    let step = 61;
    for got in (0..expected).step_by(step).chain([expected - 1]) {
        let error = refusal(&whole[..got]);
        let wanted = match got {
            0..BODY => KeyError::Length {
                expected: BODY,
                got,
            },
            BODY..POINTS => malformed("version, k or column count"),
            _ => KeyError::Length { expected, got },
        };
        assert_eq!(error, wanted, "{got} bytes");
    }
    let mut longer = whole;
    longer.push(0);
    assert_eq!(
        refusal(&longer),
        KeyError::Length {
            expected,
            got: expected + 1,
        }
    );
}

#[test]
fn every_byte_is_under_the_checksum() {
    let whole = bytes();
    let body = POINTS..whole.len();
    // In front of the points other checks come first.
    (0..whole.len()).into_par_iter().step_by(7).for_each(|at| {
        let mut altered = whole.clone();
        altered[at] ^= 0x10;
        let error = refusal(&altered);
        if body.contains(&at) || (12..BODY).contains(&at) {
            assert_eq!(error, KeyError::Checksum, "byte {at}");
        }
    });
}

/// Each header byte altered, the checksum remade.
#[test]
fn the_header_is_consistent_in_every_byte() {
    for at in ORIGIN {
        let error = refusal(&remade(|bytes| bytes[at] ^= 1));
        let KeyError::Origin(error) = error else {
            panic!("byte {at}: {error:?}");
        };
        let field = if at == ORIGIN.start {
            "blake2b"
        } else {
            "padding"
        };
        assert_eq!(error.field, field, "byte {at}");
    }
    for at in TAU_G2 {
        assert_eq!(
            refusal(&remade(|bytes| bytes[at] ^= 1)),
            KeyError::Point,
            "byte {at}"
        );
    }
    // Nothing to hold the parameters' digest against: it is another key.
    for at in PARAMS_DIGEST {
        let key = VerifyingKey::from_bytes(&remade(|bytes| bytes[at] ^= 1)).expect("a key");
        assert_refused_as_another_key(&key);
    }
}

/// A consistent key that is not the trusted one has another digest.
fn assert_refused_as_another_key(key: &VerifyingKey) {
    let honest = honest();
    assert_ne!(key.digest(), honest.verifying().digest());
    let request = Request {
        key,
        ..honest.request()
    };
    assert_eq!(
        verify(&honest.file, &request),
        Err(Rejection::Key {
            proof: honest.file.key,
            key: HexBytes(key.digest()),
        })
    );
}

#[test]
fn tau_is_a_point_of_the_subgroup_and_not_trivial() {
    let outside = loop {
        let x = Fq2::new(Fq::random(OsRng), Fq::random(OsRng));
        let y: Option<Fq2> = (x.square() * x + G2Affine::b()).sqrt().into();
        if let Some(point) = y.and_then(|y| Option::from(G2Affine::from_xy(x, y))) {
            break point;
        }
    };
    for (name, point) in [
        ("generator", G2Affine::generator()),
        ("infinity", G2Affine::identity()),
        ("outside the subgroup", outside),
    ] {
        assert_eq!(
            refusal_with(TAU_G2, &g2_bytes(&point)),
            KeyError::Point,
            "{name}"
        );
    }
    // A coordinate plus the modulus is the same element, written another way.
    let mut modulus = (-Fq::ONE).to_repr();
    modulus[0] += 1;
    for coordinate in 0..4 {
        let altered = remade(|bytes| {
            let mut carry = 0;
            let own = &mut bytes[TAU_G2][32 * coordinate..32 * (coordinate + 1)];
            for (byte, m) in own.iter_mut().zip(modulus) {
                let digit = u16::from(*byte) + u16::from(m) + carry;
                *byte = digit as u8;
                carry = digit >> 8;
            }
            assert_eq!(carry, 0);
        });
        assert_eq!(refusal(&altered), KeyError::Point);
    }
}

/// The origin of the published ceremony file of a power.
fn published(power: u32) -> Origin {
    let file = ceremony::PUBLISHED.iter().find(|file| file.power == power);
    let hash = hex::decode(file.expect("published").blake2b).expect("hex");
    Origin::ceremony(power, &hash.try_into().expect("64 bytes"))
}

#[test]
fn a_development_key_cannot_claim_the_ceremony() {
    let origin = published(13).to_bytes();
    assert_eq!(refusal_with(ORIGIN, &origin), KeyError::NotTheCeremony);
    let origin_field = |error| match error {
        KeyError::Origin(error) => error.field,
        other => panic!("{other:?}"),
    };
    // A published hash cannot hide behind the other tag, nor another hash behind this one.
    let mut hidden = origin;
    hidden[0] = 2;
    assert_eq!(origin_field(refusal_with(ORIGIN, &hidden)), "blake2b");
    let mut invented = origin;
    invented[10] ^= 1;
    assert_eq!(origin_field(refusal_with(ORIGIN, &invented)), "blake2b");
    // A ceremony of fewer powers than its proofs take.
    let short = published(12).to_bytes();
    assert_eq!(origin_field(refusal_with(ORIGIN, &short)), "power");
    // An unpublished file: a key of its own, marked as such.
    let unpublished = Origin::ceremony(13, &[7; 64]);
    let key = VerifyingKey::from_bytes(&remade(|bytes| {
        bytes[ORIGIN].copy_from_slice(&unpublished.to_bytes());
    }))
    .expect("a key");
    assert!(!key.origin().is_published());
    assert_refused_as_another_key(&key);
}

#[test]
fn another_point_is_another_key() {
    let honest = honest();
    let fixed = honest.verifying().backend().fixed_commitments().len();
    let own = [0, fixed - 1, own_points() - 1].map(|point| POINTS + 64 * point);
    let groups = [packed().start, packed().end - 64];
    for start in own.into_iter().chain(groups) {
        let at = start..start + 64;
        let key = VerifyingKey::from_bytes(&remade(|bytes| {
            bytes[at].copy_from_slice(&G1Affine::generator().to_raw_bytes());
        }))
        .expect("a key");
        assert_refused_as_another_key(&key);
        // A file adapted to it does not verify either.
        let mut file = honest.file.clone();
        file.key = HexBytes(key.digest());
        let request = Request {
            key: &key,
            ..honest.request()
        };
        assert_eq!(verify(&file, &request), Err(Rejection::Proof));
    }
}

/// The backend's reader checks coordinates only: the curve is for us to check.
#[test]
fn every_commitment_is_on_the_curve() {
    let off_curve = G1Affine {
        x: Fq::one(),
        y: Fq::one(),
    };
    let own = (0..own_points()).map(|point| POINTS + 64 * point);
    for (index, start) in own.chain(packed().step_by(64)).enumerate() {
        let at = start..start + 64;
        assert_eq!(
            refusal_with(at.clone(), &off_curve.to_raw_bytes()),
            KeyError::Commitment { index }
        );
        let error = refusal_with(at, &[0xff; 64]);
        assert!(matches!(error, KeyError::Body(_)), "{index}: {error:?}");
    }
}

#[test]
fn altered_selectors_are_another_key_or_none() {
    let honest = honest();
    let region = selectors();
    assert!(region.len() > 1000 && region.len().is_multiple_of(256));
    let answer = |altered: Vec<u8>, what: &str| match VerifyingKey::from_bytes(&altered) {
        Ok(key) => {
            assert_refused_as_another_key(&key);
            let mut file = honest.file.clone();
            file.key = HexBytes(key.digest());
            let request = Request {
                key: &key,
                ..honest.request()
            };
            // The bits only say which gates share a column: with the same shares the equations
            // and the points are the same, under another digest. Otherwise no proof fits.
            let own = honest.verifying().backend();
            let same = key.backend().transcript_repr() == own.transcript_repr();
            match verify(&file, &request) {
                Ok(_) => assert!(same, "{what}"),
                Err(Rejection::Proof | Rejection::ProofLength { .. }) => assert!(!same, "{what}"),
                Err(other) => panic!("{what}: {other:?}"),
            }
        }
        Err(error) => assert_eq!(
            error,
            malformed("selectors and column count disagree"),
            "{what}"
        ),
    };
    region.clone().into_par_iter().step_by(97).for_each(|at| {
        for bit in [0x01, 0xff] {
            answer(remade(|bytes| bytes[at] ^= bit), &format!("byte {at}"));
        }
    });
    answer(remade(|bytes| bytes[region.clone()].fill(0)), "no selector");
    answer(remade(|bytes| bytes[region.clone()].fill(0xff)), "all on");
    // The last rows of a selector are not the circuit's to use.
    let last = region.start + 255;
    answer(remade(|bytes| bytes[last] |= 0x80), "a blinding row");
}

#[test]
fn keys_under_other_parameters_are_other_keys() {
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    let key = VerifyingKey::from_bytes(&remade(|bytes| {
        bytes[TAU_G2].copy_from_slice(&g2_bytes(&params.s_g2()));
    }))
    .expect("a key");
    assert_refused_as_another_key(&key);
}

/// Says where a child process finds a key file.
const CHILD_KEY: &str = "ZKMARGIN_TEST_KEY";

/// Only does something in a process started by the test below.
#[test]
fn child_under_a_capped_degree() {
    let (Some(path), Ok(cap)) = (std::env::var_os(CHILD_KEY), std::env::var("MAX_DEGREE")) else {
        return;
    };
    let bytes = std::fs::read(path).expect("read");
    match cap.as_str() {
        "5" | "9" => assert!(VerifyingKey::from_bytes(&bytes).is_ok()),
        _ => assert_eq!(refusal(&bytes), KeyError::Environment(cap)),
    }
    println!("the child has seen MAX_DEGREE");
}

/// The backend reads its degree cap from the environment and panics over a low one.
#[test]
fn a_degree_cap_in_the_environment_is_an_error_and_no_panic() {
    let file = tempfile::NamedTempFile::new().expect("file");
    std::fs::write(file.path(), bytes()).expect("written");
    for cap in ["3", "0", "4", "five", "", "5", "9"] {
        let output = std::process::Command::new(std::env::current_exe().expect("path"))
            .args([
                "--exact",
                "key_file::child_under_a_capped_degree",
                "--nocapture",
            ])
            .env(CHILD_KEY, file.path())
            .env("MAX_DEGREE", cap)
            .output()
            .expect("started");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{cap}: {text}");
        assert!(text.contains("the child has seen MAX_DEGREE"), "{cap}");
    }
}
