//! Weighted sums of constraints, as straight-line code over blocks of rows.
//!
//! ```text
//! output o at a row = sum over i of weight_i x expression_i
//!                   = sum over selectors S of S x (sum over atoms a of coefficient(S, a) x a)
//! ```
//! The backend multiplies every constraint by its selector and by a power of y, row by row. Here the powers go into the
//! coefficients, once a proof, and a selector is multiplied once for all that it switches. Where the atoms of a
//! constraint are its own, it is evaluated first and weighed as a whole: whatever takes fewer multiplications.

mod evaluate;
mod step;
mod writer;

use std::collections::HashMap;

use ff::Field;
use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;

pub(super) use super::block::Padded;
use super::{
    lanes::Constant,
    linear::{Atom, Input, UnsupportedError},
};
use step::Step;
#[cfg(test)]
use step::{Factor, Source};
use writer::{Member, Writer};

/// A coefficient: the sum of some weights' multiples.
type Combination = Vec<(usize, Fr)>;

/// Sums of expressions, each with a weight.
#[derive(Debug, Clone)]
pub(in crate::plonk) struct Program {
    inputs: Vec<Input>,
    /// The cells of a row that are read: an input, some rows on.
    cells: Vec<(usize, i32)>,
    steps: Vec<Step>,
    registers: usize,
    combinations: Vec<Combination>,
    outputs: usize,
}

/// A program whose weights are known.
#[derive(Debug)]
pub(in crate::plonk) struct Bound<'p> {
    program: &'p Program,
    coefficients: Vec<Constant<Fr>>,
}

impl Program {
    /// The program of some outputs: the first weight of an output follows the last of the one before.
    ///
    /// # Errors
    /// [`UnsupportedError`].
    pub(in crate::plonk) fn new(outputs: &[Vec<Expression<Fr>>]) -> Result<Self, UnsupportedError> {
        let mut writer = Writer::default();
        let mut weight = 0;
        for (output, expressions) in outputs.iter().enumerate() {
            let mut groups: Vec<(Option<Atom>, Vec<Member>)> = Vec::new();
            let mut numbers: HashMap<Option<Atom>, usize> = HashMap::new();
            for expression in expressions {
                let form = writer.products.linear(expression)?;
                for (selector, scale, form) in writer.split(form) {
                    let number = *numbers.entry(selector).or_insert_with(|| {
                        groups.push((selector, Vec::new()));
                        groups.len() - 1
                    });
                    groups[number].1.push(Member {
                        weight,
                        scale,
                        form,
                    });
                }
                weight += 1;
            }
            for (selector, members) in groups {
                writer.group(output, selector, members);
            }
        }
        Ok(writer.finish(outputs.len()))
    }

    /// The columns that it reads, in the order that [`Bound::evaluate`] wants them in.
    pub(in crate::plonk) fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The program with its weights.
    pub(in crate::plonk) fn bind(&self, weights: &[Fr]) -> Bound<'_> {
        let coefficient = |combination: &Combination| {
            combination
                .iter()
                .map(|(i, c)| weights.get(*i).map_or(Fr::ZERO, |w| *w * c))
                .sum()
        };
        let coefficients = self.combinations.iter().map(coefficient);
        Bound {
            program: self,
            coefficients: coefficients.map(Constant::new).collect(),
        }
    }

    /// Values that are kept between the steps.
    #[cfg(test)]
    pub(in crate::plonk) fn registers(&self) -> usize {
        self.registers
    }

    /// Cells that are read a row.
    #[cfg(test)]
    pub(in crate::plonk) fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Multiplications a row.
    #[cfg(test)]
    pub(in crate::plonk) fn multiplications(&self) -> usize {
        let cost = |step: &Step| match step {
            Step::Sum { terms, .. } => {
                let times = |(factor, _): &&(Factor, Source)| matches!(factor, Factor::Times(_));
                terms.iter().filter(times).count()
            }
            Step::Product { .. } => 1,
            Step::Weighted { terms, .. } => terms.len(),
            Step::Add { selector, .. } => usize::from(selector.is_some()),
            Step::Settle { .. } => 0,
        };
        self.steps.iter().map(cost).sum()
    }
}
