//! Poseidon over the BN254 scalar field with four inputs, as circomlib's `Poseidon(4)`.
//!
//! | file | what it holds |
//! |---|---|
//! | `grain` | the Grain LFSR that the reference derives all parameters from |
//! | `constants` | round constants and MDS matrix, rearranged into the 28 steps of the circuit |
//! | [`native`] | the hash outside a circuit, and the witness of one hash |
//! | [`chip`] | the gates, and the assignment of one hash |

pub mod chip;
mod constants;
mod grain;
pub mod native;
#[cfg(test)]
mod testing;

use halo2_proofs::{
    circuit::{Cell, Region, Value},
    plonk::{Advice, Column},
};
use halo2curves::bn256::Fr;

pub use chip::{PoseidonChip, PoseidonConfig};
pub use constants::{RATE, ROWS, WIDTH};
pub use native::{chain, hash4, trace};

/// A field element in the circuit: where it stands, and what the prover holds there.
#[derive(Clone)]
pub struct Num {
    /// The cell; its column must be equality-enabled.
    pub cell: Cell,
    /// The witness; unknown while keys are generated.
    pub value: Value<Fr>,
}

impl Num {
    /// Assigns a free cell. What is computed from it later starts from what the cell holds, where the backend says what
    /// that is.
    pub fn assign(
        region: &mut Region<'_, Fr>,
        column: Column<Advice>,
        row: usize,
        value: Value<Fr>,
    ) -> Self {
        let assigned = region.assign_advice(column, row, value);
        let mut held = None;
        assigned.value().map(|value| held = Some(value.evaluate()));
        Self {
            cell: assigned.cell(),
            value: held.map_or(value, Value::known),
        }
    }
}

// Of the private numbers in a circuit nothing shows, in whatever cell's structure they stand.
crate::secret::hidden!(Num);
