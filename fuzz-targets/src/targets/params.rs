//! Parameter files and powers-of-tau files.

use std::{io::Cursor, path::Path, sync::LazyLock};

use sha2::{Digest, Sha256};
use zkmargin_prover::params::{Params, PtauCheck};

use crate::{edits, input::Input};

const CHECKSUM_BYTES: usize = 32;

/// Honest parameter files of k = 1, 2, 3.
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let file = |k| {
        let params = Params::unsafe_dev(k).expect("a small k");
        params.to_bytes().expect("printed")
    };
    (1..=3).map(file).collect()
});

/// Makes the honest files.
pub(super) fn prepare() {
    for own in HONEST.iter() {
        assert!(
            Params::from_bytes(own).is_ok(),
            "the honest file is refused"
        );
    }
}

/// Edits a parameter file, by half of the inputs with a checksum that fits. Of files of one `tau` the honest one alone
/// is accepted: its points determine each other, and only a file's origin is its maker's word.
pub(super) fn file(bytes: &[u8]) {
    let mut input = Input(bytes);
    let first = input.byte().unwrap_or(0);
    let (fit, which) = (first % 2 == 1, usize::from(first / 2) % HONEST.len());
    let own = &HONEST[which];
    let mut file = own.clone();
    if fit {
        file.truncate(own.len() - CHECKSUM_BYTES);
    }
    edits::apply(&mut file, input);
    if fit {
        let checksum = Sha256::digest(&file);
        file.extend(checksum);
    }
    // The honest file has been read in `prepare`; inputs that change nothing are many.
    if &file == own {
        return;
    }
    let Ok(params) = Params::from_bytes(&file) else {
        return;
    };
    assert_eq!(params.to_bytes().expect("printed"), file, "a second form");
    let claims = params.origin().is_published();
    assert!(!claims, "development parameters as the ceremony's");
    let points = |file: &[u8]| file[84..file.len() - CHECKSUM_BYTES].to_vec();
    // A smaller file is a cut of a larger one only under the same tau; these were drawn apart.
    assert!(
        HONEST.iter().any(|own| points(own) == points(&file)),
        "other points"
    );
}

/// A powers-of-tau file, byte for byte the input, at its own `k`; one input in four also cut to 1 and as a parameter
/// file.
pub(super) fn ptau(bytes: &[u8]) {
    let read = |k, check| Params::from_ptau_reader(Path::new("fuzz"), Cursor::new(bytes), k, check);
    let Ok(params) = read(None, PtauCheck::AllowUnpublished) else {
        return;
    };
    assert!(
        read(None, PtauCheck::Published).is_err(),
        "passed as published"
    );
    if bytes
        .iter()
        .fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
        % 4
        != 0
    {
        return;
    }
    let file = params.to_bytes().expect("printed");
    let again = Params::from_bytes(&file).expect("what was imported can be read");
    assert_eq!(again.digest(), params.digest());
    let cut = read(Some(1), PtauCheck::AllowUnpublished).expect("less of the same");
    assert_eq!(Some(cut.digest()), params.cut(1).map(|p| p.digest()));
}
