//! One pass over a file that hashes all of it and keeps some parts.

use std::io::{Read, Seek, SeekFrom};

use blake2::{Blake2b512, Digest};

use super::super::error::PtauError;

const BUFFER_BYTES: usize = 1 << 20;

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Where it begins.
    pub(super) offset: u64,
    /// How many bytes.
    pub(super) len: usize,
}

impl Window {
    /// Appends to `kept` the part of the window that lies in `chunk`, which was read at `offset`.
    fn collect(&self, kept: &mut Vec<u8>, chunk: &[u8], offset: u64) {
        let (start, end) = (self.offset, self.offset + self.len as u64);
        let (from, to) = (start.max(offset), end.min(offset + chunk.len() as u64));
        if from < to {
            // Both differences are at most the chunk's length.
            kept.extend_from_slice(&chunk[(from - offset) as usize..(to - offset) as usize]);
        }
    }
}

/// How far a long read has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub done: u64,
    /// Bytes of the file.
    pub total: u64,
}

/// Hashes the `len` bytes of `file` with Blake2b-512 and returns the content of `windows`, which all lie within.
///
/// What is kept is what was hashed: a file that changes under the reader cannot give the points of one and the hash of
/// another.
///
/// # Errors
/// [`PtauError::Io`], or [`PtauError::ChangedWhileReading`] if the file is not `len` bytes long any more.
pub(super) fn hash_and_keep<R: Read + Seek>(
    file: &mut R,
    len: u64,
    windows: &[Window],
    progress: &mut dyn FnMut(Progress),
) -> Result<([u8; 64], Vec<Vec<u8>>), PtauError> {
    let mut kept: Vec<Vec<u8>> = windows
        .iter()
        .map(|window| Vec::with_capacity(window.len))
        .collect();
    let mut hasher = Blake2b512::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut offset = 0;
    file.seek(SeekFrom::Start(0))?;
    while offset < len {
        let wanted = usize::try_from(len - offset)
            .unwrap_or(BUFFER_BYTES)
            .min(BUFFER_BYTES);
        let got = match file.read(&mut buffer[..wanted]) {
            Ok(0) => return Err(PtauError::ChangedWhileReading),
            Ok(got) => got,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let chunk = &buffer[..got];
        hasher.update(chunk);
        for (window, kept) in windows.iter().zip(&mut kept) {
            window.collect(kept, chunk, offset);
        }
        offset += got as u64;
        progress(Progress {
            done: offset,
            total: len,
        });
    }
    if file.take(1).read_to_end(&mut Vec::new())? != 0 {
        return Err(PtauError::ChangedWhileReading);
    }
    Ok((hasher.finalize().into(), kept))
}
