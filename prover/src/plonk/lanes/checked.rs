//! An engine that knows how large its values may be, and panics where one is too large. It scales as the vectors do, so that what
//! mixes plain with scaled elements is wrong on every machine.

use super::{Constant, Engine, KEPT, MOST, PRODUCTS, Portable, Prime, WIDTH, Words};

/// For tests: the portable arithmetic with bounds.
#[derive(Debug, Clone, Copy)]
pub(in crate::plonk) struct Checked;

/// Values below `bound` times p.
#[derive(Debug, Clone, Copy)]
pub(in crate::plonk) struct Lanes<F> {
    values: [F; WIDTH],
    bound: f64,
}

/// A sum and what it is bound by, without the 1 of its reduction.
#[derive(Debug, Clone, Copy)]
pub(in crate::plonk) struct Sum<F> {
    values: [F; WIDTH],
    bound: f64,
    products: usize,
}

impl<F> Lanes<F> {
    fn new(values: [F; WIDTH], bound: f64) -> Self {
        assert!(bound <= MOST as f64, "a value of {bound} p");
        Self { values, bound }
    }
}

impl<F> Sum<F> {
    fn grow(&mut self, bound: f64) {
        self.bound += bound;
    }
}

fn product<F>(a: &Lanes<F>, b: &Lanes<F>) -> f64 {
    a.bound * b.bound / MOST as f64
}

fn unscaled<F: Prime>(values: [F; WIDTH]) -> [F; WIDTH] {
    let sixteenth = F::TWO_INV.square().square();
    values.map(|x| x * sixteenth)
}

fn kept<F>(value: &Lanes<F>) {
    assert!(value.bound <= KEPT as f64, "{} p subtracted", value.bound);
}

impl Engine for Checked {
    type Lanes<F: Prime> = Lanes<F>;
    type Sum<F: Prime> = Sum<F>;

    fn scale<F: Prime>(self) -> F {
        F::from(16)
    }

    fn load<F: Prime>(self, from: &[Words; WIDTH]) -> Lanes<F> {
        Lanes::new(Portable.load(from), 1.0)
    }

    fn splat<F: Prime>(self, constant: &Constant<F>) -> Lanes<F> {
        let plain: [F; WIDTH] = Portable.splat(constant);
        Lanes::new(plain.map(|x| x * F::from(16)), 1.0)
    }

    fn store<F: Prime>(self, value: Lanes<F>, to: &mut [Words; WIDTH]) {
        Portable.store(value.values, to);
    }

    fn add<F: Prime>(self, a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        Lanes::new(Portable.add(a.values, b.values), a.bound + b.bound)
    }

    fn sub<F: Prime>(self, a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        kept(&b);
        Lanes::new(Portable.sub(a.values, b.values), a.bound + KEPT as f64)
    }

    fn mul<F: Prime>(self, a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        let values = Portable.mul(a.values, unscaled(b.values));
        Lanes::new(values, 1.0 + product(&a, &b))
    }

    fn reduce<F: Prime>(self, value: Lanes<F>) -> Lanes<F> {
        Lanes::new(value.values, 2.0)
    }

    fn zero<F: Prime>(self) -> Sum<F> {
        Sum {
            values: [F::ZERO; WIDTH],
            bound: 0.0,
            products: 0,
        }
    }

    fn plus<F: Prime>(self, sum: &mut Sum<F>, value: Lanes<F>) {
        Portable.plus(&mut sum.values, value.values);
        sum.grow(value.bound);
    }

    fn minus<F: Prime>(self, sum: &mut Sum<F>, value: Lanes<F>) {
        kept(&value);
        Portable.minus(&mut sum.values, value.values);
        sum.grow(KEPT as f64);
    }

    fn times<F: Prime>(self, sum: &mut Sum<F>, a: Lanes<F>, b: Lanes<F>) {
        Portable.times(&mut sum.values, a.values, unscaled(b.values));
        sum.grow(product(&a, &b));
        sum.products += 1;
    }

    fn total<F: Prime>(self, sum: Sum<F>) -> Lanes<F> {
        assert!(sum.products <= PRODUCTS, "{} products", sum.products);
        Lanes::new(sum.values, 1.0 + sum.bound)
    }

    fn gathered<F: Prime>(self, sum: Sum<F>) -> Lanes<F> {
        assert_eq!(sum.products, 0, "products are gathered");
        Lanes::new(sum.values, sum.bound)
    }

    fn transposed<F: Prime>(self, rows: [Lanes<F>; WIDTH]) -> [Lanes<F>; WIDTH] {
        let bound = rows.iter().map(|r| r.bound).fold(0.0, f64::max);
        let values = Portable.transposed(rows.map(|r| r.values));
        values.map(|values| Lanes::new(values, bound))
    }
}
