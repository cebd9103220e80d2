//! The cells whose change is harmless, each with its reason.

use halo2curves::bn256::Fr;
use zkmargin_tamper::{Cell, Image};

use crate::places::Places;

/// A cell beside another: column of the lane, and distance in rows.
type Beside = (usize, i64);

/// A cell that may take another value without a change of meaning.
#[derive(Debug)]
pub struct Explained {
    /// A gate that reads the cell, with its column and distance: see [`Places`].
    pub place: &'static str,
    /// Why it is harmless.
    pub reason: &'static str,
    /// What the cell multiplies: one of them must be zero.
    zeros: &'static [Beside],
    /// It is a flag, and flipped; other cells take what their gate lets through.
    flag: bool,
    /// A copy of the cell, found from there by the adversary: its place, and what is zero beside it.
    copy: Option<(&'static str, &'static [Beside])>,
}

const fn sign(place: &'static str, reason: &'static str, zeros: &'static [Beside]) -> Explained {
    Explained {
        place,
        reason,
        zeros,
        flag: true,
        copy: None,
    }
}

/// The whole list. Of a sign whose magnitude is zero: -0 = 0 in every product that it enters, and the commitment packs the product.
/// Of a choice: it is between two that are equal.
pub const EXPLAINED: &[Explained] = &[
    sign(
        "q_holding a1+1",
        "sign of an option slot's calls, of which there are none",
        &[(0, 0)],
    ),
    sign(
        "q_holding a3+1",
        "sign of an option slot's puts, of which there are none",
        &[(2, 0)],
    ),
    sign(
        "q_future a3+0",
        "sign of a future's size, which is zero",
        &[(2, 0)],
    ),
    sign(
        "q_future a1+1",
        "sign of a future's funding index, which is zero",
        &[(0, 0)],
    ),
    Explained {
        place: "q_swap a3+0",
        reason: "sign of a swap's size, which is zero, with its copy",
        zeros: &[(2, 0)],
        flag: true,
        copy: Some(("q_swap_loss a4+0", &[(3, 0)])),
    },
    sign(
        "q_run_loss a1+0",
        "sign of an expiry's worth under the scenario, which is zero",
        &[(0, 0)],
    ),
    sign(
        "q_charge a1+0",
        "whether a strike's calls and puts together are short, where nothing is charged for that",
        &[(1, 1)],
    ),
    Explained {
        place: "q_greeks a4+0",
        reason: "the gamma that is charged, 0 or the negative of what there is, where nothing is charged for gamma",
        zeros: &[(3, 1)],
        flag: false,
        copy: None,
    },
    sign(
        "q_floored a0+0",
        "whether the least volatility is taken, which is the moved one",
        &[(2, 0)],
    ),
    sign(
        "q_fall a3+0",
        "sign of an expiry's worth under a scenario, which is zero",
        &[(4, 0)],
    ),
    sign(
        "q_basis a3+0",
        "sign of an expiry's change under a basis move, which is zero",
        &[(4, 0)],
    ),
    sign(
        "q_basis_loss a2+0",
        "which basis move is worse, of two that lose the same",
        &[(3, 0)],
    ),
    sign(
        "q_skew_low a1+0",
        "sign of an expiry's worth in a skew, bounded from below, which is zero",
        &[(2, 0)],
    ),
    sign(
        "q_skew_high a3+0",
        "sign of an expiry's worth in a skew, bounded from above, which is zero",
        &[(4, 0)],
    ),
    sign(
        "q_counted a1+0",
        "sign of a strike's calls and puts together, which are none",
        &[(3, 0)],
    ),
    sign(
        "q_funding_above a1+0",
        "sign of the funding of all futures, which is zero",
        &[(0, 0)],
    ),
    sign(
        "q_weighed a1+0",
        "sign of an underlying's loss under a branch, which is zero",
        &[(0, 0)],
    ),
];

/// The entry that explains a forged cell, if it multiplies zero.
pub fn entry(
    image: &Image<Fr>,
    places: &Places,
    cell: Cell,
    value: Fr,
) -> Option<&'static Explained> {
    let here = places.all(cell);
    let zero = |(column, distance): &Beside| {
        let beside = places.beside(cell, *column, *distance);
        beside.is_some_and(|beside| image.value(beside) == Fr::zero())
    };
    let flipped = value == Fr::one() - image.value(cell);
    let harmless = |(place, zeros): (&str, &[Beside])| {
        here.split(", ").any(|own| own == place) && zeros.iter().any(zero)
    };
    EXPLAINED
        .iter()
        .filter(|e| flipped || !e.flag)
        .find(|entry| {
            let places = std::iter::once((entry.place, entry.zeros)).chain(entry.copy);
            places.into_iter().any(harmless)
        })
}
