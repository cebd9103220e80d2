//! Where a set of parameters comes from.

use std::fmt;

use serde::Serialize;

use super::ceremony;
use crate::packing::PACKED_BITS;

/// Bytes that are no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("origin {field}: {value} is not valid")]
pub struct OriginError {
    /// The part that is wrong.
    pub field: &'static str,
    /// Its value.
    pub value: String,
}

/// Where the secret `tau` behind a set of parameters was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// A ceremony's file: `tau` is unknown as long as one contributor forgot their part.
    Ceremony {
        /// The published file's name, or [`Origin::UNPUBLISHED_NAME`].
        name: String,
        /// The file holds `2^power` powers.
        power: u32,
        /// The Blake2b-512 hash of the whole file, 128 lower-case hexadecimal digits.
        blake2b: String,
        /// Whether that hash is one of the [published](super::ceremony::PUBLISHED) ones. If not, nothing is known of how
        /// `tau` was drawn.
        published: bool,
    },
    /// Drawn on this machine and dropped: whoever made the file could forge proofs. For development.
    UnsafeDev,
}

const TAG_DEV: u8 = 0;
const TAG_PUBLISHED: u8 = 1;
const TAG_UNPUBLISHED: u8 = 2;

impl Origin {
    /// The name that a file whose hash is not published goes by.
    pub const UNPUBLISHED_NAME: &'static str = "unpublished";

    /// Bytes of an origin in a parameter file: tag, power, two zeros, then the Blake2b-512 hash.
    pub const BYTES: usize = 4 + 64;

    /// The origin of a ceremony file of this power and Blake2b-512 hash.
    #[must_use]
    pub fn ceremony(power: u32, hash: &[u8; 64]) -> Self {
        let blake2b = hex::encode(hash);
        let known = ceremony::published(power, &blake2b);
        let name = known
            .map_or(Self::UNPUBLISHED_NAME, |file| file.name)
            .to_owned();
        Self::Ceremony {
            name,
            power,
            blake2b,
            published: known.is_some(),
        }
    }

    /// Whether the parameters come from a file with a published hash.
    #[must_use]
    pub fn is_published(&self) -> bool {
        matches!(
            self,
            Self::Ceremony {
                published: true,
                ..
            }
        )
    }

    /// One byte for the kind of trust: 0 development, 1 published ceremony, 2 unpublished file.
    #[must_use]
    pub fn tag(&self) -> u8 {
        match self {
            Self::UnsafeDev => TAG_DEV,
            Self::Ceremony {
                published: true, ..
            } => TAG_PUBLISHED,
            Self::Ceremony {
                published: false, ..
            } => TAG_UNPUBLISHED,
        }
    }

    /// The origin's bytes in parameter and key files.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0] = self.tag();
        if let Self::Ceremony { power, blake2b, .. } = self {
            // Powers are at most 28 and hashes 64 bytes by construction; a reader refuses anything else.
            bytes[1] = u8::try_from(*power).unwrap_or(u8::MAX);
            if let Ok(hash) = hex::decode(blake2b)
                && hash.len() == 64
            {
                bytes[4..].copy_from_slice(&hash);
            }
        }
        bytes
    }

    /// Reads the origin of parameters for `2^k` rows and refuses whatever [`Origin::to_bytes`] would not write; a published tag needs a published
    /// hash, and a published hash the published tag.
    ///
    /// # Errors
    /// [`OriginError`] with the field that is wrong.
    pub fn from_bytes(bytes: &[u8; Self::BYTES], k: u32) -> Result<Self, OriginError> {
        let bad = |field: &'static str, value: String| OriginError { field, value };
        let [tag, power, ..] = *bytes;
        let mut hash = [0; 64];
        hash.copy_from_slice(&bytes[4..]);
        let origin = match tag {
            TAG_DEV => Self::UnsafeDev,
            TAG_PUBLISHED | TAG_UNPUBLISHED => Self::ceremony(u32::from(power), &hash),
            _ => return Err(bad("tag", tag.to_string())),
        };
        if origin.tag() != tag {
            return Err(bad("blake2b", hex::encode(hash)));
        }
        if tag != TAG_DEV && !(k + PACKED_BITS..=ceremony::MAX_POWER).contains(&u32::from(power)) {
            return Err(bad("power", power.to_string()));
        }
        if origin.to_bytes() != *bytes {
            return Err(bad("padding", hex::encode(bytes)));
        }
        Ok(origin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsafeDev => f.write_str("UNSAFE development parameters"),
            Self::Ceremony {
                name,
                power,
                published: true,
                ..
            } => write!(f, "ceremony {name} (power {power})"),
            Self::Ceremony { power, blake2b, .. } => {
                write!(
                    f,
                    "UNPUBLISHED powers-of-tau file (power {power}, blake2b {blake2b})"
                )
            }
        }
    }
}
