//! Verifying keys: what they hold, their digest, their file.
//!
//! ```text
//! magic "ZKMVKEY2" | circuit version | statement | shape | k          8 + 4 bytes
//! origin | tau G2 | parameters digest                                 68 + 128 + 32 bytes
//! halo2 verifying key, raw bytes                                      exactly as long as its circuit's
//! commitment to each group of its packing: x, y, raw                  64 bytes a group
//! SHA-256 of everything before                                        32 bytes
//! ```

mod sizes;

use std::{
    io::{self, Cursor},
    sync::{Arc, LazyLock, OnceLock},
};

use ff::PrimeField;
use group::{cofactor::CofactorGroup, prime::PrimeCurveAffine};
use halo2_proofs::{
    SerdeFormat,
    plonk::{self, Circuit},
    poly::kzg::commitment::ParamsKZG,
};
use halo2curves::{
    CurveAffine,
    bn256::{Bn256, Fq, Fq2, Fr, G1Affine, G2, G2Affine},
    serde::SerdeObject,
};
use rand_core::OsRng;
use sha2::{Digest, Sha256};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, MAX_DEGREE, SolvencyCircuit},
    shape::{CircuitVersion, Shape, Statement},
};

use crate::{
    equations::Equations,
    packing::Packing,
    srs::{Origin, ceremony, g2_bytes},
};
use sizes::{body_bytes, fixed_columns, packed_bytes, proof_bytes, proof_points};
pub use sizes::{circuit_degree, configured, gate_degree};

/// What a verifying key file begins with.
pub const MAGIC: &[u8; 8] = b"ZKMVKEY2";
const HEADER_BYTES: usize = 8 + 4 + Origin::BYTES + 128 + 32;
const CHECKSUM_BYTES: usize = 32;
const POINT_BYTES: usize = 64;
/// Largest verifying key file. Most of one are selectors, a bit a row: 8 KiB each in the largest circuit.
pub const MAX_KEY_BYTES: u64 = 4 << 20;

/// Why a key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a verifying key file.
    #[error("not a zkmargin verifying key")]
    Magic,
    /// Made by another version.
    #[error("{field} {value} is not supported")]
    Unsupported {
        /// Header field.
        field: &'static str,
        /// Its value.
        value: u8,
    },
    /// Too short or too long for its shape.
    #[error("{got} bytes, expected {expected}")]
    Length {
        /// Bytes expected.
        expected: usize,
        /// Bytes found.
        got: usize,
    },
    /// Damaged, or altered.
    #[error("the checksum does not match the content")]
    Checksum,
    /// The header's origin is not one.
    #[error(transparent)]
    Origin(#[from] crate::srs::OriginError),
    /// A point is off its curve or subgroup, or trivial.
    #[error("tau G2 is not a usable point")]
    Point,
    /// The origin claims the published ceremony for another tau.
    #[error("the key claims the published ceremony, but its tau G2 is another")]
    NotTheCeremony,
    /// A commitment to a fixed column, a permutation or a group of them is not a point of the curve.
    #[error("commitment {index} is not on the curve")]
    Commitment {
        /// Its place: fixed columns, permutations, groups.
        index: usize,
    },
    /// The backend cannot read the key's body.
    #[error("the key's body is malformed: {0}")]
    Body(String),
    /// The environment caps the backend's degree below the circuits', or is no number.
    #[error(
        "the environment variable MAX_DEGREE is '{0}', which the circuits of degree {MAX_DEGREE} cannot use: unset it"
    )]
    Environment(String),
    /// The circuit's degree is above what the backend can prove.
    #[error("the circuit has degree {0}, above {MAX_DEGREE}")]
    Degree(usize),
}

/// The key that proofs of one statement and shape are checked with. Public.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    statement: Statement,
    shape: Shape,
    origin: Origin,
    tau_g2: G2Affine,
    params_digest: [u8; 32],
    vk: plonk::VerifyingKey<G1Affine>,
    digest: [u8; 32],
    proof_bytes: usize,
    proof_points: usize,
    params: ParamsKZG<Bn256>,
    packing: Packing,
    /// The generator, the commitments that are in no group, the groups'.
    points: Vec<G1Affine>,
    /// Made at the first proof, shared by clones.
    equations: Arc<OnceLock<Equations>>,
}

impl VerifyingKey {
    /// Wraps a freshly generated key. `packed` are the commitments to the groups of its circuit's [`Packing`].
    ///
    /// # Errors
    /// [`KeyError::Degree`] if a gate is above the degree that the backend can prove, [`KeyError::Unsupported`] if the key is for other
    /// rows than the shape's, [`KeyError::Point`] for a tau at infinity, [`KeyError::Body`] if there are more or fewer groups.
    pub fn new(
        statement: Statement,
        shape: Shape,
        origin: Origin,
        tau_g2: G2Affine,
        params_digest: [u8; 32],
        vk: plonk::VerifyingKey<G1Affine>,
        packed: &[G1Affine],
    ) -> Result<Self, KeyError> {
        let degree = gate_degree(&vk);
        if degree > MAX_DEGREE {
            return Err(KeyError::Degree(degree));
        }
        let k = vk.get_domain().k();
        if k != statement.k(shape) {
            let value = k.try_into().unwrap_or(u8::MAX);
            return Err(KeyError::Unsupported { field: "k", value });
        }
        if tau_g2.is_identity().into() {
            return Err(KeyError::Point);
        }
        let (proof_bytes, proof_points) = (proof_bytes(&vk), proof_points(&vk));
        let params = backend_params(statement.k(shape), tau_g2);
        let packing = Packing::new(vk.cs());
        if packing.groups().len() != packed.len() {
            return Err(KeyError::Body("groups and columns disagree".to_owned()));
        }
        let alone = alone(&packing, &vk).map(|(_, point)| point);
        let generator = std::iter::once(G1Affine::generator());
        let points = generator.chain(alone).chain(packed.iter().copied());
        let points = points.collect();
        let mut key = Self {
            statement,
            shape,
            origin,
            tau_g2,
            params_digest,
            vk,
            digest: [0; 32],
            proof_bytes,
            proof_points,
            params,
            packing,
            points,
            equations: Arc::default(),
        };
        key.digest = Sha256::digest(key.body()).into();
        Ok(key)
    }

    /// What the key's proofs state.
    pub fn statement(&self) -> Statement {
        self.statement
    }

    /// The capacity of the key's circuit.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// log2 of the circuit's rows.
    pub fn k(&self) -> u32 {
        self.statement.k(self.shape)
    }

    /// Whose secret is behind the parameters.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the secret was drawn on one machine: whoever ran it can forge proofs.
    pub fn is_unsafe_dev(&self) -> bool {
        self.origin == Origin::UnsafeDev
    }

    /// Tau in G2: keys with the same one are of the same parameters, of whatever size.
    pub fn tau_g2(&self) -> G2Affine {
        self.tau_g2
    }

    /// The digest of the parameters behind the key.
    pub fn params_digest(&self) -> [u8; 32] {
        self.params_digest
    }

    /// SHA-256 of the key: statement, shape, origin, tau G2, circuit.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Exact length of a proof.
    pub fn proof_bytes(&self) -> usize {
        self.proof_bytes
    }

    /// Points that a proof brings to its check.
    pub fn proof_points(&self) -> usize {
        self.proof_points
    }

    /// Points that the key brings to the check of each proof.
    pub fn own_points(&self) -> usize {
        self.points.len()
    }

    /// Those points: the generator, the fixed columns that are in no group, the groups.
    pub(crate) fn points(&self) -> &[G1Affine] {
        &self.points
    }

    /// The fixed columns that are in no group.
    pub(crate) fn alone(&self) -> impl Iterator<Item = usize> {
        alone(&self.packing, &self.vk).map(|(polynomial, _)| polynomial)
    }

    /// Which of the circuit's fixed polynomials are committed to together.
    pub fn packing(&self) -> &Packing {
        &self.packing
    }

    /// The commitments to the groups.
    pub fn packed(&self) -> &[G1Affine] {
        let groups = self.packing.groups().len();
        let first = self.points.len().saturating_sub(groups);
        self.points.get(first..).unwrap_or_default()
    }

    pub(crate) fn equations(&self) -> &Equations {
        self.equations.get_or_init(|| Equations::new(self))
    }

    /// The backend's key.
    pub fn backend(&self) -> &plonk::VerifyingKey<G1Affine> {
        &self.vk
    }

    /// The backend's parameters, cut to what verification reads.
    pub fn backend_params(&self) -> &ParamsKZG<Bn256> {
        &self.params
    }

    fn body(&self) -> Vec<u8> {
        let codes = [
            CircuitVersion::CURRENT.code(),
            self.statement.code(),
            self.shape.code(),
            self.k() as u8,
        ];
        let mut bytes = MAGIC.to_vec();
        bytes.extend(codes);
        bytes.extend(self.origin.to_bytes());
        bytes.extend(g2_bytes(&self.tau_g2));
        bytes.extend(self.params_digest);
        bytes.extend(self.vk.to_bytes(SerdeFormat::RawBytes));
        bytes.extend(self.packed().iter().flat_map(SerdeObject::to_raw_bytes));
        bytes
    }

    /// The key file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.body();
        bytes.extend(Sha256::digest(&bytes));
        bytes
    }

    /// Reads a key file: exact length, checksum, header, points.
    ///
    /// # Errors
    /// [`KeyError`] with what is wrong. The content is checked for consistency, not for who made
    /// it: compare [`digest`](Self::digest) with a trusted one, or make the key from parameters.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        check_environment()?;
        let header = bytes.get(..HEADER_BYTES).ok_or(KeyError::Length {
            expected: HEADER_BYTES,
            got: bytes.len(),
        })?;
        if !header.starts_with(MAGIC) {
            return Err(KeyError::Magic);
        }
        let unsupported = |field, value| KeyError::Unsupported { field, value };
        let [version, statement, shape, k] = [header[8], header[9], header[10], header[11]];
        if version != CircuitVersion::CURRENT.code() {
            return Err(unsupported("circuit version", version));
        }
        let statement = Statement::ALL
            .into_iter()
            .find(|s| s.code() == statement)
            .ok_or(unsupported("statement", statement))?;
        let shape = Shape::ALL
            .into_iter()
            .find(|s| s.code() == shape)
            .ok_or(unsupported("shape", shape))?;
        if u32::from(k) != statement.k(shape) {
            return Err(unsupported("k", k));
        }
        let fixed = fixed_columns(&bytes[HEADER_BYTES..], statement.k(shape))?;
        let body_bytes = body_bytes(statement, shape, fixed);
        let packed_bytes = packed_bytes(statement, shape, fixed);
        let expected = HEADER_BYTES + body_bytes + packed_bytes + CHECKSUM_BYTES;
        if bytes.len() != expected {
            return Err(KeyError::Length {
                expected,
                got: bytes.len(),
            });
        }
        let (content, checksum) = bytes.split_at(expected - CHECKSUM_BYTES);
        if Sha256::digest(content).as_slice() != checksum {
            return Err(KeyError::Checksum);
        }
        let mut origin = [0; Origin::BYTES];
        origin.copy_from_slice(&header[12..12 + Origin::BYTES]);
        let origin = Origin::from_bytes(&origin, statement.k(shape))?;
        let point = &header[12 + Origin::BYTES..][..128];
        let tau_g2 = g2_point(point).ok_or(KeyError::Point)?;
        if origin.is_published() && !ceremony::is_tau_g2(&tau_g2) {
            return Err(KeyError::NotTheCeremony);
        }
        let mut params_digest = [0; 32];
        params_digest.copy_from_slice(&header[HEADER_BYTES - 32..]);
        let mut body = Cursor::new(&content[HEADER_BYTES..]);
        let vk = read_body(&mut body, statement, shape)
            .ok_or(unsupported("statement", statement.code()))?
            .map_err(|error| KeyError::Body(error.to_string()))?;
        if body.position() != body_bytes as u64 {
            return Err(KeyError::Body("trailing bytes".to_owned()));
        }
        let packed = content.get(HEADER_BYTES + body_bytes..).unwrap_or_default();
        let packed = packed.chunks_exact(POINT_BYTES);
        // Coordinates below the modulus, as the backend's reader wants them.
        let packed: Option<Vec<G1Affine>> = packed
            .map(|bytes| {
                let (x, y) = bytes.split_at(POINT_BYTES / 2);
                let (x, y) = (Fq::from_raw_bytes(x)?, Fq::from_raw_bytes(y)?);
                Some(G1Affine { x, y })
            })
            .collect();
        let packed = packed.ok_or_else(|| KeyError::Body("coordinate of a group".to_owned()))?;
        // The backend's reader checks coordinates, not the curve. BN254's G1 has no other subgroup.
        let mut commitments = vk
            .fixed_commitments()
            .iter()
            .chain(vk.permutation().commitments())
            .chain(&packed);
        if let Some(index) = commitments.position(|point| !bool::from(point.is_on_curve())) {
            return Err(KeyError::Commitment { index });
        }
        if vk.fixed_commitments().len() != vk.cs().num_fixed_columns() {
            return Err(KeyError::Body(
                "selectors and column count disagree".to_owned(),
            ));
        }
        Self::new(statement, shape, origin, tau_g2, params_digest, vk, &packed)
    }
}

/// The fixed columns and permutations that are in no group, with their commitments.
fn alone(
    packing: &Packing,
    vk: &plonk::VerifyingKey<G1Affine>,
) -> impl Iterator<Item = (usize, G1Affine)> {
    let commitments = vk.fixed_commitments().iter();
    let commitments = commitments.chain(vk.permutation().commitments());
    let all = commitments.copied().enumerate();
    all.filter(|(polynomial, _)| !packing.contains(*polynomial))
}

fn backend_params(k: u32, tau_g2: G2Affine) -> ParamsKZG<Bn256> {
    // `from_parts` uses nothing of its receiver; verification reads g[0], G2 and tau G2 only.
    static RECEIVER: LazyLock<ParamsKZG<Bn256>> = LazyLock::new(|| ParamsKZG::setup(1, OsRng));
    let g1 = vec![G1Affine::generator()];
    RECEIVER.from_parts(k, g1, Some(Vec::new()), G2Affine::generator(), tau_g2)
}

/// A point of the G2 subgroup that is neither infinity nor the generator (tau 0 or 1).
fn g2_point(bytes: &[u8]) -> Option<G2Affine> {
    let mut coordinates = bytes.chunks_exact(32).map(|chunk| {
        let mut repr = [0; 32];
        repr.copy_from_slice(chunk);
        Option::<Fq>::from(Fq::from_repr(repr))
    });
    let mut next = || coordinates.next().flatten();
    let (x, y) = (
        Fq2 {
            c0: next()?,
            c1: next()?,
        },
        Fq2 {
            c0: next()?,
            c1: next()?,
        },
    );
    let point: Option<G2Affine> = G2Affine::from_xy(x, y).into();
    let point = point?;
    let usable = bool::from(G2::from(point).is_torsion_free())
        && point != G2Affine::generator()
        && !bool::from(point.is_identity());
    usable.then_some(point)
}

/// The backend's key of a statement's circuit; `None` for a statement without one.
fn read_body(
    body: &mut Cursor<&[u8]>,
    statement: Statement,
    shape: Shape,
) -> Option<io::Result<plonk::VerifyingKey<G1Affine>>> {
    fn read<C: Circuit<Fr, Params = Option<Shape>>>(
        body: &mut Cursor<&[u8]>,
        shape: Shape,
    ) -> io::Result<plonk::VerifyingKey<G1Affine>> {
        plonk::VerifyingKey::read::<_, C>(body, SerdeFormat::RawBytes, Some(shape))
    }
    match statement {
        Statement::Liquidation => Some(read::<LiquidationCircuit>(body, shape)),
        Statement::Solvency => Some(read::<SolvencyCircuit>(body, shape)),
        _ => None,
    }
}

/// The backend takes its cap on the degree from the environment variable `MAX_DEGREE`, whoever
/// set it, and panics where a circuit is above it. A cap at or above ours changes nothing.
///
/// # Errors
/// [`KeyError::Environment`].
pub fn check_environment() -> Result<(), KeyError> {
    match std::env::var("MAX_DEGREE") {
        Ok(cap) if !cap.parse::<usize>().is_ok_and(|cap| cap >= MAX_DEGREE) => {
            Err(KeyError::Environment(cap))
        }
        _ => Ok(()),
    }
}
