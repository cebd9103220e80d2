//! The public parameters of the polynomial commitment: the powers of a secret `tau` on BN254.
//!
//! Whoever knows `tau` can forge proofs, so what matters about a set of parameters is its [`Origin`]. It travels with them
//! into files and into the [digest](Params::digest).
//!
//! | from | by | trust |
//! |---|---|---|
//! | a published ceremony's file | [`Params::from_ptau`] | one honest contributor of the ceremony |
//! | another powers-of-tau file | [`Params::from_ptau`] with [`PtauCheck::AllowUnpublished`] | whoever made the file |
//! | this machine | [`Params::unsafe_dev`] | whoever ran it |
//! | a parameter file | [`Params::read`] | as the origin in it says: see there |
//!
//! Nothing enters unchecked: sizes, curve and subgroup membership, and every equation between the points.

mod consistency;
mod dev;
mod error;
mod file;
mod points;
mod ptau;
mod srs_error;

use std::fmt;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use halo2_proofs::poly::commitment::{Params as _, ParamsProver};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, G1Affine, G2Affine};
use rand_core::OsRng;
use sha2::{Digest, Sha256};

use crate::atomic::Overwrite;
use crate::plonk::Bases;
pub use error::{FileError, ParamsError, Part, PtauError, SrsError};
pub(crate) use file::lagrange as lagrange_points;
use points::{g1_bytes, g2_bytes};
pub use ptau::{Progress, PtauCheck};
use zkmargin_verifier::packing::PACKED_BITS;
pub use zkmargin_verifier::srs::{Origin, ceremony};

/// The smallest `k`: two powers of `tau`.
pub const MIN_K: u32 = 1;
/// The largest `k`: a million rows, a file of 320 MiB.
pub const MAX_K: u32 = 20;

/// What the digest's input begins with.
const DIGEST_DOMAIN: &[u8] = b"zkmargin parameters digest v1";

/// Parameters for circuits of up to `2^k` rows, and where they come from: `2^(k + PACKED_BITS)` powers of `tau`, since
/// [packed](zkmargin_verifier::packing) polynomials have so many coefficients, and the Lagrange points of `2^k` rows.
#[derive(Clone)]
pub struct Params {
    kzg: ParamsKZG<Bn256>,
    /// All powers; the backend's form has the first `2^k` alone.
    powers: Arc<Vec<G1Affine>>,
    tau_g1: G1Affine,
    origin: Origin,
    digest: [u8; 32],
    /// Made at the first proof, shared by clones.
    bases: Arc<OnceLock<Bases>>,
}

impl Params {
    /// Draws a fresh `tau` from the operating system and drops it. Whoever can look into this process can forge proofs
    /// under these parameters: for development and tests.
    ///
    /// # Errors
    /// [`ParamsError::KOutOfRange`].
    pub fn unsafe_dev(k: u32) -> Result<Self, ParamsError> {
        check_k(k)?;
        let dev::Points {
            powers,
            lagrange,
            tau_g2,
        } = dev::draw(k);
        let origin = Origin::UnsafeDev;
        Ok(Self::assemble(k, powers, Some(lagrange), tau_g2, origin))
    }

    /// Imports a binary powers-of-tau file of snarkjs or circom for circuits of `2^k` rows, or of as many as the file's powers are
    /// enough for where `k` is `None`: a file of `2^power` powers is enough for `k = power - 2`.
    ///
    /// The whole file is read, once, and hashed. Of its points the first `2^(k + 2)` in G1 and the first two in G2 are used and
    /// fully checked; nothing is said about the others beyond what the hash says.
    ///
    /// # Errors
    /// [`ParamsError::KOutOfRange`], or [`ParamsError::Ptau`] with what is wrong with the file.
    pub fn from_ptau(path: &Path, k: Option<u32>, check: PtauCheck) -> Result<Self, ParamsError> {
        Self::from_ptau_with_progress(path, k, check, &mut |_| {})
    }

    /// [`Params::from_ptau`], calling `progress` after every mebibyte: the largest published file has 288 GiB.
    ///
    /// # Errors
    /// As [`Params::from_ptau`].
    pub fn from_ptau_with_progress(
        path: &Path,
        k: Option<u32>,
        check: PtauCheck,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, ParamsError> {
        ptau::import(path, k, check, progress)
    }

    /// [`Params::from_ptau`] for a powers-of-tau file that is open already, or in memory. `path` only names it in errors.
    ///
    /// # Errors
    /// As [`Params::from_ptau`].
    pub fn from_ptau_reader(
        path: &Path,
        file: impl Read + Seek,
        k: Option<u32>,
        check: PtauCheck,
    ) -> Result<Self, ParamsError> {
        ptau::import_reader(path, file, k, check)
    }

    /// What all proofs multiply with, made now unless a proof has done it: a service's first proof is then as fast as the others.
    /// Takes about 5 KiB a row.
    ///
    /// # Errors
    /// The backend's, if it cannot show its points.
    pub fn prepare(&self) -> io::Result<()> {
        self.bases().map(|_| ())
    }

    /// What all proofs multiply with.
    ///
    /// # Errors
    /// As [`Params::prepare`].
    pub fn bases(&self) -> io::Result<&Bases> {
        if let Some(bases) = self.bases.get() {
            return Ok(bases);
        }
        let beyond = self.powers.get(1 << self.k()..).unwrap_or_default();
        let bases = Bases::new(&self.kzg)?.with_more(beyond);
        Ok(self.bases.get_or_init(|| bases))
    }

    /// Writes a parameter file, whole or not at all.
    ///
    /// # Errors
    /// [`ParamsError::Write`].
    pub fn write(&self, path: &Path, overwrite: Overwrite) -> Result<(), ParamsError> {
        file::write(self, path, overwrite)
    }

    /// Reads and checks a parameter file.
    ///
    /// A file that claims the published ceremony is held to the ceremony's `tau G2`, which with the other checks leaves it
    /// no freedom: such an origin can be believed. Development and unpublished origins are as good as who made the file.
    ///
    /// # Errors
    /// [`ParamsError::File`] with what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, ParamsError> {
        file::read(path)
    }

    /// The bytes of a parameter file.
    ///
    /// # Errors
    /// The backend's, if it cannot show its points.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        file::encode(self)
    }

    /// [`Params::read`] for a parameter file in memory.
    ///
    /// # Errors
    /// [`FileError`] with what is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        file::from_bytes(bytes)
    }

    /// The usual name of the parameter file for `k`: `params-k12.bin`.
    #[must_use]
    pub fn file_name(k: u32) -> String {
        format!("params-k{k:02}.bin")
    }

    /// The same parameters for `2^k` rows; `None` if they are for fewer.
    #[must_use]
    pub fn cut(&self, k: u32) -> Option<Self> {
        if k == self.k() {
            return Some(self.clone());
        }
        if k > self.k() || k < MIN_K {
            return None;
        }
        let mut kzg = self.kzg.clone();
        kzg.downsize(k);
        let powers = self.powers.get(..power_count(k))?.to_vec();
        Some(Self::with_origin(kzg, powers, self.origin.clone()))
    }

    /// Circuits have up to `2^k` rows.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.kzg.k()
    }

    /// The backend's form, for key generation, proving and verifying.
    #[must_use]
    pub fn kzg(&self) -> &ParamsKZG<Bn256> {
        &self.kzg
    }

    /// The powers of `tau`: `G1`, `tau G1` and so on, `2^(k + PACKED_BITS)` of them.
    #[must_use]
    pub fn powers(&self) -> &[G1Affine] {
        &self.powers
    }

    /// Where the parameters come from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether `tau` was drawn on one machine.
    #[must_use]
    pub fn is_unsafe_dev(&self) -> bool {
        self.origin == Origin::UnsafeDev
    }

    /// The generator of G1.
    #[must_use]
    pub fn g1(&self) -> G1Affine {
        G1Affine::generator()
    }

    /// `tau G1`.
    #[must_use]
    pub fn tau_g1(&self) -> G1Affine {
        self.tau_g1
    }

    /// The generator of G2.
    #[must_use]
    pub fn g2(&self) -> G2Affine {
        self.kzg.g2()
    }

    /// `tau G2`.
    #[must_use]
    pub fn s_g2(&self) -> G2Affine {
        self.kzg.s_g2()
    }

    /// SHA-256 of `k`, `G2`, `tau G2`, `tau G1` and the [origin's tag](Origin::tag), after a domain prefix.
    ///
    /// Integers are four little-endian bytes; points are uncompressed and affine, coordinates 32 little-endian bytes. Two
    /// files of one ceremony cut to the same `k` have the same digest: they hold the same points.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Puts checked parts together, with all [`power_count`] powers. Without `lagrange`, it is derived: a Fourier transform in the group.
    fn assemble(
        k: u32,
        powers: Vec<G1Affine>,
        lagrange: Option<Vec<G1Affine>>,
        tau_g2: G2Affine,
        origin: Origin,
    ) -> Self {
        // `from_parts` is a method that uses nothing of its receiver; there is no other way to make one.
        let receiver = ParamsKZG::<Bn256>::setup(MIN_K, OsRng);
        let rows = powers.get(..1 << k).unwrap_or(&powers).to_vec();
        let kzg = receiver.from_parts(k, rows, lagrange, G2Affine::generator(), tau_g2);
        Self::with_origin(kzg, powers, origin)
    }

    fn with_origin(kzg: ParamsKZG<Bn256>, powers: Vec<G1Affine>, origin: Origin) -> Self {
        // At least two powers, by `MIN_K`.
        let tau_g1 = kzg
            .get_g()
            .get(1)
            .copied()
            .unwrap_or_else(G1Affine::generator);
        let digest = Sha256::new()
            .chain_update(DIGEST_DOMAIN)
            .chain_update(kzg.k().to_le_bytes())
            .chain_update(g2_bytes(&kzg.g2()))
            .chain_update(g2_bytes(&kzg.s_g2()))
            .chain_update(g1_bytes(&tau_g1))
            .chain_update([origin.tag()])
            .finalize()
            .into();
        Self {
            kzg,
            powers: Arc::new(powers),
            tau_g1,
            origin,
            digest,
            bases: Arc::default(),
        }
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Params")
            .field("k", &self.k())
            .field("origin", &self.origin)
            .field("digest", &hex::encode(self.digest))
            .finish_non_exhaustive()
    }
}

/// How many powers of `tau` parameters for `2^k` rows have.
fn power_count(k: u32) -> usize {
    1 << (k + PACKED_BITS)
}

fn check_k(k: u32) -> Result<(), ParamsError> {
    if (MIN_K..=MAX_K).contains(&k) {
        Ok(())
    } else {
        Err(ParamsError::KOutOfRange {
            k,
            min: MIN_K,
            max: MAX_K,
        })
    }
}
