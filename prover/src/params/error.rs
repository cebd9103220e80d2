//! What can be wrong with parameters, and where.

use std::io;
use std::path::PathBuf;

use crate::atomic::AtomicWriteError;

pub use super::srs_error::{Part, SrsError};

/// Why parameters could not be made, imported, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParamsError {
    /// `k` is outside the supported range.
    #[error("k = {k} is outside {min}..={max}")]
    KOutOfRange {
        /// The value asked for, or found.
        k: u32,
        /// The smallest supported.
        min: u32,
        /// The largest supported.
        max: u32,
    },
    /// A powers-of-tau file was refused.
    #[error("{}: {source}", path.display())]
    Ptau {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PtauError,
    },
    /// A parameter file was refused.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// The parameter file could not be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
}

/// What is wrong with a powers-of-tau file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PtauError {
    /// The operating system refused a step.
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a device or a pipe.
    #[error("is not a regular file")]
    NotAFile,
    /// The file ends inside its file header or a section header.
    #[error("truncated: at byte {offset} needs {needed} bytes, has {remaining}")]
    Truncated {
        /// Where.
        offset: u64,
        /// Bytes that should follow.
        needed: u64,
        /// Bytes that do.
        remaining: u64,
    },
    /// The first four bytes are not `ptau`.
    #[error("is not a powers-of-tau file: magic {got:02x?}")]
    BadMagic {
        /// The bytes found.
        got: [u8; 4],
    },
    /// The format version is not 1.
    #[error("powers-of-tau version {got}, not 1")]
    BadVersion {
        /// The version found.
        got: u32,
    },
    /// More sections than any file has, or too few.
    #[error("{got} sections, not {min}..={max}")]
    SectionCount {
        /// The number found.
        got: u32,
        /// The fewest that can be.
        min: u32,
        /// The most accepted.
        max: u32,
    },
    /// A section's size reaches past the end of the file.
    #[error("section {section}: size {size}, but only {remaining} bytes are left in the file")]
    SectionOverrun {
        /// The section's type.
        section: u32,
        /// The size stated.
        size: u64,
        /// Bytes left.
        remaining: u64,
    },
    /// A section type occurs twice.
    #[error("section {section} occurs twice")]
    DuplicateSection {
        /// The section's type.
        section: u32,
    },
    /// A needed section is not there.
    #[error("section {section} is missing")]
    MissingSection {
        /// The section's type.
        section: u32,
    },
    /// A section's size does not follow from the file's power.
    #[error("section {section}: {got} bytes, not {expected}")]
    SectionSize {
        /// The section's type.
        section: u32,
        /// The size that it must have.
        expected: u64,
        /// The size stated.
        got: u64,
    },
    /// Bytes follow the last section.
    #[error("{count} bytes follow the last section")]
    TrailingBytes {
        /// How many.
        count: u64,
    },
    /// Longer than any file of its power: hashing it could take for ever.
    #[error("{size} bytes, larger than the limit of {limit} for power {power}")]
    TooLarge {
        /// The file's length.
        size: u64,
        /// Its power.
        power: u32,
        /// The longest that a file of this power can be.
        limit: u64,
    },
    /// Field elements are not 32 bytes: another curve.
    #[error("header field n8 = {got}, not 32")]
    FieldSize {
        /// The size found.
        got: u32,
    },
    /// The prime is not the base-field modulus of BN254.
    #[error("header field q = 0x{got} is not the BN254 base-field modulus")]
    WrongPrime {
        /// The prime found, big-endian hexadecimal.
        got: String,
    },
    /// The power is zero or larger than the ceremony's.
    #[error("header field power = {got}, not 1..={max}")]
    PowerOutOfRange {
        /// The power found.
        got: u32,
        /// The largest that can be.
        max: u32,
    },
    /// The power of the ceremony that the file was cut from is below the file's own, or too large.
    #[error("header field ceremonyPower = {got}, not {power}..={max}")]
    CeremonyPowerOutOfRange {
        /// The power found.
        got: u32,
        /// The file's power.
        power: u32,
        /// The largest that can be.
        max: u32,
    },
    /// More powers were asked for than the file holds.
    #[error("k = {k} needs 2^{needed} powers, the file has 2^{power}")]
    KAbovePower {
        /// The value asked for.
        k: u32,
        /// The power that it needs.
        needed: u32,
        /// The file's power.
        power: u32,
    },
    /// The file was written to while it was read.
    #[error("changed while it was read")]
    ChangedWhileReading,
    /// The hash is not a published one, and [`PtauCheck::Published`](super::PtauCheck::Published) was asked for.
    #[error("power {power}, blake2b {blake2b}: not a published ceremony file")]
    Unpublished {
        /// The file's power.
        power: u32,
        /// Its Blake2b-512 hash, hexadecimal.
        blake2b: String,
    },
    /// The hash is published and `tau G2` is not the ceremony's: the pinned tables contradict one another.
    #[error("the hash is published, but tau G2 is not the ceremony's")]
    NotTheCeremony,
    /// The points are not what they should be.
    #[error(transparent)]
    Srs(#[from] SrsError),
}

/// What is wrong with a parameter file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system refused a step.
    #[error("cannot read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a device or a pipe.
    #[error("is not a regular file")]
    NotAFile,
    /// Shorter than its header.
    #[error("{got} bytes: shorter than the header of {needed}")]
    TooShort {
        /// The file's length.
        got: u64,
        /// The header's length.
        needed: u64,
    },
    /// The first eight bytes are not a parameter file's.
    #[error("is not a zkmargin parameter file: magic {got:02x?}")]
    BadMagic {
        /// The bytes found.
        got: [u8; 8],
    },
    /// Another version of the format.
    #[error("format version {got}, not {expected}")]
    BadVersion {
        /// The version found.
        got: u32,
        /// The version that this program reads.
        expected: u32,
    },
    /// `k` is outside the supported range.
    #[error("header field k = {got}, not {min}..={max}")]
    KOutOfRange {
        /// The value found.
        got: u32,
        /// The smallest supported.
        min: u32,
        /// The largest supported.
        max: u32,
    },
    /// The length does not follow from `k`: truncated, or with bytes to spare.
    #[error("{got} bytes, not the {expected} of k = {k}")]
    Length {
        /// The header's `k`.
        k: u32,
        /// The length that the file must have.
        expected: u64,
        /// The length that it has.
        got: u64,
    },
    /// The SHA-256 at the end is not that of the bytes before.
    #[error("checksum {stored}, but the content's is {computed}: the file is damaged")]
    Checksum {
        /// The checksum in the file, hexadecimal.
        stored: String,
        /// The checksum of the content, hexadecimal.
        computed: String,
    },
    /// The origin is not one that a writer of this format writes.
    #[error("origin field {field} = {value} is not acceptable")]
    BadOrigin {
        /// The part of the origin.
        field: &'static str,
        /// What stands there.
        value: String,
    },
    /// The file names the published ceremony, and `tau G2` is not the ceremony's.
    #[error("claims the published ceremony, but tau G2 is not the ceremony's")]
    NotTheCeremony,
    /// The points are not what they should be.
    #[error(transparent)]
    Srs(#[from] SrsError),
}

impl From<zkmargin_verifier::srs::OriginError> for FileError {
    fn from(error: zkmargin_verifier::srs::OriginError) -> Self {
        Self::BadOrigin {
            field: error.field,
            value: error.value,
        }
    }
}
