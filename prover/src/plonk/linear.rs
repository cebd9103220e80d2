//! Constraints as linear forms: what the backend keeps as trees of sums and products.
//!
//! ```text
//! linear form    constant + sum of coefficient x atom
//! atom           a cell of a column at a rotation, or a product of two linear forms
//! ```
//! Forms and products are kept once, however often the constraints repeat them: a gate's five mixing equations share
//! their five fifth powers.

use std::collections::{BTreeMap, HashMap};

use ff::Field;
use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;

/// Kind of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Advice,
    Fixed,
    Instance,
}

/// A column that a program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Input {
    pub kind: Kind,
    pub column: usize,
}

/// What a linear form weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Atom {
    /// A cell, some rows on.
    Cell(Input, i32),
    /// A product, by its number.
    Product(usize),
}

/// A linear form: no atom twice, no coefficient zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Linear {
    pub constant: Fr,
    pub terms: Vec<(Atom, Fr)>,
}

impl Linear {
    fn constant(constant: Fr) -> Self {
        Self {
            constant,
            terms: Vec::new(),
        }
    }

    pub(super) fn atom(atom: Atom) -> Self {
        Self {
            constant: Fr::ZERO,
            terms: vec![(atom, Fr::ONE)],
        }
    }

    fn scaled(mut self, by: Fr) -> Self {
        if by == Fr::ZERO {
            return Self::default();
        }
        self.constant *= by;
        self.terms.iter_mut().for_each(|(_, c)| *c *= by);
        self
    }

    fn plus(self, other: &Self) -> Self {
        let mut terms: BTreeMap<Atom, Fr> = self.terms.into_iter().collect();
        for (atom, c) in &other.terms {
            *terms.entry(*atom).or_insert(Fr::ZERO) += c;
        }
        Self {
            constant: self.constant + other.constant,
            terms: terms.into_iter().filter(|(_, c)| *c != Fr::ZERO).collect(),
        }
    }

    /// Its only atom and its coefficient.
    pub(super) fn monomial(&self) -> Option<(Atom, Fr)> {
        match self.terms.as_slice() {
            [term] if self.constant == Fr::ZERO => Some(*term),
            _ => None,
        }
    }

    /// How many of its terms cost a multiplication.
    pub(super) fn multiplications(&self) -> usize {
        let free = |c: &Fr| *c == Fr::ONE || *c == -Fr::ONE;
        self.terms.iter().filter(|(_, c)| !free(c)).count()
    }
}

/// A part of a constraint that no prover here can evaluate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnsupportedError {
    /// A selector that key generation left in place.
    #[error("a constraint reads a virtual selector")]
    Selector,
    /// A challenge of a later phase.
    #[error("a constraint reads a challenge")]
    Challenge,
}

/// All products that some constraints use.
#[derive(Debug, Clone, Default)]
pub(super) struct Products {
    list: Vec<(Linear, Linear)>,
    numbers: HashMap<(Linear, Linear), usize>,
}

impl Products {
    /// The factors of a product.
    pub(super) fn get(&self, number: usize) -> Option<&(Linear, Linear)> {
        self.list.get(number)
    }

    fn product(&mut self, a: Linear, b: Linear) -> Linear {
        if a.terms.is_empty() {
            return b.scaled(a.constant);
        }
        if b.terms.is_empty() {
            return a.scaled(b.constant);
        }
        // A factor's only coefficient stands before the product, so that multiples of it share it.
        let mut scale = Fr::ONE;
        let mut factor = |linear: Linear| match linear.monomial() {
            Some((atom, c)) => {
                scale *= c;
                Linear::atom(atom)
            }
            None => linear,
        };
        let (a, b) = (factor(a), factor(b));
        let known = self.numbers.get(&(b.clone(), a.clone()));
        let pair = match known {
            Some(_) => (b, a),
            None => (a, b),
        };
        let number = *self.numbers.entry(pair.clone()).or_insert_with(|| {
            self.list.push(pair);
            self.list.len() - 1
        });
        Linear::atom(Atom::Product(number)).scaled(scale)
    }

    /// The linear form of an expression.
    ///
    /// # Errors
    /// [`UnsupportedError`].
    pub(super) fn linear(
        &mut self,
        expression: &Expression<Fr>,
    ) -> Result<Linear, UnsupportedError> {
        let cell = |kind, column, rotation: i32| {
            Ok(Linear::atom(Atom::Cell(Input { kind, column }, rotation)))
        };
        match expression {
            Expression::Constant(c) => Ok(Linear::constant(*c)),
            Expression::Selector(_) => Err(UnsupportedError::Selector),
            Expression::Challenge(_) => Err(UnsupportedError::Challenge),
            Expression::Fixed(q) => cell(Kind::Fixed, q.column_index(), q.rotation().0),
            Expression::Advice(q) => cell(Kind::Advice, q.column_index(), q.rotation().0),
            Expression::Instance(q) => cell(Kind::Instance, q.column_index(), q.rotation().0),
            Expression::Negated(a) => Ok(self.linear(a)?.scaled(-Fr::ONE)),
            Expression::Sum(a, b) => {
                let a = self.linear(a)?;
                Ok(a.plus(&self.linear(b)?))
            }
            Expression::Product(a, b) => {
                let a = self.linear(a)?;
                let b = self.linear(b)?;
                Ok(self.product(a, b))
            }
            Expression::Scaled(a, by) => Ok(self.linear(a)?.scaled(*by)),
        }
    }
}
