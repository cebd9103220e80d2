//! What the tests of parameters share: fixtures, and powers-of-tau files as bytes to be broken.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ff::{Field, PrimeField};
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fq2, Fr, G1Affine, G2Affine};
use halo2curves::serde::SerdeObject;
use rand_core::OsRng;
use sha2::{Digest, Sha256};
use zkmargin_prover::atomic::Overwrite;
use zkmargin_prover::params::{FileError, Params, ParamsError, PtauCheck, PtauError};

/// Where a parameter file has its `k`, its origin, its points of G2 and its powers in G1.
pub const K_AT: usize = 12;
/// See [`K_AT`].
pub const ORIGIN_AT: usize = 16;
/// See [`K_AT`].
pub const G2_AT: usize = 84;
/// See [`K_AT`].
pub const POWERS_AT: usize = 340;

/// Bytes of a point of G1.
pub const G1: usize = 64;
/// Bytes of a point of G2.
pub const G2: usize = 128;

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The published file of power 8, which lies in the sources of the crate `ppot-rs`.
pub fn final_08() -> PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        // Only this platform's packages: the others' are not downloaded by a build.
        let version = stdout_of(&["rustc", "-vV"]);
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let metadata = ["metadata", "--format-version=1", "--locked"];
        let host = ["--filter-platform", host.expect("rustc names its host")];
        let metadata = stdout_of(&[&[&cargo[..]], &metadata[..], &host[..]].concat());
        let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("JSON");
        let packages = metadata["packages"].as_array().expect("packages");
        let package = packages.iter().find(|package| package["name"] == "ppot-rs");
        let manifest = package.and_then(|package| package["manifest_path"].as_str());
        Path::new(manifest.expect("the path of ppot-rs")).with_file_name("8.ptau")
    })
    .clone()
}

/// What a command prints.
fn stdout_of(command: &[&str]) -> String {
    let output = Command::new(command[0])
        .args(&command[1..])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("a command that starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A powers-of-tau file in memory.
#[derive(Clone)]
pub struct Ptau(pub Vec<u8>);

impl Ptau {
    /// The prepared file of power 6.
    pub fn power_6() -> Self {
        Self(std::fs::read(fixture("snarkjs_06.ptau")).expect("fixture"))
    }

    /// Where the header of section `id` begins, and its content.
    pub fn section(&self, id: u32) -> (usize, Range<usize>) {
        let mut at = 12;
        loop {
            let size = u64::from_le_bytes(self.0[at + 4..at + 12].try_into().unwrap()) as usize;
            if u32::from_le_bytes(self.0[at..at + 4].try_into().unwrap()) == id {
                return (at, at + 12..at + 12 + size);
            }
            at += 12 + size;
        }
    }

    /// Overwrites bytes.
    pub fn put(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Overwrites the `index`-th point of tauG1.
    pub fn put_g1(self, index: usize, point: &[u8; G1]) -> Self {
        let (_, content) = self.section(2);
        self.put(content.start + index * G1, point)
    }

    /// Overwrites the `index`-th point of tauG2.
    pub fn put_g2(self, index: usize, point: &[u8; G2]) -> Self {
        let (_, content) = self.section(3);
        self.put(content.start + index * G2, point)
    }

    /// The bytes of the `index`-th point of tauG1.
    pub fn g1(&self, index: usize) -> [u8; G1] {
        let (_, content) = self.section(2);
        let at = content.start + index * G1;
        self.0[at..at + G1].try_into().unwrap()
    }

    /// Writes the file into `folder`.
    pub fn save(&self, folder: &Path) -> PathBuf {
        let path = folder.join("broken.ptau");
        std::fs::write(&path, &self.0).expect("a writable folder");
        path
    }
}

/// Imports, at `k` or at its own power, a file that must be refused.
pub fn ptau_refusal(ptau: &Ptau, k: Option<u32>) -> PtauError {
    let folder = tempfile::tempdir().unwrap();
    let path = ptau.save(folder.path());
    match Params::from_ptau(&path, k, PtauCheck::AllowUnpublished) {
        Err(ParamsError::Ptau { path: at, source }) if at == path => source,
        other => panic!("expected a refusal of the file, got {other:?}"),
    }
}

/// Reads a parameter file of these bytes, which must be refused.
pub fn file_refusal(bytes: &[u8]) -> FileError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tampered.bin");
    std::fs::write(&path, bytes).unwrap();
    match Params::read(&path) {
        Err(ParamsError::File { path: at, source }) if at == path => source,
        other => panic!("expected a refusal of the file, got {other:?}"),
    }
}

/// Changes the bytes of the parameter file `path`, makes the checksum right again, and reads it.
pub fn file_refusal_after(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> FileError {
    let mut bytes = std::fs::read(path).unwrap();
    bytes.truncate(bytes.len() - 32);
    change(&mut bytes);
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    file_refusal(&bytes)
}

/// Writes a file of development parameters into `folder`.
pub fn dev_file(folder: &Path, k: u32) -> (PathBuf, Params) {
    let params = Params::unsafe_dev(k).unwrap();
    let path = folder.join(Params::file_name(k));
    params.write(&path, Overwrite::Refuse).unwrap();
    (path, params)
}

/// Overwrites 64 bytes with a point of G1, coordinates as they are.
pub fn put_canonical_g1(bytes: &mut [u8], at: usize, point: &G1Affine) {
    for (i, c) in [point.x, point.y].iter().enumerate() {
        bytes[at + 32 * i..at + 32 * i + 32].copy_from_slice(&c.to_repr());
    }
}

/// Overwrites 128 bytes with a point of G2, coordinates as they are.
pub fn put_canonical_g2(bytes: &mut [u8], at: usize, point: &G2Affine) {
    let coordinates = [point.x.c0, point.x.c1, point.y.c0, point.y.c1];
    for (i, c) in coordinates.iter().enumerate() {
        bytes[at + 32 * i..at + 32 * i + 32].copy_from_slice(&c.to_repr());
    }
}

/// A point of G1 in Montgomery form.
pub fn montgomery_g1(point: &G1Affine) -> [u8; G1] {
    [point.x, point.y]
        .map(|c| c.to_raw_bytes())
        .concat()
        .try_into()
        .unwrap()
}

/// A point of G2 in Montgomery form.
pub fn montgomery_g2(point: &G2Affine) -> [u8; G2] {
    [point.x, point.y]
        .map(|c| c.to_raw_bytes())
        .concat()
        .try_into()
        .unwrap()
}

/// A random point of G1.
pub fn random_g1() -> G1Affine {
    (G1Affine::generator() * Fr::random(OsRng)).into()
}

/// A random point of G2's subgroup.
pub fn random_g2() -> G2Affine {
    (G2Affine::generator() * Fr::random(OsRng)).into()
}

/// A point of the twist outside the subgroup.
pub fn twist_point_outside_subgroup() -> G2Affine {
    loop {
        let x = Fq2::new(Fq::random(OsRng), Fq::random(OsRng));
        let y: Option<Fq2> = (x.square() * x + G2Affine::b()).sqrt().into();
        if let Some(y) = y {
            return G2Affine::from_xy(x, y).unwrap();
        }
    }
}

/// Adds the base-field modulus to a 32-byte little-endian number: the same element, not canonical.
pub fn add_modulus(bytes: &mut [u8]) {
    let modulus =
        hex::decode("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47").unwrap();
    let mut carry = 0u16;
    for (byte, m) in bytes.iter_mut().zip(modulus.iter().rev()) {
        let sum = u16::from(*byte) + u16::from(*m) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "the sum fits 256 bits");
}
