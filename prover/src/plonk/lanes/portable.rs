//! The backend's own arithmetic, one element after the other.

use super::{Constant, Engine, Prime, WIDTH, Words, element, words};

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
        from.map(element)
    }

    #[inline(always)]
    fn splat<F: Prime>(self, constant: &Constant<F>) -> [F; WIDTH] {
        [constant.plain; WIDTH]
    }

    #[inline(always)]
    fn store<F: Prime>(self, value: [F; WIDTH], to: &mut [Words; WIDTH]) {
        to.iter_mut()
            .zip(&value)
            .for_each(|(to, value)| *to = words(value));
    }

    #[inline(always)]
    fn add<F: Prime>(self, mut a: [F; WIDTH], b: [F; WIDTH]) -> [F; WIDTH] {
        a.iter_mut().zip(&b).for_each(|(a, b)| *a += b);
        a
    }

    #[inline(always)]
    fn sub<F: Prime>(self, mut a: [F; WIDTH], b: [F; WIDTH]) -> [F; WIDTH] {
        a.iter_mut().zip(&b).for_each(|(a, b)| *a -= b);
        a
    }

    #[inline(always)]
    fn mul<F: Prime>(self, mut a: [F; WIDTH], b: [F; WIDTH]) -> [F; WIDTH] {
        a.iter_mut().zip(&b).for_each(|(a, b)| *a *= b);
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
        *sum = self.add(*sum, value);
    }

    #[inline(always)]
    fn minus<F: Prime>(self, sum: &mut [F; WIDTH], value: [F; WIDTH]) {
        *sum = self.sub(*sum, value);
    }

    #[inline(always)]
    fn times<F: Prime>(self, sum: &mut [F; WIDTH], a: [F; WIDTH], b: [F; WIDTH]) {
        let factors = a.iter().zip(&b);
        sum.iter_mut()
            .zip(factors)
            .for_each(|(sum, (a, b))| *sum += *a * b);
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
        std::array::from_fn(|i| std::array::from_fn(|j| rows[j][i]))
    }
}
