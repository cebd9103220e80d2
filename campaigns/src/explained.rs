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
    /// A copy of the cell, found from there by the adversary: its place, and the magnitude beside it.
    copy: Option<(&'static str, (usize, i64))>,
}

impl Explained {
    /// The places of the cell and of its copy, with the magnitudes beside them.
    fn places(&self) -> impl Iterator<Item = (&'static str, (usize, i64))> {
        std::iter::once((self.place, self.magnitude)).chain(self.copy)
    }
}

/// The whole list. A sign whose magnitude is zero: -0 = 0 in every product that it enters, and
/// the commitment packs the product.
pub const EXPLAINED: &[Explained] = &[
    Explained {
        place: "q_holding a1+1",
        reason: "sign of an option slot's calls, of which there are none",
        magnitude: (0, 0),
        copy: None,
    },
    Explained {
        place: "q_holding a3+1",
        reason: "sign of an option slot's puts, of which there are none",
        magnitude: (2, 0),
        copy: None,
    },
    Explained {
        place: "q_future a3+0",
        reason: "sign of a future's size, which is zero",
        magnitude: (2, 0),
        copy: None,
    },
    Explained {
        place: "q_future a1+1",
        reason: "sign of a future's funding index, which is zero",
        magnitude: (0, 0),
        copy: None,
    },
    Explained {
        place: "q_swap a3+0",
        reason: "sign of a swap's size, which is zero, with its copy",
        magnitude: (2, 0),
        copy: Some(("q_swap_loss a4+0", (3, 0))),
    },
];

/// The entry that explains a forged cell, if it is the flipped sign of a zero.
pub fn entry(
    image: &Image<Fr>,
    places: &Places,
    cell: Cell,
    value: Fr,
) -> Option<&'static Explained> {
    let here = places.all(cell);
    let harmless = |(place, (column, distance)): (&str, (usize, i64))| {
        let row = usize::try_from(cell.row as i64 + distance);
        let zero = row.is_ok_and(|row| image.value(Cell::advice(column, row)) == Fr::zero());
        here.split(", ").any(|own| own == place) && zero && value == Fr::one() - image.value(cell)
    };
    EXPLAINED.iter().find(|entry| entry.places().any(harmless))
}
