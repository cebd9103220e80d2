//! Parameter files that are cut, no files, or hold powers of a tau that is none.

use std::{fs, io::ErrorKind, path::Path};

use crate::support::{
    G1, G2, G2_AT, K_AT, ORIGIN_AT, POWERS_AT, Ptau, dev_file, file_refusal, file_refusal_after,
    fixture, ptau_refusal, put_canonical_g1, put_canonical_g2,
};
use group::prime::PrimeCurveAffine;
use halo2curves::bn256::{G1Affine, G2Affine};
use zkmargin_prover::params::{
    FileError, Params, ParamsError, Part, Progress, PtauCheck, PtauError, SrsError,
};

const K: u32 = 3;
const N: usize = 1 << K;

fn srs_refusal_after(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> SrsError {
    match file_refusal_after(path, change) {
        FileError::Srs(error) => error,
        other => panic!("expected a refusal of the points, got {other:?}"),
    }
}

/// Powers from `first` on, and tau G2, all one point.
fn fill(bytes: &mut [u8], first: usize, g1: &G1Affine, g2: &G2Affine) {
    for i in first..N {
        put_canonical_g1(bytes, POWERS_AT + G1 * i, g1);
    }
    put_canonical_g2(bytes, G2_AT + G2, g2);
}

#[test]
fn tau_zero_and_tau_one() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), K);
    let (zero1, zero2) = (G1Affine::identity(), G2Affine::identity());
    let (one1, one2) = (G1Affine::generator(), G2Affine::generator());
    let after = |change: &dyn Fn(&mut Vec<u8>)| srs_refusal_after(&path, change);
    assert_eq!(after(&|b| fill(b, 1, &zero1, &zero2)), SrsError::TauZero);
    assert_eq!(after(&|b| fill(b, 1, &one1, &one2)), SrsError::TauOne);
    // Every power infinity, the generators too.
    let part = Part::G1Powers;
    let error = after(&|b| fill(b, 0, &zero1, &zero2));
    assert_eq!(error, SrsError::WrongGenerator { part });
    let order_2 = |b: &mut Vec<u8>| put_canonical_g1(b, POWERS_AT + 2 * G1, &one1);
    assert_eq!(after(&order_2), SrsError::TauOfSmallOrder { order: 2 });
}

#[test]
fn infinity_and_exchanged_points() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), K);
    let after = |change: &dyn Fn(&mut Vec<u8>)| srs_refusal_after(&path, change);
    for index in 2..N {
        let part = Part::G1Powers;
        let error = after(&|b| b[POWERS_AT + G1 * index..][..G1].fill(0));
        assert_eq!(error, SrsError::Identity { part, index });
    }
    let part = Part::G2Powers;
    let error = after(&|b| b[G2_AT + G2..][..G2].fill(0));
    assert_eq!(error, SrsError::Identity { part, index: 1 });
    let wrong = SrsError::WrongGenerator { part };
    assert_eq!(after(&|b| b[G2_AT..][..G2].fill(0)), wrong);
    let exchange = |b: &mut Vec<u8>| {
        let (first, second) = b[G2_AT..G2_AT + 2 * G2].split_at_mut(G2);
        first.swap_with_slice(second);
    };
    assert_eq!(after(&exchange), wrong);
    // Two neighbouring powers, and all of them from the second on, moved by one.
    let swap = |b: &mut Vec<u8>| {
        let (first, second) = b[POWERS_AT + 3 * G1..][..2 * G1].split_at_mut(G1);
        first.swap_with_slice(second);
    };
    assert_eq!(after(&swap), SrsError::NotAPower { index: 3 });
    let shift = |b: &mut Vec<u8>| {
        b.copy_within(POWERS_AT + 2 * G1..POWERS_AT + N * G1, POWERS_AT + G1);
    };
    assert_eq!(after(&shift), SrsError::TauMismatch);
}

#[test]
fn cut_at_every_border_and_between() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = dev_file(folder.path(), K);
    let whole = fs::read(&path).unwrap();
    let lists = [POWERS_AT, POWERS_AT + G1 * 4 * N, POWERS_AT + G1 * 5 * N];
    let mut borders = vec![0, 8, K_AT, ORIGIN_AT, G2_AT, G2_AT + G2];
    borders.extend(lists);
    borders.push(whole.len());
    assert_eq!(lists[2] + 32, whole.len());
    let between = borders.windows(2).map(|pair| (pair[0] + pair[1]) / 2);
    let cuts: Vec<usize> = borders.iter().copied().chain(between).collect();
    for len in cuts {
        let got = len as u64;
        let expected = whole.len() as u64;
        if len == whole.len() {
            assert!(Params::read(&path).is_ok());
        } else if len < ORIGIN_AT {
            let error = file_refusal(&whole[..len]);
            assert!(matches!(error, FileError::TooShort { got: g, needed: 16 } if g == got));
        } else {
            let error = file_refusal(&whole[..len]);
            assert!(
                matches!(error, FileError::Length { k: K, expected: e, got: g } if (e, g) == (expected, got)),
                "{len}: {error:?}"
            );
        }
    }
    for more in [1, 32, 64, whole.len()] {
        let longer = [whole.clone(), vec![0; more]].concat();
        let error = file_refusal(&longer);
        assert!(matches!(error, FileError::Length { got, .. } if got == longer.len() as u64));
    }
    // The k of a ceremony's largest file, and of none.
    for k in [28, 255] {
        let error = file_refusal_after(&path, |bytes| bytes[K_AT] = k);
        assert!(matches!(error, FileError::KOutOfRange { got, .. } if got == u32::from(k)));
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [folder.path(), &pipe, Path::new("/dev/null")] {
        assert!(matches!(
            Params::read(path),
            Err(ParamsError::File {
                source: FileError::NotAFile,
                ..
            })
        ));
        assert!(matches!(
            Params::from_ptau(path, None, PtauCheck::Published),
            Err(ParamsError::Ptau {
                source: PtauError::NotAFile,
                ..
            })
        ));
    }
    let nowhere = folder.path().join("nowhere");
    assert!(matches!(
        Params::read(&nowhere),
        Err(ParamsError::File { source: FileError::Io(error), .. })
            if error.kind() == ErrorKind::NotFound
    ));
}

/// Every section of a powers-of-tau file, cut at its header, its start, its middle and its end.
#[test]
fn powers_of_tau_cut_at_every_border_and_between() {
    let whole = Ptau::power_6();
    for id in [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15] {
        let (header, content) = whole.section(id);
        for (len, overrun) in [
            (header, false),
            (header + 6, false),
            (content.start, true),
            ((content.start + content.end) / 2, true),
            (content.end - 1, true),
        ] {
            match ptau_refusal(&Ptau(whole.0[..len].to_vec()), None) {
                PtauError::Truncated {
                    offset,
                    needed: 12,
                    remaining,
                } => {
                    assert!(!overrun);
                    assert_eq!((offset, remaining), (header as u64, (len - header) as u64));
                }
                PtauError::SectionOverrun {
                    section,
                    size,
                    remaining,
                } => {
                    assert!(overrun);
                    let bytes = (content.len() as u64, (len - content.start) as u64);
                    assert_eq!((section, (size, remaining)), (id, bytes));
                }
                other => panic!("section {id}, {len}: {other:?}"),
            }
        }
    }
}

/// A section that nothing looks into, of any size, is hashed: there is an end to it.
#[test]
fn a_powers_of_tau_file_has_a_greatest_length() {
    let mut longer = Ptau::power_6();
    let (header, content) = longer.section(15);
    assert_eq!(content.end, longer.0.len());
    let limit = 1152 * 64 + (16 << 20);
    longer.0.resize(limit + 1, 0);
    let size = (longer.0.len() - content.start) as u64;
    let longer = longer.put(header + 4, &size.to_le_bytes());
    let error = ptau_refusal(&longer, None);
    let limit = limit as u64;
    assert!(
        matches!(error, PtauError::TooLarge { size, power: 6, limit: l } if (size, l) == (limit + 1, limit)),
        "{error:?}"
    );
}

/// What is hashed must be what was looked at: a file that another process writes to is refused.
#[test]
fn files_that_change_under_the_reader() {
    let whole = fs::read(fixture("snarkjs_06.ptau")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changing.ptau");
    // Long enough for two reads, by its contributions.
    let mut long = Ptau(whole.clone());
    let (header, content) = long.section(7);
    let more = 3 << 20;
    long.0.splice(content.end..content.end, vec![0; more]);
    let size = (content.len() + more) as u64;
    let long = long.put(header + 4, &size.to_le_bytes()).0;

    type Change = fn(&Path, &[u8]);
    let shorter: Change = |path, _| {
        fs::OpenOptions::new()
            .write(true)
            .open(path)
            .unwrap()
            .set_len(100)
            .unwrap()
    };
    let longer: Change = |path, bytes| fs::write(path, [bytes, &[0]].concat()).unwrap();
    for (bytes, change) in [(&long, shorter), (&long, longer), (&whole, longer)] {
        fs::write(&path, bytes).unwrap();
        let mut changed = false;
        let mut progress = |_: Progress| {
            if !std::mem::replace(&mut changed, true) {
                change(&path, bytes);
            }
        };
        let check = PtauCheck::AllowUnpublished;
        let error = Params::from_ptau_with_progress(&path, None, check, &mut progress).unwrap_err();
        assert!(
            matches!(
                error,
                ParamsError::Ptau {
                    source: PtauError::ChangedWhileReading,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(changed);
    }
}
