//! Programs on eight rows at a time.

use halo2curves::bn256::Fr;

use super::{
    Bound,
    step::{Factor, Step},
};
use crate::plonk::{
    block::Padded,
    lanes::{self, Engine, KEPT, MOST, PRODUCTS},
};

/// Terms of a linear form that are summed up before they are reduced: each is bound by [`KEPT`], as is what it is added to.
const TERMS: usize = MOST / KEPT - 2;

/// What an evaluation writes.
pub(in crate::plonk) struct Scratch<E: Engine> {
    cells: Vec<E::Lanes<Fr>>,
    registers: Vec<E::Lanes<Fr>>,
    sums: Vec<E::Sum<Fr>>,
    /// The outputs.
    pub outputs: Vec<E::Lanes<Fr>>,
}

impl<E: Engine> Scratch<E> {
    /// Overwrites what follows from a witness.
    #[inline(always)]
    pub(in crate::plonk) fn wipe(&mut self, engine: E) {
        let zero = engine.gathered(engine.zero());
        for values in [&mut self.cells, &mut self.registers, &mut self.outputs] {
            values.fill(zero);
            zeroize::optimization_barrier(values.as_mut_slice());
        }
        self.sums.fill(engine.zero());
        zeroize::optimization_barrier(self.sums.as_mut_slice());
    }
}

impl Bound<'_> {
    /// What an evaluation needs.
    #[inline(always)]
    pub(in crate::plonk) fn scratch<E: Engine>(&self, engine: E) -> Scratch<E> {
        let program = self.program;
        let zero = engine.gathered(engine.zero());
        Scratch {
            cells: vec![zero; program.cells.len()],
            registers: vec![zero; program.registers],
            sums: vec![engine.zero(); program.outputs],
            outputs: vec![zero; program.outputs],
        }
    }

    /// The outputs of eight rows from `start` on, into `scratch`: bound by 2, in the form of the columns, the weights as they are.
    #[inline(always)]
    pub(in crate::plonk) fn evaluate<E: Engine>(
        &self,
        engine: E,
        columns: &[&Padded],
        start: usize,
        scratch: &mut Scratch<E>,
    ) {
        let Scratch {
            cells,
            registers,
            sums,
            outputs,
        } = scratch;
        for (cell, (column, rotation)) in cells.iter_mut().zip(&self.program.cells) {
            *cell = engine.load(columns[*column].block(start, *rotation));
        }
        for sum in sums.iter_mut() {
            *sum = engine.zero();
        }
        for step in &self.program.steps {
            match step {
                Step::Sum {
                    to,
                    constant,
                    terms,
                } => {
                    let mut sum = engine.zero();
                    let mut products = false;
                    if let Some(constant) = constant {
                        engine.plus(&mut sum, engine.splat(constant));
                    }
                    for (i, (factor, source)) in terms.iter().enumerate() {
                        // The bound of so many terms is near the greatest.
                        if i > 0 && i % TERMS == 0 {
                            sum = lanes::settled(engine, sum);
                            products = false;
                        }
                        let value = source.read(cells, registers);
                        match factor {
                            Factor::One => engine.plus(&mut sum, value),
                            Factor::Minus => engine.minus(&mut sum, value),
                            Factor::Times(c) => {
                                engine.times(&mut sum, value, engine.splat(c));
                                products = true;
                            }
                        }
                    }
                    let sum = if products {
                        engine.total(sum)
                    } else {
                        engine.gathered(sum)
                    };
                    registers[*to] = engine.reduce(sum);
                }
                Step::Product { to, factors } => {
                    let [a, b] = factors;
                    let (a, b) = (a.read(cells, registers), b.read(cells, registers));
                    registers[*to] = engine.mul(a, b);
                }
                Step::Weighted { to, first, terms } => {
                    let coefficients = &self.coefficients[*first..];
                    let mut sum = engine.zero();
                    engine.plus(&mut sum, engine.splat(&coefficients[0]));
                    for (i, source) in terms.iter().enumerate() {
                        if i > 0 && i % PRODUCTS == 0 {
                            sum = lanes::settled(engine, sum);
                        }
                        let value = source.read(cells, registers);
                        engine.times(&mut sum, value, engine.splat(&coefficients[1 + i]));
                    }
                    registers[*to] = engine.reduce(engine.total(sum));
                }
                Step::Add {
                    output,
                    selector,
                    value,
                } => {
                    let value = value.read(cells, registers);
                    let sum = &mut sums[*output];
                    match selector {
                        None => engine.plus(sum, value),
                        Some(selector) => {
                            engine.times(sum, value, selector.read(cells, registers));
                        }
                    }
                }
                Step::Settle { output } => {
                    sums[*output] = lanes::settled(engine, sums[*output]);
                }
            }
        }
        for (output, sum) in outputs.iter_mut().zip(sums) {
            *output = engine.reduce(engine.total(*sum));
        }
    }
}
