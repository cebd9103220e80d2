//! Parameter files changed by someone who also made the checksum right.

use std::path::Path;

use crate::support::{
    G2_AT, ORIGIN_AT, POWERS_AT, add_modulus, dev_file, file_refusal_after, put_canonical_g1,
    put_canonical_g2, random_g1, random_g2, twist_point_outside_subgroup,
};
use zkmargin_prover::params::{FileError, Part, SrsError, ceremony};

fn srs_refusal_after(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> SrsError {
    match file_refusal_after(path, change) {
        FileError::Srs(error) => error,
        other => panic!("expected a refusal of the points, got {other:?}"),
    }
}

#[test]
fn tampering_with_the_checksum_made_right() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), 4);
    let lagrange_at = POWERS_AT + 4 * 16 * 64;
    let (powers, lagrange, g2) = (Part::G1Powers, Part::G1Lagrange, Part::G2Powers);
    let after = |change: &dyn Fn(&mut Vec<u8>)| srs_refusal_after(&path, change);

    // Of the powers that a column has, and of the others.
    for index in [6, 15, 16, 40, 63] {
        let at = POWERS_AT + 64 * index;
        let error = after(&|bytes| put_canonical_g1(bytes, at, &random_g1()));
        assert_eq!(error, SrsError::NotAPower { index });
    }
    let error = after(&|bytes| put_canonical_g1(bytes, POWERS_AT, &random_g1()));
    assert_eq!(error, SrsError::WrongGenerator { part: powers });
    for index in [0, 9, 15] {
        let error = after(&|bytes| put_canonical_g1(bytes, lagrange_at + 64 * index, &random_g1()));
        assert_eq!(error, SrsError::LagrangeMismatch);
    }
    let error = after(&|bytes| bytes[lagrange_at + 64..lagrange_at + 128].fill(0));
    let part = lagrange;
    assert_eq!(error, SrsError::Identity { part, index: 1 });
    let error = after(&|bytes| {
        let (first, rest) = bytes[lagrange_at..].split_at_mut(64);
        first.swap_with_slice(&mut rest[..64]);
    });
    assert_eq!(error, SrsError::LagrangeMismatch);

    let error = after(&|bytes| put_canonical_g2(bytes, G2_AT, &random_g2()));
    assert_eq!(error, SrsError::WrongGenerator { part: g2 });
    let error = after(&|bytes| put_canonical_g2(bytes, G2_AT + 128, &random_g2()));
    assert_eq!(error, SrsError::TauMismatch);
    let outside = twist_point_outside_subgroup();
    let error = after(&|bytes| put_canonical_g2(bytes, G2_AT + 128, &outside));
    assert_eq!(error, SrsError::NotInSubgroup { part: g2, index: 1 });

    let error = after(&|bytes| bytes[POWERS_AT + 64 * 5] ^= 1);
    assert_eq!(
        error,
        SrsError::NotOnCurve {
            part: powers,
            index: 5
        }
    );
    let error = after(&|bytes| add_modulus(&mut bytes[POWERS_AT + 64 * 5..][..32]));
    assert_eq!(
        error,
        SrsError::NonCanonical {
            part: powers,
            index: 5
        }
    );
    let error = after(&|bytes| add_modulus(&mut bytes[lagrange_at + 64 * 5 + 32..][..32]));
    assert_eq!(
        error,
        SrsError::NonCanonical {
            part: lagrange,
            index: 5
        }
    );
}

/// From 8,104 points on the backend adds them in a way that panics at the identity.
#[test]
fn the_identity_among_many_points_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), 13);
    let lagrange_at = POWERS_AT + 64 * (4 << 13);
    let (part, index) = (Part::G1Lagrange, 5);
    let error = srs_refusal_after(&path, |bytes| {
        bytes[lagrange_at + 64 * index..][..64].fill(0);
    });
    assert_eq!(error, SrsError::Identity { part, index });
}

#[test]
fn no_byte_can_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), 1);
    let content = std::fs::metadata(&path).unwrap().len() as usize - 32;
    for at in 0..content {
        let error = file_refusal_after(&path, |bytes| bytes[at] ^= 1);
        assert!(!matches!(error, FileError::Checksum { .. }), "byte {at}");
    }
}

#[test]
fn the_points_of_another_file_are_consistent_and_still_no_ceremony() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), 4);
    let file = &ceremony::PUBLISHED[4];
    let claim = |bytes: &mut Vec<u8>, tag: u8, power: u8| {
        bytes[ORIGIN_AT] = tag;
        bytes[ORIGIN_AT + 1] = power;
        bytes[ORIGIN_AT + 4..ORIGIN_AT + 68].copy_from_slice(&hex::decode(file.blake2b).unwrap());
    };
    // Development parameters dressed as the ceremony's.
    let error = file_refusal_after(&path, |bytes| claim(bytes, 1, 12));
    assert!(matches!(error, FileError::NotTheCeremony), "{error:?}");
    // A published hash, called unpublished; and with another power than it has.
    let error = file_refusal_after(&path, |bytes| claim(bytes, 2, 12));
    assert!(
        matches!(error, FileError::BadOrigin { field: "blake2b", value } if value == file.blake2b)
    );
    let error = file_refusal_after(&path, |bytes| claim(bytes, 1, 13));
    assert!(matches!(
        error,
        FileError::BadOrigin {
            field: "blake2b",
            ..
        }
    ));
}

#[test]
fn origins_have_one_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), 4);
    let after =
        |at: usize, byte: u8| file_refusal_after(&path, |bytes| bytes[ORIGIN_AT + at] = byte);
    assert!(matches!(after(0, 3), FileError::BadOrigin { field: "tag", value } if value == "3"));
    for at in [1, 2, 3, 4, 67] {
        let error = after(at, 1);
        assert!(
            matches!(
                error,
                FileError::BadOrigin {
                    field: "padding",
                    ..
                }
            ),
            "{error:?}"
        );
    }
    // An unpublished file of fewer powers than there are here, or of more than there can be.
    for power in [3, 5, 29, 255] {
        let error = file_refusal_after(&path, |bytes| {
            bytes[ORIGIN_AT] = 2;
            bytes[ORIGIN_AT + 1] = power;
        });
        assert!(
            matches!(error, FileError::BadOrigin { field: "power", value } if value == power.to_string())
        );
    }
}
