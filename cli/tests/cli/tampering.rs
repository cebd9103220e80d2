//! A proof file with any byte changed is rejected.

use std::{fs, path::Path};

use zkmargin_circuits::model::{Context, HexBytes, Policy, Snapshot, Time, read_json};
use zkmargin_prover::keys::read_verifying_key;
use zkmargin_verifier::{ProofFile, ProofFileError, Request, verify};

use crate::support::{Stranger, folder, sample, shared};

/// The place where the proof's bytes begin in the file.
fn proof_offset(bytes: &[u8]) -> usize {
    let marker = b"\"proof\":\"0x";
    bytes
        .windows(marker.len())
        .position(|window| window == marker)
        .expect("a proof")
        + marker.len()
}

#[test]
fn any_changed_byte_is_rejected_by_the_binary() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let stranger = Stranger {
        proof: proof.clone(),
        ..Stranger::new()
    };
    let whole = fs::read(&shared().proof).expect("proof");
    let ends = (0..64).chain(whole.len() - 64..whole.len());
    for offset in ends.chain((64..whole.len() - 64).step_by(97)) {
        let mut bytes = whole.clone();
        bytes[offset] ^= 1;
        fs::write(&proof, &bytes).expect("written");
        let verdict = stranger.verify("").exits(4).json();
        assert_eq!(verdict["eligible"], false, "byte {offset}");
        assert!(verdict["reason"].is_string(), "byte {offset}");
    }
}

#[test]
fn any_changed_byte_is_rejected_by_the_library() {
    let whole = fs::read(&shared().proof).expect("proof");
    let read = |name: &str| sample(name);
    let snapshot: Snapshot = read_json(&read("snapshot.json")).expect("snapshot");
    let policy: Policy = read_json(&read("policy.json")).expect("policy");
    let context: Context = read_json(&read("context.json")).expect("context");
    let key = read_verifying_key(&shared().keys.join("liquidation-small.vk")).expect("key");
    let commitment: HexBytes<32> = shared().commitment.parse().expect("hex");
    let request = Request {
        key: &key,
        snapshot: &snapshot,
        policy: &policy,
        commitment,
        context: &context,
        at: Time::from_unix(1_800_000_000).expect("time"),
    };
    let accepted = |bytes: &[u8]| match ProofFile::from_bytes(bytes) {
        Ok(file) => verify(&file, &request).is_ok(),
        Err(ProofFileError::Truncated) => panic!("an altered file is not a truncated one"),
        Err(_) => false,
    };
    assert!(accepted(&whole), "the proof itself is accepted");
    let proof = proof_offset(&whole);
    // All of the header with every bit, the proof's digits in steps.
    for offset in (0..proof).chain((proof..whole.len()).step_by(31)) {
        for bit in [0x01, 0x10, 0x20] {
            let mut bytes = whole.clone();
            bytes[offset] ^= bit;
            assert!(!accepted(&bytes), "byte {offset} ^ {bit:#x}");
        }
    }
}

#[test]
fn inserted_and_appended_bytes_are_rejected() {
    let folder = folder();
    let proof = folder.path().join("proof.json");
    let stranger = Stranger {
        proof: proof.clone(),
        ..Stranger::new()
    };
    let whole = fs::read(&shared().proof).expect("proof");
    let body = proof_offset(&whole);
    let with = |at: usize, more: &[u8]| [&whole[..at], more, &whole[at..]].concat();
    for bytes in [
        with(whole.len(), b"\n"),
        with(1, b" "),
        with(body, b"00"),
        with(whole.len() - 3, b"00"),
    ] {
        write(&proof, &bytes);
        stranger.verify("").exits(4);
    }
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
}
