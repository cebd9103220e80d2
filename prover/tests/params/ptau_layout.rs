//! Powers-of-tau files with one thing wrong in their sizes or header, and the error that says which.

use crate::support::{Ptau, fixture, ptau_refusal};
use zkmargin_prover::params::{Params, ParamsError, PtauCheck, PtauError};

/// Asserts the variant and its fields.
macro_rules! assert_refused {
    ($ptau:expr, $pattern:pat $(if $guard:expr)?) => {{
        let error = ptau_refusal(&$ptau, None);
        assert!(matches!(error, $pattern $(if $guard)?), "{error:?}");
    }};
}

#[test]
fn magic_and_version() {
    let file = Ptau::power_6();
    assert_refused!(file.clone().put(0, b"zkey"), PtauError::BadMagic { got } if got == *b"zkey");
    assert_refused!(
        file.put(4, &2u32.to_le_bytes()),
        PtauError::BadVersion { got: 2 }
    );
}

#[test]
fn truncated() {
    let whole = Ptau::power_6();
    let cut = |len: usize| Ptau(whole.0[..len].to_vec());
    assert_refused!(
        cut(0),
        PtauError::Truncated {
            offset: 0,
            needed: 12,
            remaining: 0
        }
    );
    assert_refused!(
        cut(11),
        PtauError::Truncated {
            offset: 0,
            remaining: 11,
            ..
        }
    );
    assert_refused!(
        cut(20),
        PtauError::Truncated {
            offset: 12,
            remaining: 8,
            ..
        }
    );
    let (_, tau_g1) = whole.section(2);
    assert_refused!(
        cut(tau_g1.start + 100),
        PtauError::SectionOverrun {
            section: 2,
            size: 8128,
            remaining: 100
        }
    );
    assert_refused!(
        cut(whole.0.len() - 1),
        PtauError::SectionOverrun { section: 15, .. }
    );
    // No prefix is taken for a file, nor does any make the reader fail in another way than it should.
    for len in (0..whole.0.len()).step_by(997) {
        assert!(matches!(
            ptau_refusal(&cut(len), None),
            PtauError::Truncated { .. } | PtauError::SectionOverrun { .. }
        ));
    }
}

#[test]
fn trailing_bytes() {
    let mut file = Ptau::power_6();
    file.0.push(0);
    assert_refused!(file, PtauError::TrailingBytes { count: 1 });
}

#[test]
fn huge_counts_and_sizes() {
    let file = Ptau::power_6();
    for count in [0, 2, 33, u32::MAX] {
        let broken = file.clone().put(8, &count.to_le_bytes());
        assert_refused!(broken, PtauError::SectionCount { got, min: 3, max: 32 } if got == count);
    }
    for id in [1, 2, 3, 12] {
        let (header, _) = file.section(id);
        for huge in [u64::MAX, u64::MAX / 2, 1 << 40] {
            let broken = file.clone().put(header + 4, &huge.to_le_bytes());
            assert_refused!(broken, PtauError::SectionOverrun { section, size, .. } if section == id && size == huge);
        }
    }
}

#[test]
fn missing_and_double_sections() {
    let file = Ptau::power_6();
    for id in [1, 2, 3] {
        let (header, _) = file.section(id);
        let renamed = file.clone().put(header, &99u32.to_le_bytes());
        assert_refused!(renamed, PtauError::MissingSection { section } if section == id);
    }
    let (header, _) = file.section(4);
    assert_refused!(
        file.put(header, &2u32.to_le_bytes()),
        PtauError::DuplicateSection { section: 2 }
    );
}

#[test]
fn section_sizes_follow_from_the_power() {
    let file = Ptau::power_6();
    let (_, header) = file.section(1);
    // Of power 5, every section would be half as long; of power 7, twice.
    for (power, expected) in [(5u32, 4032), (7, 16320)] {
        let broken = file.clone().put(header.start + 36, &power.to_le_bytes());
        let broken = broken.put(header.start + 40, &28u32.to_le_bytes());
        let error = ptau_refusal(&broken, None);
        assert!(
            matches!(error, PtauError::SectionSize { section: 2, expected: e, got: 8128 } if e == expected),
            "{error:?}"
        );
    }
    // Moving the border between two sections by a point.
    let (tau_g2, content) = file.section(3);
    let (alpha, _) = file.section(4);
    let size = content.len() as u64;
    let shorter = file
        .clone()
        .put(tau_g2 + 4, &(size - 128).to_le_bytes())
        .put(alpha - 128, &4u32.to_le_bytes())
        .put(alpha - 124, &(64u64 * 64 + 128).to_le_bytes());
    assert_refused!(
        shorter,
        PtauError::SectionSize {
            section: 3,
            expected: 8192,
            got: 8064
        }
    );
    let (header, content) = file.section(1);
    let mut longer = file.put(header + 4, &45u64.to_le_bytes());
    longer.0.insert(content.end, 0);
    assert_refused!(
        longer,
        PtauError::SectionSize {
            section: 1,
            expected: 44,
            got: 45
        }
    );
}

#[test]
fn header_fields() {
    let file = Ptau::power_6();
    let (_, header) = file.section(1);
    let at = header.start;
    assert_refused!(
        file.clone().put(at, &48u32.to_le_bytes()),
        PtauError::FieldSize { got: 48 }
    );
    let mut scalar_prime =
        hex::decode("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001").unwrap();
    scalar_prime.reverse();
    assert_refused!(
        file.clone().put(at + 4, &scalar_prime),
        PtauError::WrongPrime { ref got } if got.ends_with("f593f0000001")
    );
    for power in [0u32, 29, 255, u32::MAX] {
        let broken = file.clone().put(at + 36, &power.to_le_bytes());
        assert_refused!(broken, PtauError::PowerOutOfRange { got, max: 28 } if got == power);
    }
    for power in [5u32, 29, 255] {
        let broken = file.clone().put(at + 40, &power.to_le_bytes());
        assert_refused!(
            broken,
            PtauError::CeremonyPowerOutOfRange { got, power: 6, .. } if got == power
        );
    }
}

/// Whatever byte of the table of contents or of the header changes, the file is refused or its powers are as before.
#[test]
fn no_byte_of_the_metadata_moves_the_points() {
    let file = Ptau::power_6();
    let folder = tempfile::tempdir().unwrap();
    let path = file.save(folder.path());
    let check = PtauCheck::AllowUnpublished;
    let whole = Params::from_ptau(&path, Some(2), check).unwrap();
    let (_, header) = file.section(1);
    let mut places: Vec<usize> = (0..12).chain(header).collect();
    for id in [1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15] {
        let (header, _) = file.section(id);
        places.extend(header..header + 12);
    }
    for at in places {
        for flip in [0x01, 0x80, 0xff] {
            let path = file
                .clone()
                .put(at, &[file.0[at] ^ flip])
                .save(folder.path());
            if let Ok(params) = Params::from_ptau(&path, Some(2), check) {
                assert_eq!(params.digest(), whole.digest(), "byte {at} ^ {flip}");
                assert_ne!(params.origin(), whole.origin(), "byte {at} ^ {flip}");
            }
        }
    }
}

#[test]
fn not_a_file() {
    let path = fixture("");
    let error = Params::from_ptau(&path, None, PtauCheck::Published).unwrap_err();
    assert!(matches!(
        error,
        ParamsError::Ptau {
            source: PtauError::NotAFile,
            ..
        }
    ));
    let path = fixture("nowhere.ptau");
    let error = Params::from_ptau(&path, None, PtauCheck::Published).unwrap_err();
    assert!(matches!(
        error,
        ParamsError::Ptau { source: PtauError::Io(io), .. }
            if io.kind() == std::io::ErrorKind::NotFound
    ));
}
