//! The Grain LFSR in self-shrinking mode, from which the Poseidon reference derives its parameters.
//!
//! ```text
//! b_{i+80} = b_{i+62} + b_{i+51} + b_{i+38} + b_{i+23} + b_{i+13} + b_i      (mod 2)
//! ```
//!
//! The first 80 bits describe the instance, most significant bit first:
//!
//! | bits | 2 | 4 | 12 | 12 | 10 | 10 | 30 |
//! |---|---|---|---|---|---|---|---|
//! | value | field = 1 (prime) | S-box = 0 (`x^alpha`) | n = 254 | t | R_F | R_P | all ones |
//!
//! 160 bits are discarded; then bits come in pairs, and the second of a pair is output when the first
//! is 1. Source: Grassi et al., "Poseidon", appendix F, and its script `generate_params_poseidon.sage`.

use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;

const STATE_BITS: u32 = 80;
const DISCARDED_BITS: usize = 160;
const TAPS: [u32; 6] = [62, 51, 38, 23, 13, 0];

const FIELD_PRIME: u32 = 1;
const SBOX_POWER: u32 = 0;

/// A running generator. Bit `i` of `state` is `b_i`, the oldest bit being the lowest.
#[derive(Clone, Debug)]
pub(super) struct Grain {
    state: u128,
}

impl Grain {
    /// The generator of the instance with `width` state elements, `full` and `partial` rounds.
    pub(super) fn new(width: u32, full: u32, partial: u32) -> Self {
        let fields = [
            (FIELD_PRIME, 2),
            (SBOX_POWER, 4),
            (Fr::NUM_BITS, 12),
            (width, 12),
            (full, 10),
            (partial, 10),
            ((1 << 30) - 1, 30),
        ];
        let mut state = 0u128;
        let mut position = 0;
        for (value, bits) in fields {
            for bit in (0..bits).rev() {
                state |= u128::from((value >> bit) & 1) << position;
                position += 1;
            }
        }
        debug_assert_eq!(position, STATE_BITS);
        let mut grain = Self { state };
        for _ in 0..DISCARDED_BITS {
            grain.step();
        }
        grain
    }

    fn step(&mut self) -> bool {
        let bit = TAPS.iter().fold(0, |sum, tap| sum ^ (self.state >> tap)) & 1;
        self.state = (self.state >> 1) | (bit << (STATE_BITS - 1));
        bit == 1
    }

    fn next_bit(&mut self) -> bool {
        loop {
            let select = self.step();
            let bit = self.step();
            if select {
                return bit;
            }
        }
    }

    /// A uniform field element: 254 bits, most significant first, drawn again while not below the modulus.
    pub(super) fn field_element(&mut self) -> Fr {
        loop {
            let mut repr = [0u8; 32];
            for position in (0..Fr::NUM_BITS as usize).rev() {
                repr[position / 8] |= u8::from(self.next_bit()) << (position % 8);
            }
            if let Some(element) = Option::from(Fr::from_repr(repr)) {
                return element;
            }
        }
    }

    /// 254 bits reduced modulo the field order: what the reference feeds the MDS matrix.
    fn reduced_element(&mut self) -> Fr {
        (0..Fr::NUM_BITS).fold(Fr::ZERO, |sum, _| {
            sum.double() + Fr::from(u64::from(self.next_bit()))
        })
    }

    /// The Cauchy matrix `M_ij = 1 / (x_i + y_j)`; the `x` and `y` are drawn again until all are
    /// distinct and no sum is zero, so that every square submatrix is invertible.
    pub(super) fn cauchy_matrix<const N: usize>(&mut self) -> [[Fr; N]; N] {
        loop {
            let x: [Fr; N] = std::array::from_fn(|_| self.reduced_element());
            let y: [Fr; N] = std::array::from_fn(|_| self.reduced_element());
            let all: Vec<Fr> = x.iter().chain(&y).copied().collect();
            let distinct = (1..all.len()).all(|i| !all[..i].contains(&all[i]));
            let sums = x.map(|x| y.map(|y| x + y));
            let invertible = sums.iter().flatten().all(|sum| *sum != Fr::ZERO);
            if distinct && invertible {
                // No sum is zero, so the fallback of `unwrap_or` is never taken.
                return sums.map(|row| row.map(|sum| sum.invert().unwrap_or(Fr::ZERO)));
            }
        }
    }
}
