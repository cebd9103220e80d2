//! The parameter file: what is written is read, and damage is found.

use std::time::Instant;

use crate::support::{
    G2_AT, K_AT, ORIGIN_AT, POWERS_AT, dev_file, file_refusal, file_refusal_after, final_08,
    fixture, put_canonical_g1, put_canonical_g2,
};
use halo2_proofs::SerdeFormat;
use sha2::{Digest, Sha256};
use zkmargin_prover::atomic::{AtomicWriteError, Overwrite};
use zkmargin_prover::params::{FileError, Origin, Params, ParamsError, PtauCheck};

fn raw(params: &Params) -> Vec<u8> {
    let mut bytes = Vec::new();
    let format = SerdeFormat::RawBytes;
    params.kzg().write_custom(&mut bytes, format).unwrap();
    bytes
}

fn assert_same(a: &Params, b: &Params) {
    assert_eq!(raw(a), raw(b));
    assert_eq!(a.origin(), b.origin());
    assert_eq!(a.digest(), b.digest());
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for k in [1, 2, 5, 11, 12] {
        let (path, params) = dev_file(folder.path(), k);
        let start = Instant::now();
        let read = Params::read(&path).unwrap();
        println!("read k = {k}: {:?}", start.elapsed());
        assert_same(&read, &params);
    }
    let sources = [
        (final_08(), PtauCheck::Published),
        (fixture("snarkjs_06.ptau"), PtauCheck::AllowUnpublished),
    ];
    for (i, (source, check)) in sources.into_iter().enumerate() {
        let params = Params::from_ptau(&source, Some(4), check).unwrap();
        let path = folder.path().join(format!("{i}.bin"));
        params.write(&path, Overwrite::Refuse).unwrap();
        assert_same(&Params::read(&path).unwrap(), &params);
    }
}

#[test]
fn damage_is_found_by_the_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), 3);
    let whole = std::fs::read(&path).unwrap();
    for at in [ORIGIN_AT, G2_AT + 7, POWERS_AT + 70, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let error = file_refusal(&bytes);
        assert!(matches!(error, FileError::Checksum { .. }), "{error:?}");
    }
}

#[test]
fn length_and_header() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), 3);
    let whole = std::fs::read(&path).unwrap();
    let expected = whole.len() as u64;
    assert_eq!(expected, 340 + (32 + 8) * 64 + 32);

    let error = file_refusal(&whole[..15]);
    assert!(matches!(
        error,
        FileError::TooShort {
            got: 15,
            needed: 16
        }
    ));
    for len in [16, whole.len() - 1] {
        let error = file_refusal(&whole[..len]);
        assert!(matches!(error, FileError::Length { k: 3, expected: e, got }
            if e == expected && got == len as u64));
    }
    let error = file_refusal(&[whole.clone(), vec![0]].concat());
    assert!(matches!(error, FileError::Length { got, .. } if got == expected + 1));

    let error = file_refusal_after(&path, |bytes| bytes[0] = b'z');
    assert!(matches!(error, FileError::BadMagic { got } if got == *b"zKMGNSRS"));
    let error = file_refusal_after(&path, |bytes| bytes[8] = 1);
    assert!(matches!(
        error,
        FileError::BadVersion {
            got: 1,
            expected: 2
        }
    ));
    for k in [0, 21, 31, 32, 64, 255, u32::MAX] {
        let error = file_refusal_after(&path, |bytes| {
            bytes[K_AT..K_AT + 4].copy_from_slice(&k.to_le_bytes());
        });
        assert!(matches!(error, FileError::KOutOfRange { got, min: 1, max: 20 } if got == k));
    }
    let error = file_refusal_after(&path, |bytes| bytes[K_AT] = 20);
    assert!(matches!(error, FileError::Length { k: 20, .. }));
}

#[test]
fn writing_does_not_overwrite_unless_told() {
    let folder = tempfile::tempdir().unwrap();
    let (path, first) = dev_file(folder.path(), 2);
    let second = Params::unsafe_dev(2).unwrap();
    let error = second.write(&path, Overwrite::Refuse).unwrap_err();
    assert!(matches!(
        error,
        ParamsError::Write(AtomicWriteError::Exists { path: at }) if at == path
    ));
    assert_same(&Params::read(&path).unwrap(), &first);
    second.write(&path, Overwrite::Replace).unwrap();
    assert_same(&Params::read(&path).unwrap(), &second);
}

#[test]
fn the_digest_is_that_of_its_parts() {
    let params = Params::from_ptau(&final_08(), None, PtauCheck::Published).unwrap();
    let mut points = vec![0; 2 * 128 + 64];
    put_canonical_g2(&mut points, 0, &params.g2());
    put_canonical_g2(&mut points, 128, &params.s_g2());
    put_canonical_g1(&mut points, 256, &params.tau_g1());
    let input = [
        b"zkmargin parameters digest v1",
        &6u32.to_le_bytes()[..],
        &points,
        &[1],
    ]
    .concat();
    assert_eq!(params.digest(), <[u8; 32]>::from(Sha256::digest(input)));
    assert_eq!(params.origin().tag(), 1);
    assert_eq!(Origin::UnsafeDev.tag(), 0);
}
