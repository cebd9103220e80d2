//! Proving key files from a stranger: the backend's reader would panic over most of them.

use std::{fs, ops::Range, path::Path, sync::OnceLock};

use halo2curves::{bn256::Fr, serde::SerdeObject};
use sha2::{Digest, Sha256};
use zkmargin_circuits::{
    model::{Account, Context, LoadError, Policy, Snapshot, read_json},
    shape::{Shape, Statement},
};
use zkmargin_prover::{
    KeyFileError, Params, ProveError, ProvingKey,
    atomic::{AtomicWriteError, Overwrite},
    prove,
};
use zkmargin_verifier::{Rejection, key::KeyError};

const DIGEST: Range<usize> = 8..40;
const BODY: usize = 40;
const ROWS: usize = 1 << Shape::Small.k();
/// A polynomial: the number of its values, then the values.
const POLYNOMIAL: usize = 4 + 32 * ROWS;

struct Keys {
    params: Params,
    folder: tempfile::TempDir,
    pk: Vec<u8>,
    /// Length of the backend's verifying key inside the body.
    vk: usize,
    fixed: usize,
    permuted: usize,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
        let key =
            ProvingKey::generate(&params, Statement::Liquidation, Shape::Small).expect("keys");
        let folder = tempfile::tempdir().expect("folder");
        key.write(folder.path(), Overwrite::Refuse)
            .expect("written");
        let pk = fs::read(folder.path().join(pk_name())).expect("read");
        let backend = key.verifying().backend();
        Keys {
            params,
            pk,
            folder,
            vk: backend.to_bytes(halo2_proofs::SerdeFormat::RawBytes).len(),
            fixed: backend.fixed_commitments().len(),
            permuted: backend.permutation().commitments().len(),
        }
    })
}

fn pk_name() -> String {
    ProvingKey::file_name(Statement::Liquidation, Shape::Small)
}

fn vk_name() -> String {
    ProvingKey::verifying_file_name(Statement::Liquidation, Shape::Small)
}

fn read(folder: &Path) -> Result<ProvingKey, KeyFileError> {
    ProvingKey::read(folder, Statement::Liquidation, Shape::Small)
}

/// Reads the honest verifying key with another proving key file.
fn read_with(pk: &[u8]) -> Result<ProvingKey, KeyFileError> {
    let folder = tempfile::tempdir().expect("folder");
    let vk = keys().folder.path().join(vk_name());
    fs::copy(vk, folder.path().join(vk_name())).expect("copied");
    fs::write(folder.path().join(pk_name()), pk).expect("written");
    read(folder.path())
}

fn refusal(pk: &[u8]) -> KeyError {
    match read_with(pk) {
        Err(KeyFileError::Key { path, source }) => {
            assert!(path.ends_with(pk_name()), "{}", path.display());
            source
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("accepted"),
    }
}

/// Altered bytes under a checksum that fits them.
fn remade(alter: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = keys().pk.clone();
    let content = bytes.len() - 32;
    alter(&mut bytes[..content]);
    let checksum = Sha256::digest(&bytes[..content]);
    bytes[content..].copy_from_slice(&checksum);
    bytes
}

fn malformed(what: &str) -> KeyError {
    KeyError::Body(what.to_owned())
}

/// Where every polynomial starts, and every count of polynomials.
fn layout() -> (Vec<usize>, Vec<usize>) {
    let keys = keys();
    let mut at = BODY + keys.vk;
    let (mut polynomials, mut counts) = (Vec::new(), Vec::new());
    let mut take = |n: usize, at: &mut usize| {
        for _ in 0..n {
            polynomials.push(*at);
            *at += POLYNOMIAL;
        }
    };
    take(3, &mut at);
    for n in [keys.fixed, keys.fixed, keys.permuted, keys.permuted] {
        counts.push(at);
        at += 4;
        take(n, &mut at);
    }
    assert_eq!(at + 32, keys.pk.len());
    (polynomials, counts)
}

#[test]
fn keys_round_trip_through_their_files() {
    let key = read(keys().folder.path()).expect("read");
    let folder = tempfile::tempdir().expect("folder");
    key.write(folder.path(), Overwrite::Refuse)
        .expect("written");
    let written = fs::read(folder.path().join(pk_name())).expect("read");
    assert!(written == keys().pk, "another file");
    assert!(matches!(
        key.write(folder.path(), Overwrite::Refuse),
        Err(KeyFileError::Write(AtomicWriteError::Exists { .. }))
    ));
}

#[test]
fn missing_files_are_told_from_bad_ones() {
    let folder = tempfile::tempdir().expect("folder");
    let missing = read(folder.path()).expect_err("nothing there");
    assert!(missing.is_not_found());
    let bad = read_with(b"").expect_err("empty");
    assert!(!bad.is_not_found());
}

#[test]
fn a_key_file_of_another_shape_under_this_name_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let medium = ProvingKey::verifying_file_name(Statement::Liquidation, Shape::Medium);
    let path = folder.path().join(medium);
    fs::copy(keys().folder.path().join(vk_name()), &path).expect("copied");
    let error = ProvingKey::read(folder.path(), Statement::Liquidation, Shape::Medium)
        .expect_err("another shape");
    match error {
        KeyFileError::OtherShape {
            path: found,
            expected,
            got,
        } => assert_eq!((found, expected, got), (path, Shape::Medium, Shape::Small)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lengths_magic_and_checksum() {
    let whole = &keys().pk;
    let expected = whole.len();
    for byte in 0..8 {
        assert_eq!(refusal(&remade(|b| b[byte] ^= 1)), KeyError::Magic);
    }
    for got in [
        8,
        39,
        40,
        BODY + 10,
        expected / 2,
        expected - 32,
        expected - 1,
    ] {
        assert_eq!(
            refusal(&whole[..got]),
            KeyError::Length { expected, got },
            "{got} bytes"
        );
    }
    for got in [0, 7] {
        assert_eq!(refusal(&whole[..got]), KeyError::Magic);
    }
    let longer = [whole.as_slice(), &[0]].concat();
    // Refused by its length: nothing that is longer than the key is read.
    assert!(matches!(
        read_with(&longer),
        Err(KeyFileError::Load(LoadError::TooLarge { size, limit, .. }))
            if (size, limit) == (expected as u64 + 1, expected as u64)
    ));
    for at in [
        8,
        40,
        BODY + keys().vk,
        expected / 2,
        expected - 33,
        expected - 1,
    ] {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        assert_eq!(refusal(&altered), KeyError::Checksum, "byte {at}");
    }
}

#[test]
fn the_key_inside_is_the_verifying_key() {
    let other = malformed("it belongs to another verifying key");
    for at in DIGEST.chain((BODY..BODY + keys().vk).step_by(101)) {
        assert_eq!(refusal(&remade(|b| b[at] ^= 1)), other, "byte {at}");
    }
    // The whole file of another key, under its own good checksum.
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    let key = ProvingKey::generate(&params, Statement::Liquidation, Shape::Small).expect("keys");
    let folder = tempfile::tempdir().expect("folder");
    key.write(folder.path(), Overwrite::Refuse)
        .expect("written");
    let foreign = fs::read(folder.path().join(pk_name())).expect("read");
    assert_eq!(refusal(&foreign), other);
}

#[test]
fn every_count_is_checked_before_the_backend_allocates_by_it() {
    let (polynomials, counts) = layout();
    for at in polynomials.iter().step_by(9).chain(&counts) {
        for value in [[0; 4], [0xff; 4], [0, 0, 0, 1]] {
            let altered = remade(|bytes| bytes[*at..at + 4].copy_from_slice(&value));
            assert_eq!(refusal(&altered), malformed("a count is wrong"));
        }
    }
}

#[test]
fn every_value_is_below_the_modulus() {
    let (polynomials, _) = layout();
    let modulus = hex::decode("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001")
        .expect("hex");
    let little: Vec<u8> = modulus.into_iter().rev().collect();
    for (i, at) in polynomials.iter().enumerate().step_by(7) {
        for row in [0, ROWS - 1] {
            let at = at + 4 + 32 * row;
            let altered = remade(|bytes| bytes[at..at + 32].copy_from_slice(&little));
            assert_eq!(
                refusal(&altered),
                malformed("a value is not below the modulus"),
                "polynomial {i} row {row}"
            );
        }
    }
}

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

/// Tries to prove the sample account.
fn prove_with(params: &Params, key: &ProvingKey, account: &str) -> Result<(), ProveError> {
    let (account, snapshot): (Account, Snapshot) = (sample(account), sample("snapshot.json"));
    let (policy, context): (Policy, Context) = (sample("policy.json"), sample("context.json"));
    prove(params, key, &account, &snapshot, &policy, &context).map(drop)
}

/// Values of the key that are wrong but canonical cost the prover a proof, nothing else.
#[test]
fn no_proof_leaves_that_does_not_verify() {
    let (polynomials, _) = layout();
    // l_0, the active rows, a fixed column's coefficients, a permutation's values.
    let coefficients = 3 + keys().fixed;
    let permutation = coefficients + keys().fixed;
    for polynomial in [0, 2, coefficients, permutation] {
        let at = polynomials[polynomial] + 4;
        let altered = remade(|bytes| {
            let value = &mut bytes[at..at + 32];
            let other = Fr::from_raw_bytes(value).expect("a scalar") + Fr::from(5);
            value.copy_from_slice(&other.to_raw_bytes());
        });
        let key = read_with(&altered).expect("canonical");
        match prove_with(&keys().params, &key, "account-small.json") {
            Err(ProveError::SelfCheck(Rejection::Proof) | ProveError::Backend(_)) => {}
            other => panic!("polynomial {polynomial}: {other:?}"),
        }
    }
}

#[test]
fn statements_that_are_false_and_other_parameters_are_refused() {
    let key = read(keys().folder.path()).expect("read");
    assert!(prove_with(&keys().params, &key, "account-small.json").is_ok());
    let other = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    assert!(matches!(
        prove_with(&other, &key, "account-small.json"),
        Err(ProveError::OtherParams)
    ));
    assert!(matches!(
        prove_with(&keys().params, &key, "account.json"),
        Err(ProveError::Slots(_))
    ));
    let small = Params::unsafe_dev(Shape::Small.k() - 1).expect("parameters");
    assert!(matches!(
        ProvingKey::generate(&small, Statement::Liquidation, Shape::Small),
        Err(KeyFileError::ParamsTooSmall {
            statement: Statement::Liquidation,
            shape: Shape::Small,
            needed: 11,
            got: 10,
        })
    ));
    // Enough for the one statement, too small for the other.
    assert!(matches!(
        ProvingKey::generate(&keys().params, Statement::Solvency, Shape::Small),
        Err(KeyFileError::ParamsTooSmall {
            statement: Statement::Solvency,
            shape: Shape::Small,
            needed: 13,
            got: 11,
        })
    ));
}
