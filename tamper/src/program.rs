//! Expressions made ready to be evaluated at millions of rows.
//!
//! The backend's own lazy evaluation weighs both factors of every product anew at every row, which takes longer than the
//! arithmetic. Here the weighing is done once.

use ff::PrimeField;
use halo2_proofs::plonk::Expression;

use crate::{
    expression::{View, turn},
    image::Image,
};

/// One step; operands are the numbers of earlier nodes.
#[derive(Clone, Copy, Debug)]
enum Node<F> {
    Constant(F),
    Selector(usize),
    Fixed(usize, i32),
    Advice(usize, i32),
    Instance(usize, i32),
    Negated(usize),
    Sum(usize, usize),
    /// The cheaper factor first: a selector that is off ends it.
    Product(usize, usize),
    Scaled(usize, F),
}

/// An expression with its factors in order.
#[derive(Clone, Debug)]
pub struct Program<F> {
    nodes: Vec<Node<F>>,
    /// A factor of the whole that is the key's: where it is zero, all is.
    guard: Option<Node<F>>,
}

impl<F: PrimeField> Program<F> {
    /// Prepares an expression. Challenges are zero: circuits here have one phase.
    pub fn new(expression: &Expression<F>) -> Self {
        let mut program = Self {
            nodes: Vec::new(),
            guard: None,
        };
        let (root, _) = program.add(expression);
        program.guard = program.guard(root);
        program
    }

    /// Prepares several.
    pub fn all(expressions: &[Expression<F>]) -> Vec<Self> {
        expressions.iter().map(Self::new).collect()
    }

    /// The node of an expression and its cost.
    fn add(&mut self, expression: &Expression<F>) -> (usize, usize) {
        let (node, cost) = match expression {
            Expression::Constant(value) => (Node::Constant(*value), 0),
            Expression::Selector(selector) => (Node::Selector(selector.index()), 1),
            Expression::Fixed(q) => (Node::Fixed(q.column_index(), q.rotation().0), 1),
            Expression::Advice(q) => (Node::Advice(q.column_index(), q.rotation().0), 1),
            Expression::Instance(q) => (Node::Instance(q.column_index(), q.rotation().0), 1),
            Expression::Challenge(_) => (Node::Constant(F::ZERO), 0),
            Expression::Negated(a) => {
                let (a, cost) = self.add(a);
                (Node::Negated(a), cost + 5)
            }
            Expression::Sum(a, b) => {
                let ((a, left), (b, right)) = (self.add(a), self.add(b));
                (Node::Sum(a, b), left + right + 15)
            }
            Expression::Product(a, b) => {
                let ((a, left), (b, right)) = (self.add(a), self.add(b));
                let (a, b) = if left <= right { (a, b) } else { (b, a) };
                (Node::Product(a, b), left + right + 30)
            }
            Expression::Scaled(a, factor) => {
                let (a, cost) = self.add(a);
                (Node::Scaled(a, *factor), cost + 30)
            }
        };
        self.nodes.push(node);
        (self.nodes.len() - 1, cost)
    }

    fn guard(&self, node: usize) -> Option<Node<F>> {
        match self.nodes[node] {
            guard @ (Node::Selector(_) | Node::Fixed(..)) => Some(guard),
            Node::Negated(a) | Node::Scaled(a, _) => self.guard(a),
            Node::Product(a, b) => self.guard(a).or_else(|| self.guard(b)),
            _ => None,
        }
    }

    /// Is the value zero at a row whatever advice and instance cells are? Not every such row is found, but it takes one look.
    pub fn off(&self, image: &Image<F>, row: usize) -> bool {
        match self.guard {
            Some(Node::Selector(selector)) => !image.selectors[selector][row],
            Some(Node::Fixed(column, by)) => {
                image.fixed[column][turn(row, by, image.rows)] == F::ZERO
            }
            _ => false,
        }
    }

    /// The value at a row; a product with a factor zero reads no further.
    pub fn value(&self, view: &View<'_, F>, row: usize) -> F {
        self.at(self.nodes.len() - 1, view, row)
    }

    fn at(&self, node: usize, view: &View<'_, F>, row: usize) -> F {
        let rows = view.image.rows;
        match self.nodes[node] {
            Node::Constant(value) => value,
            Node::Selector(selector) if view.image.selectors[selector][row] => F::ONE,
            Node::Selector(_) => F::ZERO,
            Node::Fixed(column, by) => view.image.fixed[column][turn(row, by, rows)],
            Node::Advice(column, by) => view.advice[column][turn(row, by, rows)],
            Node::Instance(column, by) => view.instance[column][turn(row, by, rows)],
            Node::Negated(a) => -self.at(a, view, row),
            Node::Sum(a, b) => self.at(a, view, row) + self.at(b, view, row),
            Node::Product(a, b) => {
                let a = self.at(a, view, row);
                if a == F::ZERO {
                    a
                } else {
                    a * self.at(b, view, row)
                }
            }
            Node::Scaled(a, factor) => self.at(a, view, row) * factor,
        }
    }
}
