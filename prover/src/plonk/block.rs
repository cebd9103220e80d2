//! Columns as programs read them: by blocks of rows.

use halo2curves::bn256::Fr;

use super::lanes::{self, WIDTH, Words, words};

/// A column as programs read it: its last cells stand before it and its first ones behind it once more, so that no
/// block has a seam.
#[derive(Debug, Clone)]
pub(super) struct Padded {
    values: Vec<Words>,
    pad: usize,
}

impl Drop for Padded {
    fn drop(&mut self) {
        lanes::wipe(&mut self.values);
    }
}

impl Padded {
    /// A column of plain values, scaled, with `pad` cells on either side.
    pub(super) fn scaled(column: &[Fr], pad: usize) -> Self {
        let scale = lanes::scale::<Fr>();
        Self::filled(column.len(), pad, |values| {
            let cells = values.iter_mut().zip(column);
            cells.for_each(|(to, from)| *to = words(&(*from * scale)));
        })
    }

    /// A column of so many cells, which `fill` writes, with `pad` cells on either side.
    pub(super) fn filled(len: usize, pad: usize, fill: impl FnOnce(&mut [Words])) -> Self {
        let mut values = vec![[0; 4]; len + 2 * pad];
        fill(&mut values[pad..pad + len]);
        values.copy_within(len..len + pad, 0);
        values.copy_within(pad..2 * pad, pad + len);
        Self { values, pad }
    }

    /// The column without its copies.
    #[cfg(test)]
    pub(super) fn values(&self) -> Vec<Fr> {
        let values = &self.values[self.pad..self.values.len() - self.pad];
        values.iter().map(|value| lanes::element(*value)).collect()
    }

    /// A block, some rows on.
    ///
    /// # Panics
    /// If the block is further from the column than its copies reach.
    #[inline(always)]
    pub(super) fn block(&self, start: usize, rotation: i32) -> &[Words; WIDTH] {
        let from = (start + self.pad).wrapping_add_signed(rotation as isize);
        let blocks = self.values[from..].first_chunk();
        blocks.expect("a column reaches as far as its rotations")
    }
}
