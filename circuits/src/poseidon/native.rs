//! The hash outside a circuit, and the witness of one hash inside it.
//!
//! ```text
//! hash4(x) = P(0, x_1, x_2, x_3, x_4)_0                          (circomlib's Poseidon(4))
//! chain(first, e) = h_m,   h_0 = hash4(first),
//!                          h_k = hash4(h_{k-1}, e_{3k-3}, e_{3k-2}, e_{3k-1})
//! ```

use ff::Field;
use halo2curves::bn256::Fr;

use super::constants::{Matrix, PARAMETERS, RATE, ROUNDS_PER_STEP, ROWS, State, Step, WIDTH, mix};

/// The circomlib Poseidon hash of four field elements.
pub fn hash4(inputs: [Fr; RATE]) -> Fr {
    permute(initial_state(inputs))[0]
}

/// Hashes `first`, then absorbs `elements` three at a time; the last three are padded with zeros.
///
/// Zero padding does not encode a length: `[a]` and `[a, 0]` give the same digest. Callers that hash
/// lists of varying length put the length into `first`.
pub fn chain(first: [Fr; RATE], elements: &[Fr]) -> Fr {
    elements
        .chunks(RATE - 1)
        .fold(hash4(first), |digest, chunk| {
            let mut inputs = [Fr::ZERO; RATE];
            inputs[0] = digest;
            inputs[1..=chunk.len()].copy_from_slice(chunk);
            hash4(inputs)
        })
}

/// The witness of one hash: the cells of the region that [`super::chip`] lays out, row by row.
///
/// Even rows are states, the first being `(0, inputs)`; odd rows are the helpers of one step. The
/// digest is element 0 of the last row.
pub fn trace(inputs: [Fr; RATE]) -> [[Fr; WIDTH]; ROWS] {
    let mut rows = [[Fr::ZERO; WIDTH]; ROWS];
    rows[0] = initial_state(inputs);
    for (i, step) in PARAMETERS.steps.iter().enumerate() {
        let (helpers, next) = step.apply(&PARAMETERS.mds, rows[2 * i]);
        rows[2 * i + 1] = helpers;
        rows[2 * i + 2] = next;
    }
    rows
}

fn initial_state([a, b, c, d]: [Fr; RATE]) -> State {
    [Fr::ZERO, a, b, c, d]
}

/// The permutation `P`.
pub(super) fn permute(state: State) -> State {
    let steps = PARAMETERS.steps.iter();
    steps.fold(state, |state, step| step.apply(&PARAMETERS.mds, state).1)
}

impl Step {
    /// The step's helper cells and the state after it.
    pub(super) fn apply(&self, mds: &Matrix, mut state: State) -> (State, State) {
        match self {
            Self::Full(constants) => {
                let mut squares = [Fr::ZERO; WIDTH];
                for j in 0..WIDTH {
                    let u = state[j] + constants[j];
                    squares[j] = u.square();
                    state[j] = squares[j].square() * u;
                }
                (squares, mix(mds, &state))
            }
            Self::Partial(constants) => {
                let mut inputs = [Fr::ZERO; ROUNDS_PER_STEP];
                let mut squares = [Fr::ZERO; ROUNDS_PER_STEP];
                for r in 0..ROUNDS_PER_STEP {
                    inputs[r] = state[0] + constants[r];
                    squares[r] = inputs[r].square();
                    state[0] = squares[r].square() * inputs[r];
                    state = mix(mds, &state);
                }
                let [_, u2, u3] = inputs;
                let [y1, y2, y3] = squares;
                ([y1, u2, y2, u3, y3], state)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ff::PrimeField;
    use light_poseidon::{Poseidon, PoseidonHasher};
    use proptest::prelude::*;

    use super::*;
    use crate::poseidon::testing::{fr, to_ark};

    fn circomlib(inputs: [Fr; RATE]) -> ark_bn254::Fr {
        let mut hasher = Poseidon::<ark_bn254::Fr>::new_circom(RATE).unwrap();
        hasher.hash(&inputs.map(|x| to_ark(&x))).unwrap()
    }

    /// From circomlibjs, `test/poseidon.js`.
    #[test]
    fn circomlib_vector() {
        let digest =
            "18821383157269793795438455681495246036402687001665670618754263018637548127333";
        let inputs = [1, 2, 3, 4].map(Fr::from);
        assert_eq!(hash4(inputs), Fr::from_str_vartime(digest).unwrap());
    }

    #[test]
    fn chain_of_nothing_is_the_first_hash() {
        let first = [5, 6, 7, 8].map(Fr::from);
        assert_eq!(chain(first, &[]), hash4(first));
    }

    #[test]
    fn chain_pads_the_last_chunk() {
        let first = [5, 6, 7, 8].map(Fr::from);
        let [a, b, c, d] = [11, 12, 13, 14].map(Fr::from);
        let expected = hash4([hash4([hash4(first), a, b, c]), d, Fr::ZERO, Fr::ZERO]);
        assert_eq!(chain(first, &[a, b, c, d]), expected);
        assert_eq!(chain(first, &[a, b, c]), hash4([hash4(first), a, b, c]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn hash4_is_circomlib(inputs in prop::array::uniform4(fr())) {
            prop_assert_eq!(to_ark(&hash4(inputs)), circomlib(inputs));
        }

        #[test]
        fn trace_ends_in_the_digest(inputs in prop::array::uniform4(fr())) {
            let rows = trace(inputs);
            prop_assert_eq!(rows[0], initial_state(inputs));
            prop_assert_eq!(rows[ROWS - 1][0], hash4(inputs));
        }
    }
}
