//! A proof file has one form.

use zkmargin_verifier::ProofFile;

/// What is read as a proof file is what a proof file would be written as.
pub(super) fn run(bytes: &[u8]) {
    let Ok(file) = ProofFile::from_bytes(bytes) else {
        return;
    };
    assert_eq!(file.to_bytes(), bytes, "a second form of a proof file");
    assert!(bytes.ends_with(b"}\n"));
}
