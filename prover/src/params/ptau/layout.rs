//! The table of contents of a powers-of-tau file.
//!
//! ```text
//! "ptau"  version: u32 = 1  sections: u32
//! then, for every section:  type: u32  size: u64  content
//!
//! section 1, header:  n8: u32 = 32  q: 32 bytes  power: u32  ceremonyPower: u32
//! section 2, tauG1:   2^(power+1) - 1 points of G1
//! section 3, tauG2:   2^power points of G2
//! section 4, alphaTauG1;  5, betaTauG1:  2^power points of G1 each;  6, betaG2: a point of G2
//! section 7, contributions;  12 to 15, Lagrange forms: of any size
//! ```
//!
//! All integers are little-endian. Only sections 1 to 3 are needed.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use ff::PrimeField;
use halo2curves::bn256::Fq;

use super::super::ceremony::MAX_POWER;
use super::super::error::PtauError;
use super::super::points::{FQ_BYTES, G1_BYTES, G2_BYTES};
use super::stream::Window;

const MAGIC: [u8; 4] = *b"ptau";
const VERSION: u32 = 1;
const FILE_HEADER_BYTES: usize = 12;
const SECTION_HEADER_BYTES: usize = 12;

/// snarkjs writes 7 sections, or 11 once prepared for phase 2.
const MAX_SECTIONS: u32 = 32;
const MIN_SECTIONS: u32 = 3;

const HEADER: u32 = 1;
const TAU_G1: u32 = 2;
const TAU_G2: u32 = 3;
const ALPHA_TAU_G1: u32 = 4;
const BETA_TAU_G1: u32 = 5;
const BETA_G2: u32 = 6;

const N8_BYTES: usize = 4;
const HEADER_BYTES: usize = N8_BYTES + FQ_BYTES + 8;

/// Bytes of points for each of the file's `2^power` powers: sections 2 to 5, and in a prepared file 12, 13, 14 and 15, the
/// Lagrange forms of every power up to its own (of tauG1 one more).
const BYTES_A_POWER: u64 = 384 + 256 + 256 + 128 + 128;
/// Room for headers and contributions. The ceremony's contributions have 81 KiB.
const OTHER_BYTES: u64 = 16 << 20;

/// The longest that a file of this power can be: 288 GiB for the ceremony's largest. Sections that the importer does not
/// look into have any size, and all of the file is hashed.
const fn max_bytes(power: u32) -> u64 {
    (BYTES_A_POWER << power) + OTHER_BYTES
}

/// Where a powers-of-tau file keeps what is needed of it.
#[derive(Debug)]
pub(super) struct Layout {
    /// The file holds `2^power` powers.
    pub(super) power: u32,
    /// Where the powers in G1 begin.
    pub(super) tau_g1: u64,
    /// Where the powers in G2 begin.
    pub(super) tau_g2: u64,
    /// Every byte that this was read from, for comparison with what is hashed later.
    pub(super) seen: Vec<(Window, Vec<u8>)>,
}

#[derive(Debug, Clone, Copy)]
struct Section {
    offset: u64,
    size: u64,
}

/// Reads bytes at a place and remembers them.
struct Scanner<'a, R> {
    file: &'a mut R,
    len: u64,
    seen: Vec<(Window, Vec<u8>)>,
}

impl<R: Read + Seek> Scanner<'_, R> {
    fn read<const N: usize>(&mut self, offset: u64) -> Result<[u8; N], PtauError> {
        let remaining = self.len.saturating_sub(offset);
        if remaining < N as u64 {
            return Err(PtauError::Truncated {
                offset,
                needed: N as u64,
                remaining,
            });
        }
        let mut bytes = [0; N];
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read_exact(&mut bytes)?;
        self.seen.push((Window { offset, len: N }, bytes.to_vec()));
        Ok(bytes)
    }
}

fn u32_at<const N: usize>(bytes: &[u8; N], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

impl Layout {
    /// Reads the table of contents and the header of a file of `len` bytes, and checks every size in it. Allocates
    /// nothing that depends on them.
    pub(super) fn scan<R: Read + Seek>(file: &mut R, len: u64) -> Result<Self, PtauError> {
        let mut scanner = Scanner {
            file,
            len,
            seen: Vec::new(),
        };
        let sections = scan_sections(&mut scanner)?;
        let section = |id| {
            sections
                .get(&id)
                .copied()
                .ok_or(PtauError::MissingSection { section: id })
        };
        let power = scan_header(&mut scanner, section(HEADER)?)?;
        let (tau_g1, tau_g2) = (section(TAU_G1)?, section(TAU_G2)?);

        let n = 1u64 << power;
        let limit = max_bytes(power);
        if len > limit {
            return Err(PtauError::TooLarge {
                size: len,
                power,
                limit,
            });
        }
        let (g1, g2) = (G1_BYTES as u64, G2_BYTES as u64);
        let sizes = [
            (TAU_G1, (2 * n - 1) * g1),
            (TAU_G2, n * g2),
            (ALPHA_TAU_G1, n * g1),
            (BETA_TAU_G1, n * g1),
            (BETA_G2, g2),
        ];
        for (id, expected) in sizes {
            if let Some(&Section { size: got, .. }) = sections.get(&id)
                && got != expected
            {
                return Err(PtauError::SectionSize {
                    section: id,
                    expected,
                    got,
                });
            }
        }
        Ok(Self {
            power,
            tau_g1: tau_g1.offset,
            tau_g2: tau_g2.offset,
            seen: scanner.seen,
        })
    }
}

fn scan_sections<R: Read + Seek>(
    scanner: &mut Scanner<'_, R>,
) -> Result<BTreeMap<u32, Section>, PtauError> {
    let header: [u8; FILE_HEADER_BYTES] = scanner.read(0)?;
    let [m0, m1, m2, m3, ..] = header;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(PtauError::BadMagic {
            got: [m0, m1, m2, m3],
        });
    }
    let version = u32_at(&header, 4);
    if version != VERSION {
        return Err(PtauError::BadVersion { got: version });
    }
    let count = u32_at(&header, 8);
    if !(MIN_SECTIONS..=MAX_SECTIONS).contains(&count) {
        return Err(PtauError::SectionCount {
            got: count,
            min: MIN_SECTIONS,
            max: MAX_SECTIONS,
        });
    }

    let mut sections = BTreeMap::new();
    let mut offset = FILE_HEADER_BYTES as u64;
    for _ in 0..count {
        let header: [u8; SECTION_HEADER_BYTES] = scanner.read(offset)?;
        offset += SECTION_HEADER_BYTES as u64;
        let id = u32_at(&header, 0);
        let size = u64::from(u32_at(&header, 4)) | u64::from(u32_at(&header, 8)) << 32;
        let remaining = scanner.len - offset;
        if size > remaining {
            return Err(PtauError::SectionOverrun {
                section: id,
                size,
                remaining,
            });
        }
        if sections.insert(id, Section { offset, size }).is_some() {
            return Err(PtauError::DuplicateSection { section: id });
        }
        offset += size;
    }
    if offset != scanner.len {
        return Err(PtauError::TrailingBytes {
            count: scanner.len - offset,
        });
    }
    Ok(sections)
}

/// Checks the header section and gives the file's power.
fn scan_header<R: Read + Seek>(
    scanner: &mut Scanner<'_, R>,
    section: Section,
) -> Result<u32, PtauError> {
    let wrong_size = PtauError::SectionSize {
        section: HEADER,
        expected: HEADER_BYTES as u64,
        got: section.size,
    };
    // The size of a field element comes first, so that another curve's file is told apart from a damaged one.
    if section.size < N8_BYTES as u64 {
        return Err(wrong_size);
    }
    let n8 = u32::from_le_bytes(scanner.read(section.offset)?);
    if n8 != FQ_BYTES as u32 {
        return Err(PtauError::FieldSize { got: n8 });
    }
    if section.size != HEADER_BYTES as u64 {
        return Err(wrong_size);
    }
    let header: [u8; HEADER_BYTES] = scanner.read(section.offset)?;
    let q: Vec<u8> = header[N8_BYTES..N8_BYTES + FQ_BYTES]
        .iter()
        .rev()
        .copied()
        .collect();
    let got = hex::encode(q);
    if got != Fq::MODULUS.trim_start_matches("0x") {
        return Err(PtauError::WrongPrime { got });
    }
    let power = u32_at(&header, N8_BYTES + FQ_BYTES);
    if !(1..=MAX_POWER).contains(&power) {
        return Err(PtauError::PowerOutOfRange {
            got: power,
            max: MAX_POWER,
        });
    }
    let ceremony_power = u32_at(&header, N8_BYTES + FQ_BYTES + 4);
    if !(power..=MAX_POWER).contains(&ceremony_power) {
        return Err(PtauError::CeremonyPowerOutOfRange {
            got: ceremony_power,
            power,
            max: MAX_POWER,
        });
    }
    Ok(power)
}
