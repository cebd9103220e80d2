//! The parameters of the width-5 instance, and their arrangement into steps.
//!
//! A permutation is 4 full, 60 partial and 4 full rounds, each `x <- M * S(x + c)`. In a partial round
//! the S-box `x^5` acts on element 0 alone, so the constants of elements 1..4 commute with it:
//!
//! ```text
//! M * S(x + c) = M * S(x + (c_0, 0, 0, 0, 0)) + M * (0, c_1, c_2, c_3, c_4)
//! ```
//!
//! The last term joins the next round's constants. What is left is one constant a partial round, and
//! the remainder lands in the first full round after the partial ones.
//!
//! Partial rounds then go three at a time ([`Step::Partial`]): apart from three S-box outputs the
//! step is linear, and [`ThreeRounds`] holds its coefficients.

use std::sync::LazyLock;

use ff::Field;
use halo2curves::bn256::Fr;

use super::grain::Grain;

/// Elements of the state.
pub const WIDTH: usize = 5;
/// Inputs of one hash: the state less its capacity element.
pub const RATE: usize = WIDTH - 1;

const FULL_ROUNDS: usize = 8;
const PARTIAL_ROUNDS: usize = 60;
const HALF_FULL_ROUNDS: usize = FULL_ROUNDS / 2;
/// Partial rounds in one step.
pub(super) const ROUNDS_PER_STEP: usize = 3;
/// Steps in one permutation.
pub(super) const STEPS: usize = FULL_ROUNDS + PARTIAL_ROUNDS / ROUNDS_PER_STEP;

/// Rows of one hash: the first state, then a helper row and a state row for every step.
pub const ROWS: usize = 1 + 2 * STEPS;

pub(super) type State = [Fr; WIDTH];
pub(super) type Matrix = [State; WIDTH];

/// One step of the permutation, with the constants that it adds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// One full round.
    Full(State),
    /// Three partial rounds, with one constant each, for element 0.
    Partial([Fr; ROUNDS_PER_STEP]),
}

/// A linear form in `(out_1, out_2, out_3, s_1, s_2, s_3, s_4)`: the S-box outputs of three partial
/// rounds and the part of the first state that no S-box touches.
pub(super) type Form = [Fr; ROUNDS_PER_STEP + RATE];

/// Three partial rounds without their constants, as linear forms.
#[derive(Clone, Debug)]
pub(super) struct ThreeRounds {
    /// Element 0 before the second and before the third S-box.
    pub(super) sbox_inputs: [Form; ROUNDS_PER_STEP - 1],
    /// The state after the third round.
    pub(super) next: [Form; WIDTH],
}

impl ThreeRounds {
    fn new(mds: &Matrix) -> Self {
        let unit = |k: usize| -> Form { std::array::from_fn(|i| Fr::from(u64::from(i == k))) };
        let round = |mut state: [Form; WIDTH], r: usize| -> [Form; WIDTH] {
            state[0] = unit(r);
            std::array::from_fn(|i| {
                std::array::from_fn(|k| (0..WIDTH).map(|j| mds[i][j] * state[j][k]).sum())
            })
        };
        // Element 0 is overwritten by `round`, so its first form does not matter.
        let first = std::array::from_fn(|j| unit(ROUNDS_PER_STEP - 1 + j));
        let second = round(first, 0);
        let third = round(second, 1);
        Self {
            sbox_inputs: [second[0], third[0]],
            next: round(third, 2),
        }
    }
}

/// Everything that the permutation and its gates are built from.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    pub(super) mds: Matrix,
    pub(super) three_rounds: ThreeRounds,
    pub(super) steps: [Step; STEPS],
}

impl Parameters {
    fn generate() -> Self {
        let (rounds, mds) = reference_parameters();
        Self {
            three_rounds: ThreeRounds::new(&mds),
            steps: steps(&mds, rounds),
            mds,
        }
    }
}

/// The parameters, generated on first use.
pub(super) static PARAMETERS: LazyLock<Parameters> = LazyLock::new(Parameters::generate);

/// The constants of every round and the MDS matrix, as the reference defines them.
fn reference_parameters() -> ([State; FULL_ROUNDS + PARTIAL_ROUNDS], Matrix) {
    let mut grain = Grain::new(WIDTH as u32, FULL_ROUNDS as u32, PARTIAL_ROUNDS as u32);
    let rounds = std::array::from_fn(|_| std::array::from_fn(|_| grain.field_element()));
    let mds = grain.cauchy_matrix();
    (rounds, mds)
}

/// `M * x`.
pub(super) fn mix(mds: &Matrix, x: &State) -> State {
    mds.map(|row| row.iter().zip(x).map(|(m, x)| *m * x).sum())
}

/// Moves the constants of partial rounds forward and groups the rounds into steps.
fn steps(mds: &Matrix, mut rounds: [State; FULL_ROUNDS + PARTIAL_ROUNDS]) -> [Step; STEPS] {
    let partial = HALF_FULL_ROUNDS..HALF_FULL_ROUNDS + PARTIAL_ROUNDS;
    for r in partial.clone() {
        let mut moved = rounds[r];
        moved[0] = Fr::ZERO;
        let moved = mix(mds, &moved);
        for (constant, moved) in rounds[r + 1].iter_mut().zip(moved) {
            *constant += moved;
        }
    }
    let partial_steps = PARTIAL_ROUNDS / ROUNDS_PER_STEP;
    std::array::from_fn(|step| match step.checked_sub(HALF_FULL_ROUNDS) {
        None => Step::Full(rounds[step]),
        Some(p) if p < partial_steps => Step::Partial(std::array::from_fn(|i| {
            rounds[partial.start + ROUNDS_PER_STEP * p + i][0]
        })),
        Some(p) => Step::Full(rounds[partial.end + p - partial_steps]),
    })
}

#[cfg(test)]
mod tests {
    use light_poseidon::parameters::bn254_x5::get_poseidon_parameters;
    use proptest::prelude::*;

    use super::*;
    use crate::poseidon::{
        native::permute,
        testing::{fr, to_ark},
    };

    #[test]
    fn grain_yields_the_published_parameters() {
        let published = get_poseidon_parameters::<ark_bn254::Fr>(WIDTH as u8).unwrap();
        let (rounds, mds) = reference_parameters();
        let ark: Vec<_> = rounds.as_flattened().iter().map(to_ark).collect();
        let matrix: Vec<Vec<_>> = mds.map(|row| row.map(|m| to_ark(&m)).to_vec()).to_vec();
        assert_eq!(published.full_rounds, FULL_ROUNDS);
        assert_eq!(published.partial_rounds, PARTIAL_ROUNDS);
        assert_eq!(published.ark, ark);
        assert_eq!(published.mds, matrix);
    }

    /// The permutation as the reference writes it: every constant where it was generated.
    fn plain_permutation(mut state: State) -> State {
        let (rounds, mds) = reference_parameters();
        for (r, constants) in rounds.iter().enumerate() {
            let partial = (HALF_FULL_ROUNDS..HALF_FULL_ROUNDS + PARTIAL_ROUNDS).contains(&r);
            for (i, (x, c)) in state.iter_mut().zip(constants).enumerate() {
                *x += c;
                if i == 0 || !partial {
                    *x = x.pow_vartime([5]);
                }
            }
            state = mix(&mds, &state);
        }
        state
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn moved_constants_change_nothing(state in prop::array::uniform5(fr())) {
            prop_assert_eq!(permute(state), plain_permutation(state));
        }
    }
}
