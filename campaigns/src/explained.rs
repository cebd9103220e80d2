//! The cells whose change is harmless, each with its reason.

use halo2curves::bn256::Fr;
use zkmargin_tamper::{Cell, Image};

use crate::places::Places;

/// A cell that may take another value without a change of meaning.
#[derive(Debug)]
pub struct Explained {
    /// A gate that reads the cell, with its column and distance: see [`Places`].
    pub place: &'static str,
    /// Why it is harmless.
    pub reason: &'static str,
    /// Where the magnitude stands whose sign this is: column and distance in rows.
    magnitude: (usize, i64),
}

/// The whole list. A sign whose magnitude is zero: -0 = 0 in every product that it enters, and
/// the commitment packs the product.
pub const EXPLAINED: &[Explained] = &[];

/// The entry that explains a forged cell, if it is the flipped sign of a zero.
pub fn entry(
    image: &Image<Fr>,
    places: &Places,
    cell: Cell,
    value: Fr,
) -> Option<&'static Explained> {
    let here = places.all(cell);
    EXPLAINED.iter().find(|entry| {
        let (column, distance) = entry.magnitude;
        let row = usize::try_from(cell.row as i64 + distance);
        let zero = row.is_ok_and(|row| image.value(Cell::advice(column, row)) == Fr::zero());
        here.split(", ").any(|place| place == entry.place)
            && zero
            && value == Fr::one() - image.value(cell)
    })
}
