//! Columns as programs read them: by blocks of rows.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    columns::wipe,
    lanes::{self, WIDTH},
};

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
    /// A column of plain values, scaled, with `pad` cells on either side.
    pub(super) fn scaled(column: &[Fr], pad: usize) -> Self {
        let scale = lanes::scale::<Fr>();
        Self::filled(column.len(), pad, |values| {
            let cells = values.iter_mut().zip(column);
            cells.for_each(|(to, from)| *to = *from * scale);
        })
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
    ///
    /// # Panics
    /// If the block is further from the column than its copies reach.
    #[inline(always)]
    pub(super) fn block(&self, start: usize, rotation: i32) -> &[Fr; WIDTH] {
        let from = (start + self.pad).wrapping_add_signed(rotation as isize);
        let blocks = self.values[from..].first_chunk();
        blocks.expect("a column reaches as far as its rotations")
    }
}
