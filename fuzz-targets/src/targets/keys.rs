//! Key files: edits to an honest one, its checksum made right again for most inputs.

use sha2::{Digest, Sha256};
use zkmargin_prover::ProvingKey;
use zkmargin_verifier::{VerifyingKey, check_proof};

use crate::{edits, honest::HONEST, input::Input};

const CHECKSUM_BYTES: usize = 32;

/// Makes the honest keys.
pub(super) fn prepare() {
    super::verify::prepare();
    let (honest, own) = (&*HONEST, HONEST.verifying().to_bytes());
    let key = VerifyingKey::from_bytes(&own).expect("the honest key");
    assert_eq!(key.to_bytes(), own);
    assert_eq!(
        check_proof(&key, &honest.columns, &honest.file.proof.0),
        Ok(())
    );
    let key = ProvingKey::from_bytes(&honest.key_bytes, key).expect("the honest key");
    assert!(key.to_bytes() == honest.key_bytes);
}

/// Edits `honest`; the checksum is made to fit the edits unless the first byte is a multiple of 4. A file of another
/// length is refused before its checksum is looked at, so it gets none.
fn altered(honest: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut input = Input(bytes);
    let fit = input.byte().unwrap_or(0) % 4 != 0;
    let mut file = honest.to_vec();
    if fit {
        file.truncate(honest.len() - CHECKSUM_BYTES);
    }
    edits::apply(&mut file, input);
    if fit && file.len() + CHECKSUM_BYTES == honest.len() {
        let checksum = Sha256::digest(&file);
        file.extend(checksum);
    }
    file
}

/// An accepted verifying key has one file; one that differs from the honest key does not share its digest, nor accept
/// its proof unless it is another only in what a proof does not depend on.
pub(super) fn verifying(bytes: &[u8]) {
    let honest = &*HONEST;
    let own = honest.verifying().to_bytes();
    let file = altered(&own, bytes);
    // The honest keys have been read in `prepare`; inputs that change nothing are many.
    if file == own {
        return;
    }
    let Ok(key) = VerifyingKey::from_bytes(&file) else {
        return;
    };
    assert_eq!(key.to_bytes(), file, "a second form of a key");
    assert_ne!(key.digest(), honest.verifying().digest());
    assert!(
        !key.origin().is_published(),
        "development parameters as the ceremony's"
    );
    assert!(key.proof_bytes() > 0);
    // A pairing is far dearer than a key: by one input in four. The verdict is the key's; that there is one counts.
    if bytes.first().is_some_and(|flags| flags & 24 == 24) {
        let _: Result<(), _> = check_proof(&key, &honest.columns, &honest.file.proof.0);
    }
}

/// An accepted proving key has one file, and belongs to the verifying key that it was read with.
pub(super) fn proving(bytes: &[u8]) {
    let honest = &*HONEST;
    let file = altered(&honest.key_bytes, bytes);
    if file == honest.key_bytes {
        return;
    }
    let Ok(key) = ProvingKey::from_bytes(&file, honest.verifying().clone()) else {
        return;
    };
    // Five megabytes printed and hashed: by one input in four.
    if bytes.first().is_some_and(|flags| flags & 24 == 24) {
        assert!(key.to_bytes() == file, "a second form of a key");
    }
    assert_eq!(key.verifying().digest(), honest.verifying().digest());
}
