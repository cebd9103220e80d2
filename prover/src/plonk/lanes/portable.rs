//! The backend's own arithmetic, one element after the other.
//!
//! Plain loops, and conversions that are functions of their own: tasks are large, and closures in them are not always inlined.

// Indices are of several arrays at once.
#![allow(clippy::needless_range_loop)]

use super::{Constant, Engine, Prime, WIDTH, Words, to_elements, to_words};

/// For every processor.
#[derive(Debug, Clone, Copy)]
pub(in crate::plonk) struct Portable;

impl Engine for Portable {
    type Lanes<F: Prime> = [F; WIDTH];
    type Sum<F: Prime> = [F; WIDTH];

    #[inline(always)]
    fn scale<F: Prime>(self) -> F {
        F::ONE
    }

    #[inline(always)]
    fn load<F: Prime>(self, from: &[Words; WIDTH]) -> [F; WIDTH] {
        let mut elements = [F::ZERO; WIDTH];
        to_elements(from, &mut elements);
        elements
    }

    #[inline(always)]
    fn splat<F: Prime>(self, constant: &Constant<F>) -> [F; WIDTH] {
        [constant.plain; WIDTH]
    }

    #[inline(always)]
    fn store<F: Prime>(self, value: [F; WIDTH], to: &mut [Words; WIDTH]) {
        to_words(&value, to);
    }

    #[inline(always)]
    fn add<F: Prime>(self, mut a: [F; WIDTH], b: [F; WIDTH]) -> [F; WIDTH] {
        for i in 0..WIDTH {
            a[i] += b[i];
        }
        a
    }

    #[inline(always)]
    fn sub<F: Prime>(self, mut a: [F; WIDTH], b: [F; WIDTH]) -> [F; WIDTH] {
        for i in 0..WIDTH {
            a[i] -= b[i];
        }
        a
    }

    #[inline(always)]
    fn mul<F: Prime>(self, mut a: [F; WIDTH], b: [F; WIDTH]) -> [F; WIDTH] {
        for i in 0..WIDTH {
            a[i] *= b[i];
        }
        a
    }

    #[inline(always)]
    fn reduce<F: Prime>(self, value: [F; WIDTH]) -> [F; WIDTH] {
        value
    }

    #[inline(always)]
    fn zero<F: Prime>(self) -> [F; WIDTH] {
        [F::ZERO; WIDTH]
    }

    #[inline(always)]
    fn plus<F: Prime>(self, sum: &mut [F; WIDTH], value: [F; WIDTH]) {
        for i in 0..WIDTH {
            sum[i] += value[i];
        }
    }

    #[inline(always)]
    fn minus<F: Prime>(self, sum: &mut [F; WIDTH], value: [F; WIDTH]) {
        for i in 0..WIDTH {
            sum[i] -= value[i];
        }
    }

    #[inline(always)]
    fn times<F: Prime>(self, sum: &mut [F; WIDTH], a: [F; WIDTH], b: [F; WIDTH]) {
        for i in 0..WIDTH {
            sum[i] += a[i] * b[i];
        }
    }

    #[inline(always)]
    fn total<F: Prime>(self, sum: [F; WIDTH]) -> [F; WIDTH] {
        sum
    }

    #[inline(always)]
    fn gathered<F: Prime>(self, sum: [F; WIDTH]) -> [F; WIDTH] {
        sum
    }

    #[inline(always)]
    fn transposed<F: Prime>(self, rows: [[F; WIDTH]; WIDTH]) -> [[F; WIDTH]; WIDTH] {
        let mut columns = rows;
        for i in 0..WIDTH {
            for j in 0..WIDTH {
                columns[i][j] = rows[j][i];
            }
        }
        columns
    }
}
