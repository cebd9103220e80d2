//! Columns as programs read them: by blocks of rows.

use ff::Field;
use halo2curves::bn256::Fr;

use super::columns::wipe;

/// Rows that are evaluated at a time: what is between the steps stays in the cache.
pub(super) const BLOCK: usize = 32;

/// A block of values.
pub(super) type Block = [Fr; BLOCK];

/// A column as programs read it: its last cells stand before it and its first ones behind it once more, so that no
/// block has a seam.
#[derive(Debug, Clone)]
pub(super) struct Padded {
    values: Vec<Fr>,
    pad: usize,
}

impl Drop for Padded {
    fn drop(&mut self) {
        wipe(&mut self.values);
    }
}

impl Padded {
    /// The column, with `pad` cells on either side.
    pub(super) fn new(column: &[Fr], pad: usize) -> Self {
        Self::filled(column.len(), pad, |values| values.copy_from_slice(column))
    }

    /// A column of so many cells, which `fill` writes, with `pad` cells on either side.
    pub(super) fn filled(len: usize, pad: usize, fill: impl FnOnce(&mut [Fr])) -> Self {
        let mut values = vec![Fr::ZERO; len + 2 * pad];
        fill(&mut values[pad..pad + len]);
        values.copy_within(len..len + pad, 0);
        values.copy_within(pad..2 * pad, pad + len);
        Self { values, pad }
    }

    /// The column without its copies.
    #[cfg(test)]
    pub(super) fn values(&self) -> &[Fr] {
        &self.values[self.pad..self.values.len() - self.pad]
    }

    /// A block, some rows on.
    pub(super) fn block(&self, start: usize, rotation: i32) -> &[Fr] {
        let from = (start + self.pad).wrapping_add_signed(rotation as isize);
        &self.values[from..from + BLOCK]
    }
}
