//! Fuzz input read as a list of edits to an honest file, so that a mutant is close to what the reader accepts.

use crate::input::Input;

/// Most edits of one input: more would only bury the first.
const MAX_EDITS: usize = 16;

/// Applies the edits that `input` lists.
///
/// | code | edit |
/// |---|---|
/// | 0 | exclusive-or of one byte |
/// | 1 | 32 bytes overwritten |
/// | 2 | 32 bytes copied from elsewhere in the file |
/// | 3 | four bytes replaced by a little-endian number |
/// | 4 | a byte added to |
/// | 5 | cut |
/// | 6 | up to 255 bytes appended |
/// | 7 | one byte removed |
/// | 8 | one byte put in |
pub(crate) fn apply(bytes: &mut Vec<u8>, mut input: Input<'_>) {
    for _ in 0..MAX_EDITS {
        let Some(code) = input.byte() else { return };
        let len = bytes.len().max(1);
        let at = input.index(len);
        match code % 9 {
            0 => {
                let with = input.byte().unwrap_or(1);
                bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= with);
            }
            1 => put(bytes, at, &input.padded::<32>()),
            2 => {
                let from = input.index(len);
                let word: Vec<u8> = bytes.iter().skip(from).take(32).copied().collect();
                put(bytes, at, &word);
            }
            3 => put(bytes, at, &input.padded::<4>()),
            4 => {
                let by = input.byte().unwrap_or(1);
                bytes
                    .iter_mut()
                    .skip(at)
                    .take(1)
                    .for_each(|b| *b = b.wrapping_add(by));
            }
            5 => bytes.truncate(at),
            6 => {
                let [count, value] = input.padded();
                bytes.extend(std::iter::repeat_n(value, count.into()));
            }
            7 => {
                if at < bytes.len() {
                    bytes.remove(at);
                }
            }
            _ => bytes.insert(at.min(bytes.len()), input.byte().unwrap_or(0)),
        }
    }
}

/// Overwrites what there is from `at` on.
fn put(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes
        .iter_mut()
        .skip(at)
        .zip(with)
        .for_each(|(old, new)| *old = *new);
}
