//! Fuzz input read as numbers.

/// What is left of the input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    /// The next byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// The next `N` bytes, the last of them zero where the input ends.
    pub(crate) fn padded<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self.0.split_at(self.0.len().min(N));
        let mut bytes = [0; N];
        bytes[..head.len()].copy_from_slice(head);
        self.0 = rest;
        bytes
    }

    /// The next three bytes, little-endian, as an index below `bound`, which is not 0.
    pub(crate) fn index(&mut self, bound: usize) -> usize {
        let [a, b, c] = self.padded();
        u32::from_le_bytes([a, b, c, 0]) as usize % bound
    }

    /// A number from `low` to `high`: by the first byte an end, near an end, or eight bytes of the input reduced.
    pub(crate) fn number(&mut self, low: i64, high: i64) -> i64 {
        let near =
            |rest: &mut Self| i64::from(rest.byte().unwrap_or(0)).min(high.abs_diff(low) as i64);
        match self.byte().unwrap_or(0) % 8 {
            0 => low,
            1 => high,
            2 => low + near(self),
            3 => high - near(self),
            4 => 0.clamp(low, high),
            5 => 1.clamp(low, high),
            _ => {
                let raw = i64::from_le_bytes(self.padded());
                let span = i128::from(high) - i128::from(low) + 1;
                // Within the two ends, so it fits.
                (i128::from(low) + i128::from(raw).rem_euclid(span)) as i64
            }
        }
    }
}
